//! One conversation under one session's eyes: every look at it and every command to it goes through here, so that none is
//! forgotten (RULES of proof, section 2).

use std::time::{Duration, SystemTime};

use futures_util::future::{Either, select};

use super::trail::Trail;
use crate::client::{Budget, Session, Terms};
use crate::clock::SharedClock;
use crate::conversations::{Conversation, Fate, Turn};
use crate::error::{Call, Error, ErrorKind, ProofError, ProofKind, Sent, TransportError, TransportKind};
use crate::limit::Priority;
use crate::model::{Action, Command, ConversationId, ParticipantId, Reading, Receipt, Target};
use crate::retry;
use crate::wire::Aim;

/// A look or a command that has no answer after this is given up: what it was for can be looked at again.
pub(super) const LONGEST_ATTEMPT: Duration = Duration::from_secs(5);

/// A conversation, and what this process knows of its own commands to it.
#[derive(Debug)]
pub(super) struct Subject {
    pub(super) session: Session,
    pub(super) id: ConversationId,
    pub(super) known: Conversation,
}

/// What one look showed, and when.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) reading: Reading,
    /// It is not older than this.
    pub(super) began: Duration,
    pub(super) at: SystemTime,
}

impl Subject {
    pub(super) fn new(session: &Session, id: &ConversationId) -> Self {
        let known = session.conversations().get(session.client().base_url().as_str(), id);
        Self { session: session.clone(), id: id.clone(), known }
    }

    pub(super) fn clock(&self) -> &SharedClock {
        self.session.clock()
    }

    pub(super) fn now(&self) -> Duration {
        self.clock().now()
    }

    /// The limiter's line, for who can wait: whoever cannot is to hear so at once.
    pub(super) fn line(&self, budget: &Budget) -> Duration {
        let line = self.session.limiter().map_or(Duration::ZERO, crate::limit::Limiter::queue);
        if budget.is_patient() || line <= budget.left(self.now()) { line } else { Duration::ZERO }
    }

    /// When the server wants to be asked again. After a 429 the limiter sees to that, and refuses at once who cannot wait.
    pub(super) fn wish(&self, failure: &Error) -> Option<Duration> {
        let limited =
            matches!(failure, Error::Api(answer) if !answer.oauth()) && failure.kind() == ErrorKind::RateLimit;
        if limited && self.session.limiter().is_some() { None } else { retry::retry_after(failure) }
    }

    /// One look. `shortest` is granted to it however little of the budget is left.
    pub(super) async fn look(&self, priority: Priority, budget: &Budget, shortest: Duration) -> Result<Seen, Error> {
        let now = self.now();
        let longest = LONGEST_ATTEMPT.min(self.session.options.timeout);
        let budget = budget.part(now + budget.left(now).clamp(shortest.min(longest), longest));
        self.look_on(&Terms { priority, budget, max_retries: self.session.options.max_retries }).await
    }

    /// One look, on these terms.
    pub(super) async fn look_on(&self, terms: &Terms) -> Result<Seen, Error> {
        let began = self.now();
        self.known.take_over(&self.id, self.session.settle, began);
        let reading = self.session.run_on(self.session.wire().reading(&self.id), terms).await?;
        self.known.open().observed(reading.state, began, self.now());
        Ok(Seen { reading, began, at: self.clock().wall() })
    }

    /// Could a command of ours have made `target` untrue since this was seen, or still do so? What has become certain while
    /// the answer travelled says nothing of an older state.
    pub(super) fn may_undo(&self, target: Target, seen: &Seen) -> bool {
        let by: &[Action] = match target {
            Target::Recording => &[Action::Start, Action::Resume],
            Target::Paused => &[Action::Pause],
            Target::Stopped => &[Action::Stop],
        };
        self.known.open().may_undo(target, by, self.session.settle, seen.began)
    }

    /// Waits until no other command of this process is under way to this conversation.
    pub(super) async fn turn(&self, action: Action, budget: &Budget) -> Result<Turn, Error> {
        let turn = std::pin::pin!(self.known.turn());
        match select(turn, self.clock().sleep_until(budget.deadline())).await {
            Either::Left((turn, _)) => Ok(turn),
            Either::Right(_) => Err(Error::Transport(Box::new(TransportError {
                kind: TransportKind::RequestTimeout,
                call: Call::new(http::Method::PATCH, format!("/{action}"), true),
                sent: Sent::No,
                reason: "the timeout passed while another command of this process was under way".into(),
                source: None,
            }))),
        }
    }

