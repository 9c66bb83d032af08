//! One stream of events: what is known of its calls, what is to be read, and what waits to be taken.
//!
//! Whoever reads slowly loses nothing of what waits already. What does not fit is not told one by one: when there is room
//! again a gap is declared, and what is different since then is told.

#[path = "follower_list.rs"]
mod list;

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use serde_json::Value;
use tokio::sync::Notify;

use super::Listener;
use super::call::{Change, FollowedCall};
use super::following::{Following, nothing_left};
use super::state::State;
use super::told::{First, News};
use crate::error::Error;
use crate::model::{CallEvent, Event, Gap, GapReason, SeenBy};
use crate::wire::platform::notifications::Topic;
use crate::wire::platform::{Known, Picture, conversation_of};

/// So many events wait to be taken.
const MOST_WAITING: usize = 10_000;

/// What was taken.
#[derive(Debug)]
pub enum Taken {
    /// These, in their order; there may be none yet.
    Events(Vec<Event>),
    /// Nothing more will come.
    Over,
}

/// One stream. It is told by the channel, worked for by its life, and read by its user.
#[derive(Debug)]
pub struct Follower {
    following: Following,
    topics: BTreeSet<String>,
    most: usize,
    state: Mutex<State>,
    /// For its life: something is to be done.
    work: Notify,
    /// For its reader: something is to be taken.
    ready: Notify,
}

impl Follower {
    /// A stream about `following`.
    pub fn new(following: Following) -> Self {
        Self::holding(following, MOST_WAITING)
    }

    fn holding(following: Following, most: usize) -> Self {
        let topics = following.topics().iter().map(|topic| topic.to_ascii_lowercase()).collect();
        let state = State { to_read: following.conversations.iter().cloned().collect(), ..State::default() };
        let (work, ready) = (Notify::new(), Notify::new());
        Self { following, topics, most, state: Mutex::new(state), work, ready }
    }

    /// What it is about.
    pub fn following(&self) -> &Following {
        &self.following
    }

    /// Waits for events and takes them; or why there are no more.
    pub async fn take(&self, now: impl Fn() -> SystemTime) -> Result<Taken, Error> {
        loop {
            if let Some(taken) = self.take_now(now()) {
                return taken;
            }
            self.ready.notified().await;
        }
    }

    fn take_now(&self, now: SystemTime) -> Option<Result<Taken, Error>> {
        let mut state = self.lock();
        if state.waiting.is_empty() {
            return match (state.failure.take(), state.over) {
                (Some(failure), _) => {
                    state.over = true;
                    Some(Err(failure))
                }
                (None, true) => Some(Ok(Taken::Over)),
                (None, false) => None,
            };
        }
        let taken = std::mem::take(&mut state.waiting);
        if let Some(since) = state.missed.take() {
            state.waiting.push_back(Event::Gap(Gap {
                since,
                until: now,
                reason: GapReason::SlowReader,
                conversation_id: None,
            }));
            let ids: Vec<_> = state.calls.keys().cloned().collect();
            for id in ids {
                if let Some(picture) = state.calls.get(&id).and_then(FollowedCall::picture) {
                    self.tell(&mut state, &id, &picture, SeenBy::Read, now);
                }
            }
        }
        Some(Ok(Taken::Events(taken.into())))
    }

    /// The topics that the server refuses, as far as it has decided.
    pub fn refused(&self) -> Vec<Topic> {
        self.lock().refused.clone()
    }

    /// Nothing more is wanted.
    pub fn end(&self) {
        self.lock().over = true;
        self.ready.notify_one();
        self.work.notify_one();
    }

    /// It cannot go on.
    pub fn fail(&self, error: Error) {
        let mut state = self.lock();
        state.failure.get_or_insert(error);
        drop(state);
        self.ready.notify_one();
        self.work.notify_one();
    }

    /// Has it come to its end, one way or another?
    pub(crate) fn is_over(&self) -> bool {
        let state = self.lock();
        state.over || state.failure.is_some()
    }

    /// Resolves when there may be something to do for it.
    pub(crate) async fn work(&self) {
        self.work.notified().await;
    }

    /// The next call that has to be read, and how much was heard of it so far.
    pub(crate) fn next_to_read(&self) -> Option<(String, u64)> {
        let mut state = self.lock();
        let id = state.to_read.pop_front()?;
        let version = state.calls.get(&id).map_or(0, |call| call.version);
        Some((id, version))
    }

    /// Topics that carry what is followed by its id.
    pub(crate) fn carriers(&self) -> Vec<String> {
        self.lock().carriers.iter().cloned().collect()
    }

    /// A read shows this. If events came meanwhile it may be older than they are: then it is read again.
    pub(crate) fn read(&self, id: &str, version: u64, known: Known, at: SystemTime) {
        let mut state = self.lock();
        let named = self.following.conversations.contains(id);
        let call = state.call(id);
        if call.version == version {
            call.to_read = false;
            let first = !call.is_known();
            if let Ok(picture) = call.read(known) {
                if named {
                    state.carry(id, &picture);
                }
                if first && !named && !self.following.concerns(&picture) {
                    state.calls.remove(id); // it was of a queue that it has left since
                } else {
                    self.tell(&mut state, id, &picture, SeenBy::Read, at);
                }
            }
        } else {
            state.to_read.push_back(id.to_owned());
        }
        drop(state);
        self.work.notify_one();
    }

