//! What a user's login leaves behind: a code that is exchanged for tokens once, and refresh tokens that change with each
//! use.
//!
//! All tokens of one login are a family. A code or a refresh token that comes a second time is in two hands, and nobody
//! can tell whose they are: the whole family dies (RFC 6749 section 4.1.2, RFC 9700 section 4.14).

use std::collections::HashMap;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::dice::{Dice, Purpose};
use super::moment::Moment;

/// How long a code may be exchanged. How long the vendor's are good for is documented nowhere.
const CODE_LIFETIME: Duration = Duration::from_secs(60);
const LENGTH: usize = 43;

/// A login that was allowed, with all that its code is bound to.
#[derive(Debug, Clone)]
pub(super) struct Login {
    pub user: Uuid,
    pub redirect_uri: String,
    /// PKCE's S256.
    pub challenge: Option<String>,
}

/// Whoever exchanges something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exchanger {
    /// The client, known by its secret.
    Confidential,
    /// A client without a secret.
    Public,
}

/// Which login something comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Family(u64);

/// Whose tokens may be issued now.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Session {
    pub user: Uuid,
    pub family: Family,
    pub refresh_token: String,
}

/// Why nothing is given, and which family dies of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Denied {
    pub words: &'static str,
    pub dead: Option<Family>,
}

struct Code {
    login: Login,
    expires: Moment,
    /// Set by the first exchange.
    family: Option<Family>,
}

struct Member {
    user: Uuid,
    exchanger: Exchanger,
    /// The one refresh token that is good.
    current: String,
}

/// No `Debug`: it would show codes and tokens.
pub(super) struct Logins {
    codes: HashMap<String, Code>,
    families: HashMap<Family, Member>,
    /// Every refresh token ever given: the old ones tell which family they betray.
    refresh_tokens: HashMap<String, Family>,
    count: u64,
    dice: Dice,
}

impl Logins {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            codes: HashMap::new(),
            families: HashMap::new(),
            refresh_tokens: HashMap::new(),
            count: 0,
            dice: Dice::new(seed, Purpose::Logins),
        }
    }

    /// A login is allowed; gives its code.
    pub(super) fn allow(&mut self, now: Moment, login: Login) -> String {
        let code = self.dice.url_safe(LENGTH);
        self.codes.insert(code.clone(), Code { login, expires: now + CODE_LIFETIME, family: None });
        code
    }

    /// Gives the session that a code stands for, once.
    pub(super) fn exchange(
        &mut self,
        now: Moment,
        code: &str,
        redirect_uri: &str,
        verifier: Option<&str>,
        exchanger: Exchanger,
    ) -> Result<Session, Denied> {
        let Some(known) = self.codes.get_mut(code) else { return Err(denied("the code is unknown")) };
        if let Some(family) = known.family {
            self.families.remove(&family);
            return Err(Denied { words: "the code was used before", dead: Some(family) });
        }
        let family = Family(self.count);
        // Used up by the attempt: nobody may guess on.
        known.family = Some(family);
        self.count += 1;
        if known.expires <= now {
            return Err(denied("the code has expired"));
        }
        if known.login.redirect_uri != redirect_uri {
            return Err(denied("redirect_uri is not the one that the code was sent to"));
        }
        match (&known.login.challenge, verifier) {
            (Some(challenge), Some(verifier)) if *challenge == challenge_of(verifier) => {}
            (Some(_), Some(_)) => return Err(denied("code_verifier does not match the code_challenge")),
            (Some(_), None) => return Err(denied("code_verifier is missing: the code was asked for with PKCE")),
            (None, Some(_)) => return Err(denied("code_verifier is given, and the code was asked for without PKCE")),
            (None, None) => {}
        }
        let user = known.login.user;
        Ok(self.session(family, user, exchanger))
    }

    /// Gives a new session for the refresh token of the last one.
    pub(super) fn refresh(&mut self, token: &str, exchanger: Exchanger) -> Result<Session, Denied> {
        let family = *self.refresh_tokens.get(token).ok_or(denied("the refresh token is unknown"))?;
        let member = self.families.get(&family).ok_or(denied("the refresh token was revoked"))?;
        if member.exchanger != exchanger && exchanger == Exchanger::Public {
            return Err(denied("the refresh token belongs to a login with the client's secret"));
        }
        if member.current != token {
            self.families.remove(&family);
            let words = "the refresh token was used before; all tokens of that login are revoked";
            return Err(Denied { words, dead: Some(family) });
        }
        let (user, exchanger) = (member.user, member.exchanger);
        Ok(self.session(family, user, exchanger))
    }

    pub(super) fn revoke_all(&mut self) {
        self.families.clear();
    }

    fn session(&mut self, family: Family, user: Uuid, exchanger: Exchanger) -> Session {
        let refresh_token = self.dice.url_safe(LENGTH);
        self.refresh_tokens.insert(refresh_token.clone(), family);
        self.families.insert(family, Member { user, exchanger, current: refresh_token.clone() });
        Session { user, family, refresh_token }
    }
}