    /// Sends one command and remembers it for as long as it may act. One for a participant is aimed by what was `seen`, if
    /// anything was, and aimed anew, once, if whom it found has left meanwhile.
    pub(super) async fn send(
        &self,
        command: impl Into<Command>,
        seen: Option<&Seen>,
        terms: &Terms,
        trail: &mut Trail,
    ) -> Result<Receipt, Error> {
        let command = command.into();
        self.session.wire().check(&command)?;
        let turn = self.turn(command.action, &terms.budget).await?;
        let aim = self.aim(&command, seen, terms).await.map_err(Error::before_its_command)?;
        let outcome = self.send_aimed(&turn, &command, aim.as_ref(), terms, trail).await?;
        let Err(error) = outcome else { return outcome };
        if command.participant.is_some() || !says_gone(&error) {
            return Err(error);
        }
        // The call was handed on: to whom, only a new look can tell.
        match self.aim(&command, None, terms).await {
            Ok(anew) if anew != aim => self.send_aimed(&turn, &command, anew.as_ref(), terms, trail).await?,
            _ => Err(error),
        }
    }

    /// The same for a command that is aimed already. The outer error: it could not be written down.
    async fn send_aimed(
        &self,
        turn: &Turn,
        command: &Command,
        aim: Option<&ParticipantId>,
        terms: &Terms,
        trail: &mut Trail,
    ) -> Result<Result<Receipt, Error>, Error> {
        let row = trail.intend(command.action).await?;
        let outcome = self.dispatch(turn, command, aim, terms).await;
        trail.answered(row, &outcome).await?;
        Ok(outcome)
    }

    /// At whom a command is aimed; None where it is for the whole conversation.
    async fn aim(&self, command: &Command, seen: Option<&Seen>, terms: &Terms) -> Result<Option<ParticipantId>, Error> {
        let wire = self.session.wire();
        if !wire.is_aimed(command) {
            return Ok(None);
        }
        let looked = match seen {
            Some(_) => None,
            None => Some(self.look_on(&Terms { priority: Priority::FirstRead, ..terms.clone() }).await?),
        };
        let Some(Seen { reading, .. }) = seen.or(looked.as_ref()) else { return Ok(None) };
        if reading.active == Some(false) {
            let target = if command.action == Action::Start { Target::Recording } else { Target::Stopped };
            let (id, state) = (self.id.as_str(), reading.state.word());
            let ended = ProofError::new(ProofKind::ConversationEnded, id, target.word(), Some(state));
            return Err(Error::Proof(Box::new(ended)));
        }
        match wire.aim(&self.id, command, &reading.raw, None)? {
            Aim::At(participant) => Ok(Some(participant)),
            Aim::AskWho => {
                let who = self.session.who(terms).await?;
                match wire.aim(&self.id, command, &reading.raw, Some(&who))? {
                    Aim::At(participant) => Ok(Some(participant)),
                    Aim::AskWho => Ok(None),
                }
            }
        }
    }

    /// Sends one command, for the whole conversation, whose turn it is.
    pub(super) async fn send_in(&self, turn: &Turn, action: Action, terms: &Terms) -> Result<Receipt, Error> {
        self.dispatch(turn, &action.into(), None, terms).await
    }

    async fn dispatch(
        &self,
        _: &Turn,
        command: &Command,
        aim: Option<&ParticipantId>,
        terms: &Terms,
    ) -> Result<Receipt, Error> {
        let action = command.action;
        let plan = self.session.wire().command(&self.id, command, aim)?;
        let (sent_at, began) = (self.clock().wall(), self.now());
        let sending = self.known.sending(action, self.session.settle, self.clock());
        let outcome = self.session.trace_on(plan, terms).await;
        sending.ended(match &outcome {
            Ok(_) => Fate::Answered,
            Err(error) => fate(error),
        });
        outcome.map(|(raw, answer)| Receipt {
            conversation_id: self.id.as_str().to_owned(),
            action,
            status_code: answer.as_ref().map_or(0, crate::client::Seen::status_code),
            attempts: answer.as_ref().map_or(0, crate::client::Seen::attempts),
            sent_at,
            elapsed: self.now().saturating_sub(began),
            correlation_id: answer.and_then(|answer| answer.correlation_id()),
            raw,
        })
    }

    /// Is the call over? Asked after a 404 that came after something better: on the tutorial's wire nothing else tells.
    pub(super) async fn is_gone(&self, budget: &Budget) -> Result<bool, Error> {
        let now = self.now();
        let budget = budget.part(now + LONGEST_ATTEMPT);
        let terms = Terms { priority: Priority::ConfirmingRead, budget, max_retries: self.session.options.max_retries };
        Ok(self.session.run_on(self.session.wire().conversation(&self.id), &terms).await?.is_none())
    }
}

/// What is known of a command that failed.
pub(super) fn fate(error: &Error) -> Fate {
    match error.sent() {
        Sent::No => Fate::NotSent,
        Sent::Maybe => Fate::Unknown,
        Sent::Yes => Fate::Answered,
    }
}

/// What the server says where whom a command was for has left the call.
const GONE: [&str; 3] = [
    "conversation.error.call.disconnected",
    "conversation.error.not.conversation.participant",
    "conversation.error.participant.no.active.conversations",
];

fn says_gone(error: &Error) -> bool {
    error.sent() == Sent::No && error.code().is_some_and(|code| GONE.contains(&code))
}

/// A failure after which looking again may help.
pub(super) fn may_pass(error: &Error) -> bool {
    error.retryable() && error.kind() != ErrorKind::Tls
}
