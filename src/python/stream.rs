//! What an operation gives one by one: a handle, which either face asks for more. Nothing has begun before that.
//!
//! Results lie in the handle until they are taken, one by one, by a call that cannot be interrupted: who waits for more may be
//! cancelled when some are on their way already, and must not lose them.

use std::collections::{BTreeMap, VecDeque};
use std::mem;
use std::sync::{Arc, Mutex, OnceLock};

use futures_util::future::BoxFuture;
use pyo3::IntoPyObjectExt;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

use super::client::FindSession;
use super::engine::{Engine, lock};
use super::operation::Operation;
use super::sim_time::SimTime;
use crate::client::Session;
use crate::error::Error;

/// A result that becomes a Python object where Python takes it.
pub(super) type Item = Box<dyn FnOnce(Python<'_>) -> PyResult<Bound<'_, PyAny>> + Send>;

/// Where the results come from. It is asked by one at a time.
pub(super) trait Flow: Send + Sync {
    /// Some more of them, at least one; None: that was all. Dropped half-way, it loses none.
    fn next(self: Arc<Self>) -> BoxFuture<'static, Result<Option<Vec<Item>>, Error>>;
    /// Is it certain that there are no more? Then nobody need ask.
    fn is_over(&self) -> bool {
        false
    }
    /// Where they come from, in a word; None where that is not known yet, or there is but one place.
    fn source(&self) -> Option<&'static str> {
        None
    }
    /// What is not told, each with the permissions that are missing for it.
    fn refused(&self) -> Vec<(String, Vec<String>)> {
        Vec::new()
    }
    /// No more are wanted.
    fn close(&self) {}
    /// Its client was closed under it: whoever waits for more hears so.
    fn cut_off(&self) {}
    /// Has it ended for that?
    fn is_cut_off(&self) -> bool {
        false
    }
}

/// How a flow begins.
pub(super) type Begin = Box<dyn FnOnce(&Session) -> Result<Arc<dyn Flow>, Error> + Send>;

/// A flow: planned, then begun, once.
#[pyclass(frozen, module = "gcrec._gcrec")]
pub(super) struct StreamHandle {
    state: Arc<Mutex<State>>,
    /// What has come and was not taken.
    ready: Arc<Mutex<VecDeque<Item>>>,
    world: Option<Arc<SimTime>>,
    /// What its flow said of where it comes from: that outlives it.
    source: OnceLock<&'static str>,
}

enum State {
    Planned(FindSession, Begin),
    Begun(&'static Engine, Arc<dyn Flow>),
    Over,
}

impl StreamHandle {
    pub(super) fn new(session: FindSession, begin: Begin, world: Option<Arc<SimTime>>) -> Self {
        let state = Arc::new(Mutex::new(State::Planned(session, begin)));
        Self { state, ready: Arc::default(), world, source: OnceLock::new() }
    }

    /// Is it the parent's, from before a fork?
    fn is_inherited(&self) -> bool {
        matches!(&*lock(&self.state), State::Begun(engine, _) if !engine.is_ours())
    }
}

impl State {
    /// The flow, begun if it has not been; None: it is over.
    fn flow(&mut self, engine: &'static Engine) -> Result<Option<Arc<dyn Flow>>, Error> {
        match mem::replace(self, Self::Over) {
            Self::Planned(session, begin) => {
                let flow = begin(&session(engine)?)?;
                *self = Self::Begun(engine, flow.clone());
                Ok(Some(flow))
            }
            Self::Begun(engine, flow) => {
                *self = Self::Begun(engine, flow.clone());
                Ok(Some(flow))
            }
            Self::Over => Ok(None),
        }
    }

    /// Ends it.
    fn let_go(self) {
        match self {
            Self::Begun(engine, flow) if engine.is_ours() => flow.close(),
            // What a forked child inherited has parts that threads it does not have may hold: not even to be dropped.
            Self::Begun(_, flow) => mem::forget(flow),
            Self::Planned(..) | Self::Over => {}
        }
    }
}

#[pymethods]
impl StreamHandle {
    /// Waits until there is more to take; False: that was all.
    fn next(&self) -> PyResult<Operation> {
        if self.is_inherited() {
            return Err(PyRuntimeError::new_err("this stream belongs to the process that this one was forked from"));
        }
        let (state, ready, world) = (self.state.clone(), self.ready.clone(), self.world.clone());
        let start = move |engine| {
            let flow = lock(&state).flow(engine)?;
            let more = async move {
                let Some(flow) = flow else { return Ok(Some(false)) };
                let more = flow.clone().next().await?;
                let more = more.map(|more| lock(&ready).extend(more)).is_some();
                Ok((more || !flow.is_cut_off()).then_some(more))
            };
            Ok(SimTime::passing(world, more))
        };
        Ok(Operation::new(start, |py, more: Option<bool>| {
            more.ok_or_else(|| PyRuntimeError::new_err("the client is closed"))?.into_bound_py_any(py)
        }))
    }

    /// The next of those that have come; None: there is none yet.
    fn take<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        if self.is_inherited() {
            return Ok(None);
        }
        let item = lock(&self.ready).pop_front();
        item.map(|item| item(py)).transpose()
    }

    /// Is it certain that there are no more?
    fn is_over(&self) -> bool {
        match &*lock(&self.state) {
            State::Begun(engine, flow) => engine.is_ours() && flow.is_over(),
            State::Planned(..) => false,
            State::Over => true,
        }
    }

    /// No more are wanted. Does nothing in a forked child.
    fn close(&self, py: Python<'_>) {
        self.source();
        if !self.is_inherited() {
            lock(&self.ready).clear();
        }
        let state = mem::replace(&mut *lock(&self.state), State::Over);
        py.detach(|| state.let_go());
    }

    /// Where the results come from, in a word; None where that is not known yet, or there is but one place.
    fn source(&self) -> Option<&'static str> {
        if let State::Begun(engine, flow) = &*lock(&self.state)
            && engine.is_ours()
            && let Some(source) = flow.source()
        {
            return Some(*self.source.get_or_init(|| source));
        }
        self.source.get().copied()
    }

    /// What is not told, each with the permissions that are missing for it.
    fn refused(&self) -> BTreeMap<String, Vec<String>> {
        match &*lock(&self.state) {
            State::Begun(engine, flow) if engine.is_ours() => flow.refused().into_iter().collect(),
            State::Planned(..) | State::Begun(..) | State::Over => BTreeMap::new(),
        }
    }
}

impl Drop for StreamHandle {
    fn drop(&mut self) {
        // An operation of it may go on, and has its own part of the flow.
        mem::replace(&mut *lock(&self.state), State::Over).let_go();
    }
}
