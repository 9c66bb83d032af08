//! Tokens of OAuth clients on disk, so that short scripts do not spend one each. Only on request.
//!
//! It is a help, never a need: what cannot be read or written costs a token request and a warning.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use zeroize::Zeroizing;

use super::cache::{self, Content, Lock, Token, since_1970};
use crate::error::Error;
use crate::model::{AccessToken, Grant};

/// A token that expires sooner is not worth taking.
pub(super) const MARGIN: Duration = Duration::from_secs(60);

/// One client's place in the file.
#[derive(Clone, Debug)]
pub struct TokenFile {
    path: PathBuf,
    /// Whose tokens: the server, its login, and the client id.
    key: String,
}

impl TokenFile {
    /// The place of `client_id` in the file at `path`, whose folder is made if it is not there.
    pub fn new(path: PathBuf, base_url: &str, login_url: &str, client_id: &str) -> Result<Self, Error> {
        usable(&path)?;
        Ok(Self { path, key: format!("{base_url} {login_url} {client_id}") })
    }

    /// The token in the file, if it is good for a while yet.
    pub(super) fn read(&self, now: SystemTime) -> Option<Grant> {
        let content = cache::read(&self.path).map_err(|flaw| {
            tracing::warn!(target: "gcrec.auth", "the token cache {} is not used: {flaw}", self.path.display());
        });
        let entry = content.ok()?.tokens.remove(&self.key)?;
        let left = Duration::from_secs(entry.expires_at).checked_sub(since_1970(now))?;
        let token = AccessToken::new(&entry.access_token).ok()?;
        (left > MARGIN).then_some(Grant { token, expires_in: Some(left), scopes: Vec::new(), refresh_token: None })
    }

    /// Keeps a token whose end is known.
    pub(super) fn write(&self, grant: &Grant, now: SystemTime) {
        let Some(life) = grant.expires_in else { return };
        let entry = Token {
            access_token: Zeroizing::new(grant.token.secret().expose().to_owned()),
            expires_at: since_1970(now).saturating_add(life).as_secs(),
        };
        self.change(|content| drop(content.tokens.insert(self.key.clone(), entry)));
    }

    /// Removes a token that the server refused, unless another has replaced it.
    pub(super) fn forget(&self, token: &AccessToken) {
        self.change(|content| {
            if content.tokens.get(&self.key).is_some_and(|entry| *entry.access_token == token.secret().expose()) {
                content.tokens.remove(&self.key);
            }
        });
    }

    fn change(&self, change: impl FnOnce(&mut Content)) {
        // Somebody else is writing: his token is as good as ours.
        let replaced = |lock: Option<Lock>| lock.map_or(Ok(()), |lock| lock.replace(change));
        if let Err(error) = Lock::try_take(&self.path).and_then(replaced) {
            warn_unwritten(&self.path, &error);
        }
    }
}

/// Can a file be kept there? Its folder is made if it is not there.
pub(super) fn usable(path: &Path) -> Result<(), Error> {
    if path.is_dir() {
        return Err(Error::Config(format!("token_cache names a folder, and must name a file: {}.", path.display())));
    }
    let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) else { return Ok(()) };
    fs::create_dir_all(folder).map_err(|error| {
        Error::Config(format!("The folder of token_cache cannot be made: {}: {error}.", folder.display()))
    })
}

pub(super) fn warn_unwritten(path: &Path, error: &io::Error) {
    tracing::warn!(target: "gcrec.auth", "the token cache {} cannot be written: {error}", path.display());
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
        Grant { token, expires_in: Some(Duration::from_secs(life)), scopes: Vec::new(), refresh_token: None }
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
        let file = TokenFile::new(path.clone(), "https://a.example", "https://a.example", "one").unwrap();
        let other = TokenFile::new(path.clone(), "https://a.example", "https://a.example", "two").unwrap();
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
        let file = TokenFile::new(path.clone(), "https://a.example", "https://a.example", "one").unwrap();
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
