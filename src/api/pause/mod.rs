//! The secure pause that cannot be forgotten (RULES of proof, section 4).
//!
//! A block is one future, its [`life`](life::Life::run): it enters, watches while the body runs, and leaves. Whoever wants
//! the pause holds a [`PauseHandle`], through which he hears that the body may run, says that it is over, and interrupts.
//! The future goes on whatever becomes of the handle: dropped, it means that the body is over.

mod ears;
mod entry;
mod life;
mod lift;
mod record;
mod watch;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{oneshot, watch as signal};

use crate::client::Session;
use crate::error::{Error, Interval};
use crate::model::{Action, ConversationId, Proof};
use life::Life;

/// How a block is wanted.
#[derive(Clone, Debug)]
pub struct PauseOptions {
    /// How long to try to prove the pause.
    pub timeout: Duration,
    /// How often to look while the body runs.
    pub watch: Duration,
    /// After so long the block resumes by itself.
    pub max_seconds: Option<Duration>,
    /// How long to try to prove the resume. It must exceed `settle`.
    pub resume_timeout: Duration,
    /// Why, for the journal.
    pub reason: Option<String>,
}

impl PauseOptions {
    /// Checks them against the session's `settle`.
    pub fn check(&self, settle: Duration) -> Result<(), Error> {
        if self.resume_timeout <= settle {
            return Err(Error::Config(format!(
                "resume_timeout must exceed settle ({} s): a pause of ours may land that late.",
                settle.as_secs_f64()
            )));
        }
        Ok(())
    }
}

/// Whose pause it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The block's: it is lifted at the end.
    Own,
    /// Somebody else's, found: it stays.
    Other,
}

/// What is known of a block while it lives, and after.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// That the call was paused when the body began; None before that.
    pub proof: Option<Proof>,
    /// Whose pause it is.
    pub owner: Option<Owner>,
    /// The times in which the call was recorded.
    pub broken: Vec<Interval>,
    /// Nothing is left to lift, or it was tried.
    pub done: bool,
}

type SharedKnown = Arc<Mutex<Known>>;

/// What the handle tells the block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Signals {
    /// The body is over.
    leave: bool,
    /// Ctrl-C, cancellations.
    interrupts: u8,
}

/// What is known of a block, for who must not keep its body alive.
#[derive(Clone, Debug)]
pub struct Observer(SharedKnown);

impl Observer {
    /// Would the call stay paused by us if the process ended now? Also where an entry or an end is half-way.
    pub fn may_be_paused(&self) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        !known.done && known.owner != Some(Owner::Other)
    }
}

/// How a block came to its end.
pub type Left = Result<(), Error>;

/// One block, from outside.
#[derive(Debug)]
pub struct PauseHandle {
    signals: signal::Sender<Signals>,
    entered: Mutex<Option<oneshot::Receiver<Result<(), Error>>>>,
    over: signal::Receiver<Option<Left>>,
    known: SharedKnown,
}

impl Session {
    /// A block, and the future that is its life: have it polled from now on. Nothing is sent before that.
    pub fn paused(
        &self,
        id: &ConversationId,
        options: PauseOptions,
    ) -> Result<(PauseHandle, impl Future<Output = ()> + Send + use<>), Error> {
        options.check(self.settle)?;
        self.wire().check(&Action::Pause.into())?;
        let (signals, heard) = signal::channel(Signals::default());
        let (tell_entered, entered) = oneshot::channel();
        let (tell_over, over) = signal::channel(None);
        let known = SharedKnown::default();
        let handle = PauseHandle { signals, entered: Mutex::new(Some(entered)), over, known: known.clone() };
        let life = Life::new(self, id, options, heard, known);
        Ok((handle, async move {
            let outcome = life.run(tell_entered).await;
            tell_over.send_replace(Some(outcome));
        }))
    }
}

impl PauseHandle {
    /// Resolves when the pause is proven and the body may run, or when it may not. Once.
    pub fn entered(&self) -> impl Future<Output = Result<(), Error>> + Send + use<> {
        let entered = self.entered.lock().unwrap_or_else(PoisonError::into_inner).take();
        async move {
            match entered {
                Some(entered) => entered.await.unwrap_or_else(|_| Err(gone())),
                None => Err(gone()),
            }
        }
    }

    /// The body is over.
    pub fn leave(&self) {
        self.signals.send_modify(|signals| signals.leave = true);
    }

    /// Resolves when the block has come to its end.
    pub fn left(&self) -> impl Future<Output = Left> + Send + use<> {
        let mut over = self.over.clone();
        async move {
            match over.wait_for(Option::is_some).await {
                Ok(outcome) => outcome.clone().unwrap_or_else(|| Err(gone())),
                Err(_) => Err(gone()),
            }
        }
    }

    /// Ctrl-C, or a cancellation. While the block enters it ends that, and what it sent is undone; after that the first
    /// lets the block finish, the second abandons it.
    pub fn interrupt(&self) {
        self.signals.send_modify(|signals| signals.interrupts = signals.interrupts.saturating_add(1));
    }

    /// For who wants to know of it, and is not who holds it.
    pub fn observer(&self) -> Observer {
        Observer(self.known.clone())
    }

    /// What is known of it.
    pub fn known(&self) -> Known {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn gone() -> Error {
    Error::Config("This pause block is over.".into())
}
