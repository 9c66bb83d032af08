//! Live events: a stream of what happens to calls, over the notification service of the published API.
//!
//! A stream is one future, its [life](life::run), as a pause block is: it has its topics followed, reads what has to be
//! read, and ends when its [`Events`] is dropped. Whoever lives on the channel also drives it (`channel.rs`), all together.

mod channel;
mod life;
mod line;
mod listing;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::client::Session;
use crate::clock::SharedClock;
use crate::config::Api;
use crate::error::Error;
use crate::model::ConversationId;
use crate::notify::{Follower, Following, Hub, Taken};
use crate::wire::platform::notifications::{MOST_TOPICS, Topic};

/// What is to be followed.
#[derive(Clone, Debug, Default)]
pub struct Follow {
    /// Conversations, through the users and queues that take part in them.
    pub conversations: Vec<ConversationId>,
    /// The ids of queues.
    pub queues: Vec<String>,
    /// The ids of users.
    pub users: Vec<String>,
}

impl Follow {
    /// Refuses what cannot be followed over this API.
    pub fn check(&self, api: Api) -> Result<(), Error> {
        let refuse = |flaw: &str| Err(Error::Config(flaw.to_owned()));
        if api == Api::Events {
            return refuse(
                "The tutorial's wire has no notifications: live events need the published API (api=\"platform\").",
            );
        }
        if self.conversations.is_empty() && self.queues.is_empty() && self.users.is_empty() {
            return refuse("Live events need something to follow: conversations=, queues= or users=.");
        }
        if self.queues.iter().chain(&self.users).any(|id| !is_id(id)) {
            return refuse("An id of a queue or user is letters, digits and dashes: pass ids, not names.");
        }
        if self.queues.len() + self.users.len() > MOST_TOPICS {
            return refuse("A channel has room for 1000 topics, which are one for each queue and user.");
        }
        Ok(())
    }

    fn following(self) -> Following {
        Following {
            conversations: self.conversations.iter().map(|id| id.as_str().to_owned()).collect(),
            queues: self.queues.into_iter().collect(),
            users: BTreeSet::from_iter(self.users),
        }
    }
}

/// It becomes a part of a topic's name.
fn is_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= 100 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// The life of the one channel of a session, for whoever joins its hub.
pub(super) fn channel_life(session: &Session) -> BoxFuture<'static, ()> {
    channel::live(session.clone(), session.hub().clone()).boxed()
}

/// A stream of events, from outside. Dropped, the stream ends.
#[derive(Debug)]
pub struct Events {
    follower: Arc<Follower>,
    hub: Hub,
    clock: SharedClock,
    cut_off: AtomicBool,
}

impl Session {
    /// A stream, and the future that is its life: have it polled from now on. Nothing is sent before that.
    pub fn events(&self, wanted: Follow) -> Result<(Events, impl Future<Output = ()> + Send + use<>), Error> {
        wanted.check(self.client().api())?;
        let follower = Arc::new(Follower::new(wanted.following()));
        let events = Events {
            follower: follower.clone(),
            hub: self.hub().clone(),
            clock: self.clock().clone(),
            cut_off: AtomicBool::new(false),
        };
        Ok((events, life::run(self.without_journal(), follower)))
    }
}

impl Events {
    /// Waits for events; or why there are no more.
    pub fn take(&self) -> impl Future<Output = Result<Taken, Error>> + Send + use<> {
        let (follower, clock) = (self.follower.clone(), self.clock.clone());
        async move { follower.take(|| clock.wall()).await }
    }

    /// The topics that the server refuses, as far as it has decided.
    pub fn refused(&self) -> Vec<Topic> {
        self.follower.refused()
    }

    /// Is all known that is followed, and none of it live? While nobody listens that is not known.
    pub(crate) fn is_quiet(&self) -> bool {
        self.hub.is_open() && self.follower.is_quiet()
    }

    /// Ends it as its client is closed.
    pub fn cut_off(&self) {
        self.cut_off.store(true, Ordering::Release);
        self.close();
    }

    /// Did it end as its client was closed?
    pub fn is_cut_off(&self) -> bool {
        self.cut_off.load(Ordering::Acquire)
    }

    /// No more is wanted: its life cleans up and ends.
    pub fn close(&self) {
        self.follower.end();
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_followed_is_refused_before_any_request() {
        let of = |queues: &[&str]| Follow {
            queues: queues.iter().map(|id| (*id).to_owned()).collect(),
            ..Follow::default()
        };
        let many: Vec<_> = (0..=MOST_TOPICS).map(|n| n.to_string()).collect();
        let many: Vec<_> = many.iter().map(String::as_str).collect();
        assert!(of(&["3f-2"]).check(Api::Platform).is_ok());
        for (wanted, api) in [
            (of(&["3f-2"]), Api::Events),
            (of(&[]), Api::Platform),
            (of(&["Support"]).clone_with("a.b"), Api::Platform),
            (of(&[""]), Api::Platform),
            (of(&many), Api::Platform),
        ] {
            assert!(matches!(wanted.check(api), Err(Error::Config(_))));
        }
    }

    impl Follow {
        fn clone_with(&self, user: &str) -> Self {
            Self { users: vec![user.to_owned()], ..self.clone() }
        }
    }
}
