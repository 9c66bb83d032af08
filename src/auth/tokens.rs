//! The token of the moment: cached, renewed in time, asked for once however many wait for it.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, WeakShared};

use super::TokenFile;
use crate::clock::SharedClock;
use crate::error::{Error, ErrorKind};
use crate::log;
use crate::model::{AccessToken, Grant};

/// A token is renewed so long before it expires, or a fifth of its life before if that is shorter.
const MARGIN: Duration = Duration::from_secs(60);
/// A server that has just refused the client's credentials is not asked again before this: everybody fails at once, and
/// thousands who wait do not become thousands of refused logins.
const REFUSED_FOR: Duration = Duration::from_secs(5);

/// After a failed renewal of a token that is still good.
const TRY_AGAIN: Duration = Duration::from_secs(5);

/// How a new token is asked for, in place of the one that was had before.
type Ask = Box<dyn Fn(Option<AccessToken>) -> BoxFuture<'static, Result<Grant, Error>> + Send + Sync>;
type Renewal = BoxFuture<'static, Result<Grant, Error>>;

/// A token as it was handed out. The serial tells a token that the server refused from the one that replaced it.
#[derive(Clone, Debug)]
pub struct Held {
    /// The token.
    pub token: AccessToken,
    /// Which of all the tokens of its source it is.
    pub serial: u64,
}

/// Where requests get their token from. Shared by all users of a client.
pub struct Tokens {
    clock: SharedClock,
    /// None: the token was given, and there is no way to another.
    ask: Option<Ask>,
    file: Option<TokenFile>,
    /// Does a renewal spend what it is asked for with?
    spends: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    /// When `held` is to be renewed, and when it expires; None where nobody knows.
    renew_at: Option<Duration>,
    expires_at: Option<Duration>,
    last_serial: u64,
    /// What everybody waits for. It lives as long as somebody does.
    renewal: Option<WeakShared<Renewal>>,
    /// The same, where it must not die half-way: its refresh token may be spent already.
    precious: Option<Shared<Renewal>>,
    /// What was held last, and is to be replaced.
    before: Option<AccessToken>,
    refused: Option<(Duration, Error)>,
}

impl Tokens {
    /// One token, which its owner renews, or nobody.
    pub fn fixed(token: AccessToken, clock: SharedClock) -> Self {
        let state = State { held: Some(Held { token, serial: 1 }), last_serial: 1, ..State::default() };
        Self { clock, ask: None, file: None, spends: false, state: Mutex::new(state) }
    }

    /// Tokens that `ask` gets, kept in `file` too if there is one.
    pub fn asked_for(
        ask: impl Fn() -> BoxFuture<'static, Result<Grant, Error>> + Send + Sync + 'static,
        file: Option<TokenFile>,
        clock: SharedClock,
    ) -> Self {
        let ask: Ask = Box::new(move |_| ask());
        Self { clock, ask: Some(ask), file, spends: false, state: Mutex::default() }
    }

    /// Tokens of a user's login, each renewal of which spends a refresh token. `ask` is told which token is to be
    /// replaced, and keeps what it gets.
    pub fn of_login(
        ask: impl Fn(Option<AccessToken>) -> BoxFuture<'static, Result<Grant, Error>> + Send + Sync + 'static,
        clock: SharedClock,
    ) -> Self {
        Self { clock, ask: Some(Box::new(ask)), file: None, spends: true, state: Mutex::default() }
    }

    /// Forgets what was held: somebody else has logged in.
    pub fn restart(&self) {
        let mut state = self.lock();
        *state = State { last_serial: state.last_serial, ..State::default() };
    }

