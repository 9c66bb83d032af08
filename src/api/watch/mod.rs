//! Following calls: what happens to them, and which secure pauses last too long.
//!
//! Events tell, reads confirm, and what is done about a pause is an `ensure` like any other: with its journal, its rules and
//! its proof. The pauses are counted by [`Pauses`], which is pure; here are the events, the reads and the waiting.

mod pauses;

use std::future::pending;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures_util::future::{BoxFuture, Either, select};
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};

use self::pauses::{Due, Pauses, Shown};
use super::events::{Events, Follow};
use super::subject::Subject;
use crate::api::{Outcome, OutcomeKind};
use crate::client::{Budget, Session, Terms};
use crate::error::Error;
use crate::limit::Priority;
use crate::model::{Action, ConversationId, Event, State};
use crate::notify::Taken;

/// So long an alarm waits for the read that confirms it.
const FOR_LOOKING: Duration = Duration::from_secs(5);
/// Whether anything is live is asked so often: not every end of a wait is told.
const QUIET_CHECK: Duration = Duration::from_millis(500);

/// What is wanted.
#[derive(Clone, Debug, Default)]
pub struct Watching {
    /// Which calls.
    pub follow: Follow,
    /// A secure pause may last so long.
    pub max_pause: Option<Duration>,
    /// A pause that lasts longer is ended, and that is proven within this time.
    pub resume_within: Option<Duration>,
    /// It ends when no call has been live for so long.
    pub until_quiet: Option<Duration>,
}

/// What is told.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "one at a time, on its way to be shown")]
pub enum Told {
    /// Something happened, or may have, or lasts too long.
    Event(Event),
    /// What became of a resume.
    Resume {
        /// Its outcome.
        outcome: Outcome,
        /// When it was known.
        at: SystemTime,
    },
}

/// One that watches. It goes on while it is asked for more; its events go on by themselves.
pub struct Watch {
    session: Session,
    events: Arc<Events>,
    resume_within: Option<Duration>,
    until_quiet: Option<Duration>,
    pauses: Pauses,
    looks: FuturesUnordered<BoxFuture<'static, (Due, Shown)>>,
    resumes: FuturesUnordered<BoxFuture<'static, Outcome>>,
    ready: Vec<Told>,
    /// Since when nothing is live.
    quiet_since: Option<Duration>,
    /// The events are over, or cannot go on.
    ended: Option<Result<(), Error>>,
}

/// One thing that came about.
enum Turn {
    Told(Result<Taken, Error>),
    Looked(Due, Shown),
    Resumed(Box<Outcome>),
    Due,
}

impl Session {
    /// Watches, and the future that is the life of its events: have it polled from now on. Nothing is sent before that.
    pub fn watch(&self, wanted: Watching) -> Result<(Watch, impl Future<Output = ()> + Send + use<>), Error> {
        if wanted.resume_within.is_some() {
            self.wire().check(&Action::Resume.into())?;
        }
        let (events, life) = self.events(wanted.follow)?;
        let watch = Watch {
            session: self.clone(),
            events: Arc::new(events),
            resume_within: wanted.resume_within,
            until_quiet: wanted.until_quiet,
            pauses: Pauses::new(wanted.max_pause),
            looks: FuturesUnordered::new(),
            resumes: FuturesUnordered::new(),
            ready: Vec::new(),
            quiet_since: None,
            ended: None,
        };
        Ok((watch, life))
    }
}

impl Watch {
    /// Its events: what the server refuses of them, and how to end it.
    pub fn events(&self) -> Arc<Events> {
        self.events.clone()
    }

    /// Waits for more; None: that was all. Dropped half-way, it loses nothing.
    pub async fn next(&mut self) -> Result<Option<Vec<Told>>, Error> {
        loop {
            for due in self.pauses.take_due(self.session.clock().now()) {
                self.looks.push(look(self.session.clone(), due).boxed());
            }
            if !self.ready.is_empty() {
                return Ok(Some(std::mem::take(&mut self.ready)));
            }
            if self.is_over() {
                return self.ended.replace(Ok(())).unwrap_or(Ok(())).map(|()| None);
            }
            match self.turn().await {
                Turn::Told(Ok(Taken::Events(events))) => events.into_iter().for_each(|event| self.told(event)),
                Turn::Told(Ok(Taken::Over)) => self.ended = Some(Ok(())),
                Turn::Told(Err(error)) => self.ended = Some(Err(error)),
                Turn::Looked(due, shown) => self.looked(&due, shown),
                Turn::Resumed(outcome) => {
                    let (outcome, at) = (*outcome, self.session.clock().wall());
                    self.ready.push(Told::Resume { outcome, at });
                }
                Turn::Due => {}
            }
        }
    }

