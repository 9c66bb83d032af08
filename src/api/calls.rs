//! Finding calls.

use crate::client::Session;
use crate::error::Error;
use crate::model::{ConversationId, Document};
use crate::wire::events;

impl Session {
    /// The first active voice call, if there is one.
    pub fn active_voice_call(&self) -> impl Future<Output = Result<Option<Document>, Error>> + Send + use<> {
        self.run(events::active_voice_call(self.token.clone()))
    }

    /// The id of the first active voice call, if there is one.
    pub fn active_voice_call_id(&self) -> impl Future<Output = Result<Option<String>, Error>> + Send + use<> {
        self.run(events::active_voice_call_id(self.token.clone()))
    }

    /// Is this conversation among the active voice calls?
    pub fn is_active(&self, id: &ConversationId) -> impl Future<Output = Result<bool, Error>> + Send + use<> {
        let (ids, id) = (self.run(events::active_voice_call_ids(self.token.clone())), id.as_str().to_owned());
        async move { Ok(ids.await?.contains(&id)) }
    }
}
