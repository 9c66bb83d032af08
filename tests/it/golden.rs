//! Golden bodies: what the wire looks like, bound to client and simulator from both sides.

use std::fs;
use std::path::Path;

use gcrec::error::Error;
use gcrec::exchange::Response;
use gcrec::model::{Action, Basis, CallSource, ConversationId, State};
use gcrec::sim::Options;
use gcrec::wire::{Page, PageOf, Plan, Platform, Row, Step, Wire};
use http::{HeaderMap, StatusCode};
use serde_json::Value;

use crate::scripted::{Stage, answer};
use crate::sim_raw::{Caller, ask_token, manual};

/// The golden body of that name.
pub(crate) fn body(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wire").join(format!("{name}.json"));
    fs::read_to_string(path).unwrap()
}

fn stage(status: u16, name: &str) -> Stage {
    Stage::new([answer(status, Box::leak(body(name).into_boxed_str()))])
}

fn id() -> ConversationId {
    "6f1c2a34-0b5d-4e6f-8a7b-9c0d1e2f3a4b".parse().unwrap()
}

#[test]
fn the_client_reads_every_golden_body() {
    let calls = stage(200, "active_calls");
    let call = calls.drive(calls.session(1.0, 0).active_voice_call()).unwrap().unwrap();
    assert_eq!(call.string("id").as_deref(), Some(id().as_str()));

    let accepted = stage(202, "accepted");
    let answer = accepted.drive(accepted.session(1.0, 0).control(&id(), Action::Start)).unwrap();
    assert_eq!(answer.string("type").as_deref(), Some("start"));

    let recordings = stage(200, "recordings");
    assert_eq!(recordings.drive(recordings.session(1.0, 0).status(&id())).unwrap().state, State::Recording);

    let error = stage(404, "error");
    let Err(Error::Api(error)) = error.drive(error.session(1.0, 0).control(&id(), Action::Start)) else {
        panic!("no error")
    };
    assert_eq!(error.problem.code.as_deref(), Some("not.found"));
    assert!(error.problem.message.starts_with("The conversation"));
    assert!(error.problem.context_id.is_some());
}

#[test]
fn the_client_gives_its_verdict_over_every_golden_conversation() {
    use Basis::{RecordingState, SecurePause};
    for (name, state, basis, active, by_policy) in [
        ("recording", State::Recording, SecurePause, true, false),
        ("paused", State::Paused, SecurePause, true, false),
        ("held", State::Held, SecurePause, true, false),
        ("held_unmarked", State::Held, RecordingState, true, false),
        ("stopped", State::Stopped, SecurePause, true, false),
        ("ended", State::Stopped, SecurePause, false, false),
        ("policy", State::Recording, SecurePause, true, true),
        ("two_recorders", State::Recording, SecurePause, true, false),
        ("transferred", State::Recording, SecurePause, true, false),
        ("lower_case", State::Paused, SecurePause, true, false),
        ("upper_case", State::Paused, SecurePause, true, false),
    ] {
        let text = body(&format!("conversation_{name}"));
        let answer = Response { status: StatusCode::OK, headers: HeaderMap::new(), body: text.into() };
        let mut plan = Platform.reading(&id());
        assert!(matches!(plan.step(None), Ok(Step::Send(_))));
        let Ok(Step::Done(reading)) = plan.step(Some(Ok(answer))) else { panic!("{name} cannot be read") };
        assert_eq!(
            (reading.state, reading.basis, reading.active, reading.by_policy),
            (state, basis, Some(active), by_policy),
            "{name}"
        );
    }
}

/// What a plan makes of the golden body of that name.
fn read<P: Plan>(mut plan: P, name: &str) -> P::Output {
    let answer = Response { status: StatusCode::OK, headers: HeaderMap::new(), body: body(name).into() };
    assert!(matches!(plan.step(None), Ok(Step::Send(_))));
    match plan.step(Some(Ok(answer))) {
        Ok(Step::Done(output)) => output,
        _ => panic!("{name} cannot be read"),
    }
}

fn page(source: CallSource, name: &str) -> Page {
    let began = (std::time::SystemTime::UNIX_EPOCH, std::time::SystemTime::UNIX_EPOCH);
    read(Platform.active_calls(&PageOf { source, number: 1, size: 100, began }), name)
}

#[test]
fn the_client_reads_every_golden_list() {
    let found = page(CallSource::Analytics, "details_query");
    assert!(matches!(&found.rows[..], [Row::Ended(_), Row::Found(_)]) && found.next.is_none());
    assert!(page(CallSource::Analytics, "details_query_empty").rows.is_empty());

    let own = page(CallSource::User, "calls_listing");
    let [Row::Call(call)] = &own.rows[..] else { panic!("{:?}", own.rows) };
    let agent = call.participants.iter().find(|one| one.purpose.as_deref() == Some("agent")).unwrap();
    assert!(call.is_active() && agent.user_id.is_some() && agent.queue_id.is_some());
    assert_eq!((call.direction.as_deref(), own.next), (Some("inbound"), None));
    assert_eq!(call.started_at.as_deref(), Some("2026-01-01T00:00:00.000Z"));
}

