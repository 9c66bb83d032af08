//! How a simulator is asked for, and what of that makes no sense.

use std::time::Duration;

use super::dice::Span;
use super::error::SimError;
use super::notify::{Notifications, Rules};

/// Every scope that the tutorial names, and what a simulator's client has unless told otherwise.
pub const SCOPES: [&str; 4] =
    ["conversation:read", "conversation:recording:read", "conversation:recording:write", "conversation:write"];

/// Every permission that a role may have here, and what clients and users have unless told otherwise: those that the
/// vendor's documents name for the operations that are simulated.
pub const PERMISSIONS: [&str; 13] = [
    "conversation:communication:view",
    "conversation:recording:pauseOthers",
    "conversation:participant:wrapup",
    "conversation:call:record",
    "conversation:communication:disconnect",
    "conversation:recording:snippetRecord",
    "analytics:conversationDetail:view",
    "analytics:agentConversationDetail:view",
    "analytics:queueObservation:view",
    "recording:recording:view",
    "recording:recordingSegment:view",
    "recording:snippetRecording:view",
    "recording:screenRecording:view",
];

/// Longer than any test: keeps sums of times far from overflow.
const LONGEST: f64 = 10.0 * 366.0 * 86_400.0;

/// Which clock a simulator lives by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClockKind {
    /// The machine's.
    #[default]
    Real,
    /// One that stands still until [`Simulator::advance`](super::Simulator::advance) moves it.
    Manual,
}

/// Calls that come and go by themselves, drawn from the seed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Schedule {
    /// Seconds from one call to the next, at least and at most.
    pub appear_every: (f64, f64),
    /// Seconds that such a call lasts, at least and at most.
    pub last: (f64, f64),
}

/// What a simulator is like; durations in seconds.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "these are the names that users type, one by one")]
pub struct Options {
    /// Active calls at the start. They end only when told to.
    pub calls: usize,
    /// From the 202 to the new state, at least and at most.
    pub propagation: (f64, f64),
    /// Fixes every id, token, delay and chance.
    pub seed: u64,
    /// Real or manual.
    pub clock: ClockKind,
    /// Requests per token and window; None refuses nothing.
    pub rate_limit: Option<u32>,
    /// The window of the rate limit.
    pub rate_window: f64,
    /// How long a token is good for.
    pub token_lifetime: f64,
    /// What tokens may do on the tutorial's wire.
    pub scopes: Vec<String>,
    /// What the role of the OAuth client permits on the published API.
    pub permissions: Vec<String>,
    /// What the role of the users permits on the published API.
    pub user_permissions: Vec<String>,
    /// Whether a 429 says in `Retry-After` when to come again, or in its message only.
    pub retry_after_header: bool,
    /// Whether a hold suppresses the recording, as the vendor's setting for trunks does.
    pub suppress_hold: bool,
    /// Whether answers of the published API say `securePause`; without it a pause and a hold look alike.
    pub secure_pause: bool,
    /// Whether only a user who is on the call may start and stop a participant's recording, or pause in the older form, as
    /// the vendor's documents allow for.
    pub start_needs_user: bool,
    /// How long a recording is transcoded when its media are first asked for.
    pub transcoding: f64,
    /// How old the answers of the search are.
    pub search_lag: f64,
    /// Rows of each page of the search that repeat on the next; its totals then grow from page to page.
    pub search_repeats: usize,
    /// HTTPS, with a certificate authority made for this simulator.
    pub tls: bool,
    /// The port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// Calls that appear and end by themselves, beside the others.
    pub schedule: Option<Schedule>,
    /// The limits of the notification service.
    pub notifications: Notifications,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            calls: 3,
            propagation: (0.5, 0.5),
            seed: 0,
            clock: ClockKind::Real,
            rate_limit: None,
            rate_window: 60.0,
            token_lifetime: 86_399.0,
            scopes: SCOPES.map(str::to_owned).to_vec(),
            permissions: PERMISSIONS.map(str::to_owned).to_vec(),
            user_permissions: PERMISSIONS.map(str::to_owned).to_vec(),
            retry_after_header: true,
            suppress_hold: true,
            secure_pause: true,
            start_needs_user: false,
            transcoding: 0.0,
            search_lag: 0.0,
            search_repeats: 0,
            tls: false,
            port: 0,
            schedule: None,
            notifications: Notifications::default(),
        }
    }
}

/// The options once they are known to make sense.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub calls: usize,
    pub propagation: Span,
    pub seed: u64,
    pub rate_limit: Option<u32>,
    pub rate_window: Duration,
    pub token_lifetime: Duration,
    pub scopes: Vec<String>,
    pub permissions: Vec<String>,
    pub user_permissions: Vec<String>,
    pub retry_after_header: bool,
    pub suppress_hold: bool,
    pub secure_pause: bool,
    pub published: Published,
    pub schedule: Option<Appearing>,
    pub notifications: Rules,
}

