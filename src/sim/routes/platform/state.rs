//! The state of a call's recordings: its secure pause, in the three ways of setting it.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use serde_json::Value;

use super::{refused, takes_part};
use crate::sim::calls::Order;
use crate::sim::conversation::Conversation;
use crate::sim::core::Core;
use crate::sim::faults::Route;
use crate::sim::queue::Aim;
use crate::sim::recording::Action;
use crate::sim::reply::{Failure, Reply};
use crate::sim::routes::exchange::{Access, Ask, exchange};
use crate::sim::routes::{Id, readable};
use crate::sim::tokens::Need;
use crate::sim::world::World;

const PAUSE: Access = Access::Token(Need::AnyPermission(&["conversation:recording:pauseOthers"]));
const OLDER: Access = Access::Token(Need::AnyPermission(&["conversation:communication:disconnect"]));

/// `PATCH /api/v2/conversations/{id}/recordingstate`. What changes nothing is answered like everything else.
pub(super) async fn set(State(core): State<Arc<Core>>, id: Id, request: Request) -> Response {
    exchange(&core, Route::Control, PAUSE, request, |world, ask| {
        let id = &readable(id)?;
        let action = asked_for(&ask.json()?)?;
        command(world, ask, id, action)?;
        Ok(Reply::empty(StatusCode::ACCEPTED))
    })
    .await
}

/// `PUT /api/v2/conversations/calls/{id}/recordingstate`, which says what the state will be.
pub(super) async fn put(State(core): State<Arc<Core>>, id: Id, request: Request) -> Response {
    exchange(&core, Route::Control, PAUSE, request, |world, ask| {
        let id = &readable(id)?;
        let action = asked_for(&ask.json()?)?;
        let words = world.words_after(id, action, Aim::Call);
        command(world, ask, id, action)?;
        Ok(Reply::json(StatusCode::OK, &words))
    })
    .await
}

/// The same of conversations that are no calls: there are none.
pub(super) async fn put_elsewhere(State(core): State<Arc<Core>>, id: Id, request: Request) -> Response {
    exchange(&core, Route::Control, PAUSE, request, |_, ask| {
        let id = readable(id)?;
        asked_for(&ask.json()?)?;
        Err(Failure::no_such_conversation(&id))
    })
    .await
}

/// `PATCH /api/v2/conversations/calls/{id}`: the older form, for who takes part in the call.
pub(super) async fn update_call(State(core): State<Arc<Core>>, id: Id, request: Request) -> Response {
    exchange(&core, Route::Control, OLDER, request, |world, ask| {
        let id = &readable(id)?;
        let action = asked_for(&ask.json()?)?;
        let needs_user = world.published.start_needs_user;
        let call = world.conversation(id).ok_or_else(|| Failure::no_such_conversation(id))?;
        takes_part(call, ask, needs_user)?;
        command(world, ask, id, action)?;
        let call = world.conversation(id).ok_or_else(|| Failure::no_such_conversation(id))?;
        Ok(Reply::json(StatusCode::ACCEPTED, &Conversation::of(call)))
    })
    .await
}

fn command(world: &mut World, ask: &Ask<'_>, id: &str, action: Action) -> Result<(), Failure> {
    let request_id = Some(ask.request_id);
    let order = Order { action, aim: Aim::Call, request_id, fate: ask.fate, must_change: false };
    world.command(id, order).map_err(|denied| refused(id, denied))
}

fn asked_for(body: &Value) -> Result<Action, Failure> {
    match &body["recordingState"] {
        Value::String(word) if word == "PAUSED" => Ok(Action::Pause),
        Value::String(word) if word == "ACTIVE" => Ok(Action::Resume),
        // NONE is in the vendor's list too; what it does is documented nowhere, so that nobody should send it.
        Value::String(word) => Err(Failure::invalid_value(word, "recordingState", "ACTIVE, PAUSED")),
        other => Err(Failure::invalid_value(&other.to_string(), "recordingState", "ACTIVE, PAUSED")),
    }
}
