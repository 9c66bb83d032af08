//! What became of all, in a text that an auditor understands.

use std::fmt::{self, Write as _};
use std::time::Duration;

use super::outcome::{Outcome, OutcomeKind};

/// So many failures are kept; all are counted.
pub const MOST_FAILURES: usize = 1_000;
/// So many of the slowest are kept.
pub const MOST_SLOW: usize = 10;
/// So many failures are named in the text.
const NAMED: usize = 10;

/// What became of all, as far as it is known.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// What was to be done: `stop`, `ensure stopped`.
    pub operation: String,
    /// Nothing was to be sent.
    pub dry_run: bool,
    /// Every id has its outcome.
    pub complete: bool,
    /// From the first to the last.
    pub elapsed: Duration,
    /// The first that failed or are unknown.
    pub first_failures: Vec<Outcome>,
    /// Those that took longest, the slowest first.
    pub slowest: Vec<(String, Duration)>,
    counts: [u64; OutcomeKind::ALL.len()],
}

impl Report {
    /// A report of nothing yet.
    pub fn new(operation: impl Into<String>, dry_run: bool) -> Self {
        Self { operation: operation.into(), dry_run, ..Self::default() }
    }

    /// Counts one.
    pub fn add(&mut self, outcome: &Outcome) {
        self.counts[outcome.kind as usize] += 1;
        if outcome.kind.is_failure() && self.first_failures.len() < MOST_FAILURES {
            self.first_failures.push(outcome.clone());
        }
        let is_slow = self.slowest.len() < MOST_SLOW
            || self.slowest.last().is_some_and(|(_, fastest)| outcome.elapsed > *fastest);
        if is_slow && !outcome.elapsed.is_zero() {
            let place = self.slowest.partition_point(|(_, elapsed)| *elapsed >= outcome.elapsed);
            self.slowest.insert(place, (outcome.conversation_id.clone(), outcome.elapsed));
            self.slowest.truncate(MOST_SLOW);
        }
    }

    /// So many have this outcome.
    pub fn count(&self, kind: OutcomeKind) -> u64 {
        self.counts[kind as usize]
    }

    /// So many have an outcome.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (dry, total) = (if self.dry_run { " (dry run: no command was sent)" } else { "" }, self.total());
        let ids = if total == 1 { "conversation" } else { "conversations" };
        write!(f, "{}{dry}: {} {ids} in {:.1} s", self.operation, grouped(total), self.elapsed.as_secs_f64())?;
        if !self.complete {
            f.write_str(", not all that were asked for: the run was stopped, or still goes on")?;
        }
        f.write_char('.')?;
        for kind in OutcomeKind::ALL.into_iter().filter(|kind| self.count(*kind) > 0) {
            write!(f, "\n  {:>9} {:<9} {}", grouped(self.count(kind)), kind.word(), self.meaning(kind))?;
        }
        if let Some((id, slowest)) = self.slowest.first() {
            write!(f, "\nThe slowest took {:.1} s: {}", slowest.as_secs_f64(), id.escape_debug())?;
        }
        if !self.first_failures.is_empty() {
            let failures = self.count(OutcomeKind::Failed) + self.count(OutcomeKind::Unknown);
            let named = NAMED.min(self.first_failures.len());
            write!(f, "\nTo be looked at, {named} of {}:", grouped(failures))?;
            for outcome in &self.first_failures[..named] {
                let id = outcome.conversation_id.escape_debug();
                let reason = outcome.error.as_ref().map_or_else(String::new, ToString::to_string);
                write!(f, "\n  {id} {}: {reason}", outcome.kind)?;
            }
        }
        Ok(())
    }
}

impl Report {
    fn meaning(&self, kind: OutcomeKind) -> &'static str {
        match kind {
            OutcomeKind::Accepted => "the server took the command; its effect was not looked at",
            OutcomeKind::Proven => "the server said that it is so, after our command",
            OutcomeKind::Already => "it was so before, and no command was sent",
            OutcomeKind::Ended => "the call ended, and its recording with it",
            OutcomeKind::Failed => "it is not so, or cannot be shown to be; nothing of ours is under way",
            OutcomeKind::Unknown => "a command may have acted, or may still act: look at the status",
            OutcomeKind::Skipped if self.dry_run => "a command would be sent",
            OutcomeKind::Skipped => "it was done before in this run, and no command was sent",
        }
    }
}

/// `1,234,567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    fn outcome(n: u64, kind: OutcomeKind) -> Outcome {
        Outcome { elapsed: Duration::from_secs(n), ..Outcome::new(format!("c{n}"), kind) }
    }

    #[test]
    fn the_slowest_and_the_first_failures_are_kept_and_all_are_counted() {
        let mut report = Report::new("stop", false);
        for n in 1..=2_002 {
            report.add(&outcome(n * 7 % 2_003, OutcomeKind::Failed));
        }
        let slowest: Vec<_> = report.slowest.iter().map(|(_, elapsed)| elapsed.as_secs()).collect();
        assert_eq!(slowest, (1_993..=2_002).rev().collect::<Vec<_>>());
        assert_eq!((report.first_failures.len(), report.count(OutcomeKind::Failed)), (MOST_FAILURES, 2_002));
        assert_eq!(report.first_failures[0].conversation_id, "c7");
    }

    #[test]
    fn its_text_says_what_was_done_and_what_to_look_at() {
        let mut report = Report::new("ensure stopped", false);
        report.complete = true;
        (0..1_234).for_each(|_| report.add(&Outcome::new("c1", OutcomeKind::Proven)));
        report.add(&Outcome::failed("c\u{1b}2", OutcomeKind::Failed, Error::InvalidId("The id is odd.".into())));
        let text = report.to_string();
        assert!(text.starts_with("ensure stopped: 1,235 conversations in 0.0 s.\n      1,234 proven"), "{text}");
        assert!(text.ends_with("\nTo be looked at, 1 of 1:\n  c\\u{1b}2 failed: The id is odd."), "{text}");
        assert!(!text.contains("already") && !text.contains("not all"), "{text}");
    }
}
