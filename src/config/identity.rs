//! Whom a client acts for, and everything else that it is made from.

use std::path::PathBuf;
use std::time::Duration;

use super::{Endpoint, seconds};
use crate::error::Error;
use crate::secret::Secret;

/// Requests in flight, unless told otherwise.
pub const MAX_CONNECTIONS: usize = 64;
/// What a client of the published API may send until its server says otherwise: the vendor's default (developer center
/// blog, 2021-02-03).
const ASSUMED_RATE: u32 = 300;

/// Whom a client acts for.
#[derive(Clone, Debug)]
pub enum Identity {
    /// Who holds this token.
    Token(Secret),
    /// This OAuth client.
    Client {
        /// Its id.
        id: String,
        /// Its secret.
        secret: Secret,
    },
    /// The user who has logged in, or is to log in, through this OAuth client (authorization code with PKCE).
    User {
        /// The client's id.
        client_id: String,
    },
}

impl Identity {
    /// A token, or the id and secret of a client: one of the two, whole.
    pub fn new(id: Option<&str>, secret: Option<&str>, token: Option<&str>) -> Result<Self, Error> {
        match (id, secret, token) {
            (None, None, Some(token)) => Ok(Self::Token(Secret::new(token))),
            (Some(id), Some(secret), None) => Ok(Self::Client { id: id.to_owned(), secret: Secret::new(secret) }),
            (None, None, None) => Err(Error::Config(
                "There is nothing to log in with: pass client_id= and client_secret=, or access_token=, or use \
                 from_env() or login()."
                    .into(),
            )),
            (_, _, Some(_)) => {
                Err(Error::Config("Pass client_id= and client_secret=, or access_token=, not both.".into()))
            }
            (Some(_), None, None) => Err(Error::Config("The client secret is missing: pass client_secret=.".into())),
            (None, Some(_), None) => Err(Error::Config("The client id is missing: pass client_id=.".into())),
        }
    }
}

/// What a client is made from.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    /// Where, and over which wire.
    pub endpoint: Endpoint,
    /// For whom.
    pub identity: Identity,
    /// Requests a minute; None: learned from the server.
    pub rate: Option<f64>,
    /// Requests in flight.
    pub max_connections: usize,
    /// A file that keeps tokens from one process to the next, and a user's login.
    pub token_cache: Option<PathBuf>,
}

impl ClientConfig {
    /// Requests in 60 s that are assumed to be allowed until the server says otherwise; None: any number.
    pub fn assumed_rate(&self) -> Option<u32> {
        (self.endpoint.api == super::Api::Platform).then_some(ASSUMED_RATE)
    }
}

/// Checks a rate, in requests a minute.
pub fn rate(value: Option<f64>) -> Result<Option<f64>, Error> {
    match value {
        Some(rate) if !(rate.is_finite() && rate > 0.0) => Err(Error::Config(format!(
            "rate_limit must be a positive number of requests a minute, or None, not {rate}."
        ))),
        rate => Ok(rate),
    }
}

/// Checks a number of connections, or of conversations worked on at once.
pub fn at_least_one(name: &str, value: i64) -> Result<usize, Error> {
    usize::try_from(value)
        .ok()
        .filter(|value| *value > 0)
        .ok_or_else(|| Error::Config(format!("{name} must be at least 1, not {value}.")))
}

/// Checks `settle`, in seconds.
pub fn settle(value: f64) -> Result<Duration, Error> {
    seconds("settle", value)
}
