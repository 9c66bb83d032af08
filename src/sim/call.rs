//! One call: its recordings, and how commands act on it.
//!
//! A command is accepted now and acts later. Nothing runs in between: whoever looks at a call first settles it, which
//! applies everything due by then, each at its own instant. So a manual clock needs no timers, and what a test sees does
//! not depend on when it looked.

use std::collections::VecDeque;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::moment::Moment;
use super::recording::{Action, Recording, State};

/// A command that took effect.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SimCommand {
    /// What was done.
    pub action: Action,
    /// Seconds since the simulator was started, on its own clock.
    pub at: f64,
    /// The request that asked for it, by its `ININ-Correlation-Id`.
    pub request_id: String,
}

/// A command that was accepted.
#[derive(Debug, Clone)]
pub(super) struct Command {
    pub action: Action,
    pub due: Moment,
    pub request_id: Uuid,
    /// The id of the recording that it begins, should it begin one.
    pub recording_id: Uuid,
}

/// Why a command is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// The call has ended.
    Ended,
    /// The call is, or is about to be, in the state asked for.
    NoChange(State),
}

#[derive(Debug)]
pub(super) struct Call {
    pub id: String,
    pub agent_id: Uuid,
    pub customer_id: Uuid,
    pub started: Moment,
    /// When it ends, or ended; None until somebody or the schedule decides.
    pub ends: Option<Moment>,
    /// Oldest first.
    pub recordings: Vec<Recording>,
    pub effects: Vec<Command>,
    pending: VecDeque<Command>,
}

impl Call {
    pub(super) fn new(id: String, [agent_id, customer_id]: [Uuid; 2], started: Moment) -> Self {
        Self {
            id,
            agent_id,
            customer_id,
            started,
            ends: None,
            recordings: Vec::new(),
            effects: Vec::new(),
            pending: VecDeque::new(),
        }
    }

    pub(super) fn active(&self, now: Moment) -> bool {
        self.ends.is_none_or(|end| now < end)
    }

    /// The state as of the last settling.
    pub(super) fn state(&self) -> State {
        self.recordings.last().map_or(State::Stopped, Recording::state)
    }

    pub(super) fn pending(&self) -> usize {
        self.pending.len()
    }

    /// Accepts a command that would change something, once all that was accepted before it has acted.
    pub(super) fn accept(&mut self, now: Moment, delay: Duration, mut command: Command) -> Result<(), Refused> {
        self.settle(now);
        if !self.active(now) {
            return Err(Refused::Ended);
        }
        let coming = self.coming();
        if coming == coming.after(command.action) {
            return Err(Refused::NoChange(coming));
        }
        // Commands act in the order of their answers, however short the delay that this one drew.
        command.due = self.pending.back().map_or(now + delay, |before| before.due.max(now + delay));
        self.pending.push_back(command);
        self.settle(now);
        Ok(())
    }

    /// Whether a command would be accepted, without accepting it.
    pub(super) fn would_accept(&mut self, now: Moment, action: Action) -> Result<(), Refused> {
        self.settle(now);
        let coming = self.coming();
        match (self.active(now), coming == coming.after(action)) {
            (false, _) => Err(Refused::Ended),
            (true, true) => Err(Refused::NoChange(coming)),
            (true, false) => Ok(()),
        }
    }

    /// Ends the call now, and with it what is being recorded.
    pub(super) fn end(&mut self, now: Moment) {
        self.settle(now);
        if self.active(now) {
            self.ends = Some(now);
            self.settle(now);
        }
    }

    /// Applies all that is due by now, each command at its own instant.
    pub(super) fn settle(&mut self, now: Moment) {
        let horizon = self.ends.map_or(now, |end| end.min(now));
        let due = self.pending.iter().take_while(|command| command.due <= horizon).count();
        for _ in 0..due {
            self.apply_next();
        }
        if let Some(end) = self.ends.filter(|end| *end <= now) {
            // What was still under way when the call ended never acts.
            self.pending.clear();
            if let Some(recording) = self.recordings.last_mut() {
                recording.end(end);
            }
        }
    }

    fn apply_next(&mut self) {
        let Some(command) = self.pending.pop_front() else { return };
        match command.action {
            Action::Start => self.recordings.push(Recording::new(command.recording_id, command.due)),
            Action::Stop => {
                if let Some(recording) = self.recordings.last_mut() {
                    recording.end(command.due);
                }
            }
        }
        self.effects.push(command);
    }

    /// The state once everything accepted has acted.
    fn coming(&self) -> State {
        self.pending.iter().fold(self.state(), |state, command| state.after(command.action))
    }
}

#[cfg(test)]
#[path = "call_tests.rs"]
mod tests;
