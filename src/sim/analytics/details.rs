//! A call as analytics tell of it: the vendor's `AnalyticsConversation`, as of some seconds ago.

use std::borrow::Cow;

use serde::Serialize;

use crate::sim::call::Call;
use crate::sim::moment::{Moment, iso};
use crate::sim::parties::{Leaving, Party, Purpose};

const VOICE: &str = "voice";
const INBOUND: &str = "inbound";
const PROVIDER: &str = "Edge";

/// What analytics have heard of a call.
#[derive(Clone, Copy)]
pub(super) struct Heard<'a> {
    pub call: &'a Call,
    /// Nothing later has reached them.
    pub horizon: Moment,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::sim) struct Details<'a> {
    conversation_id: &'a str,
    conversation_start: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    conversation_end: Option<String>,
    conversation_initiator: &'static str,
    customer_participation: bool,
    originating_direction: &'static str,
    participants: Vec<Participant<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the vendor's fields")]
struct Participant<'a> {
    participant_id: String,
    participant_name: &'a str,
    purpose: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
    sessions: [Session; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the vendor's fields")]
struct Session {
    session_id: String,
    media_type: &'static str,
    direction: &'static str,
    provider: &'static str,
    recording: bool,
    segments: [Segment; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the vendor's fields")]
struct Segment {
    segment_start: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    segment_end: Option<String>,
    segment_type: &'static str,
    conference: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    queue_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    disconnect_type: Option<&'static str>,
}

impl<'a> Details<'a> {
    /// A call that was settled; None if nothing of it has been heard yet.
    pub(in crate::sim) fn of(call: &'a Call, horizon: Moment) -> Option<Self> {
        let heard = Heard { call, horizon };
        (call.started <= horizon).then(|| Self {
            conversation_id: &call.id,
            conversation_start: iso(call.started),
            conversation_end: heard.end().map(iso),
            conversation_initiator: "customer",
            customer_participation: true,
            originating_direction: INBOUND,
            participants: heard.parties().map(|party| heard.participant(party)).collect(),
        })
    }
}

impl<'a> Heard<'a> {
    pub(super) fn end(self) -> Option<Moment> {
        self.call.ended().filter(|end| *end <= self.horizon)
    }

    pub(super) fn parties(self) -> impl Iterator<Item = &'a Party> {
        self.call.parties.all().filter(move |party| party.joined <= self.horizon)
    }

    /// A dimension of the conversation.
    pub(super) fn conversation(self, dimension: &str) -> Option<Cow<'a, str>> {
        match dimension {
            "conversationId" => Some(Cow::Borrowed(&self.call.id)),
            "conversationStart" => Some(iso(self.call.started).into()),
            "conversationEnd" => self.end().map(|end| iso(end).into()),
            "conversationInitiator" => Some("customer".into()),
            "customerParticipation" => Some("true".into()),
            "originatingDirection" => Some(INBOUND.into()),
            _ => None,
        }
    }

    /// A dimension of a participant's one segment, or of what it belongs to.
    pub(super) fn segment(self, party: &'a Party, dimension: &str) -> Option<Cow<'a, str>> {
        let word = |word: &'static str| Some(Cow::Borrowed(word));
        match dimension {
            "mediaType" => word(VOICE),
            "direction" => word(INBOUND),
            "provider" => word(PROVIDER),
            "purpose" => word(party.purpose.word()),
            "participantName" => Some(Cow::Borrowed(&party.name)),
            "userId" => party.user.map(|user| user.to_string().into()),
            "queueId" => self.call.queue_of(party).map(|queue| queue.id.to_string().into()),
            "recording" => word(if self.recording(party) { "true" } else { "false" }),
            "conference" => word(if self.conference() { "true" } else { "false" }),
            "segmentType" => word(segment_type(party)),
            "segmentEnd" => self.left(party).map(|left| iso(left).into()),
            "disconnectType" => self.disconnect_type(party).map(Cow::Borrowed),
            _ => None,
        }
    }

    fn left(self, party: &Party) -> Option<Moment> {
        party.left.map(|(left, _)| left).filter(|left| *left <= self.horizon).or(self.end())
    }

    fn disconnect_type(self, party: &Party) -> Option<&'static str> {
        self.left(party).map(|_| match party.left {
            Some((_, Leaving::Transfer)) => "transfer",
            Some((_, Leaving::ConsultTransfer)) => "consultTransfer",
            Some((_, Leaving::Conference)) => "conferenceTransfer",
            None => "endpoint",
        })
    }

    /// Whether a recording of it was ever begun.
    fn recording(self, party: &Party) -> bool {
        let mut begun = self.call.recorders.all().filter(|recording| recording.started <= self.horizon);
        begun.any(|recording| recording.records(party))
    }

    fn conference(self) -> bool {
        self.call.is_conference()
    }

    fn participant(self, party: &'a Party) -> Participant<'a> {
        Participant {
            participant_id: party.id.to_string(),
            participant_name: &party.name,
            purpose: party.purpose.word(),
            user_id: party.user.map(|user| user.to_string()),
            sessions: [Session {
                session_id: party.leg.to_string(),
                media_type: VOICE,
                direction: INBOUND,
                provider: PROVIDER,
                recording: self.recording(party),
                segments: [Segment {
                    segment_start: iso(party.joined),
                    segment_end: self.left(party).map(iso),
                    segment_type: segment_type(party),
                    conference: self.conference(),
                    queue_id: self.call.queue_of(party).map(|queue| queue.id.to_string()),
                    disconnect_type: self.disconnect_type(party),
                }],
            }],
        }
    }
}

fn segment_type(party: &Party) -> &'static str {
    if party.purpose == Purpose::Ivr { "ivr" } else { "interact" }
}
