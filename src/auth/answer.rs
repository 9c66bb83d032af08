//! What a token endpoint answers, whatever the grant.

use std::time::Duration;

use serde_json::Value;

use crate::error::Error;
use crate::exchange::Response;
use crate::model::{AccessToken, Document, Flaw, Grant};
use crate::secret::Secret;
use crate::wire::Halt;

/// Reads the answer to a token request.
pub(super) fn grant(answer: Result<Response, Error>) -> Result<Grant, Halt> {
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
    use bytes::Bytes;

    use super::*;

    fn grant(text: &'static str) -> Result<Grant, Flaw> {
        read(&Document::parse(&Bytes::from_static(text.as_bytes())).unwrap())
    }

    #[test]
    fn token_expiry_and_scopes_are_read() {
        let grant = grant(r#"{"access_token": "abc", "expires_in": 86399, "scope": "a b"}"#).unwrap();
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
            assert_eq!(grant(text).unwrap().expires_in, None, "{text}");
        }
        for text in ["{}", r#"{"access_token": ""}"#, r#"{"access_token": 5}"#, r#"{"access_token": "a\nb"}"#] {
            assert_eq!(grant(text).unwrap_err().field, "access_token", "{text}");
        }
    }
}
