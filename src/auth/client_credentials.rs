//! The client credentials grant (RFC 6749 section 4.4): both wires ask for it in the same way.

use super::token_endpoint;
use crate::error::{Error, Needs};
use crate::exchange::Authorization;
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

    /// The token request.
    pub fn plan(&self) -> Ask<Grant> {
        let authorization = Authorization::Basic { id: self.id.clone(), secret: self.secret.clone() };
        token_endpoint::ask("grant_type=client_credentials", authorization, Needs::Login)
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
