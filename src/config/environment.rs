//! The environment: every variable that gcrec looks at is named here.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;

use url::Url;

use super::base_url::is_loopback;
use super::profile::{self, Profile};
use super::sdk_file;
use super::{Api, ApiChoice, BaseUrl, CONNECT_TIMEOUT, Endpoint, Identity, Place, Region};
use crate::error::Error;
use crate::secret::Secret;

/// Variables that name more certificates to trust, as `requests` and `curl` users know them.
pub(super) const TRUST: [&str; 4] = ["GCREC_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"];
/// Variables that name proxies. They are read by reqwest; here they only tell whether anything has changed.
pub(super) const PROXIES: [&str; 8] =
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
pub(super) const CLIENTS: [(&str, &str); 3] = [
    ("GENESYS_CLIENT_ID", "GENESYS_CLIENT_SECRET"),
    ("GENESYSCLOUD_OAUTHCLIENT_ID", "GENESYSCLOUD_OAUTHCLIENT_SECRET"),
    ("GENESYS_CLOUD_CLIENT_ID", "GENESYS_CLOUD_CLIENT_SECRET"),
];
pub(super) const TOKENS: [&str; 2] = ["GENESYS_ACCESS_TOKEN", "GENESYSCLOUD_ACCESS_TOKEN"];

/// What the environment says of whom we act for.
#[derive(Clone, Debug)]
pub enum Named {
    /// This one.
    Somebody(Identity),
    /// An OAuth client without its secret, and the name of the variable that would hold it.
    Unproven(String, &'static str),
    /// Nobody.
    Nobody,
}

/// Whom the environment names: the tutorial's variables, then the vendor's own, then the profile.
pub fn identity(sources: &impl Sources) -> Result<Named, Error> {
    if let Some(token) = TOKENS.iter().find_map(|name| sources.get(name)) {
        return Ok(Named::Somebody(Identity::Token(Secret::new(token))));
    }
    if let Some((id, name)) = CLIENTS.iter().find_map(|(id, secret)| Some((sources.get(id)?, *secret))) {
        return Ok(match sources.get(name) {
            Some(secret) => Named::Somebody(Identity::Client { id, secret: Secret::new(secret) }),
            None => Named::Unproven(id, name),
        });
    }
    Ok(profile::read(sources)?.and_then(|profile| profile.identity).map_or(Named::Nobody, Named::Somebody))
}

/// The OAuth client that a login is to be through.
pub fn client_id(sources: &impl Sources) -> Option<String> {
    CLIENTS.iter().find_map(|(id, _)| sources.get(id))
}

/// Where the variables say that the server is: the tutorial's, then a region's.
pub fn place(sources: &impl Sources) -> Result<Option<Place>, Error> {
    let (region, login_url) = (sources.get("GENESYS_REGION"), sources.get("GENESYS_LOGIN_URL"));
    if let Some(base_url) = sources.get("GENESYS_BASE_URL") {
        let told = Place::told(Some(&base_url), None, login_url.as_deref())?;
        if let Some(region) = region
            && told.as_ref() != Some(&Place::of(named("GENESYS_REGION", &region)?)?)
        {
            return Err(Error::Config(
                "GENESYS_BASE_URL and GENESYS_REGION name different servers: set one of them.".into(),
            ));
        }
        return Ok(told);
    }
    if login_url.is_some() {
        return Err(Error::Config("GENESYS_LOGIN_URL goes with GENESYS_BASE_URL: set both, or neither.".into()));
    }
    for (name, value) in [("GENESYS_REGION", region), ("GENESYSCLOUD_REGION", sources.get("GENESYSCLOUD_REGION"))] {
        if let Some(value) = value {
            return Place::of(named(name, &value)?).map(Some);
        }
    }
    Ok(None)
}

/// Where files of the vendor's say that it is: the profile, then the SDK's.
pub fn place_of_files(sources: &impl Sources) -> Result<Option<Place>, Error> {
    match profile::read(sources)? {
        Some(Profile { environment: Some(region), .. }) => Place::of(named("The profile", &region)?).map(Some),
        _ => sdk_file::place(sources),
    }
}

/// A region, by its source.
fn named(source: &str, region: &str) -> Result<Region, Error> {
    region.parse().map_err(|error| Error::Config(format!("{source}: {error}")))
}

/// Is there a browser that a person at this machine would see? Over SSH it would open on the wrong side, and without a
/// display a text browser would take the terminal; who sets `BROWSER` knows better.
pub fn has_browser(sources: &impl Sources) -> bool {
    let set = |names: &[&str]| names.iter().any(|name| sources.get(name).is_some());
    let shows = !cfg!(all(unix, not(target_os = "macos"))) || set(&["DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"]);
    set(&["BROWSER"]) || (shows && !set(&["SSH_CONNECTION", "SSH_TTY"]))
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

/// The same for a user who logs in, which only the published API has: no host need say so.
pub fn api_of_a_login(sources: &impl Sources, api: ApiChoice) -> ApiChoice {
    match api {
        ApiChoice::Auto if sources.get("GCREC_API").is_none() => ApiChoice::Fixed(Api::Platform),
        api => api,
    }
}

/// The endpoint for `base_url`: an argument beats a variable.
pub fn endpoint(
    sources: &impl Sources,
    base_url: BaseUrl,
    api: ApiChoice,
    ca_bundle: Option<PathBuf>,
) -> Result<Endpoint, Error> {
    endpoint_at(sources, base_url.try_into()?, api, ca_bundle)
}

/// The same for a place whose login may be elsewhere.
pub fn endpoint_at(
    sources: &impl Sources,
    place: Place,
    api: ApiChoice,
    ca_bundle: Option<PathBuf>,
) -> Result<Endpoint, Error> {
    let Place { base_url, login_url } = place;
    let api = chosen_api(sources, api)?.decide(&base_url);
    let mut extra_trust: Vec<_> = ca_bundle.map(|path| ("ca_bundle".to_owned(), path)).into_iter().collect();
    if base_url.is_https() || login_url.is_https() {
        extra_trust.extend(TRUST.iter().filter_map(|name| Some(((*name).to_owned(), sources.get(name)?.into()))));
    }
    let use_proxies =
        !proxies_are_off(sources) && ((base_url.is_https() && login_url.is_https()) || proxy_is_here(sources));
    Ok(Endpoint { base_url, login_url, api, connect_timeout: CONNECT_TIMEOUT, extra_trust, use_proxies, proxy: None })
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
#[path = "environment_tests.rs"]
mod tests;
