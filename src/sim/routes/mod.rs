//! The HTTP surface: which path is which endpoint. A file an endpoint; `exchange` is what all of the wire share.

mod authorize;
mod communications;
mod exchange;
mod me;
mod notifications;
mod platform;
mod recordings;
mod simulation;
mod token;

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use axum::routing::{any, get, post};

use self::exchange::{Access, exchange};
use super::core::Core;
use super::faults::Route;
use super::reply::Failure;

/// The id in the path, percent-decoded as one segment.
type Id = Result<Path<String>, PathRejection>;

/// All routes of one simulator.
pub(super) fn router(core: Arc<Core>) -> Router {
    Router::new()
        .route("/oauth/token", post(token::issue))
        .route("/oauth/authorize", get(authorize::show).post(authorize::decide))
        .route("/api/v2/tokens/me", get(me::token).delete(me::revoke))
        .route("/api/v2/users/me", get(me::user))
        .route("/api/v2/communications", get(communications::list))
        .route("/api/v2/recordings/conversations/{id}", get(recordings::list))
        .route("/api/v2/recordings/conversations/{id}/events", post(recordings::control))
        .merge(notifications::routes())
        .merge(platform::router())
        .route("/simulation/{*rest}", any(simulation::steer))
        .fallback(unknown_path)
        .method_not_allowed_fallback(unknown_method)
        .with_state(core)
}

fn readable(id: Id) -> Result<String, Failure> {
    let Path(id) = id.map_err(|_| Failure::bad_request("The conversation id in the path is no UTF-8."))?;
    Ok(id)
}

async fn unknown_path(State(core): State<Arc<Core>>, request: Request) -> Response {
    exchange(&core, Route::Any, Access::Open, request, |_, _| Err(Failure::no_such_route())).await
}

async fn unknown_method(State(core): State<Arc<Core>>, request: Request) -> Response {
    exchange(&core, Route::Any, Access::Open, request, |_, _| Err(Failure::wrong_method())).await
}
