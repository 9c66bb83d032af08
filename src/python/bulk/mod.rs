//! Many conversations for Python: one handle, which either face feeds with ids and asks for outcomes.
//!
//! The work is a task on the engine, so that it goes on while Python does something else. Ids come in batches from the
//! caller's own thread or loop; outcomes wait for it in a bounded outbox. While that is full no new conversation is begun,
//! and what is under way goes on.

mod desk;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use futures_util::{Stream, stream};
use pyo3::IntoPyObjectExt;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString};
use tokio::sync::mpsc;
use tokio::sync::oneshot;

use self::desk::{Desk, INBOX, News, Words};
use super::bridge::Build;
use super::client::FindSession;
use super::engine::{Engine, Inside, Task, lock};
use super::errors::raised;
use super::journals;
use super::once::Once;
use super::operation::Operation;
use super::sim_time::SimTime;
use super::values::{PyBulkReport, PyOutcome};
use crate::api::{Bulk, BulkOptions, Outcome, OutcomeKind, Wish};
use crate::client::Session;
use crate::error::Error;
use crate::journal::Journal;
use crate::model::Action;

/// What is to be done to many.
pub(super) struct Plan {
    pub(super) session: FindSession,
    pub(super) job: Job,
    pub(super) concurrency: usize,
    pub(super) journal: Option<PathBuf>,
    pub(super) dry_run: bool,
    /// The simulated world that its client lives in.
    pub(super) world: Option<Arc<SimTime>>,
}

/// To each of them.
#[derive(Clone, Copy)]
pub(super) enum Job {
    Control(Action),
    Ensure(Wish),
}

impl Job {
    fn words(self) -> String {
        match self {
            Self::Control(action) => action.to_string(),
            Self::Ensure(wish) => format!("ensure {}", wish.target),
        }
    }

    fn start(
        self,
        session: &Session,
        ids: impl Stream<Item = String> + Send + 'static,
        options: BulkOptions,
    ) -> Result<Bulk, Error> {
        match self {
            Self::Control(action) => session.control_many(ids, action, options),
            Self::Ensure(wish) => session.ensure_many(ids, wish, options),
        }
    }
}

/// Many conversations: planned, then begun, once.
#[pyclass(frozen, module = "gcrec._gcrec")]
pub(super) struct BulkHandle {
    words: Words,
    state: Mutex<State>,
}

type State = Once<Plan, Begun>;

struct Begun {
    engine: &'static Engine,
    desk: Arc<Desk>,
    /// Dropping it ends the work.
    task: Option<Task<oneshot::Receiver<()>>>,
    /// Held so that the work never has the last one: closing it waits for a disk.
    journal: Option<Journal>,
    world: Option<Arc<SimTime>>,
}

impl BulkHandle {
    pub(super) fn new(plan: Plan) -> Self {
        let words = Words { operation: plan.job.words(), dry_run: plan.dry_run };
        Self { words, state: Mutex::new(State::Planned(Box::new(plan))) }
    }

    /// Where ids and outcomes change hands. In a forked child nothing of its parent's may even be locked.
    fn desk(&self) -> PyResult<Arc<Desk>> {
        match &*lock(&self.state) {
            State::Begun(begun) if begun.engine.is_ours() => Ok(begun.desk.clone()),
            State::Begun(_) => Err(PyRuntimeError::new_err(
                "these conversations are the work of the process that this one was forked from",
            )),
            State::Planned(_) | State::Over => Err(PyRuntimeError::new_err("it was not begun")),
        }
    }

    /// Waits for something of the desk. While somebody does, simulated time may pass.
    fn operation_of<T, F>(
        &self,
        what: impl FnOnce(Arc<Desk>) -> F + Send + 'static,
        build: Build<T>,
    ) -> PyResult<Operation>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Error>> + Send + 'static,
    {
        let desk = self.desk()?;
        let world = match &*lock(&self.state) {
            State::Begun(begun) => begun.world.clone(),
            State::Planned(_) | State::Over => None,
        };
        let start = move |_| Ok(SimTime::passing(world, what(desk)));
        Ok(Operation::new(start, build))
    }

    fn launch(py: Python<'_>, engine: &'static Engine, plan: Plan, words: &Words) -> PyResult<Begun> {
        let Plan { session, job, concurrency, journal, dry_run, world } = plan;
        let checked = |error: Error| raised(py, &error);
        let session = session(engine).map_err(checked)?;
        // A dry run leaves it alone: it is not even made.
        let journal =
            journal.filter(|_| !dry_run).map(|path| journals::open(py, &path, world.as_deref())).transpose()?;
        let (sender, mut inbox) = mpsc::channel(INBOX);
        let ids = stream::poll_fn(move |context| inbox.poll_recv(context));
        let options = BulkOptions { concurrency, journal: journal.clone(), dry_run };
        let bulk = job.start(&session, ids, options).map_err(checked)?;
        let journal = journal.or_else(|| session.journal().cloned().filter(|_| !dry_run));
        let path = journal.as_ref().map(|journal| journal.path().to_owned());
        let desk = Arc::new(Desk::new(bulk, sender, words, path, session.clock().clone()));
        let task = Some(engine.launch(desk.clone().work()));
        Ok(Begun { engine, desk, task, journal, world })
    }
}

