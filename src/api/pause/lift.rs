//! Leaving, and undoing an entry: the resume is always sent, and proven by recording when no pause of ours is open.

use std::time::Duration;

use crate::api::pace::Pace;
use crate::api::subject::{LONGEST_ATTEMPT, Subject, fate};
use crate::client::{Budget, Terms};
use crate::conversations::{Fate, OurPause};
use crate::error::{Error, ErrorKind, ProofError, ProofKind, Sent};
use crate::journal::JournalError;
use crate::journal::word::{Outcome, Phase};
use crate::limit::Priority;
use crate::model::{Action, State, Target};

const SHORTEST_LOOK: Duration = Duration::from_secs(1);
/// Once, and twice more if it does not show.
const MOST_RESUMES: u32 = 3;

/// How a pause of ours was lifted.
#[derive(Debug)]
pub(super) struct Lifted {
    /// `ResumeNotProvenError`, if it was not.
    pub(super) proven: Result<(), Error>,
    /// What the journal could not take down. The resume was sent all the same.
    pub(super) unwritten: Option<JournalError>,
}

/// Lifts `ours`. Dropped half-way, the journal's row stays open.
pub(super) async fn lift(subject: &Subject, ours: &OurPause, timeout: Duration) -> Lifted {
    let began = subject.now();
    let mut lift = Lift {
        subject,
        ours,
        budget: Budget::until(began + timeout),
        sent: 0,
        last_seen: None,
        trouble: None,
        unwritten: None,
    };
    let written = ours.phase(Phase::Resuming).await;
    lift.note(written);
    let closed = lift.run().await;
    let written = match closed {
        Some(outcome) => ours.close(outcome, lift.last_seen).await,
        None => Ok(()),
    };
    lift.note(written);
    let Lift { sent, last_seen, trouble, unwritten, .. } = lift;
    let proven = match closed {
        Some(_) => Ok(()),
        None => Err(Error::Proof(Box::new(ProofError {
            commands_sent: sent,
            maybe_sent: true,
            waited: subject.now().saturating_sub(began),
            cause: trouble,
            ..ProofError::new(
                ProofKind::ResumeNotProven,
                subject.id.as_str(),
                Target::Recording.word(),
                last_seen.map(State::word),
            )
        }))),
    };
    Lifted { proven, unwritten }
}

struct Lift<'a> {
    subject: &'a Subject,
    ours: &'a OurPause,
    budget: Budget,
    sent: u32,
    last_seen: Option<State>,
    trouble: Option<Error>,
    unwritten: Option<JournalError>,
}

impl Lift<'_> {
    /// Until it is lifted, or over; None if the time passes first.
    async fn run(&mut self) -> Option<Outcome> {
        let (subject, settle) = (self.subject, self.subject.session.settle);
        let mut pace = Pace::new();
        // When the last resume's attempt ended; None: one is to be sent.
        let mut resumed: Option<Duration> = None;
        // Recording showed since then, while a pause of ours was open.
        let mut shown = false;
        loop {
            let left = self.budget.left(subject.now());
            if resumed.is_none() && self.sent < MOST_RESUMES && self.resume().await {
                resumed = Some(subject.now());
                shown = false;
                pace = Pace::new();
            }
            match subject.look(Priority::BlockResume, &self.budget, SHORTEST_LOOK).await {
                Ok(seen) => {
                    let (state, basis) = (seen.reading.state, seen.reading.basis);
                    self.last_seen = Some(state);
                    if seen.reading.active == Some(false) {
                        return Some(Outcome::Ended);
                    }
                    let now = subject.now();
                    let open = [Action::Pause];
                    let pending = subject.known.open().may_act(&open, &[Action::Resume], settle, seen.began);
                    match state {
                        State::Recording | State::Held if Target::Recording.holds(state, basis) => {
                            if !pending {
                                return Some(Outcome::Resumed);
                            }
                            shown = true;
                        }
                        // Nothing is started that somebody stopped.
                        State::Stopped if !pending => return Some(Outcome::Ended),
                        State::Paused => {
                            let settled = resumed.is_some_and(|at| now >= at + settle);
                            if (settled || (pending && shown)) && self.sent < MOST_RESUMES {
                                resumed = None;
                                continue;
                            }
                        }
                        _ => {}
                    }
                }
                // Whatever it is, the call may still be paused: it is tried until the time passes.
                Err(error) => self.trouble = Some(error),
            }
            if left.is_zero() {
                return None;
            }
            let now = subject.now();
            subject.clock().sleep_until(now + pace.next(Duration::ZERO).min(self.budget.left(now))).await;
        }
    }

    /// Sends a resume; false if it certainly never arrived.
    async fn resume(&mut self) -> bool {
        let subject = self.subject;
        let turn = match subject.turn(Action::Resume, &self.budget).await {
            Ok(turn) => turn,
            Err(error) => {
                self.trouble = Some(error);
                return false;
            }
        };
        // It is sent even if it cannot be written down: the row of the block covers it.
        let row = self.ours.intend(&subject.session, &subject.id, Action::Resume).await;
        let row = row.map_err(|error| self.unwritten = Some(error)).ok().flatten();
        let now = subject.now();
        let longest = LONGEST_ATTEMPT.min(subject.session.options.timeout);
        let terms = Terms {
            priority: Priority::BlockResume,
            budget: self.budget.part(now + longest),
            max_retries: subject.session.options.max_retries,
        };
        let outcome = subject.send_in(&turn, Action::Resume, &terms).await;
        drop(turn);
        let sent = match &outcome {
            Ok(_) => true,
            // It would change nothing, says the server: what holds is read next.
            Err(error) => fate(error) != Fate::NotSent || error.kind() == ErrorKind::RecordingConflict,
        };
        if row.is_some() {
            let written = self.ours.answered(row, &outcome).await;
            self.note(written);
        }
        if sent {
            self.sent += 1;
        }
        if let Err(error) = outcome {
            self.trouble = Some(error);
        }
        sent
    }

    fn note(&mut self, written: Result<(), JournalError>) {
        if let Err(error) = written {
            self.unwritten = Some(error);
        }
    }
}

impl Lifted {
    /// The error of the journal, if there is nothing worse.
    pub(super) fn unwritten(self) -> Result<(), Error> {
        match self.unwritten {
            Some(error) => Err(crate::api::trail::fault(&error, Sent::Maybe)),
            None => Ok(()),
        }
    }
}
