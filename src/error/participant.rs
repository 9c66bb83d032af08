//! Nobody on a call could be meant by a command to one participant's recorder.

use std::fmt;

use super::{Error, Sent};

/// Why nobody is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missed {
    /// No agent and no user is connected.
    Nobody,
    /// The one who was named is not on this call.
    Unknown,
    /// The one who was named is the customer, a machine or a queue.
    NotRecordable,
    /// The one who was named has left.
    Gone,
}

/// A command that was not sent, for there was nobody for it.
#[derive(Clone, Debug)]
pub struct ParticipantError {
    /// Of which conversation.
    pub conversation_id: String,
    /// Why.
    pub missed: Missed,
    /// May an earlier command of the same wish act, or have acted?
    pub maybe_sent: bool,
}

impl ParticipantError {
    /// Before any command.
    pub fn new(conversation_id: &str, missed: Missed) -> Self {
        Self { conversation_id: conversation_id.to_owned(), missed, maybe_sent: false }
    }

    pub(super) fn sent(&self) -> Sent {
        if self.maybe_sent { Sent::Maybe } else { Sent::No }
    }

    pub(super) fn hint(&self) -> &'static str {
        match (self.missed, self.maybe_sent) {
            (_, true) => "A command was sent before that and may still act: look at the status.",
            (Missed::Nobody, _) => "Nothing was sent. Try again when an agent has answered.",
            (Missed::Unknown | Missed::NotRecordable, _) => {
                "Nothing was sent. conversation() lists who takes part: name an agent or a user, or nobody for the right one."
            }
            (Missed::Gone, _) => "Nothing was sent. After a transfer, name nobody: the next agent is found.",
        }
    }
}

impl From<ParticipantError> for Error {
    fn from(error: ParticipantError) -> Self {
        Self::Participant(Box::new(error))
    }
}

impl fmt::Display for ParticipantError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.conversation_id.escape_debug();
        match self.missed {
            Missed::Nobody => {
                write!(f, "Nobody on conversation {id} can be recorded on demand: no agent and no user is connected.")
            }
            // Who was named is not shown where the server does not know it: it may be anything in the wrong place.
            Missed::Unknown => write!(f, "The participant that was named is not on conversation {id}."),
            Missed::NotRecordable => write!(
                f,
                "The participant that was named cannot be recorded on demand: on conversation {id} it is neither an agent nor \
                 a user."
            ),
            Missed::Gone => write!(f, "The participant that was named has left conversation {id}."),
        }
    }
}

impl std::error::Error for ParticipantError {}
