//! A call as the published API writes it where only calls are asked for: the `CallConversation`, whose participants are
//! flat, and say in lower case what the `Conversation` says in upper.

use serde::Serialize;

use super::call::Call;
use super::moment::iso;
use super::view::{Leg, RecordersState};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CallConversation<'a> {
    id: &'a str,
    participants: Vec<CallMediaParticipant<'a>>,
    recording_state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    secure_pause: Option<bool>,
    self_uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "the vendor's fields, one by one")]
struct CallMediaParticipant<'a> {
    id: String,
    name: &'a str,
    address: &'a str,
    start_time: String,
    connected_time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_hold_time: Option<String>,
    purpose: &'static str,
    state: &'static str,
    direction: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    disconnect_type: Option<&'static str>,
    held: bool,
    wrapup_required: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<Reference<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    queue: Option<Reference<'a>>,
    provider: &'static str,
    muted: bool,
    confined: bool,
    recording: bool,
    recording_state: &'static str,
    recorders_state: RecordersState,
    #[serde(skip_serializing_if = "Option::is_none")]
    secure_pause: Option<bool>,
}

/// A `DomainEntityRef`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Reference<'a> {
    id: String,
    name: &'a str,
    self_uri: String,
}

impl<'a> CallConversation<'a> {
    /// A call that was settled.
    pub(super) fn of(call: &'a Call) -> Self {
        let summary = call.summary();
        Self {
            id: &call.id,
            participants: call.legs().map(|leg| CallMediaParticipant::of(call, &leg)).collect(),
            recording_state: summary.words.lower,
            secure_pause: summary.secure_pause,
            self_uri: format!("/api/v2/conversations/calls/{}", call.id),
        }
    }
}

impl<'a> CallMediaParticipant<'a> {
    fn of(call: &'a Call, leg: &Leg<'a>) -> Self {
        let party = leg.party;
        let reference = |id: uuid::Uuid, name: &'a str, path: &str| Reference {
            id: id.to_string(),
            name,
            self_uri: format!("/api/v2/{path}/{id}"),
        };
        Self {
            id: party.id.to_string(),
            name: &party.name,
            address: &party.address,
            start_time: iso(party.joined),
            connected_time: iso(party.joined),
            end_time: leg.ended.map(iso),
            start_hold_time: leg.held.map(iso),
            purpose: party.purpose.word(),
            state: leg.state,
            direction: "inbound",
            disconnect_type: leg.disconnect_type,
            held: leg.held.is_some(),
            wrapup_required: false,
            user: party.user.map(|id| reference(id, &party.name, "users")),
            queue: call.queue_of(party).map(|queue| reference(queue.id, &queue.name, "routing/queues")),
            provider: "Edge",
            muted: false,
            confined: leg.confined,
            recording: leg.recording,
            recording_state: leg.words.lower,
            recorders_state: leg.recorders,
            secure_pause: leg.secure_pause,
        }
    }
}
