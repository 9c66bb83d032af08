//! The names of all failures.

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
    /// 429, or a turn that would come too late.
    RateLimit,
    /// 5xx.
    Server,
    /// Success that cannot be read.
    Decode,
    /// What was wanted did not show in time.
    NotProven,
    /// A secure pause is on, and nobody allowed to end it.
    AlreadyPaused,
    /// There is nothing to pause.
    NotRecording,
    /// A policy's recording, which no command ends.
    PolicyRecording,
    /// The call ended first.
    ConversationEnded,
    /// Nobody on the call could be meant by the command.
    Participant,
    /// The call was recorded during a block.
    PauseBroken,
    /// A block outlasted its `max_seconds`.
    PauseTooLong,
    /// A call may still be paused.
    ResumeNotProven,
    /// The journal cannot do its duty.
    Journal,
    /// Live events cannot be had.
    Events,
}

impl ErrorKind {
    /// All kinds; a Python test holds its classes against this list.
    pub const ALL: [Self; 28] = [
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
        Self::NotProven,
        Self::AlreadyPaused,
        Self::NotRecording,
        Self::PolicyRecording,
        Self::ConversationEnded,
        Self::Participant,
        Self::PauseBroken,
        Self::PauseTooLong,
        Self::ResumeNotProven,
        Self::Journal,
        Self::Events,
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
            Self::NotProven => "not_proven",
            Self::AlreadyPaused => "already_paused",
            Self::NotRecording => "not_recording",
            Self::PolicyRecording => "policy_recording",
            Self::ConversationEnded => "conversation_ended",
            Self::Participant => "participant",
            Self::PauseBroken => "pause_broken",
            Self::PauseTooLong => "pause_too_long",
            Self::ResumeNotProven => "resume_not_proven",
            Self::Journal => "journal",
            Self::Events => "events",
        }
    }
}
