//! When the next request may leave: one limiter for all users of one client.
//!
//! Pure bookkeeping plus waiting, no HTTP. Whoever wants to send asks [`Limiter::acquire`] for a [`Permit`], tells it what
//! the answer said ([`Permit::heard`]), and drops it when the request is over.
//!
//! | file | what it is |
//! | --- | --- |
//! | `limiter.rs` | the shared handle, and the permit |
//! | `acquire.rs` | the future that waits for a permit |
//! | `state.rs` | what is granted when: slots, pauses, and what answers change |
//! | `window.rs` | the server's window, as far as its headers tell |
//! | `bucket.rs` | a rate that the user gave, spread evenly |
//! | `line.rs` | who waits, in which order |

mod acquire;
mod bucket;
mod limiter;
mod line;
mod state;
#[cfg(test)]
mod tests;
mod window;

use std::time::Duration;

use crate::exchange::Quota;

pub use limiter::{Limiter, Permit};

/// Who goes first: served in this order, and in the order of asking within one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// The resume at the end of a pause block: somebody's call is not recorded until it lands.
    BlockResume,
    /// The pause of a block: a card number is about to be read out.
    BlockPause,
    /// Any other command.
    Command,
    /// A read that proves a command.
    ConfirmingRead,
    /// The first read of a call.
    FirstRead,
    /// A page of a listing.
    Listing,
}

/// What limits a client before the server has said anything.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Requests a minute, spread evenly, at most 10 saved up; None: learned from the server.
    pub rate: Option<f64>,
    /// Requests in 60 seconds until the server's headers say otherwise; None: no limit until the server says one.
    pub assumed: Option<u32>,
    /// Permits out at once. At least one is.
    pub max_in_flight: usize,
}

/// What an answer said about the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Heard {
    /// The server's rate headers, if the answer had them.
    pub quota: Option<Quota>,
    /// The answer was a 429. It pauses everybody.
    pub refused: bool,
    /// How long a 429 asks to wait. Given, it makes the answer a refusal whatever `refused` says.
    pub pause: Option<Duration>,
}

/// The turn cannot come in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the queue for the rate limit is {:.1} s long", .queue.as_secs_f64())]
pub struct QueueTooLong {
    /// How long the wait would have been, from now. Zero where only a free slot was missing.
    pub queue: Duration,
}

impl Snapshot {
    /// Are there so few requests a second that each is worth a thought?
    pub fn is_scarce(&self) -> bool {
        let learned = self.allowed.map(|allowed| f64::from(allowed) * 60.0 / self.window.as_secs_f64().max(1.0));
        self.rate.or(learned).is_some_and(|a_minute| a_minute < PLENTY_A_MINUTE)
    }
}

/// A thousand requests a second are more than any bulk work of ours sends.
const PLENTY_A_MINUTE: f64 = 60_000.0;

/// What a limiter knows at one moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Snapshot {
    /// The given rate, in requests a minute.
    pub rate: Option<f64>,
    /// Requests a window allows, as learned or assumed.
    pub allowed: Option<u32>,
    /// The length of that window, as last told or assumed.
    pub window: Duration,
    /// Permits that are out.
    pub in_flight: usize,
    /// Who waits for one.
    pub waiting: usize,
}
