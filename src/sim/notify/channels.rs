//! All channels and all open sockets: a part of the world, without I/O.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use uuid::Uuid;

use super::channel::{Channel, SimChannel, Subscription};
use super::connection::{Connection, Ending, Next};
use super::event;
use super::options::Rules;
use super::topic::Topic;
use crate::sim::change::Change;
use crate::sim::dice::{Dice, Purpose};
use crate::sim::moment::Moment;
use crate::sim::tokens::Holder;

/// As long as the vendor's.
const ID_LENGTH: usize = 26;

/// Why a subscription is refused as a whole.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::sim) enum Trouble {
    TooManyTopics,
    /// There is no such topic.
    NoTopic(String),
    /// The topic takes one of these permissions.
    Forbidden(String, &'static [&'static str]),
}

/// What is said about one topic that was asked for.
#[derive(Debug, Clone)]
pub(in crate::sim) struct Verdict {
    pub id: String,
    /// The topics that it names; or why it was refused.
    pub topics: Result<Vec<Topic>, &'static [&'static str]>,
}

#[derive(Debug)]
pub(in crate::sim) struct Channels {
    rules: Rules,
    dice: Dice,
    /// Oldest first.
    list: Vec<Channel>,
    connections: HashMap<u64, Connection>,
    /// The number of the next connection.
    next: u64,
    /// When the world changes next by itself, as far as feeds know.
    known_due: Option<Moment>,
    mute: bool,
    stalled: bool,
}

impl Channels {
    pub(in crate::sim) fn new(rules: Rules, seed: u64) -> Self {
        Self {
            rules,
            dice: Dice::new(seed, Purpose::Notifications),
            list: Vec::new(),
            connections: HashMap::new(),
            next: 0,
            known_due: None,
            mute: false,
            stalled: false,
        }
    }

    /// Channels whose time is up are no more.
    pub(in crate::sim) fn tick(&mut self, now: Moment) {
        self.list.retain(|channel| now < channel.expires || channel.connected());
    }

    /// A channel is made; the oldest of its owner may have to go for it.
    pub(in crate::sim) fn create(&mut self, now: Moment, owner: Option<Holder>) -> &Channel {
        let own: Vec<&Channel> = self.alive(now).filter(|channel| channel.owner == owner).collect();
        if own.len() >= self.rules.max_channels {
            let oldest = own.iter().min_by_key(|channel| (channel.connected(), channel.used)).map(|old| old.id.clone());
            self.remove(oldest.as_deref().unwrap_or_default());
        }
        let drawn = self.dice.uuid().simple().to_string();
        let id = format!("streaming-0-{}", &drawn[..ID_LENGTH]);
        self.list.push(Channel::new(id, owner, now, now + self.rules.lifetime));
        &self.list[self.list.len() - 1]
    }

    /// The channels of an owner, oldest first.
    pub(in crate::sim) fn of(&self, now: Moment, owner: Option<Holder>) -> impl Iterator<Item = &Channel> {
        self.alive(now).filter(move |channel| channel.owner == owner)
    }

    pub(in crate::sim) fn find(&self, now: Moment, owner: Option<Holder>, id: &str) -> Option<&Channel> {
        self.of(now, owner).find(|channel| channel.id == id)
    }

    /// Adds subscriptions to a channel, or has them take the place of all others. `lenient` leaves out what is refused.
    pub(in crate::sim) fn subscribe(
        &mut self,
        now: Moment,
        id: &str,
        asked: &[Verdict],
        replace: bool,
        lenient: bool,
    ) -> Result<(), Trouble> {
        let Rules { lifetime, max_topics, .. } = self.rules;
        let Some(channel) = self.list.iter_mut().find(|channel| channel.id == id) else { return Ok(()) };
        let mut good = Vec::new();
        for Verdict { id, topics } in asked {
            match topics {
                Ok(topics) => good.push(Subscription { id: id.clone(), topics: topics.clone() }),
                Err(_) if lenient => {}
                Err([]) => return Err(Trouble::NoTopic(id.clone())),
                Err(missing) => return Err(Trouble::Forbidden(id.clone(), missing)),
            }
        }
        let distinct: HashSet<&str> = good.iter().map(|good| good.id.as_str()).collect();
        let count = if replace { distinct.len() } else { channel.count_with(&good) };
        if count > max_topics {
            return Err(Trouble::TooManyTopics);
        }
        if replace {
            channel.clear();
        }
        channel.add(good);
        channel.used = now;
        channel.expires = now + lifetime;
        if let Some(connection) = channel.connection.and_then(|number| self.connections.get(&number)) {
            // Its end has moved.
            connection.signal.notify_one();
        }
        Ok(())
    }

    pub(in crate::sim) fn unsubscribe_all(&mut self, id: &str) {
        self.list.iter_mut().filter(|channel| channel.id == id).for_each(Channel::clear);
    }

