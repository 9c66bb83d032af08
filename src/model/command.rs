//! A command to a recording, and which of a call's recorders it is for.

use std::fmt;
use std::str::FromStr;

use super::{Action, ParticipantId};
use crate::error::Error;

/// Which recorder starts and stops. The tutorial's wire has but one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Recorder {
    /// The on-demand recording of a participant (`PATCH .../participants/{id}`).
    #[default]
    Participant,
    /// The ad-hoc recorder (`POST .../snippet/record`, type `adhoc`).
    Adhoc,
    /// A snippet, which can never be paused (`POST .../snippet/record`, type `snippet`).
    Snippet,
}

impl Recorder {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Participant, Self::Adhoc, Self::Snippet];

    /// The word that users type.
    pub fn word(self) -> &'static str {
        match self {
            Self::Participant => "participant",
            Self::Adhoc => "adhoc",
            Self::Snippet => "snippet",
        }
    }
}

impl fmt::Display for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Recorder {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|recorder| recorder.word() == word)
            .ok_or_else(|| Error::Config("The recorder must be \"participant\", \"adhoc\" or \"snippet\".".into()))
    }
}

/// What is commanded. An [`Action`] alone is a command to the default recorder of the right participant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// What to do.
    pub action: Action,
    /// Whose recording; None: the caller's own in a user context, else the agent's.
    pub participant: Option<ParticipantId>,
    /// Which recorder starts or stops.
    pub recorder: Recorder,
}

impl Command {
    /// A command as a user typed it.
    pub fn new(action: Action, participant: Option<&str>, recorder: &str) -> Result<Self, Error> {
        let participant = participant.map(str::parse).transpose()?;
        Ok(Self { action, participant, recorder: recorder.parse()? })
    }
}

impl From<Action> for Command {
    fn from(action: Action) -> Self {
        Self { action, participant: None, recorder: Recorder::default() }
    }
}
