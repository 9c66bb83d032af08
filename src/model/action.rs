//! What can be done to a recording on the tutorial's wire.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;

/// Words up to this length are shown in an error.
const LONGEST_SHOWN: usize = 12;

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
            // A longer one may be a token in the wrong place, and is not shown.
            _ if word.len() <= LONGEST_SHOWN => {
                Err(Error::InvalidAction(format!("The action must be \"start\" or \"stop\", not {word:?}.")))
            }
            _ => Err(Error::InvalidAction("The action must be \"start\" or \"stop\".".into())),
        }
    }
}
