//! The pause block for Python. Entering and leaving are Rust, so that no Ctrl-C falls between the proof and the body; the
//! block's life runs on the engine, because it watches while Python's own code runs.

use std::sync::{Arc, Mutex};

use pyo3::IntoPyObjectExt;
use pyo3::exceptions::{PyKeyboardInterrupt, PyRuntimeError, PySystemExit, PyUserWarning};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::client::FindSession;
use super::convert::moment;
use super::engine::{Engine, Inside, lock};
use super::errors::raised;
use super::once::Once;
use super::operation::Operation;
use super::sim_time::SimTime;
use super::values::PyProof;
use crate::api::pause::{Owner, PauseHandle, PauseOptions};
use crate::error::Error;
use crate::model::ConversationId;

/// A pause block: a context manager, and the heart of the asynchronous one.
#[pyclass(frozen, module = "gcrec._gcrec")]
pub(super) struct PauseContext(Mutex<State>);

type State = Once<Plan, Begun>;

struct Plan {
    session: FindSession,
    id: ConversationId,
    options: PauseOptions,
    world: Option<Arc<SimTime>>,
}

#[derive(Clone)]
struct Begun {
    engine: &'static Engine,
    world: Option<Arc<SimTime>>,
    handle: Arc<PauseHandle>,
}

impl Begun {
    /// Runs something of the block to its end, on this thread.
    fn wait_through<F>(
        &self,
        py: Python<'_>,
        what: fn(&PauseHandle) -> F,
    ) -> PyResult<(Result<(), Error>, Option<PyErr>)>
    where
        F: Future<Output = Result<(), Error>> + Send + 'static,
    {
        let work = SimTime::passing(self.world.clone(), what(&self.handle));
        self.engine.wait_through(py, work, || self.handle.interrupt())
    }

    /// For event loops: waits for something of the block.
    fn operation<F>(self, what: fn(&PauseHandle) -> F) -> Operation
    where
        F: Future<Output = Result<(), Error>> + Send + 'static,
    {
        let start = move |_| Ok(SimTime::passing(self.world.clone(), what(&self.handle)));
        Operation::new(start, |py, ()| Ok(py.None().into_bound(py)))
    }
}

impl PauseContext {
    pub(super) fn new(
        session: FindSession,
        id: ConversationId,
        options: PauseOptions,
        world: Option<Arc<SimTime>>,
    ) -> Self {
        Self(Mutex::new(State::Planned(Box::new(Plan { session, id, options, world }))))
    }

    /// Begins the block's life.
    fn begin(&self, py: Python<'_>, engine: &'static Engine) -> PyResult<Begun> {
        let Some(plan) = lock(&self.0).take_plan() else {
            return Err(PyRuntimeError::new_err("a pause block can be used only once"));
        };
        let Plan { session, id, options, world } = *plan;
        let begun = || -> Result<_, Error> {
            let session = session(engine)?;
            let journaled = session.journal().is_some();
            Ok((session.paused(&id, options)?, journaled))
        };
        let ((handle, life), journaled) = begun().map_err(|error| raised(py, &error))?;
        if !journaled && engine.first_without_journal() {
            let words =
                c"this pause block has no journal: if the process is killed, nothing remembers that the call is \
                paused. Pass journal= to the client.";
            PyErr::warn(py, &py.get_type::<PyUserWarning>(), words, 2)?;
        }
        let listed = engine.blocks.list(id, handle.observer());
        engine.keep_going(async move {
            life.await;
            drop(listed);
        });
        let begun = Begun { engine, world, handle: Arc::new(handle) };
        *lock(&self.0) = State::Begun(begun.clone());
        Ok(begun)
    }

    fn begun(&self) -> PyResult<Begun> {
        match &*lock(&self.0) {
            State::Begun(begun) => Ok(begun.clone()),
            _ => Err(PyRuntimeError::new_err("the pause block was not entered")),
        }
    }
}

#[pymethods]
impl PauseContext {
    fn __enter__(&self, py: Python<'_>) -> PyResult<PauseBlock> {
        let inside = Inside::enter()?;
        let begun = self.begin(py, Engine::entered(py, &inside)?)?;
        match begun.wait_through(py, PauseHandle::entered)? {
            (Ok(()), None) => Ok(PauseBlock(begun.handle)),
            (Err(error), None) => Err(raised(py, &error)),
            (Ok(()), Some(interrupt)) => {
                // It came as the pause was proven: the body does not run.
                begun.handle.leave();
                begun.wait_through(py, PauseHandle::left)?.0.ok();
                Err(interrupt)
            }
            (Err(_), Some(interrupt)) => Err(interrupt),
        }
    }

