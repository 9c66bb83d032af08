//! The stream of outcomes: ids are taken in, worked on, told. No task is spawned: whoever polls it does the work.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_util::future::BoxFuture;
use futures_util::stream::{BoxStream, FuturesUnordered};
use futures_util::{FutureExt, Stream, StreamExt};

use super::BulkOptions;
use super::item::Work;
use super::job::Job;
use super::ledger::{Ledger, Past};
use super::outcome::{Outcome, OutcomeKind};
use super::recent::Recent;
use crate::client::Session;
use crate::error::{Error, ErrorKind};
use crate::journal::{Entry, RunId};
use crate::model::ConversationId;

/// Ids that are looked up in the journal together, and at most as many as are taken in before there is room for them.
const BATCH: usize = 256;

/// Outcomes as they come about; an error ends the whole, and comes last.
///
/// Dropped, it cuts off what is under way. A reader that cannot take more outcomes for a while calls
/// [`Bulk::poll_in_flight`] meanwhile, so that answers are not waited for in vain.
pub struct Bulk {
    work: Arc<Work>,
    job: Job,
    concurrency: usize,
    /// None: no more ids are taken in.
    ids: Option<BoxStream<'static, String>>,
    stage: Stage,
    ledger: Option<Ledger>,
    looking_up: Option<BoxFuture<'static, LookedUp>>,
    /// What was taken in and has no place yet.
    waiting: VecDeque<(String, Past)>,
    under_way: FuturesUnordered<BoxFuture<'static, Outcome>>,
    /// What is under way, with how often its id has come again meanwhile.
    in_flight: HashMap<String, usize>,
    again: usize,
    recent: Recent,
    told: VecDeque<Outcome>,
    /// The token endpoint refuses us: so it will for the next one.
    refused: Option<Error>,
    /// The journal does not do its duty: nothing is begun any more.
    broken: Option<Error>,
    /// Something was left open, so the run stays unfinished.
    left_open: bool,
}

type LookedUp = Result<(Vec<String>, Vec<Option<Entry>>), Error>;