    /// Opens the socket of a channel, which ends the one that it has. None: there is no such channel.
    pub(in crate::sim) fn connect(&mut self, now: Moment, id: &str) -> Option<u64> {
        let channel = self.list.iter_mut().find(|channel| channel.id == id && now < channel.expires)?;
        let number = self.next;
        self.next += 1;
        channel.used = now;
        if let Some(before) = channel.connection.replace(number).and_then(|before| self.connections.get_mut(&before)) {
            before.end_with(Ending::Closed);
        }
        self.connections.insert(number, Connection::new(id.to_owned(), now, &self.rules));
        Some(number)
    }

    /// The socket is gone, whoever ended it.
    pub(in crate::sim) fn disconnect(&mut self, number: u64) {
        self.connections.remove(&number);
        self.list.iter_mut().filter(|channel| channel.connection == Some(number)).for_each(|it| it.connection = None);
    }

    /// Whether anybody is connected.
    pub(in crate::sim) fn listening(&self) -> bool {
        !self.connections.is_empty()
    }

    /// What tells a connection that something is here for it.
    pub(in crate::sim) fn signal(&self, number: u64) -> Option<Arc<Notify>> {
        self.connections.get(&number).map(|connection| connection.signal.clone())
    }

    pub(super) fn is_cut(&self, number: u64) -> bool {
        self.connections.get(&number).is_some_and(Connection::is_cut)
    }

    /// What is next on a connection; one that is unknown has ended.
    pub(super) fn next(&mut self, now: Moment, number: u64) -> Next {
        let Some(connection) = self.connections.get_mut(&number) else { return Next::End(Ending::Closed) };
        let channel = self.list.iter().find(|channel| channel.id == connection.channel);
        connection.next(now, channel.map(|channel| channel.expires), &self.rules, self.mute)
    }

    /// A client said something.
    pub(in crate::sim) fn hear(&mut self, number: u64, text: &str) {
        // A mute server gives no sign of life, asked or not.
        let answers = event::is_ping(text) && !self.mute;
        if let Some(connection) = self.connections.get_mut(&number).filter(|_| answers) {
            connection.push(event::pong());
        }
    }

    /// Tells everybody who is connected of a change of a call.
    pub(in crate::sim) fn publish(&mut self, change: &Change) {
        if self.stalled {
            return;
        }
        let topics = topics_of(change);
        let mut bodies = HashMap::new();
        for channel in &self.list {
            let Some(connection) = channel.connection.and_then(|number| self.connections.get_mut(&number)) else {
                continue;
            };
            if !connection.open_at(change.at, channel.expires) {
                continue;
            }
            for topic in topics.iter().filter(|topic| channel.hears(&topic.name)) {
                let body = topic.body();
                for body in bodies.entry(body).or_insert_with(|| event::bodies(body, change)) {
                    connection.push(event::event(&topic.name, body, self.dice.uuid()));
                }
            }
        }
    }

    /// Wakes who sleeps until too late a moment, now that the world changes next by itself at this one.
    pub(in crate::sim) fn know_due(&mut self, due: Option<Moment>) {
        let earlier = due.is_some_and(|due| self.known_due.is_none_or(|known| due < known));
        self.known_due = due;
        if earlier {
            self.connections.values().for_each(|connection| connection.signal.notify_one());
        }
    }

    /// Cuts all sockets without a word.
    pub(in crate::sim) fn drop_sockets(&mut self) -> usize {
        self.connections.values_mut().for_each(|connection| connection.end_with(Ending::Cut));
        self.connections.len()
    }

    /// Tells all sockets that they will be closed, and closes them so much later.
    pub(in crate::sim) fn close_sockets(&mut self, now: Moment, notice: Duration) -> usize {
        self.connections.values_mut().for_each(|connection| connection.close_at(now + notice));
        self.connections.len()
    }

    pub(in crate::sim) fn mute_heartbeat(&mut self, on: bool) {
        self.mute = on;
    }

    /// While sockets are stalled, events are lost.
    pub(in crate::sim) fn stall_sockets(&mut self, on: bool) {
        self.stalled = on;
    }

    /// For whoever steers.
    pub(in crate::sim) fn shown(&self, now: Moment) -> Vec<SimChannel> {
        self.alive(now).map(Channel::shown).collect()
    }

    fn alive(&self, now: Moment) -> impl Iterator<Item = &Channel> {
        self.list.iter().filter(move |channel| now < channel.expires)
    }

    fn remove(&mut self, id: &str) {
        if let Some(place) = self.list.iter().position(|channel| channel.id == id) {
            let connection = self.list.remove(place).connection;
            if let Some(connection) = connection.and_then(|number| self.connections.get_mut(&number)) {
                connection.end_with(Ending::Closed);
            }
        }
    }
}

/// The topics that a change of a call belongs to.
fn topics_of(change: &Change) -> Vec<Topic> {
    let of = |prefix: &str, id: &Uuid| Topic::read(&format!("{prefix}.{id}?conversations&conversations.calls"));
    let users = change.users.iter().filter_map(|user| of("v2.users", user));
    let recordings = |user| Topic::read(&format!("v2.users.{user}.conversations.{}.recordings", change.id));
    let users = users.chain(change.users.iter().filter_map(recordings));
    users.chain(change.queues.iter().filter_map(|queue| of("v2.routing.queues", queue))).flatten().collect()
}
