//! Errors as Python exceptions: the classes live in `gcrec/_exceptions.py`, the facts come from here.

use pyo3::exceptions::{PyOSError, PyRuntimeError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyTuple, PyType};

use super::convert;
use super::engine::Inside;
use crate::error::{ApiError, Call, Error, ErrorKind, ProofError, Sent};
use crate::retry::retry_after;
use crate::sim::SimError;

/// Every kind with its class, in the order of [`ErrorKind::ALL`].
static CLASSES: PyOnceLock<Vec<Py<PyType>>> = PyOnceLock::new();

/// The exception for `error`.
pub(super) fn raised(py: Python<'_>, error: &Error) -> PyErr {
    let _inside = match Inside::enter() {
        Ok(inside) => inside, // the class is Python code
        Err(exiting) => return exiting,
    };
    build(py, error).unwrap_or_else(|broken| {
        let lost = PyRuntimeError::new_err(format!("{error} {}", error.hint()));
        lost.set_cause(py, Some(broken));
        lost
    })
}

/// The exception for what a simulator says.
pub(super) fn raised_by_simulator(py: Python<'_>, error: &SimError) -> PyErr {
    let built = || {
        let class = py.import("gcrec.testing")?.getattr("SimulatorError")?;
        Ok(PyErr::from_value(class.call1((error.to_string(), error.code()))?))
    };
    built().unwrap_or_else(|broken: PyErr| broken)
}

/// All kinds; a test holds the Python classes against them.
#[pyfunction]
pub(super) fn _error_kinds() -> Vec<&'static str> {
    ErrorKind::ALL.iter().map(|kind| kind.name()).collect()
}

fn build(py: Python<'_>, error: &Error) -> PyResult<PyErr> {
    let facts = PyDict::new(py);
    facts.set_item("hint", error.hint())?;
    facts.set_item("retryable", error.retryable())?;
    facts.set_item("maybe_sent", error.sent() != Sent::No)?;
    match error {
        Error::Transport(e) => set_call(&facts, &e.call)?,
        Error::Api(e) => {
            set_call(&facts, &e.call)?;
            set_answer(&facts, e)?;
            if error.kind() == ErrorKind::RateLimit {
                facts.set_item("retry_after", retry_after(error).map(|wish| wish.as_secs_f64()))?;
            }
        }
        Error::Decode(e) => {
            set_call(&facts, &e.call)?;
            facts.set_item("status_code", e.status_code)?;
            facts.set_item("correlation_id", &e.correlation_id)?;
            facts.set_item("field", &e.field)?;
        }
        Error::Queue(e) => {
            set_call(&facts, &e.call)?;
            facts.set_item("status_code", py.None())?;
            facts.set_item("retry_after", e.queue.as_secs_f64())?;
        }
        Error::Participant(e) => facts.set_item("conversation_id", &e.conversation_id)?,
        Error::Proof(e) => set_proof(&facts, e)?,
        Error::Login(fault) => {
            facts.set_item("status_code", py.None())?;
            facts.set_item("code", fault.code())?;
        }
        _ => {}
    }
    let exception = class(py, error.kind())?.call((error.to_string(),), Some(&facts))?;
    let exception = PyErr::from_value(exception);
    exception.set_cause(py, cause(py, error));
    Ok(exception)
}

fn set_call(facts: &Bound<'_, PyDict>, call: &Call) -> PyResult<()> {
    facts.set_item("method", call.method.as_str())?;
    facts.set_item("path", &call.path)?;
    facts.set_item("attempts", call.attempts)
}

fn set_answer(facts: &Bound<'_, PyDict>, ApiError { status, problem, .. }: &ApiError) -> PyResult<()> {
    let py = facts.py();
    facts.set_item("status_code", status.as_u16())?;
    facts.set_item("code", &problem.code)?;
    facts.set_item("message_params", convert::json(py, &problem.message_params)?)?;
    facts.set_item("details", convert::json(py, &problem.details)?)?;
    facts.set_item("errors", convert::json(py, &problem.errors)?)?;
    facts.set_item("limit", convert::json(py, &problem.limit)?)?;
    facts.set_item("entity_id", &problem.entity_id)?;
    facts.set_item("context_id", &problem.context_id)?;
    facts.set_item("correlation_id", &problem.correlation_id)
}

fn set_proof(facts: &Bound<'_, PyDict>, error: &ProofError) -> PyResult<()> {
    let py = facts.py();
    facts.set_item("conversation_id", &error.conversation_id)?;
    facts.set_item("target", error.target)?;
    facts.set_item("last_seen", error.last_seen)?;
    facts.set_item("commands_sent", error.commands_sent)?;
    let broken = error.broken.iter().map(|interval| {
        let until = interval.until.map(|until| convert::moment(py, until)).transpose()?;
        Ok((convert::moment(py, interval.from)?, until))
    });
    facts.set_item("broken", PyTuple::new(py, broken.collect::<PyResult<Vec<_>>>()?)?)
}

fn class(py: Python<'_>, kind: ErrorKind) -> PyResult<&Bound<'_, PyType>> {
    let classes = CLASSES.get_or_try_init(py, || {
        let by_kind = py.import("gcrec._exceptions")?.getattr("BY_KIND")?;
        let class = |kind: &ErrorKind| Ok(by_kind.get_item(kind.name())?.cast_into::<PyType>()?.unbind());
        ErrorKind::ALL.iter().map(class).collect::<PyResult<_>>()
    })?;
    let at = ErrorKind::ALL.iter().position(|k| *k == kind);
    match at.and_then(|at| classes.get(at)) {
        Some(class) => Ok(class.bind(py)),
        None => Err(PyRuntimeError::new_err(format!("no exception class for errors of kind {}", kind.name()))),
    }
}

/// What is below: the failure that kept a proof away, or the operating system's own error.
fn cause(py: Python<'_>, error: &Error) -> Option<PyErr> {
    if let Error::Proof(proof) = error {
        return proof.cause.as_ref().map(|cause| raised(py, cause));
    }
    let Error::Transport(error) = error else { return None };
    let code = error.os_error()?;
    let words = std::io::Error::from_raw_os_error(code).to_string();
    let words = words.split(" (os error").next().unwrap_or_default().to_owned();
    Some(PyOSError::new_err((code, words)))
}
