//! Many runs, and one in full.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use gcrec::clock::ManualClock;
use gcrec::journal::Journal;
use gcrec::journal::word::{Action, Outcome as OutcomeWord, Phase};

use super::judge::{Broken, Rule, judge};
use super::plan::Plan;
use super::world::{self, Past};

/// Seeds that are told for each rule.
const SHOWN: usize = 5;

/// A folder for the journals of one run at a time, in memory where there is such a place: they are synced for every row.
pub(super) struct Scratch {
    folder: PathBuf,
    run: PathBuf,
    blank: PathBuf,
}

impl Scratch {
    pub(super) fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let memory = Path::new("/dev/shm");
        let place = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        let own = format!("gcrec-dst-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = place.join(own);
        let (run, blank) = (folder.join("run"), folder.join("blank.db"));
        fs::create_dir_all(&folder).unwrap();
        drop(Journal::open_inline(&blank, Arc::new(ManualClock::new(0))).unwrap());
        Self { folder, run, blank }
    }

    /// Runs a plan in an empty folder.
    pub(super) fn run(&self, plan: &Plan) -> Past {
        let _ = fs::remove_dir_all(&self.run);
        fs::create_dir(&self.run).unwrap();
        world::run(plan, &self.run, &self.blank)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Runs a plan and judges it. With `tell` its story is printed.
pub(super) fn check(plan: &Plan, scratch: &Scratch, tell: bool) -> Vec<Broken> {
    let past = scratch.run(plan);
    let broken = judge(&past);
    if tell {
        say(&format!("{plan:?}"));
        for line in &past.ledger.lock().story {
            say(line);
        }
        for row in &past.rows {
            let (action, outcome) = (row.action.map(Action::word), row.outcome.map(OutcomeWord::word));
            let (id, who, operation, phase) = (row.id, &row.client_id, row.operation, row.phase.map(Phase::word));
            say(&format!("row {id} of {who}: {operation}, action {action:?}, outcome {outcome:?}, phase {phase:?}"));
        }
        for broken in &broken {
            say(&format!("BROKEN {broken}"));
        }
        assert!(broken.is_empty(), "seed {} breaks {} rules", plan.seed, broken.len());
    }
    broken
}

/// What many runs broke: for each rule in how many seeds, and some of them.
#[derive(Default)]
pub(super) struct Found(BTreeMap<Rule, (usize, Vec<String>)>);

impl Found {
    /// Runs all these seeds.
    pub(super) fn sweep(seeds: Range<u64>, plan: &dyn Fn(u64) -> Plan) -> Self {
        let (scratch, mut found) = (Scratch::new(), Self::default());
        for seed in seeds {
            let outcome = catch_unwind(AssertUnwindSafe(|| check(&plan(seed), &scratch, false)));
            let panicked = |_| vec![Broken { rule: Rule::NoPanic, how: "it panics".into() }];
            found.add(seed, outcome.unwrap_or_else(panicked));
        }
        found
    }

    /// The same by as many threads as there are cores, each with its own worlds.
    pub(super) fn sweep_on_all_cores(seeds: &Range<u64>, plan: &(dyn Fn(u64) -> Plan + Sync)) -> Self {
        let cores = thread::available_parallelism().map_or(1, usize::from) as u64;
        let part = |core: u64| {
            let at = |core: u64| seeds.start + (seeds.end - seeds.start) * core / cores;
            at(core)..at(core + 1)
        };
        let mut all = Self::default();
        thread::scope(|scope| {
            let workers: Vec<_> = (0..cores).map(|core| scope.spawn(move || Self::sweep(part(core), plan))).collect();
            for worker in workers {
                for (rule, (count, shown)) in worker.join().unwrap().0 {
                    let (sum, seeds) = all.0.entry(rule).or_default();
                    *sum += count;
                    seeds.extend(shown);
                }
            }
        });
        all
    }

    fn add(&mut self, seed: u64, broken: Vec<Broken>) {
        let mut rules: Vec<Rule> = Vec::new();
        for Broken { rule, how } in broken {
            if !rules.contains(&rule) {
                rules.push(rule);
                let (count, shown) = self.0.entry(rule).or_default();
                *count += 1;
                if shown.len() < SHOWN {
                    shown.push(format!("seed {seed}: {how}"));
                }
            }
        }
    }

    /// Empty if nothing was broken.
    pub(super) fn words(&self) -> String {
        let of = |(rule, (count, shown)): (&Rule, &(usize, Vec<String>))| {
            format!("{rule:?} in {count} seeds:\n  {}", shown.join("\n  "))
        };
        self.0.iter().map(of).collect::<Vec<_>>().join("\n")
    }

    pub(super) fn assert_none(&self) {
        assert!(self.0.is_empty(), "{}", self.words());
    }
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
