//! The journals of this process: a path is one journal, however many clients name it.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use pyo3::prelude::*;

use super::engine::{Engine, Inside, lock};
use super::errors::raised;
use super::sim_time::SimTime;
use super::values::{PyJournalEntry, PyJournalRun};
use crate::api::{journal_fault, take_over};
use crate::error::Sent;
use crate::journal::{Journal, JournalError, Reader, RowId, WeakJournal};

/// Those that are open, each by the path that it was asked for by.
#[derive(Default)]
pub(super) struct Journals(Mutex<Vec<(PathBuf, WeakJournal)>>);

impl Journals {
    /// In a forked child: lets go of its copies of their locks, which would else outlive the parent.
    pub(super) fn forget_in_child(&self) {
        // One that is being opened in this very moment is not in the list yet.
        let Ok(open) = self.0.try_lock() else { return };
        for journal in open.iter().filter_map(|(_, journal)| journal.upgrade()) {
            journal.forget_in_child();
            std::mem::forget(journal); // its writer is a thread of the parent's
        }
    }

    /// The journal at `path`, opened if it is not yet. What others left behind in it is open from then on.
    fn open(&self, path: &Path, world: Option<&SimTime>) -> Result<(Journal, bool), JournalError> {
        let wanted = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let mut open = lock(&self.0);
        open.retain(|(_, journal)| journal.upgrade().is_some());
        let same = |(asked, journal): &(PathBuf, WeakJournal)| {
            journal.upgrade().filter(|journal| *asked == wanted || journal.path() == wanted)
        };
        if let Some(journal) = open.iter().find_map(same) {
            return Ok((journal, false));
        }
        let journal = match world {
            None => Journal::open(&wanted)?,
            // There nothing may go on that the clock does not know of, such as a thread that writes.
            Some(world) => Journal::open_inline(&wanted, world.shared_clock())?,
        };
        open.push((wanted, journal.downgrade()));
        Ok((journal, true))
    }
}

/// The journal at `path`, for a client.
pub(super) fn open(py: Python<'_>, path: &Path, world: Option<&SimTime>) -> PyResult<Journal> {
    let inside = Inside::enter()?;
    let engine = Engine::entered(py, &inside)?;
    let opened = py.detach(|| engine.journals.open(path, world));
    let (journal, new) = opened.map_err(|error| raised(py, &journal_fault(&error, Sent::No)))?;
    if new {
        let conversations = world.map_or(&engine.conversations, |world| &world.conversations).clone();
        let taken = journal.clone();
        let taken = engine.wait(py, async move { take_over(&taken, &conversations).await })?;
        taken.map_err(|error| raised(py, &error))?;
    }
    Ok(journal)
}

/// A journal for Python: it reads, also while this or another process writes.
#[pyclass(frozen, module = "gcrec._gcrec")]
pub(super) struct JournalHandle(PathBuf);

impl JournalHandle {
    fn read<T: Send>(
        &self,
        py: Python<'_>,
        read: impl FnOnce(Reader) -> Result<T, JournalError> + Send,
    ) -> PyResult<T> {
        let outcome = py.detach(|| read(Reader::open(&self.0)?));
        outcome.map_err(|error| raised(py, &journal_fault(&error, Sent::No)))
    }
}

#[pymethods]
impl JournalHandle {
    #[new]
    fn new(path: PathBuf) -> Self {
        Self(path)
    }

    fn path(&self) -> &Path {
        &self.0
    }

    /// All rows, oldest first, a batch at a time: those after the row `after`.
    fn entries(&self, py: Python<'_>, after: i64, most: usize) -> PyResult<Vec<PyJournalEntry>> {
        let entries =
            self.read(py, |reader| reader.entries_after(RowId::of(after)).take(most).collect::<Result<Vec<_>, _>>())?;
        Ok(entries.into_iter().map(|entry| PyJournalEntry(entry.into())).collect())
    }

    /// What is still to be settled, oldest first.
    fn pending(&self, py: Python<'_>) -> PyResult<Vec<PyJournalEntry>> {
        Ok(self.read(py, |reader| reader.pending())?.into_iter().map(|entry| PyJournalEntry(entry.into())).collect())
    }

    /// The runs, oldest first.
    fn runs(&self, py: Python<'_>) -> PyResult<Vec<PyJournalRun>> {
        Ok(self.read(py, |reader| reader.runs())?.into_iter().map(|run| PyJournalRun(run.into())).collect())
    }
}