    fn told(&mut self, event: Event) {
        let clock = self.session.clock();
        if let Event::Call(call) = &event {
            self.pauses.told(call, clock.now(), clock.wall());
        }
        self.quiet_since = None;
        self.ready.push(Told::Event(event));
    }

    fn looked(&mut self, due: &Due, shown: Shown) {
        let clock = self.session.clock();
        let Some(alarm) = self.pauses.looked(due, shown, clock.now(), clock.wall()) else { return };
        if let Some(timeout) = self.resume_within {
            self.resumes.push(resume(self.session.clone(), alarm.conversation_id.clone(), timeout).boxed());
        }
        self.ready.push(Told::Event(Event::Alarm(alarm)));
    }

    /// Is there nothing more to come? What was begun is seen to its end.
    fn is_over(&mut self) -> bool {
        if !self.resumes.is_empty() {
            return false;
        }
        let Some(after) = self.until_quiet.filter(|_| self.ended.is_none()) else { return self.ended.is_some() };
        let now = self.session.clock().now();
        if !self.events.is_quiet() {
            self.quiet_since = None;
            return false;
        }
        now >= *self.quiet_since.get_or_insert(now) + after
    }

    async fn turn(&mut self) -> Turn {
        let clock = self.session.clock();
        let check = self.until_quiet.map(|_| clock.now() + QUIET_CHECK);
        let next = self.pauses.due().into_iter().chain(check).min();
        let (ended, events) = (self.ended.is_some(), self.events.take());
        let told = pin!(async move { if ended { pending().await } else { events.await } });
        let due = pin!(async {
            match next {
                Some(at) => clock.sleep_until(at).await,
                None => pending().await,
            }
        });
        let looked = pin!(first(&mut self.looks));
        let resumed = pin!(first(&mut self.resumes));
        match select(select(told, looked), select(resumed, due)).await {
            Either::Left((Either::Left((told, _)), _)) => Turn::Told(told),
            Either::Left((Either::Right(((due, shown), _)), _)) => Turn::Looked(due, shown),
            Either::Right((Either::Left((outcome, _)), _)) => Turn::Resumed(Box::new(outcome)),
            Either::Right((Either::Right(_), _)) => Turn::Due,
        }
    }
}

/// The first of them that is done; none, if there are none.
async fn first<T>(all: &mut FuturesUnordered<BoxFuture<'static, T>>) -> T {
    match all.next().await {
        Some(one) => one,
        None => pending().await,
    }
}

/// Is the pause on?
async fn look(session: Session, due: Due) -> (Due, Shown) {
    let Ok(id) = due.conversation_id.parse::<ConversationId>() else { return (due, Shown::Nothing) };
    let budget = Budget::until(session.clock().now() + FOR_LOOKING);
    let terms = Terms { priority: Priority::FirstRead, budget, max_retries: session.options.max_retries };
    let shown = match Subject::new(&session, &id).look_on(&terms).await {
        Ok(seen) if seen.reading.active == Some(false) => Shown::NotPaused,
        Ok(seen) => match seen.reading.state {
            State::Paused => Shown::Paused,
            State::Recording | State::Held | State::Stopped => Shown::NotPaused,
            State::Unknown => Shown::Nothing,
        },
        Err(error) => {
            let kind = error.kind().name();
            tracing::warn!(target: "gcrec.events", kind, "a pause that lasts too long could not be confirmed ({kind})");
            Shown::Nothing
        }
    };
    (due, shown)
}

/// Ends the pause, and proves it.
async fn resume(session: Session, id: String, timeout: Duration) -> Outcome {
    match id.parse::<ConversationId>() {
        Ok(id) => session.end_pause(&id, timeout).await,
        Err(error) => Outcome::failed(id, OutcomeKind::Failed, error),
    }
}
