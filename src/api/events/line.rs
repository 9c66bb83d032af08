//! One socket, from its opening to its end: subscribes to what is wanted, hears, and watches the heartbeat.

use std::future::pending;
use std::pin::pin;
use std::time::{Duration, SystemTime};

use futures_util::future::{BoxFuture, Either, select};
use futures_util::{FutureExt, SinkExt, StreamExt};

use super::channel::{Interruption, terms};
use crate::client::Session;
use crate::error::Error;
use crate::model::GapReason;
use crate::notify::{Hub, Lease};
use crate::transport::Socket;
use crate::wire::platform::notifications::{Channel, Notification, PING, Topic, notification, subscribe, without_id};

/// A heartbeat comes about every 30 s. After one and a half of that the server is asked, after two and a half it is gone.
const ASK_AFTER: Duration = Duration::from_secs(45);
const GONE_AFTER: Duration = Duration::from_secs(75);
/// To write a few bytes takes no longer.
const FOR_WRITING: Duration = Duration::from_secs(5);

/// Why it ended.
pub(super) enum End {
    /// Nobody listens for a while.
    Gap(GapReason),
    /// The channel is not there any more.
    Gone,
    /// What is wanted could not be subscribed to.
    Failed(Error),
}

impl End {
    pub(super) fn reason(&self) -> GapReason {
        match self {
            Self::Gap(reason) => *reason,
            Self::Gone | Self::Failed(_) => GapReason::Broken,
        }
    }
}

/// One open socket.
pub(super) struct Line<'a> {
    session: &'a Session,
    hub: &'a Hub,
    channel: Channel,
    renew_at: Duration,
    socket: Socket,
    /// A gap that ends when all is followed again.
    interruption: &'a mut Option<Interruption>,
    began: Duration,
    last: Duration,
    asked: bool,
    /// The last sign of life, on the wall.
    pub(super) last_sign: SystemTime,
    /// All that was wanted was followed.
    pub(super) was_followed: bool,
}

/// A wish under way.
struct Asking {
    topics: Vec<String>,
    only: bool,
    answer: BoxFuture<'static, Result<Vec<Topic>, Error>>,
}

/// One thing that came about.
enum Turn {
    Text(Option<Result<String, String>>),
    Decided(Result<Vec<Topic>, Error>),
    Changed,
    Due,
}

impl<'a> Line<'a> {
    pub(super) fn new(
        session: &'a Session,
        hub: &'a Hub,
        lease: &Lease,
        socket: Socket,
        interruption: &'a mut Option<Interruption>,
    ) -> Self {
        let (began, last_sign) = (session.clock().now(), session.clock().wall());
        let Lease { channel, renew_at } = lease.clone();
        let (last, asked, was_followed) = (began, false, false);
        Self { session, hub, channel, renew_at, socket, interruption, began, last, asked, last_sign, was_followed }
    }

    pub(super) fn lasted(&self) -> Duration {
        self.session.clock().now().saturating_sub(self.began)
    }

    /// Until it ends.
    pub(super) async fn serve(&mut self) -> End {
        let mut asking = None;
        loop {
            if asking.is_none() {
                asking = self.wish();
            }
            match self.turn(&mut asking).await {
                Turn::Changed => {}
                Turn::Text(Some(Ok(text))) => {
                    if let Some(end) = self.hear(&text) {
                        return end;
                    }
                }
                // Its words may name the address.
                Turn::Text(Some(Err(_)) | None) => return End::Gap(GapReason::Broken),
                Turn::Decided(Err(error)) => return End::Failed(error),
                Turn::Decided(Ok(topics)) => {
                    if let Some(Asking { topics: asked, only, .. }) = asking.take() {
                        self.hub.decide(&asked, topics, only);
                        self.followed();
                    }
                }
                Turn::Due => {
                    if let Some(end) = self.due().await {
                        return end;
                    }
                }
            }
        }
    }

    /// What is to be subscribed to now. The first time it is everything, and nothing else.
    fn wish(&self) -> Option<Asking> {
        let only = !self.was_followed || self.hub.has_surplus();
        let topics = if only { self.hub.wanted() } else { self.hub.undecided() };
        if topics.is_empty() {
            if self.was_followed && self.hub.owes_word() {
                // Others follow the same, or there is no room for more.
                self.hub.decide(&[], Vec::new(), false);
            }
            return None;
        }
        let (session, plan) = (self.session.clone(), subscribe(&self.channel, &topics, only));
        let channel = self.channel.clone();
        let answer = async move {
            let answer = session.run_on(plan, &terms(&session)).await;
            answer.map_err(|error| without_id(error, &channel))
        }
        .boxed();
        Some(Asking { topics, only, answer })
    }

    /// Once all is followed a gap is over.
    fn followed(&mut self) {
        if self.hub.undecided().is_empty() {
            let now = self.session.clock().wall();
            // Later on only what comes down the socket says that it is alive.
            if !std::mem::replace(&mut self.was_followed, true) {
                self.last_sign = now;
            }
            if let Some(Interruption { since, reason }) = self.interruption.take() {
                self.hub.interrupted(since, now, reason);
            }
        }
    }

    fn hear(&mut self, text: &str) -> Option<End> {
        (self.last, self.last_sign, self.asked) = (self.session.clock().now(), self.session.clock().wall(), false);
        match notification(text) {
            Ok(Notification::Event { topic, body }) => self.hub.heard(&topic, &body, self.last_sign),
            Ok(Notification::Alive) => {}
            Ok(Notification::Closing) => return Some(End::Gap(GapReason::Closing)),
            Ok(Notification::Gone) => return Some(End::Gone),
            Err(_) => self.hub.garbled(self.last_sign),
        }
        None
    }

    async fn due(&mut self) -> Option<End> {
        let now = self.session.clock().now();
        if now >= self.renew_at {
            return Some(End::Gap(GapReason::Renewed));
        }
        if now >= self.last + GONE_AFTER {
            return Some(End::Gap(GapReason::Silent));
        }
        if now >= self.last + ASK_AFTER && !std::mem::replace(&mut self.asked, true) {
            let late = self.session.clock().sleep_until(now + FOR_WRITING);
            let asked = self.socket.send(PING.to_owned());
            if !matches!(select(asked, late).await, Either::Left((Ok(()), _))) {
                return Some(End::Gap(GapReason::Broken));
            }
        }
        None
    }

    async fn turn(&mut self, asking: &mut Option<Asking>) -> Turn {
        let silence = if self.asked { GONE_AFTER } else { ASK_AFTER };
        let due = self.session.clock().sleep_until((self.last + silence).min(self.renew_at));
        let decided = pin!(async {
            match asking {
                Some(asking) => asking.answer.as_mut().await,
                None => pending().await,
            }
        });
        let changed = pin!(self.hub.changed());
        match select(select(self.socket.next(), decided), select(changed, due)).await {
            Either::Left((Either::Left((text, _)), _)) => Turn::Text(text),
            Either::Left((Either::Right((decided, _)), _)) => Turn::Decided(decided),
            Either::Right((Either::Left(_), _)) => Turn::Changed,
            Either::Right((Either::Right(_), _)) => Turn::Due,
        }
    }
}
