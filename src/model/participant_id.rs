//! A participant's id, as it may stand in a path.

use std::str::FromStr;

use super::conversation_id::{flaw, segment};
use crate::error::Error;

/// An id that one path segment can carry.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ParticipantId(String);

impl ParticipantId {
    /// The id as the user, or the server, wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id as one encoded path segment.
    pub fn segment(&self) -> String {
        segment(&self.0)
    }
}

impl FromStr for ParticipantId {
    type Err = Error;

    fn from_str(id: &str) -> Result<Self, Error> {
        match flaw(id) {
            None => Ok(Self(id.to_owned())),
            // Not shown: it may be something else in the wrong place.
            Some(flaw) => Err(Error::InvalidId(format!(
                "The participant id {flaw}: pass the id of one of the call's participants."
            ))),
        }
    }
}
