//! Which calls there are, and what is refused about them.

use super::*;
use crate::sim::{Options, Schedule};

const START: Moment = Duration::from_secs(1_767_225_600);

fn calls(options: &Options) -> Calls {
    Calls::new(&options.check().unwrap(), START, &Directory::new(0))
}

fn order(action: Action) -> Order {
    Order { action, aim: Aim::Call, request_id: None, fate: Fate::InOrder, must_change: true }
}

#[test]
fn the_calls_of_the_start_stand_beside_one_that_ended_an_hour_ago() {
    let mut calls = calls(&Options::default());
    assert_eq!(calls.active(START).count(), 3);
    assert!(calls.active(START).all(|call| call.state() == State::Stopped && call.started < START));
    let ended = calls.all().find(|call| !call.active(START)).unwrap();
    assert_eq!(ended.ends, START.checked_sub(HOUR));
    let recording = ended.recorders.all().next().unwrap();
    assert_eq!((recording.ended, recording.pauses[0].ended.is_some()), (ended.ends, true));
    let id = ended.id.clone();
    assert_eq!(calls.command(START, &id, order(Action::Start)), Err(Denied::Ended));
    assert_eq!(calls.command(START, "unknown", order(Action::Start)), Err(Denied::Unknown));
    assert_eq!(calls.active(START + 1_000 * HOUR).count(), 3);
}

#[test]
fn an_id_is_used_once_and_never_empty() {
    let mut calls = calls(&Options::default());
    let with = |id: &str| NewCall { id: Some(id.into()), ..NewCall::default() };
    assert!(matches!(calls.add(START, with("")), Err(SimError::InvalidId(_))));
    assert!(matches!(calls.add(START, with("..")), Err(SimError::InvalidId(_))));
    assert_eq!(calls.add(START, with("ü/1")).unwrap(), "ü/1");
    assert!(matches!(calls.add(START, with("ü/1")), Err(SimError::DuplicateId(_))));
    calls.find(START, "ü/1").unwrap().end(START);
    assert!(matches!(calls.add(START, with("ü/1")), Err(SimError::DuplicateId(_))));
}

#[test]
fn a_lost_command_is_accepted_and_leaves_no_trace() {
    let mut calls = calls(&Options { propagation: (0.0, 0.0), ..Options::default() });
    let id = calls.active(START).next().unwrap().id.clone();
    let lost = |action| Order { fate: Fate::Lost, ..order(action) };
    assert_eq!(calls.command(START, &id, lost(Action::Stop)), Err(Denied::NoChange(Phase::Ended)));
    assert_eq!(calls.command(START, &id, lost(Action::Start)), Ok(()));
    assert_eq!(calls.find(START + HOUR, &id).unwrap().state(), State::Stopped);
    assert_eq!(calls.command(START + HOUR, &id, order(Action::Start)), Ok(()));
    assert_eq!(calls.find(START + HOUR, &id).unwrap().state(), State::Recording);
}

#[test]
fn a_late_command_is_not_refused_and_does_not_propagate() {
    let mut calls = calls(&Options { propagation: (5.0, 5.0), ..Options::default() });
    let id = calls.active(START).next().unwrap().id.clone();
    let late = Order { fate: Fate::Late(Duration::from_secs(3)), ..order(Action::Stop) };
    assert_eq!(calls.command(START, &id, late), Ok(()));
    assert_eq!(calls.command(START, &id, Order { action: Action::Start, ..late }), Ok(()));
    let call = calls.find(START + Duration::from_secs(3), &id).unwrap();
    assert_eq!((call.state(), call.effects.len()), (State::Recording, 1));
}

#[test]
fn a_call_may_begin_in_any_state_that_it_can_have() {
    let mut calls = calls(&Options::default());
    for (state, policy, then) in [
        (State::Held, false, State::Held),
        (State::Paused, true, State::Paused),
        (State::Stopped, true, State::Recording),
        (State::Held, true, State::Held),
    ] {
        let id = calls.add(START, NewCall { state, policy, ..NewCall::default() }).unwrap();
        let call = calls.find(START, &id).unwrap();
        assert_eq!((call.state(), call.policy()), (then, policy));
    }
    let mut calls = super::tests::calls(&Options { suppress_hold: false, ..Options::default() });
    let held = NewCall { state: State::Held, ..NewCall::default() };
    assert!(calls.add(START, held).unwrap_err().to_string().starts_with("state cannot be held"));
    let id = calls.add(START, NewCall { state: State::Recording, ..NewCall::default() }).unwrap();
    calls.find(START, &id).unwrap().hold(START, true);
    assert_eq!(calls.find(START, &id).unwrap().state(), State::Recording);
}

#[test]
fn scheduled_calls_come_and_go_the_same_however_often_one_looks() {
    let schedule = Some(Schedule { appear_every: (1.0, 5.0), last: (2.0, 20.0) });
    let options = Options { calls: 0, schedule, seed: 9, ..Options::default() };
    let (mut watched, mut left_alone) = (calls(&options), calls(&options));
    let mut busiest = 0;
    for second in 0..1_000 {
        let now = START + Duration::from_secs(second);
        watched.tick(now);
        busiest = busiest.max(watched.active(now).count());
    }
    left_alone.tick(START + Duration::from_secs(999));
    let history =
        |calls: &Calls| calls.all().map(|call| (call.id.clone(), call.started, call.ends)).collect::<Vec<_>>();
    assert_eq!(history(&watched), history(&left_alone));
    assert!(busiest > 1 && history(&watched).len() > 200);
    assert_eq!(watched.active(START + HOUR).count(), 0);
}
