//! The way of every request on the wire: noted, struck by a fault or not, admitted, acted on, answered.
//!
//! An endpoint hands in what is its own: where faults find it, what it takes of a token, and what it does to the world.

use std::time::UNIX_EPOCH;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, DATE, LOCATION, RETRY_AFTER};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::Value;
use uuid::Uuid;

use super::token;
use crate::sim::body;
use crate::sim::core::Core;
use crate::sim::failure::{Failure, refuse};
use crate::sim::faults::{Fault, RetryAfter, Route};
use crate::sim::line::Cut;
use crate::sim::log::Seat;
use crate::sim::moment::Moment;
use crate::sim::queue::Fate;
use crate::sim::reply::{CORRELATION_ID, Reply};
use crate::sim::tokens::{Admission, Holder, Need};
use crate::sim::world::World;

/// The vendor's `request.bytes.max`.
const LARGEST_BODY: usize = 512_000;

/// Who may use an endpoint.
#[derive(Debug, Clone, Copy)]
pub(super) enum Access {
    /// Anybody, as often as they like.
    Open,
    /// Who has a token, and what the endpoint takes.
    Token(Need),
}

/// What an endpoint is asked.
pub(super) struct Ask<'a> {
    pub headers: &'a HeaderMap,
    pub query: &'a str,
    pub body: &'a [u8],
    pub request_id: Uuid,
    /// What a fault wants to become of a command.
    pub fate: Fate,
    /// For whom the token speaks; None where no token is asked for.
    pub holder: Option<Holder>,
    /// The token; empty where none is asked for.
    pub token: &'a str,
}

impl Ask<'_> {
    /// The user who asks, where only a user may.
    pub(super) fn user(&self) -> Result<Uuid, Failure> {
        match self.holder {
            Some(Holder::User(user)) => Ok(user),
            Some(Holder::Client) | None => Err(Failure::not_a_user()),
        }
    }

    /// The JSON of a body that is needed.
    pub(super) fn json(&self) -> Result<Value, Failure> {
        let media = self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let media = media.split(';').next().unwrap_or_default().trim();
        if !media.eq_ignore_ascii_case("application/json") {
            return Err(Failure::unsupported_media_type());
        }
        serde_json::from_slice(self.body).map_err(|_| Failure::malformed())
    }

    /// The same where the body is an object: serde would take an array for one, field by field.
    pub(super) fn object(&self) -> Result<Value, Failure> {
        let object = Some(self.json()?).filter(Value::is_object);
        object.ok_or_else(|| Failure::bad_request("The body must be a JSON object."))
    }
}

/// An answer on its way.
struct Outcome {
    reply: Reply,
    seat: Seat,
    now: Moment,
    fault: Option<Fault>,
}

/// Carries one request through the world and back.
pub(super) async fn exchange(
    core: &Core,
    route: Route,
    access: Access,
    request: Request,
    act: impl FnOnce(&mut World, &Ask<'_>) -> Result<Reply, Failure>,
) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, LARGEST_BODY).await.ok();
    let mut outcome = decide(&mut core.world(), route, access, &parts, body.as_ref(), act);
    if !core.is_real() {
        date(&mut outcome);
    }
    match outcome.fault.take() {
        None => outcome.reply.map_body(Body::from),
        Some(fault) => deliver(core, &parts, outcome, &fault).await,
    }
}

