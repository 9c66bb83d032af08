//! The spine: repeats, waits and deadlines, on a clock that jumps.

use std::time::Duration;

use gcrec::error::{ErrorKind, Sent, TransportKind};
use gcrec::model::{Action, ConversationId};

use crate::scripted::{Act, Stage, answer, wait};

fn id() -> ConversationId {
    "c1".parse().unwrap()
}

#[test]
fn a_command_whose_fate_is_unknown_is_sent_once() {
    for act in [
        answer(500, ""),
        answer(502, ""),
        answer(503, ""),
        answer(504, ""),
        Act::Break(TransportKind::Broken, Sent::Maybe),
        Act::Break(TransportKind::Broken, Sent::Yes),
    ] {
        let stage = Stage::new([act]);
        let error = stage.drive(stage.session(30.0, 3).control(&id(), Action::Start)).unwrap_err();
        assert_eq!((error.attempts(), error.sent() == Sent::No), (1, false), "{error}");
    }
}

#[test]
fn a_command_that_certainly_did_nothing_is_repeated() {
    for act in [wait(429, "2"), wait(503, "2"), Act::Break(TransportKind::Connect, Sent::No)] {
        let stage = Stage::new([act, answer(202, "{}")]);
        stage.drive(stage.session(30.0, 3).control(&id(), Action::Start)).unwrap();
        assert_eq!(stage.left(), 0);
    }
}

#[test]
fn a_read_is_repeated_after_all_that_can_pass() {
    let stage = Stage::new([
        answer(500, ""),
        Act::Break(TransportKind::Broken, Sent::Maybe),
        wait(503, "1"),
        answer(200, "{}"),
    ]);
    assert!(stage.drive(stage.session(30.0, 3).newest_recording(&id())).unwrap().is_none());
    assert_eq!(stage.seen().len(), 4);
}

#[test]
fn the_servers_wish_is_kept_to_the_second() {
    let stage = Stage::new([wait(429, "7"), wait(429, "3"), answer(202, "{}")]);
    stage.drive(stage.session(30.0, 3).control(&id(), Action::Stop)).unwrap();
    let times: Vec<_> = stage.seen().into_iter().map(|(_, at)| at.as_secs()).collect();
    assert_eq!(times, [0, 7, 10]);
}

#[test]
fn max_retries_counts_repeats_and_the_error_tells_the_wish() {
    let stage = Stage::new([wait(429, "1"), wait(429, "1"), wait(429, "1"), wait(429, "5")]);
    let error = stage.drive(stage.session(30.0, 3).control(&id(), Action::Start)).unwrap_err();
    assert_eq!((error.kind(), error.attempts(), error.sent()), (ErrorKind::RateLimit, 4, Sent::No));
    assert!(error.to_string().contains("wait 5 s"), "{error}");
}

#[test]
fn a_wait_that_does_not_fit_fails_at_once() {
    let stage = Stage::new([wait(429, "31")]);
    let error = stage.drive(stage.session(30.0, 3).control(&id(), Action::Start)).unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::RateLimit, 1));
    assert_eq!(stage.drive(async { gcrec::clock::Clock::now(&*stage.clock) }), Duration::ZERO, "it waited");
}

#[test]
fn the_timeout_bounds_the_whole_call() {
    let stage = Stage::new([wait(429, "20"), Act::Hang]);
    let error = stage.drive(stage.session(30.0, 3).newest_recording(&id())).unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::RequestTimeout, 2));
    assert_eq!(gcrec::clock::Clock::now(&*stage.clock), Duration::from_secs(30));
}

#[test]
fn a_command_whose_body_never_left_was_certainly_not_acted_on() {
    let stage = Stage::new([Act::Hang]);
    let error = stage.drive(stage.session(1.0, 0).control(&id(), Action::Start)).unwrap_err();
    assert_eq!((error.kind(), error.sent()), (ErrorKind::RequestTimeout, Sent::No));
}

#[test]
fn what_may_have_arrived_before_is_not_forgotten() {
    for first in [answer(500, ""), Act::Break(TransportKind::Broken, Sent::Maybe)] {
        let stage = Stage::new([first, Act::Break(TransportKind::Connect, Sent::No)]);
        let error = stage.drive(stage.session(30.0, 1).newest_recording(&id())).unwrap_err();
        assert_eq!((error.kind(), error.sent(), error.attempts()), (ErrorKind::Connect, Sent::Maybe, 2));
        assert!(!error.hint().contains("Nothing was sent"), "{}", error.hint());
    }
}

#[test]
fn a_refusal_whose_words_do_not_come_is_still_that_refusal() {
    for (status, kind) in [(404, ErrorKind::NotFound), (429, ErrorKind::RateLimit), (500, ErrorKind::Server)] {
        let stage = Stage::new([Act::Stall(status)]);
        let error = stage.drive(stage.session(30.0, 0).control(&id(), Action::Start)).unwrap_err();
        assert_eq!((error.kind(), error.sent() == Sent::No), (kind, status < 500), "{status}");
    }
}

#[test]
fn refusals_are_final() {
    for (status, kind) in [
        (302, ErrorKind::Api),
        (400, ErrorKind::BadRequest),
        (401, ErrorKind::Authentication),
        (403, ErrorKind::PermissionDenied),
        (404, ErrorKind::NotFound),
        (409, ErrorKind::RecordingConflict),
        (418, ErrorKind::Api),
    ] {
        let stage = Stage::new([answer(status, "")]);
        let error = stage.drive(stage.session(30.0, 3).control(&id(), Action::Start)).unwrap_err();
        assert_eq!((error.kind(), error.sent(), error.attempts()), (kind, Sent::No, 1), "{status}");
    }
}
