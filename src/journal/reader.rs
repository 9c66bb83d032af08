//! Reading a journal without taking it: also while its owner, in this or another process, writes.

use std::collections::VecDeque;
use std::mem;
use std::path::Path;

use rusqlite::Connection;

use super::entry::{Entry, RowId, Run, RunId};
use super::error::{JournalError, of_sqlite};
use super::handle::Handle;
use super::schema;
use super::tables::Tables;

/// Rows that are read at a time. Between two pages nothing is held open, so that the owner can shorten its log.
const PAGE: u32 = 500;

/// A journal to look at.
#[derive(Debug)]
pub struct Reader {
    handle: Handle,
    /// None once a forked child has dropped it.
    connection: Option<Connection>,
}

impl Reader {
    /// Opens the journal at `path`. Nothing is written to it, and whoever has it is not disturbed.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        if !path.exists() {
            return Err(JournalError::Missing { path: path.to_owned() });
        }
        let handle = Handle::new(schema::resolve(path)?)?;
        let connection = Some(schema::open_to_read(handle.path())?);
        Ok(Self { handle, connection })
    }

    /// All rows in the order of their intents, in constant memory. A row that is written meanwhile may be in it or not.
    pub fn entries(self) -> Entries {
        Entries { reader: self, run: None, last: false, after: RowId(0), page: VecDeque::new(), ended: false }
    }

    /// The same for those after the row `after`.
    pub fn entries_after(self, after: RowId) -> Entries {
        Entries { after, ..self.entries() }
    }

    /// The same for the rows of one run.
    pub fn entries_of(self, run: RunId) -> Entries {
        Entries { run: Some(run), ..self.entries() }
    }

    /// The last row of each conversation in a run: what became of it.
    pub fn last_entries_of(self, run: RunId) -> Entries {
        Entries { last: true, ..self.entries_of(run) }
    }

    /// All runs, oldest first.
    pub fn runs(&self) -> Result<Vec<Run>, JournalError> {
        self.tables()?.runs().map_err(|error| of_sqlite(self.handle.path(), &error))
    }

    /// What is still to be settled; see [`Journal::pending`](super::Journal::pending).
    pub fn pending(&self) -> Result<Vec<Entry>, JournalError> {
        self.tables()?.pending().map_err(|error| of_sqlite(self.handle.path(), &error))
    }

    /// At most a page of rows after `after`.
    fn page(&self, run: Option<RunId>, last: bool, after: RowId) -> Result<Vec<Entry>, JournalError> {
        let tables = self.tables()?;
        let page = match run {
            Some(run) if last => tables.page_of_last(run, after, PAGE),
            Some(run) => tables.page_of(run, after, PAGE),
            None => tables.page(after, PAGE),
        };
        page.map_err(|error| of_sqlite(self.handle.path(), &error))
    }

    fn tables(&self) -> Result<Tables<'_>, JournalError> {
        self.handle.check()?;
        match &self.connection {
            Some(connection) => Ok(Tables(connection)),
            None => Err(JournalError::Forked { path: self.handle.path().to_owned() }),
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if !self.handle.is_ours() {
            mem::forget(self.connection.take());
        }
    }
}

/// The rows of a journal.
#[derive(Debug)]
pub struct Entries {
    reader: Reader,
    run: Option<RunId>,
    last: bool,
    after: RowId,
    page: VecDeque<Entry>,
    ended: bool,
}

impl Iterator for Entries {
    type Item = Result<Entry, JournalError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.page.is_empty() && !self.ended {
            let after = self.after;
            match self.reader.page(self.run, self.last, after) {
                Ok(page) => {
                    self.ended = page.len() < PAGE as usize;
                    self.after = page.last().map_or(after, |last| last.id);
                    self.page = page.into();
                }
                Err(error) => {
                    self.ended = true;
                    return Some(Err(error));
                }
            }
        }
        self.page.pop_front().map(Ok)
    }
}
