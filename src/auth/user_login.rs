//! A user's login: kept in the file of [`super::cache`], renewed by its refresh token, one process at a time.
//!
//! A refresh token that is used twice ends the login at many servers. So whoever renews holds the file's lock from the
//! look at what is kept until the new one is written, and whoever waited for the lock looks again first.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use zeroize::Zeroizing;

use super::authorization_code::refresh;
use super::cache::{self, Entry, Kept, Lock, since_1970};
use super::token_file::{MARGIN, usable, warn_unwritten};
use crate::clock::SharedClock;
use crate::error::{Error, LoginFault};
use crate::model::{AccessToken, Grant};
use crate::secret::Secret;
use crate::wire::Ask;

/// What the token endpoint says to a refresh token that is of no use any more.
const OVER: &str = "invalid_grant";
/// Another process that renews gets so long: a renewal takes at most one request's timeout, repeats included.
const LONGEST_RENEWAL: Duration = Duration::from_secs(40);

/// Where a user is logged in, and through which OAuth client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginPlace {
    /// The API's address.
    pub base_url: String,
    /// The login's.
    pub login_url: String,
    /// The API that is spoken.
    pub api: String,
    /// The OAuth client's id.
    pub client_id: String,
}

/// The login of one user.
pub struct UserLogin {
    place: LoginPlace,
    /// None: it lasts as long as this process.
    file: Option<PathBuf>,
    /// What is not in the file, because there is none or it could not be written.
    memory: Mutex<Option<Kept>>,
    clock: SharedClock,
}

/// The logins in a file, the newest first.
pub fn kept_logins(path: &Path) -> Result<Vec<LoginPlace>, Error> {
    let content = cache::read(path).map_err(|flaw| unusable(path, &flaw))?;
    let place = |Entry { base_url, login_url, api, client_id, .. }| LoginPlace { base_url, login_url, api, client_id };
    Ok(content.logins.into_iter().map(place).collect())
}

impl UserLogin {
    /// The login there, kept in `file` if one is named; there need not be one yet.
    pub fn new(place: LoginPlace, file: Option<PathBuf>, clock: SharedClock) -> Result<Self, Error> {
        if place.client_id.is_empty() {
            return Err(Error::Config("The client id is empty: pass it, or set GENESYS_CLIENT_ID.".into()));
        }
        file.as_deref().map(usable).transpose()?;
        Ok(Self { place, file, memory: Mutex::default(), clock })
    }

    /// Through which OAuth client.
    pub fn client_id(&self) -> &str {
        &self.place.client_id
    }

    /// Where it is kept, if it is.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Keeps what a login gave, in place of one before it.
    pub async fn begin(&self, grant: &Grant) -> Result<(), Error> {
        let lock = self.lock().await?;
        self.keep(lock.as_ref(), kept(grant, None, self.clock.wall()));
        Ok(())
    }

    /// A token other than `refused`: the one that is kept, or a new one that `send` asks for.
    pub async fn fresh<F>(
        &self,
        refused: Option<AccessToken>,
        send: impl FnOnce(Ask<Grant>) -> F,
    ) -> Result<Grant, Error>
    where
        F: Future<Output = Result<Grant, Error>>,
    {
        if let Some(grant) = self.usable(&self.look()?, refused.as_ref()) {
            return Ok(grant);
        }
        let lock = self.lock().await?;
        // Another process may have renewed it meanwhile.
        let kept_now = self.look()?;
        if let Some(grant) = self.usable(&kept_now, refused.as_ref()) {
            return Ok(grant);
        }
        let Some(refresh_token) = kept_now.refresh_token else { return Err(self.nobody()) };
        match send(refresh(&self.place.client_id, &Secret::new(&**refresh_token))).await {
            Ok(grant) => {
                self.keep(lock.as_ref(), kept(&grant, Some(refresh_token), self.clock.wall()));
                Ok(grant)
            }
            Err(error) => {
                if error.code() == Some(OVER) {
                    self.remove(lock.as_ref());
                }
                Err(error)
            }
        }
    }

    /// Forgets it.
    pub async fn end(&self) -> Result<(), Error> {
        let lock = self.lock().await?;
        self.remove(lock.as_ref());
        Ok(())
    }

