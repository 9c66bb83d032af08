//! The journal and the processes that have it: who holds it, and what is left when one is killed.

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader, Lines, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use futures_util::future::join_all;
use gcrec::clock::{Clock, SystemClock};
use gcrec::journal::word::Outcome;
use gcrec::journal::{Entry, Journal, JournalError, RowId};

use super::{Folder, block_on, entries, open_inline, stop};

/// Another process, which does what [`helper`] is told on its stdin.
struct Helper {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Helper {
    fn new(order: &str, path: &Path) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "journal::processes::helper", "--ignored", "--nocapture"])
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

/// `cargo test --release pairs_a_second -- --ignored --nocapture`
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
