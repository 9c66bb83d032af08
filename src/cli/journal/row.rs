//! A row of a journal as it is printed: the columns of `docs/journal.md`.

use serde::Serialize;
use serde_json::Value;

use crate::cli::foreign;
use crate::cli::list::{Column, Row};
use crate::journal::word::{Action, Basis, Outcome, Phase, State, Target};
use crate::journal::{Entry, RowId, RunId, Stamp};

/// All that a row says. `elapsed`: seconds from the intent to the outcome, where one process wrote both; only then do its
/// two monotonic times belong to one clock.
#[derive(Serialize)]
pub(super) struct EntryRow {
    id: i64,
    run: Option<i64>,
    block: Option<i64>,
    client_id: String,
    operation: &'static str,
    action: Option<&'static str>,
    target: Option<&'static str>,
    conversation_id: String,
    state_before: Option<&'static str>,
    basis: Option<&'static str>,
    phase: Option<&'static str>,
    intent_at: String,
    intent_monotonic: f64,
    pid: u32,
    status_code: Option<u16>,
    error_code: Option<String>,
    correlation_id: Option<String>,
    reason: Option<String>,
    state: Option<&'static str>,
    outcome: Option<&'static str>,
    outcome_at: Option<String>,
    outcome_monotonic: Option<f64>,
    elapsed: Option<f64>,
}

impl From<Entry> for EntryRow {
    fn from(entry: Entry) -> Self {
        let outcome_at = entry.outcome_at.as_ref();
        Self {
            elapsed: outcome_at.and_then(|at| at.since(&entry.intent_at)).map(|time| time.as_secs_f64()),
            outcome_at: outcome_at.map(Stamp::utc),
            outcome_monotonic: outcome_at.map(|at| at.monotonic.as_secs_f64()),
            id: entry.id.number(),
            run: entry.run.map(RunId::number),
            block: entry.block.map(RowId::number),
            client_id: entry.client_id,
            operation: entry.operation.word(),
            action: entry.action.map(Action::word),
            target: entry.target.map(Target::word),
            conversation_id: entry.conversation_id,
            state_before: entry.state_before.map(State::word),
            basis: entry.basis.map(Basis::word),
            phase: entry.phase.map(Phase::word),
            intent_at: entry.intent_at.utc(),
            intent_monotonic: entry.intent_at.monotonic.as_secs_f64(),
            pid: entry.pid,
            status_code: entry.status_code,
            error_code: entry.error_code,
            correlation_id: entry.correlation_id,
            reason: entry.reason,
            state: entry.state.map(State::word),
            outcome: entry.outcome.map(Outcome::word),
        }
    }
}

impl Row for EntryRow {
    const COLUMNS: &'static [Column] = &[
        ("id", Some(5)),
        ("run", None),
        ("block", None),
        ("client_id", None),
        ("operation", Some(9)),
        ("action", Some(6)),
        ("target", Some(9)),
        ("conversation_id", Some(36)),
        ("state_before", Some(12)),
        ("basis", None),
        ("phase", Some(8)),
        ("intent_at", Some(24)),
        ("intent_monotonic", None),
        ("pid", None),
        ("status_code", None),
        ("error_code", None),
        ("correlation_id", None),
        ("reason", None),
        ("state", Some(9)),
        ("outcome", Some(10)),
        ("outcome_at", None),
        ("outcome_monotonic", None),
        ("elapsed", None),
    ];

    fn cells(&self) -> Vec<String> {
        // By name, so that each field is named once here and once above.
        let row = serde_json::to_value(self).unwrap_or_default();
        let cell = |(name, _): &Column| match &row[*name] {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        Self::COLUMNS.iter().map(cell).collect()
    }

    fn json(&self) -> String {
        foreign::json(self)
    }
}
