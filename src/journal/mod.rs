//! The durable record of intents and outcomes. The only room that names `SQLite`.
//!
//! An intent is durable before its command leaves, its outcome after the answer. So a process that dies at any moment
//! leaves behind, for each command that may have arrived, a row that says so.
//!
//! - **Durable** means: in `SQLite`'s log, synced (`synchronous=FULL`), when the future resolves. Writes are grouped.
//! - **A future does nothing until it is polled.** Dropped afterwards, its write still happens: an intent without outcome
//!   is found by [`Journal::pending`] and settled later.
//! - **A write that failed** left nothing; only after a crash of the machine may it be found nevertheless. One that was
//!   acknowledged is never missing.
//! - **A process has it alone**, by a lock of the operating system. A forked child has none.

mod entry;
mod error;
mod handle;
mod lock;
mod reader;
mod rows;
mod schema;
#[cfg(test)]
mod scratch;
mod stamp;
mod store;
mod tables;
mod task;
pub mod word;
mod writer;

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Weak};

pub use entry::{Change, Entry, Intent, RowId, Run, RunId, RunKind};
pub use error::JournalError;
pub use reader::{Entries, Reader};
pub use stamp::{ProcessId, Stamp};

use crate::clock::{SharedClock, SystemClock};
use crate::model::moment::utc;
use handle::Handle;
use lock::Lock;
use store::Store;
use tables::{Fault, Tables};
use writer::Writer;

/// The journal of this process. Clones are the same journal; dropping the last one writes what is queued, which may
/// take a moment, and gives the file free.
#[derive(Clone)]
pub struct Journal(Arc<Owned>);

/// A [`Journal`] that somebody else keeps open, or not any more.
#[derive(Clone)]
pub struct WeakJournal(Weak<Owned>);

impl WeakJournal {
    /// The journal, if it is open yet.
    pub fn upgrade(&self) -> Option<Journal> {
        self.0.upgrade().map(Journal)
    }
}

struct Owned {
    handle: Handle,
    process: ProcessId,
    clock: SharedClock,
    writer: Writer,
    lock: Arc<Lock>,
}

