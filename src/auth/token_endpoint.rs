//! The token endpoint, whatever the grant: how it is asked, and what it answers.

use std::time::Duration;

use bytes::Bytes;
use http::Method;
use serde_json::Value;

use crate::error::{Error, Needs};
use crate::exchange::{Authorization, Effect, Origin, Request, Response};
use crate::model::{AccessToken, Document, Flaw, Grant};
use crate::secret::Secret;
use crate::wire::{Ask, Halt};

/// Asks for a token by this form. It may be repeated like a read: a token too many does no harm, and where an answer was lost
/// that would have brought a refresh token there is nothing else to go on with.
pub(super) fn ask(form: impl Into<Bytes>, authorization: Authorization, needs: Needs) -> Ask<Grant> {
    let request = Request {
        origin: Origin::Login,
        method: Method::POST,
        path: "/oauth/token".into(),
        template: "/oauth/token",
        query: None,
        authorization,
        content_type: "application/x-www-form-urlencoded",
        body: Some(form.into()),
        effect: Effect::Read,
        needs,
    };
    Ask::new(request, grant)
}

fn grant(answer: Result<Response, Error>) -> Result<Grant, Halt> {
    Ok(read(&Document::parse(&answer?.body)?)?)
}

fn read(answer: &Document) -> Result<Grant, Flaw> {
    let token = answer.string("access_token").unwrap_or_default();
    let token = AccessToken::new(&token).map_err(|_| Flaw::new("access_token", "is missing or no usable token"))?;
    let scopes = answer.string("scope").unwrap_or_default();
    Ok(Grant {
        token,
        expires_in: answer.member("expires_in").as_ref().and_then(lifetime),
        refresh_token: answer.string("refresh_token").filter(|token| !token.is_empty()).map(Secret::new),
        scopes: scopes.split_whitespace().map(str::to_owned).collect(),
    })
}

/// Seconds, also as a string; anything absurd is None.
fn lifetime(value: &Value) -> Option<Duration> {
    let seconds = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    Duration::try_from_secs_f64(seconds).ok().filter(|d| !d.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn granted(text: &'static str) -> Result<Grant, Flaw> {
        read(&Document::parse(&Bytes::from_static(text.as_bytes())).unwrap())
    }

    #[test]
    fn token_expiry_and_scopes_are_read() {
        let grant = granted(r#"{"access_token": "abc", "expires_in": 86399, "scope": "a b"}"#).unwrap();
        assert_eq!(grant.token.secret().expose(), "abc");
        assert_eq!(grant.expires_in, Some(Duration::from_secs(86_399)));
        assert_eq!(grant.scopes, ["a", "b"]);
    }

    #[test]
    fn an_absurd_lifetime_is_none_and_a_missing_token_a_flaw() {
        for text in [
            r#"{"access_token": "abc"}"#,
            r#"{"access_token": "abc", "expires_in": -1}"#,
            r#"{"access_token": "abc", "expires_in": "x"}"#,
        ] {
            assert_eq!(granted(text).unwrap().expires_in, None, "{text}");
        }
        for text in ["{}", r#"{"access_token": ""}"#, r#"{"access_token": 5}"#, r#"{"access_token": "a\nb"}"#] {
            assert_eq!(granted(text).unwrap_err().field, "access_token", "{text}");
        }
    }
}
