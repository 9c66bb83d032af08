//! The file: how it is made, recognised, and brought up to date. `docs/journal.md` describes what is in it.
//!
//! A new file is made under another name and renamed when it is whole, so that a crash leaves either none or a journal.
//! What is there already is first looked at read-only: what is not ours is not touched. All this goes through `SQLite` and
//! never through `std::fs`: closing a file drops every POSIX lock that the process has on it, `SQLite`'s too.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::error::{JournalError, of_io, of_sqlite};
use super::lock::{beside, private};

/// "GCRJ" in the header of the file.
const APPLICATION_ID: i64 = 0x4743_524A;

/// The steps from each version to the next. One that was published is never changed.
const MIGRATIONS: &[&str] = &[VERSION_1];

/// The rows whose fate is still to be settled. The index and the queries must say it in the same words.
macro_rules! open_rows {
    () => {
        "(outcome IS NULL OR outcome IN ('unknown', 'not_proven') OR phase <> 'closed')"
    };
}
pub(super) use open_rows;

const VERSION_1: &str = concat!(
    "
    CREATE TABLE processes (
        id INTEGER PRIMARY KEY,
        pid INTEGER NOT NULL,
        opened_at TEXT NOT NULL
    ) STRICT;
    CREATE TABLE runs (
        id INTEGER PRIMARY KEY,
        kind TEXT NOT NULL,
        word TEXT NOT NULL,
        started_at TEXT NOT NULL,
        started_monotonic REAL NOT NULL,
        started_process INTEGER NOT NULL REFERENCES processes,
        finished_at TEXT,
        finished_monotonic REAL,
        finished_process INTEGER REFERENCES processes
    ) STRICT;
    CREATE INDEX unfinished_runs ON runs (id) WHERE finished_at IS NULL;
    CREATE TABLE entries (
        id INTEGER PRIMARY KEY,
        run INTEGER REFERENCES runs,
        block INTEGER REFERENCES entries,
        client_id TEXT NOT NULL,
        operation TEXT NOT NULL,
        action TEXT,
        target TEXT,
        conversation_id TEXT NOT NULL,
        state_before TEXT,
        basis TEXT,
        phase TEXT,
        intent_at TEXT NOT NULL,
        intent_monotonic REAL NOT NULL,
        intent_process INTEGER NOT NULL REFERENCES processes,
        status_code INTEGER,
        error_code TEXT,
        correlation_id TEXT,
        reason TEXT,
        state TEXT,
        outcome TEXT,
        outcome_at TEXT,
        outcome_monotonic REAL,
        outcome_process INTEGER REFERENCES processes
    ) STRICT;
    CREATE INDEX entries_of_runs ON entries (run, conversation_id) WHERE run IS NOT NULL;
    CREATE INDEX entries_of_blocks ON entries (block) WHERE block IS NOT NULL;
    CREATE INDEX open_blocks ON entries (conversation_id) WHERE phase <> 'closed';
    CREATE INDEX open_entries ON entries (conversation_id) WHERE ",
    open_rows!(),
    ";"
);

/// How long to wait for a program that looks into the file by hand.
const BUSY: Duration = Duration::from_secs(2);

/// The journal at `path`, ready to be written; made if there is none. Who calls it holds the lock.
pub(super) fn open(path: &Path) -> Result<Connection, JournalError> {
    let failed = |error: rusqlite::Error| of_sqlite(path, &error);
    if is_empty(path)? {
        make(path)?;
    } else {
        open_to_read(path)?;
    }
    keep_private(path).map_err(|error| of_io(path, &error))?;
    let mut connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(failed)?;
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).map_err(failed)?;
    if mode != "wal" {
        let detail = "its file system does not support SQLite's WAL".to_owned();
        return Err(JournalError::Io { path: path.to_owned(), detail });
    }
    // `fullfsync` matters on macOS only, whose plain fsync stops at the disk's cache.
    connection
        .execute_batch(
            "PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;
             PRAGMA foreign_keys = ON; PRAGMA journal_size_limit = 16777216; PRAGMA temp_store = MEMORY",
        )
        .map_err(failed)?;
    migrate(&mut connection).map_err(failed)?;
    Ok(connection)
}

/// The journal at `path`, for looking only.
pub(super) fn open_to_read(path: &Path) -> Result<Connection, JournalError> {
    match recognise(connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY), path) {
        // Readers too have a place in the log's index. On a medium that cannot be written, a journal that was closed has
        // no log, and can be read as it is.
        Err(JournalError::ReadOnly { .. }) if !beside(path, "-wal").exists() => {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
            recognise(connect(Path::new(&immutable(path)), flags), path)
        }
        found => found,
    }
}

fn immutable(path: &Path) -> String {
    let path = percent_encode(path.as_os_str().as_encoded_bytes(), NON_ALPHANUMERIC);
    format!("file:{path}?immutable=1")
}

/// Makes sure that it is a journal that we can read.
fn recognise(connection: rusqlite::Result<Connection>, path: &Path) -> Result<Connection, JournalError> {
    let failed = |error: rusqlite::Error| of_sqlite(path, &error);
    let connection = connection.map_err(failed)?;
    let read = |pragma: &str| connection.query_row(pragma, [], |row| row.get::<_, i64>(0)).map_err(failed);
    if read("PRAGMA application_id")? != APPLICATION_ID {
        return Err(JournalError::NotAJournal { path: path.to_owned() });
    }
    let (found, known) = (read("PRAGMA user_version")?, version());
    if found > known {
        return Err(JournalError::NewerVersion { path: path.to_owned(), found, known });
    }
    Ok(connection)
}

