//! What only the tutorial's functions ask: the server's own JSON over the tutorial's wire.

use crate::client::Session;
use crate::error::Error;
use crate::limit::Priority;
use crate::model::{Action, ConversationId, Document};
use crate::wire::events;

impl Session {
    /// The first active voice call, if there is one.
    pub fn active_voice_call(&self) -> impl Future<Output = Result<Option<Document>, Error>> + Send + use<> {
        self.run(events::active_voice_call(), Priority::Listing)
    }

    /// The id of the first active voice call, if there is one.
    pub fn active_voice_call_id(&self) -> impl Future<Output = Result<Option<String>, Error>> + Send + use<> {
        self.run(events::active_voice_call_id(), Priority::Listing)
    }

    /// Sends one command. Success means that it was accepted, not yet that it took effect.
    pub fn control(
        &self,
        id: &ConversationId,
        action: Action,
    ) -> impl Future<Output = Result<Document, Error>> + Send + use<> {
        self.run(events::control(id, action), Priority::Command)
    }

    /// The newest recording of a conversation, if there is one.
    pub fn newest_recording(
        &self,
        id: &ConversationId,
    ) -> impl Future<Output = Result<Option<Document>, Error>> + Send + use<> {
        self.run(events::newest_recording(id), Priority::FirstRead)
    }
}
