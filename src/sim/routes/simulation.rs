//! `/simulation/`: the door through which other processes of this machine inspect and steer the simulator.
//!
//! It asks for no token, so it must be sure of who is asking: a web page in this machine's browser can reach loopback
//! too, directly (it then says its origin) or under a name that it lets resolve to 127.0.0.1 (the `Host` tells).

use std::net::IpAddr;
use std::sync::Arc;

use axum::Json;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::header::{HOST, ORIGIN};
use http::request::Parts;
use http::uri::Authority;
use http::{StatusCode, Uri};
use serde_json::Value;

use crate::sim::core::Core;
use crate::sim::error::SimError;
use crate::sim::steering::Steering;

const LARGEST_BODY: usize = 64 * 1024;

pub(super) async fn steer(State(core): State<Arc<Core>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, LARGEST_BODY).await;
    let done = body
        .map_err(|error| SimError::InvalidSteering(error.to_string()))
        .and_then(|body| apply(&core, &parts, &body))
        .map_or_else(|error| error.answer(), |value| (StatusCode::OK, value));
    let (status, value) = done;
    (status, Json(value)).into_response()
}

fn apply(core: &Core, parts: &Parts, body: &[u8]) -> Result<Value, SimError> {
    welcome(parts)?;
    core.apply(Steering::from_request(&parts.method, parts.uri.path(), body)?)
}

fn welcome(parts: &Parts) -> Result<(), SimError> {
    let header = |name| parts.headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    // HTTP/2 names the host in the URI.
    let host = parts.uri.authority().map(ToString::to_string).or_else(|| header(HOST)).unwrap_or_default();
    if !host.parse::<Authority>().is_ok_and(|authority| is_loopback(authority.host())) {
        return Err(SimError::Foreign(format!("the Host {host:?} is not a loopback address")));
    }
    match header(ORIGIN) {
        Some(origin) if !origin.parse::<Uri>().is_ok_and(|uri| uri.host().is_some_and(is_loopback)) => {
            Err(SimError::Foreign(format!("the Origin {origin:?} is another site")))
        }
        _ => Ok(()),
    }
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_loopback() {
        assert!(["localhost", "LocalHost", "127.0.0.1", "127.9.9.9", "[::1]", "::1"].into_iter().all(is_loopback));
        let foreign =
            ["", "example.com", "localhost.example.com", "127.0.0.1.nip.io", "10.0.0.1", "[::2]", "2130706433"];
        assert!(!foreign.into_iter().any(is_loopback));
    }
}
