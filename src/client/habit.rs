//! How long effects take at a server, as far as the looks of many have shown.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Before anything has been seen.
const GUESS: Duration = Duration::from_secs(1);
const SHORTEST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(3);
/// A first look that finds its effect might have come a little earlier; one that does not, should have come later. So
/// most first looks find theirs, whatever the server is like.
const EARLIER: f64 = 0.98;
const LATER: f64 = 1.3;

/// When a first look is worth its request.
#[derive(Debug)]
pub(crate) struct Habit(Mutex<Duration>);

impl Default for Habit {
    fn default() -> Self {
        Self(Mutex::new(GUESS))
    }
}

impl Habit {
    /// So long after a command.
    pub(crate) fn get(&self) -> Duration {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A first look that came so late found the effect, or did not.
    pub(crate) fn learn(&self, found: bool) {
        let mut habit = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *habit = habit.mul_f64(if found { EARLIER } else { LATER }).clamp(SHORTEST, LONGEST);
    }
}
