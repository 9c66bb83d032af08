//! Finding calls.

use crate::client::Session;
use crate::error::Error;
use crate::limit::Priority;
use crate::model::{Conversation, ConversationId};

impl Session {
    /// The active voice calls.
    pub fn active_calls(&self) -> Result<impl Future<Output = Result<Vec<Conversation>, Error>> + Send + use<>, Error> {
        Ok(self.run(self.wire().active_calls()?, Priority::Listing))
    }

    /// One conversation. On the tutorial's wire it is looked for among the active calls.
    pub fn conversation(
        &self,
        id: &ConversationId,
    ) -> impl Future<Output = Result<Conversation, Error>> + Send + use<> {
        let (found, id) = (self.run(self.wire().conversation(id), Priority::FirstRead), id.clone());
        async move {
            found.await?.ok_or_else(|| {
                let id = id.as_str().escape_debug();
                Error::NotThere(format!(
                    "Conversation {id} is not there, or not among the active voice calls any more."
                ))
            })
        }
    }
}
