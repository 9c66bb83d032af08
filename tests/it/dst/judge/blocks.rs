//! The pause block's promises.

use gcrec::error::ErrorKind;
use gcrec::journal::word::{Operation, Phase};
use gcrec::model::Action;
use gcrec::sim::State;

use super::{Case, Rule};
use crate::dst::fate::seconds;
use crate::dst::ledger::{Op, Outcome};
use crate::dst::plan::Work;
use crate::dst::timeline::recorded;

impl Case<'_> {
    pub(super) fn block(&mut self, number: usize, op: &Op) {
        self.body(number, op);
        self.foreign_pause(number, op);
        let starts = self.ledger.attempts.iter().any(|it| it.op == number && it.action == Action::Start);
        if starts {
            self.breaks(Rule::BlockNeverStarts, format!("op{number} sends a start"));
        }
    }

    fn body(&mut self, number: usize, op: &Op) {
        let Some((entered, known)) = &op.entered else { return };
        if known.proof.is_none() {
            self.breaks(Rule::ProofWasRead, format!("op{number}'s body runs without a proof"));
        }
        let Some(over) = op.left.or(op.ended) else { return };
        if self.foreign(op) || self.crossed(number, op.began, over) {
            return;
        }
        let Work::Block { max_seconds, .. } = op.work else { return };
        let until = max_seconds.map_or(over.at, |longest| over.at.min(op.began.at + seconds(longest)));
        if let Some(at) = recorded(&self.timelines[op.call], entered.at, until) {
            let at = at.as_secs_f64();
            self.breaks(Rule::BodyIsPaused, format!("op{number}'s body runs, and the call is recorded at {at:.3}"));
        }
        if let Some(Outcome::Left(Err(error), _)) = &op.outcome
            && error.kind() == ErrorKind::PauseBroken
        {
            self.breaks(Rule::NotBrokenByUs, format!("op{number} says so: {error}"));
        }
    }

    /// A pause that was there before the block's first look is not lifted by the block, nor one that a 409 told of. Unless it
    /// joins another block, whose pause a transfer has dropped and somebody set again: that is taken for the other's.
    fn foreign_pause(&mut self, number: usize, op: &Op) {
        if self.overlapped(number, op) {
            return;
        }
        let first = self.ledger.views.iter().find(|view| view.op == number && view.delivered.is_some());
        let found = first.filter(|view| view.truth == State::Paused).map(|view| view.at.at);
        let sent = self.ledger.attempts.iter().find(|it| it.op == number);
        let told = sent.filter(|it| it.conflict && it.action == Action::Pause).map(|it| it.departed.at);
        for moment in found.into_iter().chain(told) {
            let changes = &self.timelines[op.call];
            let Some(place) = changes.iter().rposition(|change| change.at <= moment) else { continue };
            let theirs = changes[place].phase == State::Paused && changes[place].attempt.is_none();
            let Some(next) = changes[place + 1..].iter().find(|change| change.phase != State::Paused) else { continue };
            let lifted = next.attempt.map(|attempt| &self.ledger.attempts[attempt]).filter(|it| it.op == number);
            if theirs && lifted.is_some_and(|it| it.action == Action::Resume) {
                let at = next.at.as_secs_f64();
                self.breaks(Rule::ForeignPauseStays, format!("op{number} lifts somebody's pause at {at:.3}"));
            }
        }
    }

    /// A pause of a block that is on at the end, and of which nothing tells.
    pub(super) fn left_paused(&mut self, call: usize) {
        let changes = &self.timelines[call];
        let Some(last) = changes.iter().rev().find(|change| change.action.is_some()) else { return };
        let paused = self.past.last[call] == State::Paused && last.phase == State::Paused;
        let Some(attempt) = last.attempt.map(|attempt| &self.ledger.attempts[attempt]).filter(|_| paused) else {
            return;
        };
        let is_block = |op: usize| matches!(self.ledger.ops[op].work, Work::Block { .. });
        if !is_block(attempt.op) {
            return;
        }
        let blocks =
            self.ledger.ops.iter().enumerate().filter(|(op, it)| it.call == call && is_block(*op)).map(|(_, it)| it);
        let mut loud = false;
        for block in blocks {
            loud |= block
                .outcome
                .as_ref()
                .and_then(Outcome::error)
                .is_some_and(|error| error.kind() == ErrorKind::ResumeNotProven);
            loud |= self.past.left.iter().any(|row| {
                row.client_id == block.label && row.operation == Operation::Block && row.phase != Some(Phase::Closed)
            });
        }
        if !loud {
            let (op, at) = (attempt.op, last.at.as_secs_f64());
            self.breaks(Rule::PauseIsLifted, format!("op{op}'s pause of {at:.3} is left on call {call} in silence"));
        }
    }
}
