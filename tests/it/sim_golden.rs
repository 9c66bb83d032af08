//! The golden bodies of the published API, `tests/wire/conversation_*.json`: the simulator says them to the letter, ids
//! and times aside. Three of them it never says: `two_recorders`, and `lower_case` and `upper_case`, which are `paused`
//! with all words of recording in one case. Those are for clients.

use std::collections::HashMap;

use gcrec::sim::{Action, NewCall, Options, Simulator, State};
use serde_json::Value;

use crate::golden::body;
use crate::sim_raw::{Answer, Caller, manual};

/// Ids become the order of their appearance, times become `time`.
pub(crate) fn without_chance(value: &mut Value, ids: &mut HashMap<String, usize>) {
    match value {
        Value::Object(members) => members.values_mut().for_each(|member| without_chance(member, ids)),
        Value::Array(items) => items.iter_mut().for_each(|item| without_chance(item, ids)),
        Value::String(text) => {
            let mut is_or_names_one = false;
            let parts: Vec<_> = text
                .split('/')
                .map(|part| match uuid::Uuid::try_parse(part) {
                    Ok(_) => {
                        is_or_names_one = true;
                        let next = ids.len();
                        ids.entry(part.to_owned()).or_insert(next).to_string()
                    }
                    Err(_) => part.to_owned(),
                })
                .collect();
            if is_or_names_one {
                *text = parts.join("/");
            } else if text.starts_with("20") && text.ends_with('Z') && text.len() == "2026-01-01T00:00:00.000Z".len() {
                "time".clone_into(text);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

async fn assert_says(sim: &Simulator, id: &str, name: &str) {
    let said = Caller::new(sim).await.conversation(id).await;
    assert_is(&said, &format!("conversation_{name}"));
}

fn assert_is(said: &Answer, name: &str) {
    let mut said = said.json();
    let mut golden: Value = serde_json::from_str(&body(name)).unwrap();
    without_chance(&mut said, &mut HashMap::new());
    without_chance(&mut golden, &mut HashMap::new());
    assert_eq!(said, golden, "{name}");
}

/// A call of the same agent each time.
fn recorded(state: State) -> NewCall {
    NewCall { state, user: Some("Agent One".into()), ..NewCall::default() }
}

fn add(sim: &Simulator, state: State) -> String {
    sim.add_call(recorded(state)).unwrap()
}

#[tokio::test]
async fn each_state_of_a_call_is_said_as_its_golden_body() {
    let sim = manual(Options::default()).await;
    for (state, name) in
        [(State::Recording, "recording"), (State::Paused, "paused"), (State::Held, "held"), (State::Stopped, "stopped")]
    {
        assert_says(&sim, &add(&sim, state), name).await;
    }
    let older = manual(Options { secure_pause: false, ..Options::default() }).await;
    assert_says(&older, &add(&older, State::Held), "held_unmarked").await;
}

#[tokio::test]
async fn each_life_of_a_call_is_said_as_its_golden_body() {
    let sim = manual(Options::default()).await;
    let id = sim.add_call(NewCall { policy: true, ..recorded(State::Stopped) }).unwrap();
    assert_says(&sim, &id, "policy").await;
    let id = add(&sim, State::Paused);
    sim.transfer(&id).unwrap();
    assert_says(&sim, &id, "transferred").await;
    let id = add(&sim, State::Recording);
    sim.end_call(&id).unwrap();
    assert_says(&sim, &id, "ended").await;
}

#[tokio::test]
async fn each_kind_of_participant_is_said_as_in_its_golden_body() {
    let sim = manual(Options::default()).await;
    let id = sim.add_call(NewCall { ivr: true, ..recorded(State::Recording) }).unwrap();
    assert_says(&sim, &id, "through_queue").await;
    let id = add(&sim, State::Recording);
    sim.consult(&id).unwrap();
    assert_says(&sim, &id, "consult").await;
    sim.conference(&id).unwrap();
    assert_says(&sim, &id, "conference").await;
}

#[tokio::test]
async fn calls_are_said_flat_as_their_golden_bodies() {
    let sim = manual(Options::default()).await;
    let caller = Caller::new(&sim).await;
    let (recording, paused) = (add(&sim, State::Recording), add(&sim, State::Paused));
    sim.transfer(&paused).unwrap();
    sim.hold(&paused, true).unwrap();
    let call = |id: String| format!("/api/v2/conversations/calls/{id}");
    assert_is(&caller.call("GET", &call(recording), "").await, "call_conversation_recording");
    assert_is(&caller.call("GET", &call(paused.clone()), "").await, "call_conversation_transferred_held");
    sim.end_call(&paused).unwrap();
    assert_is(&caller.call("GET", &call(paused), "").await, "call_conversation_ended");
}

#[tokio::test]
async fn lists_of_a_user_are_said_as_their_golden_bodies() {
    let sim = manual(Options { calls: 0, ..Options::default() }).await;
    add(&sim, State::Recording);
    let one = Caller { sim: &sim, token: sim.user_token("Agent One").unwrap() };
    assert_is(&one.call("GET", "/api/v2/conversations/calls", "").await, "calls_listing");
    assert_is(&one.call("GET", "/api/v2/conversations", "").await, "conversations_listing");
}

#[tokio::test]
async fn analytics_are_said_as_their_golden_bodies() {
    let sim = manual(Options { calls: 0, ..Options::default() }).await;
    let caller = Caller::new(&sim).await;
    let ask = |what: &'static str, body: &'static str| {
        let caller = &caller;
        async move { caller.call("POST", &format!("/api/v2/analytics/conversations/{what}/query"), body).await }
    };
    sim.add_call(NewCall { ivr: true, ..recorded(State::Recording) }).unwrap();
    assert_is(&ask("details", r#"{"interval": "2025-12-31/2026-01-02"}"#).await, "details_query");
    assert_is(&ask("details", r#"{"interval": "2026-01-02/2026-01-03"}"#).await, "details_query_empty");
    let activity = r#"{"metrics": [{"metric": "oInteracting", "details": true}], "groupBy": ["queueId"]}"#;
    assert_is(&ask("activity", activity).await, "activity_query");
}

#[tokio::test]
async fn evidence_is_said_as_its_golden_bodies() {
    let sim = manual(Options { propagation: (0.0, 0.0), ..Options::default() }).await;
    let caller = Caller::new(&sim).await;
    let id = add(&sim, State::Recording);
    for on in [true, false] {
        sim.advance(10.0).unwrap();
        sim.by_hand(&id, if on { Action::Pause } else { Action::Resume }).unwrap();
        sim.hold(&id, !on).unwrap();
    }
    sim.advance(10.0).unwrap();
    sim.end_call(&id).unwrap();
    let read = |rest: &'static str| {
        let (caller, id) = (&caller, &id);
        async move { caller.call("GET", &format!("/api/v2/conversations/{id}/{rest}"), "").await }
    };
    assert_is(&read("recordings").await, "recording_list");
    assert_is(&read("recordings?formatId=NONE").await, "recording_list_without_media");
    assert_is(&read("recordingmetadata").await, "recording_metadata");
}
