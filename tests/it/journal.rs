//! The journal, on real files and with real processes.

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader, Lines, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::join_all;
use gcrec::clock::{Clock, ManualClock, SystemClock};
use gcrec::journal::word::{Action, Operation, Outcome, Target};
use gcrec::journal::{Entry, Intent, Journal, JournalError, Reader, RowId, RunKind};

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

/// Another process, which does what [`helper`] is told on its stdin.
struct Helper {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Helper {
    fn new(order: &str, path: &Path) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "journal::helper", "--ignored", "--nocapture"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null()) // its harness complains of the pipe when we have heard enough
            .spawn()
            .unwrap();
        writeln!(child.stdin.as_mut().unwrap(), "{order} {}", path.display()).unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// What it says next of that kind; None when it is dead.
    fn next(&mut self, kind: &str) -> Option<String> {
        self.lines.by_ref().find_map(|line| Some(line.unwrap().strip_prefix(kind)?.to_owned()))
    }

    /// kill -9; then what it had said before, of any kind.
    fn kill(mut self) -> Vec<String> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.lines.map(Result::unwrap).collect()
    }
}

/// Says a line at once, past what the test harness captures.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("{line}\n").as_bytes()).unwrap();
    out.flush().unwrap();
}

#[test]
#[ignore = "not a test: the other process of tests in this file"]
fn helper() {
    let mut order = String::new();
    std::io::stdin().read_line(&mut order).unwrap();
    let Some((order, path)) = order.trim_end().split_once(' ') else { return };
    let journal = match Journal::open(Path::new(path)) {
        Ok(journal) => journal,
        Err(error) => return say(&format!("\nerror {error}")),
    };
    say("\nopen");
    if order == "hold" {
        std::io::stdin().read_line(&mut String::new()).unwrap();
    } else {
        block_on(join_all((0..32).map(|lane| write_for_ever(journal.clone(), lane))));
    }
}

