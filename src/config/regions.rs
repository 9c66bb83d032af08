//! The regions of Genesys Cloud, where the published API lives (official Python SDK 269.0.0): the one table of them.

use std::str::FromStr;

use super::BaseUrl;
use crate::error::Error;

/// A region, by the name that AWS has for it and by its domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// `eu-west-1`.
    pub name: &'static str,
    /// `mypurecloud.ie`.
    pub domain: &'static str,
}

/// All regions.
pub const REGIONS: [Region; 18] = [
    region("us-east-1", "mypurecloud.com"),
    region("eu-west-1", "mypurecloud.ie"),
    region("ap-southeast-2", "mypurecloud.com.au"),
    region("ap-northeast-1", "mypurecloud.jp"),
    region("eu-central-1", "mypurecloud.de"),
    region("us-west-2", "usw2.pure.cloud"),
    region("ca-central-1", "cac1.pure.cloud"),
    region("ap-northeast-2", "apne2.pure.cloud"),
    region("ap-northeast-3", "apne3.pure.cloud"),
    region("ap-southeast-1", "apse1.pure.cloud"),
    region("ap-south-1", "aps1.pure.cloud"),
    region("eu-west-2", "euw2.pure.cloud"),
    region("eu-central-2", "euc2.pure.cloud"),
    region("sa-east-1", "sae1.pure.cloud"),
    region("me-central-1", "mec1.pure.cloud"),
    region("mx-central-1", "mxc1.pure.cloud"),
    region("us-east-2", "use2.us-gov-pure.cloud"),
    region("eusc-de-east-1", "edee1.eusc-pure.cloud"),
];

/// What stands before a region's domain in the addresses that people copy.
const HOSTS: [&str; 3] = ["api.", "login.", "apps."];
/// So many of the nearest names are told.
const NEAREST: usize = 3;

const fn region(name: &'static str, domain: &'static str) -> Region {
    Region { name, domain }
}

impl Region {
    /// The region that a host belongs to, if it is a known one.
    pub fn of_host(host: &str) -> Option<Self> {
        let host = host.trim_end_matches('.');
        let belongs = |domain| host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
        REGIONS.into_iter().find(|region| belongs(region.domain))
    }

    /// Where its API is.
    pub fn api_url(self) -> Result<BaseUrl, Error> {
        format!("https://api.{}", self.domain).parse()
    }

    /// Where one logs in.
    pub fn login_url(self) -> Result<BaseUrl, Error> {
        format!("https://login.{}", self.domain).parse()
    }
}

/// A name of AWS, a domain, or one of the region's addresses.
impl FromStr for Region {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let word = text.trim().to_ascii_lowercase();
        let host = word.strip_prefix("https://").unwrap_or(&word);
        let host = host.split(['/', '?', '#']).next().unwrap_or_default().trim_end_matches('.');
        let host = HOSTS.iter().find_map(|start| host.strip_prefix(start)).unwrap_or(host);
        REGIONS
            .into_iter()
            .find(|region| region.name == host || region.domain == host)
            .ok_or_else(|| unknown(text, host))
    }
}

/// What was typed is not shown if it could hold a password.
fn unknown(text: &str, host: &str) -> Error {
    if host.is_empty() {
        return Error::Config("The region is empty: pass its AWS name or its domain, like eu-west-1.".into());
    }
    let shown = if text.contains('@') { "This".into() } else { format!("{:?}", text.trim()) };
    let mut names: Vec<_> = REGIONS.iter().flat_map(|region| [region.name, region.domain]).collect();
    names.sort_by_key(|name| distance(host, name));
    names.truncate(NEAREST);
    Error::Config(format!("{shown} is no region of Genesys Cloud; the nearest names are {}.", names.join(", ")))
}

/// How many letters have to be added, removed or changed to make one word of the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (down, letter) in one.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], down + 1);
        for (across, wanted) in other.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *wanted);
            diagonal = row[across + 1];
            row[across + 1] = changed.min(row[across] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

/// Does `host` belong to a known region (`api.`, `login.` and `apps.` hosts too)?
pub fn is_region_host(host: &str) -> bool {
    Region::of_host(host).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn region_hosts_are_known_and_lookalikes_are_not() {
        for host in ["api.mypurecloud.com", "login.mypurecloud.ie", "mypurecloud.jp", "api.usw2.pure.cloud."] {
            assert!(is_region_host(host), "{host}");
        }
        for host in ["mycompany.mygen.com", "notmypurecloud.com", "api.mypurecloud.com.evil.example", "pure.cloud"] {
            assert!(!is_region_host(host), "{host}");
        }
    }

    #[test]
    fn a_region_goes_by_any_of_its_names() {
        for text in [
            "eu-west-1",
            " EU-West-1 ",
            "mypurecloud.ie",
            "api.mypurecloud.ie",
            "https://login.mypurecloud.ie",
            "https://apps.mypurecloud.ie/directory/#/",
            "https://mypurecloud.ie/",
        ] {
            assert_eq!(text.parse::<Region>().unwrap().domain, "mypurecloud.ie", "{text}");
        }
        let australia: Region = "mypurecloud.com.au".parse().unwrap();
        assert_eq!(australia.login_url().unwrap().as_str(), "https://login.mypurecloud.com.au");
        assert_eq!(australia.api_url().unwrap().as_str(), "https://api.mypurecloud.com.au");
    }

    #[test]
    fn an_unknown_region_is_refused_with_the_nearest_names() {
        for (text, nearest) in
            [("eu-west-3", "eu-west-"), ("mypurecloud.it", "mypurecloud.ie"), ("usw3.pure.cloud", "usw2")]
        {
            let error = text.parse::<Region>().unwrap_err().to_string();
            assert!(error.contains(nearest) && error.contains(text), "{error}");
        }
        for text in ["", "https://", "http://mypurecloud.ie", "api.mypurecloud.ie.evil.example", "evil.mypurecloud.ie"]
        {
            assert!(text.parse::<Region>().is_err(), "{text}");
        }
        assert!(!"https://u:hunter22@x".parse::<Region>().unwrap_err().to_string().contains("hunter22"));
    }
}