/// What the published API's answers depend on, beside the calls.
#[derive(Debug, Clone, Copy)]
pub(super) struct Published {
    pub start_needs_user: bool,
    pub transcoding: Duration,
    pub search_lag: Duration,
    pub search_repeats: usize,
}

/// A [`Schedule`] that makes sense.
#[derive(Debug, Clone, Copy)]
pub(super) struct Appearing {
    pub every: Span,
    pub last: Span,
}

impl Options {
    pub(super) fn check(&self) -> Result<Settings, SimError> {
        if self.rate_limit == Some(0) {
            return Err(invalid("rate_limit", "must be at least 1, or None for no limit"));
        }
        let odd = |words: &[String]| words.iter().any(|word| word.is_empty() || !word.bytes().all(is_scope_byte));
        if odd(&self.scopes) {
            return Err(invalid("scopes", "must be words without spaces, such as conversation:read"));
        }
        for (name, words) in [("permissions", &self.permissions), ("user_permissions", &self.user_permissions)] {
            if odd(words) {
                return Err(invalid(name, "must be words without spaces, such as conversation:communication:view"));
            }
        }
        Ok(Settings {
            calls: self.calls,
            propagation: span("propagation", self.propagation)?,
            seed: self.seed,
            rate_limit: self.rate_limit,
            rate_window: positive("rate_window", self.rate_window)?,
            token_lifetime: positive("token_lifetime", self.token_lifetime)?,
            scopes: self.scopes.clone(),
            permissions: self.permissions.clone(),
            user_permissions: self.user_permissions.clone(),
            retry_after_header: self.retry_after_header,
            suppress_hold: self.suppress_hold,
            secure_pause: self.secure_pause,
            published: Published {
                start_needs_user: self.start_needs_user,
                transcoding: seconds("transcoding", self.transcoding)?,
                search_lag: seconds("search_lag", self.search_lag)?,
                search_repeats: self.search_repeats,
            },
            schedule: self.schedule.map(Schedule::check).transpose()?,
            notifications: self.notifications.check()?,
        })
    }
}

impl Schedule {
    fn check(self) -> Result<Appearing, SimError> {
        positive("schedule.appear_every", self.appear_every.0)?;
        Ok(Appearing {
            every: span("schedule.appear_every", self.appear_every)?,
            last: span("schedule.last", self.last)?,
        })
    }
}

/// A number of seconds as users give it.
pub(super) fn seconds(name: &'static str, value: f64) -> Result<Duration, SimError> {
    Duration::try_from_secs_f64(value).ok().filter(|_| value <= LONGEST).ok_or_else(|| {
        invalid(name, format!("must be a number of seconds, 0 or more and under ten years, not {value}"))
    })
}

pub(super) fn positive(name: &'static str, value: f64) -> Result<Duration, SimError> {
    let duration = seconds(name, value)?;
    if duration.is_zero() { Err(invalid(name, "must be more than 0 seconds")) } else { Ok(duration) }
}

fn span(name: &'static str, (low, high): (f64, f64)) -> Result<Span, SimError> {
    let span = Span { low: seconds(name, low)?, high: seconds(name, high)? };
    if span.low > span.high {
        return Err(invalid(name, format!("must be (low, high), and {low} is more than {high}")));
    }
    Ok(span)
}

fn invalid(name: &'static str, reason: impl Into<String>) -> SimError {
    SimError::InvalidOption { name, reason: reason.into() }
}

/// RFC 6749 section 3.3.
fn is_scope_byte(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_make_sense() {
        assert!(Options::default().check().is_ok());
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        let refused = |options: Options| options.check().map(|_| ()).unwrap_err().to_string();
        let default = Options::default;
        for propagation in [(1.0, 0.5), (-1.0, 0.5), (0.0, f64::NAN), (0.0, f64::INFINITY), (0.0, 1e12)] {
            assert!(refused(Options { propagation, ..default() }).starts_with("propagation must be"));
        }
        assert!(refused(Options { rate_limit: Some(0), ..default() }).starts_with("rate_limit must be"));
        assert!(refused(Options { rate_window: 0.0, ..default() }).starts_with("rate_window must be"));
        assert!(refused(Options { token_lifetime: -1.0, ..default() }).starts_with("token_lifetime must be"));
        assert!(refused(Options { scopes: vec!["a b".into()], ..default() }).starts_with("scopes must be"));
        assert!(refused(Options { permissions: vec![String::new()], ..default() }).starts_with("permissions must be"));
        let user_permissions = vec!["a b".into()];
        assert!(refused(Options { user_permissions, ..default() }).starts_with("user_permissions must be"));
        assert!(refused(Options { transcoding: -1.0, ..default() }).starts_with("transcoding must be"));
        assert!(refused(Options { search_lag: f64::NAN, ..default() }).starts_with("search_lag must be"));
        let schedule = Some(Schedule { appear_every: (0.0, 1.0), last: (1.0, 1.0) });
        assert!(refused(Options { schedule, ..default() }).starts_with("schedule.appear_every must be"));
    }
}
