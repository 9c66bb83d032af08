//! Entering: the pause is proven before the body may run.

use std::time::Duration;

use super::{Owner, PauseOptions, record};
use crate::api::pace::Pace;
use crate::api::subject::{LONGEST_ATTEMPT, Seen, Subject, fate, may_pass};
use crate::client::{Budget, Terms};
use crate::conversations::{Fate, OurPause};
use crate::error::{Error, ErrorKind, ProofError, ProofKind};
use crate::journal::word::{Outcome, Phase};
use crate::limit::Priority;
use crate::model::{Action, Basis, Document, Proof, Receipt, Settled, State, Target};

const SHORTEST_LOOK: Duration = Duration::from_secs(1);
/// A pause of unknown fate is sent once more, at once: waiting leaves a card number on tape.
const MOST_PAUSES: u32 = 2;

/// How far an entry has come. It outlives the entry's future, which an interrupt drops.
#[derive(Debug, Default)]
pub(super) struct Entering {
    /// The pause that is to be lifted: of this block, or of those that it joins.
    pub(super) ours: Option<OurPause>,
    /// A pause of this entry may act, or have acted.
    pub(super) may_have_acted: bool,
    pub(super) proof: Option<Proof>,
    before: Option<(State, Basis)>,
    last_seen: Option<State>,
    /// What the last look showed: who is on the call.
    pub(super) last_read: Option<Document>,
    receipt: Option<Receipt>,
    /// Why the last look told nothing.
    trouble: Option<Error>,
    /// Why the last command's fate is not known.
    refusal: Option<Error>,
    polls: u32,
    sent: u32,
}

impl Entering {
    /// Whose pause it is.
    pub(super) fn owner(&self) -> Owner {
        if self.ours.is_some() { Owner::Own } else { Owner::Other }
    }

    /// `ours` is the pause of blocks that are inside already. Succeeds when the call is proven paused.
    pub(super) async fn run(
        &mut self,
        subject: &Subject,
        options: &PauseOptions,
        ours: Option<OurPause>,
    ) -> Result<(), Error> {
        let began = subject.now();
        let budget = Budget::until(began + options.timeout);
        let error = |this: &Self, kind| this.error(subject, kind, began);
        let mut pace = Pace::new();
        // The last pause: what is known of it.
        let mut last: Option<Fate> = None;
        loop {
            let left = budget.left(subject.now());
            let mut wait = None;
            match self.look(subject, &budget).await? {
                Ok(seen) => {
                    let reading = &seen.reading;
                    if reading.active == Some(false) {
                        let ended = error(self, ProofKind::ConversationEnded);
                        self.close(Outcome::Ended).await?;
                        // There is nothing left to undo.
                        self.may_have_acted = false;
                        return Err(ended);
                    }
                    match (reading.state, last) {
                        // A resume of ours from before may still lift it: read on.
                        (State::Paused, _) if subject.may_undo(Target::Paused, &seen) => {}
                        (State::Paused, None) => {
                            self.before = Some((reading.state, reading.basis));
                            self.ours = ours;
                            if self.ours.is_none() {
                                record::found(
                                    &subject.session,
                                    &subject.id,
                                    (reading.state, reading.basis),
                                    options.reason.clone(),
                                )
                                .await?;
                            }
                            self.proof = Some(self.proof(subject, Settled::Already, &seen, began));
                            return Ok(());
                        }
                        (State::Paused, Some(_)) => {
                            if let Some(ours) = &self.ours {
                                let written = ours.phase(Phase::Paused).await;
                                written.map_err(|error| crate::api::trail::fault(&error, crate::error::Sent::Maybe))?;
                            }
                            self.proof = Some(self.proof(subject, Settled::Proven, &seen, began));
                            return Ok(());
                        }
                        (State::Recording, None) => {
                            last = Some(self.begin(subject, options, &budget, &seen, ours.clone()).await?);
                        }
                        (State::Held, None) if reading.basis == Basis::SecurePause => {
                            last = Some(self.begin(subject, options, &budget, &seen, ours.clone()).await?);
                        }
                        (State::Held | State::Unknown, None) | (State::Stopped, Some(_)) => {
                            return Err(error(self, ProofKind::NotProven));
                        }
                        (State::Stopped, None) => return Err(error(self, ProofKind::NotRecording)),
                        (_, Some(Fate::Unknown)) if self.sent < MOST_PAUSES => {
                            last = Some(self.pause(subject, &budget).await?);
                            pace = Pace::new();
                        }
                        (_, Some(_)) => {}
                    }
                }
                Err(wish) => wait = wish,
            }
            if left.is_zero() {
                return Err(error(self, ProofKind::NotProven));
            }
            let pause = wait.unwrap_or_default().max(pace.next(subject.line(&budget)));
            let now = subject.now();
            subject.clock().sleep_until(now + pause.min(budget.left(now))).await;
        }
    }

    /// One look; Err inside: it may be had by looking again, after this time if the server said one.
    async fn look(&mut self, subject: &Subject, budget: &Budget) -> Result<Result<Seen, Option<Duration>>, Error> {
        self.polls += 1;
        match subject.look(Priority::ConfirmingRead, budget, SHORTEST_LOOK).await {
            Ok(seen) => {
                self.trouble = None;
                self.last_seen = Some(seen.reading.state);
                self.last_read = Some(seen.reading.raw.clone());
                Ok(Ok(seen))
            }
            Err(failure) if may_pass(&failure) && !matches!(failure, Error::Queue(_)) => {
                let wish = subject.wish(&failure);
                self.trouble = Some(failure);
                Ok(Err(wish))
            }
            Err(failure) => Err(failure),
        }
    }

