//! What the environment says, and what it may not be taken to say.

use std::collections::BTreeMap;

use super::*;
use crate::config::Api;

impl Sources for BTreeMap<&str, &str> {
    fn get(&self, name: &str) -> Option<String> {
        BTreeMap::get(self, name).map(|value| (*value).to_owned())
    }
}

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

#[test]
fn a_region_or_a_gateway_of_the_environment_is_found_and_contradictions_are_not_guessed() {
    let login = |sources: &[(&str, &str)]| {
        let table: BTreeMap<_, _> = sources.iter().copied().collect();
        place(&table).map(|place| place.map(|place| place.login_url.to_string()))
    };
    let ireland = Some("https://login.mypurecloud.ie".to_owned());
    assert_eq!(login(&[]).unwrap(), None);
    assert_eq!(login(&[("GENESYS_REGION", "eu-west-1"), ("GENESYSCLOUD_REGION", "us-west-2")]).unwrap(), ireland);
    assert_eq!(login(&[("GENESYSCLOUD_REGION", "mypurecloud.ie")]).unwrap(), ireland);
    let base = ("GENESYS_BASE_URL", "https://gw.example/api");
    assert_eq!(login(&[base, ("GENESYSCLOUD_REGION", "us-west-2")]).unwrap().as_deref(), Some(base.1));
    let gateway = login(&[base, ("GENESYS_LOGIN_URL", "https://gw.example/login")]);
    assert_eq!(gateway.unwrap().as_deref(), Some("https://gw.example/login"));
    assert!(login(&[base, ("GENESYS_REGION", "eu-west-1")]).is_err());
    assert!(login(&[("GENESYS_REGION", "eu-west-1"), ("GENESYS_LOGIN_URL", "https://a.example")]).is_err());
    assert!(login(&[("GENESYS_BASE_URL", "https://api.mypurecloud.ie"), ("GENESYS_REGION", "eu-west-1")]).is_ok());
    let error = login(&[("GENESYSCLOUD_REGION", "eu-west-7")]).unwrap_err().to_string();
    assert!(error.contains("GENESYSCLOUD_REGION") && error.contains("eu-west-1"), "{error}");
}

#[test]
fn credentials_for_a_server_on_this_machine_leave_it_through_no_proxy() {
    let place = Place::told(Some("https://a.example"), None, Some("http://127.0.0.1:1")).unwrap().unwrap();
    let sources = [("HTTPS_PROXY", "http://proxy.example:3128")];
    assert!(!endpoint_at(&sources, place, ApiChoice::Auto, None).unwrap().use_proxies);
}

#[test]
fn a_browser_is_opened_where_a_person_sees_it() {
    assert!(has_browser(&[("BROWSER", "x"), ("SSH_CONNECTION", "y")]));
    assert!(!has_browser(&[("DISPLAY", ":0"), ("SSH_CONNECTION", "y")]));
    assert!(has_browser(&[("DISPLAY", ":0")]));
}
