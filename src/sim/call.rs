//! One call: its recordings, how commands act on it, and what happens in it without them.
//!
//! A command is accepted now and acts later. Nothing runs in between: whoever looks at a call first settles it, which
//! applies everything due by then, each at its own instant. So a manual clock needs no timers, and what a test sees does
//! not depend on when it looked.

use std::time::Duration;

use uuid::Uuid;

use super::moment::Moment;
use super::parties::{Parties, Party};
use super::queue::{Command, Queue};
use super::recording::{Action, Phase, Recording, State};

#[derive(Debug)]
pub(super) struct Call {
    pub id: String,
    pub parties: Parties,
    pub started: Moment,
    /// When it ends, or ended; None until somebody or the schedule decides.
    pub ends: Option<Moment>,
    /// Whether a policy records it from its beginning: no command ends that recording.
    pub policy: bool,
    /// Since when it is on hold.
    pub held: Option<Moment>,
    /// Oldest first.
    pub recordings: Vec<Recording>,
    pub effects: Vec<Command>,
    /// Whether a hold suppresses the recording.
    suppress_hold: bool,
    queue: Queue,
}

impl Call {
    pub(super) fn new(id: String, parties: Parties, started: Moment, suppress_hold: bool) -> Self {
        Self {
            id,
            parties,
            started,
            ends: None,
            policy: false,
            held: None,
            recordings: Vec::new(),
            effects: Vec::new(),
            suppress_hold,
            queue: Queue::default(),
        }
    }

    pub(super) fn active(&self, now: Moment) -> bool {
        self.ends.is_none_or(|end| now < end)
    }

    /// What commands have made of its recording, as of the last settling.
    pub(super) fn phase(&self) -> Phase {
        self.recordings.last().map_or(Phase::Ended, Recording::phase)
    }

    /// The state as of the last settling.
    pub(super) fn state(&self) -> State {
        match self.phase() {
            Phase::Recording if self.suppress_hold && self.held.is_some() => State::Held,
            Phase::Recording => State::Recording,
            Phase::Paused => State::Paused,
            Phase::Ended => State::Stopped,
        }
    }

    /// How many commands are under way.
    pub(super) fn pending(&self) -> usize {
        self.queue.len()
    }

    /// Whether a command would change something once all that was answered before it has acted; if not, what it meets.
    pub(super) fn would_change(&self, action: Action) -> Result<(), Phase> {
        let answered = self.queue.answered();
        let coming = answered.fold(self.phase(), |phase, command| self.after(phase, command.action));
        if coming == self.after(coming, action) { Err(coming) } else { Ok(()) }
    }

    /// Takes a command that acts after a delay, and after all that was answered before it.
    pub(super) fn accept(&mut self, now: Moment, delay: Duration, command: Command) {
        self.settle(now);
        self.queue.push(now + delay, command);
        self.settle(now);
    }

    /// Takes a command that acts when it arrives, in no order.
    pub(super) fn accept_late(&mut self, now: Moment, delay: Duration, command: Command) {
        self.settle(now);
        self.queue.push_late(now + delay, command);
        self.settle(now);
    }

    /// Ends the call now, and with it what is being recorded.
    pub(super) fn end(&mut self, now: Moment) {
        self.settle(now);
        if self.active(now) {
            self.ends = Some(now);
            self.settle(now);
        }
    }

    /// The agent puts the call on hold, or takes it back.
    pub(super) fn hold(&mut self, now: Moment, on: bool) {
        self.settle(now);
        self.held = on.then(|| self.held.unwrap_or(now));
    }

    /// Another agent takes over. Hold and secure pause were the last one's: they do not go along.
    pub(super) fn transfer(&mut self, now: Moment, next: [Uuid; 2]) {
        self.settle(now);
        self.parties.hand_on(Party::new(next, now));
        self.held = None;
        if let Some(recording) = self.recordings.last_mut() {
            recording.resume(now);
        }
    }

    /// Applies all that is due by now, each command at its own instant.
    pub(super) fn settle(&mut self, now: Moment) {
        let horizon = self.ends.map_or(now, |end| end.min(now));
        while let Some(command) = self.queue.next(horizon) {
            self.apply(command);
        }
        if let Some(end) = self.ends.filter(|end| *end <= now) {
            // What was still under way when the call ended never acts.
            self.queue.clear();
            self.held = None;
            if let Some(recording) = self.recordings.last_mut() {
                recording.end(end);
            }
        }
    }

    /// What changes nothing when it comes to act leaves no trace.
    fn apply(&mut self, command: Command) {
        let phase = self.phase();
        if phase == self.after(phase, command.action) {
            return;
        }
        let (last, at) = (self.recordings.last_mut(), command.due);
        match (command.action, last) {
            (Action::Start, _) => self.recordings.push(Recording::new(command.recording_id, at)),
            (Action::Stop, Some(recording)) => recording.end(at),
            (Action::Pause, Some(recording)) => recording.pause(at),
            (Action::Resume, Some(recording)) => recording.resume(at),
            // Only a start changes a call that was never recorded.
            (_, None) => {}
        }
        self.effects.push(command);
    }

    fn after(&self, phase: Phase, action: Action) -> Phase {
        if self.policy && action == Action::Stop { phase } else { phase.after(action) }
    }
}

#[cfg(test)]
#[path = "call_tests.rs"]
mod tests;
