//! The recorders of one call, and what a command does to which.
//!
//! A policy's records from beginning to end, an ad-hoc one and a snippet are a participant's and come and go by command.
//! A secure pause is of the whole call: it reaches all that can be paused, and a resume lifts it from all.

use uuid::Uuid;

use super::moment::Moment;
use super::queue::{Aim, Command};
use super::recording::{Action, Phase, Recorder, Recording, State};

/// Oldest first, whether they still record or not.
#[derive(Debug, Clone, Default)]
pub(super) struct Recorders(Vec<Recording>);

impl Recorders {
    pub(super) fn all(&self) -> impl DoubleEndedIterator<Item = &Recording> {
        self.0.iter()
    }

    pub(super) fn live(&self) -> impl Iterator<Item = &Recording> {
        self.0.iter().filter(|recording| recording.ended.is_none())
    }

    pub(super) fn push(&mut self, recording: Recording) {
        self.0.push(recording);
    }

    /// Those that still record, to try on them what would happen.
    pub(super) fn trial(&self) -> Self {
        Self(self.live().cloned().collect())
    }

    /// What commands have made of them: something records; or all that is left is paused; or nothing is left.
    pub(super) fn phase(&self) -> Phase {
        let any = |phase| self.live().any(|recording| recording.phase() == phase);
        if any(Phase::Recording) {
            Phase::Recording
        } else if any(Phase::Paused) {
            Phase::Paused
        } else {
            Phase::Ended
        }
    }

    /// What is true on a call whose recordings a hold suppresses, or does not.
    pub(super) fn state(&self, suppressed: bool) -> State {
        let states = || self.live().map(|recording| state(recording, suppressed));
        [State::Recording, State::Paused, State::Held]
            .into_iter()
            .find(|state| states().any(|s| s == *state))
            .unwrap_or(State::Stopped)
    }

    /// Does what a command says, to a call that this agent leads; tells whether anything changed.
    pub(super) fn apply(&mut self, command: &Command, agent: Uuid) -> bool {
        let at = command.due;
        match (command.action, command.aim) {
            // The tutorial's start: where something is recorded, or paused, there is nothing to start.
            (Action::Start, Aim::Call) => {
                self.phase() == Phase::Ended && self.start(command.recording_id, Recorder::Adhoc(agent), at)
            }
            (Action::Start, Aim::Recorder(recorder)) => self.start(command.recording_id, recorder, at),
            (Action::Stop, Aim::Call) => self.change(|one| one.recorder != Recorder::Policy, |one| one.end(at)),
            (Action::Stop, Aim::Recorder(recorder)) => self.change(|one| one.recorder == recorder, |one| one.end(at)),
            (Action::Pause, _) => {
                self.change(|one| one.pausable() && one.phase() == Phase::Recording, |one| one.pause(at))
            }
            (Action::Resume, _) => self.change(|one| one.phase() == Phase::Paused, |one| one.resume(at)),
        }
    }

    pub(super) fn resume(&mut self, at: Moment) {
        self.change(|_| true, |one| one.resume(at));
    }

    pub(super) fn end(&mut self, at: Moment) {
        self.change(|_| true, |one| one.end(at));
    }

    /// An agent leaves a call to another: an ad-hoc recording goes along, unless the next has one; a snippet ends.
    pub(super) fn hand_on(&mut self, at: Moment, last: Uuid, next: Uuid) {
        let taken = self.live().any(|one| one.recorder == Recorder::Adhoc(next));
        self.change(
            |one| matches!(one.recorder, Recorder::Adhoc(party) | Recorder::Snippet(party) if party == last),
            |one| {
                if one.pausable() && !taken {
                    one.recorder = Recorder::Adhoc(next);
                } else {
                    one.end(at);
                }
            },
        );
    }

    fn start(&mut self, id: Uuid, recorder: Recorder, at: Moment) -> bool {
        let new = !self.live().any(|one| one.recorder == recorder);
        if new {
            self.push(Recording::new(id, recorder, at));
        }
        new
    }

    fn change(&mut self, which: impl Fn(&Recording) -> bool, how: impl Fn(&mut Recording)) -> bool {
        let mut changed = false;
        for recording in self.0.iter_mut().filter(|one| one.ended.is_none() && which(one)) {
            how(recording);
            changed = true;
        }
        changed
    }
}

/// What is true of one recording that has not ended.
pub(super) fn state(recording: &Recording, suppressed: bool) -> State {
    match recording.phase() {
        Phase::Recording if suppressed && recording.pausable() => State::Held,
        Phase::Recording => State::Recording,
        Phase::Paused => State::Paused,
        Phase::Ended => State::Stopped,
    }
}
