//! What can be done to a recording.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// Words up to this length are shown in an error.
const LONGEST_SHOWN: usize = 12;

/// A recording command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
pub enum Action {
    /// Begin to record.
    Start,
    /// End the recording.
    Stop,
    /// Begin a secure pause.
    Pause,
    /// End a secure pause.
    Resume,
}

impl Action {
    /// All actions.
    pub const ALL: [Self; 4] = [Self::Start, Self::Stop, Self::Pause, Self::Resume];

    /// Those that the tutorial's wire has.
    pub const OF_THE_TUTORIAL: [Self; 2] = [Self::Start, Self::Stop];

    /// The word that users type.
    pub fn word(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Pause => "pause",
            Self::Resume => "resume",
        }
    }

    /// Reads a word that a user typed, which must be one of `among`.
    pub fn parse(word: &str, among: &[Self]) -> Result<Self, Error> {
        if let Some(action) = among.iter().find(|action| action.word() == word) {
            return Ok(*action);
        }
        let words: Vec<_> = among.iter().map(|action| format!("{:?}", action.word())).collect();
        let words = words.join(" or ");
        // A longer one may be a token in the wrong place, and is not shown.
        Err(Error::InvalidAction(if word.len() <= LONGEST_SHOWN {
            format!("The action must be {words}, not {word:?}.")
        } else {
            format!("The action must be {words}.")
        }))
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
