//! Making something so, and proving it (RULES of proof, section 3).

mod end_pause;
mod rehearse;
mod verdict;

use std::time::Duration;

use super::pace::Pace;
use super::subject::{Seen, Subject, fate, may_pass};
use super::trail::Trail;
use crate::client::{Budget, Session, Terms};
use crate::conversations::Fate;
use crate::error::{Error, ErrorKind, ProofKind};
use crate::journal::word::{Operation, Outcome};
use crate::limit::Priority;
use crate::model::{Action, Basis, Command, ConversationId, Proof, Receipt, Recorder, Settled, State, Target};
use crate::wire::Wire;
pub(super) use rehearse::Rehearsal;

/// However little time is left, the last look has this long to be answered.
const SHORTEST_LOOK: Duration = Duration::from_secs(1);
/// A command that does not show is sent once more.
const MOST_COMMANDS: u32 = 2;

/// What is wanted of one conversation.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    /// What shall be so.
    pub target: Target,
    /// Until when it is tried, from the beginning.
    pub timeout: Duration,
    /// May somebody's secure pause be ended for it?
    pub resume_paused: bool,
}

impl Session {
    /// Reads; if the target holds, says so and sends nothing; else sends one command and reads until it holds, the time
    /// passes or the call ends.
    pub fn ensure(
        &self,
        id: &ConversationId,
        wish: Wish,
    ) -> Result<impl Future<Output = Result<Proof, Error>> + Send + use<>, Error> {
        wish.check(self.wire())?;
        let (session, id) = (self.clone(), id.clone());
        Ok(async move {
            let subject = Subject::new(&session, &id);
            let budget = Budget::until(subject.now() + wish.timeout);
            let trail = Trail::new(&session, Operation::Ensure, &id);
            Ensure::new(&subject, wish, budget, trail).run().await
        })
    }
}

impl Wish {
    /// A secure pause on a wire that has none is refused before any request.
    pub fn check(&self, wire: &dyn Wire) -> Result<(), Error> {
        match self.target {
            Target::Paused => wire.check(&Action::Pause.into()),
            Target::Recording | Target::Stopped => Ok(()),
        }
    }
}

/// A wish on its way.
pub(super) struct Ensure<'a> {
    subject: &'a Subject,
    wish: Wish,
    budget: Budget,
    trail: Trail,
    began: Duration,
    polls: u32,
    /// May it start what is not recorded?
    may_start: bool,
    /// The first verdict.
    before: Option<(State, Basis)>,
    last_seen: Option<State>,
    /// The server has shown this conversation at least once.
    existed: bool,
    sent: Vec<Attempt>,
    receipt: Option<Receipt>,
    /// The next look is the first one after a command that was answered.
    first_look: bool,
    /// Why the last look told nothing.
    trouble: Option<Error>,
    /// Why the last command's fate is not known.
    refusal: Option<Error>,
}

/// A command that was sent, or tried to.
struct Attempt {
    action: Action,
    fate: Fate,
    ended: Duration,
}

/// What one round of looking came to.
enum Look {
    Seen(Box<Seen>),
    /// 404.
    Nothing(Error),
    /// It may be had by looking again, after this time if the server said one.
    Failed(Option<Duration>),
}

impl<'a> Ensure<'a> {
    pub(super) fn new(subject: &'a Subject, wish: Wish, budget: Budget, trail: Trail) -> Self {
        Self {
            trail: trail.with(|like| like.target = Some(wish.target.into())),
            subject,
            wish,
            budget,
            began: subject.now(),
            polls: 0,
            may_start: true,
            before: None,
            last_seen: None,
            existed: false,
            sent: Vec::new(),
            receipt: None,
            first_look: false,
            trouble: None,
            refusal: None,
        }
    }

    pub(super) async fn run(self) -> Result<Proof, Error> {
        self.run_and_tell().await.0
    }

    /// The same, with what was written down of it: that says whether a command of ours may still act.
    pub(super) async fn run_and_tell(mut self) -> (Result<Proof, Error>, Outcome) {
        let mut outcome = self.settle().await;
        if self.effective() > 0 {
            outcome = outcome.map_err(Error::after_a_command);
        }
        let written = match &outcome {
            Ok(proof) => match proof.settled {
                Settled::Proven => Outcome::Proven,
                Settled::Already => Outcome::Already,
                Settled::Ended => Outcome::Ended,
            },
            // A command of ours may still act: whoever takes the journal over has to look.
            Err(Error::Proof(error)) if error.maybe_sent => Outcome::NotProven,
            // Reads that failed leave nothing open, whatever became of them.
            Err(_) if self.effective() > 0 => Outcome::Unknown,
            Err(_) => Outcome::Failed,
        };
        let closed = self.trail.close(written, self.last_seen).await;
        // What happened weighs more than that it could not be written down, unless it is good news.
        match (outcome, closed) {
            (Ok(_), Err(error)) => (Err(error), written),
            (outcome, _) => (outcome, written),
        }
    }

