//! What is asked of the tables: the only SQL besides the schema and the columns in `rows.rs`.

use rusqlite::{Connection, ErrorCode, OptionalExtension, Params, params};

use super::entry::{Change, Entry, Intent, RowId, Run, RunId, RunKind};
use super::error::JournalError;
use super::rows::{ENTRY, RUN, entry, kind_words, run};
use super::schema::open_rows;
use super::stamp::{ProcessId, Stamp};
use super::word::{Operation, Phase};
use crate::model::moment::utc;

/// What a server says goes in up to this length: it may answer with anything.
const LONGEST: usize = 200;

/// Rows whose fate is open, and the pauses of blocks that are not closed; both narrowed by the arguments. The indexes are
/// named because `SQLite` would scan the table, of which they hold a small part.
macro_rules! pending {
    ($open:literal, $of_blocks:literal) => {
        concat!(
            "WHERE e.id IN (SELECT id FROM entries INDEXED BY open_entries WHERE ",
            open_rows!(),
            $open,
            " UNION SELECT pause.id FROM entries AS block INDEXED BY open_blocks
             CROSS JOIN entries AS pause INDEXED BY entries_of_blocks ON pause.block = block.id
             WHERE block.phase <> 'closed' AND pause.action = 'pause' ",
            $of_blocks,
            ") ORDER BY e.id"
        )
    };
}

const PENDING: &str = pending!("", "");
const PENDING_OF: &str = pending!(" AND conversation_id = ?1", " AND block.conversation_id = ?1");
const ITEM: &str = "WHERE e.run = ?1 AND e.conversation_id = ?2 ORDER BY e.id DESC LIMIT 1";
const PAGE: &str = "WHERE e.id > ?1 ORDER BY e.id LIMIT ?2";
/// `+` keeps `SQLite` from sorting the whole run for each page.
const PAGE_OF: &str = "WHERE e.id > ?1 AND +e.run = ?3 ORDER BY e.id LIMIT ?2";
/// Of each conversation only the last row of the run.
const PAGE_OF_LAST: &str = "WHERE e.id > ?1 AND +e.run = ?3 AND NOT EXISTS (SELECT 1 FROM entries AS later
    INDEXED BY entries_of_runs WHERE later.run = e.run AND later.conversation_id = e.conversation_id
    AND later.id > e.id) ORDER BY e.id LIMIT ?2";

/// Why a piece of work failed: only it, or the transaction that it is in.
pub(super) enum Fault {
    /// The journal is well, and refuses.
    Refused(JournalError),
    /// The file or its disk.
    Storage(rusqlite::Error),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            // A foreign key: the statement is undone, and the others of its transaction stand.
            Some(ErrorCode::ConstraintViolation) => Self::Refused(JournalError::NoSuchRow),
            _ => Self::Storage(error),
        }
    }
}

/// The tables, within a transaction where something is written.
pub(super) struct Tables<'a>(pub(super) &'a Connection);

