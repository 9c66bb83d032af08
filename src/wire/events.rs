//! The tutorial's wire ("events", after its endpoint). None of these endpoints is in the published Platform API v2.

use bytes::Bytes;
use http::Method;

use super::{Ask, Halt};
use crate::error::{Error, ErrorKind};
use crate::exchange::{Authorization, Effect, Request, Response};
use crate::model::{AccessToken, Action, ConversationId, Document, Flaw, State};

/// Lists active conversations.
const CONVERSATION_READ: &str = "conversation:read";
/// Reads the recordings of a conversation.
const RECORDING_READ: &str = "conversation:recording:read";
/// Starts and stops recordings.
const RECORDING_WRITE: &str = "conversation:recording:write";

/// The first active voice call, if there is one.
pub fn active_voice_call(token: AccessToken) -> Ask<Option<Document>> {
    Ask::new(calls_request(token), |answer| Ok(Document::parse(&answer?.body)?.first_item()?))
}

/// The id of the first active voice call, if there is one.
pub fn active_voice_call_id(token: AccessToken) -> Ask<Option<String>> {
    Ask::new(calls_request(token), |answer| {
        let Some(call) = Document::parse(&answer?.body)?.first_item()? else { return Ok(None) };
        match call.string("id") {
            Some(id) => Ok(Some(id)),
            None => Err(Flaw::new("items[0].id", "is missing or no string").into()),
        }
    })
}

/// The ids of all active voice calls.
pub fn active_voice_call_ids(token: AccessToken) -> Ask<Vec<String>> {
    Ask::new(calls_request(token), |answer| {
        let calls = Document::parse(&answer?.body)?.items()?;
        Ok(calls.iter().filter_map(|call| call.string("id")).collect())
    })
}

/// Starts or stops the recording of a conversation; gives the server's own words, `{}` where it has none.
pub fn control(token: AccessToken, id: &ConversationId, action: Action) -> Ask<Document> {
    let path = format!("{}/events", recordings_of(id));
    let body = Bytes::from(format!("{{\"type\": \"{}\"}}", action.word()));
    let request = request(token, Method::POST, path, RECORDING_WRITE);
    Ask::new(Request { body: Some(body), effect: Effect::Command, ..request }, |answer| {
        let Response { body, .. } = answer?;
        if body.trim_ascii().is_empty() { Ok(Document::empty()) } else { Ok(Document::parse(&body)?.presentable("")?) }
    })
}

/// The newest recording of a conversation, if there is one; a 404 means none.
pub fn newest_recording(token: AccessToken, id: &ConversationId) -> Ask<Option<Document>> {
    Ask::new(status_request(token, id), |answer| match recordings(answer)? {
        Some(list) => Ok(list.first_item()?),
        None => Ok(None),
    })
}

/// The verdict over all recordings of a conversation; None where the server answers 404, which proves nothing.
pub fn state(token: AccessToken, id: &ConversationId) -> Ask<Option<State>> {
    Ask::new(status_request(token, id), |answer| match recordings(answer)? {
        Some(list) => Ok(Some(verdict(&list)?)),
        None => Ok(None),
    })
}

fn calls_request(token: AccessToken) -> Request {
    let request = request(token, Method::GET, "/api/v2/communications".into(), CONVERSATION_READ);
    Request { query: Some("state=active&types=voice"), ..request }
}

fn status_request(token: AccessToken, id: &ConversationId) -> Request {
    request(token, Method::GET, recordings_of(id), RECORDING_READ)
}

fn recordings(answer: Result<Response, Error>) -> Result<Option<Document>, Halt> {
    match answer {
        Ok(response) => Ok(Some(Document::parse(&response.body)?)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn verdict(list: &Document) -> Result<State, Flaw> {
    let statuses: Vec<_> = list.items()?.iter().map(|item| item.string("status")).collect();
    Ok(State::of_statuses(statuses.iter().map(Option::as_deref)))
}

fn recordings_of(id: &ConversationId) -> String {
    format!("/api/v2/recordings/conversations/{}", id.segment())
}

/// Every request carries the token and declares JSON, as the tutorial states.
fn request(token: AccessToken, method: Method, path: String, scope: &'static str) -> Request {
    Request {
        method,
        path,
        query: None,
        authorization: Authorization::Bearer(token),
        content_type: "application/json",
        body: None,
        effect: Effect::Read,
        scope: Some(scope),
    }
}
