//! Two processes on one call, and processes that die.
//!
//! Processes do not know each other, and pauses have no owner in the API (RULES of proof, section 7): that is excused by the
//! judge itself, for which another process is somebody else.

use super::super::judge::Rule;
use super::super::plan::{Act, Order};
use super::{HOLD, LOST, PAUSE, RESUME, Scenario, block};

fn two(name: &'static str) -> Scenario {
    Scenario { processes: vec![vec![block()], vec![block()]], late: &[1], ..Scenario::block(name) }
}

pub(super) fn all() -> Vec<Scenario> {
    let of = Scenario::block;
    vec![
        two("two processes"),
        // `never` plus a second process: the pause that never came is taken for the other's, which was lifted.
        Scenario { faults: 1, excused: &[Rule::PauseIsLifted], ..two("two processes, fault") },
        // Accepted commands that change their order, plus a second pauser.
        Scenario { order: Order::Any, excused: &[Rule::PauseIsLifted], ..two("two processes, any order") },
        Scenario { dead: 1, ..of("recover") },
        Scenario { dead: 1, faults: 1, ..of("recover, fault") },
        Scenario { dead: 1, faults: 1, order: Order::Any, ..of("recover, fault, any order") },
        Scenario { dead: 1, interrupts: 2, ..of("recover, interrupt") },
        Scenario { dead: 1, hands: 2, acts: &[PAUSE, RESUME, Act::Transfer, Act::End, HOLD[0]], ..of("recover, hand") },
        Scenario { dead: 2, faults: 1, ..of("two recovers, one dies") },
        Scenario { dead: 1, b: 1.0, ..two("recover and a living block") },
        Scenario {
            k: 3.0,
            l: 4.0,
            s: 5.0,
            t: 4.0,
            rt: 14.0,
            faults: 2,
            interrupts: 1,
            dead: 2,
            ..of("recover, larger")
        },
        // A read that is a second old.
        Scenario {
            stale: 1.0,
            faults: 1,
            dead: 1,
            excused: &[
                Rule::ProofIsTrue,
                Rule::NotBrokenByUs,
                Rule::PauseIsLifted,
                Rule::BodyIsPaused,
                Rule::ProofStands,
            ],
            ..of("block and recover, slightly stale")
        },
        Scenario {
            dead: 1,
            b: 1.0,
            faults: 1,
            kinds: &LOST,
            k: 1.0,
            l: 1.0,
            s: 2.0,
            rt: 6.0,
            t: 1.0,
            ..two("two processes, recover, lost")
        },
        Scenario {
            dead: 1,
            faults: 1,
            l: 7.0,
            excused: &[Rule::PauseIsLifted, Rule::ProofStands],
            ..of("recover, later than settle")
        },
    ]
}
