//! The limiter's line is too long for the time that is left.

use std::fmt;
use std::time::Duration;

use super::Call;

/// A request that was not sent, because its turn would come too late.
#[derive(Clone, Debug)]
pub struct QueueError {
    /// Which request.
    pub call: Call,
    /// How long the line is.
    pub queue: Duration,
}

impl QueueError {
    pub(super) fn hint(&self) -> &'static str {
        if self.call.arrived_before {
            return "A command was sent before that and may still act: look at the status. Raise timeout=, use control_many() \
                    or ensure_many() for many conversations, or ask for a higher limit.";
        }
        "Nothing was sent this time. Raise timeout=, use control_many() or ensure_many() for many conversations, or ask \
         for a higher limit."
    }
}

impl fmt::Display for QueueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { call: Call { method, path, .. }, queue } = self;
        let seconds = queue.as_secs_f64();
        write!(
            f,
            "{method} {path} was not sent: under the rate limit its turn comes in {seconds:.1} s, which is too late."
        )
    }
}

impl std::error::Error for QueueError {}
