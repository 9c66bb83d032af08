//! What stands in a journal: rows, what changes them, and the runs that they belong to.

use std::fmt;

use super::stamp::Stamp;
use super::word::{Action, Basis, Operation, Outcome, Phase, State, Target};

/// The number of a row, in the order of the intents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowId(pub(super) i64);

/// The number of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(pub(super) i64);

impl RowId {
    /// The number itself.
    pub fn number(self) -> i64 {
        self.0
    }

    /// The row of that number, if there is one.
    pub fn of(number: i64) -> Self {
        Self(number)
    }
}

impl RunId {
    /// The number itself.
    pub fn number(self) -> i64 {
        self.0
    }
}

impl fmt::Display for RowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A row as it is written before its command leaves. Never a body, and never a caller's number or name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// The run that it is a part of.
    pub run: Option<RunId>,
    /// The block that it is a part of. A row of [`Operation::Block`] opens one, and is its own.
    pub block: Option<RowId>,
    /// Who: the OAuth client id.
    pub client_id: String,
    /// What was asked for.
    pub operation: Operation,
    /// What will be sent; None sends nothing.
    pub action: Option<Action>,
    /// What an ensure wants.
    pub target: Option<Target>,
    /// Which conversation.
    pub conversation_id: String,
    /// What was read before.
    pub state_before: Option<State>,
    /// The field that it was read from.
    pub basis: Option<Basis>,
    /// Why, in the user's words.
    pub reason: Option<String>,
    /// What became of it, where that is known at once: `already` sends nothing, and is one write.
    pub outcome: Option<Outcome>,
}

impl Intent {
    /// An intent with no more than it must have; name the rest with `..`.
    pub fn new(client_id: impl Into<String>, operation: Operation, conversation_id: impl Into<String>) -> Self {
        Self {
            run: None,
            block: None,
            client_id: client_id.into(),
            operation,
            action: None,
            target: None,
            conversation_id: conversation_id.into(),
            state_before: None,
            basis: None,
            reason: None,
            outcome: None,
        }
    }
}

/// What is now known of a row. What is None stays as it was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// What became of it; the time is written with it.
    pub outcome: Option<Outcome>,
    /// How far the block is.
    pub phase: Option<Phase>,
    /// The status code of the answer.
    pub status_code: Option<u16>,
    /// The server's code for what went wrong.
    pub error_code: Option<String>,
    /// The server's id for the exchange.
    pub correlation_id: Option<String>,
    /// What was read last.
    pub state: Option<State>,
}

impl From<Outcome> for Change {
    fn from(outcome: Outcome) -> Self {
        Self { outcome: Some(outcome), ..Self::default() }
    }
}

impl From<Phase> for Change {
    fn from(phase: Phase) -> Self {
        Self { phase: Some(phase), ..Self::default() }
    }
}

/// A row as it stands in the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its number.
    pub id: RowId,
    /// The run that it is a part of.
    pub run: Option<RunId>,
    /// The block that it is a part of, itself in the row of the block.
    pub block: Option<RowId>,
    /// Who: the OAuth client id.
    pub client_id: String,
    /// What was asked for.
    pub operation: Operation,
    /// What was sent.
    pub action: Option<Action>,
    /// What an ensure wanted.
    pub target: Option<Target>,
    /// Which conversation.
    pub conversation_id: String,
    /// What was read before.
    pub state_before: Option<State>,
    /// The field that it was read from.
    pub basis: Option<Basis>,
    /// How far the block is, in the row of the block.
    pub phase: Option<Phase>,
    /// When the intent was written.
    pub intent_at: Stamp,
    /// The process that wrote it.
    pub pid: u32,
    /// The status code of the answer.
    pub status_code: Option<u16>,
    /// The server's code for what went wrong.
    pub error_code: Option<String>,
    /// The server's id for the exchange.
    pub correlation_id: Option<String>,
    /// Why, in the user's words.
    pub reason: Option<String>,
    /// What was read last.
    pub state: Option<State>,
    /// What became of it; None: not known yet.
    pub outcome: Option<Outcome>,
    /// When that was written.
    pub outcome_at: Option<Stamp>,
}

/// What one call of `control_many` or `ensure_many` does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RunKind {
    /// The same command to many.
    Control(Action),
    /// The same target for many.
    Ensure(Target),
}

impl fmt::Display for RunKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Control(action) => action.fmt(f),
            Self::Ensure(target) => write!(f, "ensure {target}"),
        }
    }
}

/// A run as it stands in the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Its number.
    pub id: RunId,
    /// What it does.
    pub kind: RunKind,
    /// When it was begun for the first time.
    pub started_at: Stamp,
    /// When it was closed.
    pub finished_at: Option<Stamp>,
}