    /// The first pause. Its intent is durable before it leaves.
    async fn begin(
        &mut self,
        subject: &Subject,
        options: &PauseOptions,
        budget: &Budget,
        seen: &Seen,
        joined: Option<OurPause>,
    ) -> Result<Fate, Error> {
        let before = (seen.reading.state, seen.reading.basis);
        self.before = Some(before);
        if joined.is_some() {
            self.ours = joined;
            return self.pause(subject, budget).await;
        }
        let turn = subject.turn(Action::Pause, budget).await?;
        let ours = record::open(&subject.session, &subject.id, before, options.reason.clone()).await?;
        self.ours = Some(ours.clone());
        self.may_have_acted = true;
        let outcome = subject.send_in(&turn, Action::Pause, &terms(subject, budget)).await;
        drop(turn);
        let answered = ours.answered(None, &outcome).await;
        self.sent_pause(outcome, answered).await
    }

    /// A further pause.
    async fn pause(&mut self, subject: &Subject, budget: &Budget) -> Result<Fate, Error> {
        let turn = subject.turn(Action::Pause, budget).await?;
        let row = match &self.ours {
            Some(ours) => ours.intend(&subject.session, &subject.id, Action::Pause).await,
            None => Ok(None),
        };
        let row = row.map_err(|error| crate::api::trail::fault(&error, crate::error::Sent::No))?;
        let acted = std::mem::replace(&mut self.may_have_acted, true);
        let outcome = subject.send_in(&turn, Action::Pause, &terms(subject, budget)).await;
        drop(turn);
        if matches!(&outcome, Err(error) if fate(error) == Fate::NotSent) {
            self.may_have_acted = acted;
        }
        let answered = match &self.ours {
            Some(ours) => ours.answered(row, &outcome).await,
            None => Ok(()),
        };
        self.sent_pause(outcome, answered).await
    }

    /// What came of a pause that was sent.
    async fn sent_pause(
        &mut self,
        outcome: Result<Receipt, Error>,
        answered: Result<(), crate::journal::JournalError>,
    ) -> Result<Fate, Error> {
        self.sent += 1;
        let first = self.sent == 1;
        let fate = match outcome {
            Ok(receipt) => {
                self.receipt = Some(receipt);
                Fate::Answered
            }
            // Somebody else's, says the server, unless one of ours may have come first.
            Err(error) if error.kind() == ErrorKind::RecordingConflict => {
                if first {
                    self.may_have_acted = false;
                    self.close(Outcome::Already).await?;
                    self.ours = None;
                }
                Fate::NotSent
            }
            Err(error) => match fate(&error) {
                Fate::NotSent => {
                    if first {
                        self.may_have_acted = false;
                    }
                    return Err(error);
                }
                fate => {
                    self.refusal = Some(error);
                    fate
                }
            },
        };
        answered.map_err(|error| crate::api::trail::fault(&error, crate::error::Sent::Maybe))?;
        Ok(fate)
    }

    /// Nothing of this block's pause is left to do.
    async fn close(&self, outcome: Outcome) -> Result<(), Error> {
        match &self.ours {
            Some(ours) => ours.close(outcome, self.last_seen).await,
            None => Ok(()),
        }
        .map_err(|error| crate::api::trail::fault(&error, crate::error::Sent::Maybe))
    }

    /// Closes the row of a pause that certainly never acted.
    pub(super) async fn give_up(&self) -> Result<(), Error> {
        self.close(Outcome::Failed).await
    }

    fn proof(&self, subject: &Subject, settled: Settled, seen: &Seen, began: Duration) -> Proof {
        Proof {
            conversation_id: subject.id.as_str().to_owned(),
            target: Target::Paused,
            settled,
            state: State::Paused,
            before: self.before.map(|(state, _)| state),
            before_basis: self.before.map(|(_, basis)| basis),
            commands_sent: self.sent,
            receipt: self.receipt.clone(),
            polls: self.polls,
            elapsed: subject.now().saturating_sub(began),
            observed_at: seen.at,
        }
    }

    pub(super) fn error(&self, subject: &Subject, kind: ProofKind, began: Duration) -> Error {
        Error::Proof(Box::new(ProofError {
            commands_sent: self.sent,
            maybe_sent: self.may_have_acted,
            waited: subject.now().saturating_sub(began),
            cause: self.trouble.clone().or_else(|| self.refusal.clone()),
            ..ProofError::new(kind, subject.id.as_str(), Target::Paused.word(), self.last_seen.map(State::word))
        }))
    }
}

fn terms(subject: &Subject, budget: &Budget) -> Terms {
    let now = subject.now();
    let longest = LONGEST_ATTEMPT.min(subject.session.options.timeout);
    Terms {
        priority: Priority::BlockPause,
        budget: budget.part(now + budget.left(now).clamp(SHORTEST_LOOK.min(longest), longest)),
        max_retries: subject.session.options.max_retries,
    }
}
