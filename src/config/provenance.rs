//! Where settings come from, by name: what a checkup tells. No value of a variable is told.

use super::environment::{CLIENTS, PROXIES, TOKENS, TRUST};
use super::{Api, ApiChoice, BaseUrl, Region, Sources, profile};

/// The other variables that say where, for whom and over which wire.
const OTHERS: [&str; 7] = [
    "GENESYS_BASE_URL",
    "GENESYS_LOGIN_URL",
    "GENESYS_REGION",
    "GENESYSCLOUD_REGION",
    "GCREC_API",
    "GCREC_PROFILE",
    "SSL_CERT_DIR",
];

/// The variables that are set, of all that gcrec looks at.
pub fn set(sources: &impl Sources) -> Vec<&'static str> {
    let clients = CLIENTS.iter().flat_map(|(id, secret)| [*id, *secret]);
    let all = OTHERS[..4].iter().copied().chain(clients).chain(TOKENS).chain(OTHERS[4..].iter().copied());
    all.chain(TRUST).chain(PROXIES).filter(|name| sources.get(name).is_some()).collect()
}

/// What names whom the environment acts for; None where that is a login that is kept.
pub fn identity(sources: &impl Sources) -> Option<String> {
    if let Some(token) = TOKENS.iter().find(|name| sources.get(name).is_some()) {
        return Some((*token).to_owned());
    }
    match CLIENTS.iter().find(|(id, _)| sources.get(id).is_some()) {
        Some((id, secret)) => sources.get(secret).is_some().then(|| format!("{id} and {secret}")),
        None => profile::read(sources).ok()??.identity.map(|_| profile_in_words(sources)),
    }
}

/// What names where the server is; None where that is a login that is kept.
pub fn place(sources: &impl Sources) -> Option<String> {
    let variables = ["GENESYS_BASE_URL", "GENESYS_REGION", "GENESYSCLOUD_REGION"];
    if let Some(name) = variables.into_iter().find(|name| sources.get(name).is_some()) {
        return Some(name.to_owned());
    }
    if profile::read(sources).ok()?.is_some_and(|profile| profile.environment.is_some()) {
        return Some(profile_in_words(sources));
    }
    super::sdk_file::place(sources).ok()?.map(|_| "~/.genesyscloudpython/config".to_owned())
}

/// Why this API is spoken at `base_url`. `kept`: a login that is kept has a say.
pub fn api(sources: &impl Sources, choice: ApiChoice, base_url: &BaseUrl, kept: Option<Api>) -> String {
    let by_variable = sources.get("GCREC_API").is_some_and(|word| word != "auto");
    match choice {
        ApiChoice::Fixed(api) => return format!("because api=\"{api}\" asks for it"),
        ApiChoice::Auto if by_variable => return "because GCREC_API asks for it".into(),
        ApiChoice::Auto => {}
    }
    let host = base_url.host();
    match (kept, Region::of_host(host)) {
        (Some(_), _) => "because the login that is kept does".into(),
        (None, Some(region)) => format!("because {host} is in the region {}", region.name),
        (None, None) => format!("because {host} is in no region of Genesys Cloud, and nothing else asks for the other"),
    }
}

/// The variable that names the proxy for https, or for plain http.
pub fn proxy(sources: &impl Sources, https: bool) -> Option<&'static str> {
    let (own, all) = (if https { &PROXIES[..2] } else { &PROXIES[2..4] }, &PROXIES[4..6]);
    own.iter().chain(all).copied().find(|name| sources.get(name).is_some())
}

fn profile_in_words(sources: &impl Sources) -> String {
    match sources.get("GCREC_PROFILE") {
        Some(name) => format!("the profile {name:?} of ~/.gc/config.toml"),
        None => "the default profile of ~/.gc/config.toml".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Table(&'static [(&'static str, &'static str)]);

    impl Sources for Table {
        fn get(&self, name: &str) -> Option<String> {
            self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        }
    }

    #[test]
    fn names_are_told_and_never_a_value() {
        let table = Table(&[
            ("GENESYS_CLIENT_SECRET", "hunter22"),
            ("GENESYS_CLIENT_ID", "hunter22"),
            ("GENESYS_REGION", "hunter22"),
            ("all_proxy", "http://u:hunter22@p"),
        ]);
        let names = ["GENESYS_REGION", "GENESYS_CLIENT_ID", "GENESYS_CLIENT_SECRET", "all_proxy"];
        assert_eq!(set(&table), names);
        assert_eq!(identity(&table).unwrap(), "GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET");
        assert_eq!(place(&table).unwrap(), "GENESYS_REGION");
        assert_eq!((proxy(&table, true), proxy(&Table(&[]), true)), (Some("all_proxy"), None));
        assert_eq!(proxy(&Table(&[("HTTPS_PROXY", "x")]), false), None);
        assert_eq!(identity(&Table(&[("GENESYS_CLIENT_ID", "x")])), None);
    }

    #[test]
    fn why_an_api_is_spoken() {
        let (cloud, other): (BaseUrl, BaseUrl) =
            ("https://api.mypurecloud.ie".parse().unwrap(), "https://a.example".parse().unwrap());
        let told = |table: &Table, choice, url: &BaseUrl| api(table, choice, url, None);
        assert!(told(&Table(&[]), ApiChoice::Auto, &cloud).contains("region eu-west-1"));
        assert!(told(&Table(&[]), ApiChoice::Auto, &other).contains("no region"));
        assert!(told(&Table(&[("GCREC_API", "events")]), ApiChoice::Auto, &cloud).contains("GCREC_API"));
        assert!(told(&Table(&[]), ApiChoice::Fixed(Api::Events), &cloud).contains("api=\"events\""));
        assert!(api(&Table(&[]), ApiChoice::Auto, &other, Some(Api::Platform)).contains("kept"));
    }
}
