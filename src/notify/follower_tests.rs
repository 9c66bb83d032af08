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

#[test]
fn what_a_read_shows_that_began_before_a_gap_ended_is_read_again() {
    let follower = of_queue(10);
    let known = |state: &str| Known::of(&body("c", state)).unwrap();
    follower.listed(vec!["c".into()]);
    let (id, version) = follower.next_to_read().unwrap();
    follower.interrupted(AT, AT, GapReason::Broken);
    follower.read(&id, version, known("active"), AT);
    assert_eq!(taken(&follower), ["gap broken"]);
    let (id, version) = follower.next_to_read().unwrap();
    follower.read(&id, version, known("paused"), AT);
    assert_eq!(taken(&follower), ["RecordingPaused"]);
}

#[test]
fn what_nobody_takes_does_not_grow_and_the_first_gap_of_many_is_where_the_hole_begins() {
    let follower = of_queue(2);
    let at = |second| AT + std::time::Duration::from_secs(second);
    for second in 1..1_000 {
        follower.interrupted(at(second), at(second), GapReason::Unreadable);
    }
    assert_eq!(follower.lock().waiting.len(), 2);
    assert!(follower.take_now(at(5_000)).is_some());
    let Some(Ok(Taken::Events(events))) = follower.take_now(at(5_000)) else { panic!("no gap") };
    let gap = Gap { since: at(3), until: at(5_000), reason: GapReason::SlowReader, conversation_id: None };
    assert_eq!(events, [Event::Gap(gap)]);
}

#[test]
fn calls_that_came_and_went_while_nobody_read_are_let_go_of() {
    let follower = of_queue(2);
    let over =
        |id: &str| json!({"id": id, "participants": [{"id": "a", "calls": [{"id": "1", "state": "terminated"}]}]});
    for n in 0..2_000 {
        let (id, topic, at) =
            (n.to_string(), "v2.routing.queues.q.conversations", AT + std::time::Duration::from_secs(n));
        follower.heard(topic, &body(&id, "active"), at);
        follower.heard(topic, &over(&id), at);
    }
    assert!(follower.lock().calls.len() < 400, "{}", follower.lock().calls.len());
    // What was told of is not forgotten: its end is owed.
    assert_eq!(taken(&follower), ["CallConnected", "RecordingStarted"]);
    assert_eq!(taken(&follower)[..2], ["gap slow_reader", "CallEnded"]);
}

#[test]
fn a_call_whose_people_have_no_topics_is_looked_at_again() {
    let conversations = BTreeSet::from(["c".to_owned()]);
    let follower = Follower::new(Following { conversations, ..Following::default() });
    let (id, version) = follower.next_to_read().unwrap();
    let alone = json!({"id": "c", "participants": [{"id": "a", "calls": [{"id": "1", "state": "connected"}]}]});
    follower.read(&id, version, Known::of(&alone).unwrap(), AT);
    assert_eq!(follower.unheard(), ["c"]);
    follower.look_again(follower.unheard());
    let (id, version) = follower.next_to_read().unwrap();
    follower.read(&id, version, Known::of(&body("c", "active")).unwrap(), AT);
    assert!(follower.unheard().is_empty());
}
