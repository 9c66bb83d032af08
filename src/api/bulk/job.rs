//! What is done to each conversation.

use crate::api::ensure::Wish;
use crate::journal::RunKind;
use crate::journal::word::Outcome;
use crate::model::{Action, Target};

/// The same for all.
#[derive(Clone, Copy, Debug)]
pub(super) enum Job {
    Control(Action),
    Ensure(Wish),
}

impl Job {
    /// What it is called in a journal.
    pub(super) fn kind(self) -> RunKind {
        match self {
            Self::Control(action) => RunKind::Control(action.into()),
            Self::Ensure(wish) => RunKind::Ensure(wish.target.into()),
        }
    }

    /// What shows that it was done.
    pub(super) fn target(self) -> Target {
        match self {
            Self::Control(Action::Start | Action::Resume) => Target::Recording,
            Self::Control(Action::Pause) => Target::Paused,
            Self::Control(Action::Stop) => Target::Stopped,
            Self::Ensure(wish) => wish.target,
        }
    }

    /// What is written down of a command whose effect nobody knows.
    pub(super) fn open_word(self) -> Outcome {
        match self {
            Self::Control(_) => Outcome::Unknown,
            Self::Ensure(_) => Outcome::NotProven,
        }
    }
}
