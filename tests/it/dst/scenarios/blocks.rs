//! One pause block of one process.

use super::super::judge::Rule;
use super::super::plan::{Act, Order};
use super::{HOLD, PAUSE, RESUME, STOP, Scenario, block};

/// What people do to a call.
const PEOPLE: [Act; 6] = [PAUSE, RESUME, Act::Transfer, Act::End, HOLD[0], STOP];
const THREE: [Act; 3] = [PAUSE, RESUME, Act::Transfer];

/// A second block after the first, with the settings that the model has for that.
fn two(name: &'static str) -> Scenario {
    let mut two = Scenario { l: 4.0, s: 5.0, t: 8.0, rt: 12.0, b: 1.0, ..Scenario::block(name) };
    two.processes[0].push(block());
    two
}

pub(super) fn all() -> Vec<Scenario> {
    [alone(), beyond(), rows()].concat()
}

/// Faults, interrupts and hands, one by one.
fn alone() -> Vec<Scenario> {
    let of = Scenario::block;
    vec![
        of("block alone, no faults"),
        Scenario { faults: 2, ..of("block, 2 faults") },
        Scenario { faults: 2, order: Order::Sent, ..of("block, 2 faults, in order") },
        Scenario { faults: 2, order: Order::Any, ..of("block, 2 faults, any order") },
        Scenario { t: 1.0, order: Order::Sent, ..of("block, slow entry") },
        Scenario { interrupts: 2, faults: 1, ..of("block, interrupts") },
        Scenario { conflicts: true, faults: 1, hands: 1, ..of("block, 409, fault") },
        Scenario { hands: 1, acts: &PEOPLE, ..of("block, one hand") },
        Scenario { hands: 2, acts: &THREE, ..of("block, two hands") },
        Scenario { hands: 1, faults: 1, acts: &PEOPLE, ..of("block, hand and fault") },
        Scenario { hands: 1, conflicts: true, acts: &[PAUSE], ..of("block, 409 and a hand") },
        Scenario { hands: 2, acts: &THREE, late: &[0], ..of("block, found paused") },
        Scenario {
            hands: 3,
            acts: &[HOLD[0], HOLD[1], PAUSE],
            no_secure_pause: true,
            faults: 1,
            late: &[0],
            ..of("block, no securePause, hold")
        },
        Scenario {
            hands: 3,
            acts: &[HOLD[0], HOLD[1], RESUME],
            faults: 1,
            late: &[0],
            ..of("block, securePause, hold")
        },
    ]
}

/// What is beyond the limits that the documentation admits.
fn beyond() -> Vec<Scenario> {
    let of = Scenario::block;
    vec![
        // Reads older than the one before them: a false proof, and what follows from it.
        Scenario {
            stale: 2.0,
            faults: 1,
            excused: &[
                Rule::ProofIsTrue,
                Rule::NotBrokenByUs,
                Rule::PauseIsLifted,
                Rule::BodyIsPaused,
                Rule::ProofStands,
            ],
            ..of("block, stale reads")
        },
        Scenario {
            stale: 2.0,
            hands: 2,
            late: &[0],
            excused: &[Rule::ProofIsTrue, Rule::NotBrokenByUs, Rule::ForeignPauseStays, Rule::PauseIsLifted],
            ..of("block, stale reads, late A, hand")
        },
        // A command that lands later than settle can pause a call after we proved the contrary.
        Scenario {
            l: 9.0,
            faults: 1,
            excused: &[Rule::PauseIsLifted, Rule::ProofStands],
            ..of("block, answer later than settle")
        },
        Scenario {
            k: 3.0,
            l: 3.0,
            s: 1.0,
            faults: 1,
            order: Order::Sent,
            excused: &[Rule::PauseIsLifted, Rule::ProofStands],
            ..of("block, settle below propagation")
        },
    ]
}

/// Two in a row, and much at once.
fn rows() -> Vec<Scenario> {
    let of = Scenario::block;
    vec![
        Scenario { faults: 2, ..two("two blocks in a row, 2 faults") },
        // A resume that lifted nothing, since its pause had been lost, overtaken by the next block's pause: answered commands
        // are assumed to act in the order of their answers.
        Scenario {
            faults: 2,
            order: Order::Any,
            excused: &[Rule::BodyIsPaused, Rule::ProofStands, Rule::NotBrokenByUs],
            ..two("two blocks in a row, any order")
        },
        Scenario { faults: 1, interrupts: 2, ..two("two blocks in a row, interrupts") },
        Scenario {
            k: 3.0,
            l: 4.0,
            s: 5.0,
            t: 4.0,
            b: 3.0,
            rt: 14.0,
            faults: 2,
            interrupts: 2,
            hands: 1,
            acts: &[RESUME, Act::Transfer, Act::End],
            ..of("block, larger")
        },
        Scenario {
            faults: 3,
            interrupts: 2,
            l: 5.0,
            s: 6.0,
            rt: 16.0,
            t: 4.0,
            b: 3.0,
            ..of("block, 3 faults, 2 interrupts")
        },
        Scenario {
            order: Order::Any,
            faults: 2,
            interrupts: 2,
            l: 4.0,
            s: 5.0,
            rt: 12.0,
            ..of("block, 2 faults 2 interr. any order")
        },
        Scenario { order: Order::Any, hands: 1, ..of("block, hand, any order") },
        // It lands after the first block was proven lifted, into the second: later than settle.
        Scenario {
            faults: 1,
            l: 12.0,
            s: 4.0,
            b: 3.0,
            kinds: &super::LOST,
            excused: &[Rule::BodyIsPaused, Rule::NotBrokenByUs, Rule::PauseIsLifted, Rule::ProofStands],
            ..two("two blocks, later than settle")
        },
    ]
}
