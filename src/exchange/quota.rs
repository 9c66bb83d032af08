//! What an answer's headers say about the rate limit.

use std::time::Duration;

use http::HeaderMap;

/// The server's window, as an answer tells it: `inin-ratelimit-allowed`, `-count` and `-reset` (whole seconds).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Requests that a window may have.
    pub allowed: u32,
    /// Requests that it has had, whoever sent them with this token.
    pub count: u32,
    /// When it ends, from now.
    pub reset: Duration,
}

impl Quota {
    /// Reads the vendor's rate headers; None unless all three are there and make sense.
    pub fn read(headers: &HeaderMap) -> Option<Self> {
        let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<u32>().ok();
        Some(Self {
            allowed: number("inin-ratelimit-allowed").filter(|allowed| *allowed > 0)?,
            count: number("inin-ratelimit-count")?,
            reset: Duration::from_secs(number("inin-ratelimit-reset")?.into()),
        })
    }
}
