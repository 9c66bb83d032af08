//! The eight steps against a script: each way in which they can end.

use gcrec::api::workflow::{self, Ending, Step};
use gcrec::auth::ClientCredentials;
use gcrec::config::CallOptions;
use gcrec::error::{Error, ErrorKind};
use gcrec::model::State;

use crate::scripted::{Act, Stage, answer};

const TOKEN: &str = r#"{"access_token": "t"}"#;
const CALLS: &str = r#"{"items": [{"id": "c1"}]}"#;
const NONE: &str = r#"{"items": []}"#;
const RECORDING: &str = r#"{"items": [{"status": "recording"}]}"#;
const ENDED: &str = r#"{"items": [{"status": "ended"}]}"#;

fn run(acts: Vec<Act>) -> (Result<Ending, Error>, Vec<Step>, Stage) {
    let stage = Stage::new(acts);
    let credentials = ClientCredentials::new("id", "secret").unwrap();
    let mut steps = Vec::new();
    let tell = |report: workflow::Report| steps.push(report.step);
    let work = workflow::run(&stage.client, &credentials, None, CallOptions::default(), tell);
    let ending = stage.drive(work);
    (ending, steps, stage)
}

fn ok(body: &'static str) -> Act {
    answer(200, body)
}

#[test]
fn all_eight_steps_end_with_the_stop_observed() {
    let (ending, steps, stage) = run(vec![
        ok(TOKEN),
        ok(CALLS),
        ok(NONE),
        answer(202, "{}"),
        ok(NONE),
        ok(RECORDING),
        ok(RECORDING),
        ok(RECORDING),
        answer(202, ""),
        ok(RECORDING),
        ok(ENDED),
        ok(ENDED),
    ]);
    assert_eq!(ending.unwrap(), Ending::Verified { conversation_id: "c1".into() });
    assert_eq!((steps.as_slice(), stage.left()), (Step::ALL.as_slice(), 0));
}

#[test]
fn what_holds_already_is_not_commanded() {
    let (ending, _, stage) =
        run(vec![ok(TOKEN), ok(CALLS), ok(RECORDING), ok(RECORDING), ok(RECORDING), ok(ENDED), ok(ENDED), ok(ENDED)]);
    assert!(matches!(ending.unwrap(), Ending::Verified { .. }));
    assert!(stage.seen().iter().all(|(request, _)| !request.ends_with("/events")));
}

#[test]
fn a_conflict_is_no_failure_but_proves_nothing_either() {
    let (ending, ..) = run(vec![
        ok(TOKEN),
        ok(CALLS),
        ok(NONE),
        answer(409, "{}"),
        ok(NONE),
        ok(RECORDING),
        ok(RECORDING),
        ok(RECORDING),
        answer(202, ""),
        ok(ENDED),
        ok(ENDED),
    ]);
    assert!(matches!(ending.unwrap(), Ending::Verified { .. }));
}

#[test]
fn no_call_is_a_clean_end() {
    let (ending, steps, _) = run(vec![ok(TOKEN), ok(NONE)]);
    assert_eq!((ending.unwrap(), steps.len()), (Ending::NoActiveCall, 1));
}

#[test]
fn accepted_is_not_proven() {
    let mut acts = vec![ok(TOKEN), ok(CALLS), ok(NONE), answer(202, "{}")];
    acts.extend((0..200).map(|_| ok(NONE)));
    let (ending, steps, _) = run(acts);
    let expected = Ending::NotProven {
        conversation_id: "c1".into(),
        target: State::Recording,
        last_seen: Some(State::Stopped),
        accepted: true,
    };
    assert_eq!((ending.unwrap(), steps.last()), (expected, Some(&Step::Start)));
}

#[test]
fn a_look_that_fails_is_followed_by_another() {
    let (ending, _, stage) = run(vec![
        ok(TOKEN),
        ok(CALLS),
        ok(NONE),
        answer(202, "{}"),
        Act::Answer(429, vec![("retry-after", "60".into())], ""),
        ok(RECORDING),
        ok(RECORDING),
        ok(RECORDING),
        answer(202, ""),
        Act::Hang,
        ok(ENDED),
        ok(ENDED),
    ]);
    assert!(matches!(ending.unwrap(), Ending::Verified { .. }));
    assert_eq!(stage.left(), 0);
}

#[test]
fn patience_ends_however_slow_the_answers_are() {
    let mut acts = vec![ok(TOKEN), ok(CALLS), ok(NONE), answer(202, "{}")];
    acts.extend((0..40).map(|_| Act::Hang));
    let (ending, _, stage) = run(acts);
    assert!(matches!(ending.unwrap(), Ending::NotProven { last_seen: None, .. }));
    assert!(gcrec::clock::Clock::now(&*stage.clock) < workflow::PATIENCE + std::time::Duration::from_secs(2));
}

#[test]
fn a_404_ends_the_wait_only_if_the_call_is_gone() {
    let (ending, ..) = run(vec![
        ok(TOKEN),
        ok(CALLS),
        ok(NONE),
        answer(202, "{}"),
        ok(RECORDING),
        ok(RECORDING),
        ok(RECORDING),
        answer(202, ""),
        ok(RECORDING),
        answer(404, ""),
        ok(NONE),
    ]);
    assert_eq!(ending.unwrap(), Ending::CallEnded { conversation_id: "c1".into(), target: State::Stopped });
}

#[test]
fn an_active_call_without_an_id_is_the_servers_flaw() {
    let (ending, ..) = run(vec![ok(TOKEN), ok(r#"{"items": [{"state": "active"}]}"#)]);
    assert_eq!(ending.unwrap_err().kind(), ErrorKind::Decode);
}

#[test]
fn a_refused_login_is_an_error() {
    let (ending, ..) = run(vec![answer(401, r#"{"error": "invalid_client"}"#)]);
    assert_eq!(ending.unwrap_err().kind(), ErrorKind::Authentication);
}
