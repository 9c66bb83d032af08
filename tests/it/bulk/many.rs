//! What becomes of each of many.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::{FutureExt, StreamExt, future};
use gcrec::api::{BulkOptions, OutcomeKind};
use gcrec::clock::Clock;
use gcrec::config::Api;
use gcrec::error::ErrorKind;
use gcrec::model::{Action, Target};
use gcrec::sim::{Fault, NewCall, Reset, RetryAfter, Route, State};

use super::{House, PROPAGATION, fault, ids, journaled, kinds, of, options, wish};

#[test]
fn each_gets_its_outcome_and_one_bad_id_stops_nobody() {
    let house = House::new("each", 20);
    let mut all = house.sim.calls();
    all.extend(["", "nobody", "a\nb"].map(String::from));
    let session = house.session(Api::Events);
    let accepted = house.outcomes(session.control_many(ids(all.clone()), Action::Start, options(4)));
    assert_eq!(accepted.iter().filter(|it| it.kind == OutcomeKind::Accepted && it.receipt.is_some()).count(), 20);
    assert_eq!(accepted.len(), 23);
    assert_eq!(of(&accepted, "").error.as_ref().unwrap().kind(), ErrorKind::InvalidId);
    assert_eq!(of(&accepted, "nobody").error.as_ref().unwrap().kind(), ErrorKind::NotFound);

    let proven = house.outcomes(session.ensure_many(ids(all), wish(Target::Stopped), options(4)));
    assert_eq!(proven.iter().filter(|it| it.kind == OutcomeKind::Proven && it.proof.is_some()).count(), 20);
    assert_eq!(kinds(&proven)[..3], ["failed", "failed", "failed"]);
    assert!(house.sim.calls().iter().all(|id| house.sim.state(id).unwrap() == State::Stopped));
    assert_eq!(house.controls(), 41);
}

#[test]
fn no_more_are_under_way_than_are_allowed_and_ids_are_taken_in_as_there_is_room() {
    let house = House::new("bounded", 0);
    let calls: Vec<_> = (0..600)
        .map(|_| house.sim.add_call(NewCall { state: State::Recording, ..NewCall::default() }).unwrap())
        .collect();
    let taken = Arc::new(AtomicUsize::new(0));
    let counted = taken.clone();
    let source = ids(calls).inspect(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
    });
    let mut bulk = house.session(Api::Events).control_many(source, Action::Stop, options(3)).unwrap();
    let mut told = 0;
    while let Some(outcome) = house.drive(bulk.next()) {
        outcome.unwrap();
        told += 1;
        let ahead = taken.load(Ordering::SeqCst) - told;
        assert!(ahead <= 256 + 3, "{ahead}");
        assert!(house.controls() <= told + 3, "a new one begins when one is done");
    }
    assert_eq!(told, 600);
}

#[test]
fn an_id_that_comes_twice_is_commanded_once() {
    for concurrency in [1, 8] {
        let house = House::new("twice", 2);
        let [one, two] = <[String; 2]>::try_from(house.sim.calls()).unwrap();
        let session = house.session(Api::Events);
        house.sim.fail(Fault { delay: Some(1.0), times: None, ..fault(Route::Control) }).unwrap();
        let all = [&one, &one, &two, &one, &two].map(String::as_str);
        let outcomes = house.outcomes(session.control_many(ids(all), Action::Start, options(concurrency)));
        assert_eq!(kinds(&outcomes), ["accepted", "accepted", "skipped", "skipped", "skipped"]);
        house.clock.advance(PROPAGATION);
        let outcomes = house.outcomes(session.ensure_many(ids(all), wish(Target::Recording), options(concurrency)));
        assert_eq!(outcomes.len(), 5);
        assert_eq!(house.controls(), 2);
    }
}

#[test]
fn a_command_of_unknown_fate_is_told_as_such_and_not_repeated() {
    let house = House::new("fate", 1);
    house.sim.fail(Fault { reset: Some(Reset::After), ..fault(Route::Control) }).unwrap();
    let session = house.session(Api::Events);
    let outcomes = house.outcomes(session.control_many(ids(house.sim.calls()), Action::Start, options(4)));
    assert_eq!((kinds(&outcomes), house.controls()), (vec!["unknown"], 1));
    // The wish proves it, or it does not.
    house.sim.fail(Fault { status_code: Some(500), times: Some(9), ..fault(Route::Control) }).unwrap();
    let outcomes = house.outcomes(session.ensure_many(ids(house.sim.calls()), wish(Target::Stopped), options(4)));
    let error = outcomes[0].error.as_ref().unwrap();
    assert_eq!((kinds(&outcomes), error.kind()), (vec!["unknown"], ErrorKind::NotProven));
}

