//! The words of a journal, in one table each.
//!
//! They are the file's own vocabulary, not the model's: a file must stay readable when a word of the model changes. A word
//! that is added or changed here is a new schema version (`schema.rs`).

use std::fmt;

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

use crate::model;

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $word:literal,)+ })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$of])* $variant,)+ }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word in the file.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// Which one the word means, if any.
            pub fn of(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|it| it.word() == word)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.word())
            }
        }

        impl ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(self.word().into())
            }
        }

        impl FromSql for $name {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                Self::of(value.as_str()?).ok_or(FromSqlError::InvalidType)
            }
        }
    )+};
}

words! {
    /// What the user asked for.
    Operation {
        /// One start.
        Start = "start",
        /// One stop.
        Stop = "stop",
        /// One pause; also each pause of a block.
        Pause = "pause",
        /// One resume; also each resume of a block.
        Resume = "resume",
        /// Bring about a target, and prove it.
        Ensure = "ensure",
        /// The row that stands for a whole pause block.
        Block = "block",
        /// A command that a recovery sent.
        Recover = "recover",
    }
    /// The command that was sent.
    Action {
        /// Begin to record.
        Start = "start",
        /// End the recording.
        Stop = "stop",
        /// Begin a secure pause.
        Pause = "pause",
        /// End a secure pause.
        Resume = "resume",
    }
    /// What an ensure wants.
    Target {
        /// Recorded.
        Recording = "recording",
        /// In a secure pause.
        Paused = "paused",
        /// Not recorded.
        Stopped = "stopped",
    }
    /// What a read said.
    State {
        /// Something is recorded.
        Recording = "recording",
        /// A secure pause is on.
        Paused = "paused",
        /// Suppressed while the call is on hold.
        Held = "held",
        /// Nothing is recorded.
        Stopped = "stopped",
        /// A word that we did not know.
        Unknown = "unknown",
    }
    /// The field that a state was read from.
    Basis {
        /// The published API's own field for it.
        SecurePause = "securePause",
        /// The state of the recording only.
        RecordingState = "recordingState",
        /// The word of the tutorial's wire.
        Status = "status",
    }
    /// How far a pause block is.
    Phase {
        /// Its pause may have left.
        Intent = "intent",
        /// The pause is proven and the body runs.
        Paused = "paused",
        /// Its resume may have left.
        Resuming = "resuming",
        /// Nothing of it is left to do.
        Closed = "closed",
    }
    /// What became of a row.
    Outcome {
        /// The control plane took the command.
        Accepted = "accepted",
        /// The server said that the target holds.
        Proven = "proven",
        /// It held before; nothing was sent.
        Already = "already",
        /// The call ended.
        Ended = "ended",
        /// It certainly did not come about.
        Failed = "failed",
        /// The command may have arrived, and no answer came.
        Unknown = "unknown",
        /// Accepted, and not seen in time.
        NotProven = "not_proven",
        /// The block's pause was lifted, and that was proven.
        Resumed = "resumed",
    }
}

impl Outcome {
    /// Is there nothing left to do for an id of a run that ended so?
    pub fn is_done(self) -> bool {
        matches!(self, Self::Accepted | Self::Proven | Self::Already | Self::Ended)
    }

    /// Is the fate of the command still to be settled?
    pub fn is_open(self) -> bool {
        matches!(self, Self::Unknown | Self::NotProven)
    }
}

impl From<model::Action> for Action {
    fn from(action: model::Action) -> Self {
        match action {
            model::Action::Start => Self::Start,
            model::Action::Stop => Self::Stop,
            model::Action::Pause => Self::Pause,
            model::Action::Resume => Self::Resume,
        }
    }
}

impl From<Action> for model::Action {
    fn from(action: Action) -> Self {
        match action {
            Action::Start => Self::Start,
            Action::Stop => Self::Stop,
            Action::Pause => Self::Pause,
            Action::Resume => Self::Resume,
        }
    }
}

impl From<model::State> for State {
    fn from(state: model::State) -> Self {
        match state {
            model::State::Recording => Self::Recording,
            model::State::Paused => Self::Paused,
            model::State::Held => Self::Held,
            model::State::Stopped => Self::Stopped,
            model::State::Unknown => Self::Unknown,
        }
    }
}

impl From<model::Target> for Target {
    fn from(target: model::Target) -> Self {
        match target {
            model::Target::Recording => Self::Recording,
            model::Target::Paused => Self::Paused,
            model::Target::Stopped => Self::Stopped,
        }
    }
}

impl From<model::Basis> for Basis {
    fn from(basis: model::Basis) -> Self {
        match basis {
            model::Basis::SecurePause => Self::SecurePause,
            model::Basis::RecordingState => Self::RecordingState,
            model::Basis::Status => Self::Status,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_means_one_thing_and_no_other_word_does() {
        for outcome in Outcome::ALL {
            assert_eq!(Outcome::of(outcome.word()), Some(*outcome));
        }
        assert_eq!(Outcome::of("Proven"), None);
        assert_eq!(Basis::of("securePause"), Some(Basis::SecurePause));
    }

    #[test]
    fn what_is_open_is_not_done() {
        for outcome in Outcome::ALL {
            assert!(!(outcome.is_open() && outcome.is_done()), "{outcome}");
        }
    }
}
