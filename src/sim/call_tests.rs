//! How commands act on one call.

use std::time::Duration;

use proptest::prelude::*;
use uuid::Uuid;

use super::{Action, Call, Command, Recording, Refused, State};
use crate::sim::recording::Pause;

const fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn call() -> Call {
    Call::new("c".into(), [Uuid::nil(); 2], at(0))
}

fn command(action: Action) -> Command {
    Command { action, due: Duration::ZERO, request_id: Uuid::nil(), recording_id: Uuid::nil() }
}

fn send(call: &mut Call, now: u64, delay: u64, action: Action) -> Result<(), Refused> {
    call.accept(at(now), at(delay), command(action))
}

fn state(call: &mut Call, now: u64) -> State {
    call.settle(at(now));
    call.state()
}

#[test]
fn a_command_acts_at_its_instant_whenever_somebody_looks() {
    let mut call = call();
    assert_eq!(send(&mut call, 10, 5, Action::Start), Ok(()));
    assert_eq!(state(&mut call, 14), State::Stopped);
    assert_eq!(state(&mut call, 1_000), State::Recording);
    assert_eq!(call.recordings[0].started, at(15));
}

#[test]
fn a_command_that_would_change_nothing_is_refused_counting_the_ones_under_way() {
    let mut call = call();
    assert_eq!(send(&mut call, 0, 5, Action::Stop), Err(Refused::NoChange(State::Stopped)));
    assert_eq!(send(&mut call, 0, 5, Action::Start), Ok(()));
    assert_eq!(send(&mut call, 1, 5, Action::Start), Err(Refused::NoChange(State::Recording)));
    assert_eq!(send(&mut call, 1, 5, Action::Stop), Ok(()));
    assert_eq!(call.would_accept(at(1), Action::Stop), Err(Refused::NoChange(State::Stopped)));
    assert_eq!(send(&mut call, 1, 5, Action::Start), Ok(()));
}

#[test]
fn a_later_command_never_overtakes() {
    let mut call = call();
    assert_eq!(send(&mut call, 0, 9, Action::Start), Ok(()));
    assert_eq!(send(&mut call, 1, 0, Action::Stop), Ok(()));
    assert_eq!(state(&mut call, 8), State::Stopped);
    assert!(call.recordings.is_empty());
    assert_eq!(state(&mut call, 9), State::Stopped);
    assert_eq!((call.recordings[0].started, call.recordings[0].ended), (at(9), Some(at(9))));
}

#[test]
fn the_end_of_a_call_ends_its_recording_and_forgets_what_was_under_way() {
    let mut call = call();
    assert_eq!(send(&mut call, 0, 0, Action::Start), Ok(()));
    assert_eq!(send(&mut call, 1, 10, Action::Stop), Ok(()));
    call.end(at(5));
    assert_eq!(state(&mut call, 100), State::Stopped);
    assert_eq!(call.recordings[0].ended, Some(at(5)));
    assert_eq!((call.effects.len(), call.pending()), (1, 0));
    assert_eq!(send(&mut call, 6, 0, Action::Start), Err(Refused::Ended));
    call.end(at(50));
    assert_eq!(call.ends, Some(at(5)));
}

#[test]
fn a_start_does_not_lift_a_secure_pause_and_a_stop_ends_it() {
    let mut call = call();
    let mut recording = Recording::new(Uuid::nil(), at(0));
    recording.pauses.push(Pause { started: at(1), ended: None });
    call.recordings.push(recording);
    assert_eq!(call.recordings[0].status(), "paused");
    assert_eq!(send(&mut call, 2, 0, Action::Start), Err(Refused::NoChange(State::Paused)));
    assert_eq!(send(&mut call, 3, 0, Action::Stop), Ok(()));
    assert_eq!(call.recordings[0].status(), "ended");
    assert_eq!(call.recordings[0].pauses[0].ended, Some(at(3)));
}

proptest! {
    /// Looking often or once gives the same history, and answered commands alternate in the order of their answers.
    #[test]
    fn looking_changes_nothing(script in prop::collection::vec((any::<bool>(), 0u64..20, 0u64..20), 0..30)) {
        let (mut watched, mut left_alone) = (call(), call());
        let (mut now, mut accepted) = (0, Vec::new());
        for (start, wait, delay) in script {
            for moment in now..=now + wait {
                watched.settle(at(moment));
            }
            now += wait;
            let action = if start { Action::Start } else { Action::Stop };
            let answers = (send(&mut watched, now, delay, action), send(&mut left_alone, now, delay, action));
            prop_assert_eq!(answers.0, answers.1);
            if answers.0.is_ok() {
                accepted.push(action);
            }
        }
        watched.settle(at(10_000));
        left_alone.settle(at(10_000));
        let history = |call: &Call| call.effects.iter().map(|done| (done.action, done.due)).collect::<Vec<_>>();
        prop_assert_eq!(history(&watched), history(&left_alone));
        prop_assert_eq!(accepted, history(&watched).into_iter().map(|(action, _)| action).collect::<Vec<_>>());
        prop_assert!(history(&watched).is_sorted_by_key(|(_, due)| *due));
    }
}
