//! Who has the journal: a lock of the operating system on `<journal>.lock`, for the life of the owner.
//!
//! The lock belongs to the open file, and a forked child has a copy of that. Closing the copy leaves the lock alone;
//! unlocking through it would take the parent's. So we only ever close. The file stays: were it removed, two processes
//! could each lock one of that name.

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

    fn copy(lock: &Lock) -> File {
        lock.file.lock().unwrap().as_ref().unwrap().try_clone().unwrap()
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
    fn closing_a_copy_leaves_the_lock_and_keeping_one_keeps_it() {
        let scratch = Scratch::new("lock-copy");
        let path = &scratch.path("a.db");
        let lock = Lock::take(path).unwrap();
        drop(copy(&lock));
        assert!(Lock::take(path).is_err(), "closing the child's copy took the parent's lock");
        let inherited = Lock { pid: 0, file: Mutex::new(Some(copy(&lock))) };
        drop(lock);
        assert!(Lock::take(path).is_err(), "a copy is no lock: then forget_in_child would be needless");
        inherited.forget_in_child();
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
