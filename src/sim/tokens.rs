//! Who may ask, for what, and how often.

use std::collections::HashMap;
use std::time::Duration;

use uuid::Uuid;

use super::dice::{Dice, Purpose};
use super::logins::{Denied, Exchanger, Family, Login, Logins, Session};
use super::moment::Moment;
use super::options::Settings;
use super::rate::{Quota, Rate, Window};

const SECRET_LENGTH: usize = 43;
const TOKEN_LENGTH: usize = 86;
/// A user's requests by all tokens of one client, in tokens' worth: 3,000 to 300, as the vendor documents.
const USERS_SHARE: u32 = 10;

/// For whom a token speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Holder {
    /// The client itself, by its credentials.
    Client,
    /// A user who logged in.
    User(Uuid),
}

/// What a request takes of whoever makes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// Nothing but a good token.
    Token,
    /// A scope of the token.
    Scope(&'static str),
    /// Any one of these permissions of the holder's role.
    AnyPermission(&'static [&'static str]),
}

/// Somebody who may do what they ask for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Admission {
    pub holder: Holder,
    pub quota: Quota,
}

/// One request too many.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Excess {
    pub quota: Quota,
    /// The vendor's name of the limit.
    pub key: &'static str,
    /// Whether the answer has a `Retry-After`, or says in words when to come again.
    pub in_header: bool,
}

/// Why a request is refused before it is looked at.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    NoToken,
    BadToken,
    TooMany(Excess),
    /// The token may not do this.
    Missing(Quota),
}

/// What a grant gives.
pub(super) struct Issued {
    pub access_token: String,
    /// Only a user's grants have one.
    pub refresh_token: Option<String>,
}

struct Token {
    holder: Holder,
    /// The login that it comes from.
    family: Option<Family>,
    expires: Moment,
    window: Window,
}

/// The one OAuth client, and the tokens that were given. No `Debug`: it would show them.
pub(super) struct Tokens {
    client_id: String,
    client_secret: String,
    scopes: Vec<String>,
    permissions: Vec<String>,
    user_permissions: Vec<String>,
    lifetime: Duration,
    rate: Rate,
    retry_after_header: bool,
    issued: HashMap<String, Token>,
    users: HashMap<Uuid, Window>,
    logins: Logins,
    dice: Dice,
}

impl Tokens {
    pub(super) fn new(settings: &Settings) -> Self {
        let mut credentials = Dice::new(settings.seed, Purpose::Credentials);
        Self {
            client_id: credentials.uuid().to_string(),
            client_secret: credentials.url_safe(SECRET_LENGTH),
            scopes: settings.scopes.clone(),
            permissions: settings.permissions.clone(),
            user_permissions: settings.user_permissions.clone(),
            lifetime: settings.token_lifetime,
            rate: Rate { limit: settings.rate_limit, window: settings.rate_window },
            retry_after_header: settings.retry_after_header,
            issued: HashMap::new(),
            users: HashMap::new(),
            logins: Logins::new(settings.seed),
            dice: Dice::new(settings.seed, Purpose::Tokens),
        }
    }

    pub(super) fn client_id(&self) -> &str {
        &self.client_id
    }

    pub(super) fn client_secret(&self) -> &str {
        &self.client_secret
    }

    pub(super) fn scopes(&self) -> &[String] {
        &self.scopes
    }

    pub(super) fn lifetime(&self) -> Duration {
        self.lifetime
    }

    pub(super) fn knows(&self, client_id: &str, client_secret: &str) -> bool {
        client_id == self.client_id && client_secret == self.client_secret
    }

    /// Whether a holder's role has a permission.
    pub(super) fn permits(&self, holder: Holder, permission: &str) -> bool {
        let role = match holder {
            Holder::Client => &self.permissions,
            Holder::User(_) => &self.user_permissions,
        };
        among(role, permission)
    }

    pub(super) fn issue(&mut self, now: Moment, holder: Holder) -> String {
        self.issue_to(now, holder, None)
    }

