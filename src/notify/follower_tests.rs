//! A stream of events is told, read and slow, without a server.

use super::*;
use serde_json::json;

const AT: SystemTime = SystemTime::UNIX_EPOCH;

fn body(id: &str, state: &str) -> Value {
    let leg = json!({"id": "1", "state": "connected", "recording": true, "recordingState": state});
    json!({"id": id, "participants": [{"id": "a", "userId": "u", "queueId": "q", "calls": [leg]}]})
}

fn of_queue(most: usize) -> Follower {
    let queues = BTreeSet::from(["Q".to_owned()]);
    Follower::holding(Following { queues, ..Following::default() }, most)
}

fn taken(follower: &Follower) -> Vec<String> {
    match follower.take_now(AT) {
        None => Vec::new(),
        Some(Ok(Taken::Events(events))) => events.iter().map(word).collect(),
        Some(other) => vec![format!("{other:?}")],
    }
}

fn word(event: &Event) -> String {
    match event {
        Event::Call(call) => call.happening.name().to_owned(),
        Event::Gap(gap) => format!("gap {}", gap.reason.word()),
        Event::Alarm(_) => "alarm".to_owned(), // no stream of events raises one
    }
}

#[test]
fn only_what_is_followed_is_told() {
    let follower = of_queue(10);
    follower.heard("v2.routing.queues.q.conversations", &body("c", "active"), AT);
    follower.heard("v2.routing.queues.other.conversations", &body("d", "active"), AT);
    assert_eq!(taken(&follower), ["CallConnected", "RecordingStarted"]);
    assert!(taken(&follower).is_empty());
}

#[test]
fn a_slow_reader_keeps_what_waits_and_is_told_of_the_gap_and_of_what_is_different_after_it() {
    let follower = of_queue(3);
    let hear = |id: &str, state: &str| follower.heard("v2.routing.queues.q.conversations", &body(id, state), AT);
    hear("c", "active");
    hear("d", "active");
    hear("c", "paused");
    hear("d", "paused");
    hear("d", "active");
    assert_eq!(taken(&follower), ["CallConnected", "RecordingStarted", "CallConnected", "RecordingStarted"]);
    assert_eq!(taken(&follower), ["gap slow_reader", "RecordingPaused"]);
    hear("c", "active");
    assert_eq!(taken(&follower), ["RecordingResumed"]);
}

#[test]
fn an_event_that_cannot_be_read_is_a_gap_of_its_call_and_has_it_read() {
    let follower = of_queue(10);
    let odd = json!({"id": "c", "participants": [{"id": "a", "calls": [{"id": "1", "securePause": "false"}]}]});
    follower.heard("v2.routing.queues.q.conversations", &odd, AT);
    assert_eq!(taken(&follower), ["gap unreadable"]);
    assert_eq!(follower.next_to_read(), Some(("c".to_owned(), 1)));
}

#[test]
fn a_read_that_an_event_overtook_is_made_again() {
    let follower = of_queue(10);
    let known = |state: &str| Known::of(&body("c", state)).unwrap();
    follower.listed(vec!["c".into()]);
    let (id, version) = follower.next_to_read().unwrap();
    follower.heard("v2.routing.queues.q.conversations", &body("c", "paused"), AT);
    follower.read(&id, version, known("active"), AT);
    assert_eq!(taken(&follower), ["CallConnected", "RecordingPaused"]);
    let (id, version) = follower.next_to_read().unwrap();
    follower.read(&id, version, known("paused"), AT);
    assert!(taken(&follower).is_empty() && follower.next_to_read().is_none());
}

#[test]
fn a_stream_about_one_call_ends_with_it() {
    let conversations = BTreeSet::from(["c".to_owned()]);
    let follower = Follower::new(Following { conversations, ..Following::default() });
    let (id, version) = follower.next_to_read().unwrap();
    follower.read(&id, version, Known::of(&body("c", "active")).unwrap(), AT);
    let mut carriers = follower.carriers();
    carriers.sort();
    assert_eq!(carriers, ["v2.routing.queues.q.conversations", "v2.users.u.conversations"]);
    let over = json!({"id": "c", "participants": [{"id": "a", "calls": [{"id": "1", "state": "terminated"}]}]});
    follower.heard("v2.users.u.conversations", &over, AT);
    assert_eq!(taken(&follower), ["RecordingStarted", "CallEnded"]);
    assert!(matches!(follower.take_now(AT), Some(Ok(Taken::Over))));
}

#[test]
fn where_all_topics_are_refused_the_error_names_what_is_missing() {
    let follower = of_queue(10);
    let missing = vec!["routing:queue:view".to_owned()];
    let refused = crate::wire::platform::notifications::Refused { missing, reason: None };
    follower.decided(1, vec![Topic { name: "v2.routing.queues.q.conversations".into(), refused: Some(refused) }]);
    let Some(Err(error)) = follower.take_now(AT) else { panic!("no error") };
    assert!(error.to_string().contains("v2.routing.queues.q.conversations (missing: routing:queue:view)"), "{error}");
}
