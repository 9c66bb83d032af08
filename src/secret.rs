//! Types that cannot print themselves, and the removal of secrets from words that are not ours.

use std::fmt;
use std::hash::{Hash, Hasher};

use zeroize::{Zeroize, Zeroizing};

/// What stands where a secret was.
const REDACTED: &str = "[redacted]";
/// Shorter secrets are not searched for in foreign text: they would match by chance.
const SHORTEST_SEARCHED: usize = 4;

/// A string that is wiped when dropped and never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the string over.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(Zeroizing::new(secret.into()))
    }

    /// The secret itself; every caller is a place to look at in a review.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Replaces every appearance in `text`: a server may echo what it was sent.
    pub fn scrub(&self, text: &mut String) {
        if self.0.len() >= SHORTEST_SEARCHED && text.contains(self.expose()) {
            let clean = text.replace(self.expose(), REDACTED);
            text.zeroize();
            *text = clean;
        }
    }
}

impl Hash for Secret {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.expose().hash(state);
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_print_itself() {
        assert_eq!(format!("{:?}", Secret::new("hunter22")), "[redacted]");
    }

    #[test]
    fn an_echo_is_scrubbed() {
        let mut text = String::from("bad token hunter22, hunter22!");
        Secret::new("hunter22").scrub(&mut text);
        assert_eq!(text, "bad token [redacted], [redacted]!");
    }
}
