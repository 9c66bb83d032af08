//! What is said of a call, against what was true.

use std::time::Duration;

use gcrec::api::pause::Owner;
use gcrec::config::Api;
use gcrec::error::{ErrorKind, Sent};
use gcrec::model::{Action, Settled, Target};
use gcrec::sim::State;

use super::{Case, Rule, undoes};
use crate::dst::fate::seconds;
use crate::dst::ledger::{Op, Outcome, View};
use crate::dst::plan::{Act, Work};

impl Case<'_> {
    pub(super) fn proof(&mut self, number: usize, op: &Op) {
        let said = match &op.outcome {
            Some(Outcome::Proof(proof)) if proof.settled == Settled::Ended => {
                let ended = self.ledger.hands.iter().any(|(_, call, act)| *call == op.call && *act == Act::End);
                if !ended {
                    self.breaks(Rule::ProofIsTrue, format!("op{number} says that the call ended, and it did not"));
                }
                return;
            }
            Some(Outcome::Proof(proof)) => Some((proof.target, op.ended)),
            Some(Outcome::Status(_)) => match op.work {
                Work::Wait { target, .. } => Some((target, op.ended)),
                _ => None,
            },
            _ => op.entered.as_ref().map(|(entered, _)| (Target::Paused, Some(*entered))),
        };
        let Some((target, Some(said))) = said else { return };
        let mut views = self.ledger.views.iter().rev().filter(|view| view.op == number);
        let Some(view) = views.find(|view| view.delivered.is_some_and(|at| at <= said)) else {
            self.breaks(Rule::ProofWasRead, format!("op{number} is {target}, and no read showed it"));
            return;
        };
        if !self.holds(target, view.truth) {
            self.breaks(
                Rule::ProofIsTrue,
                format!("op{number} is proven {target}, and the truth was {:?}", view.truth),
            );
        } else if !self.foreign(op) {
            self.stands(number, target, view);
        }
    }

    /// A block that left well had read that its pause is lifted, or that there is nothing left to lift.
    pub(super) fn exit(&mut self, number: usize, op: &Op) {
        let (Some(Outcome::Left(left, known)), Some(said)) = (&op.outcome, op.ended) else { return };
        let failed = left.as_ref().is_err_and(|error| error.kind() == ErrorKind::ResumeNotProven);
        if failed || known.owner != Some(Owner::Own) || self.overlapped(number, op) {
            return;
        }
        let mut views = self.ledger.views.iter().rev().filter(|view| view.op == number);
        let Some(view) = views.find(|view| view.delivered.is_some_and(|at| at <= said)) else { return };
        if view.truth == State::Paused {
            self.breaks(Rule::ProofIsTrue, format!("op{number} left, and the call was paused when it looked last"));
        } else if !self.foreign(op) && view.truth == State::Recording {
            self.stands(number, Target::Recording, view);
        }
    }

    fn holds(&self, target: Target, truth: State) -> bool {
        match target {
            Target::Recording => {
                // The tutorial's wire knows no hold; without securePause a hold proves nothing.
                let plan = &self.past.plan;
                let held = truth == State::Held && (plan.api == Api::Events || plan.secure_pause);
                truth == State::Recording || held
            }
            Target::Paused => truth == State::Paused,
            Target::Stopped => truth == State::Stopped,
        }
    }

    fn stands(&mut self, number: usize, target: Target, view: &View) {
        let op = &self.ledger.ops[number];
        let before = view.delivered.unwrap();
        for change in &self.timelines[op.call] {
            let Some(attempt) = change.attempt.map(|attempt| &self.ledger.attempts[attempt]) else { continue };
            let ours = self.ours(attempt, op) && attempt.departed < before;
            if ours && change.at > view.at.at && undoes(attempt.action, target) {
                let (action, of, at) = (attempt.action, attempt.op, change.at.as_secs_f64());
                self.breaks(
                    Rule::ProofStands,
                    format!("op{number} is proven {target}, and the {action} of op{of} undoes it at {at:.3}"),
                );
                return;
            }
        }
    }

    /// An error that says that nothing was sent.
    pub(super) fn silence(&mut self, number: usize, op: &Op) {
        let Some(Outcome::Failed(error)) = &op.outcome else { return };
        if error.sent() != Sent::No {
            return;
        }
        let effects = self.timelines[op.call].iter().filter_map(|change| change.attempt);
        if let Some(effect) = effects.map(|attempt| &self.ledger.attempts[attempt]).find(|it| it.op == number) {
            let action = effect.action;
            self.breaks(
                Rule::NothingSilent,
                format!("op{number} says that nothing was sent ({error}), and its {action} acted"),
            );
        }
    }

    /// One wish, one effect; and no second command out of impatience.
    pub(super) fn effects(&mut self, number: usize, op: &Op) {
        if matches!(op.work, Work::Block { .. }) {
            return;
        }
        let until = op.ended.unwrap_or(op.began);
        let alone = !self.foreign(op) && !self.overlapped(number, op) && !self.interfered(number, op);
        for action in Action::ALL {
            let acted = self.timelines[op.call].iter().filter_map(|change| change.attempt);
            let acted = acted.map(|attempt| &self.ledger.attempts[attempt]);
            let count = acted.filter(|it| it.op == number && it.action == action).count();
            if count > 1 && alone {
                self.breaks(Rule::OneEffect, format!("op{number}'s {action} took effect {count} times"));
            }
            let sent = self.ledger.attempts.iter().filter(|it| it.op == number && it.action == action);
            let sent: Vec<_> = sent.collect();
            let settle = seconds(self.past.plan.settle);
            for pair in sent.windows(2) {
                let ended = pair[0].ended.map_or(until.at, |ended| ended.at);
                let patient = pair[0].refused || pair[1].departed.at >= ended + settle;
                if !patient && action != Action::Pause {
                    self.breaks(Rule::Patience, format!("op{number} sends {action} again before settle"));
                }
            }
        }
    }

    /// Did a command of another wish, from before, take effect meanwhile?
    fn interfered(&self, number: usize, op: &Op) -> bool {
        let until = op.ended.unwrap_or(op.began).at;
        self.timelines[op.call].iter().any(|change| {
            let others = change.attempt.is_some_and(|attempt| self.ledger.attempts[attempt].op != number);
            others && op.began.at <= change.at && change.at <= until
        })
    }

    pub(super) fn overlapped(&self, number: usize, op: &Op) -> bool {
        let until = op.ended.unwrap_or(op.began);
        let meanwhile = |other: &Op| other.began <= until && other.ended.is_none_or(|ended| ended >= op.began);
        let others = self.ledger.ops.iter().enumerate();
        others.into_iter().any(|(other, it)| other != number && it.call == op.call && meanwhile(it))
    }

    /// A wish ends, in its time, with so many requests.
    pub(super) fn time(&mut self, number: usize, op: &Op) {
        let Some(ended) = op.ended else {
            self.breaks(Rule::InTime, format!("op{number} never ended"));
            return;
        };
        let stood: f64 = self.past.plan.processes.iter().flat_map(|it| &it.stalls).map(|(_, time)| time).sum();
        let least = seconds(self.past.plan.timeout);
        let (from, longest) = match (&op.work, op.left) {
            (Work::Command(_) | Work::Look | Work::Recover, _) => (op.began, least),
            (Work::Ensure { timeout, .. } | Work::Wait { timeout, .. }, _) => (op.began, seconds(*timeout)),
            (Work::Block { resume_timeout, .. }, Some(left)) => (left, seconds(*resume_timeout)),
            (Work::Block { timeout, resume_timeout, .. }, None) => (op.began, seconds(timeout + resume_timeout)),
        };
        // A last look and its repeats, other blocks' turns, and what the process stood still.
        let slack = Duration::from_secs(15) + seconds(2.0 * stood) + self.gate(number, op);
        let took = ended.at.saturating_sub(from.at);
        if took > longest + slack {
            self.breaks(Rule::InTime, format!("op{number} took {took:?}, and may take {longest:?}"));
        }
        if matches!(op.outcome, Some(Outcome::Cancelled)) {
            return; // of a block only its caller is gone
        }
        let requests = self.ledger.views.iter().filter(|view| view.op == number).count();
        let most = 40.0 + 8.0 * ended.at.saturating_sub(op.began.at).as_secs_f64();
        if Duration::from_secs(requests as u64) > Duration::from_secs_f64(most) {
            self.breaks(Rule::Bounded, format!("op{number} looked {requests} times in {took:?}"));
        }
    }

    /// How long other blocks of the process may keep a block waiting.
    fn gate(&self, number: usize, op: &Op) -> Duration {
        if !matches!(op.work, Work::Block { .. }) {
            return Duration::ZERO;
        }
        let others = self.ledger.ops.iter().enumerate().filter(|(other, it)| *other != number && it.call == op.call);
        let longest = others.filter_map(|(_, it)| match it.work {
            Work::Block { timeout, resume_timeout, .. } => Some(seconds(timeout + resume_timeout + 15.0)),
            _ => None,
        });
        longest.sum()
    }
}
