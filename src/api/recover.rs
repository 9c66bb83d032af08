//! Settling what a process left behind (RULES of proof, section 5): intents without outcome, and pauses of dead blocks.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use super::bulk::{self, OutcomeKind, Report};
use super::pace::Pace;
use super::subject::{LONGEST_ATTEMPT, Subject, fate};
use super::trail::fault;
use crate::client::{Budget, Session, Terms};
use crate::conversations::{Conversations, Fate};
use crate::error::{Error, ErrorKind, ProofError, ProofKind, Sent};
use crate::journal::word::{self, Operation, Outcome, Phase};
use crate::journal::{Change, Entry, Intent, Journal, JournalError};
use crate::limit::Priority;
use crate::model::{Action, ConversationId, State, Target};

/// A pause of a dead block is lifted, and lifted again if it reappears, so often.
const MOST_RESUMES: u32 = 3;
/// After `settle`, a read that shows how things stand is tried for so long.
const PATIENCE: Duration = Duration::from_secs(60);

/// How a recovery is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Recovery {
    /// Pauses of dead blocks that are older are listed, not lifted.
    pub max_age: Duration,
    /// Lift them all the same, and those of other clients.
    pub force: bool,
}

/// What became of what was left behind of one conversation.
#[derive(Clone, Debug)]
pub struct Recovered {
    /// Which conversation.
    pub conversation_id: String,
    /// The state that closed its rows; None where they are still open.
    pub closed: Option<(Outcome, State)>,
    /// Why they are still open.
    pub error: Option<Error>,
    /// How long it took.
    pub elapsed: Duration,
}

/// What others left behind in `journal` is open from the first read of its conversation on. Once, when a process takes a
/// journal.
pub async fn take_over(journal: &Journal, conversations: &Conversations) -> Result<(), Error> {
    for entry in journal.pending().await.map_err(|error| fault(&error, Sent::No))? {
        if entry.intent_at.process != journal.process()
            && let Some(action) = entry.action
        {
            conversations.inherit(&entry.conversation_id, action.into());
        }
    }
    Ok(())
}

impl Session {
    /// Settles all that is pending in `journal`. All conversations wait together.
    pub fn recover(
        &self,
        journal: &Journal,
        recovery: Recovery,
    ) -> impl Future<Output = Result<Vec<Recovered>, Error>> + Send + use<> {
        let (session, journal) = (self.clone(), journal.clone());
        async move {
            let pending = journal.pending().await.map_err(|error| fault(&error, Sent::No))?;
            let mut by_conversation = BTreeMap::<String, Vec<Entry>>::new();
            for entry in pending {
                by_conversation.entry(entry.conversation_id.clone()).or_default().push(entry);
            }
            let each = |(id, rows): (String, Vec<Entry>)| {
                let (session, journal) = (session.clone(), journal.clone());
                async move { one(&session, &journal, recovery, id, rows).await }
            };
            let all: FuturesUnordered<_> = by_conversation.into_iter().map(each).collect();
            let all = all.filter_map(std::future::ready).collect().await;
            give_up_run(&journal).await.map_err(|error| fault(&error, Sent::Maybe))?;
            Ok(all)
        }
    }
}

/// An unfinished run stands in the way of every other kind: one of which all is settled is closed. The next call begins anew.
async fn give_up_run(journal: &Journal) -> Result<(), JournalError> {
    let Some(run) = journal.unfinished_run().await? else { return Ok(()) };
    let open = journal.pending().await?.iter().any(|row| row.run == Some(run.id));
    if open { Ok(()) } else { journal.finish_run(run.id).await }
}

/// Settles one conversation; None where a living block of this process has it.
async fn one(
    session: &Session,
    journal: &Journal,
    recovery: Recovery,
    conversation_id: String,
    rows: Vec<Entry>,
) -> Option<Recovered> {
    let began = session.clock().now();
    let result = |closed, error| {
        let elapsed = session.clock().now().saturating_sub(began);
        Some(Recovered { conversation_id: conversation_id.clone(), closed, error, elapsed })
    };
    let id = match conversation_id.parse::<ConversationId>() {
        Ok(id) => id,
        Err(error) => return result(None, Some(error)),
    };
    let subject = Subject::new(session, &id);
    let blocks = subject.known.blocks_now()?;
    if blocks.anybody() {
        return None;
    }
    let mut settling =
        Settling { subject: &subject, journal, recovery, rows, resumes: 0, last_seen: None, trouble: None };
    let outcome = settling.run().await;
    drop(blocks);
    match outcome {
        Ok(closed) => result(Some(closed), None),
        Err(error) => result(None, Some(error)),
    }
}

