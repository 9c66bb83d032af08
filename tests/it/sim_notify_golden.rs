//! The golden bodies of the notification service, `tests/wire/{channel,subscriptions,event_*}.json`: the simulator says
//! them to the letter, ids and times aside.

use std::collections::HashMap;

use gcrec::sim::{NewCall, Options, State};
use http::Method;
use serde_json::{Value, json};

use crate::golden::body;
use crate::sim_golden::without_chance;
use crate::sim_notify::{House, came};

/// The channel that the golden bodies name.
const CHANNEL: &str = "streaming-0-6f1c2a340b5d4e6f8a7b9c0d1e";

fn assert_says(said: &Value, name: &str) {
    let values = [said.to_string(), body(name)].map(|text| {
        let mut value = serde_json::from_str(&text).unwrap();
        without_chance(&mut value, &mut HashMap::new());
        value
    });
    let [said, golden]: [Value; 2] = values;
    assert_eq!(said, golden, "{name}");
}

/// The same, about that channel.
fn renamed(said: &Value, id: &str) -> Value {
    serde_json::from_str(&said.to_string().replace(id, CHANNEL)).unwrap()
}

#[test]
fn a_channel_and_its_subscriptions_are_said_as_their_golden_bodies() {
    let permissions = vec!["recording:recording:view".to_owned()];
    let house = House::new(&Options { permissions, ..Options::default() });
    let channel = house.channel(&[]);
    let id = channel["id"].as_str().unwrap();
    assert_says(&renamed(&channel, id), "channel");
    let path = format!("/api/v2/notifications/channels/{id}/subscriptions?ignoreErrors=true");
    let topics = [
        "v2.users.6f1c2a34-0b5d-4e6f-8a7b-9c0d1e2f3a4b.conversations.6f1c2a34-0b5d-4e6f-8a7b-9c0d1e2f3a4b.recordings",
        "v2.users.6f1c2a34-0b5d-4e6f-8a7b-9c0d1e2f3a4b.conversations.calls",
        "v2.users.6f1c2a34-0b5d-4e6f-8a7b-9c0d1e2f3a4b.nonsense",
    ];
    let asked: Value = topics.iter().map(|topic| json!({ "id": topic })).collect();
    let told = house.ask(Method::POST, &path, &asked.to_string()).1;
    assert_says(&renamed(&told, id), "subscriptions");
}

#[test]
fn events_are_said_as_their_golden_bodies() {
    let house = House::new(&Options::default());
    let queue = house.sim.queues()[0].id;
    let topic = format!("v2.routing.queues.{queue}?conversations&conversations.calls");
    let mut socket = house.connect(&house.channel(&[&topic])).unwrap();
    house.sim.add_call(NewCall { state: State::Paused, user: Some("Agent One".into()), ..NewCall::default() }).unwrap();
    let mut told = came(&mut socket);
    house.sim.close_sockets(60.0).unwrap();
    socket.send(r#"{"message":"ping"}"#);
    house.advance(30);
    told.extend(came(&mut socket));
    let names = ["event_conversation", "event_call", "event_closing", "event_pong", "event_heartbeat"];
    assert_eq!(told.len(), names.len());
    for (event, name) in told.iter().zip(names) {
        let queue_of_golden = "b85c1e45-d8d7-4a63-86a9-40fed89dcc87";
        let event = event.to_string().replace(&queue.to_string(), queue_of_golden);
        assert_says(&serde_json::from_str(&event).unwrap(), name);
    }
}
