//! What comes down a socket.
//!
//! The bodies of events are leaner than those of the reads: what the vendor's models of events do not have is left out,
//! and whom they name is `{id, name}`.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::topic::Body;
use crate::sim::change::Change;

/// The version that every event says.
const VERSION: &str = "2";

/// What an event about a call keeps of the read of that call, and of each of its participants.
const CALL: &[&str] =
    &["id", "name", "participants", "otherMediaUris", "address", "recordingState", "securePause", "maxParticipants"];
const CALL_PARTICIPANT: &[&str] = &[
    "id",
    "name",
    "address",
    "startTime",
    "connectedTime",
    "endTime",
    "startHoldTime",
    "purpose",
    "state",
    "initialState",
    "direction",
    "disconnectType",
    "held",
    "wrapupRequired",
    "wrapupPrompt",
    "user",
    "queue",
    "attributes",
    "provider",
    "peer",
    "screenRecordingState",
    "muted",
    "confined",
    "recording",
    "recordingState",
    "recordersState",
    "securePause",
    "transferSource",
    "ani",
    "dnis",
    "consultParticipantId",
];
/// Whom a participant of a call names, and what an event keeps of that.
const REFERENCES: &[&str] = &["user", "queue"];
const REFERENCE: &[&str] = &["id", "name"];
/// The same of a conversation, its participants and their calls.
const CONVERSATION: &[&str] = &["id", "maxParticipants", "participants", "recordingState", "address", "securePause"];
const PARTICIPANT: &[&str] = &[
    "id",
    "connectedTime",
    "endTime",
    "userId",
    "name",
    "queueId",
    "purpose",
    "consultParticipantId",
    "address",
    "wrapupRequired",
    "wrapupExpected",
    "wrapupPrompt",
    "screenRecordingState",
    "attributes",
    "calls",
];
const LEG: &[&str] = &[
    "id",
    "state",
    "initialState",
    "recording",
    "recordingState",
    "recordersState",
    "muted",
    "confined",
    "held",
    "securePause",
    "disconnectType",
    "startHoldTime",
    "direction",
    "self",
    "other",
    "provider",
    "peerId",
    "connectedTime",
    "disconnectedTime",
    "transferSource",
];

/// An event of a topic.
pub(super) fn event(topic: &str, body: &Value, correlation_id: Uuid) -> String {
    json!({
        "topicName": topic,
        "version": VERSION,
        "eventBody": body,
        "metadata": { "CorrelationId": correlation_id.to_string() },
    })
    .to_string()
}

/// The sign of life that every socket gives.
pub(super) fn heartbeat() -> String {
    metadata("WebSocket Heartbeat")
}

/// The answer to a ping.
pub(super) fn pong() -> String {
    metadata("pong")
}

/// The server will close the socket.
pub(super) fn closing() -> String {
    let message = "The WebSocket will be closed by the server. Connect again.";
    json!({ "topicName": "v2.system.socket_closing", "eventBody": { "message": message } }).to_string()
}

/// Whether a client's text is a ping.
pub(super) fn is_ping(text: &str) -> bool {
    serde_json::from_str::<Value>(text).is_ok_and(|value| value["message"] == "ping")
}

fn metadata(message: &str) -> String {
    json!({ "topicName": "channel.metadata", "eventBody": { "message": message } }).to_string()
}

/// The bodies of what a topic tells of a change.
pub(super) fn bodies(body: Body, change: &Change) -> Vec<Value> {
    match body {
        Body::Call => vec![lean(body, &change.call_conversation)],
        Body::Conversation => vec![lean(body, &change.conversation)],
        Body::Recording => change.recordings.clone(),
        Body::Nothing => Vec::new(),
    }
}

/// What an event shows of what a read shows.
fn lean(body: Body, read: &Value) -> Value {
    match body {
        Body::Call => with_each(keep(read, CALL), "participants", |participant| {
            let mut participant = keep(participant, CALL_PARTICIPANT);
            for (_, reference) in participant.iter_mut().filter(|(field, _)| REFERENCES.contains(&field.as_str())) {
                *reference = keep(reference, REFERENCE).into();
            }
            participant.into()
        }),
        Body::Conversation => with_each(keep(read, CONVERSATION), "participants", |participant| {
            with_each(keep(participant, PARTICIPANT), "calls", |leg| keep(leg, LEG).into())
        }),
        Body::Recording | Body::Nothing => Value::Null,
    }
}

fn keep(value: &Value, fields: &[&str]) -> Map<String, Value> {
    let whole = value.as_object().into_iter().flatten();
    whole
        .filter(|(name, _)| fields.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// The value with each item of one of its lists changed.
fn with_each(mut whole: Map<String, Value>, list: &str, change: impl Fn(&Value) -> Value) -> Value {
    if let Some(Value::Array(items)) = whole.get_mut(list) {
        for item in items {
            *item = change(item);
        }
    }
    whole.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_keeps_what_its_model_has_and_names_whom_it_refers_to() {
        let read = json!({
            "id": "c", "selfUri": "/x", "startTime": "t", "securePause": true,
            "participants": [{
                "id": "p", "recordingId": "r", "securePause": true,
                "user": { "id": "u", "name": "n", "selfUri": "/u" }, "queue": { "id": "q", "selfUri": "/q" },
            }],
        });
        let expected = json!({
            "id": "c", "securePause": true,
            "participants": [{
                "id": "p", "securePause": true, "user": { "id": "u", "name": "n" }, "queue": { "id": "q" },
            }],
        });
        assert_eq!(lean(Body::Call, &read), expected);

        let read = json!({
            "id": "c", "startTime": "t",
            "participants": [
                { "id": "p", "startTime": "t", "calls": [{ "id": "l", "recordingId": "r", "held": false }] },
            ],
        });
        let expected = json!({ "id": "c", "participants": [{ "id": "p", "calls": [{ "id": "l", "held": false }] }] });
        assert_eq!(lean(Body::Conversation, &read), expected);
    }

    #[test]
    fn a_ping_is_known_by_its_message() {
        assert!(is_ping(r#"{"message":"ping"}"#) && is_ping(r#"{ "message": "ping", "more": 1 }"#));
        assert!(!is_ping("ping") && !is_ping(r#"{"message":"pong"}"#) && !is_ping("[]"));
    }
}
