//! Looking at what is recorded.

use crate::client::Session;
use crate::error::Error;
use crate::model::{ConversationId, Document, State};
use crate::wire::events;

impl Session {
    /// The newest recording of a conversation, if there is one.
    pub fn newest_recording(
        &self,
        id: &ConversationId,
    ) -> impl Future<Output = Result<Option<Document>, Error>> + Send + use<> {
        self.run(events::newest_recording(self.token.clone(), id))
    }

    /// The verdict over all recordings of a conversation; None after a 404, which proves nothing.
    pub fn state(&self, id: &ConversationId) -> impl Future<Output = Result<Option<State>, Error>> + Send + use<> {
        self.run(events::state(self.token.clone(), id))
    }
}