fn connect(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    // Without a mutex of SQLite's own: a connection is moved between threads, never shared.
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(32);
    connection.execute_batch("PRAGMA trusted_schema = OFF")?;
    Ok(connection)
}

/// Is there nothing at `path`, or a file without content?
fn is_empty(path: &Path) -> Result<bool, JournalError> {
    let length = match fs::metadata(path) {
        Ok(found) if !found.is_file() => return Err(JournalError::NotAJournal { path: path.to_owned() }),
        Ok(found) => found.len(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
        Err(error) => return Err(of_io(path, &error)),
    };
    // Its log without the file: rows are in there, and a new file of that name would be mixed up with them.
    if length == 0 && fs::metadata(beside(path, "-wal")).is_ok_and(|log| log.len() > 0) {
        let detail = "its write-ahead log is there, but the file itself is missing or empty".to_owned();
        return Err(JournalError::Corrupt { path: path.to_owned(), detail });
    }
    Ok(length == 0)
}

fn make(path: &Path) -> Result<(), JournalError> {
    let unfinished = beside(path, ".making");
    let io_failed = |error: io::Error| of_io(path, &error);
    // What a crash left behind.
    for left in [unfinished.clone(), beside(&unfinished, "-journal")] {
        match fs::remove_file(left) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(io_failed(error)),
            _ => {}
        }
    }
    private(OpenOptions::new().write(true).create_new(true)).open(&unfinished).map_err(io_failed)?;
    fill(&unfinished).map_err(|error| of_sqlite(path, &error))?;
    fs::rename(&unfinished, path).map_err(io_failed)?;
    sync_folder(path).map_err(io_failed)
}

fn fill(path: &Path) -> rusqlite::Result<()> {
    let mut connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.execute_batch("PRAGMA synchronous = FULL")?;
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    migrate(&mut connection)?;
    connection.close().map_err(|(_, error)| error)
}

fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let missing = MIGRATIONS.get(usize::try_from(found).unwrap_or_default()..).unwrap_or_default();
    if missing.is_empty() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for step in missing {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", version())?;
    transaction.commit()
}

fn version() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// The directory entry is a thing of its own to make durable.
fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        #[cfg(unix)]
        Some(folder) => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

/// Mode 0600 for a file that came with more, and for what a crash left beside it. New ones have it from their first
/// byte; `SQLite` gives its own files the mode of the journal.
fn keep_private(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    for file in [path.to_owned(), beside(path, "-wal"), beside(path, "-shm")] {
        use std::os::unix::fs::PermissionsExt;
        match fs::metadata(&file) {
            Ok(found) if found.permissions().mode() & 0o077 != 0 => {
                fs::set_permissions(&file, fs::Permissions::from_mode(0o600))?;
            }
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// One name for one file, however it was reached: two names would have two locks.
pub(super) fn resolve(path: &Path) -> Result<PathBuf, JournalError> {
    let failed = |error: io::Error| of_io(path, &error);
    match fs::canonicalize(path) {
        Ok(found) => return Ok(found),
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        Err(_) => {}
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Some(name) = path.file_name() else { return Err(failed(io::ErrorKind::InvalidFilename.into())) };
    Ok(fs::canonicalize(folder).map_err(failed)?.join(name))
}

/// Tables for a test of what is done with them.
#[cfg(test)]
pub(super) fn in_memory() -> Connection {
    let mut connection = Connection::open_in_memory().unwrap();
    migrate(&mut connection).unwrap();
    connection
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::scratch::Scratch;
    use crate::journal::word::Outcome;

    #[test]
    fn the_index_and_the_word_agree_on_what_is_open() {
        let sqlite = Connection::open_in_memory().unwrap();
        let select = concat!("SELECT ", open_rows!(), " IS TRUE FROM (SELECT ?1 AS outcome, NULL AS phase)");
        let open =
            |outcome: Option<Outcome>| -> bool { sqlite.query_row(select, [outcome], |row| row.get(0)).unwrap() };
        assert!(open(None));
        for outcome in Outcome::ALL {
            assert_eq!(open(Some(*outcome)), outcome.is_open(), "{outcome}");
        }
    }

    #[test]
    fn a_version_is_reached_once() {
        let mut connection = in_memory();
        migrate(&mut connection).unwrap();
        let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
        assert_eq!(found, version());
    }

    #[test]
    fn every_commit_is_synced() {
        let scratch = Scratch::new("synced");
        let connection = open(&scratch.path("a.db")).unwrap();
        let read = |pragma: &str| connection.query_row(pragma, [], |row| row.get::<_, String>(0)).unwrap();
        assert_eq!(read("PRAGMA journal_mode"), "wal");
        assert_eq!(read("SELECT CAST(synchronous AS TEXT) FROM pragma_synchronous"), "2");
    }

    /// Files of a published version are out there: whoever wants another schema writes a migration.
    #[test]
    fn what_was_published_is_not_changed() {
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let published = include_str!("../../docs/journal.md").split("```sql").nth(1).unwrap();
        assert_eq!(words(published.split("```").next().unwrap()), words(VERSION_1));
    }
}
