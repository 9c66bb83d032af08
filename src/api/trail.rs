//! What is written down of a wish: the intent before each command leaves, the outcome after (RULES of proof, section 5).

use crate::client::Session;
use crate::error::{Error, JournalFault, Sent};
use crate::journal::word::{Operation, Outcome};
use crate::journal::{Change, Intent, Journal, JournalError, RowId};
use crate::model::{Action, Basis, ConversationId, Receipt, State};

/// The rows of one wish. Without a journal it writes nothing.
#[derive(Debug)]
pub(super) struct Trail {
    journal: Option<Journal>,
    /// What its rows have in common.
    like: Intent,
    rows: Vec<RowId>,
}

impl Trail {
    pub(super) fn new(session: &Session, operation: Operation, id: &ConversationId) -> Self {
        let like = Intent::new(session.identity(), operation, id.as_str());
        Self { journal: session.journal().cloned(), like, rows: Vec::new() }
    }

    /// The same with more that its rows have in common.
    pub(super) fn with(mut self, change: impl FnOnce(&mut Intent)) -> Self {
        change(&mut self.like);
        self
    }

    /// What was read before the first command.
    pub(super) fn before(&mut self, state: State, basis: Basis) {
        self.like.state_before = Some(state.into());
        self.like.basis = Some(basis.into());
    }

    /// Durable before the command may leave.
    pub(super) async fn intend(&mut self, action: Action) -> Result<Option<RowId>, Error> {
        let Some(journal) = &self.journal else { return Ok(None) };
        let row =
            journal.intend(Intent { action: Some(action.into()), ..self.like.clone() }).await.map_err(nothing_sent)?;
        self.rows.push(row);
        Ok(Some(row))
    }

    /// What the server answered to the command of this row.
    pub(super) async fn answered(&self, row: Option<RowId>, outcome: &Result<Receipt, Error>) -> Result<(), Error> {
        let Some((journal, row)) = self.journal.as_ref().zip(row) else { return Ok(()) };
        let change = match outcome {
            Ok(receipt) => Change {
                // A single command wants no more than that; a wish goes on.
                outcome: self.is_single_command().then_some(Outcome::Accepted),
                status_code: Some(receipt.status_code),
                correlation_id: receipt.correlation_id.clone(),
                ..Change::default()
            },
            Err(error) => Change {
                outcome: Some(if error.sent() == Sent::No { Outcome::Failed } else { Outcome::Unknown }),
                status_code: error.status_code(),
                error_code: Some(error.code().unwrap_or(error.kind().name()).to_owned()),
                correlation_id: error.correlation_id().map(str::to_owned),
                ..Change::default()
            },
        };
        journal.settle(row, change).await.map_err(|error| fault(&error, Sent::Maybe))
    }

    fn is_single_command(&self) -> bool {
        use Operation::{Pause, Resume, Start, Stop};
        self.like.block.is_none() && matches!(self.like.operation, Start | Stop | Pause | Resume)
    }

    /// What became of the wish. Where nothing was sent for it, that is one row of its own.
    pub(super) async fn close(&mut self, outcome: Outcome, state: Option<State>) -> Result<(), Error> {
        let Some(journal) = &self.journal else { return Ok(()) };
        let after = |error: JournalError| fault(&error, Sent::Maybe);
        if self.rows.is_empty() {
            let row = journal.intend(Intent { outcome: Some(outcome), ..self.like.clone() }).await.map_err(after)?;
            self.rows.push(row);
        }
        for row in &self.rows {
            let change = Change { outcome: Some(outcome), state: state.map(Into::into), ..Change::default() };
            journal.settle(*row, change).await.map_err(after)?;
        }
        Ok(())
    }
}

#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn nothing_sent(error: JournalError) -> Error {
    fault(&error, Sent::No)
}

/// A journal that does not do its duty, as an error of the crate.
pub fn fault(error: &JournalError, sent: Sent) -> Error {
    let hint = match sent {
        Sent::No => "Nothing was sent.",
        Sent::Maybe | Sent::Yes => "A command was sent before that: look at the status.",
    };
    Error::Journal(Box::new(JournalFault { message: error.to_string(), hint: hint.into(), sent }))
}