/// PKCE's S256.
fn challenge_of(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

fn denied(words: &'static str) -> Denied {
    Denied { words, dead: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Duration::from_secs(100);
    const BACK: &str = "http://127.0.0.1:8085/";
    /// RFC 7636, appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn login(challenge: Option<&str>) -> Login {
        Login { user: Uuid::max(), redirect_uri: BACK.into(), challenge: challenge.map(str::to_owned) }
    }

    fn words(outcome: Result<Session, Denied>) -> &'static str {
        outcome.unwrap_err().words
    }

    #[test]
    fn a_code_is_good_once_soon_and_where_it_was_sent() {
        let mut logins = Logins::new(0);
        let mut code = || logins.allow(NOW, login(None));
        let (first, late, elsewhere) = (code(), code(), code());
        let public = Exchanger::Public;
        let session = logins.exchange(NOW, &first, BACK, None, public).unwrap();
        assert_eq!(session.user, Uuid::max());
        let again = logins.exchange(NOW, &first, BACK, None, public).unwrap_err();
        assert_eq!((again.words, again.dead), ("the code was used before", Some(session.family)));
        assert!(words(logins.refresh(&session.refresh_token, public)).contains("revoked"));
        assert!(words(logins.exchange(NOW + CODE_LIFETIME, &late, BACK, None, public)).contains("expired"));
        assert!(words(logins.exchange(NOW, &elsewhere, "http://localhost/", None, public)).contains("redirect_uri"));
        assert!(words(logins.exchange(NOW, &elsewhere, BACK, None, public)).contains("used before"));
        assert!(words(logins.exchange(NOW, "made up", BACK, None, public)).contains("unknown"));
    }

    #[test]
    fn a_challenge_wants_its_verifier() {
        let mut logins = Logins::new(0);
        let mut exchange = |challenge, verifier| {
            let code = logins.allow(NOW, login(challenge));
            logins.exchange(NOW, &code, BACK, verifier, Exchanger::Public)
        };
        assert!(exchange(Some(CHALLENGE), Some(VERIFIER)).is_ok());
        assert!(words(exchange(Some(CHALLENGE), Some(CHALLENGE))).contains("does not match"));
        assert!(words(exchange(Some(CHALLENGE), None)).contains("missing"));
        assert!(words(exchange(None, Some(VERIFIER))).contains("without PKCE"));
    }

    #[test]
    fn refresh_tokens_rotate_and_an_old_one_kills_the_family() {
        let mut logins = Logins::new(0);
        let code = logins.allow(NOW, login(None));
        let first = logins.exchange(NOW, &code, BACK, None, Exchanger::Confidential).unwrap();
        assert!(words(logins.refresh(&first.refresh_token, Exchanger::Public)).contains("secret"));
        let second = logins.refresh(&first.refresh_token, Exchanger::Confidential).unwrap();
        assert_eq!((second.user, second.family), (first.user, first.family));
        assert_ne!(second.refresh_token, first.refresh_token);
        assert_eq!(logins.refresh(&first.refresh_token, Exchanger::Confidential).unwrap_err().dead, Some(first.family));
        assert!(words(logins.refresh(&second.refresh_token, Exchanger::Confidential)).contains("revoked"));
    }
}
