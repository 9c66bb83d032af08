//! Waiting for something to become so, without sending anything.

use std::time::Duration;

use super::pace::Pace;
use super::subject::{Subject, may_pass};
use crate::client::{Budget, Session};
use crate::error::{Error, ErrorKind, ProofError, ProofKind};
use crate::limit::Priority;
use crate::model::{ConversationId, RecordingStatus, Target};

/// The last look has this long to be answered.
const SHORTEST_LOOK: Duration = Duration::from_secs(1);

impl Session {
    /// Reads until the target holds and no open command of ours could change that, the time passes or the call ends.
    pub fn wait_until(
        &self,
        id: &ConversationId,
        target: Target,
        timeout: Duration,
    ) -> impl Future<Output = Result<RecordingStatus, Error>> + Send + use<> {
        let (session, id) = (self.clone(), id.clone());
        async move {
            let subject = Subject::new(&session, &id);
            let began = subject.now();
            let budget = Budget::until(began + timeout);
            let (mut pace, mut last_seen, mut trouble) = (Pace::new(), None, None);
            let error = |kind, last_seen, cause| {
                let waited = subject.now().saturating_sub(began);
                let error =
                    ProofError { waited, cause, ..ProofError::new(kind, id.as_str(), target.word(), last_seen) };
                Error::Proof(Box::new(error))
            };
            loop {
                let left = budget.left(subject.now());
                let mut wait = None;
                match subject.look(Priority::ConfirmingRead, &budget, SHORTEST_LOOK).await {
                    Ok(seen) => {
                        let (state, basis) = (seen.reading.state, seen.reading.basis);
                        last_seen = Some(state.word());
                        if seen.reading.active == Some(false) && target != Target::Stopped {
                            return Err(error(ProofKind::ConversationEnded, last_seen, None));
                        }
                        if target.holds(state, basis) && !subject.may_undo(target, &seen) {
                            return Ok(seen.status(&id));
                        }
                    }
                    Err(failure) if failure.kind() == ErrorKind::NotFound && last_seen.is_some() => {
                        let gone = subject.is_gone(&budget).await?;
                        return Err(if gone { error(ProofKind::ConversationEnded, last_seen, None) } else { failure });
                    }
                    Err(failure) if may_pass(&failure) && !matches!(failure, Error::Queue(_)) => {
                        wait = subject.wish(&failure);
                        trouble = Some(failure);
                    }
                    Err(failure) => return Err(failure),
                }
                if left.is_zero() {
                    return Err(error(ProofKind::NotProven, last_seen, trouble));
                }
                let pause = wait.unwrap_or_default().max(pace.next(subject.line(&budget)));
                let now = subject.now();
                subject.clock().sleep_until(now + pause.min(budget.left(now))).await;
            }
        }
    }
}
