//! All calls: those given at the start, those added by hand, those that a schedule brings.

use std::collections::HashMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::call::{Call, Command, Refused};
use super::dice::{Dice, Purpose, Span};
use super::error::SimError;
use super::moment::Moment;
use super::options::{Appearing, Settings};
use super::recording::{Action, Pause, Recording, State};

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
}

impl Default for NewCall {
    fn default() -> Self {
        Self { id: None, state: State::Stopped }
    }
}

/// Why a command about a call is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Denied {
    /// Unknown or ended: from outside these look alike.
    NotFound,
    /// Nothing would change.
    NoChange(State),
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
    propagation: Span,
    timetable: Option<Timetable>,
}

impl Calls {
    pub(super) fn new(settings: &Settings, now: Moment) -> Self {
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
            propagation: settings.propagation,
            timetable,
        };
        for _ in 0..settings.calls {
            let since = calls.ids.between(OLDER);
            calls.appear(None, now.saturating_sub(since));
        }
        calls.add_ended(now.saturating_sub(HOUR));
        calls
    }

    /// Brings in what the schedule has due by now.
    pub(super) fn tick(&mut self, now: Moment) {
        while let Some((started, ends)) = self.timetable.as_mut().and_then(|timetable| timetable.due(now)) {
            self.appear(None, started).ends = Some(ends);
        }
    }

    pub(super) fn active(&self, now: Moment) -> impl Iterator<Item = &Call> {
        self.list.iter().filter(move |call| call.active(now))
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Call> {
        self.list.iter()
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
        let recording_id = self.recordings.uuid();
        let call = self.appear(new.id, now);
        if new.state != State::Stopped {
            let mut recording = Recording::new(recording_id, now);
            if new.state == State::Paused {
                recording.pauses.push(Pause { started: now, ended: None });
            }
            call.recordings.push(recording);
        }
        Ok(call.id.clone())
    }

    /// Accepts a command, to act after a delay drawn from the seed; a lost one is accepted and never acts.
    pub(super) fn command(
        &mut self,
        now: Moment,
        id: &str,
        action: Action,
        request_id: Uuid,
        lost: bool,
    ) -> Result<(), Denied> {
        let (delay, recording_id) = (self.delays.between(self.propagation), self.recordings.uuid());
        let call = self.find_active(now, id).ok_or(Denied::NotFound)?;
        let command = Command { action, due: now, request_id, recording_id };
        let accepted = if lost { call.would_accept(now, action) } else { call.accept(now, delay, command) };
        accepted.map_err(|refused| match refused {
            Refused::Ended => Denied::NotFound,
            Refused::NoChange(state) => Denied::NoChange(state),
        })
    }

    fn appear(&mut self, id: Option<String>, started: Moment) -> &mut Call {
        let id = id.unwrap_or_else(|| self.ids.uuid().to_string());
        let parties = [self.ids.uuid(), self.ids.uuid()];
        let place = self.list.len();
        self.places.insert(id.clone(), place);
        self.list.push(Call::new(id, parties, started));
        &mut self.list[place]
    }

    /// The call that ended before the simulator was started: recorded, and securely paused for a minute.
    fn add_ended(&mut self, ended: Moment) {
        let id = self.recordings.uuid();
        let before = |seconds| ended.saturating_sub(Duration::from_secs(seconds));
        let call = self.appear(None, before(600));
        let mut recording = Recording::new(id, before(590));
        recording.pauses.push(Pause { started: before(300), ended: Some(before(240)) });
        call.recordings.push(recording);
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
