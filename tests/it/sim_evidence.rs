//! What is left of recordings: their annotations, their transcoding, their metadata.

use gcrec::sim::{Action, NewCall, Options, Simulator, State};
use serde_json::{Value, json};

use crate::sim_raw::{Answer, Caller, manual, noted};

async fn instant(options: Options) -> Simulator {
    manual(Options { propagation: (0.0, 0.0), ..options }).await
}

fn add(sim: &Simulator, new: NewCall) -> String {
    sim.add_call(NewCall { user: Some("Agent One".into()), ..new }).unwrap()
}

async fn read(caller: &Caller<'_>, id: &str, rest: &str) -> Answer {
    caller.call("GET", &format!("/api/v2/conversations/{id}/{rest}"), "").await
}

/// Reason, location and duration in seconds.
fn annotations(recording: &Value) -> Vec<(String, u64, u64)> {
    let seconds = |one: &Value, name: &str| one[name].as_u64().unwrap() / 1_000;
    let told = |one: &Value| {
        (one["reason"].as_str().unwrap().to_owned(), seconds(one, "location"), seconds(one, "durationMs"))
    };
    recording["annotations"].as_array().unwrap().iter().map(told).collect()
}

#[tokio::test]
async fn pauses_and_holds_are_annotated_where_they_were() {
    let sim = instant(Options::default()).await;
    let (caller, id) = (Caller::new(&sim).await, add(&sim, NewCall { state: State::Recording, ..NewCall::default() }));
    sim.advance(10.0).unwrap();
    sim.by_hand(&id, Action::Pause).unwrap();
    sim.advance(5.0).unwrap();
    sim.by_hand(&id, Action::Resume).unwrap();
    sim.hold(&id, true).unwrap();
    sim.advance(7.0).unwrap();
    sim.hold(&id, false).unwrap();
    sim.advance(1.0).unwrap();
    sim.by_hand(&id, Action::Pause).unwrap();
    sim.advance(2.0).unwrap();
    assert_eq!(read(&caller, &id, "recordings").await.json(), json!([]));
    sim.end_call(&id).unwrap();
    let body = read(&caller, &id, "recordings").await.json();
    let [recording] = body.as_array().unwrap().as_slice() else { panic!("{body}") };
    let told = |reason: &str, location, duration| (reason.to_owned(), location, duration);
    assert_eq!(annotations(recording), [told("SecurePause", 10, 5), told("Hold", 15, 7), told("SecurePause", 23, 2)]);
    let ids: Vec<_> = (0..3).map(|place| &recording["annotations"][place]["id"]).collect();
    assert!(ids[0] == ids[2] && ids[0] != ids[1]);
    // After what was cut out before it: pause and hold.
    assert_eq!(recording["annotations"][2]["recordingLocation"], 11_000);
    assert_eq!(
        (&recording["startTime"], &recording["endTime"]),
        (&json!("2026-01-01T00:00:00.000Z"), &json!("2026-01-01T00:00:25.000Z"))
    );
    assert_eq!((&recording["outputDurationMs"], &recording["fileState"]), (&json!(11_000), &json!("AVAILABLE")));
    // A hold has another id each time.
    let again = read(&caller, &id, "recordings").await.json();
    assert!(again[0]["annotations"][0]["id"] == *ids[0] && again[0]["annotations"][1]["id"] != *ids[1]);
}