/// All that happens at once, under the lock.
fn decide(
    world: &mut World,
    route: Route,
    access: Access,
    parts: &Parts,
    body: Option<&Bytes>,
    act: impl FnOnce(&mut World, &Ask<'_>) -> Result<Reply, Failure>,
) -> Outcome {
    let (seat, request_id) = world.arrive(parts.method.clone(), logged_path(parts));
    let fault = world.faults.strike(route);
    let mut reply = match &fault {
        Some(fault) if !fault.lets_act() => Reply::empty(StatusCode::OK),
        _ => admit(world, access, parts, request_id, |world, holder| {
            let body = body.ok_or_else(|| unreadable(&parts.headers))?;
            let query = parts.uri.query().unwrap_or_default();
            let fate = fault.as_ref().map_or(Fate::InOrder, Fault::fate);
            let token = holder.and(bearer(&parts.headers)).unwrap_or_default();
            act(world, &Ask { headers: &parts.headers, query, body, request_id, fate, holder, token })
        }),
    };
    if let Some(fault) = &fault {
        reply = distort(reply, fault, route, request_id);
    } else {
        world.log.answered(seat, reply.status.as_u16());
    }
    // A UUID is visible ASCII: there is nothing to go wrong.
    if let Ok(id) = HeaderValue::try_from(request_id.to_string()) {
        reply.headers.insert(CORRELATION_ID, id);
    }
    Outcome { reply, seat, now: world.now(), fault }
}

fn admit(
    world: &mut World,
    access: Access,
    parts: &Parts,
    request_id: Uuid,
    act: impl FnOnce(&mut World, Option<Holder>) -> Result<Reply, Failure>,
) -> Reply {
    let now = world.now();
    let answer = |world: &mut World, holder| act(world, holder).unwrap_or_else(|failure| failure.reply(request_id));
    match access {
        // Whoever brings a good token all the same hears what is left of its rate.
        Access::Open => match world.tokens.admit(now, bearer(&parts.headers), Need::Token) {
            Ok(Admission { quota, .. }) => answer(world, None).with_quota(quota),
            Err(_) => answer(world, None),
        },
        Access::Token(need) => match world.tokens.admit(now, bearer(&parts.headers), need) {
            Ok(Admission { holder, quota }) => answer(world, Some(holder)).with_quota(quota),
            Err(refusal) => refuse(&refusal, need, request_id),
        },
    }
}

/// What is wrong with a body that was not taken in.
fn unreadable(headers: &HeaderMap) -> Failure {
    let length = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    match length {
        Some(length) if length > LARGEST_BODY => Failure::too_large(length, LARGEST_BODY),
        _ => Failure::bad_request("The body cannot be read, or is too large."),
    }
}

/// What a fault makes of an answer before it leaves.
fn distort(reply: Reply, fault: &Fault, route: Route, request_id: Uuid) -> Reply {
    let Some(status) = fault.status() else {
        return if fault.garbage { reply.garbled() } else { reply };
    };
    let mut reply = match status.as_u16() {
        200..300 => Reply::empty(status),
        300..400 => Reply::empty(status).with(LOCATION, HeaderValue::from_static("/moved")),
        _ if route == Route::Token => token::failed(status),
        _ => Failure::of_status(status).reply(request_id),
    };
    if let Some(wish) = fault.retry_after.as_ref().and_then(RetryAfter::header) {
        reply.headers.insert(RETRY_AFTER, wish);
    }
    reply
}

/// Sends an answer the way its fault wants it sent.
async fn deliver(core: &Core, parts: &Parts, outcome: Outcome, fault: &Fault) -> Response {
    let Outcome { reply, seat, now, .. } = outcome;
    if let Some(wait) = fault.wait() {
        core.wait_until(now + wait).await;
    }
    if fault.reset.is_some() {
        if let Some(cut) = parts.extensions.get::<Cut>() {
            cut.now();
        }
        // The connection, and this with it, is dropped at any moment.
        return std::future::pending().await;
    }
    core.world().log.answered(seat, reply.status.as_u16());
    if fault.truncate {
        reply.map_body(body::truncated)
    } else if fault.slow {
        reply.map_body(|bytes| body::slow(bytes, core.real.clone()))
    } else {
        reply.map_body(Body::from)
    }
}

/// Where time is manual, answers carry its date: a client measures `Retry-After` dates against it.
fn date(outcome: &mut Outcome) {
    let date = httpdate::fmt_http_date(UNIX_EPOCH + outcome.now);
    if let Ok(date) = HeaderValue::try_from(date) {
        outcome.reply.headers.insert(DATE, date);
    }
}

/// The path as it was received. The query too on the API, where nothing secret belongs into it; elsewhere a client may
/// have put its secret there by mistake.
fn logged_path(parts: &Parts) -> String {
    let path = parts.uri.path();
    let whole = parts.uri.path_and_query().filter(|_| path.starts_with("/api/"));
    whole.map_or(path, |whole| whole.as_str()).to_owned()
}

/// The token of an `Authorization: Bearer` header.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    credentials(headers, "bearer")
}

/// What follows a scheme in the `Authorization` header.
pub(super) fn credentials<'a>(headers: &'a HeaderMap, scheme: &str) -> Option<&'a str> {
    let (given, rest) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    given.eq_ignore_ascii_case(scheme).then(|| rest.trim())
}

impl Reply {
    fn map_body(self, body: impl FnOnce(Bytes) -> Body) -> Response {
        let length = self.body.len();
        let mut response = Response::new(body(self.body));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        if self.status != StatusCode::NO_CONTENT {
            // Declared in full, whatever part of the body a fault lets through.
            response.headers_mut().insert(http::header::CONTENT_LENGTH, length.into());
        }
        response
    }
}
