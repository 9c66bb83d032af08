//! One call: its recorders, how commands act on it, and what happens in it without them.
//!
//! A command is accepted now and acts later. Nothing runs in between: whoever looks at a call first settles it, which
//! applies everything due by then, each at its own instant. So a manual clock needs no timers, and what a test sees does
//! not depend on when it looked.

use std::time::Duration;

use uuid::Uuid;

use super::change::Change;
use super::directory::Named;
use super::moment::Moment;
use super::parties::{Leaving, Parties, Party, Purpose};
use super::queue::{Command, Queue};
use super::recorders::Recorders;
use super::recording::{Pause, Phase, Recorder, Recording, State};

/// What is the same for all calls of a simulator.
#[derive(Debug, Clone, Copy)]
pub(super) struct Traits {
    /// Whether a hold suppresses the recording.
    pub suppress_hold: bool,
    /// Whether answers of the published API say `securePause`.
    pub secure_pause: bool,
    /// Whether somebody wants to know what happens.
    pub listening: bool,
}

#[derive(Debug)]
pub(super) struct Call {
    pub id: String,
    pub parties: Parties,
    pub started: Moment,
    /// When it ends, or ended; None until somebody or the schedule decides.
    pub ends: Option<Moment>,
    /// Whether it was on hold, from when until when.
    pub holds: Vec<Pause>,
    pub recorders: Recorders,
    pub effects: Vec<Command>,
    pub traits: Traits,
    /// Whether the hold is there for asking another agent.
    consulting: bool,
    /// Whether it had ended by the last settling.
    over: bool,
    queue: Queue,
    changes: Vec<Change>,
    /// The recordings of which a change has told: two changes may have one instant.
    told: Vec<Uuid>,
}

impl Call {
    pub(super) fn new(id: String, parties: Parties, started: Moment, traits: Traits) -> Self {
        Self {
            id,
            parties,
            started,
            ends: None,
            holds: Vec::new(),
            recorders: Recorders::default(),
            effects: Vec::new(),
            traits,
            consulting: false,
            over: false,
            queue: Queue::default(),
            changes: Vec::new(),
            told: Vec::new(),
        }
    }

    pub(super) fn active(&self, now: Moment) -> bool {
        self.ends.is_none_or(|end| now < end)
    }

    /// When it ended, as of the last settling.
    pub(super) fn ended(&self) -> Option<Moment> {
        self.ends.filter(|_| self.over)
    }

    /// Since when it is on hold.
    pub(super) fn held(&self) -> Option<Moment> {
        self.holds.last().filter(|hold| hold.ended.is_none()).map(|hold| hold.started)
    }

    /// Whether a policy records it: no command ends that recording.
    pub(super) fn policy(&self) -> bool {
        self.recorders.all().any(|recording| recording.recorder == Recorder::Policy)
    }

    /// The state as of the last settling.
    pub(super) fn state(&self) -> State {
        self.recorders.state(self.suppressed())
    }

    /// Whether a hold suppresses what is recorded.
    pub(super) fn suppressed(&self) -> bool {
        self.traits.suppress_hold && self.held().is_some()
    }

    /// The queue through which a participant takes part.
    pub(super) fn queue_of(&self, party: &Party) -> Option<&Named> {
        matches!(party.purpose, Purpose::Acd | Purpose::Agent).then_some(&self.parties.queue)
    }

    /// Whether a user is on it as an agent.
    pub(super) fn has_agent(&self, user: Uuid) -> bool {
        self.parties.agents().any(|agent| agent.user == Some(user))
    }

    /// Whether several agents talk with the customer.
    pub(super) fn is_conference(&self) -> bool {
        !self.consulting && !self.parties.others.is_empty()
    }

    /// How many commands are under way.
    pub(super) fn pending(&self) -> usize {
        self.queue.len()
    }

    /// When something will happen by itself, if nothing comes before.
    pub(super) fn next_due(&self) -> Option<Moment> {
        let end = self.ends.filter(|_| !self.over);
        self.queue.next_due().into_iter().chain(end).min()
    }

