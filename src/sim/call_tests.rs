//! How commands act on one call.

use std::time::Duration;

use proptest::prelude::*;
use uuid::Uuid;

use super::{Call, Command, Parties, Party, Phase, State, Traits};
use crate::sim::directory::{Named, Person};
use crate::sim::parties::Leaving;
use crate::sim::queue::Aim;
use crate::sim::recording::{Action, Recorder, Recording};

const fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn agent(id: u128, joined: u64) -> Party {
    let person = Person { id: Uuid::from_u128(id), name: String::new(), email: String::new() };
    Party::agent([person.id; 2], at(joined), &person)
}

fn call() -> Call {
    let parties = Parties {
        queue: Named { id: Uuid::nil(), name: String::new() },
        customer: Party::customer([Uuid::nil(); 2], at(0)),
        before: Vec::new(),
        agent: agent(1, 0),
        others: Vec::new(),
    };
    Call::new("c".into(), parties, at(0), Traits { suppress_hold: true, secure_pause: true, listening: false })
}

fn command(action: Action) -> Command {
    Command { action, aim: Aim::Call, due: Duration::ZERO, request_id: None, recording_id: Uuid::nil() }
}

fn recordings(call: &Call) -> Vec<&Recording> {
    call.recorders.all().collect()
}

/// As the tutorial's wire sends: refused where nothing would change.
fn send(call: &mut Call, now: u64, delay: u64, action: Action) -> Result<(), Phase> {
    call.settle(at(now));
    call.would_change(&command(action))?;
    call.accept(at(now), at(delay), command(action));
    Ok(())
}

/// As the published API sends: whatever comes of it.
fn put(call: &mut Call, now: u64, delay: u64, action: Action) {
    call.accept(at(now), at(delay), command(action));
}

fn history(call: &Call) -> Vec<(Action, u64)> {
    call.effects.iter().map(|done| (done.action, done.due.as_secs())).collect()
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
    assert_eq!(recordings(&call)[0].started, at(15));
}

#[test]
fn a_command_that_would_change_nothing_is_refused_counting_the_ones_under_way() {
    let mut call = call();
    assert_eq!(send(&mut call, 0, 5, Action::Stop), Err(Phase::Ended));
    assert_eq!(send(&mut call, 0, 5, Action::Start), Ok(()));
    assert_eq!(send(&mut call, 1, 5, Action::Start), Err(Phase::Recording));
    assert_eq!(send(&mut call, 1, 5, Action::Stop), Ok(()));
    assert_eq!(call.would_change(&command(Action::Stop)), Err(Phase::Ended));
    assert_eq!(send(&mut call, 1, 5, Action::Start), Ok(()));
}

#[test]
fn a_later_command_never_overtakes() {
    let mut call = call();
    assert_eq!(send(&mut call, 0, 9, Action::Start), Ok(()));
    assert_eq!(send(&mut call, 1, 0, Action::Stop), Ok(()));
    assert_eq!(state(&mut call, 8), State::Stopped);
    assert!(recordings(&call).is_empty());
    assert_eq!(state(&mut call, 9), State::Stopped);
    assert_eq!((recordings(&call)[0].started, recordings(&call)[0].ended), (at(9), Some(at(9))));
}

#[test]
fn the_end_of_a_call_ends_its_recording_and_forgets_what_was_under_way() {
    let mut call = call();
    assert_eq!(send(&mut call, 0, 0, Action::Start), Ok(()));
    assert_eq!(send(&mut call, 1, 10, Action::Stop), Ok(()));
    call.end(at(5));
    assert_eq!(state(&mut call, 100), State::Stopped);
    assert_eq!(recordings(&call)[0].ended, Some(at(5)));
    assert_eq!((call.effects.len(), call.pending()), (1, 0));
    call.end(at(50));
    assert_eq!(call.ends, Some(at(5)));
}

#[test]
fn a_start_does_not_lift_a_secure_pause_and_a_stop_ends_it() {
    let mut call = call();
    put(&mut call, 0, 0, Action::Start);
    put(&mut call, 1, 0, Action::Pause);
    assert_eq!(call.recorders.phase().word(), "paused");
    assert_eq!(send(&mut call, 2, 0, Action::Start), Err(Phase::Paused));
    assert_eq!(send(&mut call, 3, 0, Action::Stop), Ok(()));
    assert_eq!(call.recorders.phase().word(), "ended");
    assert_eq!(recordings(&call)[0].pauses[0].ended, Some(at(3)));
}

#[test]
fn a_pause_and_a_resume_move_between_recording_and_paused_and_nothing_else() {
    let mut call = call();
    put(&mut call, 0, 0, Action::Pause);
    put(&mut call, 0, 0, Action::Resume);
    assert_eq!((state(&mut call, 1), call.effects.len()), (State::Stopped, 0));
    for (action, then) in [
        (Action::Start, State::Recording),
        (Action::Resume, State::Recording),
        (Action::Pause, State::Paused),
        (Action::Pause, State::Paused),
        (Action::Resume, State::Recording),
        (Action::Pause, State::Paused),
        (Action::Stop, State::Stopped),
        (Action::Resume, State::Stopped),
    ] {
        put(&mut call, 2, 0, action);
        assert_eq!(call.state(), then, "{action:?}");
    }
    assert_eq!((recordings(&call).len(), recordings(&call)[0].pauses.len(), call.effects.len()), (1, 2, 5));
}

