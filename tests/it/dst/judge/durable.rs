//! The journal's promises, and the order of commands.

use std::time::Duration;

use gcrec::error::Sent;
use gcrec::journal::Entry;
use gcrec::journal::word::{Operation, Outcome as Word};

use super::{Case, Rule};
use crate::dst::ledger::{Attempt, Op, Outcome};
use crate::dst::plan::Work;

impl Case<'_> {
    pub(super) fn journal(&mut self, number: usize, op: &Op) {
        let label = &op.label;
        let attempts: Vec<&Attempt> = self.ledger.attempts.iter().filter(|it| it.op == number).collect();
        let rows: Vec<&Entry> = self.past.rows.iter().filter(|row| row.client_id == *label).collect();
        self.intents(number, &attempts, &rows);
        let pending = self.past.pending.iter().filter(|row| row.client_id == *label).count();
        // The pauses of a block that is not closed are listed with it, whatever became of them.
        let open = self.past.pending.iter().filter(|row| {
            let block = row.operation == Operation::Block;
            row.client_id == *label && (block || row.outcome.is_none_or(Word::is_open))
        });
        let unsettled = open.count();
        let may_act = attempts.iter().any(|it| !it.refused);
        let (settled, open) = match &op.outcome {
            Some(Outcome::Receipt(_) | Outcome::Proof(_) | Outcome::Status(_)) => (true, false),
            // Its pause may be another block's too, which has yet to lift it, or has failed to.
            Some(Outcome::Left(Ok(()), _)) => (!self.shared(number, op), false),
            Some(Outcome::Failed(error)) => {
                let single = !matches!(op.work, Work::Block { .. });
                (error.sent() == Sent::No, single && error.sent() != Sent::No && may_act)
            }
            // A block that is left without its caller goes on.
            Some(Outcome::Cancelled) => (false, may_act && !matches!(op.work, Work::Block { .. })),
            Some(Outcome::Died) => (false, may_act && !matches!(op.work, Work::Block { .. })),
            Some(Outcome::Left(Err(_), _) | Outcome::Recovered(_)) | None => (false, false),
        };
        if settled && unsettled > 0 {
            self.breaks(Rule::NothingLeftOpen, format!("op{number} is settled, and {unsettled} rows of it are open"));
        }
        // What a recovery has settled meanwhile is not open any more.
        let died = matches!(op.outcome, Some(Outcome::Died));
        let pending = if died { self.ledger.open_at_death.iter().filter(|it| *it == label).count() } else { pending };
        if open && pending == 0 && (died || !self.recovered(op)) {
            self.breaks(Rule::OpenIsWritten, format!("op{number} may still act, and no row of it is open"));
        }
    }

    /// Did its process, or one after it, recover anything while the run went on?
    fn recovered(&self, op: &Op) -> bool {
        let related = |it: &Op| self.ledger.roots[it.process] == self.ledger.roots[op.process];
        self.ledger.ops.iter().any(|it| matches!(it.work, Work::Recover) && related(it))
    }

    /// What a recovery calls closed is closed, once nothing else is under way.
    pub(super) fn recovery(&mut self, number: usize, op: &Op) {
        let Some(Outcome::Recovered(all)) = &op.outcome else {
            if let Some(Outcome::Failed(error)) = &op.outcome {
                self.breaks(Rule::NothingLeftOpen, format!("op{number} recovers nothing: {error}"));
            }
            return;
        };
        let is_last = self.ledger.ops.iter().all(|it| it.began <= op.began || matches!(it.work, Work::Recover));
        for done in all.iter().filter(|done| done.closed.is_some() && is_last) {
            let left = self.past.left.iter().filter(|row| row.conversation_id == done.conversation_id);
            let left = left.filter(|row| {
                self.ledger.ops.iter().any(|it| {
                    it.label == row.client_id && self.ledger.roots[it.process] == self.ledger.roots[op.process]
                })
            });
            let count = left.count();
            if count > 0 && self.past.calls.contains(&done.conversation_id) {
                self.breaks(Rule::NothingLeftOpen, format!("op{number} has recovered, and {count} rows are open"));
            }
        }
    }

    /// Did another block on the call, in the same process, end otherwise than well?
    fn shared(&self, number: usize, op: &Op) -> bool {
        let others = self.ledger.ops.iter().enumerate();
        let mut others =
            others.filter(|(other, it)| *other != number && it.call == op.call && it.process == op.process);
        others.any(|(_, it)| {
            let fine = matches!(it.outcome, Some(Outcome::Left(Ok(()), _)));
            matches!(it.work, Work::Block { .. }) && !fine
        })
    }

    /// The nth command of a kind has n rows that were written before it left. A repeat of what was refused has its row.
    fn intents(&mut self, number: usize, attempts: &[&Attempt], rows: &[&Entry]) {
        let mut commands: Vec<(&Attempt, usize)> = Vec::new();
        for attempt in attempts {
            let mut before = commands.iter().rev().filter(|(it, _)| it.action == attempt.action);
            let (refused, count) = before.next().map_or((false, 0), |(it, count)| (it.refused, *count));
            commands.push((attempt, count + usize::from(!refused || count == 0)));
        }
        for (attempt, count) in commands {
            // A journal's times are whole milliseconds, rounded down.
            let left = attempt.departed.at;
            let written = |row: &&&Entry| row.action == Some(attempt.action.into()) && row.intent_at.monotonic <= left;
            let found = rows.iter().filter(written).count();
            if found < count {
                let (action, left) = (attempt.action, left.as_secs_f64());
                self.breaks(
                    Rule::IntentFirst,
                    format!("op{number}'s {action} leaves at {left:.3}, with {found} intents for {count} commands"),
                );
            }
        }
    }

    /// One command at a time for each conversation and process.
    pub(super) fn under_way(&mut self) {
        let attempts = &self.ledger.attempts;
        let mut found = Vec::new();
        for (place, first) in attempts.iter().enumerate() {
            let same = |it: &&Attempt| it.process == first.process && it.call == first.call;
            for second in attempts[place + 1..].iter().filter(same) {
                if first.ended.is_none_or(|ended| ended > second.departed) {
                    found.push((first.op, second.op, second.departed.at));
                }
            }
        }
        for (first, second, at) in found {
            let at: Duration = at;
            self.breaks(
                Rule::OneAtATime,
                format!("op{second} sends at {:.3}, while a command of op{first} is under way", at.as_secs_f64()),
            );
        }
    }
}
