//! The invariants (RULES of proof): what must be true of every run, whatever happened in it.
//!
//! A run's plan may excuse some, each by a limit that the documentation admits; nothing else excuses anything.

mod blocks;
mod durable;
mod proofs;

use std::fmt;

use gcrec::model::{Action, Target};

use super::ledger::{Attempt, Ledger, Moment, Op, Outcome, Shared};
use super::plan::Work;
use super::timeline::{self, Change};
use super::world::Past;

/// What must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Rule {
    /// What is called proven or already was true when it was read.
    ProofIsTrue,
    /// No command of ours that had left before a proof undoes it.
    ProofStands,
    /// Nothing is proven without a read that showed it.
    ProofWasRead,
    /// An error that says that nothing was sent is right.
    NothingSilent,
    /// One wish has one effect.
    OneEffect,
    /// The body of a block runs on a paused call only.
    BodyIsPaused,
    /// A pause that nobody broke is not called broken.
    NotBrokenByUs,
    /// No pause of ours outlives its block, unless an error or the journal says so.
    PauseIsLifted,
    /// A pause from before our block is not lifted by it.
    ForeignPauseStays,
    /// A block never starts a recording.
    BlockNeverStarts,
    /// The intent was durable before the command left.
    IntentFirst,
    /// What is settled is closed in the journal.
    NothingLeftOpen,
    /// What may still act stands open in the journal.
    OpenIsWritten,
    /// One command at a time is under way for each conversation and process.
    OneAtATime,
    /// Start, stop and resume are sent again only after `settle`.
    Patience,
    /// Every wish ends, in its time.
    InTime,
    /// Not more requests than its time allows.
    Bounded,
    NoPanic,
}

/// A rule that was broken, and how.
#[derive(Clone, Debug)]
pub(super) struct Broken {
    pub(super) rule: Rule,
    pub(super) how: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.rule, self.how)
    }
}

/// Everything of a run that a rule may ask for.
struct Case<'a> {
    past: &'a Past,
    ledger: &'a Ledger,
    timelines: Vec<Vec<Change>>,
    broken: Vec<Broken>,
}

/// All rules that a run broke.
pub(super) fn judge(past: &Past) -> Vec<Broken> {
    let shared: Shared = past.ledger.clone();
    let ledger = shared.lock();
    let timelines = (0..past.plan.calls.len()).map(|call| timeline::of(past, &ledger, call)).collect();
    let mut case = Case { past, ledger: &ledger, timelines, broken: Vec::new() };
    if let Some(why) = &past.stuck {
        case.breaks(Rule::InTime, why.clone());
    }
    for (number, op) in ledger.ops.iter().enumerate() {
        if matches!(op.work, Work::Recover) {
            case.recovery(number, op);
            continue;
        }
        case.proof(number, op);
        case.silence(number, op);
        case.effects(number, op);
        case.time(number, op);
        case.journal(number, op);
        if matches!(op.work, Work::Block { .. }) {
            case.block(number, op);
            case.exit(number, op);
        }
    }
    case.under_way();
    for call in 0..past.plan.calls.len() {
        case.left_paused(call);
    }
    case.broken.retain(|broken| !past.plan.excused.contains(&broken.rule));
    case.broken
}

impl Case<'_> {
    fn breaks(&mut self, rule: Rule, how: String) {
        self.broken.push(Broken { rule, how });
    }

    /// Did somebody else act on this call, at any time? Another process of ours is somebody else, unless it died and left
    /// word of its command.
    fn foreign(&self, op: &Op) -> bool {
        let hands = self.ledger.hands.iter().any(|(_, call, act)| *call == op.call && act.is_foreign());
        hands || self.ledger.attempts.iter().any(|it| it.call == op.call && !self.ours(it, op))
    }

    /// Does the process of `op` know of this command? A dead process's journal tells of those whose fate it did not know.
    fn ours(&self, attempt: &Attempt, op: &Op) -> bool {
        let sender = &self.ledger.ops[attempt.op];
        let inherited = match (&sender.outcome, &sender.work) {
            (Some(Outcome::Died), Work::Ensure { .. }) => true,
            (Some(Outcome::Died | Outcome::Cancelled | Outcome::Failed(_)), _) => !attempt.answered,
            _ => false,
        };
        let related = self.ledger.roots[attempt.process] == self.ledger.roots[op.process];
        attempt.process == op.process || (related && attempt.process < op.process && inherited)
    }

    /// Did another wish of the same process send something else than a block's own commands to this call meanwhile?
    fn crossed(&self, number: usize, from: Moment, until: Moment) -> bool {
        let op = &self.ledger.ops[number];
        self.ledger.attempts.iter().any(|it| {
            let block = matches!(self.ledger.ops[it.op].work, Work::Block { .. });
            it.op != number
                && it.call == op.call
                && !block
                && it.action != Action::Pause
                && from <= it.departed
                && it.departed <= until
        })
    }
}

fn undoes(action: Action, target: Target) -> bool {
    target.undone_by().contains(&action)
}
