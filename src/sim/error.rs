//! Everything that can be wrong with the way a simulator is started or steered.

use std::io;

use http::StatusCode;
use serde_json::{Value, json};

/// Why a simulator could not be started or steered; the text is meant for whoever wrote the test.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SimError {
    /// The port is taken or may not be used.
    #[error("the simulator cannot listen on 127.0.0.1:{port}: {source}")]
    Bind {
        /// The port that was asked for; 0 means any.
        port: u16,
        /// What the system said.
        source: io::Error,
    },
    /// The certificate for TLS could not be made.
    #[error("the simulator cannot make its certificate: {0}")]
    Tls(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// An option is out of range.
    #[error("{name} {reason}")]
    InvalidOption {
        /// The option as users type it.
        name: &'static str,
        /// What it must be.
        reason: String,
    },
    /// A fault asks for nothing, or for things that exclude each other.
    #[error("{0}")]
    InvalidFault(String),
    /// No client could name a call with this id.
    #[error("{0:?} cannot be the id of a call")]
    InvalidId(String),
    /// A call with this id exists or existed.
    #[error("there is already a call with the id {0:?}")]
    DuplicateId(String),
    /// No call ever had this id.
    #[error("there is no call with the id {0:?}")]
    UnknownCall(String),
    /// Nobody in the organisation has this id, name or email.
    #[error("there is no user {0:?}")]
    UnknownUser(String),
    /// What was asked for happens only in a call that goes on.
    #[error("the call {0:?} has ended")]
    EndedCall(String),
    /// `advance` on a simulator whose clock is the machine's.
    #[error("advance() moves a manual clock, and this simulator runs on the real one: start it with clock=\"manual\"")]
    RealClock,
    /// `advance` on a simulator in-process, whose clock is the caller's.
    #[error("advance() moves a simulator's own clock, and this one lives by a clock that it was given: move that")]
    SharedClock,
    /// The request under `/simulation/` has a body that cannot be read.
    #[error("{0}")]
    InvalidSteering(String),
    /// There is no such route under `/simulation/`.
    #[error("{0} is nothing that a simulator can be asked for")]
    UnknownSteering(String),
    /// Somebody who is not on this machine, or a web page, tried to steer.
    #[error("/simulation/ answers only to this machine: {0}")]
    Foreign(String),
    /// Another process's simulator refused; its own code and words.
    #[error("{message}")]
    Refused {
        /// The code that the other simulator gave.
        code: String,
        /// What it said.
        message: String,
    },
}

impl SimError {
    /// A short word for programs; also what travels over `/simulation/`.
    pub fn code(&self) -> &str {
        match self {
            Self::Bind { .. } => "bind",
            Self::Tls(_) => "tls",
            Self::InvalidOption { .. } => "invalid_option",
            Self::InvalidFault(_) => "invalid_fault",
            Self::InvalidId(_) => "invalid_id",
            Self::DuplicateId(_) => "duplicate_id",
            Self::UnknownCall(_) => "unknown_call",
            Self::UnknownUser(_) => "unknown_user",
            Self::EndedCall(_) => "ended_call",
            Self::RealClock => "real_clock",
            Self::SharedClock => "shared_clock",
            Self::InvalidSteering(_) => "invalid_steering",
            Self::UnknownSteering(_) => "unknown_steering",
            Self::Foreign(_) => "foreign",
            Self::Refused { code, .. } => code,
        }
    }

    /// The status and body with which `/simulation/` tells this error.
    pub(super) fn answer(&self) -> (StatusCode, Value) {
        let status = match self {
            Self::UnknownCall(_) | Self::UnknownUser(_) | Self::UnknownSteering(_) => StatusCode::NOT_FOUND,
            Self::DuplicateId(_) | Self::EndedCall(_) | Self::RealClock | Self::SharedClock => StatusCode::CONFLICT,
            Self::Foreign(_) => StatusCode::FORBIDDEN,
            _ => StatusCode::BAD_REQUEST,
        };
        (status, json!({ "error": self.code(), "message": self.to_string() }))
    }
}
