//! Deterministic simulation: client, journal and server in one thread, under one schedule that a seed fixes.
//!
//! Everything that can differ between two runs is drawn from the seed: who is polled next, how long each request and
//! each answer travels, what is lost, what other people do, who is interrupted, dropped or killed, and at which await.
//! What is said and done is then held against the simulator's truth, by the rules in `judge`.
//!
//! One seed again, with its story:    `GCREC_SEED=123 cargo test ... dst::replay -- --ignored --nocapture`
//! A million of them:                 `GCREC_SEEDS=1000000 cargo test ... dst::many -- --ignored --nocapture`

use std::fmt::Write;

mod draw;
mod executor;
mod fate;
mod judge;
mod ledger;
mod network;
mod plan;
mod process;
mod runner;
mod scenarios;
mod timeline;
mod world;

use plan::Plan;
use runner::{Found, Scratch, check, number};

const SEEDS_OF_A_SCENARIO: u64 = 100;
/// How many seeds the normal run of the tests takes.
const SEEDS: u64 = 3_000;

#[test]
fn seeds_keep_the_rules() {
    Found::sweep(0..SEEDS, &Plan::of).assert_none();
}

#[test]
fn the_scenarios_of_the_model_keep_the_rules() {
    let all = scenarios::all();
    assert_eq!(all.len(), 53);
    let mut failures = String::new();
    for (place, scenario) in all.iter().enumerate() {
        let broken = Found::sweep(0..SEEDS_OF_A_SCENARIO, &|seed| scenario.plan(seed)).words();
        if !broken.is_empty() {
            let _ = write!(failures, "\nscenario {place}, {}: {broken}", scenario.name());
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

#[test]
fn a_seed_fixes_its_run() {
    let scratch = Scratch::new();
    for seed in 0..50 {
        let plan = Plan::of(seed);
        let [first, second] = [(), ()].map(|()| scratch.run(&plan).ledger.lock().story.clone());
        assert_eq!(first, second, "seed {seed}");
    }
}

#[test]
#[ignore = "as many seeds as GCREC_SEEDS says"]
fn many() {
    let (from, count) = (number("GCREC_FROM").unwrap_or(0), number("GCREC_SEEDS").unwrap_or(100_000));
    Found::sweep_on_all_cores(&(from..from + count), &Plan::of).assert_none();
}

#[test]
#[ignore = "the one seed that GCREC_SEED names, of the scenario that GCREC_SCENARIO numbers if it does"]
fn replay() {
    let seed = number("GCREC_SEED").unwrap_or(0);
    let plan = match number("GCREC_SCENARIO") {
        Some(place) => scenarios::all()[usize::try_from(place).unwrap()].plan(seed),
        None => Plan::of(seed),
    };
    check(&plan, &Scratch::new(), true);
}
