//! The `gcrec` command, driven from Python so that Ctrl-C reaches it.

use std::ffi::OsString;

use pyo3::exceptions::PyKeyboardInterrupt;
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
    match Engine::entered(py, &inside)?.wait(py, command.run()) {
        Err(error) if error.is_instance_of::<PyKeyboardInterrupt>(py) => Ok(cli::interrupted()),
        outcome => outcome,
    }
}
