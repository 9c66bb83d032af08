//! A place for the files of one test.

use std::path::PathBuf;

/// A folder that goes with the test that made it.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    /// `name` is of one test only.
    pub(super) fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("gcrec-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        // Resolved, as a journal tells it.
        Self(folder.canonicalize().unwrap())
    }

    pub(super) fn path(&self, file: &str) -> PathBuf {
        self.0.join(file)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
