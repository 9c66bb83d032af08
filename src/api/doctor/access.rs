//! Who acts: the login, the token that came of it, and what the server says of that.

use std::time::Duration;

use super::Check;
use super::time::Time;
use crate::api::Acting;
use crate::client::Session;
use crate::config::{CallOptions, Identity};
use crate::error::{Error, ErrorKind};
use crate::limit::Priority;
use crate::model::{Document, Who};
use crate::wire::checkup::{Pulse, pulse};

const FOR_A_LOGIN: Duration = Duration::from_secs(8);
/// A user's may spend a refresh token, and breaking it off then loses the login: it has nearly all the time that there is.
const FOR_A_USERS_LOGIN: Duration = Duration::from_secs(20);
const FOR_A_READ: Duration = Duration::from_secs(5);
/// A token that lasts no longer is renewed more often than anybody wants.
const SHORT_LIFE: Duration = Duration::from_secs(10 * 60);

/// What came of the login.
pub(super) struct Entry {
    pub(super) login: Check,
    /// Who holds the token, in no pace: what the server says is to be seen, and no line of ours.
    pub(super) session: Option<Session>,
    /// The first thing that the server said to it.
    pub(super) pulse: Option<Result<Pulse, Error>>,
}

/// Gets a token, as any operation would, and shows it to the server.
pub(super) async fn enter(session: &Session, acting: &Acting, time: &Time) -> Entry {
    let mut entry = try_to_enter(session, acting, time).await;
    let is_refused = matches!(&entry.pulse, Some(Err(error)) if error.kind() == ErrorKind::Authentication);
    // A token that was kept may have been revoked since: any operation would have it renewed.
    if is_refused && session.login().is_some() {
        if let Some(tokens) = session.tokens()
            && let Some(Ok(held)) = time.within(FOR_A_LOGIN, tokens.get()).await
        {
            tokens.refused(held.serial);
        }
        entry = try_to_enter(session, acting, time).await;
    }
    entry
}

async fn try_to_enter(session: &Session, acting: &Acting, time: &Time) -> Entry {
    let at = &acting.endpoint.login_url;
    let held = match session.tokens() {
        Some(tokens) => {
            let longest = if session.login().is_some() { FOR_A_USERS_LOGIN } else { FOR_A_LOGIN };
            time.within(longest, tokens.get()).await
        }
        None => None,
    };
    let login = match (&held, &acting.identity) {
        (Some(Err(error)), _) => Check::error("login", error),
        (None, _) => Check::late("login"),
        (_, Identity::Token(_)) => Check::skipped("login", "An access token was given: nobody logs in."),
        (_, Identity::Client { .. }) => Check::ok("login", format!("By client credentials, at {at}.")),
        (_, Identity::User { .. }) => Check::ok("login", format!("By a user's login that is kept, at {at}.")),
    };
    let Some(Ok(held)) = held else { return Entry { login, session: None, pulse: None } };
    let options = CallOptions { timeout: FOR_A_READ, max_retries: 0 };
    let session = session.client().session(held.token, options);
    let ask = session.run(pulse(session.client().api()), Priority::FirstRead);
    let pulse = time.within(FOR_A_READ, ask).await;
    Entry { login, session: Some(session), pulse }
}

/// Whom the server takes us for, where it alone knows.
pub(super) async fn who(session: &Session, identity: &Identity, time: &Time) -> Option<Who> {
    if matches!(identity, Identity::Client { .. }) {
        return Some(Who::Client);
    }
    time.within(FOR_A_READ, session.run(session.wire().who()?, Priority::FirstRead)).await?.ok()
}

/// What the server says of the token, which is this one's and lasts so long.
pub(super) fn token(answer: Option<&Result<Pulse, Error>>, who: Option<&Who>, lasts: Option<Duration>) -> Check {
    match answer {
        Some(Ok(pulse)) => good(&whose(who, &pulse.said), lasts),
        // The token was taken; what it may not do is told elsewhere.
        Some(Err(error)) if error.kind() == ErrorKind::PermissionDenied => good("", lasts),
        Some(Err(error)) if error.kind() == ErrorKind::RateLimit => {
            Check::skipped("token", format!("The rate limit is used up: {error}"))
        }
        Some(Err(error)) if error.kind() == ErrorKind::NotFound => {
            Check::skipped("token", "The server does not have this API: nobody can say what the token is good for.")
        }
        Some(Err(error)) => Check::error("token", error),
        None => Check::late("token"),
    }
}

fn good(whose: &str, lasts: Option<Duration>) -> Check {
    let says = match lasts {
        Some(lasts) => format!("The server takes it{whose}; it lasts {} s more.", lasts.as_secs()),
        None => format!("The server takes it{whose}; how long it lasts is not told."),
    };
    match lasts {
        Some(lasts) if lasts < SHORT_LIFE => Check::warning(
            "token",
            says,
            "Raise the token duration of the OAuth client: it may be from 5 minutes to 48 hours.",
        ),
        _ => Check::ok("token", says),
    }
}

/// As far as it is told: on the published API.
fn whose(who: Option<&Who>, said: &Document) -> String {
    let name = |of: &str| Some(said.member(of)?.get("name")?.as_str()?.to_owned());
    let Some(client) = name("OAuthClient") else { return String::new() };
    let organization = name("organization").map(|name| format!(" of {name:?}")).unwrap_or_default();
    let role = match who {
        Some(Who::User(_)) => "as a user's, through",
        Some(Who::Client) | None => "as that of",
    };
    format!(" {role} the OAuth client {client:?}{organization}")
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::super::Verdict;
    use super::*;

    fn said(who: &Who, lasts: u64) -> Check {
        let said = br#"{"OAuthClient": {"name": "robot"}, "organization": {"name": "Acme"}}"#;
        let pulse = Pulse { quota: None, said: Document::parse(&Bytes::from_static(said)).unwrap() };
        token(Some(&Ok(pulse)), Some(who), Some(Duration::from_secs(lasts)))
    }

    #[test]
    fn a_token_is_told_by_whose_it_is_and_how_long_it_lasts() {
        let client = said(&Who::Client, 86_400);
        assert_eq!(
            client.says,
            "The server takes it as that of the OAuth client \"robot\" of \"Acme\"; it lasts 86400 s more."
        );
        let user = said(&Who::User("u".into()), 300);
        assert!(user.says.contains("as a user's, through the OAuth client") && user.verdict == Verdict::Warning);
        assert_eq!(good("", None).says, "The server takes it; how long it lasts is not told.");
    }
}
