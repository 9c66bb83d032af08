//! What is told in the end: the proof, or why there is none.

use std::time::SystemTime;

use super::Ensure;
use crate::error::{Error, ProofError, ProofKind};
use crate::model::{Action, Proof, Settled, State};

impl Ensure<'_> {
    pub(super) fn proof(&mut self, settled: Settled, state: State, observed_at: SystemTime) -> Proof {
        Proof {
            conversation_id: self.subject.id.as_str().to_owned(),
            target: self.wish.target,
            settled,
            state,
            before: self.before.map(|(state, _)| state),
            before_basis: self.before.map(|(_, basis)| basis),
            commands_sent: self.effective(),
            receipt: self.receipt.take(),
            polls: self.polls,
            elapsed: self.subject.now().saturating_sub(self.began),
            observed_at,
        }
    }

    pub(super) fn not_proven(&self) -> Error {
        self.error(ProofKind::NotProven)
    }

    pub(super) fn error(&self, kind: ProofKind) -> Error {
        let id = self.subject.id.as_str();
        let (now, settle) = (self.subject.now(), self.subject.session.settle);
        let open = self.subject.known.open();
        Error::Proof(Box::new(ProofError {
            commands_sent: self.effective(),
            maybe_sent: Action::ALL.iter().any(|action| open.is_open(*action, settle, now)) || self.effective() > 0,
            waited: now.saturating_sub(self.began),
            cause: self.trouble.clone().or_else(|| self.refusal.clone()),
            ..ProofError::new(kind, id, self.wish.target.word(), self.last_seen.map(State::word))
        }))
    }
}
