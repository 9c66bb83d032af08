//! Single commands: taken by the control plane, not yet proven.

use super::subject::Subject;
use crate::client::Session;
use crate::error::Error;
use crate::limit::Priority;
use crate::model::{Action, ConversationId, Receipt};

impl Session {
    /// Sends one command. An action that the wire does not have is refused at once, before any request.
    pub fn command(
        &self,
        id: &ConversationId,
        action: Action,
    ) -> Result<impl Future<Output = Result<Receipt, Error>> + Send + use<>, Error> {
        self.wire().command(id, action)?;
        let (session, id) = (self.clone(), id.clone());
        Ok(async move {
            let terms = session.terms(Priority::Command);
            Subject::new(&session, &id).send(action, &terms).await
        })
    }
}
