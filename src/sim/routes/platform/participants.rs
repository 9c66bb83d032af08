//! Recordings on demand, by participant: the agent's own recorder, and snippets.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{Ids, disconnected, readable, refused, takes_part};
use crate::sim::call::Call;
use crate::sim::calls::Order;
use crate::sim::core::Core;
use crate::sim::faults::Route;
use crate::sim::parties::Purpose;
use crate::sim::queue::{Aim, Fate};
use crate::sim::recording::{Action, Recorder};
use crate::sim::reply::{Failure, Reply};
use crate::sim::routes::exchange::{Access, Ask, exchange};
use crate::sim::tokens::Need;
use crate::sim::world::World;

const UPDATE: Access = Access::Token(Need::AnyPermission(&[
    "conversation:participant:wrapup",
    "conversation:call:record",
    "conversation:communication:disconnect",
]));
const SNIPPET: Access = Access::Token(Need::AnyPermission(&["conversation:recording:snippetRecord"]));

/// A `MediaParticipantRequest`. What is not simulated of it is accepted and does nothing, once it is what it should be.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Update {
    recording: Option<bool>,
    held: Option<bool>,
    #[serde(rename = "muted")]
    _muted: Option<bool>,
    #[serde(rename = "confined")]
    _confined: Option<bool>,
    #[serde(rename = "wrapup")]
    _wrapup: Option<Map<String, Value>>,
    #[serde(rename = "wrapupSkipped")]
    _wrapup_skipped: Option<bool>,
    #[serde(rename = "state")]
    _state: Option<LegState>,
    #[serde(rename = "resumeTime")]
    _resume_time: Option<String>,
}

/// The words of its `state`.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum LegState {
    Alerting,
    Dialing,
    Contacting,
    Offering,
    Connected,
    Disconnected,
    Terminated,
    Converting,
    Uploading,
    Transmitting,
    Parked,
    None,
}

/// A `SnippetRecordingRequest`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SnippetRequest {
    #[serde(rename = "type")]
    kind: Kind,
    /// Only the type is documented as required; nothing is begun that nobody asked for.
    #[serde(default)]
    record: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Adhoc,
    Snippet,
}

/// `PATCH .../participants/{participant}`, of any conversation and of calls alike.
pub(super) async fn update(State(core): State<Arc<Core>>, ids: Ids, request: Request) -> Response {
    exchange(&core, Route::Control, UPDATE, request, |world, ask| {
        let (id, participant) = readable(ids)?;
        let update: Update = read(ask)?;
        let needs_user = world.published.start_needs_user;
        let call = world.conversation(&id).ok_or_else(|| Failure::no_such_conversation(&id))?;
        let party = recorded(call, &participant)?;
        if needs_user {
            takes_part(call, ask, true)?;
        }
        if let Some(on) = update.held.filter(|_| party == call.parties.agent.id && ask.fate == Fate::InOrder) {
            world.hold(&id, on).map_err(|_| disconnected())?;
        }
        if let Some(record) = update.recording {
            command(world, ask, &id, record, Recorder::Adhoc(party))?;
        }
        Ok(Reply::empty(StatusCode::ACCEPTED))
    })
    .await
}

/// `POST .../snippet/record`, which says what the state of that recorder will be.
pub(super) async fn record_snippet(State(core): State<Arc<Core>>, ids: Ids, request: Request) -> Response {
    exchange(&core, Route::Control, SNIPPET, request, |world, ask| {
        let (id, participant) = readable(ids)?;
        let SnippetRequest { kind, record } = read(ask)?;
        let call = world.conversation(&id).ok_or_else(|| Failure::no_such_conversation(&id))?;
        let party = recorded(call, &participant)?;
        let recorder = match kind {
            Kind::Adhoc => Recorder::Adhoc(party),
            Kind::Snippet => Recorder::Snippet(party),
        };
        let word = world.words_after(&id, action(record), Aim::Recorder(recorder));
        command(world, ask, &id, record, recorder)?;
        Ok(Reply::json(StatusCode::OK, &word))
    })
    .await
}

fn read<T: for<'a> Deserialize<'a>>(ask: &Ask<'_>) -> Result<T, Failure> {
    serde_json::from_value(ask.object()?)
        .map_err(|error| Failure::bad_request(format!("The body is not valid: {error}")))
}

fn action(record: bool) -> Action {
    if record { Action::Start } else { Action::Stop }
}

fn command(world: &mut World, ask: &Ask<'_>, id: &str, record: bool, recorder: Recorder) -> Result<(), Failure> {
    let (action, aim) = (action(record), Aim::Recorder(recorder));
    let order = Order { action, aim, request_id: Some(ask.request_id), fate: ask.fate, must_change: false };
    world.command(id, order).map_err(|denied| refused(id, denied))
}

/// The participant, if it is one that can be recorded.
fn recorded(call: &Call, participant: &str) -> Result<Uuid, Failure> {
    let party = call.parties.all().find(|party| party.id.to_string() == participant).ok_or_else(|| {
        let message = format!("Participant {participant} is not a participant of conversation {}.", call.id);
        Failure::new(StatusCode::NOT_FOUND, "conversation.error.not.conversation.participant", message)
            .parameter("participantId", participant)
            .entity("participant", participant)
    })?;
    if party.left.is_some() || call.ended().is_some() {
        Err(disconnected())
    } else if party.purpose == Purpose::Agent {
        Ok(party.id)
    } else {
        let purpose = party.purpose.word();
        Err(Failure::bad_request(format!("Only agents and users can be recorded on demand, and no {purpose}.")))
    }
}
