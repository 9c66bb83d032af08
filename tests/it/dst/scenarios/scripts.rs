//! Plain commands and ensures, one after the other.

use gcrec::model::{Action, Target};
use gcrec::sim::State;

use super::super::judge::Rule;
use super::super::plan::{Order, Work};
use super::{PAUSE, RESUME, START, STOP, Scenario, block, ensure, lifted};

pub(super) fn all() -> Vec<Scenario> {
    let of = Scenario::script;
    let (recording, stopped, paused) = (ensure(Target::Recording), ensure(Target::Stopped), ensure(Target::Paused));
    let command = Work::Command;
    vec![
        Scenario {
            faults: 1,
            ..of("start, then ensure S", State::Stopped, &[command(Action::Start), stopped.clone()])
        },
        Scenario {
            faults: 1,
            ..of("resume, then ensure P", State::Paused, &[command(Action::Resume), paused.clone()])
        },
        Scenario { faults: 2, ..of("ensure R, then ensure S", State::Stopped, &[recording.clone(), stopped.clone()]) },
        Scenario {
            faults: 2,
            ..of("ensure S, then ensure R", State::Recording, &[stopped.clone(), recording.clone()])
        },
        Scenario {
            faults: 2,
            l: 4.0,
            s: 5.0,
            ..of("ensure P, then ensure R", State::Recording, &[paused.clone(), lifted()])
        },
        Scenario {
            faults: 2,
            order: Order::Any,
            l: 4.0,
            s: 5.0,
            ..of("ensure P, ensure R, any order", State::Recording, &[paused.clone(), lifted()])
        },
        // A start that lands after settle: it may act twice, and against what was proven since.
        Scenario {
            faults: 1,
            l: 9.0,
            excused: &[Rule::OneEffect, Rule::ProofStands],
            ..of("ensure R, ensure S, late answer", State::Stopped, &[recording.clone(), stopped.clone()])
        },
        Scenario {
            faults: 1,
            dead: 1,
            ..of(
                "start dies, recover, ensure S",
                State::Stopped,
                &[command(Action::Start), recording.clone(), stopped.clone()],
            )
        },
        Scenario {
            policy: true,
            faults: 1,
            hands: 1,
            ..of("ensure S, policy recorder", State::Recording, std::slice::from_ref(&stopped))
        },
        Scenario {
            faults: 1,
            hands: 2,
            acts: &[START, STOP],
            ..of("ensure S and a hand", State::Recording, std::slice::from_ref(&stopped))
        },
        Scenario {
            faults: 1,
            hands: 2,
            acts: &[PAUSE, STOP],
            ..of("ensure R and a hand", State::Stopped, std::slice::from_ref(&recording))
        },
        Scenario {
            hands: 2,
            acts: &[PAUSE, RESUME],
            late: &[0],
            ..of("ensure P, hand's resume under way", State::Paused, std::slice::from_ref(&paused))
        },
        Scenario {
            first: State::Paused,
            processes: vec![vec![block()], vec![command(Action::Resume)]],
            late: &[0, 1],
            ..Scenario::block("resume by B, block by A")
        },
    ]
}