#[pymethods]
impl BulkHandle {
    /// Finds the client, takes the journal, begins to work. Once.
    fn begin(&self, py: Python<'_>) -> PyResult<()> {
        let inside = Inside::enter()?;
        let engine = Engine::entered(py, &inside)?;
        let Some(plan) = lock(&self.state).take_plan() else {
            return Err(PyRuntimeError::new_err("it can be used only once"));
        };
        let begun = Self::launch(py, engine, *plan, &self.words)?;
        *lock(&self.state) = State::Begun(begun);
        Ok(())
    }

    /// For how many ids there is room; 0 unless there is enough to be worth a batch.
    fn room(&self) -> PyResult<usize> {
        Ok(self.desk()?.room())
    }

    /// Takes ids in; gives the room that is left. What is no id at all gets its outcome at once.
    fn give(&self, py: Python<'_>, ids: Vec<Bound<'_, PyAny>>) -> PyResult<usize> {
        let desk = self.desk()?;
        let mut left = 0;
        for id in ids {
            left = if let Some(text) = id.cast::<PyString>().ok().and_then(|id| id.to_cow().ok()) {
                desk.give(text.into_owned())
            } else {
                let words = "A conversation id must be a string of Unicode characters.".to_owned();
                let shown = id.repr().map_or_else(|_| "?".to_owned(), |shown| shown.to_string_lossy().into_owned());
                let outcome = Outcome::failed(shown, OutcomeKind::Failed, Error::InvalidId(words));
                py.detach(|| desk.tell(outcome))
            };
        }
        Ok(left)
    }

    /// No more ids come. `all`: those were all.
    fn end_intake(&self, py: Python<'_>, all: bool) -> PyResult<()> {
        let desk = self.desk()?;
        py.detach(|| desk.end_intake(all));
        Ok(())
    }

    /// Waits for outcomes and gives them; an empty list: there is room for ids (if `hungry`), or some were counted; None:
    /// it is over.
    fn next(&self, hungry: bool, keep: bool) -> PyResult<Operation> {
        self.operation_of(move |desk| desk.news(hungry, keep), outcomes)
    }

    /// Waits until there is room for ids again; gives how many.
    fn wait_for_room(&self) -> PyResult<Operation> {
        self.operation_of(Desk::wait_for_room, |py, room| room.into_bound_py_any(py))
    }

    /// Stops now: what is under way is cut off. Does nothing where nothing runs, nor in a forked child.
    fn stop(&self, py: Python<'_>) {
        if let Ok(desk) = self.desk() {
            py.detach(|| desk.stop());
        }
    }

    /// Stops, and lets go of the journal.
    fn close(&self, py: Python<'_>) {
        self.stop(py);
        let (task, journal) = match &mut *lock(&self.state) {
            State::Begun(begun) if begun.engine.is_ours() => (begun.task.take(), begun.journal.take()),
            State::Planned(_) | State::Begun(_) | State::Over => (None, None),
        };
        py.detach(|| drop((task, journal)));
    }

    /// How many have their outcome.
    fn done(&self) -> PyResult<u64> {
        Ok(self.desk()?.done())
    }

    /// What became of all so far.
    fn report(&self, py: Python<'_>) -> PyResult<PyBulkReport> {
        let (report, run) = match self.desk() {
            Ok(desk) => py.detach(|| desk.report()),
            Err(_) => (self.words.report(), None),
        };
        PyBulkReport::of(py, &report, run)
    }

    /// What it does, in a word or two.
    fn operation(&self) -> &str {
        &self.words.operation
    }
}

impl Drop for BulkHandle {
    fn drop(&mut self) {
        let State::Begun(begun) = std::mem::replace(&mut *lock(&self.state), State::Over) else { return };
        if begun.engine.is_ours() {
            begun.desk.stop();
        } else {
            std::mem::forget(begun);
        }
    }
}

/// What [`Desk::news`] gives, as Python takes it.
fn outcomes(py: Python<'_>, news: News) -> PyResult<Bound<'_, PyAny>> {
    match news {
        News::Outcomes(outcomes) => {
            let outcomes = outcomes.into_iter().map(|outcome| Bound::new(py, PyOutcome::of(py, outcome)));
            Ok(PyList::new(py, outcomes.collect::<PyResult<Vec<_>>>()?)?.into_any())
        }
        News::Over => Ok(py.None().into_bound(py)),
    }
}
