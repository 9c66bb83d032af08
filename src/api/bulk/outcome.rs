//! What became of one of many.

use std::fmt;
use std::time::Duration;

use crate::error::Error;
use crate::journal::word;
use crate::model::{Proof, Receipt, Settled};

/// What became of it, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OutcomeKind {
    /// The server took the command. That is no proof that it acted.
    Accepted,
    /// By a command of ours whose effect was read.
    Proven,
    /// It held before.
    Already,
    /// The call ended, and with it what was to be stopped.
    Ended,
    /// It is not so, and nothing of ours can still make it so.
    Failed,
    /// A command may have acted, or may still act.
    Unknown,
    /// Nothing was sent: it was done before in this run, or this is a dry run.
    Skipped,
}

impl OutcomeKind {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Accepted, Self::Proven, Self::Already, Self::Ended, Self::Failed, Self::Unknown, Self::Skipped];

    /// The kind in one word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Proven => "proven",
            Self::Already => "already",
            Self::Ended => "ended",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Skipped => "skipped",
        }
    }

    /// The kind that has this word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Is there nothing left to do?
    pub fn is_done(self) -> bool {
        matches!(self, Self::Accepted | Self::Proven | Self::Already | Self::Ended)
    }

    /// Does somebody have to look at it?
    pub fn is_failure(self) -> bool {
        matches!(self, Self::Failed | Self::Unknown)
    }
}

impl fmt::Display for OutcomeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl From<Settled> for OutcomeKind {
    fn from(settled: Settled) -> Self {
        match settled {
            Settled::Proven => Self::Proven,
            Settled::Already => Self::Already,
            Settled::Ended => Self::Ended,
        }
    }
}

/// What a journal says of a row; None is an intent without outcome.
impl From<Option<word::Outcome>> for OutcomeKind {
    fn from(written: Option<word::Outcome>) -> Self {
        match written {
            Some(word::Outcome::Accepted) => Self::Accepted,
            Some(word::Outcome::Proven | word::Outcome::Resumed) => Self::Proven,
            Some(word::Outcome::Already) => Self::Already,
            Some(word::Outcome::Ended) => Self::Ended,
            Some(word::Outcome::Failed) => Self::Failed,
            Some(word::Outcome::Unknown | word::Outcome::NotProven) | None => Self::Unknown,
        }
    }
}

/// What became of one conversation.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Its id, as it came.
    pub conversation_id: String,
    /// What became of it.
    pub kind: OutcomeKind,
    /// What was proven.
    pub proof: Option<Proof>,
    /// What was accepted.
    pub receipt: Option<Receipt>,
    /// Why it failed, or is unknown.
    pub error: Option<Error>,
    /// From its beginning to this, all waits included.
    pub elapsed: Duration,
}

impl Outcome {
    /// An outcome of which nothing more is known.
    pub fn new(conversation_id: impl Into<String>, kind: OutcomeKind) -> Self {
        let conversation_id = conversation_id.into();
        Self { conversation_id, kind, proof: None, receipt: None, error: None, elapsed: Duration::ZERO }
    }

    /// An outcome with its reason.
    pub fn failed(conversation_id: impl Into<String>, kind: OutcomeKind, error: Error) -> Self {
        Self { error: Some(error), ..Self::new(conversation_id, kind) }
    }

    /// The same for an id that came again: what was done is not done twice.
    pub(super) fn again(&self) -> Self {
        let kind = if self.kind.is_done() { OutcomeKind::Skipped } else { self.kind };
        Self { kind, ..self.clone() }
    }
}
