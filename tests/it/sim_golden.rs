//! The golden bodies of the published API, `tests/wire/conversation_*.json`: the simulator says them to the letter, ids
//! and times aside. Three of them it never says: `two_recorders`, and `lower_case` and `upper_case`, which are `paused`
//! with all words of recording in one case. Those are for clients.

use std::collections::HashMap;

use gcrec::sim::{NewCall, Options, Simulator, State};
use serde_json::Value;

use crate::golden::body;
use crate::sim_raw::{Caller, manual};

/// Ids become the order of their appearance, times become `time`.
pub(crate) fn without_chance(value: &mut Value, ids: &mut HashMap<String, usize>) {
    match value {
        Value::Object(members) => members.values_mut().for_each(|member| without_chance(member, ids)),
        Value::Array(items) => items.iter_mut().for_each(|item| without_chance(item, ids)),
        Value::String(text) => {
            let (before, last) = text.rsplit_once('/').map_or(("", text.as_str()), |(before, last)| (before, last));
            if uuid::Uuid::try_parse(last).is_ok() {
                let next = ids.len();
                *text = format!("{before}/{}", ids.entry(last.to_owned()).or_insert(next));
            } else if text.starts_with("20") && text.ends_with('Z') && text.len() == "2026-01-01T00:00:00.000Z".len() {
                "time".clone_into(text);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

async fn assert_says(sim: &Simulator, id: &str, name: &str) {
    let mut said = Caller::new(sim).await.conversation(id).await.json();
    let mut golden: Value = serde_json::from_str(&body(&format!("conversation_{name}"))).unwrap();
    without_chance(&mut said, &mut HashMap::new());
    without_chance(&mut golden, &mut HashMap::new());
    assert_eq!(said, golden, "{name}");
}

fn agent_one() -> Option<String> {
    Some("Agent One".into())
}

fn add(sim: &Simulator, state: State) -> String {
    sim.add_call(NewCall { state, user: agent_one(), ..NewCall::default() }).unwrap()
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
    let id = sim.add_call(NewCall { policy: true, user: agent_one(), ..NewCall::default() }).unwrap();
    assert_says(&sim, &id, "policy").await;
    let id = add(&sim, State::Paused);
    sim.transfer(&id).unwrap();
    assert_says(&sim, &id, "transferred").await;
    let id = add(&sim, State::Recording);
    sim.end_call(&id).unwrap();
    assert_says(&sim, &id, "ended").await;
}
