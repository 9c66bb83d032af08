//! Every failure, ordered by what the server may have done.

mod api;
mod decode;
mod transport;

use http::Method;

pub use api::{ApiError, Problem};
pub use decode::DecodeError;
pub use transport::{TransportError, TransportKind};

/// May the server have acted on the request?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// Certainly not: it was never reached, or it refused.
    No,
    /// The bytes may have arrived, and no trustworthy answer came.
    Maybe,
    /// It said that it acted, in an answer that could not be read further.
    Yes,
}

/// Which request failed, and how often it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The HTTP method.
    pub method: Method,
    /// The path below the base URL, percent-encoded, without the query.
    pub path: String,
    /// Is it a command, which changes a recording?
    pub command: bool,
    /// Requests sent so far, repeats included.
    pub attempts: u32,
    /// May an attempt before the last one have arrived?
    pub arrived_before: bool,
}

impl Call {
    /// A request that was not sent yet.
    pub fn new(method: Method, path: String, command: bool) -> Self {
        Self { method, path, command, attempts: 0, arrived_before: false }
    }

    /// What is known in all, from what is known of the last attempt.
    fn sent(&self, last: Sent) -> Sent {
        if last == Sent::No && self.arrived_before { Sent::Maybe } else { last }
    }
}

/// Every way in which gcrec fails.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Settings that cannot work; refused before any request.
    #[error("{0}")]
    Config(String),
    /// An action other than those of the wire; refused before any request.
    #[error("{0}")]
    InvalidAction(String),
    /// A conversation id that no path can carry; refused before any request.
    #[error("{0}")]
    InvalidId(String),
    /// No whole answer came.
    #[error(transparent)]
    Transport(Box<TransportError>),
    /// The server answered with anything but success.
    #[error(transparent)]
    Api(Box<ApiError>),
    /// The server answered with success, in a form that cannot be read.
    #[error(transparent)]
    Decode(Box<DecodeError>),
}

/// The name of a failure: one Python class for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Settings that cannot work.
    Config,
    /// An unknown action.
    InvalidAction,
    /// An impossible conversation id.
    InvalidId,
    /// The connection was cut, reset, or broken otherwise.
    Transport,
    /// No connection could be made.
    Connect,
    /// Connecting took too long.
    ConnectTimeout,
    /// The call took too long.
    RequestTimeout,
    /// The server's certificate is not trusted, or TLS failed otherwise.
    Tls,
    /// An answer outside 2xx that has no kind of its own.
    Api,
    /// 401, or an OAuth error.
    Authentication,
    /// 400.
    BadRequest,
    /// 403.
    PermissionDenied,
    /// 404.
    NotFound,
    /// 409.
    RecordingConflict,
    /// 429.
    RateLimit,
    /// 5xx.
    Server,
    /// Success that cannot be read.
    Decode,
}

impl ErrorKind {
    /// All kinds; a Python test holds its classes against this list.
    pub const ALL: [Self; 17] = [
        Self::Config,
        Self::InvalidAction,
        Self::InvalidId,
        Self::Transport,
        Self::Connect,
        Self::ConnectTimeout,
        Self::RequestTimeout,
        Self::Tls,
        Self::Api,
        Self::Authentication,
        Self::BadRequest,
        Self::PermissionDenied,
        Self::NotFound,
        Self::RecordingConflict,
        Self::RateLimit,
        Self::Server,
        Self::Decode,
    ];

    /// The kind in words, as `GcrecError.kind` gives it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::InvalidAction => "invalid_action",
            Self::InvalidId => "invalid_id",
            Self::Transport => "transport",
            Self::Connect => "connect",
            Self::ConnectTimeout => "connect_timeout",
            Self::RequestTimeout => "request_timeout",
            Self::Tls => "tls",
            Self::Api => "api",
            Self::Authentication => "authentication",
            Self::BadRequest => "bad_request",
            Self::PermissionDenied => "permission_denied",
            Self::NotFound => "not_found",
            Self::RecordingConflict => "recording_conflict",
            Self::RateLimit => "rate_limit",
            Self::Server => "server",
            Self::Decode => "decode",
        }
    }
}

impl Error {
    /// Which kind of failure this is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Config(_) => ErrorKind::Config,
            Self::InvalidAction(_) => ErrorKind::InvalidAction,
            Self::InvalidId(_) => ErrorKind::InvalidId,
            Self::Transport(e) => e.kind.into(),
            Self::Api(e) => e.kind(),
            Self::Decode(_) => ErrorKind::Decode,
        }
    }

    /// May the server have acted?
    pub fn sent(&self) -> Sent {
        match self {
            Self::Config(_) | Self::InvalidAction(_) | Self::InvalidId(_) => Sent::No,
            Self::Transport(e) => e.sent(),
            Self::Api(e) => e.sent(),
            Self::Decode(_) => Sent::Yes,
        }
    }

    /// Could the same call succeed if it were made again, with nothing changed?
    pub fn retryable(&self) -> bool {
        match self {
            Self::Config(_) | Self::InvalidAction(_) | Self::InvalidId(_) | Self::Decode(_) => false,
            Self::Transport(e) => e.kind != TransportKind::Tls,
            Self::Api(e) => e.retryable(),
        }
    }

    /// The status code of the answer, if there was one.
    pub fn status_code(&self) -> Option<u16> {
        match self {
            Self::Api(e) => Some(e.status.as_u16()),
            Self::Decode(e) => Some(e.status_code),
            _ => None,
        }
    }

    /// How many requests were sent, repeats included.
    pub fn attempts(&self) -> u32 {
        match self {
            Self::Transport(e) => e.call.attempts,
            Self::Api(e) => e.call.attempts,
            Self::Decode(e) => e.call.attempts,
            Self::Config(_) | Self::InvalidAction(_) | Self::InvalidId(_) => 0,
        }
    }

    /// What to do next; empty where the message already says it.
    pub fn hint(&self) -> String {
        match self {
            Self::Config(_) | Self::InvalidAction(_) | Self::InvalidId(_) => String::new(),
            Self::Transport(e) => e.hint(),
            Self::Api(e) => e.hint(),
            Self::Decode(e) => e.hint().to_owned(),
        }
    }
}
