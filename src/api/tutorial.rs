//! What only the tutorial's functions ask: the server's own JSON, and on the published API what comes nearest to it.

use super::calls::Wanted;
use super::subject::Subject;
use super::trail::Trail;
use crate::client::Session;
use crate::config::Api;
use crate::error::Error;
use crate::limit::Priority;
use crate::model::{Action, Conversation, ConversationId, Document};
use crate::wire::{events, platform};

impl Session {
    /// The first active voice call, if there is one.
    pub fn active_voice_call(&self) -> impl Future<Output = Result<Option<Document>, Error>> + Send + use<> {
        let session = self.clone();
        async move {
            match session.client().api() {
                Api::Events => session.run(events::active_voice_call(), Priority::Listing).await,
                Api::Platform => Ok(session.any_active_call().await?.map(|call| call.raw)),
            }
        }
    }

    /// Its id.
    pub fn active_voice_call_id(&self) -> impl Future<Output = Result<Option<String>, Error>> + Send + use<> {
        let session = self.clone();
        async move {
            match session.client().api() {
                Api::Events => session.run(events::active_voice_call_id(), Priority::Listing).await,
                Api::Platform => Ok(session.any_active_call().await?.map(|call| call.id)),
            }
        }
    }

    /// Starts or stops the recording on demand. Success means that it was accepted, not yet that it took effect.
    pub fn control(
        &self,
        id: &ConversationId,
        action: Action,
    ) -> impl Future<Output = Result<Document, Error>> + Send + use<> {
        let (session, id) = (self.clone(), id.clone());
        async move {
            let terms = session.terms(Priority::Command);
            let mut trail = Trail::new(&session, super::command::operation(action), &id);
            Ok(Subject::new(&session, &id).send(action, None, &terms, &mut trail).await?.raw)
        }
    }

    /// The newest recording of a conversation, if there is one; a 404 means none.
    pub fn newest_recording(
        &self,
        id: &ConversationId,
    ) -> impl Future<Output = Result<Option<Document>, Error>> + Send + use<> {
        let plan = match self.client().api() {
            Api::Events => events::newest_recording(id),
            Api::Platform => platform::newest_recording(id),
        };
        self.run(plan, Priority::FirstRead)
    }

    /// The first of the active calls that is found.
    async fn any_active_call(&self) -> Result<Option<Conversation>, Error> {
        Ok(self.active_calls(Wanted::one()).next().await?.and_then(|found| found.into_iter().next()))
    }
}
