//! `/api/v2/notifications/`: channels, their subscriptions, the topics that there are; and the sockets of channels.

mod channels;
mod socket;
mod subscriptions;
mod topics;

use std::sync::Arc;

use axum::Router;
use axum::routing::{any, get, head, post};

use super::exchange::Access;
use crate::sim::core::Core;
use crate::sim::failure::Failure;
use crate::sim::tokens::Need;

/// Each topic has its own permission, the channel none.
const ANYBODY: Access = Access::Token(Need::Token);

pub(super) fn routes() -> Router<Arc<Core>> {
    let own = get(subscriptions::list);
    let own = own.post(subscriptions::add).put(subscriptions::replace).delete(subscriptions::remove);
    Router::new()
        .route("/api/v2/notifications/channels", post(channels::create).get(channels::list))
        .route("/api/v2/notifications/channels/{id}", head(channels::exists))
        .route("/api/v2/notifications/channels/{id}/subscriptions", own)
        .route("/api/v2/notifications/availabletopics", get(topics::list))
        .route(&format!("{}{{id}}", socket::PATH), any(socket::open))
}

fn no_such_channel() -> Failure {
    Failure::no_such_route()
}
