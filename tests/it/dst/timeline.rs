//! What was true of one call at every moment: from the simulator's effects and the hands' acts.

use std::time::Duration;

use gcrec::sim::{Action, State};

use super::ledger::Ledger;
use super::plan::Act;
use super::world::Past;

/// One change.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) at: Duration,
    /// What it made of the recording, holds aside.
    pub(super) phase: State,
    pub(super) held: bool,
    /// The command that did it; None: a transfer, a hold, the end.
    pub(super) action: Option<Action>,
    /// Whose it was; None: somebody else's.
    pub(super) attempt: Option<usize>,
}

/// All changes of a call, the state before them first.
pub(super) fn of(past: &Past, ledger: &Ledger, call: usize) -> Vec<Change> {
    let first = past.plan.calls[call].state;
    let recorded = first == State::Held || (past.plan.calls[call].policy && first == State::Stopped);
    let phase = if recorded { State::Recording } else { first };
    let start = Change { at: Duration::ZERO, phase, held: first == State::Held, action: None, attempt: None };
    let effects = past.effects[call].iter().map(|effect| {
        let attempt =
            ledger.attempts.iter().position(|attempt| attempt.request_id.as_ref() == Some(&effect.request_id));
        (Duration::from_secs_f64(effect.at), None, Some(effect.action), attempt)
    });
    let hands = ledger.hands.iter().filter(|hand| hand.1 == call);
    let hands = hands.map(|(at, _, act)| (*at, Some(*act), None, None));
    let mut all: Vec<_> = effects.chain(hands).collect();
    all.sort_by_key(|(at, ..)| *at);
    let mut changes = vec![start];
    for (at, act, action, attempt) in all {
        let Change { phase, held, .. } = changes[changes.len() - 1];
        let (phase, held) = match (action, act) {
            (Some(Action::Start | Action::Resume), _) => (State::Recording, held),
            (Some(Action::Pause), _) => (State::Paused, held),
            (Some(Action::Stop), _) => (State::Stopped, held),
            (None, Some(Act::Hold(on))) => (phase, on),
            (None, Some(Act::Transfer)) if phase == State::Paused => (State::Recording, false),
            (None, Some(Act::Transfer)) => (phase, false),
            (None, Some(Act::End)) => (State::Stopped, false),
            (None, Some(Act::Press(_)) | None) => continue,
        };
        changes.push(Change { at, phase, held, action, attempt });
    }
    changes
}

/// Was the call recorded at some time from `from` to `until`? Gives when.
pub(super) fn recorded(changes: &[Change], from: Duration, until: Duration) -> Option<Duration> {
    let ends = changes.iter().skip(1).map(|change| change.at).chain([Duration::MAX]);
    let spans = changes.iter().zip(ends).filter(|(change, _)| change.phase == State::Recording && !change.held);
    spans.filter(|(change, end)| change.at.max(from) < (*end).min(until)).map(|(change, _)| change.at.max(from)).next()
}
