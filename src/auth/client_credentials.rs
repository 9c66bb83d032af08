//! The client credentials grant (RFC 6749 section 4.4): both wires ask for it in the same way.

use std::time::Duration;

use bytes::Bytes;
use http::Method;
use serde_json::Value;

use crate::error::{Error, Needs};
use crate::exchange::{Authorization, Effect, Origin, Request};
use crate::model::{AccessToken, Document, Flaw, Grant};
use crate::secret::Secret;
use crate::wire::{Ask, Halt};

/// A confidential OAuth client.
#[derive(Clone, Debug)]
pub struct ClientCredentials {
    id: String,
    secret: Secret,
}

impl ClientCredentials {
    /// Checks that there is something to log in with.
    pub fn new(id: &str, secret: &str) -> Result<Self, Error> {
        for (part, name, variable) in
            [(id, "client id", "GENESYS_CLIENT_ID"), (secret, "client secret", "GENESYS_CLIENT_SECRET")]
        {
            if part.is_empty() {
                return Err(Error::Config(format!("The {name} is empty: pass it, or set {variable}.")));
            }
        }
        Ok(Self { id: id.to_owned(), secret: Secret::new(secret) })
    }

    /// The token request. It may be repeated like a read: a token too many does no harm.
    pub fn plan(&self) -> Ask<Grant> {
        let request = Request {
            origin: Origin::Login,
            method: Method::POST,
            path: "/oauth/token".into(),
            template: "/oauth/token",
            query: None,
            authorization: Authorization::Basic { id: self.id.clone(), secret: self.secret.clone() },
            content_type: "application/x-www-form-urlencoded",
            body: Some(Bytes::from_static(b"grant_type=client_credentials")),
            effect: Effect::Read,
            needs: Needs::Login,
        };
        Ask::new(request, |answer| Ok::<_, Halt>(grant(&Document::parse(&answer?.body)?)?))
    }
}

fn grant(answer: &Document) -> Result<Grant, Flaw> {
    let token = answer.string("access_token").unwrap_or_default();
    let token = AccessToken::new(&token).map_err(|_| Flaw::new("access_token", "is missing or no usable token"))?;
    let scopes = answer.string("scope").unwrap_or_default();
    Ok(Grant {
        token,
        expires_in: answer.member("expires_in").as_ref().and_then(lifetime),
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

    fn read(text: &'static str) -> Result<Grant, Flaw> {
        grant(&Document::parse(&Bytes::from_static(text.as_bytes())).unwrap())
    }

    #[test]
    fn token_expiry_and_scopes_are_read() {
        let grant = read(r#"{"access_token": "abc", "expires_in": 86399, "scope": "a b"}"#).unwrap();
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
            assert_eq!(read(text).unwrap().expires_in, None, "{text}");
        }
        for text in ["{}", r#"{"access_token": ""}"#, r#"{"access_token": 5}"#, r#"{"access_token": "a\nb"}"#] {
            assert_eq!(read(text).unwrap_err().field, "access_token", "{text}");
        }
    }

    #[test]
    fn an_empty_id_or_secret_is_refused_and_neither_is_shown() {
        assert!(ClientCredentials::new("", "x").is_err() && ClientCredentials::new("x", "").is_err());
        assert!(!format!("{:?}", ClientCredentials::new("x", "hunter22").unwrap()).contains("hunter22"));
    }
}
