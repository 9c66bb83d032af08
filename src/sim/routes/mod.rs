//! The HTTP surface: which path is which endpoint. A file an endpoint; `exchange` is what all of the wire share.

mod communications;
mod exchange;
mod recordings;
mod simulation;
mod token;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{any, get, post};

use self::exchange::{Access, exchange};
use super::core::Core;
use super::faults::Route;
use super::reply::{Failure, wrong_method};

/// All routes of one simulator.
pub(super) fn router(core: Arc<Core>) -> Router {
    Router::new()
        .route("/oauth/token", post(token::issue))
        .route("/api/v2/communications", get(communications::list))
        .route("/api/v2/recordings/conversations/{id}", get(recordings::list))
        .route("/api/v2/recordings/conversations/{id}/events", post(recordings::control))
        .route("/simulation/{*rest}", any(simulation::steer))
        .fallback(unknown_path)
        .method_not_allowed_fallback(unknown_method)
        .with_state(core)
}

async fn unknown_path(State(core): State<Arc<Core>>, request: Request) -> Response {
    exchange(&core, Route::Any, Access::Open, request, |_, _| Err(Failure::no_such_route())).await
}

async fn unknown_method(State(core): State<Arc<Core>>, request: Request) -> Response {
    exchange(&core, Route::Any, Access::Open, request, |_, _| Err(wrong_method())).await
}
