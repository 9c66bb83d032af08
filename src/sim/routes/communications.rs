//! `GET /api/v2/communications`: the calls, as the tutorial finds them.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use serde::Serialize;
use url::form_urlencoded;

use super::exchange::{Access, exchange};
use crate::sim::call::Call;
use crate::sim::core::Core;
use crate::sim::faults::Route;
use crate::sim::moment::iso;
use crate::sim::parties::Party;
use crate::sim::reply::Reply;
use crate::sim::tokens::Need;

const VOICE: &str = "voice";

#[derive(Serialize)]
struct Listing<'a> {
    items: Vec<Communication<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Communication<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    state: &'static str,
    direction: &'static str,
    start_time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_time: Option<String>,
    participants: [Participant; 2],
}

#[derive(Serialize)]
struct Participant {
    id: String,
    purpose: &'static str,
    state: &'static str,
    name: &'static str,
    /// Of the numbers that are set aside for fiction.
    address: &'static str,
}

pub(super) async fn list(State(core): State<Arc<Core>>, request: Request) -> Response {
    exchange(&core, Route::Calls, Access::Token(Need::Scope("conversation:read")), request, |world, ask| {
        let voice = asked_for(ask.query, "types", VOICE);
        let items = [true, false]
            .into_iter()
            .filter(|active| voice && asked_for(ask.query, "state", state(*active)))
            .flat_map(|active| world.listed(active).map(move |call| Communication::new(call, active)))
            .collect();
        Ok(Reply::json(StatusCode::OK, &Listing { items }))
    })
    .await
}

/// Whether a filter, a list with commas, lets a value through. A filter that is not there does.
fn asked_for(query: &str, name: &str, value: &str) -> bool {
    let mut given = form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key == name).peekable();
    given.peek().is_none() || given.any(|(_, list)| list.split(',').any(|wanted| wanted.eq_ignore_ascii_case(value)))
}

fn state(active: bool) -> &'static str {
    if active { "active" } else { "ended" }
}

impl<'a> Communication<'a> {
    fn new(call: &'a Call, active: bool) -> Self {
        let connection = if active { "connected" } else { "disconnected" };
        let participant = |party: &Party, purpose, name, address| Participant {
            id: party.id.to_string(),
            purpose,
            state: connection,
            name,
            address,
        };
        Self {
            id: &call.id,
            kind: VOICE,
            state: state(active),
            direction: "inbound",
            start_time: iso(call.started),
            end_time: call.ends.filter(|_| !active).map(iso),
            participants: [
                participant(&call.parties.customer, "customer", "Customer", "tel:+12025550143"),
                participant(&call.parties.agent, "agent", "Agent", "sip:agent@simulator.invalid"),
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_lists_and_absent_ones_let_everything_through() {
        assert!(asked_for("state=active&types=voice", "types", "voice"));
        assert!(asked_for("types=chat%2CVoice", "types", "voice"));
        assert!(asked_for("types=chat&types=voice", "types", "voice"));
        assert!(asked_for("", "types", "voice"));
        assert!(!asked_for("types=chat,email", "types", "voice"));
        assert!(!asked_for("types=", "types", "voice"));
    }
}