    /// One of many under a limit looks when it is worth its request.
    fn is_sparing(&self) -> bool {
        let scarce = || self.subject.session.limiter().is_some_and(|limiter| limiter.snapshot().is_scarce());
        self.budget.is_patient() && scarce()
    }

    fn pace(&self) -> Pace {
        if self.is_sparing() { Pace::sparing(self.subject.session.habit()) } else { Pace::new() }
    }

    async fn settle(&mut self) -> Result<Proof, Error> {
        let mut pace = self.pace();
        loop {
            let left = self.budget.left(self.subject.now());
            let mut wait = None;
            match self.look().await? {
                Look::Seen(seen) => {
                    self.learn(&seen);
                    if let Some(proof) = self.judge(&seen)? {
                        return Ok(proof);
                    }
                    if let Some(action) = self.next_command(&seen)? {
                        // A stop is for whichever recorder is on: a snippet's has a command of its own.
                        let recorder =
                            if action == Action::Stop { seen.reading.stoppable } else { Recorder::default() };
                        self.command(Command { recorder, ..action.into() }, Some(&seen)).await?;
                        pace = self.pace();
                    }
                }
                Look::Nothing(not_found) => {
                    if let Some(proof) = self.nothing_there(not_found).await? {
                        return Ok(proof);
                    }
                    if self.sent.is_empty() {
                        self.command(Action::Start.into(), None).await?;
                        pace = self.pace();
                    }
                }
                Look::Failed(wish) => wait = wish,
            }
            if left.is_zero() {
                return Err(self.not_proven());
            }
            self.rest(&mut pace, wait).await;
        }
    }

    /// Until the next look.
    async fn rest(&self, pace: &mut Pace, wish: Option<Duration>) {
        let pause = wish.unwrap_or_default().max(pace.next(self.subject.line(&self.budget)));
        let now = self.subject.now();
        self.subject.clock().sleep_until(now + pause.min(self.budget.left(now))).await;
    }

    async fn look(&mut self) -> Result<Look, Error> {
        let priority = if self.sent.is_empty() { Priority::FirstRead } else { Priority::ConfirmingRead };
        self.polls += 1;
        match self.subject.look(priority, &self.budget, SHORTEST_LOOK).await {
            Ok(seen) => {
                self.existed = true;
                self.trouble = None;
                self.last_seen = Some(seen.reading.state);
                Ok(Look::Seen(Box::new(seen)))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Look::Nothing(error)),
            // A turn that comes too late in the line fails at once, and says how long the line is.
            Err(error @ Error::Queue(_)) => Err(error),
            Err(error) if may_pass(&error) => {
                let wish = self.subject.wish(&error);
                self.trouble = Some(error);
                Ok(Look::Failed(wish))
            }
            Err(error) => Err(error),
        }
    }

    /// Was the first look after the command too early?
    fn learn(&mut self, seen: &Seen) {
        if self.sent.len() == 1 && std::mem::take(&mut self.first_look) && self.is_sparing() {
            let shows = self.wish.target.holds(seen.reading.state, seen.reading.basis);
            self.subject.session.habit().learn(shows);
        }
    }

    /// Is it so?
    fn judge(&mut self, seen: &Seen) -> Result<Option<Proof>, Error> {
        let reading = &seen.reading;
        if reading.active == Some(false) {
            return if self.wish.target == Target::Stopped {
                Ok(Some(self.proof(Settled::Ended, State::Stopped, seen.at)))
            } else {
                Err(self.error(ProofKind::ConversationEnded))
            };
        }
        // After a start that a 404 let us send, what is read was not there before.
        if self.sent.is_empty() {
            let before = *self.before.get_or_insert((reading.state, reading.basis));
            self.trail.before(before.0, before.1);
        }
        if self.wish.target.holds(reading.state, reading.basis) {
            // What we see may be from before a command of ours that is still under way: read on.
            if self.subject.may_undo(self.wish.target, seen) {
                return Ok(None);
            }
            let settled = if self.effective() == 0 { Settled::Already } else { Settled::Proven };
            return Ok(Some(self.proof(settled, reading.state, seen.at)));
        }
        if self.wish.target == Target::Recording && reading.state == State::Paused && !self.sent.is_empty() {
            // It was stopped, we started it, and somebody paused it: he may be hearing a card number.
            if self.before.is_none_or(|(state, _)| state != State::Paused) && !self.wish.resume_paused {
                return Err(self.error(ProofKind::AlreadyPaused));
            }
        }
        Ok(None)
    }

