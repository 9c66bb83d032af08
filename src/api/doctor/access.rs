//! Who acts: the login, the token that came of it, and what the server says of that.

use std::time::Duration;

use super::Check;
use super::time::Time;
use crate::api::Acting;
use crate::client::Session;
use crate::config::Identity;
use crate::error::{Error, ErrorKind};
use crate::limit::Priority;
use crate::model::{AccessToken, Document, Who};
use crate::wire::checkup::{Pulse, pulse};

/// A login has this long. A user's spends a refresh token: it is not broken off lightly.
const FOR_A_LOGIN: Duration = Duration::from_secs(8);
const FOR_A_READ: Duration = Duration::from_secs(5);
/// A token that lasts no longer is renewed more often than anybody wants.
const SHORT_LIFE: Duration = Duration::from_secs(10 * 60);

/// Gets a token, as any operation would, but a new one.
pub(super) async fn login(session: &Session, acting: &Acting, time: &Time) -> (Check, Option<AccessToken>) {
    let Some(tokens) = session.tokens() else { return (Check::skipped("login", "There is no token."), None) };
    let at = &acting.endpoint.login_url;
    match time.within(FOR_A_LOGIN, tokens.get()).await {
        Some(Ok(held)) => {
            let check = match &acting.identity {
                Identity::Token(_) => Check::skipped("login", "An access token was given: nobody logs in."),
                Identity::Client { .. } => Check::ok("login", format!("By client credentials, at {at}.")),
                Identity::User { .. } => Check::ok("login", format!("By a user's login that is kept, at {at}.")),
            };
            (check, Some(held.token))
        }
        Some(Err(error)) => (Check::error("login", &error), None),
        None => (Check::late("login"), None),
    }
}

/// Asks the server for a sign of life, with the token.
pub(super) async fn ask(session: &Session, time: &Time) -> Option<Result<Pulse, Error>> {
    time.within(FOR_A_READ, session.run(pulse(session.client().api()), Priority::FirstRead)).await
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
