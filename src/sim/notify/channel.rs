//! One channel: whose it is, what it is subscribed to, how long it lives.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::topic::Topic;
use crate::sim::moment::Moment;
use crate::sim::tokens::Holder;

/// A notification channel, as whoever steers sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimChannel {
    /// Its id.
    pub id: String,
    /// What it is subscribed to, in that order.
    pub topics: Vec<String>,
    /// Whether a socket is open.
    pub connected: bool,
}

#[derive(Debug)]
pub(in crate::sim) struct Channel {
    pub id: String,
    /// Who made it.
    pub owner: Option<Holder>,
    pub expires: Moment,
    /// When it was made, or last subscribed or connected to.
    pub(super) used: Moment,
    /// The open socket, by its number.
    pub(super) connection: Option<u64>,
    /// As they were subscribed to, in that order.
    subscriptions: Vec<Subscription>,
    /// The names of their topics.
    names: HashSet<String>,
}

/// What was subscribed to under one name.
#[derive(Debug, Clone)]
pub(in crate::sim) struct Subscription {
    pub id: String,
    pub topics: Vec<Topic>,
}

impl Channel {
    pub(super) fn new(id: String, owner: Option<Holder>, now: Moment, expires: Moment) -> Self {
        Self { id, owner, expires, used: now, connection: None, subscriptions: Vec::new(), names: HashSet::new() }
    }

    pub(in crate::sim) fn connected(&self) -> bool {
        self.connection.is_some()
    }

    /// The names under which it is subscribed to something.
    pub(in crate::sim) fn subscriptions(&self) -> impl Iterator<Item = &str> {
        self.subscriptions.iter().map(|subscription| subscription.id.as_str())
    }

    pub(super) fn shown(&self) -> SimChannel {
        SimChannel {
            id: self.id.clone(),
            topics: self.subscriptions().map(str::to_owned).collect(),
            connected: self.connected(),
        }
    }

    /// Whether events of a topic are for it.
    pub(super) fn hears(&self, topic: &str) -> bool {
        self.names.contains(topic)
    }

    /// How many subscriptions it would have with these beside its own.
    pub(super) fn count_with(&self, more: &[Subscription]) -> usize {
        let own: HashSet<&str> = self.subscriptions().collect();
        let new: HashSet<&str> = more.iter().map(|more| more.id.as_str()).collect();
        own.union(&new).count()
    }

    /// Adds subscriptions; what it has already it has once.
    pub(super) fn add(&mut self, more: Vec<Subscription>) {
        for subscription in more {
            if !self.subscriptions.iter().any(|own| own.id == subscription.id) {
                self.names.extend(subscription.topics.iter().map(|topic| topic.name.clone()));
                self.subscriptions.push(subscription);
            }
        }
    }

    pub(super) fn clear(&mut self) {
        self.subscriptions.clear();
        self.names.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn subscriptions(ids: &[&str]) -> Vec<Subscription> {
        ids.iter().map(|id| Subscription { id: (*id).into(), topics: Topic::read(id).unwrap() }).collect()
    }

    #[test]
    fn what_is_subscribed_to_twice_is_heard_once_and_counts_once() {
        let mut channel = Channel::new("c".into(), None, Duration::ZERO, Duration::MAX);
        channel.add(subscriptions(&["v2.users.a.conversations", "v2.users.a.conversations"]));
        channel.add(subscriptions(&["v2.users.a.conversations", "v2.users.b?conversations&conversations.calls"]));
        assert_eq!(channel.subscriptions().count(), 2);
        assert_eq!(channel.count_with(&subscriptions(&["v2.users.a.conversations", "v2.users.c.conversations"])), 3);
        assert!(channel.hears("v2.users.b.conversations.calls") && !channel.hears("v2.users.a.conversations.calls"));
        channel.clear();
        assert!(!channel.hears("v2.users.a.conversations"));
    }
}
