//! The file that tokens and logins are kept in: for its owner only (0600).
//!
//! It is replaced as a whole (written beside it, then renamed) under a lock of its own; whoever reads sees the old or
//! the new one.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::clock::SharedClock;

/// The form of the file; another one is not read, and written over.
const VERSION: u32 = 2;
/// How often somebody who waits for the lock looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// All that is kept.
#[derive(Default, Deserialize, Serialize)]
pub(super) struct Content {
    version: u32,
    /// Of OAuth clients, by server and client id.
    #[serde(default)]
    pub(super) tokens: BTreeMap<String, Token>,
    /// Of users, the newest first.
    #[serde(default)]
    pub(super) logins: Vec<Entry>,
}

#[derive(Deserialize, Serialize)]
pub(super) struct Token {
    pub(super) access_token: Zeroizing<String>,
    /// Seconds since 1970.
    pub(super) expires_at: u64,
}

/// A user's login.
#[derive(Deserialize, Serialize)]
pub(super) struct Entry {
    pub(super) base_url: String,
    pub(super) login_url: String,
    pub(super) api: String,
    pub(super) client_id: String,
    #[serde(flatten)]
    pub(super) kept: Kept,
}

/// What a login goes on with.
#[derive(Clone, Deserialize, PartialEq, Eq, Serialize)]
pub(super) struct Kept {
    pub(super) access_token: Zeroizing<String>,
    /// Seconds since 1970; None where the server did not say.
    pub(super) expires_at: Option<u64>,
    pub(super) refresh_token: Option<Zeroizing<String>>,
}

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum Flaw {
    #[error("others can read it")]
    Public,
    #[error("{0}")]
    Unreadable(#[from] io::Error),
}

/// What is kept in the file: nothing where there is none, or one that is not ours to understand.
pub(super) fn read(path: &Path) -> Result<Content, Flaw> {
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Content::default()),
        file => file?,
    };
    if !is_private(&file) {
        return Err(Flaw::Public);
    }
    let text = Zeroizing::new(io::read_to_string(file)?);
    let content = serde_json::from_str::<Content>(&text).ok().filter(|content| content.version == VERSION);
    Ok(content.unwrap_or_default())
}

/// The right to change the file; let go when dropped, also if a forked child has inherited it.
pub(super) struct Lock {
    file: File,
    path: PathBuf,
}

impl Lock {
    /// The lock of the file at `path`; None where another process has it.
    pub(super) fn try_take(path: &Path) -> io::Result<Option<Self>> {
        let file = private().create(true).truncate(false).open(with_suffix(path, ".lock"))?;
        Ok(file.try_lock().is_ok().then(|| Self { file, path: path.to_owned() }))
    }

    /// The lock, when others have let go of it; None if that takes longer.
    pub(super) async fn take(path: &Path, clock: &SharedClock, longest: Duration) -> io::Result<Option<Self>> {
        let end = clock.now() + longest;
        loop {
            let lock = Self::try_take(path)?;
            if lock.is_some() || clock.now() >= end {
                return Ok(lock);
            }
            clock.sleep_until(clock.now() + LOOK_AGAIN).await;
        }
    }

    /// Changes what is kept. What others could read is not taken over.
    pub(super) fn replace(&self, change: impl FnOnce(&mut Content)) -> io::Result<()> {
        let mut content = read(&self.path).unwrap_or_default();
        content.version = VERSION;
        change(&mut content);
        let beside = with_suffix(&self.path, ".new");
        // One left by a process that died, perhaps with another mode.
        match fs::remove_file(&beside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let text = Zeroizing::new(serde_json::to_string_pretty(&content)?);
        let mut file = private().create_new(true).open(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, &self.path)
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}

pub(super) fn since_1970(now: SystemTime) -> Duration {
    now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[cfg(unix)]
fn private() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = File::options();
    options.write(true).mode(0o600);
    options
}

/// Nothing for the group and for others.
#[cfg(unix)]
fn is_private(file: &File) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|metadata| metadata.permissions().mode().trailing_zeros() >= 6)
}

/// Elsewhere a user's folders are his own already.
#[cfg(not(unix))]
fn private() -> OpenOptions {
    let mut options = File::options();
    options.write(true);
    options
}

#[cfg(not(unix))]
fn is_private(_: &File) -> bool {
    true
}
