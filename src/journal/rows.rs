//! From a row of the file to a value.

use std::time::Duration;

use rusqlite::Row;
use rusqlite::types::{FromSqlError, Type};

use super::entry::{Entry, RowId, Run, RunId, RunKind};
use super::stamp::{ProcessId, Stamp};
use super::word::{Action, Target};
use crate::model::moment;

const CONTROL: &str = "control";
const ENSURE: &str = "ensure";

/// Selects what [`entry`] reads.
pub(super) const ENTRY: &str = "SELECT e.id, e.run, e.block, e.client_id, e.operation, e.action, e.target,
    e.conversation_id, e.state_before, e.basis, e.phase, e.intent_at, e.intent_monotonic, e.intent_process,
    p.pid, e.status_code, e.error_code, e.correlation_id, e.reason, e.state, e.outcome, e.outcome_at,
    e.outcome_monotonic, e.outcome_process FROM entries AS e JOIN processes AS p ON p.id = e.intent_process";

/// Selects what [`run`] reads.
pub(super) const RUN: &str = "SELECT id, kind, word, started_at, started_monotonic, started_process, finished_at,
    finished_monotonic, finished_process FROM runs";

pub(super) fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    Ok(Entry {
        id: RowId(row.get(0)?),
        run: row.get::<_, Option<_>>(1)?.map(RunId),
        block: row.get::<_, Option<_>>(2)?.map(RowId),
        client_id: row.get(3)?,
        operation: row.get(4)?,
        action: row.get(5)?,
        target: row.get(6)?,
        conversation_id: row.get(7)?,
        state_before: row.get(8)?,
        basis: row.get(9)?,
        phase: row.get(10)?,
        intent_at: stamp(row, 11)?,
        pid: row.get(14)?,
        status_code: row.get(15)?,
        error_code: row.get(16)?,
        correlation_id: row.get(17)?,
        reason: row.get(18)?,
        state: row.get(19)?,
        outcome: row.get(20)?,
        outcome_at: stamp_if_any(row, 21)?,
    })
}

pub(super) fn run(row: &Row<'_>) -> rusqlite::Result<Run> {
    let (name, word): (String, String) = (row.get(1)?, row.get(2)?);
    let kind = kind(&name, &word).ok_or_else(|| unreadable(1))?;
    Ok(Run { id: RunId(row.get(0)?), kind, started_at: stamp(row, 3)?, finished_at: stamp_if_any(row, 6)? })
}

/// A kind of run, as two columns.
pub(super) fn kind_words(kind: RunKind) -> (&'static str, &'static str) {
    match kind {
        RunKind::Control(action) => (CONTROL, action.word()),
        RunKind::Ensure(target) => (ENSURE, target.word()),
    }
}

fn kind(name: &str, word: &str) -> Option<RunKind> {
    match name {
        CONTROL => Action::of(word).map(RunKind::Control),
        ENSURE => Target::of(word).map(RunKind::Ensure),
        _ => None,
    }
}

/// The three columns from `first` on.
fn stamp(row: &Row<'_>, first: usize) -> rusqlite::Result<Stamp> {
    let at: String = row.get(first)?;
    let at = moment::parse(&at).ok_or_else(|| unreadable(first))?;
    let monotonic = Duration::try_from_secs_f64(row.get(first + 1)?).map_err(|_| unreadable(first + 1))?;
    Ok(Stamp { at, monotonic, process: ProcessId(row.get(first + 2)?) })
}

fn stamp_if_any(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<Stamp>> {
    let at: Option<String> = row.get(first)?;
    at.map(|_| stamp(row, first)).transpose()
}

fn unreadable(column: usize) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, FromSqlError::InvalidType.into())
}