    fn __exit__(
        &self,
        py: Python<'_>,
        _kind: &Bound<'_, PyAny>,
        error: &Bound<'_, PyAny>,
        _traceback: &Bound<'_, PyAny>,
    ) -> PyResult<bool> {
        let inside = Inside::enter()?;
        let begun = self.begun()?;
        if !begun.engine.is_of(&inside) {
            return Ok(false); // a forked child: the pause is its parent's
        }
        let passes = passes_through(error);
        if error.is_instance_of::<PyKeyboardInterrupt>() {
            begun.handle.interrupt();
        }
        begun.handle.leave();
        match begun.wait_through(py, PauseHandle::left)? {
            (_, Some(interrupt)) => Err(with_context(py, interrupt, error)),
            (Err(_), None) if passes => Ok(false),
            (Err(failure), None) => Err(with_context(py, raised(py, &failure), error)),
            (Ok(()), None) => Ok(false),
        }
    }

    /// For event loops: begins, and waits until the body may run.
    fn enter(&self, py: Python<'_>) -> PyResult<Operation> {
        let inside = Inside::enter()?;
        let begun = self.begin(py, Engine::entered(py, &inside)?)?;
        Ok(begun.operation(PauseHandle::entered))
    }

    /// For event loops: waits until the block has come to its end.
    fn left(&self) -> PyResult<Operation> {
        Ok(self.begun()?.operation(PauseHandle::left))
    }

    /// The body is over.
    fn leave(&self) -> PyResult<()> {
        self.begun()?.handle.leave();
        Ok(())
    }

    /// A cancellation.
    fn interrupt(&self) -> PyResult<()> {
        self.begun()?.handle.interrupt();
        Ok(())
    }

    /// Is this the process that began it? A forked child's exit sends nothing.
    fn is_ours(&self) -> PyResult<bool> {
        Ok(self.begun()?.engine.is_ours())
    }

    /// What is known of it.
    fn block(&self) -> PyResult<PauseBlock> {
        Ok(PauseBlock(self.begun()?.handle))
    }
}

impl Drop for PauseContext {
    fn drop(&mut self) {
        if let State::Begun(begun) = std::mem::replace(&mut *lock(&self.0), State::Over)
            && !begun.engine.is_ours()
        {
            std::mem::forget(begun);
        }
    }
}

/// A pause block while it lives, and after.
#[pyclass(frozen, module = "gcrec")]
pub(super) struct PauseBlock(Arc<PauseHandle>);

#[pymethods]
impl PauseBlock {
    #[getter]
    fn proof(&self) -> Option<PyProof> {
        self.0.known().proof.map(PyProof)
    }

    #[getter]
    fn owner(&self) -> Option<&'static str> {
        self.0.known().owner.map(|owner| match owner {
            Owner::Own => "self",
            Owner::Other => "other",
        })
    }

    #[getter]
    fn broken<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let broken = self.0.known().broken.into_iter().map(|interval| {
            let until = interval.until.map(|until| moment(py, until)).transpose()?;
            (moment(py, interval.from)?, until).into_bound_py_any(py)
        });
        PyTuple::new(py, broken.collect::<PyResult<Vec<_>>>()?)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let known = self.0.known();
        let id = known.proof.as_ref().map_or("", |proof| proof.conversation_id.as_str());
        let owner = self.owner().unwrap_or("nobody");
        Ok(format!(
            "PauseBlock(conversation_id={}, owner={owner:?}, broken={})",
            id.into_pyobject(py)?.repr()?,
            known.broken.len()
        ))
    }
}

/// Interrupts, cancellations and exits are raised as themselves, whatever the block has to say.
fn passes_through(error: &Bound<'_, PyAny>) -> bool {
    error.is_instance_of::<PyKeyboardInterrupt>() || error.is_instance_of::<PySystemExit>()
}

/// Raised while the body's own error was on its way.
fn with_context(py: Python<'_>, raised: PyErr, body: &Bound<'_, PyAny>) -> PyErr {
    if !body.is_none() {
        // A frozen class of somebody's that refuses attributes: then without.
        let _ = raised.value(py).setattr(pyo3::intern!(py, "__context__"), body);
    }
    raised
}
