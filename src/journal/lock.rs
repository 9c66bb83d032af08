//! Who has the journal: a lock of the operating system on `<journal>.lock`, for the life of the owner.
//!
//! The lock belongs to the open file, and a forked child has a copy of that. Closing the copy leaves the lock alone;
//! unlocking through it would take the parent's. So a child only closes, and the owner, at its end, unlocks: whatever
//! copies there are. Only where the owner was killed, a child that keeps its copy keeps the lock. The file stays: were it
//! removed, two processes could each lock one of that name.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::error::{JournalError, of_io};

/// A lock that is held.
#[derive(Debug)]
pub(super) struct Lock {
    pid: u32,
    file: Mutex<Option<File>>,
}

impl Lock {
    /// Takes the lock of `journal`, or says who has it.
    pub(super) fn take(journal: &Path) -> Result<Self, JournalError> {
        let failed = |error: io::Error| of_io(journal, &error);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = private(&mut options).open(beside(journal, ".lock")).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(held(journal, &mut file)),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        let pid = std::process::id();
        file.set_len(0).and_then(|()| writeln!(file, "{pid}")).map_err(failed)?;
        Ok(Self { pid, file: Mutex::new(Some(file)) })
    }

    /// Closes the copy of a forked child, so that the lock ends with the parent. Does nothing in the owner.
    pub(super) fn forget_in_child(&self) {
        if self.pid != std::process::id()
            && let Ok(mut file) = self.file.try_lock()
        {
            file.take();
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if self.pid == std::process::id()
            && let Ok(Some(file)) = self.file.get_mut()
        {
            // So that nobody reads a pid of the past. It is only told, never relied on.
            let _ = file.set_len(0);
            // Closing does it too, if this fails and no child has a copy.
            let _ = file.unlock();
        }
    }
}

fn held(journal: &Path, file: &mut File) -> JournalError {
    let mut text = String::new();
    // Unreadable or not written yet: then it is not told.
    let pid = file.read_to_string(&mut text).ok().and_then(|_| text.trim().parse().ok());
    JournalError::Held { path: journal.to_owned(), pid }
}

/// The file of that ending that belongs to a journal.
pub(super) fn beside(journal: &Path, ending: &str) -> PathBuf {
    let mut name = journal.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Files that it makes are for their owner only.
pub(super) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::scratch::Scratch;

    fn inherited(lock: &Lock) -> Lock {
        let copy = lock.file.lock().unwrap().as_ref().unwrap().try_clone().unwrap();
        Lock { pid: 0, file: Mutex::new(Some(copy)) }
    }

    #[test]
    fn a_second_one_is_told_who_has_it() {
        let scratch = Scratch::new("lock-second");
        let path = &scratch.path("a.db");
        let lock = Lock::take(path).unwrap();
        let held = JournalError::Held { path: path.clone(), pid: Some(std::process::id()) };
        assert_eq!(Lock::take(path).unwrap_err(), held);
        drop(lock);
        Lock::take(path).unwrap();
    }

    /// What a fork copies is the descriptor, as `try_clone` does.
    #[test]
    fn a_child_that_closes_its_copy_leaves_the_lock() {
        let scratch = Scratch::new("lock-close");
        let path = &scratch.path("a.db");
        let lock = Lock::take(path).unwrap();
        drop(inherited(&lock));
        assert!(Lock::take(path).is_err());
    }

    #[test]
    fn an_owner_that_ends_frees_it_whatever_copies_there_are() {
        let scratch = Scratch::new("lock-end");
        let path = &scratch.path("a.db");
        let lock = Lock::take(path).unwrap();
        let _child = inherited(&lock);
        drop(lock);
        Lock::take(path).unwrap();
    }

    #[test]
    fn a_child_of_an_owner_that_was_killed_must_forget() {
        let scratch = Scratch::new("lock-killed");
        let path = &scratch.path("a.db");
        let mut lock = Lock::take(path).unwrap();
        let child = inherited(&lock);
        lock.pid = 0; // then it is closed as the system closes it
        drop(lock);
        assert!(Lock::take(path).is_err(), "then forget_in_child would be needless");
        child.forget_in_child();
        Lock::take(path).unwrap();
    }

    #[test]
    fn the_owner_does_not_forget() {
        let scratch = Scratch::new("lock-owner");
        let path = &scratch.path("a.db");
        let lock = Lock::take(path).unwrap();
        lock.forget_in_child();
        assert!(Lock::take(path).is_err());
    }
}
