//! The `gcrec` command, driven from Python so that Ctrl-C reaches it.

use std::ffi::OsString;

use pyo3::exceptions::{PyInterruptedError, PyKeyboardInterrupt};
use pyo3::prelude::*;

use super::engine::{Engine, Inside};
use crate::cli;

/// Runs the command with the arguments after its name; gives the exit code.
#[pyfunction]
pub(super) fn main(py: Python<'_>, arguments: Vec<OsString>) -> PyResult<u8> {
    let command = match cli::parse(arguments) {
        Ok(command) => command,
        Err(exit_code) => return Ok(exit_code), // help, or a usage error: already told
    };
    let inside = Inside::enter()?;
    let engine = Engine::entered(py, &inside)?;
    let outcome = if command.ends_itself() {
        hear_sigterm(py)?;
        let (code, interrupt) = engine.wait_through(py, command.run(), cli::stop)?;
        match interrupt {
            Some(error) if !error.is_instance_of::<PyInterruptedError>(py) => Err(error),
            _ => Ok(code),
        }
    } else {
        engine.wait(py, command.run())
    };
    match outcome {
        Err(error) if error.is_instance_of::<PyKeyboardInterrupt>(py) => Ok(cli::interrupted()),
        outcome => outcome,
    }
}

/// From now on SIGTERM is an interrupt, unless somebody else has decided on it.
fn hear_sigterm(py: Python<'_>) -> PyResult<()> {
    let signals = py.import("signal")?;
    let sigterm = signals.getattr("SIGTERM")?;
    if signals.call_method1("getsignal", (&sigterm,))?.eq(signals.getattr("SIG_DFL")?)? {
        signals.call_method1("signal", (sigterm, wrap_pyfunction!(_terminated, py)?))?;
    }
    Ok(())
}

/// The handler of SIGTERM. Nobody sees its exception.
#[pyfunction]
fn _terminated(_signal: i32, _frame: Py<PyAny>) -> PyResult<()> {
    Err(PyInterruptedError::new_err("SIGTERM"))
}
