//! Many conversations on their way, and what is shown of them meanwhile.
//!
//! It is one value behind a lock, so that Ctrl-C can cut it off on the spot: what was under way is told then, not by a
//! future that may never be dropped.

use std::future::poll_fn;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::{FutureExt, StreamExt};

use super::ids::Trouble;
use crate::api::{Bulk, Outcome, OutcomeKind, Report};
use crate::cli::console::Console;
use crate::cli::list::Sheet;
use crate::cli::outlet::Outlet;
use crate::clock::SharedClock;
use crate::error::Error;

/// So many outcomes are told before others have their turn.
const IN_ONE_TURN: usize = 64;
/// So long a reader has to take the last rows after Ctrl-C.
const LAST_ROWS: Duration = Duration::from_secs(1);

/// The work, shared with whoever ends it.
#[derive(Clone)]
pub(super) struct Running(Arc<Mutex<State>>);

/// What it works with.
pub(super) struct Parts {
    pub(super) bulk: Bulk,
    pub(super) report: Report,
    /// How many ids come, if that is known.
    pub(super) count: Option<usize>,
    pub(super) trouble: Trouble,
    /// Where outcomes are shown, if they are.
    pub(super) rows: Option<Rows>,
    /// How far it is, is that shown?
    pub(super) progress: bool,
    pub(super) clock: SharedClock,
}

/// Where outcomes are shown.
pub(super) struct Rows {
    pub(super) sheet: Sheet,
    pub(super) outlet: Outlet,
}

/// How it ended.
pub(super) struct Ended {
    pub(super) report: Report,
    /// What ended the whole before all were done.
    pub(super) error: Option<Error>,
    /// It is a run in a journal, which the same line goes on with unless it is finished.
    pub(super) is_run: bool,
    /// Why the rows could not be written.
    pub(super) lost: Option<io::Error>,
}

struct State {
    parts: Parts,
    began: Duration,
    failure: Option<Error>,
    over: bool,
}

impl Running {
    pub(super) fn new(parts: Parts) -> Self {
        let began = parts.clock.now();
        Self(Arc::new(Mutex::new(State { parts, began, failure: None, over: false })))
    }

    /// Does it all.
    pub(super) async fn run(&self, console: &mut Console) -> Ended {
        poll_fn(|context| self.lock().poll(context, console)).await;
        let lost = poll_fn(|context| match &self.lock().parts.rows {
            Some(rows) => rows.outlet.poll_over(context),
            None => Poll::Ready(None),
        });
        let lost = lost.await;
        let state = self.lock();
        state.ended(lost)
    }

    /// Cuts it off: nothing is begun any more, and what may have been sent is unknown.
    pub(super) fn cut(&self) -> Ended {
        let mut state = self.lock();
        if !state.over {
            state.parts.bulk.cut();
            while let Some(Some(told)) = state.parts.bulk.next().now_or_never() {
                if let Ok(outcome) = told {
                    state.told(&outcome);
                }
            }
            state.end(false);
            if let Some(rows) = &state.parts.rows {
                rows.outlet.wait(LAST_ROWS);
            }
        }
        state.ended(None)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn poll(&mut self, context: &mut Context<'_>, console: &mut Console) -> Poll<()> {
        for _ in 0..IN_ONE_TURN {
            if self.over {
                return Poll::Ready(());
            }
            if let Some(rows) = &self.parts.rows
                && rows.outlet.poll_room(context).is_pending()
            {
                self.parts.bulk.poll_in_flight(context);
                return Poll::Pending;
            }
            match self.parts.bulk.poll_next_unpin(context) {
                Poll::Ready(Some(Ok(outcome))) => self.told(&outcome),
                Poll::Ready(Some(Err(error))) => self.failure = Some(error),
                Poll::Ready(None) => {
                    self.end(self.failure.is_none() && self.parts.trouble.error().is_none());
                    console.progress("");
                    return Poll::Ready(());
                }
                Poll::Pending if self.parts.trouble.is_news() => self.parts.bulk.leave_unfinished(),
                Poll::Pending => {
                    self.show(console);
                    return Poll::Pending;
                }
            }
        }
        self.show(console);
        context.waker().wake_by_ref();
        Poll::Pending
    }

    fn told(&mut self, outcome: &Outcome) {
        self.parts.report.add(outcome);
        if let Some(rows) = &mut self.parts.rows {
            rows.sheet.row(outcome);
        }
    }

    fn show(&mut self, console: &mut Console) {
        if let Some(rows) = &mut self.parts.rows {
            rows.outlet.put(&rows.sheet.take());
        }
        if self.parts.progress {
            console.progress(&self.so_far());
        }
    }

    fn so_far(&self) -> String {
        let report = &self.parts.report;
        let of = self.parts.count.map_or_else(String::new, |count| format!(" of {count}"));
        let failed = report.count(OutcomeKind::Failed) + report.count(OutcomeKind::Unknown);
        let failed = if failed > 0 { format!(", {failed} failed or unknown") } else { String::new() };
        format!("{}: {}{of} done{failed}", report.operation, report.total())
    }

    fn ended(&self, lost: Option<io::Error>) -> Ended {
        let error = self.failure.clone().or_else(|| self.parts.trouble.error());
        Ended { report: self.parts.report.clone(), error, is_run: self.parts.bulk.run().is_some(), lost }
    }

    fn end(&mut self, complete: bool) {
        self.over = true;
        self.parts.report.complete = complete;
        self.parts.report.elapsed = self.parts.clock.now().saturating_sub(self.began);
        if let Some(rows) = &mut self.parts.rows {
            rows.sheet.end::<Outcome>();
            rows.outlet.put(&rows.sheet.take());
            rows.outlet.end();
        }
    }
}
