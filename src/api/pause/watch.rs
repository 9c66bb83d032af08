//! While the body runs: is the call still paused?

use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};

use super::life::Life;
use super::{Owner, record};
use crate::api::pace::Pace;
use crate::api::subject::{LONGEST_ATTEMPT, Seen, fate};
use crate::client::{Budget, Terms};
use crate::conversations::Fate;
use crate::error::{Error, Interval};
use crate::limit::Priority;
use crate::model::{Action, Basis, State, Target};

/// Why the watch ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// The body is over.
    Body,
    /// `max_seconds` have passed.
    TooLong,
}

/// A pause that the watch sent because it found the call recorded.
struct Repair {
    fate: Fate,
    ended: Duration,
}

impl Life {
    /// Looks until the body is over, every so often and whenever something is told of the call. A pause that is decided on
    /// goes out even then.
    pub(super) async fn watch(&mut self) -> Ended {
        let (ears, session) = (self.ears.clone(), self.subject.session.clone());
        let listening = pin!(ears.listen(&session));
        match select(pin!(self.look_on()), listening).await {
            Either::Left((ended, _)) => ended,
            Either::Right((never, _)) => match never {},
        }
    }

    async fn look_on(&mut self) -> Ended {
        let began = self.subject.now();
        let until = self.options.max_seconds.map(|longest| began + longest);
        let mut pace = Pace::new();
        let mut repair: Option<Repair> = None;
        let mut wait = self.first_wait(began, &mut pace);
        let mut last_look = began;
        loop {
            let now = self.subject.now();
            let next = until.map_or(now + wait, |until| until.min(now + wait));
            let slept = self.subject.clock().sleep_until(next);
            let due = select(Box::pin(self.ears.told(&self.subject.session, last_look)), slept);
            if let Either::Left(_) = select(Box::pin(self.left()), due).await {
                return Ended::Body;
            }
            if until.is_some_and(|until| self.subject.now() >= until) {
                return Ended::TooLong;
            }
            last_look = self.subject.now();
            let budget = Budget::until(last_look + LONGEST_ATTEMPT);
            let look = Box::pin(self.subject.look(Priority::ConfirmingRead, &budget, LONGEST_ATTEMPT));
            let seen = match select(Box::pin(self.left()), look).await {
                Either::Left(_) => return Ended::Body,
                Either::Right((seen, _)) => seen,
            };
            let now = self.subject.now();
            wait = self.first_wait(began, &mut pace);
            if let Ok(seen) = &seen {
                self.ears.follow(&seen.reading.raw);
            }
            match seen {
                Ok(seen) if is_recorded(&seen) => {
                    self.broken(&seen);
                    let settle = self.subject.session.settle;
                    let again =
                        repair.as_ref().is_none_or(|last| last.fate != Fate::Answered || now >= last.ended + settle);
                    if again {
                        let fate = self.pause_again().await;
                        repair = Some(Repair { fate, ended: self.subject.now() });
                        pace = Pace::new();
                    }
                    wait = pace.next(Duration::ZERO).min(self.options.watch);
                }
                Ok(seen) => {
                    if seen.reading.state == State::Paused {
                        self.mended(&seen);
                        repair = None;
                    }
                }
                Err(error) => tracing::warn!(target: "gcrec.pause", "a look at a paused call failed: {error}"),
            }
        }
    }

    /// Somebody else's pause that was just found may have been lifted already: at first it is watched closely.
    fn first_wait(&self, began: Duration, pace: &mut Pace) -> Duration {
        let close = self.owner() == Some(Owner::Other) && self.subject.now() < began + self.subject.session.settle;
        if close { pace.next(Duration::ZERO).min(self.options.watch) } else { self.options.watch }
    }

    fn broken(&self, seen: &Seen) {
        let mut known = self.known();
        if known.broken.last().is_none_or(|last| last.until.is_some()) {
            known.broken.push(Interval { from: seen.at, until: None });
            drop(known);
            let id = self.subject.id.as_str().escape_debug();
            tracing::warn!(target: "gcrec.pause", "conversation {id} is recorded inside its secure pause: pausing again");
        }
    }

    fn mended(&self, seen: &Seen) {
        if let Some(last) = self.known().broken.last_mut() {
            last.until.get_or_insert(seen.at);
        }
    }

    /// Pauses again at once. From now on the pause is ours, whoever's it was before.
    async fn pause_again(&mut self) -> Fate {
        let mut blocks = self.subject.known.blocks().await;
        let ours = if let Some(ours) = &blocks.ours {
            Ok(ours.clone())
        } else {
            let before = (State::Recording, Basis::SecurePause);
            record::open(&self.subject.session, &self.subject.id, before, self.options.reason.clone()).await
        };
        let ours = match ours {
            Ok(ours) => ours,
            Err(error) => return self.not_sent(&error),
        };
        let opened = blocks.ours.is_none();
        let budget = Budget::until(self.subject.now() + LONGEST_ATTEMPT);
        let turn = match self.subject.turn(Action::Pause, &budget).await {
            Ok(turn) => turn,
            Err(error) => return self.not_sent(&error),
        };
        // The block's own row is its first pause.
        let row =
            if opened { Ok(None) } else { ours.intend(&self.subject.session, &self.subject.id, Action::Pause).await };
        let row = match row {
            Ok(row) => row,
            Err(error) => return self.not_sent(&crate::api::trail::fault(&error, crate::error::Sent::No)),
        };
        blocks.ours = Some(ours.clone());
        self.known().owner = Some(Owner::Own);
        let terms = Terms {
            priority: Priority::BlockPause,
            budget: budget.part(self.subject.now() + LONGEST_ATTEMPT),
            max_retries: self.subject.session.options.max_retries,
        };
        let outcome = self.subject.send_in(&turn, Action::Pause, &terms).await;
        drop(turn);
        if let Err(error) = ours.answered(row, &outcome).await {
            tracing::error!(target: "gcrec.pause", "{error}");
        }
        match outcome {
            Ok(_) => Fate::Answered,
            Err(error) if fate(&error) == Fate::NotSent => self.not_sent(&error),
            Err(_) => Fate::Unknown,
        }
    }

    fn not_sent(&self, error: &Error) -> Fate {
        let id = self.subject.id.as_str().escape_debug();
        tracing::error!(target: "gcrec.pause", "conversation {id} is recorded and could not be paused again: {error}");
        Fate::NotSent
    }
}

fn is_recorded(seen: &Seen) -> bool {
    seen.reading.active != Some(false) && Target::Recording.holds(seen.reading.state, seen.reading.basis)
}
