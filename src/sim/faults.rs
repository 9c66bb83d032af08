//! What can be made to go wrong, where, and how often.
//!
//! A new fault is a field here, a line in [`Fault::check`], and its act in `routes/exchange.rs`.

use std::time::Duration;

use http::{HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};

use super::dice::{Dice, Purpose};
use super::error::SimError;
use super::options::seconds;
use super::queue::Fate;

/// Where a fault lies in wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Route {
    /// The token endpoint.
    Token,
    /// Listings of calls.
    Calls,
    /// Commands.
    Control,
    /// Reads of one call.
    Status,
    /// Notification channels: what is asked of them, and the opening of their sockets.
    Channels,
    /// Everywhere on the wire, unknown paths too.
    #[serde(rename = "*")]
    Any,
}

/// When the connection dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reset {
    /// Without effect.
    Before,
    /// After the effect; the answer is lost.
    After,
}

/// What the `Retry-After` of a fault says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RetryAfter {
    /// A number, sent as it is written.
    Seconds(serde_json::Number),
    /// Anything else, such as an HTTP date; sent as it is.
    Text(String),
}

/// Something that goes wrong. The plainest is a `delay`; of `status_code`, `reset`, `truncate`, `garbage`, `slow` and
/// `never` a fault has at most one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "these are the names that users type, one by one")]
pub struct Fault {
    /// Where.
    pub route: Route,
    /// How many requests it strikes; None strikes until cleared.
    pub times: Option<u32>,
    /// How likely it strikes a request, drawn from the seed.
    pub probability: f64,
    /// This status in place of the answer, and no effect. A 2xx comes without a body, a 3xx with a `Location`.
    pub status_code: Option<u16>,
    /// The request has its effect all the same; with `status_code`.
    pub effect: bool,
    /// The `Retry-After` of the answer; with `status_code`.
    pub retry_after: Option<RetryAfter>,
    /// Seconds on the simulator's clock before the answer. The effect does not wait.
    pub delay: Option<f64>,
    /// The connection dies in place of an answer.
    pub reset: Option<Reset>,
    /// The effect, and half of the answer; then the connection closes.
    pub truncate: bool,
    /// The effect, and HTML in place of JSON.
    pub garbage: bool,
    /// The effect, and an answer whose body comes byte by byte, 20 a second.
    pub slow: bool,
    /// Commands are accepted, and then nothing happens.
    pub never: bool,
    /// The command, whose answer is lost, acts only that many seconds after it was sent, in no order with answered ones
    /// and without propagation; with `reset="after"`, or `status_code` and `effect`.
    pub late: Option<f64>,
}

impl Default for Fault {
    fn default() -> Self {
        Self {
            route: Route::Any,
            times: Some(1),
            probability: 1.0,
            status_code: None,
            effect: false,
            retry_after: None,
            delay: None,
            reset: None,
            truncate: false,
            garbage: false,
            slow: false,
            never: false,
            late: None,
        }
    }
}

impl RetryAfter {
    /// As a header; None if no header can hold it.
    pub(super) fn header(&self) -> Option<HeaderValue> {
        match self {
            Self::Seconds(number) => HeaderValue::try_from(number.to_string()),
            Self::Text(text) => HeaderValue::try_from(text.as_str()),
        }
        .ok()
    }
}

impl Fault {
    /// A fault that does nothing yet, for struct update syntax.
    pub fn on(route: Route) -> Self {
        Self { route, ..Self::default() }
    }

    pub(super) fn status(&self) -> Option<StatusCode> {
        self.status_code.and_then(|code| StatusCode::from_u16(code).ok())
    }

    pub(super) fn wait(&self) -> Option<Duration> {
        self.delay.and_then(|delay| seconds("delay", delay).ok())
    }

    /// Whether the request that it strikes still does what it asks for.
    pub(super) fn lets_act(&self) -> bool {
        self.effect || (self.status_code.is_none() && self.reset != Some(Reset::Before))
    }

