//! The regions of Genesys Cloud, where the published API lives (official Python SDK 269.0.0).

use super::BaseUrl;
use crate::error::Error;

const REGION_DOMAINS: [&str; 18] = [
    "mypurecloud.com",
    "mypurecloud.ie",
    "mypurecloud.com.au",
    "mypurecloud.jp",
    "mypurecloud.de",
    "usw2.pure.cloud",
    "cac1.pure.cloud",
    "apne2.pure.cloud",
    "apne3.pure.cloud",
    "apse1.pure.cloud",
    "aps1.pure.cloud",
    "euw2.pure.cloud",
    "euc2.pure.cloud",
    "sae1.pure.cloud",
    "mec1.pure.cloud",
    "mxc1.pure.cloud",
    "use2.us-gov-pure.cloud",
    "edee1.eusc-pure.cloud",
];

/// Does `host` belong to a known region (`api.`, `login.` and `apps.` hosts too)?
pub fn is_region_host(host: &str) -> bool {
    let host = host.trim_end_matches('.');
    REGION_DOMAINS
        .iter()
        .any(|domain| host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
}

/// Where one logs in to get at `base_url`: a region's API has a host of its own for that.
pub fn login_url(base_url: &BaseUrl) -> Result<BaseUrl, Error> {
    match base_url.host().strip_prefix("api.").filter(|domain| is_region_host(domain)) {
        Some(domain) => format!("https://login.{domain}").parse(),
        None => Ok(base_url.clone()),
    }
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
}
