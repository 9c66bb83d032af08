//! A user's login that did not come about, or is over.

use std::fmt;

/// Why nobody is logged in.
#[derive(Clone, Debug, PartialEq)]
pub enum LoginFault {
    /// The server sent the browser back with an error; its code, and its words if it had any.
    Refused {
        /// `access_denied`.
        code: String,
        /// Its words.
        words: String,
    },
    /// The browser came back with the state of another login, or none.
    OtherState,
    /// What was pasted is not the address that the browser was sent to.
    Unreadable,
    /// The browser did not come back in so many seconds.
    TimedOut(f64),
    /// There is no login, or none any more, in this file.
    Nobody(String),
    /// Another process has been renewing it for too long.
    Busy(String),
}

impl LoginFault {
    /// The code for machines; the server's own where there is one.
    pub fn code(&self) -> &str {
        match self {
            Self::Refused { code, .. } => code,
            Self::OtherState => "state_mismatch",
            Self::Unreadable => "callback_unreadable",
            Self::TimedOut(_) => "login_timeout",
            Self::Nobody(_) => "login_required",
            Self::Busy(_) => "login_busy",
        }
    }

    pub(super) fn hint(&self) -> &'static str {
        match self {
            Self::Refused { code, .. } if code == "access_denied" => "Log in again, and allow it.",
            Self::Refused { .. } => {
                "Check the client id, that the OAuth client is one for code authorization with PKCE, and that the \
                 redirect URI is one of those that it is registered with."
            }
            Self::OtherState => {
                "It may be an older window, or somebody who wants you to act as another user. Log in again."
            }
            Self::Unreadable => "Paste the whole address that the browser shows after the login.",
            Self::TimedOut(_) => "Log in again; login_timeout= bounds the wait.",
            Self::Nobody(_) => "Log in: `gcrec login`, or Client.login().",
            Self::Busy(_) => "End that process, or try again.",
        }
    }
}

impl fmt::Display for LoginFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { code, words } if words.is_empty() => write!(f, "The login was refused ({code})."),
            Self::Refused { code, words } => write!(f, "The login was refused ({code}): {words:?}."),
            Self::OtherState => f.write_str("The browser came back from another login (its state is not ours)."),
            Self::Unreadable => f.write_str("This is not the address that the browser came back to."),
            Self::TimedOut(seconds) => write!(f, "Nobody has logged in within {seconds} s."),
            Self::Nobody(place) => write!(f, "Nobody is logged in{place}."),
            Self::Busy(file) => {
                write!(f, "Another process is renewing the login in {file}, and does not come to an end.")
            }
        }
    }
}
