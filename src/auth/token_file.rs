//! Tokens on disk, so that short scripts do not spend one each. Only on request, only for their owner (0600).
//!
//! The file is replaced as a whole (written beside it, then renamed) under a lock of its own; whoever reads sees the old
//! or the new one. It is a help, never a need: what cannot be read or written costs a token request and a warning.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::error::Error;
use crate::model::{AccessToken, Grant};

/// A token that expires sooner is not worth taking.
const MARGIN: Duration = Duration::from_secs(60);
/// The form of the file; another one is not read, and written over.
const VERSION: u32 = 1;

/// One client's place in the file.
#[derive(Clone, Debug)]
pub struct TokenFile {
    path: PathBuf,
    /// Whose tokens: the origin and the client id.
    key: String,
}

#[derive(Default, Deserialize, Serialize)]
struct Content {
    version: u32,
    tokens: BTreeMap<String, Entry>,
}

#[derive(Deserialize, Serialize)]
struct Entry {
    access_token: Zeroizing<String>,
    /// Seconds since 1970.
    expires_at: u64,
}

impl TokenFile {
    /// The place of `client_id` at `origin` in the file at `path`, whose folder is made if it is not there.
    pub fn new(path: PathBuf, origin: &str, client_id: &str) -> Result<Self, Error> {
        if path.is_dir() {
            return Err(Error::Config(format!(
                "token_cache names a folder, and must name a file: {}.",
                path.display()
            )));
        }
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder).map_err(|error| {
                Error::Config(format!("The folder of token_cache cannot be made: {}: {error}.", folder.display()))
            })?;
        }
        Ok(Self { path, key: format!("{origin} {client_id}") })
    }

    /// The token in the file, if it is good for a while yet.
    pub(super) fn read(&self, now: SystemTime) -> Option<Grant> {
        let entry = read(&self.path)?.tokens.remove(&self.key)?;
        let left = Duration::from_secs(entry.expires_at).checked_sub(since_1970(now))?;
        let token = AccessToken::new(&entry.access_token).ok()?;
        (left > MARGIN).then_some(Grant { token, expires_in: Some(left), scopes: Vec::new() })
    }

    /// Keeps a token whose end is known.
    pub(super) fn write(&self, grant: &Grant, now: SystemTime) {
        let Some(life) = grant.expires_in else { return };
        let entry = Entry {
            access_token: Zeroizing::new(grant.token.secret().expose().to_owned()),
            expires_at: since_1970(now).saturating_add(life).as_secs(),
        };
        self.change(|tokens| drop(tokens.insert(self.key.clone(), entry)));
    }

    /// Removes a token that the server refused, unless another has replaced it.
    pub(super) fn forget(&self, token: &AccessToken) {
        self.change(|tokens| {
            if tokens.get(&self.key).is_some_and(|entry| *entry.access_token == token.secret().expose()) {
                tokens.remove(&self.key);
            }
        });
    }

    fn change(&self, change: impl FnOnce(&mut BTreeMap<String, Entry>)) {
        if let Err(error) = self.replace(change) {
            tracing::warn!(target: "gcrec.auth", "the token cache {} cannot be written: {error}", self.path.display());
        }
    }

    fn replace(&self, change: impl FnOnce(&mut BTreeMap<String, Entry>)) -> io::Result<()> {
        let lock = private().create(true).truncate(false).open(with_suffix(&self.path, ".lock"))?;
        // Somebody else is writing: his token is as good as ours.
        if lock.try_lock().is_err() {
            return Ok(());
        }
        let mut content = read(&self.path).unwrap_or_default();
        content.version = VERSION;
        change(&mut content.tokens);
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

/// Nothing where there is no file, or one that others can read or that is not ours to understand.
fn read(path: &Path) -> Option<Content> {
    let file = File::open(path).ok()?;
    if !is_private(&file) {
        tracing::warn!(target: "gcrec.auth", "the token cache {} is not used: others can read it", path.display());
        return None;
    }
    let text = Zeroizing::new(io::read_to_string(file).ok()?);
    serde_json::from_str::<Content>(&text).ok().filter(|content| content.version == VERSION)
}

fn since_1970(now: SystemTime) -> Duration {
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

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_secs(1_800_000_000);

    fn at(offset: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + NOW + Duration::from_secs(offset)
    }

    fn grant(token: &str, life: u64) -> Grant {
        let token = AccessToken::new(token).unwrap();
        Grant { token, expires_in: Some(Duration::from_secs(life)), scopes: Vec::new() }
    }

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("gcrec-token-file-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        folder
    }

    #[test]
    fn a_token_comes_back_until_it_is_old_or_refused() {
        let folder = folder("a");
        let path = folder.join("below/tokens.json");
        let file = TokenFile::new(path.clone(), "https://a.example", "one").unwrap();
        let other = TokenFile::new(path.clone(), "https://a.example", "two").unwrap();
        file.write(&grant("token-1", 600), at(0));
        other.write(&grant("token-2", 600), at(0));
        let read = |file: &TokenFile, offset| file.read(at(offset)).map(|g| g.token.secret().expose().to_owned());
        assert_eq!(read(&file, 100).as_deref(), Some("token-1"));
        assert_eq!(read(&file, 541), None);
        file.forget(&AccessToken::new("token-9").unwrap());
        assert_eq!(read(&file, 100).as_deref(), Some("token-1"));
        file.forget(&AccessToken::new("token-1").unwrap());
        assert_eq!((read(&file, 100), read(&other, 100).as_deref()), (None, Some("token-2")));
        fs::write(&path, "{").unwrap();
        assert_eq!(read(&other, 100), None);
        fs::remove_dir_all(folder).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_may_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = folder("b");
        let path = folder.join("tokens.json");
        let file = TokenFile::new(path.clone(), "https://a.example", "one").unwrap();
        file.write(&grant("token-1", 600), at(0));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(file.read(at(0)).is_none());
        file.write(&grant("token-2", 600), at(0));
        assert!(file.read(at(0)).is_some());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::remove_dir_all(folder).unwrap();
    }
}
