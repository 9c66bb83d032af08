//! What a journal does with files that are not as they should be.

use std::fs;
use std::path::Path;

use futures_util::future::join_all;
use gcrec::journal::{Journal, JournalError, Reader};

use super::{Folder, block_on, open_inline, stop};

/// A journal with so many rows, closed.
fn filled(path: &Path, rows: usize) {
    let journal = Journal::open(path).unwrap();
    block_on(join_all((0..rows).map(|n| journal.intend(stop(&n.to_string())))));
}

#[test]
fn what_is_not_a_journal_is_refused_untouched() {
    let folder = Folder::new("foreign");
    let newer = folder.path("newer.db");
    filled(&newer, 1);
    // The header of a file: its user version is at offset 60.
    let mut bytes = fs::read(&newer).unwrap();
    bytes[60..64].copy_from_slice(&7_u32.to_be_bytes());
    let mut other = bytes.clone();
    other[68..72].copy_from_slice(&[0; 4]);
    let mut damaged = bytes.clone();
    damaged[..16].fill(b'x');
    let text = b"conversation,action\n".to_vec();
    for (file, content) in [("newer.db", bytes), ("other.db", other), ("damaged.db", damaged), ("ids.csv", text)] {
        let path = folder.path(file);
        fs::write(&path, &content).unwrap();
        let expected = match file {
            "newer.db" => JournalError::NewerVersion { path: path.clone(), found: 7, known: 1 },
            _ => JournalError::NotAJournal { path: path.clone() },
        };
        assert_eq!(open_inline(&path).unwrap_err(), expected);
        assert_eq!(Reader::open(&path).unwrap_err(), expected);
        assert_eq!(fs::read(&path).unwrap(), content, "{file} was changed");
    }
    assert_eq!(open_inline(&folder.0).unwrap_err(), JournalError::NotAJournal { path: folder.0.clone() });
    let path = folder.path("none.db");
    assert_eq!(Reader::open(&path).unwrap_err(), JournalError::Missing { path: path.clone() });
    assert!(!path.exists());
}

#[test]
fn damage_is_told_as_such() {
    let folder = Folder::new("damage");
    let path = folder.path("a.db");
    filled(&path, 2_000);
    let mut bytes = fs::read(&path).unwrap();
    bytes[4_096 * 3..].fill(0xA5); // all after the first pages
    fs::write(&path, bytes).unwrap();
    let first_error = Reader::open(&path).unwrap().entries().find_map(Result::err);
    assert!(matches!(first_error, Some(JournalError::Corrupt { .. })), "{first_error:?}");
}

#[test]
fn a_log_without_its_file_is_not_written_over() {
    let folder = Folder::new("orphan");
    let path = folder.path("a.db");
    fs::write(folder.path("a.db-wal"), "rows").unwrap();
    assert!(matches!(open_inline(&path), Err(JournalError::Corrupt { .. })));
    assert!(!path.exists());
    fs::write(folder.path("a.db-wal"), "").unwrap(); // what a reader leaves
    open_inline(&path).unwrap();
}

#[test]
fn what_a_crash_in_the_making_left_is_no_obstacle() {
    let folder = Folder::new("making");
    let path = folder.path("a.db");
    fs::write(folder.path("a.db.making"), "half").unwrap();
    fs::write(folder.path("a.db.making-journal"), "half").unwrap();
    filled(&path, 1);
    let mut left: Vec<_> = fs::read_dir(&folder.0).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["a.db", "a.db.lock"]);
}

#[test]
fn a_place_that_cannot_be_written_is_told_as_such() {
    // Where not even root may make a file.
    let error = Journal::open(Path::new("/sys/journal.db")).unwrap_err();
    assert!(matches!(error, JournalError::ReadOnly { .. }), "{error:?}");
    assert!(matches!(Journal::open(Path::new("/none/journal.db")), Err(JournalError::Io { .. })));
}