    /// A call that was to be read is not there: nothing is known of it any more.
    pub(crate) fn forget(&self, id: &str) {
        self.lock().calls.remove(id);
    }

    /// Is it about nothing else than calls that have ended?
    fn is_done(&self, state: &State) -> bool {
        let ended = |id: &String| state.calls.get(id).is_some_and(|call| call.told.ended());
        self.topics.is_empty() && self.following.conversations.iter().all(ended)
    }

    fn tell(&self, state: &mut State, id: &str, picture: &Picture, seen_by: SeenBy, at: SystemTime) {
        let call = state.call(id);
        call.ended_at = if picture.active { None } else { call.ended_at.or(Some(at)) };
        if state.waiting.len() >= self.most {
            state.missed.get_or_insert(at);
            return;
        }
        if state.missed.is_some() {
            return;
        }
        let first = match seen_by {
            _ if self.following.conversations.contains(id) => First::Named,
            SeenBy::Event => First::Noticed,
            SeenBy::Read => First::Found,
        };
        let news = state.call(id).told.news(picture, first);
        let state_now = picture.state;
        state.waiting.extend(news.into_iter().map(|News { happening, person, before }| {
            let (participant, user_id, queue_id) = match person {
                Some(person) => (Some(person.leg.0).filter(|id| !id.is_empty()), person.user_id, person.queue_id),
                None => (None, None, None),
            };
            Event::Call(CallEvent {
                happening,
                conversation_id: id.to_owned(),
                participant_id: participant,
                user_id,
                queue_id,
                at,
                state: state_now,
                before,
                seen_by,
            })
        }));
        state.over |= self.is_done(state);
        self.ready.notify_one();
    }

    /// A gap is always told: where there is no room, as a part of the one that is told of a slow reader.
    fn declare(&self, state: &mut State, gap: Gap) {
        if state.waiting.len() < self.most {
            state.waiting.push_back(Event::Gap(gap));
        } else {
            state.missed = Some(state.missed.map_or(gap.since, |since| since.min(gap.since)));
        }
    }

    /// What a read of this call shows cannot be read, again and again.
    pub(crate) fn unreadable(&self, id: &str, at: SystemTime) {
        let gap = Gap { since: at, until: at, reason: GapReason::Unreadable, conversation_id: Some(id.to_owned()) };
        self.declare(&mut self.lock(), gap);
        self.ready.notify_one();
    }

    /// Calls that are followed by their ids and have nobody on them whose topics would tell of them.
    pub(crate) fn unheard(&self) -> Vec<String> {
        self.lock().unheard.iter().cloned().collect()
    }

    /// These are to be read again, whatever is told of them.
    pub(crate) fn look_again(&self, ids: Vec<String>) {
        let mut state = self.lock();
        for id in ids {
            state.want_read(id);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listener for Follower {
    fn heard(&self, topic: &str, body: &Value, at: SystemTime) {
        let Some(id) = conversation_of(body) else { return self.garbled(at) };
        let named = self.following.conversations.contains(id);
        if !named && !self.topics.contains(topic) {
            return;
        }
        let mut state = self.lock();
        match state.call(id).hear(topic, body, at) {
            Ok(Change::Echo) => return,
            Ok(Change::TooLean) => state.want_read(id.to_owned()),
            Ok(Change::Known(picture)) => {
                if named {
                    state.carry(id, &picture);
                }
                self.tell(&mut state, id, &picture, SeenBy::Event, at);
            }
            Err(_) => {
                let (id, reason) = (id.to_owned(), GapReason::Unreadable);
                state.call(&id).version += 1;
                self.declare(&mut state, Gap { since: at, until: at, reason, conversation_id: Some(id.clone()) });
                state.want_read(id);
                self.ready.notify_one();
            }
        }
        state.sweep(at);
        drop(state);
        self.work.notify_one();
    }

    fn garbled(&self, at: SystemTime) {
        self.interrupted(at, at, GapReason::Unreadable);
    }

    fn decided(&self, topics: usize, refused: Vec<Topic>) {
        let mut state = self.lock();
        if !refused.is_empty() && refused.len() == topics {
            drop(state);
            return self.fail(Error::Events(nothing_left(&refused)));
        }
        if !refused.is_empty() {
            let (few, all) = (refused.len(), topics);
            tracing::warn!(
                target: "gcrec.events",
                refused = few,
                topics = all,
                "the server refuses {few} of {all} topics: what happens there is not told (see `refused` of the stream)"
            );
        }
        state.refused = refused;
        state.to_list |= !std::mem::replace(&mut state.begun, true);
        // What is followed by its id may have changed while its topics were not yet followed.
        for id in &self.following.conversations {
            state.want_new_read(id.clone());
        }
        drop(state);
        self.work.notify_one();
    }

    fn interrupted(&self, since: SystemTime, until: SystemTime, reason: GapReason) {
        let mut state = self.lock();
        self.declare(&mut state, Gap { since, until, reason, conversation_id: None });
        state.to_list = true;
        let live = state.calls.iter().filter(|(_, call)| call.ended_at.is_none());
        let ids: Vec<_> = live.map(|(id, _)| id.clone()).collect();
        for id in ids {
            state.want_new_read(id);
        }
        drop(state);
        self.ready.notify_one();
        self.work.notify_one();
    }

    fn failed(&self, error: &Error) {
        self.fail(error.clone());
    }
}

#[cfg(test)]
#[path = "follower_tests.rs"]
mod tests;
