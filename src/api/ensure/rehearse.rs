//! What would be sent, found out by reading alone.

use super::{Ensure, Look};
use crate::error::Error;
use crate::model::{Action, Proof};

use super::Pace;

/// What an ensure would do now.
#[derive(Debug)]
pub(in super::super) enum Rehearsal {
    /// Nothing: it holds, or the call ended and with it what was to be stopped.
    Holds(Box<Proof>),
    /// This command.
    WouldSend(#[expect(dead_code, reason = "for who tells more than that something would be sent")] Action),
}

impl Ensure<'_> {
    /// Reads until it knows. What would fail before its first command fails here alike.
    pub(in super::super) async fn rehearse(mut self) -> Result<Rehearsal, Error> {
        let mut pace = Pace::new();
        loop {
            let left = self.budget.left(self.subject.now());
            let mut wish = None;
            match self.look().await? {
                Look::Seen(seen) => {
                    if let Some(proof) = self.judge(&seen)? {
                        return Ok(Rehearsal::Holds(Box::new(proof)));
                    }
                    if let Some(action) = self.next_command(&seen)? {
                        return Ok(Rehearsal::WouldSend(action));
                    }
                }
                Look::Nothing(not_found) => {
                    let ended = self.nothing_there(not_found).await?;
                    return Ok(ended.map_or(Rehearsal::WouldSend(Action::Start), |it| Rehearsal::Holds(Box::new(it))));
                }
                Look::Failed(wait) => wish = wait,
            }
            if left.is_zero() {
                return Err(self.not_proven());
            }
            self.rest(&mut pace, wish).await;
        }
    }
}