    /// What its recorders will be once all that was answered has acted.
    pub(super) fn coming(&self) -> Recorders {
        let mut trial = self.recorders.trial();
        for command in self.queue.answered() {
            trial.apply(command, self.parties.agent.id);
        }
        trial
    }

    /// Whether a command would change something once all that was answered before it has acted; if not, what it meets.
    pub(super) fn would_change(&self, command: &Command) -> Result<(), Phase> {
        let mut coming = self.coming();
        let phase = coming.phase();
        if coming.apply(command, self.parties.agent.id) { Ok(()) } else { Err(phase) }
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

    /// It begins; whatever is to be true from its beginning is.
    pub(super) fn begin(&mut self) {
        self.note(self.started);
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
        if self.set_held(now, on) {
            self.note(now);
        }
    }

    /// The agent hands the call on: to whom they consulted, to the others of a conference, or to the one given. Hold and
    /// secure pause were the last one's: they do not go along.
    pub(super) fn transfer(&mut self, now: Moment, next: Party) {
        self.settle(now);
        let how = match (self.consulting, self.parties.others.is_empty()) {
            (true, _) => Leaving::ConsultTransfer,
            (false, false) => Leaving::Conference,
            (false, true) => Leaving::Transfer,
        };
        let last = self.parties.agent.id;
        let next = self.parties.hand_on(now, next, how);
        self.recorders.hand_on(now, last, next);
        self.recorders.resume(now);
        self.consulting = false;
        self.set_held(now, false);
        self.note(now);
    }

    /// The agent asks another one, while the customer waits on hold.
    pub(super) fn consult(&mut self, now: Moment, next: Party) {
        self.settle(now);
        self.parties.others.push(next);
        self.consulting = true;
        self.set_held(now, true);
        self.note(now);
    }

    /// All talk with all: whom the agent consulted, or else the one given, joins.
    pub(super) fn conference(&mut self, now: Moment, next: Party) {
        self.settle(now);
        if !self.consulting {
            self.parties.others.push(next);
        }
        self.consulting = false;
        self.set_held(now, false);
        self.note(now);
    }

    /// Applies all that is due by now, each command at its own instant.
    pub(super) fn settle(&mut self, now: Moment) {
        let horizon = self.ends.map_or(now, |end| end.min(now));
        while let Some(command) = self.queue.next(horizon) {
            self.apply(command);
        }
        if let Some(end) = self.ends.filter(|end| *end <= now && !self.over) {
            // What was still under way when the call ended never acts.
            self.queue.clear();
            self.set_held(end, false);
            self.recorders.end(end);
            self.over = true;
            self.note(end);
        }
    }

    /// What happened since this was asked, in the order of time; nothing where nobody listens.
    pub(super) fn take_changes(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.changes)
    }

    /// What changes nothing when it comes to act leaves no trace.
    fn apply(&mut self, command: Command) {
        // A participant who has left takes what was meant for it along.
        let there = command.whose().is_none_or(|party| self.parties.agents().any(|agent| agent.id == party));
        if there && self.recorders.apply(&command, self.parties.agent.id) {
            self.effects.push(command);
            self.note(command.due);
        }
    }

    /// Tells whether that changed anything.
    fn set_held(&mut self, at: Moment, on: bool) -> bool {
        match self.holds.last_mut().filter(|hold| hold.ended.is_none()) {
            Some(hold) if !on => hold.ended = Some(at),
            None if on => self.holds.push(Pause { started: at, ended: None }),
            _ => return false,
        }
        true
    }

    fn note(&mut self, at: Moment) {
        if self.traits.listening {
            let over = |recording: &&Recording| recording.ended == Some(at) && !self.told.contains(&recording.id);
            let over: Vec<_> = self.recorders.all().filter(over).collect();
            let (change, ids) = (Change::of(self, at, &over), over.iter().map(|recording| recording.id).collect());
            self.changes.push(change);
            self.told.extend::<Vec<_>>(ids);
        }
    }
}

#[cfg(test)]
#[path = "call_tests.rs"]
mod tests;
