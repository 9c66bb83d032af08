//! What is being recorded now, and what a user wants it to be.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Action;
use crate::error::Error;

/// The recording state of a conversation: the verdict over all that the server says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
pub enum State {
    /// Something is being recorded.
    Recording,
    /// A secure pause is on.
    Paused,
    /// Recording is suppressed because the call is on hold, and continues when the hold ends.
    Held,
    /// Nothing is recorded.
    Stopped,
    /// The server said a word that we do not know; proves nothing.
    Unknown,
}

impl State {
    /// All states.
    pub const ALL: [Self; 5] = [Self::Recording, Self::Paused, Self::Held, Self::Stopped, Self::Unknown];

    /// The state in one word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Recording => "recording",
            Self::Paused => "paused",
            Self::Held => "held",
            Self::Stopped => "stopped",
            Self::Unknown => "unknown",
        }
    }

    /// The state that has this word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Which of the server's words a verdict rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
pub enum Basis {
    /// `securePause`, which tells a secure pause from a hold.
    SecurePause,
    /// `recordingState` alone, under which a hold may look like a pause.
    RecordingState,
    /// `status`, the word of the tutorial's wire, which knows no hold.
    Status,
}

impl Basis {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::SecurePause, Self::RecordingState, Self::Status];

    /// The server's name for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::SecurePause => "securePause",
            Self::RecordingState => "recordingState",
            Self::Status => "status",
        }
    }
}

/// What a user wants a recording to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
pub enum Target {
    /// Something is recorded.
    Recording,
    /// A secure pause is on.
    Paused,
    /// Nothing is recorded.
    Stopped,
}

impl Target {
    /// All targets.
    pub const ALL: [Self; 3] = [Self::Recording, Self::Paused, Self::Stopped];

    /// The target in one word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Recording => "recording",
            Self::Paused => "paused",
            Self::Stopped => "stopped",
        }
    }

    /// Does this verdict hold it? Held is as good as recording where a hold cannot hide a pause.
    pub fn holds(self, state: State, basis: Basis) -> bool {
        match (self, state) {
            (Self::Recording, State::Recording) | (Self::Paused, State::Paused) | (Self::Stopped, State::Stopped) => {
                true
            }
            (Self::Recording, State::Held) => basis == Basis::SecurePause,
            _ => false,
        }
    }

    /// The commands that make it untrue.
    pub fn undone_by(self) -> &'static [Action] {
        match self {
            Self::Recording => &[Action::Stop, Action::Pause],
            Self::Paused => &[Action::Resume, Action::Stop],
            Self::Stopped => &[Action::Start],
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Target {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|target| target.word() == word)
            .ok_or_else(|| Error::Config("The target must be \"recording\", \"paused\" or \"stopped\".".into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hold_is_as_good_as_recording_only_where_it_cannot_hide_a_pause() {
        assert!(Target::Recording.holds(State::Held, Basis::SecurePause));
        assert!(!Target::Recording.holds(State::Held, Basis::RecordingState));
        assert!(!Target::Paused.holds(State::Held, Basis::SecurePause));
        assert!(Target::ALL.iter().all(|target| !target.holds(State::Unknown, Basis::SecurePause)));
    }
}
