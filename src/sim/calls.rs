//! All calls: those given at the start, those added by hand, those that a schedule brings.

use std::collections::HashMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::call::{Call, Traits};
use super::casting::{Casting, WAITING, Wish};
use super::change::Change;
use super::dice::{Dice, Purpose, Span};
use super::directory::Directory;
use super::error::SimError;
use super::moment::Moment;
use super::options::{Appearing, Settings};
use super::parties::Party;
use super::queue::{Aim, Command, Fate};
use super::recording::{Action, Pause, Phase, Recorder, Recording, State};

const HOUR: Duration = Duration::from_secs(3_600);
/// How long the calls given at the start have been going on.
const OLDER: Span = Span { low: Duration::from_secs(20), high: Duration::from_secs(600) };

/// A call to add.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewCall {
    /// Its id; None draws one from the seed.
    pub id: Option<String>,
    /// What its recording is like at first.
    pub state: State,
    /// The queue that it came through, by id or name; None takes the first.
    pub queue: Option<String>,
    /// The agent's user, by id, name or email; None takes them in turn.
    pub user: Option<String>,
    /// Recorded by a policy from its beginning, which no command ends; then `stopped` says nothing.
    pub policy: bool,
    /// Whether flow and queue are among its participants, as of calls that came through them.
    pub ivr: bool,
}

impl Default for NewCall {
    fn default() -> Self {
        Self { id: None, state: State::Stopped, queue: None, user: None, policy: false, ivr: false }
    }
}

/// A command, before it is accepted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Order {
    pub action: Action,
    pub aim: Aim,
    /// None where an agent does it by hand.
    pub request_id: Option<Uuid>,
    pub fate: Fate,
    /// Whether it is refused where it would change nothing.
    pub must_change: bool,
}

/// Why a command is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Denied {
    Unknown,
    Ended,
    /// Nothing would change.
    NoChange(Phase),
}

#[derive(Debug)]
struct Timetable {
    dice: Dice,
    appearing: Appearing,
    next: Moment,
}

#[derive(Debug)]
pub(super) struct Calls {
    /// In the order of their appearance.
    list: Vec<Call>,
    places: HashMap<String, usize>,
    ids: Dice,
    recordings: Dice,
    delays: Dice,
    casting: Casting,
    propagation: Span,
    traits: Traits,
    timetable: Option<Timetable>,
}

impl Calls {
    pub(super) fn new(settings: &Settings, now: Moment, directory: &Directory) -> Self {
        let dice = |purpose| Dice::new(settings.seed, purpose);
        let timetable = settings.schedule.map(|appearing| {
            let mut dice = dice(Purpose::Schedule);
            let next = now + dice.between(appearing.every);
            Timetable { dice, appearing, next }
        });
        let mut calls = Self {
            list: Vec::new(),
            places: HashMap::new(),
            ids: dice(Purpose::Calls),
            recordings: dice(Purpose::Recordings),
            delays: dice(Purpose::Propagation),
            casting: Casting::new(settings.seed, directory),
            propagation: settings.propagation,
            traits: Traits {
                suppress_hold: settings.suppress_hold,
                secure_pause: settings.secure_pause,
                listening: false,
            },
            timetable,
        };
        for _ in 0..settings.calls {
            let since = calls.ids.between(OLDER);
            calls.appear(None, now.saturating_sub(since), &Wish { through: true, ..Wish::default() });
        }
        calls.add_ended(now.saturating_sub(HOUR));
        calls
    }

    /// Brings in what the schedule has due by now.
    pub(super) fn tick(&mut self, now: Moment) {
        while let Some((started, ends)) = self.timetable.as_mut().and_then(|timetable| timetable.due(now)) {
            let call = self.appear(None, started, &Wish::default());
            call.ends = Some(ends);
            call.begin();
        }
    }

