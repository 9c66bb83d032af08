//! The one channel of an identity, as those see it who follow something: which topics they want, and what the server says
//! to that.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, WeakShared};
use serde_json::Value;
use tokio::sync::Notify;

use crate::error::Error;
use crate::model::GapReason;
use crate::wire::platform::notifications::{Channel, MOST_TOPICS, Refused, Topic};

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

/// A channel, and when it is to be replaced.
#[derive(Clone, Debug)]
pub(crate) struct Lease {
    pub(crate) channel: Channel,
    pub(crate) renew_at: Duration,
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
    /// The channel, which outlives its sockets and those who followed something on it.
    lease: Option<Lease>,
    /// Its socket is open.
    open: bool,
    life: Option<WeakShared<BoxFuture<'static, ()>>>,
}

struct Entry {
    topics: BTreeSet<String>,
    /// The server has decided on all its topics, at least once.
    begun: bool,
    /// It is to hear of that.
    waits: bool,
    /// What was refused when it last heard of that.
    refused: Vec<Topic>,
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
        state.followers.insert(number, Entry { topics, begun: false, waits: true, refused: Vec::new(), listener });
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
        state.open && state.life.as_ref().and_then(WeakShared::upgrade).is_some()
    }

    /// Resolves when something else is wanted than before.
    pub(crate) async fn changed(&self) {
        self.0.changed.notified().await;
    }

    /// The channel that is left from before, if it is good yet.
    pub(crate) fn lease(&self, now: Duration) -> Option<Lease> {
        self.lock().lease.clone().filter(|lease| now < lease.renew_at)
    }

    /// The socket of this channel is open, and nothing is followed on it yet.
    pub(crate) fn opened(&self, lease: Lease) {
        let mut state = self.lock();
        (state.lease, state.open) = (Some(lease), true);
        state.decided.clear();
    }

    /// The socket is not open any more. `gone`: nor is there the channel.
    pub(crate) fn closed(&self, gone: bool) {
        let mut state = self.lock();
        state.open = false;
        if gone {
            state.lease = None;
        }
    }

    /// A channel on which nothing is followed any more: for whoever comes next.
    pub(crate) fn keep(&self, lease: Lease) {
        self.lock().lease.get_or_insert(lease);
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

    /// Does anybody wait to hear what was decided, of which all was decided before?
    pub(crate) fn owes_word(&self) -> bool {
        self.lock().followers.values().any(|entry| entry.waits)
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
            state
                .decided
                .entry(key(name))
                .or_insert_with(|| Topic { name: name.clone(), refused: Some(Refused::default()) });
        }
        let wanted = state.wanted();
        let crowded_out: Vec<_> = state.topics().filter(|topic| !wanted.contains(*topic)).cloned().collect();
        for name in crowded_out {
            let reason = Some(format!("a channel has room for {MOST_TOPICS} topics"));
            state
                .decided
                .entry(key(&name))
                .or_insert(Topic { name, refused: Some(Refused { missing: Vec::new(), reason }) });
        }
        let decided = std::mem::take(&mut state.decided);
        let mut told = Vec::new();
        for entry in state.followers.values_mut() {
            let topics: Option<Vec<_>> = entry.topics.iter().map(|topic| decided.get(&key(topic))).collect();
            let Some(topics) = topics else { continue };
            let refused: Vec<_> = topics.iter().filter(|topic| topic.refused.is_some()).copied().cloned().collect();
            // What was followed may be refused on a new channel: a permission was taken away.
            if !entry.waits && refused == entry.refused {
                continue;
            }
            (entry.begun, entry.waits) = (true, false);
            entry.refused.clone_from(&refused);
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
    fn topics(&self) -> impl Iterator<Item = &String> {
        self.followers.values().flat_map(|entry| &entry.topics)
    }

    /// A channel has no room for more than so many: what is followed already keeps its place, then who came first.
    fn wanted(&self) -> BTreeSet<String> {
        let followed = |topic: &&String| self.decided.get(&key(topic)).is_some_and(|topic| topic.refused.is_none());
        let mut wanted = BTreeSet::new();
        for topic in self.topics().filter(followed).chain(self.topics()) {
            if wanted.len() >= MOST_TOPICS {
                break;
            }
            wanted.insert(topic.clone());
        }
        wanted
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

    /// Follows nothing any more. Gives the channel, if nobody else is on it: whoever leaves last cleans up. Whoever comes
    /// meanwhile has another.
    pub(crate) fn leave(mut self) -> Option<Lease> {
        self.left = true;
        if self.go() { self.hub.lock().lease.take() } else { None }
    }

    /// Was it the last?
    fn go(&self) -> bool {
        let mut state = self.hub.lock();
        state.followers.remove(&self.number);
        let last = state.followers.is_empty();
        if last {
            (state.life, state.open) = (None, false);
        }
        drop(state);
        self.hub.0.changed.notify_one();
        last
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

#[cfg(test)]
#[path = "hub_tests.rs"]
mod tests;
