//! The one channel of an identity, as those see it who follow something: which topics they want, and what the server says
//! to that.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, WeakShared};
use serde_json::Value;
use tokio::sync::Notify;

use crate::error::Error;
use crate::model::GapReason;
use crate::wire::platform::notifications::{Channel, MOST_TOPICS, Topic};

/// Whoever follows topics.
pub trait Listener: Send + Sync {
    /// One of its topics tells something.
    fn heard(&self, topic: &str, body: &Value, at: SystemTime);
    /// Something came that cannot be read.
    fn garbled(&self, at: SystemTime);
    /// The server has decided on all its topics, which are so many; these it refuses. Told again whenever it wants more.
    fn decided(&self, topics: usize, refused: Vec<Topic>);
    /// Nobody listened in between. All its topics are followed again.
    fn interrupted(&self, since: SystemTime, until: SystemTime, reason: GapReason);
    /// The channel cannot be had.
    fn failed(&self, error: &Error);
}

/// The life of the channel. Whoever follows something polls it; with the last of them it ends.
pub(crate) type Life = Shared<BoxFuture<'static, ()>>;

/// The followers of one channel. Clones are the same.
#[derive(Clone, Default)]
pub struct Hub(Arc<Inner>);

#[derive(Default)]
struct Inner {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    next: u64,
    followers: BTreeMap<u64, Entry>,
    /// What the server said of topics on the channel as it is now.
    decided: HashMap<String, Topic>,
    channel: Option<Channel>,
    life: Option<WeakShared<BoxFuture<'static, ()>>>,
}

struct Entry {
    topics: BTreeSet<String>,
    /// The server has decided on all its topics, at least once.
    begun: bool,
    /// It is to hear of that.
    waits: bool,
    listener: Arc<dyn Listener>,
}

/// A place among the followers.
pub struct Membership {
    hub: Hub,
    number: u64,
    left: bool,
}

impl Hub {
    /// Follows these topics too. `life` makes the life of the channel, if nobody lives it yet.
    pub(crate) fn join(
        &self,
        topics: BTreeSet<String>,
        listener: Arc<dyn Listener>,
        life: impl FnOnce() -> BoxFuture<'static, ()>,
    ) -> (Membership, Life) {
        let mut state = self.lock();
        let number = state.next;
        state.next += 1;
        state.followers.insert(number, Entry { topics, begun: false, waits: true, listener });
        let living = state.life.as_ref().and_then(WeakShared::upgrade).filter(|life| life.peek().is_none());
        let life = living.unwrap_or_else(|| life().shared());
        state.life = life.downgrade();
        drop(state);
        self.0.changed.notify_one();
        (Membership { hub: self.clone(), number, left: false }, life)
    }

    /// Is there a channel whose socket is open?
    pub fn is_open(&self) -> bool {
        let state = self.lock();
        state.channel.is_some() && state.life.as_ref().and_then(WeakShared::upgrade).is_some()
    }

    /// Resolves when something else is wanted than before.
    pub(crate) async fn changed(&self) {
        self.0.changed.notified().await;
    }

    /// The channel is this one now, and nothing is followed on it yet.
    pub(crate) fn opened(&self, channel: Option<Channel>) {
        let mut state = self.lock();
        state.channel = channel;
        state.decided.clear();
    }

    /// All that is wanted.
    pub(crate) fn wanted(&self) -> Vec<String> {
        self.lock().wanted().into_iter().collect()
    }

    /// What is wanted and not decided on.
    pub(crate) fn undecided(&self) -> Vec<String> {
        let state = self.lock();
        state.wanted().into_iter().filter(|topic| !state.decided.contains_key(&key(topic))).collect()
    }

    /// Is anything followed that nobody wants any more?
    pub(crate) fn has_surplus(&self) -> bool {
        let state = self.lock();
        let wanted: BTreeSet<_> = state.wanted().iter().map(|topic| key(topic)).collect();
        state.decided.iter().any(|(name, topic)| topic.refused.is_none() && !wanted.contains(name))
    }