#[tokio::test]
async fn each_recorder_leaves_a_recording_of_its_kind() {
    let sim = instant(Options::default()).await;
    let (caller, id) = (Caller::new(&sim).await, add(&sim, NewCall { policy: true, ..NewCall::default() }));
    let participants = caller.conversation(&id).await.json()["participants"].clone();
    let agent = participants[1]["id"].as_str().unwrap();
    let path = format!("/api/v2/conversations/calls/{id}/participants/{agent}");
    caller.call("PATCH", &path, r#"{"recording": true}"#).await;
    sim.advance(1.0).unwrap();
    caller.call("POST", &format!("{path}/snippet/record"), r#"{"type": "snippet", "record": true}"#).await;
    sim.by_hand(&id, Action::Pause).unwrap();
    sim.advance(1.0).unwrap();
    caller.call("POST", &format!("{path}/snippet/record"), r#"{"type": "snippet", "record": false}"#).await;
    // What has ended is there already.
    assert_eq!(read(&caller, &id, "recordings").await.json().as_array().unwrap().len(), 1);
    sim.end_call(&id).unwrap();
    let body = read(&caller, &id, "recordings?formatId=NONE").await.json();
    let kinds: Vec<_> = body
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (one["mediaSubtype"].as_str().unwrap(), one["recordingFileRole"].as_str().unwrap(), annotations(one).len())
        })
        .collect();
    assert_eq!(kinds, [("Trunk", "CUSTOMER_EXPERIENCE", 1), ("Trunk", "ADHOC", 1), ("Snippet", "ADHOC", 0)]);
    assert_eq!(body[0]["sessionId"], participants[0]["calls"][0]["id"]);
    assert_eq!(body[1]["sessionId"], participants[1]["calls"][0]["id"]);
    assert!(body.as_array().unwrap().iter().all(|one| one["mediaUris"].is_null() && one["outputDurationMs"].is_null()));
}

#[tokio::test]
async fn transcoding_takes_its_time_from_the_first_asking_on() {
    let sim = instant(Options { transcoding: 30.0, ..Options::default() }).await;
    let (caller, id) = (Caller::new(&sim).await, add(&sim, NewCall { state: State::Recording, ..NewCall::default() }));
    sim.advance(60.0).unwrap();
    sim.end_call(&id).unwrap();
    // Who wants no media waits for none, and begins nothing.
    assert_eq!(read(&caller, &id, "recordings?formatId=NONE").await.status, 200);
    sim.advance(30.0).unwrap();
    let not_yet = read(&caller, &id, "recordings?maxWaitMs=0").await;
    assert_eq!((not_yet.status, not_yet.body.len()), (202, 0));
    sim.advance(26.0).unwrap();
    // The server waits as long as it was asked to, five seconds if not, and no longer than needed.
    let before = sim.requests().len();
    let (answer, ()) = tokio::join!(read(&caller, &id, "recordings"), async {
        noted(&sim, before + 1).await;
        sim.advance(4.0).unwrap();
    });
    assert_eq!((answer.status, answer.json()[0]["mediaUris"]["S"]["mediaUri"].is_string()), (200, true));
    assert_eq!(read(&caller, &id, "recordings?maxWaitMs=1").await.status, 200);
}

#[tokio::test]
async fn one_recording_has_its_facts_while_it_is_transcoded() {
    let sim = instant(Options { transcoding: 30.0, ..Options::default() }).await;
    let (caller, id) = (Caller::new(&sim).await, add(&sim, NewCall { state: State::Recording, ..NewCall::default() }));
    sim.advance(60.0).unwrap();
    sim.end_call(&id).unwrap();
    let metadata = read(&caller, &id, "recordingmetadata").await.json();
    let path = format!("recordings/{}", metadata[0]["id"].as_str().unwrap());
    let waiting = read(&caller, &id, &format!("{path}?maxWaitMs=0")).await;
    assert_eq!(
        (waiting.status, &waiting.json()["id"], waiting.json()["mediaUris"].is_null()),
        (202, &metadata[0]["id"], true)
    );
    assert_eq!(read(&caller, &id, &format!("{path}?formatId=NONE")).await.status, 200);
    sim.advance(30.0).unwrap();
    let ready = read(&caller, &id, &path).await;
    assert_eq!((ready.status, ready.json()["mediaUris"].is_object()), (200, true));
    assert_eq!(read(&caller, &id, "recordings/unknown").await.json()["code"], "not.found");
}

#[tokio::test]
async fn metadata_tell_neither_media_nor_what_the_system_noted() {
    let sim = instant(Options::default()).await;
    let (caller, id) = (Caller::new(&sim).await, add(&sim, NewCall { state: State::Paused, ..NewCall::default() }));
    sim.advance(9.0).unwrap();
    sim.end_call(&id).unwrap();
    let body = read(&caller, &id, "recordingmetadata").await.json();
    assert_eq!((&body[0]["annotations"], body[0]["mediaUris"].is_null()), (&json!([]), true));
    let own = format!("recordingmetadata/{}", body[0]["id"].as_str().unwrap());
    assert_eq!(read(&caller, &id, &own).await.json(), body[0]);
}

#[tokio::test]
async fn the_call_that_ended_an_hour_ago_was_paused_for_a_minute() {
    let sim = instant(Options::default()).await;
    let caller = Caller::new(&sim).await;
    let ended = r#"{"interval": "2025-12-31/2026-01-02", "conversationFilters": [{"type": "and", "predicates":
        [{"dimension": "conversationEnd", "operator": "exists"}]}]}"#;
    let found = caller.call("POST", "/api/v2/analytics/conversations/details/query", ended).await.json();
    let id = found["conversations"][0]["conversationId"].as_str().unwrap();
    let body = read(&caller, id, "recordings").await.json();
    assert_eq!(annotations(&body[0]), [("SecurePause".to_owned(), 280, 60)]);
}

#[tokio::test]
async fn what_makes_no_sense_or_is_not_there_is_refused() {
    let sim = instant(Options::default()).await;
    let (caller, id) = (Caller::new(&sim).await, sim.calls()[0].clone());
    for query in ["formatId=CASSETTE", "formatId=webm", "maxWaitMs=soon", "maxWaitMs=-1"] {
        let answer = read(&caller, &id, &format!("recordings?{query}")).await;
        assert_eq!((answer.status, &answer.json()["code"]), (400, &json!("invalid.value")), "{query}");
    }
    for rest in ["recordings", "recordingmetadata", "recordingmetadata/unknown", "recordings/unknown"] {
        let answer = read(&caller, "unknown", rest).await;
        assert_eq!((answer.status, &answer.json()["code"]), (404, &json!("conversation.not.found")), "{rest}");
    }
    assert_eq!(read(&caller, &id, "recordingmetadata/unknown").await.json()["code"], "not.found");
}
