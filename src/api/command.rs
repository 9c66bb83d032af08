//! Single commands: taken by the control plane, not yet proven.

use super::subject::Subject;
use super::trail::Trail;
use crate::client::Session;
use crate::error::Error;
use crate::journal::word::Operation;
use crate::limit::Priority;
use crate::model::{Action, Command, ConversationId, Receipt};

impl Session {
    /// Sends one command. An action that the wire does not have is refused at once, before any request.
    pub fn command(
        &self,
        id: &ConversationId,
        command: Command,
    ) -> Result<impl Future<Output = Result<Receipt, Error>> + Send + use<>, Error> {
        self.wire().check(&command)?;
        let (session, id) = (self.clone(), id.clone());
        Ok(async move {
            let terms = session.terms(Priority::Command);
            let mut trail = Trail::new(&session, operation(command.action), &id);
            Subject::new(&session, &id).send(command, None, &terms, &mut trail).await
        })
    }
}

/// What a single command is called in a journal.
pub(super) fn operation(action: Action) -> Operation {
    match action {
        Action::Start => Operation::Start,
        Action::Stop => Operation::Stop,
        Action::Pause => Operation::Pause,
        Action::Resume => Operation::Resume,
    }
}
