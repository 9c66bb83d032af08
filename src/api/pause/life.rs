//! The life of one block: enter, watch, leave.

use std::sync::{Arc, MutexGuard, PoisonError};

use futures_util::future::{Either, select};
use tokio::sync::{OwnedMutexGuard, oneshot, watch as signal};

use super::ears::Ears;
use super::entry::Entering;
use super::lift::{Lifted, lift};
use super::watch::Ended;
use super::{Known, Left, Owner, PauseOptions, SharedKnown, Signals};
use crate::api::subject::Subject;
use crate::client::Session;
use crate::conversations::{Blocks, Inside};
use crate::error::{Error, ErrorKind, ProofError, ProofKind};
use crate::model::{ConversationId, Target};

/// One block.
pub(super) struct Life {
    pub(super) subject: Subject,
    pub(super) options: PauseOptions,
    signals: signal::Receiver<Signals>,
    known: SharedKnown,
    inside: Option<Inside>,
    /// What is heard of the call while the body runs.
    pub(super) ears: Arc<Ears>,
}

/// How a block left.
enum Leaving {
    /// Others are inside yet, or the pause is not ours.
    Stays,
    Lifted(Lifted),
    /// The second interrupt.
    Abandoned,
}

impl Life {
    pub(super) fn new(
        session: &Session,
        id: &ConversationId,
        options: PauseOptions,
        signals: signal::Receiver<Signals>,
        known: SharedKnown,
    ) -> Self {
        let ears = Ears::of(id.as_str());
        Self { subject: Subject::new(session, id), options, signals, known, inside: None, ears }
    }

    pub(super) fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn owner(&self) -> Option<Owner> {
        self.known().owner
    }

    /// From the entry to the end.
    pub(super) async fn run(mut self, tell: oneshot::Sender<Result<(), Error>>) -> Left {
        if let Err(error) = self.enter().await {
            // Who waited hears of it there; who did not wait does not ask for more.
            let _ = tell.send(Err(error));
            return Ok(());
        }
        // Nobody there to run the body: leave at once.
        let nobody = tell.send(Ok(())).is_err();
        let ended = if nobody { Ended::Body } else { self.watch().await };
        if ended == Ended::TooLong {
            let id = self.subject.id.as_str().escape_debug();
            tracing::warn!(target: "gcrec.pause", "the secure pause of conversation {id} is ended after its max_seconds");
        }
        let leaving = self.leave().await;
        self.known().done = true;
        self.left().await;
        let outcome = self.conclude(leaving, ended);
        if let Err(error) = &outcome
            && error.kind() != ErrorKind::ResumeNotProven
        {
            // The body may end in an interrupt, which hides this from who waits. (That other one was told already.)
            tracing::error!(target: "gcrec.pause", "{error}");
        }
        outcome
    }

    /// Resolves when the body is over, or its handle is gone.
    pub(super) fn left(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut signals = self.signals.clone();
        async move {
            // An error: the handle is gone, and with it the body.
            let _ = signals.wait_for(|signals| signals.leave).await;
        }
    }

