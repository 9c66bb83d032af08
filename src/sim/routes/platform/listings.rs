//! `GET /api/v2/conversations` and `/api/v2/conversations/calls`: the calls that the user who asks is on.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use serde::Serialize;
use serde_json::json;
use url::form_urlencoded;
use uuid::Uuid;

use super::ANY_TOKEN;
use crate::sim::call::Call;
use crate::sim::call_conversation::CallConversation;
use crate::sim::conversation::Conversation;
use crate::sim::core::Core;
use crate::sim::faults::Route;
use crate::sim::reply::Reply;
use crate::sim::routes::exchange::exchange;
use crate::sim::world::World;

pub(super) async fn conversations(State(core): State<Arc<Core>>, request: Request) -> Response {
    exchange(&core, Route::Calls, ANY_TOKEN, request, |world, ask| {
        let user = ask.user()?;
        let wanted = form_urlencoded::parse(ask.query.as_bytes()).find(|(name, _)| name == "communicationType");
        let of_calls = wanted.is_none_or(|(_, kind)| kind.eq_ignore_ascii_case("call"));
        let found: Vec<_> = of(world, user).filter(|_| of_calls).map(Conversation::of).collect();
        Ok(listing("/api/v2/conversations", &found))
    })
    .await
}

pub(super) async fn calls(State(core): State<Arc<Core>>, request: Request) -> Response {
    exchange(&core, Route::Calls, ANY_TOKEN, request, |world, ask| {
        let found: Vec<_> = of(world, ask.user()?).map(CallConversation::of).collect();
        Ok(listing("/api/v2/conversations/calls", &found))
    })
    .await
}

/// The live calls on which a user is.
fn of(world: &mut World, user: Uuid) -> impl Iterator<Item = &Call> {
    world.all().filter(move |call| call.ended().is_none() && call.has_agent(user))
}

/// All on one page: no parameters are documented to ask for another.
fn listing(path: &str, entities: &[impl Serialize]) -> Reply {
    let total = entities.len();
    let page = format!("{path}?pageSize=25&pageNumber=1");
    Reply::json(
        StatusCode::OK,
        &json!({
            "entities": entities,
            "pageSize": total.max(25),
            "pageNumber": 1,
            "total": total,
            "firstUri": page,
            "lastUri": page,
            "selfUri": page,
            "pageCount": 1,
        }),
    )
}
