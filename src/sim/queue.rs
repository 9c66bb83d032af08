//! Commands on their way to a call.

use std::collections::VecDeque;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::moment::Moment;
use super::recording::{Action, Recorder};

/// A command that took effect.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SimCommand {
    /// What was done.
    pub action: Action,
    /// Seconds since the simulator was started, on its own clock.
    pub at: f64,
    /// The request that asked for it, by its `ININ-Correlation-Id`; empty where an agent did it by hand.
    pub request_id: String,
}

/// What a start or a stop is meant for. Pauses and resumes are of the whole call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Aim {
    /// The recording on demand, whoever leads the call when the command acts.
    Call,
    /// That one.
    Recorder(Recorder),
}

/// A command that is under way or has acted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Command {
    pub action: Action,
    pub aim: Aim,
    pub due: Moment,
    /// None where no request asked for it.
    pub request_id: Option<Uuid>,
    /// The id of the recording that it begins, should it begin one.
    pub recording_id: Uuid,
}

/// What becomes of a command that nothing speaks against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It acts after the propagation, and after all that was answered before it.
    InOrder,
    /// It never acts.
    Lost,
    /// Its answer was lost and itself delayed: it acts that long after it was sent, whatever was answered meanwhile.
    Late(Duration),
}

#[derive(Debug, Default)]
pub(super) struct Queue {
    /// In the order of their answers, which is the order in which they act.
    answered: VecDeque<Command>,
    /// The next one first.
    late: Vec<Command>,
}

impl Queue {
    /// Puts a command behind the answered ones, however short the delay that this one drew.
    pub(super) fn push(&mut self, due: Moment, command: Command) {
        let due = self.answered.back().map_or(due, |before| before.due.max(due));
        self.answered.push_back(Command { due, ..command });
    }

    /// Puts in a command that keeps to no order.
    pub(super) fn push_late(&mut self, due: Moment, command: Command) {
        let place = self.late.partition_point(|other| other.due <= due);
        self.late.insert(place, Command { due, ..command });
    }

    /// Takes the next command that is due by the horizon.
    pub(super) fn next(&mut self, horizon: Moment) -> Option<Command> {
        let due = |command: Option<&Command>| command.map(|command| command.due).filter(|due| *due <= horizon);
        match (due(self.answered.front()), due(self.late.first())) {
            (None, None) => None,
            (answered, Some(late)) if answered.is_none_or(|answered| late < answered) => Some(self.late.remove(0)),
            _ => self.answered.pop_front(),
        }
    }

    /// The answered ones. Of the late ones nobody knows yet.
    pub(super) fn answered(&self) -> impl Iterator<Item = &Command> {
        self.answered.iter()
    }

    /// When the next one acts, if nothing comes before.
    pub(super) fn next_due(&self) -> Option<Moment> {
        self.answered.front().into_iter().chain(self.late.first()).map(|command| command.due).min()
    }

    pub(super) fn len(&self) -> usize {
        self.answered.len() + self.late.len()
    }

    pub(super) fn clear(&mut self) {
        self.answered.clear();
        self.late.clear();
    }
}

impl Command {
    /// The participant whose recorder is meant, if it is meant for one's.
    pub(super) fn whose(&self) -> Option<Uuid> {
        match self.aim {
            Aim::Recorder(Recorder::Adhoc(party) | Recorder::Snippet(party)) => Some(party),
            Aim::Call | Aim::Recorder(Recorder::Policy) => None,
        }
    }

    /// As whoever steers sees it; `start` is when the simulator was started.
    pub(super) fn shown(&self, start: Moment) -> SimCommand {
        SimCommand {
            action: self.action,
            at: self.due.saturating_sub(start).as_secs_f64(),
            request_id: self.request_id.map(|id| id.to_string()).unwrap_or_default(),
        }
    }
}
