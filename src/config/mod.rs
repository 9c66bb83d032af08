//! What a client is told before it starts: where, over which wire, how long. The only reader of the environment.

mod base_url;
pub mod environment;
mod identity;
mod mismatch;
mod place;
mod profile;
pub mod provenance;
mod regions;
mod sdk_file;

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

pub use base_url::BaseUrl;
pub use environment::{Environment, Sources};
pub use identity::{ClientConfig, Identity, MAX_CONNECTIONS, at_least_one, rate, settle};
pub use mismatch::{mismatch, mismatch_of};
pub use place::Place;
pub use regions::{REGIONS, Region, is_region_host};

use crate::error::Error;
use crate::secret::Secret;

/// How long a call may take in all, unless told otherwise.
pub const TIMEOUT: Duration = Duration::from_secs(30);
/// How long connecting may take.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How often a request may be repeated, unless told otherwise.
pub const MAX_RETRIES: u32 = 3;
/// Longer timeouts mean this one: clocks overflow at forever.
const LONGEST_TIMEOUT: f64 = 365.0 * 86_400.0;

/// Which of the two APIs a client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Api {
    /// The tutorial's endpoints.
    Events,
    /// The published Genesys Cloud Platform API v2.
    Platform,
}

impl fmt::Display for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Events => "events",
            Self::Platform => "platform",
        })
    }
}

/// The wish of a user: one of the two, or whichever the base URL means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ApiChoice {
    /// By the base URL alone, never by probing.
    #[default]
    Auto,
    /// This one.
    Fixed(Api),
}

impl ApiChoice {
    /// The API that `base_url` is spoken to with.
    pub fn decide(self, base_url: &BaseUrl) -> Api {
        match self {
            Self::Fixed(api) => api,
            Self::Auto if is_region_host(base_url.host()) => Api::Platform,
            Self::Auto => Api::Events,
        }
    }
}

impl FromStr for ApiChoice {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self, Error> {
        match word {
            "auto" => Ok(Self::Auto),
            "events" => Ok(Self::Fixed(Api::Events)),
            "platform" => Ok(Self::Fixed(Api::Platform)),
            _ => Err(Error::Config(format!("api must be \"auto\", \"events\" or \"platform\", not {word:?}."))),
        }
    }
}

/// What holds for one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallOptions {
    /// Bounds the whole call: connecting, repeats and waits.
    pub timeout: Duration,
    /// How often a request may be repeated.
    pub max_retries: u32,
}

impl Default for CallOptions {
    fn default() -> Self {
        Self { timeout: TIMEOUT, max_retries: MAX_RETRIES }
    }
}

impl CallOptions {
    /// Checks what a user gave, in seconds and repeats.
    pub fn new(timeout: f64, max_retries: i64) -> Result<Self, Error> {
        Ok(Self {
            timeout: seconds("timeout", timeout)?,
            max_retries: u32::try_from(max_retries)
                .map_err(|_| Error::Config(format!("max_retries must be 0 or a little more, not {max_retries}.")))?,
        })
    }
}

/// A length of time that a user gave in seconds.
pub fn seconds(name: &str, value: f64) -> Result<Duration, Error> {
    if value.is_finite() && value > 0.0 {
        Ok(Duration::from_secs_f64(value.min(LONGEST_TIMEOUT)))
    } else {
        Err(Error::Config(format!("{name} must be a positive number of seconds, not {value}.")))
    }
}

/// What one pool of connections is made for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Endpoint {
    /// Where.
    pub base_url: BaseUrl,
    /// Where one logs in: the same, but in the regions of Genesys Cloud and behind some gateways.
    pub login_url: BaseUrl,
    /// Over which wire.
    pub api: Api,
    /// How long connecting may take.
    pub connect_timeout: Duration,
    /// More certificates to trust: files or directories of PEM, each with the name of its source.
    pub extra_trust: Vec<(String, PathBuf)>,
    /// May the system's proxies be used?
    pub use_proxies: bool,
    /// This proxy instead; it may hold a password.
    pub proxy: Option<Secret>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_alone_decides_the_wire() {
        let auto = |url: &str| ApiChoice::Auto.decide(&url.parse().unwrap());
        assert_eq!(auto("https://mycompany.mygen.com"), Api::Events);
        assert_eq!(auto("https://api.mypurecloud.ie"), Api::Platform);
        assert_eq!(ApiChoice::Fixed(Api::Events).decide(&"https://api.mypurecloud.ie".parse().unwrap()), Api::Events);
    }

    #[test]
    fn impossible_times_and_repeats_are_refused() {
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(CallOptions::new(bad, 0).is_err(), "{bad}");
        }
        assert!(CallOptions::new(1.0, -1).is_err());
        assert_eq!(CallOptions::new(0.5, 0).unwrap().timeout, Duration::from_millis(500));
        assert!(CallOptions::new(1e300, 3).is_ok());
    }
}
