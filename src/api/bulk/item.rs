//! One conversation of many.

use std::sync::Arc;

use super::job::Job;
use super::ledger::OpenRow;
use super::outcome::{Outcome, OutcomeKind};
use super::takeover::{self, Takeover};
use crate::api::command::operation;
use crate::api::ensure::{Ensure, Rehearsal, Wish};
use crate::api::subject::Subject;
use crate::api::trail::{Trail, fault};
use crate::client::{Budget, Session, Terms};
use crate::error::{Call, Error, ErrorKind, ProofError, ProofKind, Sent, TransportError, TransportKind};
use crate::journal::word::{Operation, Outcome as Written};
use crate::journal::{Change, RunId};
use crate::limit::Priority;
use crate::model::{Action, ConversationId, Proof, Settled, Target};

/// What all items have in common.
#[derive(Debug)]
pub(super) struct Work {
    pub(super) session: Session,
    pub(super) job: Job,
    pub(super) run: Option<RunId>,
    pub(super) dry_run: bool,
}

impl Work {
    /// Does it to one. What is `open` of it is settled first.
    pub(super) async fn settle(self: Arc<Self>, id: ConversationId, open: Vec<OpenRow>) -> Outcome {
        let subject = Subject::new(&self.session, &id);
        let began = subject.now();
        let outcome = if self.dry_run { self.rehearse(&subject).await } else { self.carry_out(&subject, &open).await };
        Outcome { elapsed: subject.now().saturating_sub(began), ..outcome }
    }

    async fn carry_out(&self, subject: &Subject, open: &[OpenRow]) -> Outcome {
        let (settle, now) = (self.session.settle, subject.now());
        subject.known.take_over(&subject.id, settle, now);
        for row in open.iter().filter(|row| row.inherited) {
            let mut known = subject.known.open();
            // Whoever opened the journal may have told of it before.
            if !known.is_open(row.action, settle, now) {
                known.inherited(row.action, settle, now);
            }
        }
        let left_behind: Vec<_> = open.iter().copied().filter(|row| row.of_this_run).collect();
        if left_behind.is_empty() {
            return self.act(subject).await;
        }
        let actions: Vec<_> = left_behind.iter().map(|row| row.action).collect();
        let outcome =
            match takeover::settle(subject, self.job.target(), &actions, matches!(self.job, Job::Ensure(_))).await {
                Ok(Takeover::Shows(proof)) => proven(proof),
                Ok(Takeover::Ended(proof)) if proof.target == Target::Stopped => proven(proof),
                Ok(Takeover::Ended(_)) => {
                    let error = self.error(subject.id.as_str(), ProofKind::ConversationEnded, false);
                    Outcome::failed(subject.id.as_str(), OutcomeKind::Failed, error)
                }
                Ok(Takeover::Silent) => match self.act(subject).await {
                    // It held now and did not a moment ago: that was the command that we waited for, or a hand.
                    Outcome { kind: OutcomeKind::Already, proof: Some(proof), .. } => {
                        proven(Proof { settled: Settled::Proven, ..proof })
                    }
                    outcome => outcome,
                },
                Err(error) => Outcome::failed(subject.id.as_str(), OutcomeKind::Unknown, error),
            };
        match self.close(&left_behind, &outcome).await {
            Ok(()) => outcome,
            Err(error) => Outcome::failed(subject.id.as_str(), OutcomeKind::Unknown, error),
        }
    }

    async fn act(&self, subject: &Subject) -> Outcome {
        match self.job {
            Job::Control(action) => self.control(subject, action).await,
            Job::Ensure(wish) => self.ensure(subject, wish).await,
        }
    }

    async fn control(&self, subject: &Subject, action: Action) -> Outcome {
        let id = subject.id.as_str();
        let budget = Budget::patient(subject.now() + self.session.options.timeout);
        let max_retries = self.session.options.max_retries;
        let mut trail = self.trail(operation(action), &subject.id);
        let terms = Terms { priority: Priority::Command, budget, max_retries };
        match subject.send(action, None, &terms, &mut trail).await {
            Ok(receipt) => Outcome { receipt: Some(receipt), ..Outcome::new(id, OutcomeKind::Accepted) },
            Err(error) if error.sent() == Sent::No => Outcome::failed(id, OutcomeKind::Failed, error),
            Err(error) => Outcome::failed(id, OutcomeKind::Unknown, error),
        }
    }

