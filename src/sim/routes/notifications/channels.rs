//! `/api/v2/notifications/channels`: made, listed, asked after.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};

use super::{ANYBODY, no_such_channel, socket};
use crate::sim::core::Core;
use crate::sim::faults::Route;
use crate::sim::moment::iso;
use crate::sim::notify::Channel;
use crate::sim::reply::Reply;
use crate::sim::routes::exchange::exchange;
use crate::sim::routes::{Id, readable};

/// There is no body, or one without meaning: official SDKs send `null`.
pub(super) async fn create(State(core): State<Arc<Core>>, request: Request) -> Response {
    exchange(&core, Route::Channels, ANYBODY, request, |world, ask| {
        let now = world.now();
        Ok(Reply::json(StatusCode::OK, &shown(&core, world.channels.create(now, ask.holder))))
    })
    .await
}

pub(super) async fn list(State(core): State<Arc<Core>>, request: Request) -> Response {
    exchange(&core, Route::Channels, ANYBODY, request, |world, ask| {
        let own = world.channels.of(world.now(), ask.holder);
        Ok(Reply::json(StatusCode::OK, &json!({ "entities": own.map(|own| shown(&core, own)).collect::<Vec<_>>() })))
    })
    .await
}

pub(super) async fn exists(State(core): State<Arc<Core>>, id: Id, request: Request) -> Response {
    exchange(&core, Route::Channels, ANYBODY, request, |world, ask| {
        let id = readable(id)?;
        world.channels.find(world.now(), ask.holder, &id).ok_or_else(no_such_channel)?;
        Ok(Reply::empty(StatusCode::OK))
    })
    .await
}

fn shown(core: &Core, channel: &Channel) -> Value {
    json!({ "id": channel.id, "connectUri": socket::uri(core, &channel.id), "expires": iso(channel.expires) })
}
