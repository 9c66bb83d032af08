//! The server said yes in a form that cannot be read.

use std::fmt;

use super::Call;

/// A successful answer that is not what the wire promises.
#[derive(Clone, Debug)]
pub struct DecodeError {
    /// Which request.
    pub call: Call,
    /// The status code of the answer.
    pub status_code: u16,
    /// The server's id for this exchange.
    pub correlation_id: Option<String>,
    /// Where in the body: `items[0]`; empty for the body as a whole.
    pub field: String,
    /// What is wrong there. Never a piece of the body: it may hold callers' data.
    pub reason: String,
}

impl DecodeError {
    #[expect(clippy::unused_self, reason = "asked like its siblings")]
    pub(super) fn hint(&self) -> &'static str {
        "Check that the base URL names the API itself, not a login page or a gateway in front of it."
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { call: Call { method, path, .. }, status_code, correlation_id, field, reason } = self;
        let place = if field.is_empty() { "the body" } else { field };
        write!(f, "{method} {path} answered {status_code}, but {place} {reason}")?;
        match correlation_id {
            Some(id) => write!(f, " (correlation id {id})."),
            None => f.write_str("."),
        }
    }
}

impl std::error::Error for DecodeError {}
