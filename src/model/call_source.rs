//! Where a list of active calls comes from.

use std::fmt;

/// Which of the server's lists. They differ in whose calls they hold, and in how old they may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallSource {
    /// The tutorial's list: all active voice calls.
    Communications,
    /// The active calls of the user behind the token (the published API).
    User,
    /// A search over the organisation, which lags by seconds: each of its rows is confirmed by a read (the published API).
    Analytics,
}

impl CallSource {
    /// The word that users read.
    pub fn word(self) -> &'static str {
        match self {
            Self::Communications => "communications",
            Self::User => "user",
            Self::Analytics => "analytics",
        }
    }
}

impl fmt::Display for CallSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