    /// Resolves at the `count`th interrupt; never if the handle is gone.
    fn interrupted(&self, count: u8) -> impl Future<Output = ()> + Send + use<> {
        let mut signals = self.signals.clone();
        async move {
            let heard = signals.wait_for(|signals| signals.interrupts >= count).await.is_ok();
            if !heard {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Proves the pause, or undoes what of it may have acted.
    async fn enter(&mut self) -> Result<(), Error> {
        let gate = Box::pin(self.subject.known.blocks());
        let by = self.subject.now() + self.options.timeout;
        let late = select(Box::pin(self.interrupted(1)), self.subject.clock().sleep_until(by));
        let mut blocks = match select(gate, late).await {
            Either::Left((blocks, _)) => blocks,
            Either::Right(_) => return Err(self.error(ProofKind::NotProven)),
        };
        let (mut entering, began) = (Entering::default(), self.subject.now());
        let entered = {
            let interrupted = Box::pin(self.interrupted(1));
            let entry = Box::pin(entering.run(&self.subject, &self.options, blocks.ours.clone()));
            match select(entry, interrupted).await {
                Either::Left((outcome, _)) => Some(outcome),
                Either::Right(_) => None,
            }
        };
        let interrupted = || Err(entering.error(&self.subject, ProofKind::NotProven, began));
        let Err(error) = entered.unwrap_or_else(interrupted) else {
            self.inside = Some(blocks.enter());
            let mut known = self.known();
            known.owner = Some(entering.owner());
            known.proof = entering.proof.take();
            if let Some(raw) = &entering.last_read {
                self.ears.follow(raw);
            }
            drop(known);
            blocks.ours = entering.ours;
            return Ok(());
        };
        let error = if entering.may_have_acted { error.after_a_command() } else { error };
        // A pause that blocks inside rely on is not undone: their watch and their exit see to it.
        if blocks.anybody() {
            if entering.may_have_acted {
                blocks.ours = entering.ours;
            } else if blocks.ours.is_none() {
                // The row is this entry's own, of a pause that never acted.
                entering.give_up().await?;
            }
            return Err(error);
        }
        if !entering.may_have_acted {
            entering.give_up().await?;
            return Err(error);
        }
        blocks.ours = entering.ours;
        match self.lift_ours(&mut blocks).await {
            Leaving::Lifted(Lifted { proven: Err(not_proven), .. }) => Err(chained(not_proven, error)),
            Leaving::Lifted(lifted) => {
                lifted.unwritten()?;
                Err(error)
            }
            Leaving::Stays => Err(error),
            Leaving::Abandoned => Err(chained(self.error(ProofKind::ResumeNotProven), error)),
        }
    }

    /// The body is over, or has lasted too long. The last one to leave lifts the pause, if it is ours.
    async fn leave(&mut self) -> Leaving {
        let gate = Box::pin(self.subject.known.blocks());
        let mut blocks = match select(gate, Box::pin(self.interrupted(2))).await {
            Either::Left((blocks, _)) => blocks,
            Either::Right(((), gate)) => {
                drop(gate);
                self.inside = None;
                return Leaving::Abandoned;
            }
        };
        self.inside = None;
        if blocks.anybody() {
            return Leaving::Stays;
        }
        self.lift_ours(&mut blocks).await
    }

    async fn lift_ours(&self, blocks: &mut OwnedMutexGuard<Blocks>) -> Leaving {
        let Some(ours) = blocks.ours.take() else { return Leaving::Stays };
        let lifting = Box::pin(lift(&self.subject, &ours, self.options.resume_timeout));
        let interrupted = Box::pin(self.interrupted(2));
        let leaving = match select(lifting, interrupted).await {
            Either::Left((lifted, _)) => Leaving::Lifted(lifted),
            Either::Right(_) => Leaving::Abandoned,
        };
        let id = self.subject.id.as_str().escape_debug();
        match &leaving {
            Leaving::Abandoned => {
                tracing::error!(target: "gcrec.pause", "conversation {id} may still be paused: its resume was abandoned");
            }
            Leaving::Lifted(Lifted { proven: Err(error), .. }) => tracing::error!(target: "gcrec.pause", "{error}"),
            Leaving::Lifted(_) | Leaving::Stays => {}
        }
        leaving
    }

    /// What the block has to say at its end; the worst first.
    fn conclude(&self, leaving: Leaving, ended: Ended) -> Left {
        let lifted = match leaving {
            Leaving::Abandoned => return Err(self.error(ProofKind::ResumeNotProven)),
            Leaving::Lifted(Lifted { proven: Err(error), .. }) => return Err(error),
            Leaving::Lifted(lifted) => Some(lifted),
            Leaving::Stays => None,
        };
        let broken = self.known().broken.clone();
        if !broken.is_empty() {
            let Error::Proof(mut error) = self.error(ProofKind::PauseBroken) else { return Ok(()) };
            error.broken = broken;
            return Err(Error::Proof(error));
        }
        if ended == Ended::TooLong {
            return Err(self.error(ProofKind::PauseTooLong));
        }
        lifted.map_or(Ok(()), Lifted::unwritten)
    }

    fn error(&self, kind: ProofKind) -> Error {
        let target = if kind == ProofKind::ResumeNotProven { Target::Recording } else { Target::Paused };
        let maybe_sent = kind == ProofKind::ResumeNotProven;
        Error::Proof(Box::new(ProofError {
            maybe_sent,
            ..ProofError::new(kind, self.subject.id.as_str(), target.word(), None)
        }))
    }
}

/// `outer`, because of `inner`.
fn chained(outer: Error, inner: Error) -> Error {
    match outer {
        Error::Proof(mut proof) => {
            proof.cause = Some(inner);
            Error::Proof(proof)
        }
        other => other,
    }
}