    async fn ensure(&self, subject: &Subject, wish: Wish) -> Outcome {
        let budget = Budget::patient(subject.now() + wish.timeout);
        let trail = self.trail(Operation::Ensure, &subject.id);
        match Ensure::new(subject, wish, budget, trail).run_and_tell().await {
            (Ok(proof), _) => proven(proof),
            (Err(error), written) if written.is_open() || error.kind() == ErrorKind::Journal && maybe(&error) => {
                Outcome::failed(subject.id.as_str(), OutcomeKind::Unknown, error)
            }
            (Err(error), _) => Outcome::failed(subject.id.as_str(), OutcomeKind::Failed, error),
        }
    }

    /// Says what would be sent, and sends no command.
    async fn rehearse(&self, subject: &Subject) -> Outcome {
        let id = subject.id.as_str();
        let Job::Ensure(wish) = self.job else { return Outcome::new(id, OutcomeKind::Skipped) };
        let budget = Budget::patient(subject.now() + wish.timeout);
        let trail = self.trail(Operation::Ensure, &subject.id);
        match Ensure::new(subject, wish, budget, trail).rehearse().await {
            Ok(Rehearsal::Holds(proof)) => proven(*proof),
            Ok(Rehearsal::WouldSend(_)) => Outcome::new(id, OutcomeKind::Skipped),
            Err(error) => Outcome::failed(id, OutcomeKind::Failed, error),
        }
    }

    fn trail(&self, operation: Operation, id: &ConversationId) -> Trail {
        Trail::new(&self.session, operation, id).with(|like| like.run = self.run)
    }

    /// Writes down what became of commands that were left behind; what is still open stays so.
    async fn close(&self, rows: &[OpenRow], outcome: &Outcome) -> Result<(), Error> {
        let written = match outcome.kind {
            OutcomeKind::Accepted | OutcomeKind::Proven | OutcomeKind::Already => Written::Proven,
            OutcomeKind::Ended => Written::Ended,
            OutcomeKind::Failed => Written::Failed,
            OutcomeKind::Unknown | OutcomeKind::Skipped => self.job.open_word(),
        };
        // What was sent anew was accepted, which says nothing of what was sent before: it did not show in its time.
        let written = if outcome.kind == OutcomeKind::Accepted { Written::Failed } else { written };
        let Some(journal) = self.session.journal() else { return Ok(()) };
        let state = outcome.proof.as_ref().map(|proof| proof.state.into());
        for row in rows {
            let change = Change { outcome: Some(written), state, ..Change::default() };
            journal.settle(row.id, change).await.map_err(|error| fault(&error, Sent::Maybe))?;
        }
        Ok(())
    }

    /// What is told of a conversation whose work was cut short; None where nothing of ours can act.
    pub(super) fn cut(&self, id: &ConversationId) -> Option<Outcome> {
        let subject = Subject::new(&self.session, id);
        let (settle, now) = (self.session.settle, subject.now());
        let may_act = Action::ALL.iter().any(|action| subject.known.open().is_open(*action, settle, now));
        let error = match self.job {
            Job::Ensure(_) => self.error(id.as_str(), ProofKind::NotProven, true),
            Job::Control(action) => Error::Transport(Box::new(TransportError {
                kind: TransportKind::Broken,
                call: Call::new(http::Method::POST, format!("/{action}"), true),
                sent: Sent::Maybe,
                reason: "the run was stopped before its answer came".into(),
                source: None,
            })),
        };
        may_act.then(|| Outcome::failed(id.as_str(), OutcomeKind::Unknown, error))
    }

    fn error(&self, id: &str, kind: ProofKind, maybe_sent: bool) -> Error {
        let target = self.job.target().word();
        Error::Proof(Box::new(ProofError { maybe_sent, ..ProofError::new(kind, id, target, None) }))
    }
}

fn proven(proof: Proof) -> Outcome {
    Outcome { proof: Some(proof.clone()), ..Outcome::new(proof.conversation_id, proof.settled.into()) }
}

fn maybe(error: &Error) -> bool {
    error.sent() != Sent::No
}