    pub(super) fn active(&self, now: Moment) -> impl Iterator<Item = &Call> {
        self.list.iter().filter(move |call| call.active(now))
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Call> {
        self.list.iter()
    }

    /// All calls as they are now.
    pub(super) fn settled(&mut self, now: Moment) -> impl Iterator<Item = &Call> {
        self.list.iter_mut().map(move |call| {
            call.settle(now);
            &*call
        })
    }

    /// A call, active or not, as it is now.
    pub(super) fn find(&mut self, now: Moment, id: &str) -> Option<&mut Call> {
        let call = self.list.get_mut(*self.places.get(id)?)?;
        call.settle(now);
        Some(call)
    }

    pub(super) fn find_active(&mut self, now: Moment, id: &str) -> Option<&mut Call> {
        self.find(now, id).filter(|call| call.active(now))
    }

    pub(super) fn add(&mut self, now: Moment, new: NewCall) -> Result<String, SimError> {
        // "." and ".." are eaten on the way by whoever normalises URLs.
        if let Some(id) = new.id.as_ref().filter(|id| matches!(id.as_str(), "" | "." | "..")) {
            return Err(SimError::InvalidId(id.clone()));
        }
        if let Some(id) = new.id.as_ref().filter(|id| self.places.contains_key(*id)) {
            return Err(SimError::DuplicateId(id.clone()));
        }
        if new.state == State::Held && !self.traits.suppress_hold {
            let reason = "cannot be held where suppress_hold is off: there a hold does not touch the recording".into();
            return Err(SimError::InvalidOption { name: "state", reason });
        }
        let wish = self.casting.wish(&new)?;
        let recording_id = self.recordings.uuid();
        let started = if new.ivr { now.saturating_sub(WAITING) } else { now };
        let call = self.appear(new.id, started, &wish);
        if new.policy || new.state != State::Stopped {
            let recorder = if new.policy { Recorder::Policy } else { Recorder::Adhoc(call.parties.agent.id) };
            let mut recording = Recording::new(recording_id, recorder, now);
            match new.state {
                State::Paused => recording.pause(now),
                State::Held => call.holds.push(Pause { started: now, ended: None }),
                State::Recording | State::Stopped => {}
            }
            call.recorders.push(recording);
        }
        call.begin();
        Ok(call.id.clone())
    }

    /// Accepts a command, to act after a delay drawn from the seed unless its fate is another.
    pub(super) fn command(&mut self, now: Moment, id: &str, order: Order) -> Result<(), Denied> {
        let Order { action, aim, request_id, fate, must_change } = order;
        let (delay, recording_id) = (self.delays.between(self.propagation), self.recordings.uuid());
        let call = self.find(now, id).ok_or(Denied::Unknown)?;
        if !call.active(now) {
            return Err(Denied::Ended);
        }
        let command = Command { action, aim, due: now, request_id, recording_id };
        // What a late one would meet is known only when it arrives.
        if must_change && !matches!(fate, Fate::Late(_)) {
            call.would_change(&command).map_err(Denied::NoChange)?;
        }
        match fate {
            Fate::InOrder => call.accept(now, delay, command),
            Fate::Late(by) => call.accept_late(now, by, command),
            Fate::Lost => {}
        }
        Ok(())
    }

    /// Another agent comes into a call, in one way or another; nothing happens to one that is unknown or has ended.
    pub(super) fn bring(&mut self, now: Moment, id: &str, how: impl FnOnce(&mut Call, Party)) {
        let Some(place) = self.places.get(id) else { return };
        let Some(call) = self.list.get_mut(*place).filter(|call| call.active(now)) else { return };
        let next = self.casting.another(now, &call.parties);
        how(call, next);
    }

    /// Whether what happens is noted, from now on.
    pub(super) fn listen(&mut self, now: Moment, on: bool) {
        self.traits.listening = on;
        for call in &mut self.list {
            call.settle(now);
            call.traits.listening = on;
            // What nobody took is nobody's.
            drop(call.take_changes());
        }
    }

    /// What happened since this was asked, in the order of time.
    pub(super) fn take_changes(&mut self, now: Moment) -> Vec<Change> {
        let mut changes = Vec::new();
        for call in &mut self.list {
            call.settle(now);
            changes.append(&mut call.take_changes());
        }
        changes.sort_by_key(|change| change.at);
        changes
    }

    /// When something will happen by itself, if nothing comes before.
    pub(super) fn next_due(&self) -> Option<Moment> {
        let appearing = self.timetable.as_ref().map(|timetable| timetable.next);
        self.list.iter().filter_map(Call::next_due).chain(appearing).min()
    }

    fn appear(&mut self, id: Option<String>, started: Moment, wish: &Wish) -> &mut Call {
        let id = id.unwrap_or_else(|| self.ids.uuid().to_string());
        let parties = self.casting.parties(&mut self.ids, started, wish);
        let place = self.list.len();
        self.places.insert(id.clone(), place);
        self.list.push(Call::new(id, parties, started, self.traits));
        &mut self.list[place]
    }

    /// The call that ended before the simulator was started: recorded, and securely paused for a minute.
    fn add_ended(&mut self, ended: Moment) {
        let id = self.recordings.uuid();
        let before = |seconds| ended.saturating_sub(Duration::from_secs(seconds));
        let call = self.appear(None, before(600), &Wish { through: true, ..Wish::default() });
        let mut recording = Recording::new(id, Recorder::Adhoc(call.parties.agent.id), before(580));
        recording.pauses.push(Pause { started: before(300), ended: Some(before(240)) });
        call.recorders.push(recording);
        call.end(ended);
    }
}

impl Timetable {
    /// The next call, from when until when, if it has appeared by now.
    fn due(&mut self, now: Moment) -> Option<(Moment, Moment)> {
        let started = Some(self.next).filter(|next| *next <= now)?;
        self.next = started + self.dice.between(self.appearing.every);
        Some((started, started + self.dice.between(self.appearing.last)))
    }
}

#[cfg(test)]
#[path = "calls_tests.rs"]
mod tests;