    /// The token to use now. Whoever comes while a new one is on its way waits for that one.
    pub async fn get(&self) -> Result<Held, Error> {
        let mut joined_before = false;
        loop {
            let (renewal, joined) = {
                let mut state = self.lock();
                let now = self.clock.now();
                if let Some(held) = state.usable(now) {
                    return Ok(held);
                }
                if let Some((_, error)) = state.refused.as_ref().filter(|(until, _)| now < *until) {
                    return Err(error.clone());
                }
                let Some(ask) = &self.ask else {
                    return Err(Error::Config("The access token is gone, and there is no way to a new one.".into()));
                };
                if let Some(grant) = self.file.as_ref().and_then(|file| file.read(self.clock.wall())) {
                    return Ok(state.take(grant, now));
                }
                if let Some(renewal) = state.renewal.as_ref().and_then(WeakShared::upgrade) {
                    (renewal, true)
                } else {
                    let renewal = ask(state.before.clone()).shared();
                    state.renewal = renewal.downgrade();
                    state.precious = self.spends.then(|| renewal.clone());
                    (renewal, false)
                }
            };
            let outcome = renewal.clone().await;
            let failed_before_us = joined && self.spends && outcome.as_ref().is_err_and(Error::retryable);
            let result = self.renewed(&renewal, outcome);
            // One that others left lying may have run out of time long ago: that says nothing of ours.
            if failed_before_us && !std::mem::replace(&mut joined_before, true) {
                continue;
            }
            if let Some(result) = result {
                return result;
            }
        }
    }

    /// How long the token that is held lasts, if that is known.
    pub fn lasts(&self) -> Option<Duration> {
        Some(self.lock().expires_at?.saturating_sub(self.clock.now()))
    }

    /// The server refused this token (401). True if there may be another.
    pub fn refused(&self, serial: u64) -> bool {
        let mut state = self.lock();
        if self.ask.is_some() && state.held.as_ref().is_some_and(|held| held.serial == serial) {
            if let (Some(file), Some(held)) = (&self.file, &state.held) {
                file.forget(&held.token);
            }
            state.held = None;
        }
        self.ask.is_some()
    }

    /// Takes what came of a renewal, once for all who waited. None: another has taken it, look again.
    fn renewed(&self, renewal: &Shared<Renewal>, outcome: Result<Grant, Error>) -> Option<Result<Held, Error>> {
        let mut state = self.lock();
        let now = self.clock.now();
        let first = state.renewal.as_ref().and_then(WeakShared::upgrade).is_some_and(|current| current.ptr_eq(renewal));
        match outcome {
            Ok(grant) if first => {
                (state.renewal, state.precious) = (None, None);
                log::renewed(grant.expires_in);
                if let Some(file) = &self.file {
                    file.write(&grant, self.clock.wall());
                }
                Some(Ok(state.take(grant, now)))
            }
            Ok(_) => None,
            Err(error) => {
                let still_good = state.held.clone().filter(|_| state.expires_at.is_some_and(|end| now < end));
                if first {
                    log::not_renewed(&error, still_good.is_some());
                    (state.renewal, state.precious) = (None, None);
                    // The old one is good for a moment yet: use it, and try again soon.
                    state.renew_at = state.renew_at.map(|_| now + TRY_AGAIN);
                    if matches!(error.kind(), ErrorKind::Authentication | ErrorKind::PermissionDenied) {
                        state.refused = Some((now + REFUSED_FOR, error.clone()));
                    }
                }
                Some(still_good.ok_or(error))
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn usable(&self, now: Duration) -> Option<Held> {
        self.held.clone().filter(|_| self.renew_at.is_none_or(|at| now < at))
    }

    fn take(&mut self, grant: Grant, now: Duration) -> Held {
        self.last_serial += 1;
        let held = Held { token: grant.token, serial: self.last_serial };
        self.renew_at = grant.expires_in.and_then(|life| now.checked_add(life.saturating_sub(MARGIN.min(life / 5))));
        self.expires_at = grant.expires_in.and_then(|life| now.checked_add(life));
        self.before = Some(held.token.clone());
        self.held = Some(held.clone());
        self.refused = None;
        held
    }
}

/// Shows no token.
impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("renewable", &self.ask.is_some()).finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "tokens_tests.rs"]
mod tests;