/// The rows of one conversation, on their way.
struct Settling<'a> {
    subject: &'a Subject,
    journal: &'a Journal,
    recovery: Recovery,
    rows: Vec<Entry>,
    resumes: u32,
    last_seen: Option<State>,
    trouble: Option<Error>,
}

impl Settling<'_> {
    async fn run(&mut self) -> Result<(Outcome, State), Error> {
        let subject = self.subject;
        let settle = subject.session.settle;
        let blocks = self.rows.iter().any(is_block);
        let may_lift = self.rows.iter().filter(|row| is_block(row)).all(|row| self.may_lift(row));
        let budget = Budget::until(subject.now() + settle + PATIENCE);
        let mut pace = Pace::new();
        // When the first read that told something began; what was left behind has landed `settle` after that.
        let mut first: Option<Duration> = None;
        // When the last resume's attempt ended, and whether the call has shown free of the pause since.
        let (mut resumed, mut shown): (Option<Duration>, bool) = (None, false);
        loop {
            let began = subject.now();
            let left = budget.left(began);
            match subject.look(Priority::ConfirmingRead, &budget, LONGEST_ATTEMPT).await {
                Ok(seen) => {
                    let (state, basis) = (seen.reading.state, seen.reading.basis);
                    self.last_seen = Some(state);
                    if seen.reading.active == Some(false) {
                        return self.close_all(Some(Outcome::Ended), State::Stopped).await;
                    }
                    let settled = began >= *first.get_or_insert(began) + settle;
                    let held_blind = state == State::Held && !Target::Recording.holds(state, basis);
                    match state {
                        State::Paused if blocks => {
                            if !may_lift {
                                return Err(self.error());
                            }
                            let again = resumed.is_none_or(|at| subject.now() >= at + settle) || shown;
                            if again && self.resumes < MOST_RESUMES && self.resume(&budget).await? {
                                resumed = Some(subject.now());
                                shown = false;
                                pace = Pace::new();
                            }
                        }
                        // Nothing that proves anything: read on.
                        State::Unknown => {}
                        State::Held if held_blind => {}
                        _ if settled => return self.close_all(None, state).await,
                        _ => shown = true,
                    }
                }
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    let settled = began >= *first.get_or_insert(began) + settle;
                    if settled && subject.is_gone(&budget).await? {
                        return self.close_all(Some(Outcome::Ended), State::Stopped).await;
                    }
                    self.trouble = Some(error);
                }
                Err(error) if error.retryable() => self.trouble = Some(error),
                Err(error) => return Err(error),
            }
            if left.is_zero() {
                return Err(self.error());
            }
            // Until `settle` is over only a dead block's pause is worth looking for.
            let until = first.map_or(Duration::ZERO, |first| (first + settle).saturating_sub(subject.now()));
            let pause = pace.next(subject.line(&budget));
            let pause = if blocks { pause } else { pause.max(until) };
            let now = subject.now();
            subject.clock().sleep_until(now + pause.min(budget.left(now))).await;
        }
    }

    /// Ours, young enough, and set on a call that was recorded.
    fn may_lift(&self, row: &Entry) -> bool {
        if self.recovery.force {
            return true;
        }
        let recorded = match (row.state_before, row.basis) {
            (Some(word::State::Recording), _) => true,
            (Some(word::State::Held), basis) => basis == Some(word::Basis::SecurePause),
            _ => false,
        };
        let now = self.subject.clock().wall();
        // A clock that was set back makes a row of the future: young.
        let age = now.duration_since(row.intent_at.at).unwrap_or_default();
        recorded && age <= self.recovery.max_age && row.client_id == self.subject.session.identity()
    }

    /// Lifts a dead block's pause. True if it was sent.
    async fn resume(&mut self, budget: &Budget) -> Result<bool, Error> {
        let subject = self.subject;
        let block = self.rows.iter().find(|row| is_block(row)).and_then(|row| row.block);
        let intent = Intent {
            block,
            action: Some(Action::Resume.into()),
            ..Intent::new(subject.session.identity(), Operation::Recover, subject.id.as_str())
        };
        let turn = subject.turn(Action::Resume, budget).await?;
        let row = self.journal.intend(intent).await.map_err(|error| fault(&error, Sent::No))?;
        let now = subject.now();
        let terms = Terms {
            priority: Priority::BlockResume,
            budget: budget.part(now + LONGEST_ATTEMPT),
            max_retries: subject.session.options.max_retries,
        };
        let outcome = subject.send_in(&turn, Action::Resume, &terms).await;
        drop(turn);
        let (written, sent) = match &outcome {
            Ok(_) => (Outcome::Accepted, true),
            Err(error) if error.kind() == ErrorKind::RecordingConflict => (Outcome::Failed, true),
            Err(error) if fate(error) == Fate::NotSent => (Outcome::Failed, false),
            // It is open until this recovery has read a state that settles it.
            Err(_) => (Outcome::Unknown, true),
        };
        let change = Change {
            status_code: outcome.as_ref().map_or_else(Error::status_code, |receipt| Some(receipt.status_code)),
            ..written.into()
        };
        self.journal.settle(row, change).await.map_err(|error| fault(&error, Sent::Maybe))?;
        if written == Outcome::Unknown {
            self.rows.extend(
                self.journal
                    .pending_of(subject.id.as_str())
                    .await
                    .unwrap_or_default()
                    .into_iter()
                    .filter(|entry| entry.id == row),
            );
        }
        if sent {
            self.resumes += 1;
        }
        if let Err(error) = outcome {
            self.trouble = Some(error);
        }
        Ok(sent)
    }

    /// Closes every row: with this outcome, or by what the state says of its command.
    async fn close_all(&mut self, outcome: Option<Outcome>, state: State) -> Result<(Outcome, State), Error> {
        let mut all = outcome.unwrap_or(Outcome::Proven);
        for row in std::mem::take(&mut self.rows) {
            let outcome = outcome.unwrap_or_else(|| settled_by(&row, state));
            if outcome == Outcome::Failed {
                all = Outcome::Failed;
            } else if is_block(&row) && all == Outcome::Proven {
                all = Outcome::Resumed;
            }
            let change = Change {
                phase: (row.operation == Operation::Block).then_some(Phase::Closed),
                state: Some(state.into()),
                ..outcome.into()
            };
            self.journal.settle(row.id, change).await.map_err(|error| fault(&error, Sent::Maybe))?;
        }
        Ok((all, state))
    }

    fn error(&self) -> Error {
        let id = self.subject.id.as_str();
        let lost = self.rows.iter().any(is_block);
        let kind = if lost { ProofKind::ResumeNotProven } else { ProofKind::NotProven };
        Error::Proof(Box::new(ProofError {
            commands_sent: self.resumes,
            maybe_sent: true,
            cause: self.trouble.clone(),
            ..ProofError::new(kind, id, Target::Recording.word(), self.last_seen.map(State::word))
        }))
    }
}

