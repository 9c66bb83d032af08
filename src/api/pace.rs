//! How often is looked whether a command has acted (RULES of proof, section 3).

use std::time::Duration;

use crate::client::Habit;

/// The first look after a command comes this soon; each further pause is longer by `GROWTH`, up to `LONGEST`.
const FIRST: Duration = Duration::from_millis(50);
const GROWTH: f64 = 1.3;
const LONGEST: Duration = Duration::from_millis(500);
/// While others wait for the limiter a look comes as late as the line is long, up to this: one that comes too early for
/// the effect is a request that others needed.
const LONGEST_IN_LINE: Duration = Duration::from_secs(3);

/// The pauses between looks.
#[derive(Debug)]
pub(super) struct Pace {
    next: Duration,
    longest: Duration,
}

impl Pace {
    /// For one: as soon as it can be known.
    pub(super) fn new() -> Self {
        Self { next: FIRST, longest: LONGEST }
    }

    /// For one of many under a limit: with as few looks as will do.
    pub(super) fn sparing(habit: &Habit) -> Self {
        Self { next: habit.get(), longest: LONGEST_IN_LINE }
    }

    /// The next pause, where the limiter's line is `line` long.
    pub(super) fn next(&mut self, line: Duration) -> Duration {
        let pause = self.next;
        self.next = pause.mul_f64(GROWTH).min(self.longest).max(FIRST);
        pause.max(line.min(LONGEST_IN_LINE))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_propagation_of_three_seconds_takes_at_most_twelve_looks() {
        let (mut pace, mut at, mut looks) = (Pace::new(), Duration::ZERO, 0);
        while at < Duration::from_secs(3) {
            at += pace.next(Duration::ZERO);
            looks += 1;
        }
        assert!(looks <= 12, "{looks}");
    }

    #[test]
    fn looks_are_spread_over_the_line() {
        let mut pace = Pace::new();
        assert_eq!(pace.next(Duration::from_secs(2)), Duration::from_secs(2));
        assert_eq!(pace.next(Duration::from_secs(60)), LONGEST_IN_LINE);
        assert!(pace.next(Duration::ZERO) < Duration::from_millis(100));
    }

    #[test]
    fn many_learn_from_each_other_when_to_look() {
        for propagation in [0.1, 0.5, 2.5].map(Duration::from_secs_f64) {
            let habit = Habit::default();
            let looks: u32 = (0..400)
                .map(|_| {
                    let (mut pace, mut at, mut looks) = (Pace::sparing(&habit), Duration::ZERO, 0);
                    while at < propagation {
                        at += pace.next(Duration::ZERO);
                        looks += 1;
                        if looks == 1 {
                            habit.learn(at >= propagation);
                        }
                    }
                    looks
                })
                .sum();
            assert!(looks <= 460, "{looks} looks for 400 effects after {propagation:?}");
        }
    }
}
