//! The tutorial's question for a conversation's recording, answered by the published API.

use bytes::Bytes;
use serde_json::json;

use super::super::{Ask, Halt, Wire};
use super::Platform;
use crate::error::ErrorKind;
use crate::model::{Basis, ConversationId, Document, Reading, State};

/// What is recorded of a conversation, in the tutorial's words; a 404 means none.
pub fn newest_recording(id: &ConversationId) -> Ask<Option<Document>> {
    let id = id.clone();
    Platform.reading(&id).then(move |outcome| match outcome {
        Ok(reading) => Ok(Some(recording(&id, &reading)?)),
        Err(Halt::Failed(error)) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(halt) => Err(halt),
    })
}

/// Where the server names no recording, the conversation's id stands in for one.
fn recording(id: &ConversationId, Reading { state, active, basis, raw, .. }: &Reading) -> Result<Document, Halt> {
    let calls = raw.list_of("participants").into_iter().flat_map(|participant| participant.list_of("calls"));
    let recording_id = calls.filter_map(|call| call.string("recordingId")).next_back();
    let text = json!({
        "id": recording_id.as_deref().unwrap_or(id.as_str()),
        "conversationId": id.as_str(),
        "status": if *state == State::Stopped { "ended" } else { state.word() },
        "active": active,
        "basis": Basis::word(*basis),
    });
    Ok(Document::parse(&Bytes::from(text.to_string()))?)
}
