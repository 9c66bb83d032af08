//! Where ids and outcomes change hands between Python's threads and the work.
//!
//! Whoever works never needs the GIL, so whoever holds the GIL may wait for its lock. Stopping is done by whoever wants
//! it, on the spot: what was done is known when [`Desk::stop`] returns.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures_util::{FutureExt, StreamExt};
use tokio::sync::mpsc;

use crate::api::{Bulk, Outcome, Report};
use crate::clock::SharedClock;
use crate::error::Error;
use crate::journal::RunId;
use crate::python::engine::lock;

/// So many ids wait to be begun.
pub(super) const INBOX: usize = 512;
/// So many outcomes wait to be taken.
const OUTBOX: usize = 512;
/// So many outcomes are told before other tasks have their turn.
const IN_ONE_TURN: usize = 64;

/// The journal and the run in which all outcomes are.
pub(in crate::python) type Run = (PathBuf, RunId);

/// What is done, in words.
#[derive(Clone)]
pub(super) struct Words {
    pub(super) operation: String,
    pub(super) dry_run: bool,
}

impl Words {
    pub(super) fn report(&self) -> Report {
        Report::new(self.operation.clone(), self.dry_run)
    }
}

/// What a reader waits for.
pub(super) enum News {
    Outcomes(Vec<Outcome>),
    Over,
}

/// One for each bulk.
pub(super) struct Desk {
    clock: SharedClock,
    began: Duration,
    journal: Option<PathBuf>,
    /// None: no more ids come.
    inbox: Mutex<Option<mpsc::Sender<String>>>,
    state: Mutex<State>,
}

struct State {
    /// None: it is over.
    bulk: Option<Bulk>,
    outbox: VecDeque<Outcome>,
    report: Report,
    run: Option<RunId>,
    /// All ids came in.
    all: bool,
    failure: Option<Error>,
    /// Outcomes that were told since somebody asked.
    news: bool,
    /// Nobody wants to see outcomes; they are counted.
    count_only: bool,
    worker: Option<Waker>,
    readers: Vec<Waker>,
}

impl Desk {
    pub(super) fn new(
        bulk: Bulk,
        inbox: mpsc::Sender<String>,
        words: &Words,
        journal: Option<PathBuf>,
        clock: SharedClock,
    ) -> Self {
        let state = State {
            bulk: Some(bulk),
            outbox: VecDeque::new(),
            report: words.report(),
            run: None,
            all: false,
            failure: None,
            news: false,
            count_only: false,
            worker: None,
            readers: Vec::new(),
        };
        Self { began: clock.now(), clock, journal, inbox: Mutex::new(Some(inbox)), state: Mutex::new(state) }
    }

    /// The work itself.
    pub(super) async fn work(self: Arc<Self>) {
        poll_fn(|context| self.poll_work(context)).await;
    }

    fn poll_work(&self, context: &mut Context<'_>) -> Poll<()> {
        let (mut guard, room) = (lock(&self.state), self.room());
        let state = &mut *guard;
        state.worker = Some(context.waker().clone());
        for _ in 0..IN_ONE_TURN {
            let Some(bulk) = &mut state.bulk else { return Poll::Ready(()) };
            if state.outbox.len() >= OUTBOX {
                bulk.poll_in_flight(context);
                state.wake_readers();
                return Poll::Pending;
            }
            match bulk.poll_next_unpin(context) {
                Poll::Ready(Some(Ok(outcome))) => state.told(outcome),
                Poll::Ready(Some(Err(error))) => state.failure = Some(error),
                Poll::Ready(None) => {
                    state.report.complete = state.all && state.failure.is_none();
                    drop(self.over(state));
                    return Poll::Ready(());
                }
                Poll::Pending => {
                    if state.news || room == 0 && self.room() > 0 {
                        state.wake_readers();
                    }
                    return Poll::Pending;
                }
            }
        }
        state.wake_readers();
        context.waker().wake_by_ref();
        Poll::Pending
    }

