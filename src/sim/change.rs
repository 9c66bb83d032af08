//! What happened in a call, for whoever listens.
//!
//! A call is settled when it is looked at, possibly long after; what happened is noted as it was at its own instant.

use serde_json::Value;
use uuid::Uuid;

use super::call::Call;
use super::call_conversation::CallConversation;
use super::conversation::Conversation;
use super::evidence::Metadata;
use super::moment::Moment;
use super::recording::Recording;

/// One change of a call.
#[derive(Debug, Clone)]
pub(super) struct Change {
    pub at: Moment,
    /// The conversation's id.
    pub id: String,
    /// The users who see it happen.
    pub users: Vec<Uuid>,
    pub queues: Vec<Uuid>,
    /// The conversation right after it, as `GET /api/v2/conversations/{id}` would have shown it.
    pub conversation: Value,
    /// The same, as `GET /api/v2/conversations/calls/{id}` would have.
    pub call_conversation: Value,
    /// The recordings that ended with it, as events tell of them. Where their media are comes with the transcoding.
    pub recordings: Vec<Value>,
}

impl Change {
    /// A call as it stands, at the moment of the change, and the recordings that are over with it.
    pub(super) fn of(call: &Call, at: Moment, over: &[&Recording]) -> Self {
        // Writing our own values does not fail; if it did, the tests would see null.
        let value = |body: Result<Value, serde_json::Error>| body.unwrap_or_default();
        Self {
            at,
            id: call.id.clone(),
            users: call.parties.users(at),
            queues: vec![call.parties.queue.id],
            conversation: value(serde_json::to_value(Conversation::of(call))),
            call_conversation: value(serde_json::to_value(CallConversation::of(call))),
            recordings: over.iter().map(|recording| Metadata::of(call, recording).told()).collect(),
        }
    }
}

#[cfg(test)]
#[path = "change_tests.rs"]
mod tests;
