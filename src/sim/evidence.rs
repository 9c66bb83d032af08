//! What is left of a recording once it has ended: the vendor's `Recording`, and its metadata without what the system
//! noted.

use serde::Serialize;
use serde_json::{Value, json};

use super::annotations::{self, Annotation};
use super::call::Call;
use super::dice::Dice;
use super::moment::iso;
use super::parties::{Party, Purpose};
use super::recording::{Recorder, Recording};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Evidence<'a> {
    #[serde(flatten)]
    metadata: Metadata<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    media_uris: Option<MediaUris>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_duration_ms: Option<u64>,
    recording_file_role: &'static str,
    users: Vec<User<'a>>,
    original_recording_start_time: String,
    creation_time: String,
}

/// What `recordingmetadata` tells. Annotations of the system are not among it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Metadata<'a> {
    id: String,
    conversation_id: &'a str,
    start_time: String,
    end_time: String,
    media: &'static str,
    media_subtype: &'static str,
    annotations: Vec<Annotation>,
    file_state: &'static str,
    max_allowed_restorations_for_org: u8,
    remaining_restorations_allowed_for_org: u8,
    session_id: String,
    self_uri: String,
}

#[derive(Serialize)]
struct MediaUris {
    /// The one file of it all.
    #[serde(rename = "S")]
    single: MediaUri,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MediaUri {
    media_uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct User<'a> {
    id: String,
    name: &'a str,
    version: u8,
    self_uri: String,
}

/// The recordings that there are: those that have ended, of calls that go on too.
pub(super) fn ended(call: &Call) -> impl Iterator<Item = &Recording> {
    call.recorders.all().filter(|recording| recording.ended.is_some())
}

impl<'a> Metadata<'a> {
    /// A recording that has ended.
    pub(super) fn of(call: &'a Call, recording: &Recording) -> Self {
        let id = recording.id.to_string();
        Self {
            conversation_id: &call.id,
            start_time: iso(recording.started),
            end_time: iso(recording.ended.unwrap_or(recording.started)),
            media: "audio",
            media_subtype: match recording.recorder {
                Recorder::Policy | Recorder::Adhoc(_) => "Trunk",
                Recorder::Snippet(_) => "Snippet",
            },
            annotations: Vec::new(),
            file_state: "AVAILABLE",
            max_allowed_restorations_for_org: 100,
            remaining_restorations_allowed_for_org: 100,
            session_id: heard(call, recording).map(|party| party.leg.to_string()).unwrap_or_default(),
            self_uri: format!("/api/v2/conversations/{}/recordings/{id}", call.id),
            id,
        }
    }

    /// What an event tells of it.
    pub(super) fn told(&self) -> Value {
        json!({ "id": self.id, "conversationId": self.conversation_id, "fileState": self.file_state })
    }
}

impl<'a> Evidence<'a> {
    /// A recording that has ended, with where its media are to be had, if anybody wants them.
    pub(super) fn of(call: &'a Call, recording: &Recording, with_media: bool, ids: &mut Dice) -> Self {
        let (metadata, start) = (Metadata::of(call, recording), iso(recording.started));
        let end = recording.ended.unwrap_or(recording.started);
        let uri = format!("https://media.simulator.invalid/{}", metadata.id);
        let agents = call.parties.all().filter(|party| match recording.recorder {
            Recorder::Policy => party.purpose == Purpose::Agent,
            Recorder::Adhoc(whose) | Recorder::Snippet(whose) => party.id == whose,
        });
        Self {
            media_uris: with_media.then_some(MediaUris { single: MediaUri { media_uri: uri } }),
            output_duration_ms: with_media.then(|| annotations::sounding(call, recording, end)),
            recording_file_role: match recording.recorder {
                Recorder::Policy => "CUSTOMER_EXPERIENCE",
                Recorder::Adhoc(_) | Recorder::Snippet(_) => "ADHOC",
            },
            users: agents.filter_map(User::of).collect(),
            original_recording_start_time: start,
            creation_time: iso(end),
            metadata: Metadata { annotations: annotations::of(call, recording, ids), ..metadata },
        }
    }
}

impl<'a> User<'a> {
    fn of(party: &'a Party) -> Option<Self> {
        let id = party.user?.to_string();
        Some(Self { self_uri: format!("/api/v2/users/{id}"), id, name: &party.name, version: 1 })
    }
}

/// Whose leg was recorded: the agent's; of a policy's, the customer's, who is there from beginning to end.
fn heard<'a>(call: &'a Call, recording: &Recording) -> Option<&'a Party> {
    match recording.recorder {
        Recorder::Policy => Some(&call.parties.customer),
        Recorder::Adhoc(whose) | Recorder::Snippet(whose) => call.parties.all().find(|party| party.id == whose),
    }
}
