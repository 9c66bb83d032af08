//! What the notification service is like: the published limits, which a test may make smaller.

use std::time::Duration;

use crate::sim::error::SimError;
use crate::sim::options::positive;

/// How long before the server closes a socket it says so.
const NOTICE: Duration = Duration::from_secs(60);

/// The limits of the notification service; durations in seconds.
#[derive(Debug, Clone, PartialEq)]
pub struct Notifications {
    /// How long a channel lives, from its making or from the last time that it was subscribed to something.
    pub channel_lifetime: f64,
    /// From one heartbeat of a socket to the next.
    pub heartbeat: f64,
    /// Channels of one user and app. One more ends the oldest, unconnected ones first.
    pub max_channels: usize,
    /// Topics of one channel. One more is refused.
    pub max_topics: usize,
}

impl Default for Notifications {
    fn default() -> Self {
        Self { channel_lifetime: 86_400.0, heartbeat: 30.0, max_channels: 20, max_topics: 1_000 }
    }
}

/// [`Notifications`] that make sense.
#[derive(Debug, Clone, Copy)]
pub(in crate::sim) struct Rules {
    pub lifetime: Duration,
    pub heartbeat: Duration,
    pub max_channels: usize,
    pub max_topics: usize,
}

impl Notifications {
    pub(in crate::sim) fn check(&self) -> Result<Rules, SimError> {
        let at_least_one = |name, count: usize| match count {
            0 => Err(SimError::InvalidOption { name, reason: "must be at least 1".into() }),
            _ => Ok(count),
        };
        Ok(Rules {
            lifetime: positive("channel_lifetime", self.channel_lifetime)?,
            heartbeat: positive("heartbeat", self.heartbeat)?,
            max_channels: at_least_one("max_channels", self.max_channels)?,
            max_topics: at_least_one("max_topics", self.max_topics)?,
        })
    }
}

impl Rules {
    /// How long before the end of a channel its socket is told. A channel that lives for less gets half of its life.
    pub(super) fn notice(&self) -> Duration {
        NOTICE.min(self.lifetime / 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_no_sense_is_named() {
        let refused = |options: Notifications| options.check().map(|_| ()).unwrap_err().to_string();
        let default = Notifications::default;
        assert!(default().check().is_ok());
        assert!(refused(Notifications { channel_lifetime: 0.0, ..default() }).starts_with("channel_lifetime must be"));
        assert!(refused(Notifications { heartbeat: f64::NAN, ..default() }).starts_with("heartbeat must be"));
        assert!(refused(Notifications { max_channels: 0, ..default() }).starts_with("max_channels must be"));
        assert!(refused(Notifications { max_topics: 0, ..default() }).starts_with("max_topics must be"));
    }
}
