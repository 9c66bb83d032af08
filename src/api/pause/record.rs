//! What a journal holds of a block: one row that stands for it, and one for each further command.

use crate::api::trail::fault;
use crate::client::Session;
use crate::conversations::OurPause;
use crate::error::{Error, Sent};
use crate::journal::word::{Operation, Outcome, Phase};
use crate::journal::{Change, Intent, JournalError, RowId};
use crate::model::{Action, Basis, ConversationId, Receipt, State};

/// The block's own row is its first pause: durable before that may leave.
pub(super) async fn open(
    session: &Session,
    id: &ConversationId,
    before: (State, Basis),
    reason: Option<String>,
) -> Result<OurPause, Error> {
    let row = match session.journal() {
        Some(journal) => {
            let intent = Intent {
                action: Some(Action::Pause.into()),
                state_before: Some(before.0.into()),
                basis: Some(before.1.into()),
                reason,
                ..Intent::new(session.identity(), Operation::Block, id.as_str())
            };
            Some((journal.clone(), journal.intend(intent).await.map_err(|error| fault(&error, Sent::No))?))
        }
        None => None,
    };
    Ok(OurPause { before, row })
}

/// A pause that was found, for the auditor: nothing is sent for it and nothing is to be lifted.
pub(super) async fn found(
    session: &Session,
    id: &ConversationId,
    before: (State, Basis),
    reason: Option<String>,
) -> Result<(), Error> {
    let Some(journal) = session.journal() else { return Ok(()) };
    let intent = Intent {
        state_before: Some(before.0.into()),
        basis: Some(before.1.into()),
        reason,
        outcome: Some(Outcome::Already),
        ..Intent::new(session.identity(), Operation::Pause, id.as_str())
    };
    journal.intend(intent).await.map(drop).map_err(|error| fault(&error, Sent::No))
}

impl OurPause {
    /// A further command of the block.
    pub(super) async fn intend(
        &self,
        session: &Session,
        id: &ConversationId,
        action: Action,
    ) -> Result<Option<RowId>, JournalError> {
        let Some((journal, block)) = &self.row else { return Ok(None) };
        let operation = if action == Action::Pause { Operation::Pause } else { Operation::Resume };
        let intent = Intent {
            block: Some(*block),
            action: Some(action.into()),
            ..Intent::new(session.identity(), operation, id.as_str())
        };
        journal.intend(intent).await.map(Some)
    }

    /// What the server answered to the command of a row, or to that of the block's own.
    pub(super) async fn answered(
        &self,
        row: Option<RowId>,
        outcome: &Result<Receipt, Error>,
    ) -> Result<(), JournalError> {
        let Some((journal, block)) = &self.row else { return Ok(()) };
        let change = match outcome {
            Ok(receipt) => Change {
                status_code: Some(receipt.status_code),
                correlation_id: receipt.correlation_id.clone(),
                // The block's own row stays open until the pause is lifted.
                outcome: row.map(|_| Outcome::Accepted),
                ..Change::default()
            },
            Err(error) => Change {
                status_code: error.status_code(),
                error_code: Some(error.code().unwrap_or(error.kind().name()).to_owned()),
                correlation_id: error.correlation_id().map(str::to_owned),
                outcome: row.map(|_| if error.sent() == Sent::No { Outcome::Failed } else { Outcome::Unknown }),
                ..Change::default()
            },
        };
        journal.settle(row.unwrap_or(*block), change).await
    }

    /// How far the block is.
    pub(super) async fn phase(&self, phase: Phase) -> Result<(), JournalError> {
        match &self.row {
            Some((journal, row)) => journal.settle(*row, phase.into()).await,
            None => Ok(()),
        }
    }

    /// Nothing of it is left to do.
    pub(super) async fn close(&self, outcome: Outcome, state: Option<State>) -> Result<(), JournalError> {
        let change = Change {
            outcome: Some(outcome),
            phase: Some(Phase::Closed),
            state: state.map(Into::into),
            ..Change::default()
        };
        match &self.row {
            Some((journal, row)) => journal.close_block(*row, change).await,
            None => Ok(()),
        }
    }
}
