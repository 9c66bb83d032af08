//! Runs in a journal: interrupted, continued, finished.

use futures_util::{FutureExt, StreamExt};
use gcrec::api::OutcomeKind;
use gcrec::client::SETTLE;
use gcrec::clock::Clock;
use gcrec::config::Api;
use gcrec::error::ErrorKind;
use gcrec::journal::word::Outcome as Written;
use gcrec::model::{Action, Target};
use gcrec::sim::{Fault, Reset, Route, State};

use super::{House, PROPAGATION, fault, ids, journaled, kinds, wish};

#[test]
fn a_run_that_was_interrupted_is_continued_and_a_finished_one_is_not() {
    let house = House::new("run", 30);
    let all = house.sim.calls();
    let mut bulk =
        house.session(Api::Events).control_many(ids(all.clone()), Action::Start, journaled(house.journal())).unwrap();
    for _ in 0..10 {
        house.drive(bulk.next()).unwrap().unwrap();
    }
    drop(bulk);
    let sent = house.controls();
    let session = house.session(Api::Events);
    let other = session.control_many(ids(all.clone()), Action::Stop, journaled(house.journal())).unwrap();
    let refused = house.drive(other.collect::<Vec<_>>()).remove(0).unwrap_err();
    assert!(refused.kind() == ErrorKind::Journal && refused.to_string().contains("recover"), "{refused}");

    let outcomes = house.outcomes(session.control_many(ids(all.clone()), Action::Start, journaled(house.journal())));
    let skipped = outcomes.iter().filter(|it| it.kind == OutcomeKind::Skipped).count();
    assert!((10..=sent).contains(&skipped), "{skipped}");
    assert_eq!(outcomes.len(), 30);
    house.clock.advance(PROPAGATION);
    assert!(all.iter().all(|id| house.sim.state(id).unwrap() == State::Recording));
    assert!(house.reader().runs().unwrap()[0].finished_at.is_some());
    assert_eq!(house.reader().pending().unwrap(), []);

    let outcomes = house.outcomes(session.control_many(ids(all), Action::Stop, journaled(house.journal())));
    assert_eq!(kinds(&outcomes), ["accepted"; 30]);
    assert_eq!(house.reader().runs().unwrap().len(), 2);
}

/// A journal in which a process that is gone left a start whose answer it never heard.
fn left_behind(house: &House, reset: Reset, late: Option<f64>) -> String {
    let [id] = <[String; 1]>::try_from(house.sim.calls()).unwrap();
    house.sim.fail(Fault { reset: Some(reset), late, ..fault(Route::Control) }).unwrap();
    let session = house.session(Api::Events);
    let outcomes = house.outcomes(session.control_many(ids([&*id]), Action::Start, journaled(house.journal())));
    assert_eq!(kinds(&outcomes), ["unknown"]);
    assert!(house.reader().runs().unwrap()[0].finished_at.is_none(), "something is open");
    id
}

#[test]
fn what_was_left_open_is_proven_by_reading_if_it_acted() {
    let house = House::new("acted", 1);
    let id = left_behind(&house, Reset::After, None);
    let outcomes =
        house.outcomes(house.session(Api::Events).control_many(ids([&*id]), Action::Start, journaled(house.journal())));
    assert_eq!((kinds(&outcomes), house.controls()), (vec!["proven"], 1));
    assert_eq!(house.reader().pending().unwrap(), []);
    assert!(house.reader().runs().unwrap()[0].finished_at.is_some());
}

#[test]
fn what_was_left_open_is_sent_again_only_after_it_cannot_act_any_more() {
    let house = House::new("silent", 1);
    let id = left_behind(&house, Reset::Before, None);
    let began = house.clock.now();
    let outcomes =
        house.outcomes(house.session(Api::Events).control_many(ids([&*id]), Action::Start, journaled(house.journal())));
    assert_eq!((kinds(&outcomes), house.controls()), (vec!["accepted"], 2));
    assert!(house.clock.now() >= began + SETTLE);
    let written: Vec<_> = house.reader().entries().map(|row| row.unwrap().outcome.unwrap()).collect();
    assert_eq!(written, [Written::Failed, Written::Accepted]);
    let run = house.reader().runs().unwrap()[0].id;
    let last: Vec<_> = house.reader().last_entries_of(run).map(|row| row.unwrap().outcome.unwrap()).collect();
    assert_eq!(last, [Written::Accepted]);
}

#[test]
fn a_wish_takes_over_what_its_run_left_open() {
    for (late, commands) in [(Some(4.0), 1), (None, 2)] {
        let house = House::new("wish", 1);
        let [id] = <[String; 1]>::try_from(house.sim.calls()).unwrap();
        let reset = if late.is_some() { Reset::After } else { Reset::Before };
        house.sim.fail(Fault { reset: Some(reset), late, ..fault(Route::Control) }).unwrap();
        let first =
            house.session(Api::Events).ensure_many(ids([&*id]), wish(Target::Recording), journaled(house.journal()));
        let mut first = first.unwrap();
        // Its process dies while it looks for the effect.
        while house.controls() == 0 {
            assert!(first.next().now_or_never().is_none());
            house.clock.advance_to_next();
        }
        drop(first);
        assert_eq!(house.reader().pending().unwrap().len(), 1);
        let session = house.session(Api::Events);
        let outcomes =
            house.outcomes(session.ensure_many(ids([&*id]), wish(Target::Recording), journaled(house.journal())));
        assert_eq!((kinds(&outcomes), house.controls()), (vec!["proven"], commands));
        assert_eq!(house.reader().pending().unwrap(), []);
    }
}
