//! What can be done to a recording on the tutorial's wire.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;

/// A recording command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Begin to record.
    Start,
    /// End the recording.
    Stop,
}

impl Action {
    /// The word that users type and that goes over the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Stop => "stop",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Action {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self, Error> {
        match word {
            "start" => Ok(Self::Start),
            "stop" => Ok(Self::Stop),
            _ => Err(Error::InvalidAction(format!("The action must be \"start\" or \"stop\", not {word:?}."))),
        }
    }
}
