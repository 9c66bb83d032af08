//! `GET /api/v2/conversations/{id}` and `/api/v2/conversations/calls/{id}`: one call, in two shapes.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;

use super::ANY_TOKEN;
use crate::sim::call_conversation::CallConversation;
use crate::sim::conversation::Conversation;
use crate::sim::core::Core;
use crate::sim::faults::Route;
use crate::sim::reply::{Failure, Reply};
use crate::sim::routes::exchange::{Access, exchange};
use crate::sim::routes::{Id, readable};
use crate::sim::tokens::Need;

const VIEW: Access = Access::Token(Need::AnyPermission(&["conversation:communication:view"]));

/// One that has ended is still known.
pub(super) async fn conversation(State(core): State<Arc<Core>>, id: Id, request: Request) -> Response {
    exchange(&core, Route::Status, VIEW, request, |world, _| {
        let id = &readable(id)?;
        let call = world.conversation(id).ok_or_else(|| Failure::no_such_conversation(id))?;
        Ok(Reply::json(StatusCode::OK, &Conversation::of(call)))
    })
    .await
}

pub(super) async fn call(State(core): State<Arc<Core>>, id: Id, request: Request) -> Response {
    exchange(&core, Route::Status, ANY_TOKEN, request, |world, _| {
        let id = &readable(id)?;
        let call = world.conversation(id).ok_or_else(|| Failure::no_such_conversation(id))?;
        Ok(Reply::json(StatusCode::OK, &CallConversation::of(call)))
    })
    .await
}