enum Stage {
    Opening(BoxFuture<'static, Result<Ledger, Error>>),
    Running,
    Closing(BoxFuture<'static, Result<(), Error>>),
    Over,
}

impl Bulk {
    pub(super) fn new(session: &Session, ids: BoxStream<'static, String>, job: Job, options: BulkOptions) -> Self {
        let BulkOptions { concurrency, journal, dry_run } = options;
        let journal = journal.or_else(|| session.journal().cloned()).filter(|_| !dry_run);
        let session = session.with(session.options, session.settle, journal.clone());
        Self {
            work: Arc::new(Work { session, job, run: None, dry_run }),
            job,
            concurrency: concurrency.max(1),
            ids: Some(ids),
            stage: journal.map_or(Stage::Running, |journal| Stage::Opening(Ledger::open(journal, job).boxed())),
            ledger: None,
            looking_up: None,
            waiting: VecDeque::new(),
            under_way: FuturesUnordered::new(),
            in_flight: HashMap::new(),
            again: 0,
            recent: Recent::default(),
            told: VecDeque::new(),
            refused: None,
            broken: None,
            left_open: false,
        }
    }

    /// The run in the journal, once it is open.
    pub fn run(&self) -> Option<RunId> {
        self.work.run
    }

    /// Lets what is under way go on, and begins nothing.
    pub fn poll_in_flight(&mut self, context: &mut Context<'_>) {
        while let Poll::Ready(Some(outcome)) = self.under_way.poll_next_unpin(context) {
            self.settled(outcome);
        }
    }

    /// Takes no more ids in. What is under way is settled, and a run stays unfinished.
    pub fn end_intake(&mut self) {
        self.ids = None;
        self.looking_up = None;
        self.waiting.clear();
        self.left_open = true;
    }

    /// Not all ids came in: the run stays unfinished, also if everything that came is done.
    pub fn leave_unfinished(&mut self) {
        self.left_open = true;
    }

    /// Cuts off what is under way. What may have been sent is told as unknown; the others are as if not begun.
    pub fn cut(&mut self) {
        self.end_intake();
        self.under_way = FuturesUnordered::new();
        for (id, _) in std::mem::take(&mut self.in_flight) {
            self.told.extend(id.parse().ok().and_then(|id: ConversationId| self.work.cut(&id)));
        }
        self.again = 0;
        self.stage = Stage::Over;
    }

    fn poll_open(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let Stage::Opening(opening) = &mut self.stage else { return Poll::Ready(Ok(())) };
        let ledger = ready!(opening.poll_unpin(context))?;
        let Work { session, job, dry_run, .. } = &*self.work;
        let run = Some(ledger.run);
        self.work = Arc::new(Work { session: session.clone(), job: *job, run, dry_run: *dry_run });
        self.ledger = Some(ledger);
        self.stage = Stage::Running;
        Poll::Ready(Ok(()))
    }

    /// Takes ids in as soon as those that were taken in before have their places.
    fn poll_intake(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if let Some(looking_up) = &mut self.looking_up {
            let looked_up = ready!(looking_up.poll_unpin(context));
            self.looking_up = None;
            match (looked_up, &mut self.ledger) {
                (Ok((ids, rows)), Some(ledger)) => {
                    let pasts = ids.into_iter().zip(rows);
                    self.waiting.extend(pasts.map(|(id, row)| {
                        let past = ledger.past(&id, row.as_ref());
                        (id, past)
                    }));
                }
                (Err(error), _) => self.fail(error),
                (Ok(_), None) => {}
            }
            return Poll::Ready(());
        }
        let Some(ids) = self.ids.as_mut().filter(|_| self.waiting.is_empty()) else { return Poll::Pending };
        let mut batch = Vec::new();
        while batch.len() < BATCH {
            match ids.poll_next_unpin(context) {
                Poll::Ready(Some(id)) => batch.push(id),
                Poll::Ready(None) => {
                    self.ids = None;
                    break;
                }
                Poll::Pending if batch.is_empty() => return Poll::Pending,
                Poll::Pending => break,
            }
        }
        match &self.ledger {
            _ if batch.is_empty() => {}
            None => self.waiting.extend(batch.into_iter().map(|id| (id, Past::default()))),
            Some(ledger) => {
                let rows = ledger.look_up(&batch);
                self.looking_up = Some(async move { rows.await.map(|rows| (batch, rows)) }.boxed());
            }
        }
        Poll::Ready(())
    }

    fn begin(&mut self, id: String, past: Past) {
        if let Some(again) = self.in_flight.get_mut(&id) {
            *again += 1;
            self.again += 1;
            return;
        }
        if past.done || self.recent.contains(&id) {
            self.told.push_back(Outcome::new(id, OutcomeKind::Skipped));
            return;
        }
        let parsed: Result<ConversationId, Error> = id.parse();
        match (parsed, &self.refused) {
            (Err(error), _) => self.told.push_back(Outcome::failed(id, OutcomeKind::Failed, error)),
            (Ok(_), Some(error)) => {
                self.told.push_back(Outcome::failed(id, OutcomeKind::Failed, error.clone()));
            }
            (Ok(parsed), None) => {
                self.in_flight.insert(id, 0);
                self.under_way.push(Arc::clone(&self.work).settle(parsed, past.open).boxed());
            }
        }
    }

    fn settled(&mut self, outcome: Outcome) {
        let again = self.in_flight.remove(&outcome.conversation_id).unwrap_or_default();
        self.again -= again;
        if outcome.kind.is_done() {
            self.recent.insert(&outcome.conversation_id);
        }
        self.left_open |= outcome.kind == OutcomeKind::Unknown;
        match &outcome.error {
            Some(error) if error.kind() == ErrorKind::Journal => self.fail(error.clone()),
            Some(error) if is_refusal(error) => {
                self.refused = Some(error.clone());
                // The others are not even tried: with better credentials the run goes on.
                self.left_open = true;
            }
            _ => {}
        }
        let repeated = std::iter::repeat_n(outcome.again(), again);
        self.told.push_back(outcome);
        self.told.extend(repeated);
    }

    /// The journal failed: what is under way is settled, then that is told.
    fn fail(&mut self, error: Error) {
        self.broken.get_or_insert(error);
        self.end_intake();
    }

    fn is_idle(&self) -> bool {
        self.ids.is_none() && self.looking_up.is_none() && self.waiting.is_empty() && self.under_way.is_empty()
    }

    /// The end: what stands in the way of it, or the run is closed.
    fn end(&mut self) -> Option<Error> {
        self.stage = match &self.ledger {
            Some(ledger) if !self.left_open => Stage::Closing(ledger.close().boxed()),
            _ => Stage::Over,
        };
        self.broken.take()
    }
}

impl Stream for Bulk {
    type Item = Result<Outcome, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some(outcome) = this.told.pop_front() {
                return Poll::Ready(Some(Ok(outcome)));
            }
            match &mut this.stage {
                Stage::Over => return Poll::Ready(None),
                Stage::Closing(closing) => {
                    let closed = ready!(closing.poll_unpin(context));
                    this.stage = Stage::Over;
                    return Poll::Ready(closed.err().map(Err));
                }
                Stage::Opening(_) => {
                    if let Err(error) = ready!(this.poll_open(context)) {
                        this.cut();
                        return Poll::Ready(Some(Err(error)));
                    }
                }
                Stage::Running => {}
            }
            this.poll_in_flight(context);
            if !this.told.is_empty() {
                continue;
            }
            if this.under_way.len() + this.again < this.concurrency
                && let Some((id, past)) = this.waiting.pop_front()
            {
                this.begin(id, past);
            } else if this.is_idle() {
                if let Some(error) = this.end() {
                    return Poll::Ready(Some(Err(error)));
                }
            } else if this.poll_intake(context).is_pending() {
                return Poll::Pending;
            }
        }
    }
}

impl fmt::Debug for Bulk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bulk").field("job", &self.job).field("under_way", &self.under_way.len()).finish_non_exhaustive()
    }
}

/// Does the token endpoint refuse us?
fn is_refusal(error: &Error) -> bool {
    let refusal = matches!(error.kind(), ErrorKind::Authentication | ErrorKind::PermissionDenied);
    refusal && matches!(error, Error::Api(answer) if answer.oauth())
}
