//! What a login proves that its two halves are one (RFC 7636), and that the answer is to our question.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::clock::unguessable;
use crate::error::Error;
use crate::secret::Secret;

/// As letters they are 86, of the 43 to 128 that are allowed.
const VERIFIER_BYTES: usize = 64;
const STATE_BYTES: usize = 32;

/// The secret of one login.
#[derive(Debug)]
pub(super) struct Pkce {
    /// What only we know until the code is redeemed.
    pub(super) verifier: Secret,
}

impl Pkce {
    pub(super) fn new() -> Result<Self, Error> {
        Ok(Self { verifier: random(VERIFIER_BYTES)? })
    }

    /// What the server is told before, by the method S256.
    pub(super) fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier.expose()))
    }
}

/// A state that nobody guesses.
pub(super) fn state() -> Result<Secret, Error> {
    random(STATE_BYTES)
}

fn random(length: usize) -> Result<Secret, Error> {
    let mut bytes = zeroize::Zeroizing::new(vec![0; length]);
    unguessable(&mut bytes).ok_or_else(|| Error::Config("This machine gives no random numbers.".into()))?;
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(&*bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_the_rfc() {
        let pkce = Pkce { verifier: Secret::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") };
        assert_eq!(pkce.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn a_verifier_is_long_enough_made_of_what_is_allowed_and_new_each_time() {
        let (one, other) = (Pkce::new().unwrap().verifier, Pkce::new().unwrap().verifier);
        assert!((43..=128).contains(&one.expose().len()) && one != other);
        assert!(one.expose().bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b)));
    }
}
