//! Why a journal cannot be read or written. While that is so, no command leaves.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;
use rusqlite::ffi::SQLITE_IOERR_SHMSIZE;

use super::entry::RunKind;

/// A journal that does not do what was asked of it. One failed write fails everybody who waits for it, hence `Clone`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// Another process has it, or another `Journal` of this one.
    #[error("The journal {} is held by {}: wait until that has ended, or use another file.", path.display(), holder(*pid))]
    Held {
        /// The file.
        path: PathBuf,
        /// Who has it; None if that could not be read.
        pid: Option<u32>,
    },
    /// No file to read.
    #[error("There is no journal at {}: check the path.", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// Not there any more, or another file is: what is written down nobody would find.
    #[error("The journal {} was moved or removed while it was in use: put it back, or open a new one.", path.display())]
    Gone {
        /// The file.
        path: PathBuf,
    },
    /// Something else is in that file. It was not touched.
    #[error("{} is not a journal of gcrec (or its first bytes are damaged): use another file.", path.display())]
    NotAJournal {
        /// The file.
        path: PathBuf,
    },
    /// The file is damaged.
    #[error("The journal {} is damaged ({detail}): keep it as evidence, check the calls by hand, and use a new file.", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What was found.
        detail: String,
    },
    /// The file or its folder may not be used so: mostly, may not be written.
    #[error("The journal {} is not writable here: let this user read and write the file and its folder.", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// No room left.
    #[error("The disk of the journal {} is full: make room, then try again.", path.display())]
    DiskFull {
        /// The file.
        path: PathBuf,
    },
    /// Written by a later gcrec.
    #[error("The journal {} has format {found}, and this gcrec knows formats up to {known}: use a newer gcrec.", path.display())]
    NewerVersion {
        /// The file.
        path: PathBuf,
        /// The format of the file.
        found: i64,
        /// The newest format that we know.
        known: i64,
    },
    /// An unfinished run of another kind stands in the way.
    #[error(
        "The journal has an unfinished run ({unfinished}, begun {started}), so {asked} cannot begin: recover first."
    )]
    OtherRun {
        /// What was to begin.
        asked: RunKind,
        /// What is there.
        unfinished: RunKind,
        /// Since when: ISO 8601 in UTC.
        started: String,
    },
    /// A row, run or block that is not in this journal.
    #[error("This journal has no such row, run or block: use it with the journal that gave it.")]
    NoSuchRow,
    /// It was opened in the process that this one was forked from.
    #[error("The journal {} belongs to the process that this one was forked from: open another file here.", path.display())]
    Forked {
        /// The file.
        path: PathBuf,
    },
    /// Anything else that the operating system refused.
    #[error("The journal {} cannot be used ({detail}): check the file, its folder and its disk.", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What was said.
        detail: String,
    },
}

fn holder(pid: Option<u32>) -> String {
    match pid {
        Some(pid) if pid == std::process::id() => "another Journal of this process".to_owned(),
        Some(pid) => format!("process {pid}"),
        None => "another process".to_owned(),
    }
}

/// What the operating system refused.
pub(super) fn of_io(path: &Path, error: &io::Error) -> JournalError {
    let path = path.to_owned();
    match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => JournalError::ReadOnly { path },
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => JournalError::DiskFull { path },
        _ => JournalError::Io { path, detail: error.to_string() },
    }
}

/// What `SQLite` refused. Its own messages may hold SQL or values, so only its code is told.
pub(super) fn of_sqlite(path: &Path, error: &rusqlite::Error) -> JournalError {
    let path = path.to_owned();
    let rusqlite::Error::SqliteFailure(failure, _) = error else {
        // A row that does not convert: the file was changed by something else.
        return JournalError::Corrupt { path, detail: "a row that cannot be read".to_owned() };
    };
    match failure.code {
        ErrorCode::NotADatabase => JournalError::NotAJournal { path },
        ErrorCode::DatabaseCorrupt => JournalError::Corrupt { path, detail: failure.to_string() },
        // Files that exist are opened; what cannot be opened is what SQLite must make beside them.
        ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen => JournalError::ReadOnly { path },
        ErrorCode::DiskFull => JournalError::DiskFull { path },
        // The index of the log did not get its room.
        _ if failure.extended_code == SQLITE_IOERR_SHMSIZE => JournalError::DiskFull { path },
        ErrorCode::DatabaseBusy => JournalError::Io { path, detail: "another program keeps it locked".to_owned() },
        _ => JournalError::Io { path, detail: failure.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_sql_and_no_value_gets_into_a_message() {
        let sqlite = rusqlite::Connection::open_in_memory().unwrap();
        for sql in ["SELECT secret", "SELECT secret FROM", "SELECT json('secret')", "SELECT abs(-9223372036854775808)"]
        {
            let error = sqlite.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap_err();
            let told = of_sqlite(Path::new("a.db"), &error).to_string();
            assert!(!told.contains("secret") && !told.contains("SELECT"), "{told}");
        }
    }

    #[test]
    fn what_the_system_says_is_told_apart() {
        let of = |kind: io::ErrorKind| of_io(Path::new("a.db"), &kind.into());
        assert!(matches!(of(io::ErrorKind::PermissionDenied), JournalError::ReadOnly { .. }));
        assert!(matches!(of(io::ErrorKind::ReadOnlyFilesystem), JournalError::ReadOnly { .. }));
        assert!(matches!(of(io::ErrorKind::StorageFull), JournalError::DiskFull { .. }));
        assert!(matches!(of(io::ErrorKind::NotFound), JournalError::Io { .. }));
    }
}
