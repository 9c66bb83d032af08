//! The seeded sequences behind everything that looks random in a simulator.
//!
//! Not chance, which belongs to the clock: the same seed gives the same numbers on a real clock too. Each purpose rolls
//! its own dice, so that one request more does not shift the ids of calls or the times of the schedule.

use std::time::Duration;

use fastrand::Rng;
use uuid::Uuid;

/// What a sequence is for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Purpose {
    Credentials,
    Calls,
    Schedule,
    Propagation,
    Recordings,
    Tokens,
    Faults,
    Requests,
    Legs,
    Directory,
    Logins,
    Notifications,
    Annotations,
}

/// A range of durations to draw from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub low: Duration,
    pub high: Duration,
}

/// One seeded sequence.
#[derive(Debug)]
pub(super) struct Dice(Rng);

const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

impl Dice {
    pub(super) fn new(seed: u64, purpose: Purpose) -> Self {
        let mut root = Rng::with_seed(seed);
        // Neighbouring seeds of the generator are related; its outputs are not.
        let own = (0..=purpose as u8).fold(0, |_, _| root.u64(..));
        Self(Rng::with_seed(own))
    }

    pub(super) fn uuid(&mut self) -> Uuid {
        uuid::Builder::from_random_bytes(self.0.u128(..).to_be_bytes()).into_uuid()
    }

    /// Characters that mean the same in a header, a form, a URL and a shell.
    pub(super) fn url_safe(&mut self, length: usize) -> String {
        (0..length).map(|_| char::from(URL_SAFE[self.0.usize(..URL_SAFE.len())])).collect()
    }

    pub(super) fn between(&mut self, span: Span) -> Duration {
        // Drawn even where there is no choice, so that a range of no width gives the same sequence.
        let part = self.0.f64();
        span.low + span.high.saturating_sub(span.low).mul_f64(part)
    }

    pub(super) fn happens(&mut self, probability: f64) -> bool {
        self.0.f64() < probability
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_and_a_purpose_fix_the_sequence() {
        let draw = |seed, purpose| Dice::new(seed, purpose).uuid();
        assert_eq!(draw(1, Purpose::Calls), draw(1, Purpose::Calls));
        assert_ne!(draw(1, Purpose::Calls), draw(2, Purpose::Calls));
        assert_ne!(draw(1, Purpose::Calls), draw(1, Purpose::Requests));
    }

    #[test]
    fn draws_stay_inside_their_span_and_certain_things_happen() {
        let mut dice = Dice::new(3, Purpose::Propagation);
        let span = Span { low: Duration::from_millis(200), high: Duration::from_millis(900) };
        for _ in 0..1_000 {
            let drawn = dice.between(span);
            assert!(span.low <= drawn && drawn <= span.high);
        }
        assert!((0..1_000).all(|_| dice.happens(1.0)));
        let half = (0..1_000).filter(|_| dice.happens(0.5)).count();
        assert!((400..600).contains(&half), "{half}");
    }
}
