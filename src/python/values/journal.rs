//! What a journal holds, as values.

use std::time::SystemTime;

use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde::{Deserialize, Serialize};

use crate::journal::{Entry, Run};
use crate::python::convert::moment;

/// A row, in plain words.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(in crate::python) struct Row {
    id: i64,
    run: Option<i64>,
    block: Option<i64>,
    client_id: String,
    operation: String,
    action: Option<String>,
    target: Option<String>,
    conversation_id: String,
    state_before: Option<String>,
    basis: Option<String>,
    phase: Option<String>,
    intent_at: SystemTime,
    pid: u32,
    status_code: Option<u16>,
    error_code: Option<String>,
    correlation_id: Option<String>,
    reason: Option<String>,
    state: Option<String>,
    outcome: Option<String>,
    outcome_at: Option<SystemTime>,
}

impl From<Entry> for Row {
    fn from(entry: Entry) -> Self {
        Self {
            id: entry.id.number(),
            run: entry.run.map(crate::journal::RunId::number),
            block: entry.block.map(crate::journal::RowId::number),
            client_id: entry.client_id,
            operation: entry.operation.to_string(),
            action: entry.action.map(|word| word.to_string()),
            target: entry.target.map(|word| word.to_string()),
            conversation_id: entry.conversation_id,
            state_before: entry.state_before.map(|word| word.to_string()),
            basis: entry.basis.map(|word| word.to_string()),
            phase: entry.phase.map(|word| word.to_string()),
            intent_at: entry.intent_at.at,
            pid: entry.pid,
            status_code: entry.status_code,
            error_code: entry.error_code,
            correlation_id: entry.correlation_id,
            reason: entry.reason,
            state: entry.state.map(|word| word.to_string()),
            outcome: entry.outcome.map(|word| word.to_string()),
            outcome_at: entry.outcome_at.map(|stamp| stamp.at),
        }
    }
}

value! {
    /// One row of a journal.
    PyJournalEntry(Row) as "JournalEntry" {
        id: |row, py| row.id.into_bound_py_any(py);
        run: |row, py| row.run.into_bound_py_any(py);
        block: |row, py| row.block.into_bound_py_any(py);
        client_id: |row, py| (&row.client_id).into_bound_py_any(py);
        operation: |row, py| (&row.operation).into_bound_py_any(py);
        action: |row, py| (&row.action).into_bound_py_any(py);
        target: |row, py| (&row.target).into_bound_py_any(py);
        conversation_id: |row, py| (&row.conversation_id).into_bound_py_any(py);
        state_before: |row, py| (&row.state_before).into_bound_py_any(py);
        basis: |row, py| (&row.basis).into_bound_py_any(py);
        phase: |row, py| (&row.phase).into_bound_py_any(py);
        intent_at: |row, py| moment(py, row.intent_at);
        pid: |row, py| row.pid.into_bound_py_any(py);
        status_code: |row, py| row.status_code.into_bound_py_any(py);
        error_code: |row, py| (&row.error_code).into_bound_py_any(py);
        correlation_id: |row, py| (&row.correlation_id).into_bound_py_any(py);
        reason: |row, py| (&row.reason).into_bound_py_any(py);
        state: |row, py| (&row.state).into_bound_py_any(py);
        outcome: |row, py| (&row.outcome).into_bound_py_any(py);
        outcome_at: |row, py| moment_or_none(py, row.outcome_at);
    }
}

/// A run, in plain words.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(in crate::python) struct RunRow {
    id: i64,
    kind: String,
    started_at: SystemTime,
    finished_at: Option<SystemTime>,
}

impl From<Run> for RunRow {
    fn from(run: Run) -> Self {
        Self {
            id: run.id.number(),
            kind: run.kind.to_string(),
            started_at: run.started_at.at,
            finished_at: run.finished_at.map(|stamp| stamp.at),
        }
    }
}

value! {
    /// One call for many conversations.
    PyJournalRun(RunRow) as "JournalRun" {
        id: |run, py| run.id.into_bound_py_any(py);
        kind: |run, py| (&run.kind).into_bound_py_any(py);
        started_at: |run, py| moment(py, run.started_at);
        finished_at: |run, py| moment_or_none(py, run.finished_at);
    }
}

fn moment_or_none(py: Python<'_>, at: Option<SystemTime>) -> PyResult<Bound<'_, PyAny>> {
    at.map_or_else(|| Ok(py.None().into_bound(py)), |at| moment(py, at))
}