    /// A user allowed the client to act for them; gives the code for that.
    pub(super) fn log_in(&mut self, now: Moment, login: Login) -> String {
        self.logins.allow(now, login)
    }

    pub(super) fn exchange(
        &mut self,
        now: Moment,
        code: &str,
        redirect_uri: &str,
        verifier: Option<&str>,
        exchanger: Exchanger,
    ) -> Result<Issued, &'static str> {
        let session = self.logins.exchange(now, code, redirect_uri, verifier, exchanger);
        self.issue_for(now, session)
    }

    pub(super) fn refresh(&mut self, now: Moment, token: &str, exchanger: Exchanger) -> Result<Issued, &'static str> {
        let session = self.logins.refresh(token, exchanger);
        self.issue_for(now, session)
    }

    /// One token is good no more.
    pub(super) fn revoke(&mut self, token: &str) {
        self.issued.remove(token);
    }

    /// No token is good any more; refresh tokens are if they are not to be revoked too.
    pub(super) fn revoke_all(&mut self, refresh_tokens: bool) -> usize {
        if refresh_tokens {
            self.logins.revoke_all();
        }
        self.issued.drain().count()
    }

    /// Counts a request and lets it pass, or says why not.
    pub(super) fn admit(&mut self, now: Moment, bearer: Option<&str>, need: Need) -> Result<Admission, Refusal> {
        let (holder, quota) = self.count(now, bearer)?;
        let granted = match need {
            Need::Token => true,
            Need::Scope(scope) => among(&self.scopes, scope),
            Need::AnyPermission(any) => any.iter().any(|permission| self.permits(holder, permission)),
        };
        if granted { Ok(Admission { holder, quota }) } else { Err(Refusal::Missing(quota)) }
    }

    fn count(&mut self, now: Moment, bearer: Option<&str>) -> Result<(Holder, Quota), Refusal> {
        let bearer = bearer.ok_or(Refusal::NoToken)?;
        let token = self.issued.get_mut(bearer).filter(|token| now < token.expires).ok_or(Refusal::BadToken)?;
        let excess = |quota, key| Refusal::TooMany(Excess { quota, key, in_header: self.retry_after_header });
        if token.window.is_full(self.rate, now) {
            let key = match token.holder {
                Holder::Client => "client.credentials.token.rate.per.minute",
                Holder::User(_) => "token.rate.per.minute",
            };
            return Err(excess(token.window.quota(self.rate, now), key));
        }
        if let Holder::User(user) = token.holder {
            let rate = Rate { limit: self.rate.limit.map(|limit| limit.saturating_mul(USERS_SHARE)), ..self.rate };
            let window = self.users.entry(user).or_default();
            if window.is_full(rate, now) {
                return Err(excess(window.quota(rate, now), "org.app.user.rate.per.minute"));
            }
            window.count();
        }
        token.window.count();
        Ok((token.holder, token.window.quota(self.rate, now)))
    }

    fn issue_for(&mut self, now: Moment, session: Result<Session, Denied>) -> Result<Issued, &'static str> {
        match session {
            Ok(Session { user, family, refresh_token }) => {
                let access_token = self.issue_to(now, Holder::User(user), Some(family));
                Ok(Issued { access_token, refresh_token: Some(refresh_token) })
            }
            Err(Denied { words, dead }) => {
                self.issued.retain(|_, token| dead.is_none() || token.family != dead);
                Err(words)
            }
        }
    }

    fn issue_to(&mut self, now: Moment, holder: Holder, family: Option<Family>) -> String {
        self.issued.retain(|_, token| now < token.expires);
        let name = self.dice.url_safe(TOKEN_LENGTH);
        let token = Token { holder, family, expires: now + self.lifetime, window: Window::default() };
        self.issued.insert(name.clone(), token);
        name
    }
}

fn among(granted: &[String], word: &str) -> bool {
    granted.iter().any(|granted| granted == word)
}

#[cfg(test)]
#[path = "tokens_tests.rs"]
mod tests;
