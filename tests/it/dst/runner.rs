//! Many runs, and one in full.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::judge::{Broken, Rule, judge};
use super::plan::Plan;
use super::world;

/// Seeds that are told for each rule.
const SHOWN: usize = 5;

/// A folder for the journals of one run at a time, in memory where there is such a place: they are synced for every row.
pub(super) struct Scratch {
    folder: PathBuf,
    runs: Cell<u32>,
    run: PathBuf,
}

impl Scratch {
    pub(super) fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let memory = Path::new("/dev/shm");
        let place = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        let own = format!("gcrec-dst-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = place.join(own);
        let run = folder.join("run");
        fs::create_dir_all(&folder).unwrap();
        Self { folder, runs: Cell::new(0), run }
    }

    /// The folder, emptied.
    pub(super) fn fresh(&self) -> &Path {
        let _ = fs::remove_dir_all(&self.run);
        fs::create_dir(&self.run).unwrap();
        self.runs.set(self.runs.get() + 1);
        &self.run
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Runs a plan and judges it. With `tell` its story is printed.
pub(super) fn check(plan: &Plan, scratch: &Scratch, tell: bool) -> Vec<Broken> {
    let past = world::run(plan, scratch.fresh());
    let broken = judge(&past);
    if tell {
        say(&format!("{plan:?}"));
        past.ledger.lock().story.iter().for_each(|line| say(line));
        for row in &past.rows {
            let (action, outcome) = (row.action.map(|it| it.word()), row.outcome.map(|it| it.word()));
            let phase = row.phase.map(|it| it.word());
            let (id, who, operation) = (row.id, &row.client_id, row.operation);
            say(&format!("row {id} of {who}: {operation}, action {action:?}, outcome {outcome:?}, phase {phase:?}"));
        }
        broken.iter().for_each(|broken| say(&format!("BROKEN {broken}")));
        assert!(broken.is_empty(), "seed {} breaks {} rules", plan.seed, broken.len());
    }
    broken
}

/// Runs all these seeds, and fails with what they break.
pub(super) fn sweep(seeds: Range<u64>, plan: &dyn Fn(u64) -> Plan) {
    let words = broken_in(seeds, plan);
    assert!(words.is_empty(), "{words}");
}

/// What these seeds break, in words.
pub(super) fn broken_in(seeds: Range<u64>, plan: &dyn Fn(u64) -> Plan) -> String {
    let scratch = Scratch::new();
    let mut found: BTreeMap<Rule, (usize, Vec<String>)> = BTreeMap::new();
    for seed in seeds {
        let outcome = catch_unwind(AssertUnwindSafe(|| check(&plan(seed), &scratch, false)));
        let broken = outcome.unwrap_or_else(|panic| {
            say(&format!("seed {seed} panics"));
            std::panic::resume_unwind(panic)
        });
        let mut rules: Vec<Rule> = Vec::new();
        for Broken { rule, how } in broken {
            if !rules.contains(&rule) {
                rules.push(rule);
                let (count, shown) = found.entry(rule).or_default();
                *count += 1;
                if shown.len() < SHOWN {
                    shown.push(format!("seed {seed}: {how}"));
                }
            }
        }
    }
    let words: Vec<_> = found
        .iter()
        .map(|(rule, (count, shown))| format!("{rule:?} in {count} seeds:\n  {}", shown.join("\n  ")))
        .collect();
    words.join("\n")
}

/// A number of the environment.
#[expect(clippy::disallowed_methods, reason = "how many seeds to run is no setting of the crate")]
pub(super) fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Says a line at once, past what the test harness captures.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").unwrap();
}
