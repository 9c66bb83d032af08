//! Events about a call that is paused wake its watch: they wake, reads prove.
//!
//! Where there are none the watch polls as ever, and whatever becomes of the channel is no matter of the block's. A block
//! that is over in a moment opens none; nor is one opened where requests are counted out, or waited for.

use std::collections::BTreeSet;
use std::convert::Infallible as Never;
use std::future::pending;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use futures_util::future::{Either, select};
use serde_json::Value;
use tokio::sync::Notify;

use crate::api::events::channel_life;
use crate::client::Session;
use crate::config::Api;
use crate::error::Error;
use crate::limit::Limiter;
use crate::model::{Document, GapReason};
use crate::notify::Listener;
use crate::wire::platform::notifications::{Topic, queue, user};
use crate::wire::platform::{Known, conversation_of};

/// A block that lasts so long may have a channel opened for it.
const LEAD: Duration = Duration::from_secs(1);
/// Nor sooner than this after a look comes the next one, however much is told: one change is told through several topics.
const SPACING: Duration = Duration::from_millis(250);

/// What the watch hears of its call.
#[derive(Debug)]
pub(super) struct Ears {
    id: String,
    told: Notify,
    topics: Mutex<BTreeSet<String>>,
    more: Notify,
    lost: Notify,
}

impl Ears {
    pub(super) fn of(id: &str) -> Arc<Self> {
        let (told, more, lost) = (Notify::new(), Notify::new(), Notify::new());
        Arc::new(Self { id: id.to_owned(), told, topics: Mutex::default(), more, lost })
    }

    /// A look showed this: whoever is on the call now carries its events.
    pub(super) fn follow(&self, raw: &Document) {
        let Ok(picture) = Known::read(raw).and_then(|known| known.picture()) else { return };
        let mut topics = self.topics.lock().unwrap_or_else(PoisonError::into_inner);
        let before = topics.len();
        for person in picture.people.iter().filter(|person| person.live) {
            topics.extend(person.user_id.as_deref().map(user));
            topics.extend(person.queue_id.as_deref().map(queue));
        }
        if topics.len() > before {
            self.more.notify_one();
        }
    }

    /// Resolves when something was told, but not at once after the last look.
    pub(super) async fn told(&self, session: &Session, last_look: Duration) {
        self.told.notified().await;
        session.clock().sleep_until(last_look + SPACING).await;
    }

    /// Listens, if that can be had without harm. Never ends; poll it all the while.
    pub(super) async fn listen(self: Arc<Self>, session: &Session) -> Never {
        if session.client().api() == Api::Platform && session.client().has_sockets() {
            self.try_to(session).await;
        }
        pending().await
    }

    async fn try_to(self: &Arc<Self>, session: &Session) {
        let began = session.clock().now();
        if !session.hub().is_open() {
            session.clock().sleep_until(began + LEAD).await;
            let free = |limiter: &Limiter| !limiter.is_given() && limiter.queue().is_zero();
            if !session.hub().is_open() && !session.limiter().is_none_or(free) {
                return;
            }
        }
        if self.topics().is_empty() {
            self.more.notified().await;
        }
        let life = || channel_life(&session.without_journal());
        let (membership, mut life) = session.hub().join(self.topics(), self.clone(), life);
        loop {
            let (lost, more) = (pin!(self.lost.notified()), pin!(self.more.notified()));
            match select(&mut life, select(lost, more)).await {
                Either::Left(_) | Either::Right((Either::Left(_), _)) => return,
                Either::Right((Either::Right(_), _)) => membership.want(self.topics()),
            }
        }
    }

    fn topics(&self) -> BTreeSet<String> {
        self.topics.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Listener for Ears {
    fn heard(&self, _: &str, body: &Value, _: SystemTime) {
        if conversation_of(body) == Some(self.id.as_str()) {
            self.told.notify_one();
        }
    }

    fn garbled(&self, _: SystemTime) {
        self.told.notify_one();
    }

    fn decided(&self, topics: usize, refused: Vec<Topic>) {
        if refused.len() == topics {
            tracing::debug!(target: "gcrec.events", "no topic of a paused call may be followed: it is only polled");
            self.lost.notify_one();
        }
    }

    fn interrupted(&self, _: SystemTime, _: SystemTime, _: GapReason) {
        self.told.notify_one();
    }

    fn failed(&self, error: &Error) {
        let kind = error.kind().name();
        tracing::debug!(target: "gcrec.events", kind, "no events for a paused call ({kind}): it is only polled");
        self.lost.notify_one();
    }
}
