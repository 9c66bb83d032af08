//! The connection of an owner: what is done in one transaction, and how it ends.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, TransactionBehavior};

use super::error::{JournalError, of_sqlite};
use super::schema;
use super::stamp::ProcessId;
use super::tables::Tables;
use super::task::Task;

/// An open journal, for its one writer.
pub(super) struct Store {
    pub(super) connection: Connection,
    pub(super) path: PathBuf,
    /// Which file was opened. `SQLite` writes on into one that was removed.
    file: Option<FileId>,
}

type FileId = (u64, u64);

impl Store {
    /// Opens the journal at `path`; see [`schema::open`].
    pub(super) fn open(path: &Path) -> Result<Self, JournalError> {
        let connection = schema::open(path)?;
        Ok(Self { connection, path: path.to_owned(), file: file_id(path) })
    }

    /// Does all tasks in one transaction and tells who waits for them. Either all are durable then, or none was done.
    pub(super) fn commit(&mut self, mut tasks: Vec<Box<dyn Task>>) {
        let committed = match self.file {
            Some(_) if file_id(&self.path) != self.file => Err(JournalError::Gone { path: self.path.clone() }),
            _ => self.transaction(&mut tasks).map_err(|error| of_sqlite(&self.path, &error)),
        };
        for task in tasks {
            task.answer(committed.clone());
        }
    }

    /// Writes down that this process has the journal now. Fails where nothing can be written.
    pub(super) fn enter_process(&mut self, at: &str) -> Result<ProcessId, JournalError> {
        // One statement is a transaction of its own.
        Tables(&self.connection).add_process(std::process::id(), at).map_err(|error| of_sqlite(&self.path, &error))
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

/// Which file that is; None where that cannot be told. It opens nothing: closing a file would drop `SQLite`'s locks.
#[cfg(unix)]
fn file_id(path: &Path) -> Option<FileId> {
    use std::os::unix::fs::MetadataExt;
    path.metadata().ok().map(|file| (file.dev(), file.ino()))
}

#[cfg(not(unix))]
fn file_id(_: &Path) -> Option<FileId> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::entry::{Intent, RowId, RunId};
    use crate::journal::error::JournalError;
    use crate::journal::stamp::Stamp;
    use crate::journal::task::{Answer, task};
    use crate::journal::word::Operation;
    use std::time::{Duration, SystemTime};
    use tokio::sync::oneshot::Receiver;

    fn store() -> Store {
        let mut store = Store { connection: schema::in_memory(), path: "a.db".into(), file: None };
        store.enter_process("2026-01-01T00:00:00.000Z").unwrap();
        store
    }

    fn intent(run: Option<RunId>) -> (Box<dyn Task>, Receiver<Answer<RowId>>) {
        let stamp = Stamp { at: SystemTime::UNIX_EPOCH, monotonic: Duration::ZERO, process: ProcessId(1) };
        // Long enough that a page holds few.
        let intent = Intent { run, ..Intent::new("me", Operation::Stop, "c".repeat(500)) };
        task(move |tables| tables.add(&intent, &stamp))
    }

    fn rows(store: &Store) -> usize {
        Tables(&store.connection).page(RowId(0), 10_000).unwrap().len()
    }

    #[test]
    fn a_transaction_that_fails_fails_all_its_waiters_and_leaves_nothing() {
        let mut store = store();
        let pages: i64 = store.connection.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
        let limit = |store: &Store, pages: i64| store.connection.pragma_update(None, "max_page_count", pages).unwrap();
        limit(&store, pages + 3);
        let (tasks, answers): (Vec<_>, Vec<_>) = (0..100).map(|_| intent(None)).unzip();
        store.commit(tasks);
        for mut answer in answers {
            assert_eq!(answer.try_recv().unwrap(), Err(JournalError::DiskFull { path: "a.db".into() }));
        }
        assert_eq!(rows(&store), 0);

        limit(&store, 1_000_000);
        let (again, mut answer) = intent(None);
        store.commit(vec![again]);
        assert_eq!((answer.try_recv().unwrap(), rows(&store)), (Ok(RowId(1)), 1));
    }

    #[test]
    fn one_that_is_refused_does_not_fail_the_others() {
        let mut store = store();
        let (tasks, answers): (Vec<_>, Vec<_>) = [None, Some(RunId(7)), None].into_iter().map(intent).unzip();
        store.commit(tasks);
        let answers: Vec<_> = answers.into_iter().map(|mut answer| answer.try_recv().unwrap()).collect();
        assert_eq!(answers, [Ok(RowId(1)), Err(JournalError::NoSuchRow), Ok(RowId(2))]);
        assert_eq!(rows(&store), 2);
    }

    #[test]
    fn a_write_happens_though_nobody_waits() {
        let mut store = store();
        let (abandoned, answer) = intent(None);
        drop(answer);
        store.commit(vec![abandoned]);
        assert_eq!(rows(&store), 1);
    }
}
