//! A request as a value: whoever holds it picks the face.

use std::sync::Mutex;

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

use super::bridge::{self, Build, Never};
use super::engine::{Engine, Inside, is_ending_thread, lock};
use super::errors::raised;
use crate::error::Error;

/// One call that has not been made yet. Dropped unused, it sends nothing.
#[pyclass(frozen, module = "gcrec._gcrec")]
pub(super) struct Operation(Mutex<Option<Box<dyn Work>>>);

impl Operation {
    /// `start` finds the client and makes the future, when and where the call is really made.
    pub(super) fn new<T, F>(
        start: impl FnOnce(&'static Engine) -> Result<F, Error> + Send + 'static,
        build: Build<T>,
    ) -> Self
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Error>> + Send + 'static,
    {
        Self(Mutex::new(Some(Box::new(Job { start, build }))))
    }

    fn take(&self) -> PyResult<Box<dyn Work>> {
        lock(&self.0).take().ok_or_else(|| PyRuntimeError::new_err("an operation can be used only once"))
    }
}

#[pymethods]
impl Operation {
    /// Makes the call and waits for its result.
    fn wait<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let inside = Inside::enter()?;
        self.take()?.wait(py, Engine::entered(py, &inside)?)
    }

    /// Makes the call on the running asyncio loop.
    fn __await__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let inside = match Inside::enter() {
            Ok(inside) => inside,
            Err(_) if !is_ending_thread() => return Ok(Bound::new(py, Never::new(py)?)?.into_any()),
            Err(exiting) => return Err(exiting),
        };
        self.take()?.spawn(py, Engine::entered(py, &inside)?)?.call_method0(pyo3::intern!(py, "__await__"))
    }
}

/// A [`Job`] of any type.
trait Work: Send {
    fn wait<'py>(self: Box<Self>, py: Python<'py>, engine: &'static Engine) -> PyResult<Bound<'py, PyAny>>;
    fn spawn<'py>(self: Box<Self>, py: Python<'py>, engine: &'static Engine) -> PyResult<Bound<'py, PyAny>>;
}

struct Job<S, T> {
    start: S,
    build: Build<T>,
}

impl<S, F, T> Work for Job<S, T>
where
    S: FnOnce(&'static Engine) -> Result<F, Error> + Send,
    F: Future<Output = Result<T, Error>> + Send + 'static,
    T: Send + 'static,
{
    fn wait<'py>(self: Box<Self>, py: Python<'py>, engine: &'static Engine) -> PyResult<Bound<'py, PyAny>> {
        let work = (self.start)(engine).map_err(|error| raised(py, &error))?;
        let value = engine.wait(py, work)?.map_err(|error| raised(py, &error))?;
        (self.build)(py, value)
    }

    fn spawn<'py>(self: Box<Self>, py: Python<'py>, engine: &'static Engine) -> PyResult<Bound<'py, PyAny>> {
        let work = (self.start)(engine).map_err(|error| raised(py, &error))?;
        let build = self.build;
        bridge::spawn(py, engine, async move { (work.await, build) }, |py, (outcome, build)| {
            build(py, outcome.map_err(|error| raised(py, &error))?)
        })
    }
}
