//! A call as the published API writes it: the `Conversation` of the vendor's definitions, as far as a call has it.
//!
//! Words in a conversation and in its recorders are in upper case, in its calls in lower case: so the vendor has it.

use serde::Serialize;

use super::call::Call;
use super::moment::iso;
use super::view::{Leg, RecordersState};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Conversation<'a> {
    id: &'a str,
    start_time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_time: Option<String>,
    participants: Vec<Participant<'a>>,
    recording_state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    secure_pause: Option<bool>,
    self_uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Participant<'a> {
    id: String,
    name: &'a str,
    purpose: &'static str,
    address: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    queue_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    queue_name: Option<&'a str>,
    start_time: String,
    connected_time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_time: Option<String>,
    wrapup_required: bool,
    calls: [CallLeg; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "the vendor's fields, one by one")]
struct CallLeg {
    id: String,
    state: &'static str,
    direction: &'static str,
    recording: bool,
    recording_state: &'static str,
    recorders_state: RecordersState,
    muted: bool,
    confined: bool,
    held: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    secure_pause: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recording_id: Option<String>,
    connected_time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_hold_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    disconnected_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    disconnect_type: Option<&'static str>,
    provider: &'static str,
}

impl<'a> Conversation<'a> {
    /// A call that was settled.
    pub(super) fn of(call: &'a Call) -> Self {
        let summary = call.summary();
        Self {
            id: &call.id,
            start_time: iso(call.started),
            end_time: call.ended().map(iso),
            participants: call.legs().map(|leg| Participant::of(call, &leg)).collect(),
            recording_state: summary.words.upper,
            secure_pause: summary.secure_pause,
            self_uri: format!("/api/v2/conversations/{}", call.id),
        }
    }
}

impl<'a> Participant<'a> {
    fn of(call: &'a Call, leg: &Leg<'a>) -> Self {
        let party = leg.party;
        let queue = call.queue_of(party);
        Self {
            id: party.id.to_string(),
            name: &party.name,
            purpose: party.purpose.word(),
            address: &party.address,
            user_id: party.user.map(|id| id.to_string()),
            queue_id: queue.map(|queue| queue.id.to_string()),
            queue_name: queue.map(|queue| queue.name.as_str()),
            start_time: iso(party.joined),
            connected_time: iso(party.joined),
            end_time: leg.ended.map(iso),
            wrapup_required: false,
            calls: [CallLeg {
                id: party.leg.to_string(),
                state: leg.state,
                direction: "inbound",
                recording: leg.recording,
                recording_state: leg.words.lower,
                recorders_state: leg.recorders,
                muted: false,
                confined: leg.confined,
                held: leg.held.is_some(),
                secure_pause: leg.secure_pause,
                recording_id: leg.recording_id.map(|id| id.to_string()),
                connected_time: iso(party.joined),
                start_hold_time: leg.held.map(iso),
                disconnected_time: leg.ended.map(iso),
                disconnect_type: leg.disconnect_type,
                provider: "Edge",
            }],
        }
    }
}
