//! A conversation, as a read of it shows it.

use super::Legs;
use crate::model::{Conversation, ConversationId, Document, Flaw, Participant};

/// The answer, if it is about the conversation that was asked for: a cache in between that mixes up its answers would prove
/// anything.
pub(super) fn about(id: &ConversationId, raw: Document) -> Result<Document, Flaw> {
    let answered = raw.string("id").ok_or_else(|| Flaw::new("id", "is missing or no string"))?;
    if answered != id.as_str() {
        return Err(Flaw::new("id", "is that of another conversation"));
    }
    Ok(raw)
}

/// Reads it. Strict in what tells whether it is live, and open in what is only shown.
pub(super) fn read(raw: Document) -> Result<Conversation, Flaw> {
    let id = raw.string("id").ok_or_else(|| Flaw::new("id", "is missing or no string"))?;
    let legs = Legs::read(&raw)?;
    let participants = raw.list_of("participants");
    let call = |participant: &Document| participant.list_of("calls").into_iter().next_back();
    Ok(Conversation {
        id,
        state: Some(if legs.any_live() { Conversation::ACTIVE } else { Conversation::ENDED }.into()),
        media: participants.iter().any(|participant| call(participant).is_some()).then(|| "voice".into()),
        direction: participants.iter().filter_map(call).find_map(|call| call.string("direction")),
        started_at: raw.string("startTime"),
        participants: participants
            .iter()
            .map(|participant| Participant {
                id: participant.string("id"),
                purpose: participant.string("purpose"),
                state: call(participant).and_then(|call| call.string("state")),
                user_id: participant.string("userId"),
                queue_id: participant.string("queueId"),
            })
            .collect(),
        raw: raw.presentable("")?,
    })
}
