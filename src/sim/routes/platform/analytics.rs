//! Analytics: the search for conversations, details of known ones, and who talks right now.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use serde_json::json;
use url::form_urlencoded;

use crate::sim::analytics::{Activity, Details, Query};
use crate::sim::core::Core;
use crate::sim::faults::Route;
use crate::sim::reply::{Failure, Reply};
use crate::sim::routes::exchange::{Access, exchange};
use crate::sim::routes::{Id, readable};
use crate::sim::tokens::Need;

const DETAILS: Access = Access::Token(Need::AnyPermission(&[
    "analytics:conversationDetail:view",
    "analytics:agentConversationDetail:view",
]));
const OBSERVATIONS: Access = Access::Token(Need::AnyPermission(&["analytics:queueObservation:view"]));

/// `POST /api/v2/analytics/conversations/details/query`.
pub(super) async fn query(State(core): State<Arc<Core>>, request: Request) -> Response {
    exchange(&core, Route::Calls, DETAILS, request, |world, ask| {
        let query = Query::read(ask.object()?)?;
        let (horizon, repeats) = (world.heard_until(), world.published.search_repeats);
        Ok(Reply::json(StatusCode::OK, &query.answer(world.all(), horizon, repeats)))
    })
    .await
}

/// `GET /api/v2/analytics/conversations/details?id=a,b`. Unknown ones are left out.
pub(super) async fn details(State(core): State<Arc<Core>>, request: Request) -> Response {
    exchange(&core, Route::Status, DETAILS, request, |world, ask| {
        let given = form_urlencoded::parse(ask.query.as_bytes()).filter(|(name, _)| name == "id");
        let ids: Vec<String> =
            given.flat_map(|(_, list)| list.split(',').map(str::to_owned).collect::<Vec<_>>()).collect();
        if ids.iter().all(String::is_empty) {
            return Err(Failure::bad_request("The parameter id is required.").field("id"));
        }
        let horizon = world.heard_until();
        let found: Vec<_> =
            world.all().filter(|call| ids.contains(&call.id)).filter_map(|call| Details::of(call, horizon)).collect();
        let body = if found.is_empty() { json!({}) } else { json!({ "conversations": found }) };
        Ok(Reply::json(StatusCode::OK, &body))
    })
    .await
}

/// `GET /api/v2/analytics/conversations/{id}/details`.
pub(super) async fn details_of_one(State(core): State<Arc<Core>>, id: Id, request: Request) -> Response {
    exchange(&core, Route::Status, DETAILS, request, |world, _| {
        let id = &readable(id)?;
        let horizon = world.heard_until();
        let found = world.conversation(id).and_then(|call| Details::of(call, horizon));
        let details = found.ok_or_else(|| Failure::no_such_conversation(id))?;
        Ok(Reply::json(StatusCode::OK, &details))
    })
    .await
}

/// `POST /api/v2/analytics/conversations/activity/query`.
pub(super) async fn activity(State(core): State<Arc<Core>>, request: Request) -> Response {
    exchange(&core, Route::Calls, OBSERVATIONS, request, |world, ask| {
        let (query, now) = (Activity::read(ask.object()?)?, world.now());
        let live = world.all().filter(|call| call.ended().is_none());
        Ok(Reply::json(StatusCode::OK, &query.answer(live, now)))
    })
    .await
}