    /// The command to send now, if it is time for one.
    fn next_command(&self, seen: &Seen) -> Result<Option<Action>, Error> {
        let reading = &seen.reading;
        if self.wish.target.holds(reading.state, reading.basis) {
            return Ok(None);
        }
        let (now, settle) = (self.subject.now(), self.subject.session.settle);
        match self.sent.last() {
            None => {
                let action = match (self.wish.target, reading.state) {
                    (Target::Recording, State::Stopped) if self.may_start => Action::Start,
                    (Target::Recording, State::Paused) if self.wish.resume_paused => Action::Resume,
                    (Target::Recording, State::Paused) => return Err(self.error(ProofKind::AlreadyPaused)),
                    (Target::Recording | Target::Paused, State::Stopped) => {
                        return Err(self.error(ProofKind::NotRecording));
                    }
                    (Target::Recording, _) => return Err(self.not_proven()),
                    (Target::Paused, _) => Action::Pause,
                    (Target::Stopped, _) if reading.by_policy => return Err(self.error(ProofKind::Policy)),
                    (Target::Stopped, _) => Action::Stop,
                };
                // One of its kind, of unknown fate, may still land: only a pause does not wait for that.
                let wait = action != Action::Pause && self.subject.known.open().is_unknown(action, settle, now);
                Ok((!wait).then_some(action))
            }
            // What was recorded on demand is not any more, and no command ends the rest.
            Some(_) if self.wish.target == Target::Stopped && reading.by_policy => Err(self.error(ProofKind::Policy)),
            Some(_) if self.sent.len() >= MOST_COMMANDS as usize => Ok(None),
            Some(Attempt { action: Action::Pause, fate: Fate::Unknown, .. }) => Ok(Some(Action::Pause)),
            Some(last) if now >= last.ended + settle => Ok(Some(last.action)),
            Some(_) => Ok(None),
        }
    }

    /// Sends it; to the right participant, where it is for one, as `seen` shows.
    async fn command(&mut self, command: Command, seen: Option<&Seen>) -> Result<(), Error> {
        let (subject, action) = (self.subject, command.action);
        let now = subject.now();
        let longest = super::subject::LONGEST_ATTEMPT.min(subject.session.options.timeout);
        let budget = self.budget.part(now + self.budget.left(now).clamp(SHORTEST_LOOK, longest.max(SHORTEST_LOOK)));
        let terms = Terms { priority: Priority::Command, budget, max_retries: subject.session.options.max_retries };
        let outcome = subject.send(command, seen, &terms, &mut self.trail).await;
        let fate = match &outcome {
            Ok(_) => Fate::Answered,
            Err(error) => fate(error),
        };
        match outcome {
            Ok(receipt) => {
                self.receipt = Some(receipt);
                self.first_look = true;
            }
            // Nothing would change, says the server: what holds is read next.
            Err(error) if error.kind() == ErrorKind::RecordingConflict => {}
            Err(error) if fate == Fate::NotSent => return self.refused(error).await,
            Err(error) => self.refusal = Some(error),
        }
        self.sent.push(Attempt { action, fate, ended: subject.now() });
        Ok(())
    }

    /// The command was refused: perhaps because the call is over.
    async fn refused(&mut self, error: Error) -> Result<(), Error> {
        let over = matches!(error.kind(), ErrorKind::NotFound | ErrorKind::BadRequest);
        if !over || !self.existed {
            return Err(error);
        }
        let ended = match self.look().await? {
            Look::Seen(seen) => seen.reading.active == Some(false),
            Look::Nothing(_) => self.subject.is_gone(&self.budget).await?,
            Look::Failed(_) => false,
        };
        // The next look tells the same, and judges it.
        if ended { Ok(()) } else { Err(error) }
    }

    /// A 404: no proof of anything, but after something better it may mean that the call ended.
    async fn nothing_there(&mut self, not_found: Error) -> Result<Option<Proof>, Error> {
        if self.existed {
            if !self.subject.is_gone(&self.budget).await? {
                return Err(not_found);
            }
            return if self.wish.target == Target::Stopped {
                let at = self.subject.clock().wall();
                Ok(Some(self.proof(Settled::Ended, State::Stopped, at)))
            } else {
                Err(self.error(ProofKind::ConversationEnded))
            };
        }
        let start = Action::Start.into();
        let may_start = self.wish.target == Target::Recording && !self.subject.session.wire().is_aimed(&start);
        if may_start { Ok(None) } else { Err(not_found) }
    }

    /// Commands that may have acted.
    fn effective(&self) -> u32 {
        let acted = self.sent.iter().filter(|attempt| attempt.fate != Fate::NotSent).count();
        u32::try_from(acted).unwrap_or(u32::MAX)
    }
}
