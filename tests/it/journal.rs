//! The journal, on real files.

use std::path::PathBuf;
use std::sync::Arc;

use futures_util::FutureExt;
use gcrec::clock::ManualClock;
use gcrec::journal::word::{Action, Operation, Outcome};
use gcrec::journal::{Change, Intent, Journal};

#[test]
fn smoke() {
    let folder = std::env::temp_dir().join(format!("gcrec-journal-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path: PathBuf = folder.join("smoke.db");
    let journal = Journal::open_inline(&path, Arc::new(ManualClock::new(0))).unwrap();
    let intent = Intent { action: Some(Action::Stop), ..Intent::new("me", Operation::Stop, "c1") };
    let row = journal.intend(intent).now_or_never().unwrap().unwrap();
    assert_eq!(journal.pending().now_or_never().unwrap().unwrap().len(), 1);
    journal.settle(row, Change::from(Outcome::Proven)).now_or_never().unwrap().unwrap();
    assert!(journal.pending().now_or_never().unwrap().unwrap().is_empty());
    drop(journal);
    assert!(Journal::open(&path).unwrap().belongs_to_this_process());
}
