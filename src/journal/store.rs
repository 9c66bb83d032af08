//! The connection of an owner: what is done in one transaction, and how it ends.

use std::path::PathBuf;

use rusqlite::{Connection, TransactionBehavior};

use super::error::{JournalError, of_sqlite};
use super::stamp::ProcessId;
use super::tables::Tables;
use super::task::Task;

/// An open journal, for its one writer.
pub(super) struct Store {
    pub(super) connection: Connection,
    pub(super) path: PathBuf,
}

impl Store {
    /// Does all tasks in one transaction and tells who waits for them. Either all are durable then, or none was done.
    pub(super) fn commit(&mut self, mut tasks: Vec<Box<dyn Task>>) {
        let committed = self.transaction(&mut tasks).map_err(|error| of_sqlite(&self.path, &error));
        for task in tasks {
            task.answer(committed.clone());
        }
    }

    /// Writes down that this process has the journal now. Fails where nothing can be written.
    pub(super) fn enter_process(&mut self, pid: u32, at: &str) -> Result<ProcessId, JournalError> {
        // One statement is a transaction of its own.
        Tables(&self.connection).add_process(pid, at).map_err(|error| of_sqlite(&self.path, &error))
    }

    fn transaction(&mut self, tasks: &mut [Box<dyn Task>]) -> rusqlite::Result<()> {
        // Dropped before its commit, it is rolled back.
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let tables = Tables(&transaction);
        for task in tasks {
            task.apply(&tables)?;
        }
        transaction.commit()
    }

    /// Moves what is in the log into the file and closes it.
    pub(super) fn close(self) {
        // What fails here is in the log, and is read from there by whoever opens the journal next.
        let _ = self.connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)");
        let _ = self.connection.close();
    }
}
