//! Access tokens and what came with them.

use std::time::Duration;

use crate::error::Error;
use crate::secret::Secret;

/// A bearer token that a header can hold.
#[derive(Clone, Debug)]
pub struct AccessToken(Secret);

impl AccessToken {
    /// Checks the token; the error does not show it.
    pub fn new(token: &str) -> Result<Self, Error> {
        let flaw = if token.is_empty() {
            "is empty"
        } else if token.trim() != token {
            "begins or ends with white space"
        } else if !token.bytes().all(|b| matches!(b, 0x20..=0x7e)) {
            "contains characters that no HTTP header may hold"
        } else {
            return Ok(Self(Secret::new(token)));
        };
        Err(Error::Config(format!("The access token {flaw}: pass the string that get_access_token() gives.")))
    }

    /// The token as a secret.
    pub fn secret(&self) -> &Secret {
        &self.0
    }
}

/// What the token endpoint grants.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The token itself.
    pub token: AccessToken,
    /// How long it lives; None where the server did not say anything usable.
    pub expires_in: Option<Duration>,
    /// Its scopes; empty where the server did not say.
    pub scopes: Vec<String>,
    /// What a user's next token is asked for with.
    pub refresh_token: Option<Secret>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_no_header_may_hold_is_refused_unseen() {
        for token in ["", "s3cr3t\n", " s3cr3t", "s3cr\u{f6}t", "s3c\0r3t", "s3cr3t\r\nX-Evil: 1"] {
            let error = AccessToken::new(token).unwrap_err().to_string();
            assert!(!error.contains("s3c"), "{error}");
        }
        assert!(AccessToken::new("abc-DEF_123.~+/=").is_ok());
    }
}
