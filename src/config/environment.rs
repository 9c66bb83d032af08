//! The environment: every variable that gcrec looks at is named here.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;

use url::Url;

use super::base_url::is_loopback;
use super::{ApiChoice, BaseUrl, CONNECT_TIMEOUT, Endpoint, Identity, is_region_host, login_url};
use crate::error::Error;
use crate::secret::Secret;

/// Variables that name more certificates to trust, as `requests` and `curl` users know them.
const TRUST: [&str; 4] = ["GCREC_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"];
/// Variables that name proxies. They are read by reqwest; here they only tell whether anything has changed.
const PROXIES: [&str; 8] =
    ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"];
/// Proxies for plain http, which is only spoken on this machine; reqwest's order.
const PLAIN_PROXIES: [&str; 4] = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

/// Where values come from: the process's environment, or a test's table.
pub trait Sources {
    /// The value of a variable; an empty one counts as not set.
    fn get(&self, name: &str) -> Option<String>;
}

/// The environment of this process.
#[derive(Clone, Copy, Debug)]
pub struct Environment;

impl Sources for Environment {
    #[expect(clippy::disallowed_methods, reason = "this file owns the environment")]
    fn get(&self, name: &str) -> Option<String> {
        // What is no Unicode fails where it is used, and is not taken for missing.
        std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()).filter(|value| !value.is_empty())
    }
}

/// What the tutorial's three variables say.
#[derive(Debug)]
pub struct Tutorial {
    /// `GENESYS_BASE_URL`.
    pub base_url: BaseUrl,
    /// `GENESYS_CLIENT_ID`.
    pub client_id: String,
    /// `GENESYS_CLIENT_SECRET`.
    pub client_secret: Secret,
}

/// Reads the tutorial's three variables.
pub fn tutorial(sources: &impl Sources) -> Result<Tutorial, Error> {
    let names = ["GENESYS_CLIENT_ID", "GENESYS_CLIENT_SECRET", "GENESYS_BASE_URL"];
    let missing: Vec<_> = names.into_iter().filter(|name| sources.get(name).is_none()).collect();
    if !missing.is_empty() {
        return Err(Error::Config(format!("Missing from the environment: {}.", missing.join(", "))));
    }
    let [client_id, client_secret, base_url] = names.map(|name| sources.get(name).unwrap_or_default());
    Ok(Tutorial { base_url: base_url.parse()?, client_id, client_secret: Secret::new(client_secret) })
}

/// Each client id with the variable of its secret.
const CLIENTS: [(&str, &str); 3] = [
    ("GENESYS_CLIENT_ID", "GENESYS_CLIENT_SECRET"),
    ("GENESYSCLOUD_OAUTHCLIENT_ID", "GENESYSCLOUD_OAUTHCLIENT_SECRET"),
    ("GENESYS_CLOUD_CLIENT_ID", "GENESYS_CLOUD_CLIENT_SECRET"),
];
const TOKENS: [&str; 2] = ["GENESYS_ACCESS_TOKEN", "GENESYSCLOUD_ACCESS_TOKEN"];

/// Whom the environment says that we act for: the tutorial's variables, then the vendor's own.
pub fn identity(sources: &impl Sources) -> Result<Identity, Error> {
    let missing = |name: &str| Error::Config(format!("Missing from the environment: {name}."));
    if let Some(token) = TOKENS.iter().find_map(|name| sources.get(name)) {
        return Ok(Identity::Token(Secret::new(token)));
    }
    let Some((id, name)) = CLIENTS.iter().find_map(|(id, secret)| Some((sources.get(id)?, secret))) else {
        return Err(missing("GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET (or GENESYS_ACCESS_TOKEN)"));
    };
    let secret = sources.get(name).ok_or_else(|| missing(name))?;
    Ok(Identity::Client { id, secret: Secret::new(secret) })
}

/// Where the environment says that the server is.
pub fn base_url(sources: &impl Sources) -> Result<String, Error> {
    sources
        .get("GENESYS_BASE_URL")
        .ok_or_else(|| Error::Config("Missing from the environment: GENESYS_BASE_URL.".into()))
}

/// Where tokens are kept unless a file is named.
pub fn token_cache(sources: &impl Sources) -> Result<PathBuf, Error> {
    let folder = sources
        .get("XDG_CACHE_HOME")
        .or_else(|| sources.get("LOCALAPPDATA"))
        .map(PathBuf::from)
        .or_else(|| sources.get("HOME").map(|home| PathBuf::from(home).join(".cache")));
    let folder = folder.ok_or_else(|| {
        Error::Config("There is no home folder to keep tokens in: name a file with token_cache=.".into())
    })?;
    Ok(folder.join("gcrec").join("tokens.json"))
}

/// Which API is wanted: an argument beats `GCREC_API`.
pub(super) fn chosen_api(sources: &impl Sources, api: ApiChoice) -> Result<ApiChoice, Error> {
    match (api, sources.get("GCREC_API")) {
        (ApiChoice::Auto, Some(word)) => word
            .parse()
            .map_err(|_| Error::Config(format!("GCREC_API must be auto, events or platform, not {word:?}."))),
        (api, _) => Ok(api),
    }
}