    /// What becomes of a command that it strikes and lets act.
    pub(super) fn fate(&self) -> Fate {
        match self.late.and_then(|late| seconds("late", late).ok()) {
            Some(late) => Fate::Late(late),
            None if self.never => Fate::Lost,
            None => Fate::InOrder,
        }
    }

    /// Refuses what says nothing, or two things at once.
    pub(super) fn check(&self) -> Result<(), SimError> {
        let kinds = [
            ("status_code", self.status_code.is_some()),
            ("reset", self.reset.is_some()),
            ("truncate", self.truncate),
            ("garbage", self.garbage),
            ("slow", self.slow),
            ("never", self.never),
        ];
        let mut chosen = kinds.iter().filter(|(_, chosen)| *chosen).map(|(name, _)| *name);
        let refusal = match (chosen.next(), chosen.next()) {
            (Some(one), Some(other)) => Some(format!("a fault cannot have both {one} and {other}")),
            (None, _) if self.delay.is_none() => {
                Some("a fault needs one of status_code, delay, reset, truncate, garbage, slow, never".into())
            }
            _ => self.refusal(),
        };
        refusal.map_or(Ok(()), |reason| Err(SimError::InvalidFault(reason)))
    }

    fn refusal(&self) -> Option<String> {
        let without_status = self.status_code.is_none();
        if self.times == Some(0) {
            Some("times must be at least 1, or None to strike until cleared".into())
        } else if !(self.probability > 0.0 && self.probability <= 1.0) {
            Some(format!("probability must be above 0 and at most 1, not {}", self.probability))
        } else if let Some(code) = self.status_code.filter(|code| !(200..600).contains(code)) {
            Some(format!("status_code must be from 200 to 599, not {code}"))
        } else if self.effect && without_status {
            Some(
                "effect goes with status_code: every other fault says itself whether the request has its effect".into(),
            )
        } else if self.retry_after.is_some() && without_status {
            Some("retry_after goes with status_code".into())
        } else if self.retry_after.as_ref().is_some_and(|wish| wish.header().is_none()) {
            Some("retry_after must be seconds or a text that a header can hold".into())
        } else if let Some(error) = self.delay.and_then(|delay| seconds("delay", delay).err()) {
            Some(error.to_string())
        } else if self.never && self.route != Route::Control {
            Some("never is about commands: it needs route=\"control\"".into())
        } else {
            self.late.and_then(|late| self.refusal_of_late(late))
        }
    }

    fn refusal_of_late(&self, late: f64) -> Option<String> {
        if self.route != Route::Control {
            Some("late is about commands: it needs route=\"control\"".into())
        } else if self.reset != Some(Reset::After) && !self.effect {
            Some(
                "late goes with reset=\"after\", or with status_code and effect: answered commands act in order".into(),
            )
        } else {
            seconds("late", late).err().map(|error| error.to_string())
        }
    }
}

/// The faults in force, in the order in which they were asked for.
#[derive(Debug)]
pub(super) struct Faults {
    list: Vec<Fault>,
    dice: Dice,
}

impl Faults {
    pub(super) fn new(seed: u64) -> Self {
        Self { list: Vec::new(), dice: Dice::new(seed, Purpose::Faults) }
    }

    pub(super) fn add(&mut self, fault: Fault) -> Result<(), SimError> {
        fault.check()?;
        self.list.push(fault);
        Ok(())
    }

    pub(super) fn clear(&mut self) -> usize {
        self.list.drain(..).count()
    }

    pub(super) fn all(&self) -> &[Fault] {
        &self.list
    }

    /// The fault that strikes a request on this route, if one does: the first whose chance comes up.
    pub(super) fn strike(&mut self, route: Route) -> Option<Fault> {
        let Self { list, dice } = self;
        let place = list
            .iter()
            .position(|fault| (fault.route == route || fault.route == Route::Any) && dice.happens(fault.probability))?;
        let struck = list[place].clone();
        match &mut list[place].times {
            None => {}
            Some(1) => drop(list.remove(place)),
            Some(times) => *times -= 1,
        }
        Some(struck)
    }
}

#[cfg(test)]
#[path = "faults_tests.rs"]
mod tests;
