//! Who may ask, for what, and how often.

use std::collections::HashMap;
use std::time::Duration;

use super::dice::{Dice, Purpose};
use super::moment::Moment;
use super::options::Settings;

/// What an answer says about the rate where nothing is limited.
const UNLIMITED: u32 = 1_000_000;
const SECRET_LENGTH: usize = 43;
const TOKEN_LENGTH: usize = 86;

/// What a token has used of its rate, for the `inin-ratelimit-` headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Quota {
    pub allowed: u32,
    pub count: u32,
    /// Whole seconds until the count begins anew, rounded up.
    pub reset: u64,
    /// The window in seconds, rounded up.
    pub window: u64,
}

/// What a request takes of whoever makes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// A scope of the token.
    Scope(&'static str),
    /// Any one of these permissions of the client's role.
    AnyPermission(&'static [&'static str]),
}

/// Why a request is refused before it is looked at.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    NoToken,
    BadToken,
    TooMany(Quota),
    /// The token may not do this.
    Missing(Quota),
}

struct Token {
    expires: Moment,
    window_ends: Moment,
    count: u32,
}

/// The one OAuth client, and the tokens that it was given. No `Debug`: it would show them.
pub(super) struct Tokens {
    client_id: String,
    client_secret: String,
    scopes: Vec<String>,
    permissions: Vec<String>,
    lifetime: Duration,
    limit: Option<u32>,
    window: Duration,
    issued: HashMap<String, Token>,
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
            lifetime: settings.token_lifetime,
            limit: settings.rate_limit,
            window: settings.rate_window,
            issued: HashMap::new(),
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

    pub(super) fn issue(&mut self, now: Moment) -> String {
        self.issued.retain(|_, token| now < token.expires);
        let name = self.dice.url_safe(TOKEN_LENGTH);
        let token = Token { expires: now + self.lifetime, window_ends: now, count: 0 };
        self.issued.insert(name.clone(), token);
        name
    }

    pub(super) fn revoke_all(&mut self) -> usize {
        self.issued.drain().count()
    }

    /// Counts a request and lets it pass, or says why not.
    pub(super) fn admit(&mut self, now: Moment, bearer: Option<&str>, need: Need) -> Result<Quota, Refusal> {
        let bearer = bearer.ok_or(Refusal::NoToken)?;
        let token = self.issued.get_mut(bearer).filter(|token| now < token.expires).ok_or(Refusal::BadToken)?;
        if token.window_ends <= now {
            token.window_ends = now + self.window;
            token.count = 0;
        }
        let allowed = self.limit.unwrap_or(UNLIMITED);
        let refused = self.limit.is_some_and(|limit| token.count >= limit);
        if !refused {
            token.count = token.count.saturating_add(1);
        }
        let quota = Quota {
            allowed,
            count: token.count,
            reset: rounded_up(token.window_ends.saturating_sub(now)),
            window: rounded_up(self.window),
        };
        if refused {
            Err(Refusal::TooMany(quota))
        } else if self.grants(need) {
            Ok(quota)
        } else {
            Err(Refusal::Missing(quota))
        }
    }

    fn grants(&self, need: Need) -> bool {
        let among = |granted: &[String], word| granted.iter().any(|granted| granted == word);
        match need {
            Need::Scope(scope) => among(&self.scopes, scope),
            Need::AnyPermission(any) => any.iter().any(|permission| among(&self.permissions, permission)),
        }
    }
}

fn rounded_up(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::Options;

    const NOW: Moment = Duration::from_secs(100);
    const READ: Need = Need::Scope("conversation:read");

    fn tokens(options: &Options) -> Tokens {
        Tokens::new(&options.check().unwrap())
    }

    #[test]
    fn a_token_is_good_until_it_expires_or_is_revoked() {
        let mut tokens = tokens(&Options { token_lifetime: 10.0, ..Options::default() });
        let token = tokens.issue(NOW);
        assert!(tokens.admit(NOW + Duration::from_millis(9_999), Some(&token), READ).is_ok());
        assert_eq!(tokens.admit(NOW + Duration::from_secs(10), Some(&token), READ), Err(Refusal::BadToken));
        let token = tokens.issue(NOW);
        assert!(tokens.admit(NOW, Some(&token), READ).is_ok());
        assert_eq!(tokens.revoke_all(), 2);
        assert_eq!(tokens.admit(NOW, Some(&token), READ), Err(Refusal::BadToken));
        assert_eq!(tokens.admit(NOW, None, READ), Err(Refusal::NoToken));
    }

    #[test]
    fn each_token_has_its_own_window_which_refused_requests_do_not_fill() {
        let mut tokens = tokens(&Options { rate_limit: Some(2), rate_window: 1.5, ..Options::default() });
        let (first, second) = (tokens.issue(NOW), tokens.issue(NOW));
        let at = |milliseconds| NOW + Duration::from_millis(milliseconds);
        assert_eq!(tokens.admit(at(0), Some(&first), READ), Ok(Quota { allowed: 2, count: 1, reset: 2, window: 2 }));
        assert!(tokens.admit(at(1_400), Some(&first), READ).is_ok());
        let refused = Quota { allowed: 2, count: 2, reset: 1, window: 2 };
        assert_eq!(tokens.admit(at(1_400), Some(&first), READ), Err(Refusal::TooMany(refused)));
        assert!(tokens.admit(at(1_400), Some(&second), READ).is_ok());
        assert_eq!(tokens.admit(at(1_500), Some(&first), READ).map(|quota| quota.count), Ok(1));
    }

    #[test]
    fn a_scope_that_was_not_granted_is_missing() {
        let mut tokens = tokens(&Options { scopes: vec!["conversation:write".into()], ..Options::default() });
        let token = tokens.issue(NOW);
        assert!(matches!(tokens.admit(NOW, Some(&token), READ), Err(Refusal::Missing(_))));
    }

    #[test]
    fn any_one_of_the_permissions_is_enough_and_scopes_are_none() {
        let mut tokens = tokens(&Options { permissions: vec!["a:b:c".into()], ..Options::default() });
        let token = tokens.issue(NOW);
        let mut ask = |any| tokens.admit(NOW, Some(&token), Need::AnyPermission(any));
        assert!(ask(&["x:y:z", "a:b:c"]).is_ok());
        assert!(matches!(ask(&["x:y:z", "conversation:read"]), Err(Refusal::Missing(_))));
    }

    #[test]
    fn secrets_need_no_encoding_anywhere() {
        let mut tokens = tokens(&Options::default());
        for secret in [tokens.client_secret().to_owned(), tokens.issue(NOW)] {
            assert!(secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
        }
    }
}
