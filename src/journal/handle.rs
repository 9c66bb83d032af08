//! Which journals this process has open, and which it inherited from the one that it was forked from.
//!
//! For each file `SQLite` remembers, within the process, which locks it holds. A forked child inherits that memory and not
//! the locks: what it opened of the same file would trust in locks that nobody has. So it is refused, and what the child
//! inherited is never used, nor even closed.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::error::JournalError;

static OPEN: Mutex<Vec<(u32, PathBuf)>> = Mutex::new(Vec::new());

/// The leave to have a file open.
#[derive(Debug)]
pub(super) struct Handle {
    pid: u32,
    path: PathBuf,
}

impl Handle {
    /// Leave to open `path`, unless a parent had it open when this process was forked.
    pub(super) fn new(path: PathBuf) -> Result<Self, JournalError> {
        let pid = std::process::id();
        let mut open = open();
        if open.iter().any(|(owner, of)| *owner != pid && *of == path) {
            return Err(JournalError::Forked { path });
        }
        open.push((pid, path.clone()));
        Ok(Self { pid, path })
    }

    /// Where the file is, with all links resolved.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// False in a forked child.
    pub(super) fn is_ours(&self) -> bool {
        self.pid == std::process::id()
    }

    /// The error of a forked child.
    pub(super) fn check(&self) -> Result<(), JournalError> {
        if self.is_ours() { Ok(()) } else { Err(JournalError::Forked { path: self.path.clone() }) }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        if self.is_ours() {
            let mut open = open();
            if let Some(this) = open.iter().position(|(pid, path)| *pid == self.pid && *path == self.path) {
                open.swap_remove(this);
            }
        }
    }
}

fn open() -> MutexGuard<'static, Vec<(u32, PathBuf)>> {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
impl Handle {
    /// Makes it what a forked child would find.
    pub(super) fn as_if_forked(&mut self) {
        for (pid, path) in open().iter_mut() {
            if *path == self.path {
                *pid = 0;
            }
        }
        self.pid = 0; // nobody's id
    }
}