impl Tables<'_> {
    pub(super) fn add_process(&self, pid: u32, at: &str) -> rusqlite::Result<ProcessId> {
        self.0.execute("INSERT INTO processes (pid, opened_at) VALUES (?, ?)", params![pid, at])?;
        Ok(ProcessId(self.0.last_insert_rowid()))
    }

    pub(super) fn add(&self, intent: &Intent, stamp: &Stamp) -> Result<RowId, Fault> {
        let opens = intent.operation == Operation::Block;
        let settled = intent.outcome.map(|_| stamp);
        let insert =
            "INSERT INTO entries (run, block, client_id, operation, action, target, conversation_id, state_before,
            basis, phase, intent_at, intent_monotonic, intent_process, reason, outcome, outcome_at, outcome_monotonic,
            outcome_process) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        self.0.prepare_cached(insert)?.execute(params![
            intent.run.map(|run| run.0),
            intent.block.map(|block| block.0),
            intent.client_id,
            intent.operation,
            intent.action,
            intent.target,
            intent.conversation_id,
            intent.state_before,
            intent.basis,
            opens.then_some(Phase::Intent),
            stamp.utc(),
            stamp.monotonic.as_secs_f64(),
            stamp.process.0,
            intent.reason,
            intent.outcome,
            settled.map(Stamp::utc),
            settled.map(|at| at.monotonic.as_secs_f64()),
            settled.map(|at| at.process.0),
        ])?;
        let id = self.0.last_insert_rowid();
        if opens {
            self.0.prepare_cached("UPDATE entries SET block = id WHERE id = ?")?.execute([id])?;
        }
        Ok(RowId(id))
    }

    pub(super) fn change(&self, row: RowId, change: &Change, stamp: &Stamp) -> Result<(), Fault> {
        let settled = change.outcome.map(|_| stamp);
        let update = "UPDATE entries SET phase = coalesce(?2, phase), status_code = coalesce(?3, status_code),
            error_code = coalesce(?4, error_code), correlation_id = coalesce(?5, correlation_id),
            state = coalesce(?6, state), outcome = coalesce(?7, outcome), outcome_at = coalesce(?8, outcome_at),
            outcome_monotonic = coalesce(?9, outcome_monotonic), outcome_process = coalesce(?10, outcome_process)
            WHERE id = ?1";
        let changed = self.0.prepare_cached(update)?.execute(params![
            row.0,
            change.phase,
            change.status_code,
            change.error_code.as_deref().map(short),
            change.correlation_id.as_deref().map(short),
            change.state,
            change.outcome,
            settled.map(Stamp::utc),
            settled.map(|at| at.monotonic.as_secs_f64()),
            settled.map(|at| at.process.0),
        ])?;
        found(changed)
    }

    /// Closes a block: its own row, and with the same outcome what of its commands is still open.
    pub(super) fn close_block(&self, block: RowId, change: &Change, stamp: &Stamp) -> Result<(), Fault> {
        self.change(block, change, stamp)?;
        let update = "UPDATE entries SET outcome = ?2, outcome_at = ?3, outcome_monotonic = ?4, outcome_process = ?5
            WHERE block = ?1 AND id <> ?1 AND (outcome IS NULL OR outcome IN ('unknown', 'not_proven'))";
        self.0.prepare_cached(update)?.execute(params![
            block.0,
            change.outcome,
            stamp.utc(),
            stamp.monotonic.as_secs_f64(),
            stamp.process.0,
        ])?;
        Ok(())
    }

    /// The unfinished run of that kind, or else a new one.
    pub(super) fn begin(&self, kind: RunKind, stamp: &Stamp) -> Result<Run, Fault> {
        match self.unfinished()? {
            Some(run) if run.kind == kind => return Ok(run),
            Some(run) => {
                let started = run.started_at.utc();
                return Err(Fault::Refused(JournalError::OtherRun { asked: kind, unfinished: run.kind, started }));
            }
            None => {}
        }
        let (name, word) = kind_words(kind);
        let insert = "INSERT INTO runs (kind, word, started_at, started_monotonic, started_process)
            VALUES (?, ?, ?, ?, ?)";
        let values = params![name, word, stamp.utc(), stamp.monotonic.as_secs_f64(), stamp.process.0];
        self.0.prepare_cached(insert)?.execute(values)?;
        let id = RunId(self.0.last_insert_rowid());
        Ok(Run { id, kind, started_at: *stamp, finished_at: None })
    }

    pub(super) fn finish(&self, run: RunId, stamp: &Stamp) -> Result<(), Fault> {
        // The first end counts.
        let update = "UPDATE runs SET finished_at = coalesce(finished_at, ?2),
            finished_monotonic = coalesce(finished_monotonic, ?3),
            finished_process = coalesce(finished_process, ?4) WHERE id = ?1";
        let values = params![run.0, utc(stamp.at), stamp.monotonic.as_secs_f64(), stamp.process.0];
        found(self.0.prepare_cached(update)?.execute(values)?)
    }

    pub(super) fn unfinished(&self) -> rusqlite::Result<Option<Run>> {
        let select = format!("{RUN} WHERE finished_at IS NULL ORDER BY id LIMIT 1");
        self.0.prepare_cached(&select)?.query_row([], run).optional()
    }

    pub(super) fn runs(&self) -> rusqlite::Result<Vec<Run>> {
        self.0.prepare_cached(&format!("{RUN} ORDER BY id"))?.query_map([], run)?.collect()
    }

    /// The last row of a conversation in a run.
    pub(super) fn item(&self, run: RunId, conversation: &str) -> rusqlite::Result<Option<Entry>> {
        let select = format!("{ENTRY} {ITEM}");
        self.0.prepare_cached(&select)?.query_row(params![run.0, conversation], entry).optional()
    }

    pub(super) fn pending(&self) -> rusqlite::Result<Vec<Entry>> {
        self.entries(PENDING, [])
    }

    pub(super) fn pending_of(&self, conversation: &str) -> rusqlite::Result<Vec<Entry>> {
        self.entries(PENDING_OF, [conversation])
    }

    /// At most `limit` rows after `after`.
    pub(super) fn page(&self, after: RowId, limit: u32) -> rusqlite::Result<Vec<Entry>> {
        self.entries(PAGE, params![after.0, limit])
    }

    /// The same for one run.
    pub(super) fn page_of(&self, run: RunId, after: RowId, limit: u32) -> rusqlite::Result<Vec<Entry>> {
        self.entries(PAGE_OF, params![after.0, limit, run.0])
    }

    /// The same for the last row of each conversation in one run.
    pub(super) fn page_of_last(&self, run: RunId, after: RowId, limit: u32) -> rusqlite::Result<Vec<Entry>> {
        self.entries(PAGE_OF_LAST, params![after.0, limit, run.0])
    }

    fn entries(&self, rest: &str, values: impl Params) -> rusqlite::Result<Vec<Entry>> {
        self.0.prepare_cached(&format!("{ENTRY} {rest}"))?.query_map(values, entry)?.collect()
    }
}

fn found(rows: usize) -> Result<(), Fault> {
    if rows == 1 { Ok(()) } else { Err(Fault::Refused(JournalError::NoSuchRow)) }
}

fn short(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

#[cfg(test)]
#[path = "tables_tests.rs"]
mod tests;