/// Is it of a block that is not closed?
fn is_block(row: &Entry) -> bool {
    row.block.is_some()
}

/// What a state that was read after everything has landed says of a row.
fn settled_by(row: &Entry, state: State) -> Outcome {
    if row.operation == Operation::Block || (is_block(row) && row.action == Some(word::Action::Pause)) {
        return if state == State::Stopped { Outcome::Ended } else { Outcome::Resumed };
    }
    let shows = match row.action {
        Some(word::Action::Start | word::Action::Resume) => matches!(state, State::Recording | State::Held),
        Some(word::Action::Pause) => state == State::Paused,
        Some(word::Action::Stop) => state == State::Stopped,
        None => false,
    };
    if shows { Outcome::Proven } else { Outcome::Failed }
}

impl Recovered {
    /// As one of many outcomes. What never acted is `failed`: nothing is left of it.
    pub fn outcome(self) -> bulk::Outcome {
        let kind = match self.closed {
            Some((outcome, _)) => Some(outcome).into(),
            None => OutcomeKind::Unknown,
        };
        bulk::Outcome { error: self.error, elapsed: self.elapsed, ..bulk::Outcome::new(self.conversation_id, kind) }
    }

    /// What became of all, for people.
    pub fn report(all: Vec<Self>, elapsed: Duration) -> Report {
        let mut report = Report::new("recover", false);
        for recovered in all {
            report.add(&recovered.outcome());
        }
        report.elapsed = elapsed;
        report.complete = true;
        report
    }
}