/// Says of each write when it is durable.
async fn write_for_ever(journal: Journal, lane: u32) {
    for number in 0_u64.. {
        let row = journal.intend(stop(&format!("{lane}-{number}"))).await.unwrap();
        say(&format!("intended {row}"));
        journal.settle(row, Outcome::Proven.into()).await.unwrap();
        say(&format!("settled {row}"));
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

/// A journal with so many rows, closed.
fn filled(path: &Path, rows: usize) {
    let journal = Journal::open(path).unwrap();
    block_on(join_all((0..rows).map(|n| journal.intend(stop(&n.to_string())))));
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
fn a_journal_is_held_by_one_process_until_that_is_dead() {
    let folder = Folder::new("held");
    let path = folder.path("a.db");
    let mut holder = Helper::new("hold", &path);
    holder.next("open").unwrap();
    let pid = Some(holder.child.id());
    assert_eq!(Journal::open(&path).unwrap_err(), JournalError::Held { path: path.clone(), pid });
    holder.kill();
    let journal = Journal::open(&path).unwrap();
    let mut second = Helper::new("hold", &path);
    let told = second.next("error ").unwrap();
    second.kill();
    assert!(told.contains(&format!("is held by process {}", std::process::id())), "{told}");
    drop(journal);
    let mut third = Helper::new("hold", &path);
    third.next("open").unwrap();
    third.kill();
}

#[test]
fn kill_9_loses_nothing_that_was_durable() {
    let folder = Folder::new("kill");
    let path = folder.path("a.db");
    let mut durable = Vec::new();
    for moment in [0, 1, 50, 333, 2_000] {
        let mut writer = Helper::new("write", &path);
        for _ in 0..moment {
            let row = writer.next("settled ").unwrap();
            durable.push(format!("settled {row}"));
        }
        durable.extend(writer.kill());
        let journal = Journal::open(&path).unwrap();
        let (all, pending) = (entries(&path), block_on(journal.pending()).unwrap());
        let outcomes: HashMap<_, _> = all.iter().map(|entry| (entry.id.to_string(), entry.outcome)).collect();
        for line in &durable {
            let Some((kind, row)) = line.split_once(' ') else { continue };
            match kind {
                "intended" => assert!(outcomes.contains_key(row), "{line}"),
                "settled" => assert_eq!(outcomes[row], Some(Outcome::Proven), "{line}"),
                _ => {}
            }
        }
        assert_eq!(pending.len(), all.iter().filter(|entry| entry.outcome.is_none()).count());
    }
    assert!(durable.len() > 2_000);
}

#[test]
fn a_log_that_is_cut_off_gives_the_rows_before_the_cut() {
    let folder = Folder::new("cut");
    let path = folder.path("a.db");
    // Few enough that nothing has moved from the log to the file when it dies.
    let mut writer = Helper::new("write", &path);
    for _ in 0..40 {
        writer.next("settled ").unwrap();
    }
    writer.kill();
    let log = fs::read(folder.path("a.db-wal")).unwrap();
    let (whole, copy) = (entries_of_copy(&folder, &log), &mut Vec::<Entry>::new());
    assert!(whole.len() >= 40);
    let mut dice = fastrand::Rng::with_seed(7);
    let mut cuts: Vec<_> = (0..40).map(|_| dice.usize(0..log.len())).collect();
    cuts.sort_unstable();
    for cut in cuts {
        let rows = entries_of_copy(&folder, &log[..cut]);
        assert!(rows.len() >= copy.len() && rows.len() <= whole.len(), "at {cut}");
        for (row, full) in rows.iter().zip(&whole) {
            assert_eq!((row.id, &row.conversation_id), (full.id, &full.conversation_id), "at {cut}");
            assert!(row.outcome.is_none() || row.outcome == full.outcome, "at {cut}");
        }
        *copy = rows;
    }
}

/// The rows of a copy of the journal with that log, and what its next owner can write.
fn entries_of_copy(folder: &Folder, log: &[u8]) -> Vec<Entry> {
    let copy = folder.path("copy.db");
    fs::copy(folder.path("a.db"), &copy).unwrap();
    fs::write(folder.path("copy.db-wal"), log).unwrap();
    let journal = open_inline(&copy).unwrap();
    let rows = entries(&copy);
    block_on(journal.intend(stop("next"))).unwrap();
    drop(journal);
    assert_eq!(entries(&copy).len(), rows.len() + 1);
    rows
}

#[test]
fn what_is_not_a_journal_is_refused_untouched() {
    let folder = Folder::new("foreign");
    let newer = folder.path("newer.db");
    filled(&newer, 1);
    // The header of a file: its user version is at offset 60.
    let mut bytes = fs::read(&newer).unwrap();
    bytes[60..64].copy_from_slice(&7_u32.to_be_bytes());
    let mut other = bytes.clone();
    other[68..72].copy_from_slice(&[0; 4]);
    let mut damaged = bytes.clone();
    damaged[..16].fill(b'x');
    let text = b"conversation,action\n".to_vec();
    for (file, content) in [("newer.db", bytes), ("other.db", other), ("damaged.db", damaged), ("ids.csv", text)] {
        let path = folder.path(file);
        fs::write(&path, &content).unwrap();
        let expected = match file {
            "newer.db" => JournalError::NewerVersion { path: path.clone(), found: 7, known: 1 },
            _ => JournalError::NotAJournal { path: path.clone() },
        };
        assert_eq!(open_inline(&path).unwrap_err(), expected);
        assert_eq!(Reader::open(&path).unwrap_err(), expected);
        assert_eq!(fs::read(&path).unwrap(), content, "{file} was changed");
    }
    assert_eq!(open_inline(&folder.0).unwrap_err(), JournalError::NotAJournal { path: folder.0.clone() });
    let path = folder.path("none.db");
    assert_eq!(Reader::open(&path).unwrap_err(), JournalError::Missing { path: path.clone() });
    assert!(!path.exists());
}

#[test]
fn damage_is_told_as_such() {
    let folder = Folder::new("damage");
    let path = folder.path("a.db");
    filled(&path, 2_000);
    let mut bytes = fs::read(&path).unwrap();
    bytes[4_096 * 3..].fill(0xA5); // all after the first pages
    fs::write(&path, bytes).unwrap();
    let first_error = Reader::open(&path).unwrap().entries().find_map(Result::err);
    assert!(matches!(first_error, Some(JournalError::Corrupt { .. })), "{first_error:?}");
}

#[test]
fn a_log_without_its_file_is_not_written_over() {
    let folder = Folder::new("orphan");
    let path = folder.path("a.db");
    fs::write(folder.path("a.db-wal"), "rows").unwrap();
    assert!(matches!(open_inline(&path), Err(JournalError::Corrupt { .. })));
    assert!(!path.exists());
    fs::write(folder.path("a.db-wal"), "").unwrap(); // what a reader leaves
    open_inline(&path).unwrap();
}

#[test]
fn what_a_crash_in_the_making_left_is_no_obstacle() {
    let folder = Folder::new("making");
    let path = folder.path("a.db");
    fs::write(folder.path("a.db.making"), "half").unwrap();
    fs::write(folder.path("a.db.making-journal"), "half").unwrap();
    filled(&path, 1);
    let mut left: Vec<_> = fs::read_dir(&folder.0).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["a.db", "a.db.lock"]);
}

#[test]
fn a_place_that_cannot_be_written_is_told_as_such() {
    // Where not even root may make a file.
    let error = Journal::open(Path::new("/sys/journal.db")).unwrap_err();
    assert!(matches!(error, JournalError::ReadOnly { .. }), "{error:?}");
    assert!(matches!(Journal::open(Path::new("/none/journal.db")), Err(JournalError::Io { .. })));
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

/// `cargo test --release journal::pairs_a_second -- --ignored --nocapture`
#[test]
#[ignore = "a measurement"]
fn pairs_a_second() {
    let folder = Folder::new("pairs");
    for lanes in [1, 64, 256] {
        let journal = Journal::open(&folder.path("a.db")).unwrap();
        let (clock, each) = (SystemClock::new(), if lanes == 1 { 200 } else { 20_000 / lanes });
        let lane = |_| async {
            for _ in 0..each {
                let row: RowId = journal.intend(stop("7d7ba5a6-1b3c-4f4f-9b0f-1f5b1a6f0c11")).await.unwrap();
                journal.settle(row, Outcome::Proven.into()).await.unwrap();
            }
        };
        block_on(join_all((0..lanes).map(lane)));
        let pairs = f64::from(lanes * each) / clock.now().as_secs_f64();
        say(&format!("{lanes:4} at a time: {pairs:8.0} pairs of intent and outcome a second"));
    }
}
