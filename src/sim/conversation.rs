//! A call as the published API writes it: the `Conversation` of the vendor's definitions, as far as a call has it.
//!
//! Words in a conversation and in its recorders are in upper case, in its calls in lower case: so the vendor has it.
//! An ad-hoc recording is the agent's, a policy's that of both sides.

use serde::Serialize;

use super::call::Call;
use super::moment::{Moment, iso};
use super::parties::Party;
use super::recording::State;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Conversation<'a> {
    id: &'a str,
    start_time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_time: Option<String>,
    participants: Vec<Participant>,
    recording_state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    secure_pause: Option<bool>,
    self_uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Participant {
    id: String,
    name: &'static str,
    purpose: &'static str,
    address: &'static str,
    start_time: String,
    connected_time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_time: Option<String>,
    wrapup_required: bool,
    calls: [Leg; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "the vendor's fields, one by one")]
struct Leg {
    id: String,
    state: &'static str,
    direction: &'static str,
    recording: bool,
    recording_state: &'static str,
    recorders_state: Recorders,
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

#[derive(Serialize)]
struct Recorders {
    #[serde(rename = "adhocState")]
    adhoc: &'static str,
    #[serde(rename = "customerExperienceState")]
    customer_experience: &'static str,
    #[serde(rename = "agentExperienceState")]
    agent_experience: &'static str,
    #[serde(rename = "snippetState")]
    snippet: &'static str,
}

/// What the three states of recording are called where.
#[derive(Clone, Copy)]
struct Words {
    upper: &'static str,
    lower: &'static str,
}

const NONE: Words = Words { upper: "NONE", lower: "none" };
const ACTIVE: Words = Words { upper: "ACTIVE", lower: "active" };
const PAUSED: Words = Words { upper: "PAUSED", lower: "paused" };

/// On which side of a call a participant is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Customer,
    Agent,
}

/// What all parts of one conversation are written from.
struct View<'a> {
    call: &'a Call,
    /// When the call ended, if it has.
    ended: Option<Moment>,
    state: State,
    says_secure_pause: bool,
}

impl<'a> Conversation<'a> {
    /// A call that was settled at `now`.
    pub(super) fn of(call: &'a Call, now: Moment, says_secure_pause: bool) -> Self {
        let ended = call.ends.filter(|end| *end <= now);
        let view = View { call, ended, state: call.state(), says_secure_pause };
        let mut participants = vec![view.participant(Side::Customer, &call.parties.customer)];
        participants.extend(call.parties.before.iter().map(|party| view.participant(Side::Agent, party)));
        participants.push(view.participant(Side::Agent, &call.parties.agent));
        Self {
            id: &call.id,
            start_time: iso(call.started),
            end_time: ended.map(iso),
            participants,
            recording_state: view.words().upper,
            secure_pause: view.secure_pause(true),
            self_uri: format!("/api/v2/conversations/{}", call.id),
        }
    }
}

impl View<'_> {
    fn words(&self) -> Words {
        match self.state {
            State::Recording => ACTIVE,
            State::Paused | State::Held => PAUSED,
            State::Stopped => NONE,
        }
    }

    /// Of something that is recorded, or not.
    fn secure_pause(&self, recorded: bool) -> Option<bool> {
        self.says_secure_pause.then_some(recorded && self.state == State::Paused)
    }

    fn participant(&self, side: Side, party: &Party) -> Participant {
        let (name, purpose, address) = match side {
            // Of the numbers that are set aside for fiction.
            Side::Customer => ("Customer", "customer", "tel:+12025550143"),
            Side::Agent => ("Agent", "agent", "sip:agent@simulator.invalid"),
        };
        let leg = self.leg(side, party);
        Participant {
            id: party.id.to_string(),
            name,
            purpose,
            address,
            start_time: leg.connected_time.clone(),
            connected_time: leg.connected_time.clone(),
            end_time: leg.disconnected_time.clone(),
            wrapup_required: false,
            calls: [leg],
        }
    }

    fn leg(&self, side: Side, party: &Party) -> Leg {
        let (state, disconnect_type) = match (party.left, self.ended) {
            (Some(_), _) => ("disconnected", Some("transfer")),
            (None, Some(_)) => ("terminated", Some("endpoint")),
            (None, None) => ("connected", None),
        };
        let live = disconnect_type.is_none();
        let recorded = live && self.state != State::Stopped && (self.call.policy || side == Side::Agent);
        let words = if recorded { self.words() } else { NONE };
        let held = self.call.held.filter(|_| live && side == Side::Agent);
        Leg {
            id: party.leg.to_string(),
            state,
            direction: "inbound",
            recording: recorded,
            recording_state: words.lower,
            recorders_state: self.recorders(side, words),
            muted: false,
            // Who put the call on hold hears silence, the other side hears music.
            confined: live && side == Side::Customer && self.call.held.is_some(),
            held: held.is_some(),
            secure_pause: self.secure_pause(recorded),
            recording_id: self.call.recordings.last().filter(|_| recorded).map(|recording| recording.id.to_string()),
            connected_time: iso(party.joined),
            start_hold_time: held.map(iso),
            disconnected_time: party.left.or(self.ended).map(iso),
            disconnect_type,
            provider: "Edge",
        }
    }

    fn recorders(&self, side: Side, words: Words) -> Recorders {
        let of = |is_this: bool| if is_this { words.upper } else { NONE.upper };
        Recorders {
            adhoc: of(!self.call.policy),
            customer_experience: of(self.call.policy && side == Side::Customer),
            agent_experience: of(self.call.policy && side == Side::Agent),
            snippet: NONE.upper,
        }
    }
}