    /// The server has decided on these topics, of `asked`; `only`: nothing else is followed now.
    pub(crate) fn decide(&self, asked: &[String], answered: Vec<Topic>, only: bool) {
        let mut state = self.lock();
        if only {
            state.decided.clear();
        }
        for topic in answered {
            state.decided.insert(key(&topic.name), topic);
        }
        for name in asked {
            // Of what the server does not speak it cannot be said that it is followed.
            state.decided.entry(key(name)).or_insert_with(|| Topic {
                name: name.clone(),
                refused: Some(crate::wire::platform::notifications::Refused::default()),
            });
        }
        let decided = std::mem::take(&mut state.decided);
        let mut told = Vec::new();
        for entry in state.followers.values_mut() {
            let topics: Option<Vec<_>> = entry.topics.iter().map(|topic| decided.get(&key(topic))).collect();
            let Some(topics) = topics.filter(|_| entry.waits) else { continue };
            entry.begun = true;
            entry.waits = false;
            let refused = topics.iter().filter(|topic| topic.refused.is_some()).map(|topic| (*topic).clone()).collect();
            told.push((entry.listener.clone(), topics.len(), refused));
        }
        state.decided = decided;
        drop(state);
        for (listener, topics, refused) in told {
            listener.decided(topics, refused);
        }
    }

    /// A topic tells something.
    pub(crate) fn heard(&self, topic: &str, body: &Value, at: SystemTime) {
        let topic = key(topic);
        let concerned = |entry: &&Entry| entry.topics.iter().any(|wanted| key(wanted) == topic);
        for listener in self.listeners(concerned) {
            listener.heard(&topic, body, at);
        }
    }

    /// Something came that cannot be read.
    pub(crate) fn garbled(&self, at: SystemTime) {
        for listener in self.listeners(|entry| entry.begun) {
            listener.garbled(at);
        }
    }

    /// All is followed again that was before.
    pub(crate) fn interrupted(&self, since: SystemTime, until: SystemTime, reason: GapReason) {
        for listener in self.listeners(|entry| entry.begun) {
            listener.interrupted(since, until, reason);
        }
    }

    /// The channel cannot be had: everybody hears why.
    pub(crate) fn failed(&self, error: &Error) {
        for listener in self.listeners(|_| true) {
            listener.failed(error);
        }
    }

    fn listeners(&self, which: impl Fn(&&Entry) -> bool) -> Vec<Arc<dyn Listener>> {
        self.lock().followers.values().filter(which).map(|entry| entry.listener.clone()).collect()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// A channel has no room for more than so many.
    fn wanted(&self) -> BTreeSet<String> {
        self.followers.values().flat_map(|entry| entry.topics.iter().cloned()).take(MOST_TOPICS).collect()
    }
}

impl Membership {
    /// Follows these topics too, from now on.
    pub(crate) fn want(&self, topics: impl IntoIterator<Item = String>) {
        let mut state = self.hub.lock();
        let Some(entry) = state.followers.get_mut(&self.number) else { return };
        let before = entry.topics.len();
        entry.topics.extend(topics);
        let more = entry.topics.len() > before;
        entry.waits |= more;
        drop(state);
        if more {
            self.hub.0.changed.notify_one();
        }
    }

    /// Follows nothing any more. Gives the channel, if nobody else is on it: whoever leaves last cleans up.
    pub(crate) fn leave(mut self) -> Option<Channel> {
        self.left = true;
        self.go()
    }

    fn go(&self) -> Option<Channel> {
        let mut state = self.hub.lock();
        state.followers.remove(&self.number);
        let last = state.followers.is_empty();
        let channel = if last {
            // Whoever comes now has a life and a channel of its own.
            state.life = None;
            state.channel.take()
        } else {
            None
        };
        drop(state);
        self.hub.0.changed.notify_one();
        channel
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        if !self.left {
            self.go();
        }
    }
}

impl fmt::Debug for Hub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hub").field("followers", &self.lock().followers.len()).finish_non_exhaustive()
    }
}

/// Servers may write ids in another case than we do.
fn key(topic: &str) -> String {
    topic.to_ascii_lowercase()
}
