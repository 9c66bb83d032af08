//! The notification service: a channel, what is subscribed to on it, and what comes down its socket.
//!
//! The id of a channel is in the address of its socket, which asks nobody for a token: whoever knows it may listen. So it
//! is shown nowhere.

use std::fmt;
use std::time::SystemTime;

use bytes::Bytes;
use http::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::Ask;
use crate::error::Needs;
use crate::exchange::{Authorization, Effect, Origin, Request};
use crate::model::{Document, Flaw, moment};

/// So many topics a channel may have; more is an error of the server.
pub const MOST_TOPICS: usize = 1_000;
/// What a client says to hear whether anybody is there.
pub const PING: &str = r#"{"message":"ping"}"#;

/// One channel: 24 hours for topics, and an address for one socket at a time.
#[derive(Clone, PartialEq, Eq)]
pub struct Channel {
    /// Its id.
    pub id: String,
    /// Where its socket is opened.
    pub uri: String,
    /// When it ends, if the server says so.
    pub expires: Option<SystemTime>,
}

/// Shows nothing that would let anybody in.
impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel").field("expires", &self.expires).finish_non_exhaustive()
    }
}

/// What became of the wish to follow a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// The topic.
    pub name: String,
    /// Why it is refused; None: it is followed.
    pub refused: Option<Refused>,
}

/// A topic that is refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refused {
    /// The permissions that whoever asks does not have.
    pub missing: Vec<String>,
    /// The server's reason.
    pub reason: Option<String>,
}

/// One message of the socket.
#[derive(Debug)]
pub enum Notification {
    /// Of a topic: what happened.
    Event {
        /// The topic, as the server writes it.
        topic: String,
        /// What happened.
        body: Value,
    },
    /// The server is there.
    Alive,
    /// The server is about to close the socket.
    Closing,
    /// The channel is not there any more.
    Gone,
}

/// The topic of a user's conversations: whatever happens in one in which the user takes part.
pub fn user(id: &str) -> String {
    format!("v2.users.{id}.conversations")
}

/// The topic of a queue's conversations.
pub fn queue(id: &str) -> String {
    format!("v2.routing.queues.{id}.conversations")
}

/// Makes a channel.
pub fn open() -> Ask<Channel> {
    let request = request(Method::POST, "/api/v2/notifications/channels".into(), "/api/v2/notifications/channels");
    Ask::new(request, |answer| {
        let raw = Document::parse(&answer?.body)?;
        let wanted = |name| raw.string(name).ok_or_else(|| Flaw::new(name, "is missing or no string"));
        Ok(Channel {
            id: wanted("id")?,
            uri: wanted("connectUri")?,
            expires: raw.string("expires").as_deref().and_then(moment::parse),
        })
    })
}

/// Follows these topics on a channel, and only these if `only`. The server says of each whether it may be.
pub fn subscribe(channel: &Channel, topics: &[String], only: bool) -> Ask<Vec<Topic>> {
    let body: Vec<_> = topics.iter().map(|topic| json!({ "id": topic })).collect();
    let request = Request {
        query: Some("ignore_errors=true".into()),
        body: Some(Bytes::from(Value::from(body).to_string())),
        ..subscriptions(if only { Method::PUT } else { Method::POST }, channel)
    };
    Ask::new(request, |answer| {
        let Listing { entities } = read(&answer?.body)?;
        Ok(entities.into_iter().map(Entity::topic).collect())
    })
}

/// Follows nothing on a channel any more.
pub fn unsubscribe(channel: &Channel) -> Ask<()> {
    Ask::new(subscriptions(Method::DELETE, channel), |answer| Ok(answer.map(drop)?))
}

/// What a message of the socket says.
pub fn notification(text: &str) -> Result<Notification, Flaw> {
    let Message { topic_name, event_body, result } = read(text.as_bytes())?;
    Ok(match (topic_name, result) {
        (Some(topic), _) if topic.eq_ignore_ascii_case("v2.system.socket_closing") => Notification::Closing,
        (Some(topic), _) if topic.eq_ignore_ascii_case("channel.metadata") => Notification::Alive,
        (Some(topic), _) => Notification::Event { topic, body: event_body },
        // What the service answers to whoever speaks on a channel that it does not know (seen in others' code).
        (None, Some(result)) if result.to_string().contains("404") => Notification::Gone,
        (None, _) => Notification::Alive,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    #[serde(default)]
    topic_name: Option<String>,
    #[serde(default)]
    event_body: Value,
    #[serde(default)]
    result: Option<Value>,
}

#[derive(Deserialize)]
struct Listing {
    #[serde(default)]
    entities: Vec<Entity>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entity {
    id: String,
    #[serde(default)]
    state: Option<String>,
    #[serde(default)]
    rejection_reason: Option<String>,
    #[serde(default)]
    missing_permissions: Option<Vec<String>>,
}

impl Entity {
    /// A state that we do not know is no permission.
    fn topic(self) -> Topic {
        let permitted = self.state.is_none_or(|state| state.eq_ignore_ascii_case("permitted"));
        let refused = Refused { missing: self.missing_permissions.unwrap_or_default(), reason: self.rejection_reason };
        Topic { name: self.id, refused: (!permitted).then_some(refused) }
    }
}

fn read<'a, T: Deserialize<'a>>(text: &'a [u8]) -> Result<T, Flaw> {
    serde_json::from_slice(text).map_err(|error| {
        // Its words may quote the body; its place does not.
        Flaw::new("", format!("is not what was asked for (line {}, column {})", error.line(), error.column()))
    })
}

fn subscriptions(method: Method, channel: &Channel) -> Request {
    let id = utf8_percent_encode(&channel.id, NON_ALPHANUMERIC);
    let path = format!("/api/v2/notifications/channels/{id}/subscriptions");
    request(method, path, "/api/v2/notifications/channels/{id}/subscriptions")
}

fn request(method: Method, path: String, template: &'static str) -> Request {
    Request {
        origin: Origin::Api,
        method,
        path,
        template,
        query: None,
        authorization: Authorization::Caller,
        content_type: "application/json",
        body: None,
        // It changes no recording. A channel too many ends by itself.
        effect: Effect::Read,
        // The channel takes none; each topic has its own.
        needs: Needs::Token,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_told_apart() {
        let is = |text: &str| notification(text).unwrap();
        let heartbeat = r#"{"topicName":"channel.metadata","eventBody":{"message":"WebSocket Heartbeat"}}"#;
        assert!(matches!(is(heartbeat), Notification::Alive));
        assert!(matches!(is(r#"{"topicName":"v2.system.socket_closing"}"#), Notification::Closing));
        assert!(matches!(is(r#"{"result":"404"}"#), Notification::Gone));
        assert!(matches!(is(r#"{"result":"200","status":"subscribed"}"#), Notification::Alive));
        let event = is(r#"{"topicName":"v2.users.a.conversations","version":"2","eventBody":{"id":"c"}}"#);
        assert!(matches!(event, Notification::Event { body, .. } if body["id"] == "c"));
        assert!(notification("[").is_err() && notification(r#"{"topicName":5}"#).is_err());
    }

    #[test]
    fn an_address_is_not_shown() {
        let channel = Channel { id: "streaming-1".into(), uri: "wss://s/channels/streaming-1".into(), expires: None };
        assert!(!format!("{channel:?}").contains("streaming"));
    }
}