impl Journal {
    /// Takes the journal at `path` for the life of this process, and makes the file if there is none. A thread writes.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        Self::take(path, Arc::new(SystemClock::new()), Writer::thread)
    }

    /// The same without a thread: whoever awaits writes, each write a transaction. For deterministic simulation (the
    /// clock is the caller's) and small tools.
    pub fn open_inline(path: &Path, clock: SharedClock) -> Result<Self, JournalError> {
        Self::take(path, clock, |store, _| Ok(Writer::inline(store)))
    }

    fn take(
        path: &Path,
        clock: SharedClock,
        writer: impl FnOnce(Store, Arc<Lock>) -> Result<Writer, JournalError>,
    ) -> Result<Self, JournalError> {
        let handle = Handle::new(schema::resolve(path)?)?;
        let lock = Arc::new(Lock::take(handle.path())?);
        let mut store = Store::open(handle.path())?;
        let process = store.enter_process(&utc(clock.wall()))?;
        let writer = writer(store, Arc::clone(&lock))?;
        Ok(Self(Arc::new(Owned { handle, process, clock, writer, lock })))
    }

    /// A way back to it that does not keep it open.
    pub fn downgrade(&self) -> WeakJournal {
        WeakJournal(Arc::downgrade(&self.0))
    }

    /// Where it is, with all links resolved.
    pub fn path(&self) -> &Path {
        self.0.handle.path()
    }

    /// Writes an intent. Send the command when this has resolved with a row, and not otherwise.
    pub fn intend(&self, intent: Intent) -> impl Future<Output = Result<RowId, JournalError>> + Send + 'static {
        self.ask(move |tables, stamp| tables.add(&intent, &stamp))
    }

    /// Writes what is now known of a row.
    pub fn settle(
        &self,
        row: RowId,
        change: Change,
    ) -> impl Future<Output = Result<(), JournalError>> + Send + 'static {
        self.ask(move |tables, stamp| tables.change(row, &change, &stamp))
    }

    /// Closes a block: its own row as `change` says, and with the same outcome what of its commands is still open.
    pub fn close_block(
        &self,
        block: RowId,
        change: Change,
    ) -> impl Future<Output = Result<(), JournalError>> + Send + 'static {
        self.ask(move |tables, stamp| tables.close_block(block, &change, &stamp))
    }

    /// Goes on with the unfinished run of that kind, or begins one. An unfinished run of another kind is an error. Two that
    /// begin the same kind at once get the same run: the journal cannot tell a run under way from one that was given up.
    pub fn begin_run(&self, kind: RunKind) -> impl Future<Output = Result<Run, JournalError>> + Send + 'static {
        self.ask(move |tables, stamp| tables.begin(kind, &stamp))
    }

    /// Closes a run.
    pub fn finish_run(&self, run: RunId) -> impl Future<Output = Result<(), JournalError>> + Send + 'static {
        self.ask(move |tables, stamp| tables.finish(run, &stamp))
    }

    /// The run that was begun and not finished, if any.
    pub fn unfinished_run(&self) -> impl Future<Output = Result<Option<Run>, JournalError>> + Send + 'static {
        self.ask(|tables, _| Ok(tables.unfinished()?))
    }

    /// The last row of a conversation in a run.
    pub fn item(
        &self,
        run: RunId,
        conversation_id: &str,
    ) -> impl Future<Output = Result<Option<Entry>, JournalError>> + Send + 'static {
        let conversation_id = conversation_id.to_owned();
        self.ask(move |tables, _| Ok(tables.item(run, &conversation_id)?))
    }

    /// The same for many, in their order.
    pub fn items(
        &self,
        run: RunId,
        conversation_ids: &[&str],
    ) -> impl Future<Output = Result<Vec<Option<Entry>>, JournalError>> + Send + 'static {
        let ids: Vec<String> = conversation_ids.iter().map(|&id| id.to_owned()).collect();
        self.ask(move |tables, _| Ok(ids.iter().map(|id| tables.item(run, id)).collect::<Result<_, _>>()?))
    }

    /// What is still to be settled, oldest first: rows without outcome or with an outcome that is open
    /// ([`Outcome::is_open`](word::Outcome::is_open)), blocks that are not closed, and the pauses of those.
    pub fn pending(&self) -> impl Future<Output = Result<Vec<Entry>, JournalError>> + Send + 'static {
        self.ask(|tables, _| Ok(tables.pending()?))
    }

    /// The same for one conversation.
    pub fn pending_of(
        &self,
        conversation_id: &str,
    ) -> impl Future<Output = Result<Vec<Entry>, JournalError>> + Send + 'static {
        let conversation_id = conversation_id.to_owned();
        self.ask(move |tables, _| Ok(tables.pending_of(&conversation_id)?))
    }

    /// The opening of the file that this is. Rows with another one are of other processes, or of an earlier opening.
    pub fn process(&self) -> ProcessId {
        self.0.process
    }

    /// False in a forked child, where every method fails with [`JournalError::Forked`].
    pub fn belongs_to_this_process(&self) -> bool {
        self.0.handle.is_ours()
    }

    /// For a forked child: lets go of its copy of the lock, which would else outlive the parent. The parent's lock and
    /// file are not touched. Does nothing in the owner.
    pub fn forget_in_child(&self) {
        self.0.lock.forget_in_child();
    }

    /// Has `work` done in the next transaction; its time is that of the first poll.
    fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tables<'_>, Stamp) -> Result<T, Fault> + Send + 'static,
    ) -> impl Future<Output = Result<T, JournalError>> + Send + 'static {
        let journal = self.clone();
        async move {
            let owned = &journal.0;
            owned.handle.check()?;
            let stamp = Stamp::now(&*owned.clock, owned.process);
            let (task, answer) = task::task(move |tables| work(tables, stamp));
            owned.writer.enter(task);
            answer.await.unwrap_or_else(|_| {
                let detail = "its writer has ended".to_owned();
                Err(JournalError::Io { path: owned.handle.path().to_owned(), detail })
            })
        }
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Journal").field(&self.path()).finish()
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        if self.handle.is_ours() {
            self.writer.close();
        } else {
            self.writer.forget();
            self.lock.forget_in_child();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use scratch::Scratch;
    use word::{Operation, Outcome, Target};

    fn as_if_forked(journal: &mut Journal) {
        Arc::get_mut(&mut journal.0).unwrap().handle.as_if_forked();
    }

    fn open_inline(path: &Path) -> Result<Journal, JournalError> {
        Journal::open_inline(path, Arc::new(SystemClock::new()))
    }

    #[test]
    fn a_forked_child_gets_one_error_for_everything() {
        let scratch = Scratch::new("forked");
        let path = scratch.path("a.db");
        let mut journal = open_inline(&path).unwrap();
        let reader = Reader::open(&path).unwrap();
        as_if_forked(&mut journal);
        let forked = || JournalError::Forked { path: path.clone() };
        let run = RunId(1);
        assert!(!journal.belongs_to_this_process());
        let intent = Intent::new("me", Operation::Stop, "c1");
        assert_eq!(journal.intend(intent).now_or_never().unwrap().unwrap_err(), forked());
        assert_eq!(journal.settle(RowId(1), Outcome::Proven.into()).now_or_never().unwrap().unwrap_err(), forked());
        let begun = journal.begin_run(RunKind::Ensure(Target::Stopped));
        assert_eq!(begun.now_or_never().unwrap().unwrap_err(), forked());
        assert_eq!(journal.finish_run(run).now_or_never().unwrap().unwrap_err(), forked());
        assert_eq!(journal.unfinished_run().now_or_never().unwrap().unwrap_err(), forked());
        assert_eq!(journal.item(run, "c1").now_or_never().unwrap().unwrap_err(), forked());
        assert_eq!(journal.items(run, &["c1"]).now_or_never().unwrap().unwrap_err(), forked());
        assert_eq!(journal.pending().now_or_never().unwrap().unwrap_err(), forked());
        assert_eq!(journal.pending_of("c1").now_or_never().unwrap().unwrap_err(), forked());
        // What SQLite remembers of the parent's file is no good here: not for reading, nor for a journal of one's own.
        drop(reader);
        assert_eq!(Reader::open(&path).unwrap_err(), forked());
        assert_eq!(open_inline(&path).unwrap_err(), forked());
        open_inline(&scratch.path("own.db")).unwrap();
    }

    #[test]
    fn a_forked_child_drops_its_copy_and_touches_nothing() {
        let scratch = Scratch::new("dropped");
        for (file, open) in [("a.db", open_inline as fn(&Path) -> _), ("b.db", Journal::open)] {
            let path = scratch.path(file);
            let mut journal = open(&path).unwrap();
            as_if_forked(&mut journal);
            let log = std::fs::read(scratch.path(&format!("{file}-wal"))).unwrap();
            drop(journal);
            assert_eq!(std::fs::read(scratch.path(&format!("{file}-wal"))).unwrap(), log, "it was checkpointed");
        }
    }
}
