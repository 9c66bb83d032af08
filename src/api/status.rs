//! Looking at what is recorded.

use super::subject::{Seen, Subject};
use crate::client::Session;
use crate::error::Error;
use crate::limit::Priority;
use crate::model::{ConversationId, RecordingStatus};

impl Session {
    /// What is recorded now. A 404 is an error: it proves nothing.
    pub fn status(&self, id: &ConversationId) -> impl Future<Output = Result<RecordingStatus, Error>> + Send + use<> {
        let (session, id) = (self.clone(), id.clone());
        async move {
            let terms = session.terms(Priority::FirstRead);
            let seen = Subject::new(&session, &id).look_on(&terms).await?;
            Ok(seen.status(&id))
        }
    }
}

impl Seen {
    pub(super) fn status(self, id: &ConversationId) -> RecordingStatus {
        let Self { reading, at, .. } = self;
        RecordingStatus {
            conversation_id: id.as_str().to_owned(),
            state: reading.state,
            active: reading.active,
            basis: reading.basis,
            observed_at: at,
            raw: reading.raw,
        }
    }
}
