//! `/api/v2/recordings/conversations/{id}`: commands to one call's recording, and what became of it.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::exchange::{Access, exchange};
use super::{Id, readable};
use crate::sim::calls::{Denied, Order};
use crate::sim::core::Core;
use crate::sim::faults::Route;
use crate::sim::moment::iso;
use crate::sim::queue::Aim;
use crate::sim::recording::{Action, Phase, Recording};
use crate::sim::reply::{Failure, Reply};
use crate::sim::tokens::Need;

const READ: Access = Access::Token(Need::Scope("conversation:recording:read"));
const WRITE: Access = Access::Token(Need::Scope("conversation:recording:write"));

#[derive(Deserialize)]
struct Event {
    #[serde(rename = "type")]
    word: Word,
}

/// What this wire can ask for.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Word {
    Start,
    Stop,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Accepted<'a> {
    id: String,
    conversation_id: &'a str,
    #[serde(rename = "type")]
    word: Word,
    status: &'static str,
}

#[derive(Serialize)]
struct Listing<'a> {
    items: Vec<Item<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item<'a> {
    id: String,
    conversation_id: &'a str,
    status: &'static str,
    media: &'static str,
    start_time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_time: Option<String>,
}

pub(super) async fn control(State(core): State<Arc<Core>>, id: Id, request: Request) -> Response {
    exchange(&core, Route::Control, WRITE, request, |world, ask| {
        let id = &readable(id)?;
        let event: Event = serde_json::from_slice(ask.body).map_err(|error| {
            Failure::bad_request(format!("The body must be {{\"type\": \"start\"}} or {{\"type\": \"stop\"}}: {error}"))
        })?;
        let action = match event.word {
            Word::Start => Action::Start,
            Word::Stop => Action::Stop,
        };
        let order =
            Order { action, aim: Aim::Call, request_id: Some(ask.request_id), fate: ask.fate, must_change: true };
        world.command(id, order).map_err(|denied| refused(id, denied))?;
        let accepted =
            Accepted { id: ask.request_id.to_string(), conversation_id: id, word: event.word, status: "accepted" };
        Ok(Reply::json(StatusCode::ACCEPTED, &accepted))
    })
    .await
}

pub(super) async fn list(State(core): State<Arc<Core>>, id: Id, request: Request) -> Response {
    exchange(&core, Route::Status, READ, request, |world, _| {
        let id = &readable(id)?;
        let items = world.recordings(id)?.map(|recording| Item::new(id, recording)).collect();
        Ok(Reply::json(StatusCode::OK, &Listing { items }))
    })
    .await
}

fn refused(id: &str, denied: Denied) -> Failure {
    let state = match denied {
        // From outside these look alike.
        Denied::Unknown | Denied::Ended => return Failure::no_such_conversation(id),
        Denied::NoChange(Phase::Ended) => "not recording",
        Denied::NoChange(phase) => phase.word(),
    };
    let message = format!("The recording of conversation {id} cannot change: it is {state}, or about to be.");
    Failure::new(StatusCode::CONFLICT, "conflict", message).parameter("conversationId", id)
}

impl<'a> Item<'a> {
    fn new(conversation_id: &'a str, recording: &Recording) -> Self {
        Self {
            id: recording.id.to_string(),
            conversation_id,
            status: recording.phase().word(),
            media: "audio",
            start_time: iso(recording.started),
            end_time: recording.ended.map(iso),
        }
    }
}