#[test]
fn the_client_reads_the_golden_evidence() {
    for (name, media) in [("recording_list", 1), ("recording_list_without_media", 0)] {
        let list: serde_json::Value = serde_json::from_str(&body(name)).unwrap();
        let whose = list[0]["conversationId"].as_str().unwrap().parse().unwrap();
        let all = read(Platform.recordings(&whose, None, std::time::Duration::ZERO), name).unwrap();
        let [recording] = &all[..] else { panic!("{all:?}") };
        assert_eq!((recording.media_uris.len(), recording.media_subtype.as_deref()), (media, Some("Trunk")));
        let began = recording.start_time.unwrap();
        let told = |seconds| std::time::Duration::from_secs(seconds);
        let pauses: Vec<_> = recording
            .pauses()
            .into_iter()
            .map(|pause| (pause.reason.unwrap(), pause.start.unwrap().duration_since(began).unwrap(), pause.duration))
            .collect();
        assert_eq!(
            pauses,
            [("SecurePause".to_owned(), told(10), Some(told(10))), ("Hold".to_owned(), told(20), Some(told(10)))]
        );
    }
}

/// Every member of the golden body is there, with the same type; the simulator may say more.
fn assert_has_shape(golden: &Value, answer: &Value, place: &str) {
    match (golden, answer) {
        (Value::Object(golden), Value::Object(answer)) => {
            for (name, value) in golden {
                let found = answer.get(name).unwrap_or_else(|| panic!("{place}.{name} is missing"));
                assert_has_shape(value, found, &format!("{place}.{name}"));
            }
        }
        (Value::Array(golden), Value::Array(answer)) => {
            assert_eq!(golden.is_empty(), answer.is_empty(), "{place}");
            for (n, value) in answer.iter().enumerate() {
                assert_has_shape(&golden[0], value, &format!("{place}[{n}]"));
            }
        }
        (Value::String(_), Value::String(_)) | (Value::Number(_), Value::Number(_)) => {}
        _ => assert_eq!(golden, answer, "{place}"),
    }
}

#[tokio::test]
async fn the_simulator_says_every_golden_body() {
    let sim = manual(Options { propagation: (1.0, 1.0), ..Options::default() }).await;
    let check =
        |name: &str, answer: &Value| assert_has_shape(&serde_json::from_str(&body(name)).unwrap(), answer, name);
    check("token", &ask_token(&sim).await.unwrap().json());
    let caller = Caller::new(&sim).await;
    check("active_calls", &caller.list().await.json());
    let id = sim.calls().remove(0);
    for action in ["start", "stop", "start"] {
        check("accepted", &caller.control(&id, action).await.json());
        sim.advance(1.0).unwrap();
    }
    check("recordings", &caller.status(&id).await.json());
    check("error", &caller.control("unknown", "start").await.json());
}

#[test]
fn the_client_reads_every_golden_notification() {
    use gcrec::wire::platform::notifications::{self, Notification, notification};
    use gcrec::wire::platform::{Known, conversation_of};
    assert!(matches!(notification(&body("event_heartbeat")), Ok(Notification::Alive)));
    assert!(matches!(notification(&body("event_pong")), Ok(Notification::Alive)));
    assert!(matches!(notification(&body("event_closing")), Ok(Notification::Closing)));
    let Ok(Notification::Event { topic, body: told }) = notification(&body("event_conversation")) else {
        panic!("no event")
    };
    assert!(topic.starts_with("v2.routing.queues."));
    assert_eq!(conversation_of(&told), Some(id().as_str()));
    let picture = Known::of(&told).unwrap().picture().unwrap();
    assert_eq!((picture.state, picture.active, picture.telling), (State::Paused, true, true));
    assert!(picture.people.iter().any(|person| person.user_id.is_some() && person.queue_id.is_some()));

    let response = |name| Response { status: StatusCode::OK, headers: HeaderMap::new(), body: body(name).into() };
    let mut open = notifications::open();
    assert!(matches!(open.step(None), Ok(Step::Send(_))));
    let Ok(Step::Done(channel)) = open.step(Some(Ok(response("channel")))) else { panic!("no channel") };
    assert!(channel.expires.is_some() && channel.uri.starts_with("ws"));
    let mut subscribe = notifications::subscribe(&channel, &[topic], true);
    assert!(matches!(subscribe.step(None), Ok(Step::Send(_))));
    let Ok(Step::Done(topics)) = subscribe.step(Some(Ok(response("subscriptions")))) else { panic!("no topics") };
    assert!(topics.iter().any(|topic| topic.refused.is_none()));
    assert!(topics.iter().any(|topic| topic.refused.as_ref().is_some_and(|refused| !refused.missing.is_empty())));
}