    /// The end. What is given back is dropped without the lock where that may take a moment.
    fn over(&self, state: &mut State) -> Option<Bulk> {
        state.run = state.bulk.as_ref().and_then(Bulk::run);
        state.report.elapsed = self.clock.now().saturating_sub(self.began);
        lock(&self.inbox).take();
        state.wake_readers();
        if let Some(worker) = state.worker.take() {
            worker.wake();
        }
        state.bulk.take()
    }

    pub(super) fn room(&self) -> usize {
        lock(&self.inbox).as_ref().map_or(0, |inbox| if inbox.capacity() > INBOX / 2 { inbox.capacity() } else { 0 })
    }

    /// Takes an id in, and gives the room that is left. Where there is none, or nobody wants any, it is let go.
    pub(super) fn give(&self, id: String) -> usize {
        let inbox = lock(&self.inbox);
        let Some(inbox) = inbox.as_ref() else { return 0 };
        // A worker that has ended wants none.
        let _ = inbox.try_send(id);
        inbox.capacity()
    }

    /// Tells an outcome that needed no work.
    pub(super) fn tell(&self, outcome: Outcome) -> usize {
        lock(&self.state).told(outcome);
        lock(&self.inbox).as_ref().map_or(0, mpsc::Sender::capacity)
    }

    pub(super) fn end_intake(&self, all: bool) {
        let mut state = lock(&self.state);
        state.all = all;
        if let (Some(bulk), false) = (&mut state.bulk, all) {
            bulk.leave_unfinished();
        }
        drop(state);
        lock(&self.inbox).take();
    }

    /// Cuts off what is under way.
    pub(super) fn stop(&self) {
        let mut guard = lock(&self.state);
        let state = &mut *guard;
        let Some(bulk) = &mut state.bulk else { return };
        bulk.cut();
        let cut: Vec<_> = std::iter::from_fn(|| bulk.next().now_or_never()??.ok()).collect();
        for outcome in cut {
            state.told(outcome);
        }
        let bulk = self.over(state);
        drop(guard);
        drop(bulk);
    }

    /// Outcomes, as soon as there are any; none if there is room for ids and the reader is `hungry` for that.
    pub(super) fn news(self: Arc<Self>, hungry: bool, keep: bool) -> impl Future<Output = Result<News, Error>> + Send {
        poll_fn(move |context| {
            let mut guard = lock(&self.state);
            let state = &mut *guard;
            state.count_only = !keep;
            if state.news || !state.outbox.is_empty() {
                state.news = false;
                if state.outbox.len() >= OUTBOX
                    && let Some(worker) = &state.worker
                {
                    worker.wake_by_ref();
                }
                return Poll::Ready(Ok(News::Outcomes(std::mem::take(&mut state.outbox).into())));
            }
            if state.bulk.is_none() {
                return Poll::Ready(state.failure.take().map_or(Ok(News::Over), Err));
            }
            if hungry && self.room() > 0 {
                return Poll::Ready(Ok(News::Outcomes(Vec::new())));
            }
            state.readers.push(context.waker().clone());
            Poll::Pending
        })
    }

    /// For who has ids and no place for them.
    pub(super) fn wait_for_room(self: Arc<Self>) -> impl Future<Output = Result<usize, Error>> + Send {
        poll_fn(move |context| {
            let mut state = lock(&self.state);
            let room = self.room();
            if room > 0 || state.bulk.is_none() {
                return Poll::Ready(Ok(room));
            }
            state.readers.push(context.waker().clone());
            Poll::Pending
        })
    }

    pub(super) fn done(&self) -> u64 {
        lock(&self.state).report.total()
    }

    /// What became of all so far, and where in the journal that stands.
    pub(super) fn report(&self) -> (Report, Option<Run>) {
        let state = lock(&self.state);
        let mut report = state.report.clone();
        let run = state.bulk.as_ref().and_then(Bulk::run).or(state.run);
        if state.bulk.is_some() {
            report.elapsed = self.clock.now().saturating_sub(self.began);
        }
        (report, self.journal.clone().zip(run))
    }
}

impl State {
    fn told(&mut self, outcome: Outcome) {
        self.report.add(&outcome);
        self.news = true;
        if !self.count_only {
            self.outbox.push_back(outcome);
        }
    }

    fn wake_readers(&mut self) {
        self.readers.drain(..).for_each(Waker::wake);
    }
}