#[test]
fn a_hold_suppresses_the_recording_and_lies_beside_a_pause() {
    let mut call = call();
    call.hold(at(0), true);
    assert_eq!(call.state(), State::Stopped);
    put(&mut call, 1, 0, Action::Start);
    assert_eq!((call.state(), call.recorders.phase()), (State::Held, Phase::Recording));
    put(&mut call, 2, 0, Action::Pause);
    assert_eq!(call.state(), State::Paused);
    put(&mut call, 3, 0, Action::Resume);
    call.hold(at(4), true);
    assert_eq!((call.state(), call.held()), (State::Held, Some(at(0))));
    call.hold(at(5), false);
    assert_eq!(call.state(), State::Recording);
    call.hold(at(6), true);
    call.end(at(7));
    assert_eq!((call.state(), call.held()), (State::Stopped, None));
}

#[test]
fn a_transfer_drops_hold_and_pause_and_a_pause_under_way_acts_on_the_new_leg() {
    let mut call = call();
    put(&mut call, 0, 0, Action::Start);
    put(&mut call, 1, 0, Action::Pause);
    call.hold(at(1), true);
    // It would change nothing now; it is answered all the same, and acts after the transfer.
    put(&mut call, 2, 5, Action::Pause);
    let new = Uuid::from_u128(7);
    call.transfer(at(3), agent(7, 3));
    assert_eq!((call.state(), call.held()), (State::Recording, None));
    assert_eq!((call.parties.agent.id, call.parties.before[0].left), (new, Some((at(3), Leaving::Transfer))));
    assert_eq!(state(&mut call, 7), State::Paused);
    assert_eq!(recordings(&call)[0].pauses[0].ended, Some(at(3)));
}

#[test]
fn no_command_ends_the_recording_of_a_policy() {
    let mut call = call();
    call.recorders.push(Recording::new(Uuid::nil(), Recorder::Policy, at(0)));
    assert_eq!(send(&mut call, 1, 0, Action::Stop), Err(Phase::Recording));
    put(&mut call, 1, 0, Action::Stop);
    assert_eq!(send(&mut call, 2, 0, Action::Pause), Ok(()));
    assert_eq!(send(&mut call, 2, 0, Action::Stop), Err(Phase::Paused));
    assert_eq!((call.state(), history(&call)), (State::Paused, vec![(Action::Pause, 2)]));
    call.end(at(3));
    assert_eq!(call.state(), State::Stopped);
}

#[test]
fn a_late_command_acts_in_no_order_and_nobody_counts_on_it() {
    let mut call = call();
    put(&mut call, 0, 0, Action::Start);
    call.accept_late(at(1), at(6), command(Action::Pause));
    call.accept_late(at(1), at(2), command(Action::Resume));
    call.accept_late(at(1), at(6), command(Action::Resume));
    assert_eq!(call.would_change(&command(Action::Pause)), Ok(()));
    put(&mut call, 2, 3, Action::Pause);
    assert_eq!(call.pending(), 4);
    put(&mut call, 2, 0, Action::Resume);
    assert_eq!(state(&mut call, 4), State::Recording);
    assert_eq!(state(&mut call, 100), State::Recording);
    let done = [(Action::Start, 0), (Action::Pause, 5), (Action::Resume, 5), (Action::Pause, 7), (Action::Resume, 7)];
    assert_eq!(history(&call), done);
}

const ACTIONS: [Action; 4] = [Action::Start, Action::Stop, Action::Pause, Action::Resume];

proptest! {
    /// Looking often or once gives the same history, which is in the order of time whatever comes late; and answered
    /// commands, of those that changed something, act in the order of their answers.
    #[test]
    fn looking_changes_nothing(script in prop::collection::vec((0usize..6, 0u64..20, 0u64..20, any::<bool>()), 0..40)) {
        let (mut watched, mut left_alone) = (call(), call());
        let (mut now, mut answered) = (0, Vec::new());
        for (number, (what, wait, delay, late)) in script.into_iter().enumerate() {
            for moment in now..=now + wait {
                watched.settle(at(moment));
            }
            now += wait;
            let recording_id = Uuid::from_u128(number as u128);
            for call in [&mut watched, &mut left_alone] {
                match ACTIONS.get(what).map(|action| Command { recording_id, ..command(*action) }) {
                    Some(command) if late => call.accept_late(at(now), at(delay), command),
                    Some(command) => call.accept(at(now), at(delay), command),
                    None if what == 4 => call.hold(at(now), late),
                    None => call.transfer(at(now), agent(number as u128, now)),
                }
            }
            if what < 4 && !late {
                answered.push(recording_id);
            }
        }
        watched.settle(at(10_000));
        left_alone.settle(at(10_000));
        let done = |call: &Call| call.effects.iter().map(|done| (done.recording_id, done.due)).collect::<Vec<_>>();
        prop_assert_eq!(done(&watched), done(&left_alone));
        prop_assert_eq!(watched.state(), left_alone.state());
        prop_assert!(done(&watched).is_sorted_by_key(|(_, due)| *due));
        let in_order: Vec<_> = done(&watched).into_iter().map(|(id, _)| id).filter(|id| answered.contains(id)).collect();
        prop_assert!(in_order.is_sorted());
    }
}
