//! How a request proves who asks.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::form_urlencoded::byte_serialize;

use crate::model::AccessToken;
use crate::secret::Secret;

/// What goes into the `Authorization` header.
#[derive(Clone, Debug)]
pub enum Authorization {
    /// Nothing: the endpoint asks nobody.
    None,
    /// Whom the session acts for: the client puts the token of the moment in its place.
    Caller,
    /// A token.
    Bearer(AccessToken),
    /// An OAuth client's id and secret.
    Basic {
        /// The client id.
        id: String,
        /// The client secret.
        secret: Secret,
    },
    /// Nothing: what proves us stands in the body, and is named here to be found in echoes.
    InBody(Vec<Secret>),
}

impl Authorization {
    /// The header's value, if it has one.
    pub fn header(&self) -> Option<Secret> {
        match self {
            Self::None | Self::Caller | Self::InBody(_) => None,
            Self::Bearer(token) => Some(Secret::new(format!("Bearer {}", token.secret().expose()))),
            Self::Basic { id, secret } => Some(Secret::new(format!("Basic {}", basic(id, secret).expose()))),
        }
    }

    /// Removes what proves us from words that the server may have echoed.
    pub fn scrub(&self, text: &mut String) {
        match self {
            Self::None | Self::Caller => {}
            Self::Bearer(token) => {
                token.secret().scrub(text);
                form_encoded(token.secret()).scrub(text); // as it stands in an echoed URL
            }
            Self::Basic { id, secret } => {
                basic(id, secret).scrub(text);
                secret.scrub(text);
                form_encoded(secret).scrub(text);
            }
            Self::InBody(secrets) => {
                for secret in secrets {
                    secret.scrub(text);
                    form_encoded(secret).scrub(text);
                }
            }
        }
    }
}

/// RFC 6749 section 2.3.1: both parts are form-encoded before they become Basic credentials.
fn basic(id: &str, secret: &Secret) -> Secret {
    let id: String = byte_serialize(id.as_bytes()).collect();
    let pair = Secret::new(format!("{id}:{}", form_encoded(secret).expose()));
    Secret::new(STANDARD.encode(pair.expose()))
}

fn form_encoded(secret: &Secret) -> Secret {
    Secret::new(byte_serialize(secret.expose().as_bytes()).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_secret_is_scrubbed() {
        let asked_with = Authorization::Basic { id: "i:d".into(), secret: Secret::new("p w+%") };
        let header = asked_with.header().unwrap().expose().to_owned();
        assert_eq!(header, "Basic aSUzQWQ6cCt3JTJCJTI1"); // base64("i%3Ad:p+w%2B%25")
        let mut echo = format!("{header} p+w%2B%25 p w+%");
        asked_with.scrub(&mut echo);
        assert_eq!(echo, "Basic [redacted] [redacted] [redacted]");
    }
}
