//! Ending a secure pause that nobody else ends: an ensure like any other, which starts nothing.

use std::time::Duration;

use super::{Ensure, Wish};
use crate::api::bulk::{Outcome, OutcomeKind};
use crate::api::subject::Subject;
use crate::api::trail::Trail;
use crate::client::{Budget, Session};
use crate::error::ErrorKind;
use crate::journal::word::Operation;
use crate::model::{ConversationId, Target};

impl Session {
    /// Resumes a call that is paused, whoever paused it, and proves it. If the recording was stopped meanwhile there is
    /// nothing to resume: it stays so.
    pub(in super::super) async fn end_pause(&self, id: &ConversationId, timeout: Duration) -> Outcome {
        let subject = Subject::new(self, id);
        let began = subject.now();
        let wish = Wish { target: Target::Recording, timeout, resume_paused: true };
        let trail = Trail::new(self, Operation::Ensure, id);
        let ensure = Ensure { may_start: false, ..Ensure::new(&subject, wish, Budget::until(began + timeout), trail) };
        let outcome = match ensure.run_and_tell().await {
            (Ok(proof), _) => Outcome { proof: Some(proof.clone()), ..Outcome::new(id.as_str(), proof.settled.into()) },
            (Err(error), written) => {
                let maybe = written.is_open() || error.kind() == ErrorKind::Journal;
                let kind = if maybe { OutcomeKind::Unknown } else { OutcomeKind::Failed };
                Outcome::failed(id.as_str(), kind, error)
            }
        };
        Outcome { elapsed: subject.now().saturating_sub(began), ..outcome }
    }
}