    fn look(&self) -> Result<Kept, Error> {
        if let Some(kept) = &*self.memory() {
            return Ok(kept.clone());
        }
        let Some(file) = &self.file else { return Err(self.nobody()) };
        let logins = cache::read(file).map_err(|flaw| unusable(file, &flaw))?.logins;
        let ours = logins.into_iter().find(|login| self.is_ours(login));
        ours.map(|login| login.kept).ok_or_else(|| self.nobody())
    }

    /// The token that is kept, if it is good for a while yet and not the refused one.
    fn usable(&self, kept: &Kept, refused: Option<&AccessToken>) -> Option<Grant> {
        let now = since_1970(self.clock.wall());
        let left = kept.expires_at.map(|at| Duration::from_secs(at).saturating_sub(now));
        let token = AccessToken::new(&kept.access_token).ok()?;
        let is_refused = refused.is_some_and(|refused| refused.secret() == token.secret());
        let is_good = !is_refused && left.is_none_or(|left| left > MARGIN);
        is_good.then_some(Grant { token, expires_in: left, scopes: Vec::new(), refresh_token: None })
    }

    /// The right to change the file; None where there is none.
    async fn lock(&self) -> Result<Option<Lock>, Error> {
        let Some(file) = &self.file else { return Ok(None) };
        match Lock::take(file, &self.clock, LONGEST_RENEWAL).await {
            Ok(Some(lock)) => Ok(Some(lock)),
            Ok(None) => Err(Error::Login(Box::new(LoginFault::Busy(file.display().to_string())))),
            Err(error) => Err(Error::Config(format!("The login cannot be kept in {}: {error}.", file.display()))),
        }
    }

    fn keep(&self, lock: Option<&Lock>, kept: Kept) {
        // In the process first: what the server has given must not be lost to a full disk.
        *self.memory() = Some(kept.clone());
        let LoginPlace { base_url, login_url, api, client_id } = self.place.clone();
        let login = Entry { base_url, login_url, api, client_id, kept };
        let written = lock.map(|lock| {
            lock.replace(|content| {
                content.logins.retain(|other| !self.is_ours(other));
                content.logins.insert(0, login);
            })
        });
        self.written(written);
    }

    fn remove(&self, lock: Option<&Lock>) {
        *self.memory() = None;
        let written = lock.map(|lock| lock.replace(|content| content.logins.retain(|other| !self.is_ours(other))));
        self.written(written);
    }

    /// What is in the file need not be remembered: another process may change it.
    fn written(&self, written: Option<std::io::Result<()>>) {
        match (written, &self.file) {
            (Some(Ok(())), _) => *self.memory() = None,
            (Some(Err(error)), Some(file)) => warn_unwritten(file, &error),
            _ => {}
        }
    }

    fn is_ours(&self, login: &Entry) -> bool {
        let LoginPlace { base_url, login_url, client_id, .. } = &self.place;
        login.base_url == *base_url && login.login_url == *login_url && login.client_id == *client_id
    }

    fn nobody(&self) -> Error {
        let place = format!(" at {} through the OAuth client {}", self.place.login_url, self.place.client_id);
        Error::Login(Box::new(LoginFault::Nobody(place)))
    }

    fn memory(&self) -> MutexGuard<'_, Option<Kept>> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Shows no token.
impl std::fmt::Debug for UserLogin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserLogin").field("place", &self.place).field("file", &self.file).finish_non_exhaustive()
    }
}

fn kept(grant: &Grant, before: Option<Zeroizing<String>>, now: SystemTime) -> Kept {
    let refresh_token = grant.refresh_token.as_ref().map(|token| Zeroizing::new(token.expose().to_owned()));
    Kept {
        access_token: Zeroizing::new(grant.token.secret().expose().to_owned()),
        expires_at: grant.expires_in.map(|life| since_1970(now).saturating_add(life).as_secs()),
        // A server that gives no new one means the old one to go on.
        refresh_token: refresh_token.or(before),
    }
}

fn unusable(path: &Path, flaw: &cache::Flaw) -> Error {
    let path = path.display();
    Error::Config(format!("The login in {path} is not used: {flaw}. Take that away (chmod 600), or log in again."))
}

#[cfg(test)]
#[path = "user_login_tests.rs"]
mod tests;
