//! One thing that was looked at, and what came of it.

use std::fmt;

use crate::error::Error;

/// How it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// It works, and may not for long, or not as somebody would expect.
    Warning,
    /// It does not work.
    Failed,
    /// It was not looked at, and the check says why.
    Skipped,
}

impl Verdict {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// One line of a checkup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What was looked at.
    pub name: &'static str,
    /// How it stands.
    pub verdict: Verdict,
    /// What was found, in a sentence.
    pub says: String,
    /// What to do about it; empty where there is nothing to do.
    pub mend: String,
}

impl Check {
    pub(super) fn ok(name: &'static str, says: impl Into<String>) -> Self {
        Self { name, verdict: Verdict::Ok, says: says.into(), mend: String::new() }
    }

    pub(super) fn warning(name: &'static str, says: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { name, verdict: Verdict::Warning, says: says.into(), mend: mend.into() }
    }

    pub(super) fn failed(name: &'static str, says: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { name, verdict: Verdict::Failed, says: says.into(), mend: mend.into() }
    }

    pub(super) fn skipped(name: &'static str, why: impl Into<String>) -> Self {
        Self { name, verdict: Verdict::Skipped, says: why.into(), mend: String::new() }
    }

    /// As this error says.
    pub(super) fn error(name: &'static str, error: &Error) -> Self {
        let mend = match error.hint() {
            hint if hint.is_empty() => "Mend what is named there, and look again.".into(),
            hint => hint,
        };
        Self::failed(name, error.to_string(), mend)
    }

    /// No answer came while there was time for it.
    pub(super) fn late(name: &'static str) -> Self {
        let mend = "Look at the network, or give it more time with timeout=.";
        Self::failed(name, "Nothing came of it while there was time.", mend)
    }
}