#[test]
fn refused_credentials_fail_everybody_with_one_request() {
    let house = House::new("refused", 50);
    let session = house.session_with(Api::Events, "wrong");
    let mut bulk = session.control_many(ids(house.sim.calls()), Action::Start, options(8)).unwrap();
    let mut told = 0;
    while let Some(outcome) = house.drive(bulk.next()) {
        assert_eq!(outcome.unwrap().error.unwrap().kind(), ErrorKind::Authentication);
        told += 1;
        // Nobody asks again, however much later it is.
        house.clock.advance(Duration::from_secs(10));
    }
    assert_eq!(told, 50);
    assert_eq!(house.sim.requests().len(), 1);
}

#[test]
fn a_dry_run_sends_no_command_and_leaves_the_journal_alone() {
    let house = House::new("dry", 2);
    let recording = house.sim.add_call(NewCall { state: State::Recording, ..NewCall::default() }).unwrap();
    let mut all = house.sim.calls();
    all.push(String::new());
    let (session, dry) = (house.session(Api::Events), BulkOptions { dry_run: true, ..journaled(house.journal()) });
    let outcomes = house.outcomes(session.control_many(ids(all.clone()), Action::Stop, dry.clone()));
    assert_eq!(kinds(&outcomes), ["failed", "skipped", "skipped", "skipped"]);
    assert_eq!(house.sim.requests().len(), 0);
    let outcomes = house.outcomes(session.ensure_many(ids(all), wish(Target::Recording), dry));
    assert_eq!(kinds(&outcomes), ["already", "failed", "skipped", "skipped"]);
    assert_eq!((of(&outcomes, &recording).kind, house.controls()), (OutcomeKind::Already, 0));
    assert_eq!((house.reader().entries().count(), house.reader().runs().unwrap().len()), (0, 0));
}

#[test]
fn what_is_cut_off_is_told_as_unknown_if_it_may_act() {
    let house = House::new("cut", 4);
    house.sim.fail(Fault { delay: Some(60.0), times: None, ..fault(Route::Control) }).unwrap();
    let session = house.session(Api::Events);
    let mut bulk = session.control_many(ids(house.sim.calls()), Action::Start, options(3)).unwrap();
    while house.controls() < 3 {
        assert!(bulk.next().now_or_never().is_none());
        house.clock.advance_to_next();
    }
    bulk.cut();
    let outcomes: Vec<_> = house.drive(bulk.map(Result::unwrap).collect());
    assert_eq!(kinds(&outcomes), ["unknown"; 3]);
    assert_eq!(house.controls(), 3);
}

#[test]
fn a_reader_who_takes_no_outcomes_lets_requests_end_and_begins_none() {
    let house = House::new("slow", 9);
    let session = house.session(Api::Events);
    let mut bulk = session.control_many(ids(house.sim.calls()), Action::Start, options(3)).unwrap();
    house.drive(bulk.next()).unwrap().unwrap();
    for _ in 0..100 {
        future::poll_fn(|context| {
            bulk.poll_in_flight(context);
            std::task::Poll::Ready(())
        })
        .now_or_never();
        house.clock.advance_to_next();
    }
    assert!(house.controls() <= 3);
    assert_eq!(house.drive(bulk.map(Result::unwrap).collect::<Vec<_>>()).len(), 8);
}

#[test]
fn a_pause_of_many_is_proven_on_the_published_api() {
    let house = House::new("pause", 0);
    let calls: Vec<_> = (0..10)
        .map(|_| house.sim.add_call(NewCall { state: State::Recording, ..NewCall::default() }).unwrap())
        .collect();
    let session = house.session(Api::Platform);
    let outcomes = house.outcomes(session.ensure_many(ids(calls.clone()), wish(Target::Paused), options(4)));
    assert_eq!(kinds(&outcomes), ["proven"; 10]);
    let reads = house.reads();
    let outcomes = house.outcomes(session.ensure_many(ids(calls), wish(Target::Paused), options(4)));
    assert_eq!((kinds(&outcomes), house.reads() - reads), (vec!["already"; 10], 10));
}

#[test]
fn the_time_in_the_limiters_line_does_not_count() {
    let house = House::new("line", 60);
    let session = house.session(Api::Events).within(Duration::from_secs(5));
    house
        .sim
        .fail(Fault {
            status_code: Some(429),
            retry_after: Some(RetryAfter::Seconds(60.into())),
            ..fault(Route::Control)
        })
        .unwrap();
    let outcomes = house.outcomes(session.control_many(ids(house.sim.calls()), Action::Start, options(64)));
    assert_eq!(kinds(&outcomes), ["accepted"; 60]);
    assert!(house.clock.now() >= Duration::from_secs(60));
}
