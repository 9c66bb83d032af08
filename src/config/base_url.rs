//! The base URL and its rules.

use std::fmt;
use std::str::FromStr;

use url::{Host, Url};

use crate::error::Error;

/// Scheme, host, port and path prefix of a server.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct BaseUrl {
    url: Url,
    /// The URL as text, without a slash at its end.
    prefix: String,
}

impl BaseUrl {
    /// The URL of `path`, which begins with a slash and is percent-encoded.
    pub fn join(&self, path: &str, query: Option<&str>) -> String {
        match query {
            Some(query) => format!("{}{path}?{query}", self.prefix),
            None => format!("{}{path}", self.prefix),
        }
    }

    /// The URL as text, without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.prefix
    }

    /// The host, without the brackets of an IPv6 address.
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default().trim_matches(['[', ']'])
    }

    /// Does what is sent stay on this machine?
    pub fn is_loopback(&self) -> bool {
        is_loopback(self.url.host().as_ref())
    }

    /// Does it speak TLS?
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }
}

/// Does a connection to this host stay on this machine?
pub(super) fn is_loopback(host: Option<&Host<&str>>) -> bool {
    match host {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost")
        }
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => {
            address.is_loopback() || address.to_ipv4_mapped().is_some_and(|v4| v4.is_loopback())
        }
        None => false,
    }
}

impl FromStr for BaseUrl {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let refuse = |flaw: &str| Err(Error::Config(format!("The base URL {flaw}.")));
        let text = text.trim();
        if text.is_empty() {
            return refuse("is empty: pass it, or set GENESYS_BASE_URL, like https://mycompany.mygen.com");
        }
        // The text itself is not shown before it is known to hold no password.
        if text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\') {
            return refuse("contains white space, control characters or backslashes");
        }
        let Ok(url) = Url::parse(text) else {
            return refuse(
                "cannot be read: it needs a scheme, a host and nothing odd, like https://mycompany.mygen.com",
            );
        };
        if !matches!(url.scheme(), "http" | "https") {
            return refuse("must begin with https:// (or http:// for a server on this machine)");
        }
        // "https:///api" and "https:api" are read as the host "api": nobody means that.
        let Some(authority) = authority(text).filter(|authority| !authority.is_empty()) else {
            return refuse("must name a host after https://, like https://mycompany.mygen.com");
        };
        if !url.username().is_empty() || url.password().is_some() || authority.contains('@') {
            return refuse("must not hold a user name or password");
        }
        if text.contains('?') {
            return refuse("must not have a query (a part after '?')");
        }
        if text.contains('#') {
            return refuse("must not have a fragment (a part after '#')");
        }
        if url.scheme() == "http" && !is_loopback(url.host().as_ref()) {
            return refuse(
                "must begin with https://: a token sent over http:// can be read on its way (http:// is only for a server on this machine)",
            );
        }
        let prefix = url.as_str().trim_end_matches('/').to_owned();
        Ok(Self { url, prefix })
    }
}

/// What stands between the scheme and the path, as typed.
fn authority(text: &str) -> Option<&str> {
    text.split_once("://")?.1.split(['/', '?', '#']).next()
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.prefix)
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefix_port_and_slash_are_handled() {
        for (text, joined) in [
            ("https://a.example", "https://a.example/x"),
            ("https://a.example/", "https://a.example/x"),
            (" https://a.example/gw/genesys// ", "https://a.example/gw/genesys/x"),
            ("https://a.example:8443", "https://a.example:8443/x"),
            ("http://[::1]:8080/", "http://[::1]:8080/x"),
            ("http://127.0.0.1:1", "http://127.0.0.1:1/x"),
            ("HTTP://LocalHost", "http://localhost/x"),
        ] {
            assert_eq!(text.parse::<BaseUrl>().unwrap().join("/x", None), joined, "{text}");
        }
    }

    #[test]
    fn what_could_leak_or_mislead_is_refused_and_a_password_never_shown() {
        for text in [
            "",
            "a.example",
            "ftp://a.example",
            "http://a.example",
            "http://10.0.0.1",
            "https://",
            "https://a b",
            "https://u:hunter22@a.example",
            "https://hunter22@a.example",
            "https://@a.example",
            "https://a.example?x=hunter22",
            "https://a.example/#hunter22",
            "https://a.example\\@hunter22",
            "http://localhost.evil.example",
            "javascript:hunter22",
            "https://a.example/?",
            "http://127.0.0.1.evil.example",
            "https://u:hunter22@",
            "https://hunter22:x:y",
            "https:///hunter22",
            "https:hunter22",
            "https:/hunter22",
        ] {
            let error = text.parse::<BaseUrl>().unwrap_err();
            assert!(matches!(error, Error::Config(_)) && !error.to_string().contains("hunter22"), "{text}: {error}");
        }
    }
}
