//! The server answered, and the answer is no.

use std::fmt;
use std::time::Duration;

use http::StatusCode;
use serde_json::Value;

use super::{Call, ErrorKind, Needs, Sent};

/// What the server said, as far as it could be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Problem {
    /// Its words; empty if it had none.
    pub message: String,
    /// Its code: `not.found`, `invalid_client`.
    pub code: Option<String>,
    /// The parameters of its message, an object or null.
    pub message_params: Value,
    /// Its details, a list or null.
    pub details: Value,
    /// The errors below it, a list or null.
    pub errors: Value,
    /// The limit that was met (`key`, `namespace`, `value`), an object or null.
    pub limit: Value,
    /// The id of what it is about.
    pub entity_id: Option<String>,
    /// The id of the server's own log entry.
    pub context_id: Option<String>,
    /// The id of this exchange, from the headers.
    pub correlation_id: Option<String>,
    /// How long it asks us to wait.
    pub retry_after: Option<Duration>,
    /// Where a redirect pointed, without path and query.
    pub redirect: Option<String>,
}

/// An answer outside 2xx.
#[derive(Clone, Debug)]
pub struct ApiError {
    /// Which request.
    pub call: Call,
    /// The status code.
    pub status: StatusCode,
    /// What the server said.
    pub problem: Problem,
    /// What the request needs, as the wire's documents say.
    pub needs: Needs,
    /// Why it was not tried again although it could have been; empty if there is no such reason.
    pub gave_up: String,
}

impl ApiError {
    /// Was it the login that was refused?
    pub fn oauth(&self) -> bool {
        matches!(self.needs, Needs::Login | Needs::UserLogin)
    }

    pub(super) fn kind(&self) -> ErrorKind {
        match self.status.as_u16() {
            400 if self.oauth() => ErrorKind::Authentication,
            400 => ErrorKind::BadRequest,
            401 => ErrorKind::Authentication,
            403 => ErrorKind::PermissionDenied,
            404 => ErrorKind::NotFound,
            409 => ErrorKind::RecordingConflict,
            429 => ErrorKind::RateLimit,
            500..=599 => ErrorKind::Server,
            _ => ErrorKind::Api,
        }
    }

    /// A refusal (3xx, 4xx, 503 with a wish) did nothing; after 5xx nobody knows.
    pub(super) fn sent(&self) -> Sent {
        self.call.sent(match self.status.as_u16() {
            300..=499 => Sent::No,
            503 if self.problem.retry_after.is_some() => Sent::No,
            _ => Sent::Maybe,
        })
    }

    pub(super) fn retryable(&self) -> bool {
        matches!(self.status.as_u16(), 429 | 500 | 502 | 503 | 504)
    }

    pub(super) fn hint(&self) -> String {
        if let Some(mend) = self.problem.code.as_deref().and_then(mend_of) {
            return mend.into();
        }
        match self.kind() {
            ErrorKind::Authentication | ErrorKind::PermissionDenied if self.oauth() => {
                self.needs.if_refused(self.problem.code.as_deref()).into()
            }
            ErrorKind::BadRequest if self.problem.code.as_deref() == Some("not.a.user") => {
                "This asks for a user's own things, and the token belongs to an OAuth client (client credentials): log \
                 in as a user, with `gcrec login` or Client.login()."
                    .into()
            }
            ErrorKind::Authentication => self.needs.if_unauthenticated(),
            ErrorKind::PermissionDenied => self.needs.if_denied(),
            ErrorKind::NotFound if self.oauth() => "There is no token endpoint there: check the base URL.".into(),
            ErrorKind::NotFound => {
                "Check that the conversation exists, that it is still active unless you look at what was recorded of it, and \
                 that the base URL is right."
                    .into()
            }
            ErrorKind::RecordingConflict => {
                "The recording is already in that state, or cannot change now: check its status first.".into()
            }
            ErrorKind::RateLimit => "Send fewer requests, or raise max_retries= and timeout=.".into(),
            ErrorKind::Server if self.sent() == Sent::No => "The server asks to try again later.".into(),
            ErrorKind::Server if !self.call.command => "The server failed: try again later.".into(),
            ErrorKind::Server => {
                "The server may have acted: check the recording's status before sending a command again.".into()
            }
            _ if self.status.is_redirection() => {
                "Redirects are not followed, so that no credential reaches another host: set the base URL to the final \
                 address."
                    .into()
            }
            _ => String::new(),
        }
    }
}

/// What to do after an error of the published API that says by its code more than by its status.
fn mend_of(code: &str) -> Option<&'static str> {
    Some(match code {
        "not.a.user" => {
            "This is only for users, and the token is an OAuth client's: log in as a user (Client.login(), `gcrec login`), or \
             use what a client may do: pause() and resume() of any call, active_calls() of the whole organisation."
        }
        "conversation.error.forbidden.not.active.participant" => {
            "Only who is on the call may do this: use the token of the agent who is, or pause() and resume(), which work for \
             others too (conversation:recording:pauseOthers)."
        }
        "conversation.error.not.conversation.participant" => {
            "Whom this was for is not on the call any more: look at conversation(), and try again."
        }
        "conversation.error.call.disconnected" | "conversation.error.participant.no.active.conversations" => {
            "The call, or this part of it, is over: look at status()."
        }
        _ => return None,
    })
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { call: Call { method, path, attempts, .. }, status, problem, gave_up, .. } = self;
        write!(f, "{method} {path} answered {}", status.as_u16())?;
        if let Some(phrase) = status.canonical_reason() {
            write!(f, " {phrase}")?;
        }
        if let Some(code) = &problem.code {
            // A server's word, on somebody's terminal.
            if code.bytes().all(|b| b.is_ascii_graphic()) { write!(f, " ({code})") } else { write!(f, " ({code:?})") }?;
        }
        if let Some(target) = &problem.redirect {
            write!(f, ", pointing to {target}")?;
        }
        if !problem.message.is_empty() {
            write!(f, ": {:?}", problem.message)?;
        }
        if *attempts > 1 {
            write!(f, " after {attempts} attempts")?;
        }
        if let (429 | 503, Some(wish)) = (status.as_u16(), problem.retry_after) {
            write!(f, "; the server asks to wait {} s", wish.as_secs_f64())?;
        }
        if !gave_up.is_empty() {
            write!(f, "; {gave_up}")?;
        }
        if let Some(id) = &problem.correlation_id {
            write!(f, " (correlation id {id})")?;
        }
        f.write_str(".")
    }
}

impl std::error::Error for ApiError {}
