//! `/api/v2/conversations/{id}`: a conversation as the published API shows it, and its secure pause.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use serde_json::Value;

use super::exchange::{Access, Ask, exchange};
use super::{Id, readable};
use crate::sim::calls::{Denied, Order};
use crate::sim::conversation::Conversation;
use crate::sim::core::Core;
use crate::sim::faults::Route;
use crate::sim::queue::Aim;
use crate::sim::recording::Action;
use crate::sim::reply::{Failure, Reply};
use crate::sim::tokens::Need;

const VIEW: Access = Access::Token(Need::AnyPermission(&["conversation:communication:view"]));
const PAUSE: Access = Access::Token(Need::AnyPermission(&["conversation:recording:pauseOthers"]));

/// One that has ended is still known.
pub(super) async fn show(State(core): State<Arc<Core>>, id: Id, request: Request) -> Response {
    exchange(&core, Route::Status, VIEW, request, |world, _| {
        let id = &readable(id)?;
        let call = world.conversation(id).ok_or_else(|| Failure::no_such_conversation(id))?;
        Ok(Reply::json(StatusCode::OK, &Conversation::of(call)))
    })
    .await
}

/// What changes nothing is answered like everything else: no 409 is documented.
pub(super) async fn set_recording_state(State(core): State<Arc<Core>>, id: Id, request: Request) -> Response {
    exchange(&core, Route::Control, PAUSE, request, |world, ask| {
        let id = &readable(id)?;
        let action = asked_for(ask)?;
        let order =
            Order { action, aim: Aim::Call, request_id: Some(ask.request_id), fate: ask.fate, must_change: false };
        world.command(id, order).map_err(|denied| match denied {
            Denied::Ended => {
                let message = "The call is already disconnected.";
                Failure::new(StatusCode::BAD_REQUEST, "conversation.error.call.disconnected", message)
            }
            Denied::Unknown | Denied::NoChange(_) => Failure::no_such_conversation(id),
        })?;
        Ok(Reply::empty(StatusCode::ACCEPTED))
    })
    .await
}

fn asked_for(ask: &Ask<'_>) -> Result<Action, Failure> {
    match &ask.json()?["recordingState"] {
        Value::String(word) if word == "PAUSED" => Ok(Action::Pause),
        Value::String(word) if word == "ACTIVE" => Ok(Action::Resume),
        // NONE is in the vendor's list too; what it does is documented nowhere, so that nobody should send it.
        Value::String(word) => Err(Failure::invalid_value(word, "recordingState", "ACTIVE, PAUSED")),
        other => Err(Failure::invalid_value(&other.to_string(), "recordingState", "ACTIVE, PAUSED")),
    }
}