/// The endpoint for `base_url`: an argument beats a variable.
pub fn endpoint(
    sources: &impl Sources,
    base_url: BaseUrl,
    api: ApiChoice,
    ca_bundle: Option<PathBuf>,
) -> Result<Endpoint, Error> {
    let api = chosen_api(sources, api)?.decide(&base_url);
    let mut extra_trust: Vec<_> = ca_bundle.map(|path| ("ca_bundle".to_owned(), path)).into_iter().collect();
    if base_url.is_https() {
        extra_trust.extend(TRUST.iter().filter_map(|name| Some(((*name).to_owned(), sources.get(name)?.into()))));
    }
    let use_proxies =
        !proxies_are_off(sources) && (base_url.is_https() || !base_url.is_loopback() || proxy_is_here(sources));
    let login_url = login_url(&base_url)?;
    Ok(Endpoint { base_url, login_url, api, connect_timeout: CONNECT_TIMEOUT, extra_trust, use_proxies, proxy: None })
}

/// Refuses the regions of Genesys Cloud, whose login this version does not know.
pub fn refuse_regions(endpoint: &Endpoint) -> Result<(), Error> {
    let host = endpoint.base_url.host();
    if !is_region_host(host) {
        return Ok(());
    }
    Err(Error::Config(format!(
        "{host} is a Genesys Cloud region: this version of gcrec cannot log in there yet. It speaks the tutorial's wire \
         (api=\"events\") and, behind a host of your own, what a secure pause needs of the published API \
         (api=\"platform\")."
    )))
}

/// Changes whenever a variable changes that a pool of connections depends on.
pub fn fingerprint(sources: &impl Sources) -> u64 {
    let mut hasher = DefaultHasher::new();
    for name in TRUST.iter().chain(&PROXIES).chain(&["GCREC_API", "SSL_CERT_DIR"]) {
        sources.get(name).hash(&mut hasher);
    }
    hasher.finish()
}

/// `NO_PROXY=*` means every host; reqwest does not take it to mean addresses too.
fn proxies_are_off(sources: &impl Sources) -> bool {
    ["NO_PROXY", "no_proxy"].iter().find_map(|name| sources.get(name)).is_some_and(|hosts| hosts.trim() == "*")
}

/// Plain http stays on this machine, and a proxy elsewhere would carry the token away in clear text: only a proxy on
/// this machine (a debugging one) is used for it.
fn proxy_is_here(sources: &impl Sources) -> bool {
    let is_here = |text: String| {
        let text = if text.contains("://") { text } else { format!("http://{text}") };
        Url::parse(&text).is_ok_and(|url| is_loopback(url.host().as_ref()))
    };
    // All that are set, and one at least: which one is taken is not ours to decide.
    let mut proxies = PLAIN_PROXIES.iter().filter_map(|name| sources.get(name)).peekable();
    proxies.peek().is_some() && proxies.all(is_here)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Api;

    impl<const N: usize> Sources for [(&str, &str); N] {
        fn get(&self, name: &str) -> Option<String> {
            self.iter().find(|(k, _)| *k == name).map(|(_, v)| (*v).to_owned())
        }
    }

    #[test]
    fn a_missing_variable_is_named() {
        let error = tutorial(&[("GENESYS_CLIENT_ID", "x")]).unwrap_err().to_string();
        assert!(error.contains("GENESYS_CLIENT_SECRET, GENESYS_BASE_URL") && !error.contains("CLIENT_ID"), "{error}");
    }

    #[test]
    fn an_argument_beats_the_variable_and_nonsense_is_refused() {
        let base = || "https://a.example".parse::<BaseUrl>().unwrap();
        let events = ApiChoice::Fixed(Api::Events);
        let platform = [("GCREC_API", "platform")];
        assert_eq!(endpoint(&platform, base(), ApiChoice::Auto, None).unwrap().api, Api::Platform);
        assert_eq!(endpoint(&platform, base(), events, None).unwrap().api, Api::Events);
        assert!(endpoint(&[("GCREC_API", "both")], base(), ApiChoice::Auto, None).is_err());
    }

    #[test]
    fn plain_http_leaves_this_machine_through_no_proxy() {
        let proxied = |proxy| {
            endpoint(&[("HTTP_PROXY", proxy)], "http://localhost:1".parse().unwrap(), ApiChoice::Auto, None)
                .unwrap()
                .use_proxies
        };
        assert!(!proxied("http://proxy.example:3128"));
        assert!(proxied("http://127.0.0.1:3128") && proxied("localhost:3128"));
        let mixed = [("HTTP_PROXY", "ftp://127.0.0.1"), ("ALL_PROXY", "http://proxy.example:3128")];
        let endpoint = endpoint(&mixed, "http://localhost:1".parse().unwrap(), ApiChoice::Auto, None).unwrap();
        assert!(!endpoint.use_proxies);
    }

    #[test]
    fn a_star_turns_all_proxies_off() {
        let proxied = |hosts| {
            let sources = [("HTTPS_PROXY", "http://127.0.0.1:3128"), ("NO_PROXY", hosts)];
            endpoint(&sources, "https://192.0.2.1".parse().unwrap(), ApiChoice::Auto, None).unwrap().use_proxies
        };
        assert!(!proxied(" * ") && proxied("*.example") && proxied("192.0.2.1"));
    }

    #[test]
    fn trust_comes_from_the_argument_and_the_variables() {
        let sources = [("REQUESTS_CA_BUNDLE", "/etc/a.pem")];
        let endpoint =
            endpoint(&sources, "https://a.example".parse().unwrap(), ApiChoice::Auto, Some("b.pem".into())).unwrap();
        let names: Vec<_> = endpoint.extra_trust.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["ca_bundle", "REQUESTS_CA_BUNDLE"]);
    }
}
