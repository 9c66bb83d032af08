//! Starting and stopping recordings.

use crate::client::Session;
use crate::error::Error;
use crate::model::{Action, ConversationId, Document};
use crate::wire::events;

impl Session {
    /// Sends one command. Success means that it was accepted, not yet that it took effect.
    pub fn control(
        &self,
        id: &ConversationId,
        action: Action,
    ) -> impl Future<Output = Result<Document, Error>> + Send + use<> {
        self.run(events::control(self.token.clone(), id, action))
    }
}
