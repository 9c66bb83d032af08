//! A command that an interrupted run left behind: nobody knows whether it acted, and it may still.
//!
//! It is settled before anything else is done to its conversation (RULES of proof, sections 2 and 5): read until its
//! effect shows, and then nothing is sent; or until `settle` has passed since the first read, and then the conversation is
//! treated as a new one. An ensure sends a pause again without that wait: waiting would leave a card number on tape.

use std::time::Duration;

use crate::api::pace::Pace;
use crate::api::subject::{Subject, may_pass};
use crate::client::Budget;
use crate::error::{Error, ErrorKind};
use crate::limit::Priority;
use crate::model::{Action, Proof, Settled, State, Target};

/// The last look has this long to be answered.
const SHORTEST_LOOK: Duration = Duration::from_secs(1);

/// What came of waiting for a command of somebody who is gone.
#[derive(Debug)]
pub(super) enum Takeover {
    /// It acted.
    Shows(Proof),
    /// The call ended meanwhile.
    Ended(Proof),
    /// It did not show, and will not any more.
    Silent,
}

/// Waits for these commands, which shall bring `target` about. `hurried`: what follows proves itself, so that a pause need
/// not be waited for.
pub(super) async fn settle(
    subject: &Subject,
    target: Target,
    actions: &[Action],
    hurried: bool,
) -> Result<Takeover, Error> {
    let (began, settle) = (subject.now(), subject.session.settle);
    let until = subject.known.open().closes_at(actions, settle).unwrap_or(began);
    let budget = Budget::patient(until.max(began) + subject.session.options.timeout);
    let (mut pace, mut polls) = (Pace::new(), 0);
    loop {
        let at = subject.now();
        let mut wish = None;
        polls += 1;
        match subject.look(Priority::ConfirmingRead, &budget, SHORTEST_LOOK).await {
            Ok(seen) => {
                let reading = &seen.reading;
                let proof = |settled, state| Proof {
                    conversation_id: subject.id.as_str().to_owned(),
                    target,
                    settled,
                    state,
                    before: None,
                    before_basis: None,
                    commands_sent: 0,
                    receipt: None,
                    polls,
                    elapsed: subject.now().saturating_sub(began),
                    observed_at: seen.at,
                };
                if reading.active == Some(false) {
                    return Ok(Takeover::Ended(proof(Settled::Ended, State::Stopped)));
                }
                if target.holds(reading.state, reading.basis) && !subject.may_undo(target, &seen) {
                    return Ok(Takeover::Shows(proof(Settled::Proven, reading.state)));
                }
                if at >= until || hurried && actions.contains(&Action::Pause) {
                    return Ok(Takeover::Silent);
                }
            }
            // It proves nothing, and nothing better will come.
            Err(error) if error.kind() == ErrorKind::NotFound => {
                if at >= until {
                    return Ok(Takeover::Silent);
                }
            }
            Err(error) if may_pass(&error) && !budget.left(subject.now()).is_zero() => {
                wish = subject.wish(&error);
            }
            Err(error) => return Err(error),
        }
        let now = subject.now();
        let pause = wish.unwrap_or_default().max(pace.next(subject.line(&budget)));
        // The look that decides is not put off.
        let wake = if now < until { (now + pause).min(until) } else { now + pause };
        subject.clock().sleep_until(wake).await;
    }
}
