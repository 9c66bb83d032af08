//! What operations give: frozen, comparable, picklable; each field becomes a Python object when it is looked at.

#[macro_use]
mod macros;
mod events;
mod journal; // below its macro
mod kinds;
mod outcome;
mod recordings;
mod report;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde::Serialize;
use serde::de::DeserializeOwned;

pub(super) use self::events::{
    CallConnected, CallEnded, CallHeld, EventsGap, PauseAlarm, PyEvent, RecordingPaused, RecordingResumed,
    RecordingStarted, RecordingStopped, event,
};
pub(super) use self::journal::{PyJournalEntry, PyJournalRun};
pub(super) use self::kinds::{PyConversation, PyParticipant, PyProof, PyReceipt, PyRecordingStatus};
pub(super) use self::outcome::PyOutcome;
pub(super) use self::recordings::{PyAnnotation, PyPause, PyRecording};
pub(super) use self::report::{PyBulkReport, PyOutcomes};

/// The value as its pickle holds it.
fn dumped(value: &impl Serialize) -> PyResult<String> {
    serde_json::to_string(value).map_err(|error| PyValueError::new_err(error.to_string()))
}

/// A value from its pickle.
fn loaded<T: DeserializeOwned>(text: &str) -> PyResult<T> {
    serde_json::from_str(text).map_err(|error| PyValueError::new_err(format!("this is no pickled value: {error}")))
}

/// Builds a value by the name of its class: what its pickle calls.
#[pyfunction]
pub(super) fn _restore<'py>(py: Python<'py>, class: &str, text: &str) -> PyResult<Bound<'py, PyAny>> {
    let class = py.import("gcrec")?.getattr(class)?;
    class.call_method1("_load", (text,))
}

/// Not shown: it may hold names and numbers of callers, or an address that opens a recording to whoever has it.
const UNSHOWN: [&str; 2] = ["raw", "media_uris"];

/// `Name(field=..., ...)`: what a value shows of itself.
fn shown(name: &str, fields: &Bound<'_, PyDict>) -> PyResult<String> {
    let mut parts = Vec::new();
    for (field, value) in fields {
        if !UNSHOWN.contains(&field.to_string().as_str()) {
            parts.push(format!("{field}={}", value.repr()?));
        }
    }
    Ok(format!("{name}({})", parts.join(", ")))
}

/// A field's name in Python. (`type` is a word of Rust's too.)
fn name(field: &str) -> &str {
    field.trim_start_matches("r#")
}

/// A nested value as a dict too.
fn plain(value: Bound<'_, PyAny>) -> PyResult<Bound<'_, PyAny>> {
    match value.getattr_opt("to_dict")? {
        Some(to_dict) => to_dict.call0(),
        None => Ok(value),
    }
}
