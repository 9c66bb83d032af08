//! The client credentials grant (RFC 6749 section 4.4): both wires ask for it in the same way.

use bytes::Bytes;
use http::Method;

use super::answer;
use crate::error::{Error, Needs};
use crate::exchange::{Authorization, Effect, Origin, Request};
use crate::model::Grant;
use crate::secret::Secret;
use crate::wire::Ask;

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
        Ask::new(request, answer::grant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_id_or_secret_is_refused_and_neither_is_shown() {
        assert!(ClientCredentials::new("", "x").is_err() && ClientCredentials::new("x", "").is_err());
        assert!(!format!("{:?}", ClientCredentials::new("x", "hunter22").unwrap()).contains("hunter22"));
    }
}
