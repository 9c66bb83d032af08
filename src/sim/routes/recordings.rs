//! `/api/v2/recordings/conversations/{id}`: commands to one call's recording, and what became of it.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::exchange::{Access, exchange};
use crate::sim::core::Core;
use crate::sim::faults::Route;
use crate::sim::moment::iso;
use crate::sim::recording::{Action, Recording};
use crate::sim::reply::{Failure, Reply};

const READ: Access = Access::Scope("conversation:recording:read");
const WRITE: Access = Access::Scope("conversation:recording:write");

/// The id in the path, percent-decoded as one segment.
type Id = Result<Path<String>, PathRejection>;

#[derive(Deserialize)]
struct Event {
    #[serde(rename = "type")]
    action: Action,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Accepted<'a> {
    id: String,
    conversation_id: &'a str,
    #[serde(rename = "type")]
    action: Action,
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
        world.command(id, event.action, ask.request_id, ask.lost)?;
        let accepted =
            Accepted { id: ask.request_id.to_string(), conversation_id: id, action: event.action, status: "accepted" };
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

fn readable(id: Id) -> Result<String, Failure> {
    let Path(id) = id.map_err(|_| Failure::bad_request("The conversation id in the path is no UTF-8."))?;
    Ok(id)
}

impl<'a> Item<'a> {
    fn new(conversation_id: &'a str, recording: &Recording) -> Self {
        Self {
            id: recording.id.to_string(),
            conversation_id,
            status: recording.status(),
            media: "audio",
            start_time: iso(recording.started),
            end_time: recording.ended.map(iso),
        }
    }
}
