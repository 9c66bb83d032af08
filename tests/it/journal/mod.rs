//! The journal, on real files and with real processes.

mod damage;
mod processes;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::join_all;
use gcrec::clock::ManualClock;
use gcrec::journal::word::{Action, Operation, Outcome, Target};
use gcrec::journal::{Entry, Intent, Journal, JournalError, Reader, RunKind};

/// A folder that goes with the test that made it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("gcrec-journal-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self(folder.canonicalize().unwrap())
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.join(file)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn open_inline(path: &Path) -> Result<Journal, JournalError> {
    Journal::open_inline(path, Arc::new(ManualClock::new(0)))
}

fn stop(conversation: &str) -> Intent {
    Intent { action: Some(Action::Stop), ..Intent::new("me", Operation::Stop, conversation) }
}

fn entries(path: &Path) -> Vec<Entry> {
    Reader::open(path).unwrap().entries().map(Result::unwrap).collect()
}

#[test]
fn what_is_written_is_there_for_the_next_process() {
    let folder = Folder::new("next");
    let path = folder.path("a.db");
    let journal = Journal::open(&path).unwrap();
    let run = block_on(journal.begin_run(RunKind::Ensure(Target::Stopped))).unwrap().id;
    let row = block_on(journal.intend(Intent { run: Some(run), ..stop("c1") })).unwrap();
    let settled = block_on(journal.intend(stop("c2"))).unwrap();
    block_on(journal.settle(settled, Outcome::Ended.into())).unwrap();
    let first = journal.process();
    drop(journal);

    let journal = Journal::open(&path).unwrap();
    let pending: Vec<_> = block_on(journal.pending()).unwrap();
    assert_eq!(pending.iter().map(|entry| entry.id).collect::<Vec<_>>(), [row]);
    assert_eq!((pending[0].intent_at.process, journal.process() == first), (first, false));
    assert_eq!(pending[0].pid, std::process::id());
    assert_eq!(block_on(journal.unfinished_run()).unwrap().map(|run| run.id), Some(run));
    let items = block_on(journal.items(run, &["c9", "c1"])).unwrap();
    assert_eq!(items.into_iter().map(|item| item.map(|entry| entry.id)).collect::<Vec<_>>(), [None, Some(row)]);
}

#[test]
fn a_future_that_is_dropped_unpolled_writes_nothing_and_one_polled_is_written() {
    let folder = Folder::new("dropped");
    let path = folder.path("a.db");
    let journal = Journal::open(&path).unwrap();
    drop(journal.intend(stop("unpolled")));
    // Polled once and dropped, whether or not it was done by then.
    let _ = journal.intend(stop("polled")).now_or_never();
    drop(journal);
    assert_eq!(entries(&path).into_iter().map(|entry| entry.conversation_id).collect::<Vec<_>>(), ["polled"]);
}

#[test]
fn a_reader_reads_while_the_owner_writes() {
    let folder = Folder::new("reader");
    let path = folder.path("a.db");
    let journal = Journal::open(&path).unwrap();
    block_on(join_all((0..1_200).map(|n| journal.intend(stop(&n.to_string())))));
    let mut reading = Reader::open(&path).unwrap().entries();
    assert!(reading.by_ref().take(600).all(|entry| entry.is_ok()));
    let run = block_on(journal.begin_run(RunKind::Control(Action::Stop))).unwrap();
    let last = block_on(journal.intend(Intent { run: Some(run.id), ..stop("last") })).unwrap();
    assert_eq!(reading.map(Result::unwrap).last().map(|entry| entry.id), Some(last));
    let reader = Reader::open(&path).unwrap();
    assert_eq!(reader.runs().unwrap(), std::slice::from_ref(&run));
    assert_eq!(reader.pending().unwrap().len(), 1_201);
    assert_eq!(reader.entries_of(run.id).map(|entry| entry.unwrap().id).collect::<Vec<_>>(), [last]);
}

#[test]
fn nobody_else_may_read_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new("mode");
    let path = folder.path("a.db");
    fs::write(&path, "").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    let journal = open_inline(&path).unwrap();
    block_on(journal.intend(stop("c1"))).unwrap();
    let mode = |file: &str| fs::metadata(folder.path(file)).unwrap().permissions().mode() & 0o777;
    for file in ["a.db", "a.db-wal", "a.db-shm", "a.db.lock"] {
        assert_eq!(mode(file), 0o600, "{file}");
    }
    drop(journal);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let _journal = open_inline(&path).unwrap();
    assert_eq!(mode("a.db"), 0o600);
}

#[test]
fn one_file_has_one_lock_by_whatever_name() {
    let folder = Folder::new("names");
    let path = folder.path("a.db");
    let _journal = open_inline(&path).unwrap();
    std::os::unix::fs::symlink(&path, folder.path("link.db")).unwrap();
    for name in ["a.db", "link.db", "../NAME/a.db"] {
        let name = name.replace("NAME", &folder.0.file_name().unwrap().to_string_lossy());
        let held = JournalError::Held { path: path.clone(), pid: Some(std::process::id()) };
        assert_eq!(open_inline(&folder.path(&name)).unwrap_err(), held, "{name}");
    }
}

#[test]
fn time_is_the_callers() {
    let folder = Folder::new("time");
    let path = folder.path("a.db");
    let clock = Arc::new(ManualClock::new(0));
    let journal = Journal::open_inline(&path, clock.clone()).unwrap();
    let row = block_on(journal.intend(stop("c1"))).unwrap();
    clock.advance(std::time::Duration::from_millis(1_500));
    block_on(journal.settle(row, Outcome::Proven.into())).unwrap();
    let [entry] = entries(&path).try_into().unwrap();
    assert_eq!(entry.intent_at.utc(), "2026-01-01T00:00:00.000Z");
    let outcome_at = entry.outcome_at.unwrap();
    assert_eq!(outcome_at.utc(), "2026-01-01T00:00:01.500Z");
    assert_eq!(outcome_at.since(&entry.intent_at), Some(std::time::Duration::from_millis(1_500)));
}
