//! What is set, where that leads, and who is to act there: before anything is sent.

use super::Check;
use crate::api::{Acting, Told};
use crate::config::environment::{self, endpoint_at};
use crate::config::{BaseUrl, Endpoint, Identity, Sources, mismatch, provenance};
use crate::error::Error;

/// What came of the settings. Without an identity there may be a server all the same.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) checks: Vec<Check>,
    pub(super) endpoint: Option<Endpoint>,
    pub(super) acting: Option<Acting>,
}

/// Reads them.
pub(super) fn read(told: &Told, sources: &impl Sources) -> Settings {
    let acting = told.clone().complete(sources);
    let endpoint = match &acting {
        Ok(acting) => Ok(Some(acting.endpoint.clone())),
        Err(_) => at_least_where(told, sources),
    };
    let server = match &endpoint {
        Ok(Some(endpoint)) => server(told, sources, endpoint, acting.as_ref().ok()),
        Ok(None) => Check::failed(
            "base_url",
            "Nothing names a server.",
            "Set GENESYS_BASE_URL, or GENESYS_REGION for a region of Genesys Cloud; or pass base_url= or region=.",
        ),
        Err(error) => Check::failed(
            "base_url",
            error.to_string(),
            "Set it right: a server is a URL that begins with https://, a region goes by its AWS name or its domain.",
        ),
    };
    let variables = variables(sources, &acting);
    Settings { checks: vec![variables, server], endpoint: endpoint.ok().flatten(), acting: acting.ok() }
}

fn at_least_where(told: &Told, sources: &impl Sources) -> Result<Option<Endpoint>, Error> {
    let place = match &told.place {
        Some(place) => Some(place.clone()),
        None => environment::place(sources)?,
    };
    place.map(|place| endpoint_at(sources, place, told.api, told.ca_bundle.clone())).transpose()
}

fn variables(sources: &impl Sources, acting: &Result<Acting, Error>) -> Check {
    let set = match provenance::set(sources) {
        set if set.is_empty() => "No variable of gcrec's is set".to_owned(),
        set => format!("Set: {}", set.join(", ")),
    };
    match acting {
        Ok(acting) => Check::ok("variables", format!("{set}. Acts for {}.", who(sources, &acting.identity))),
        Err(error) => {
            let mend = match error.hint() {
                hint if hint.is_empty() => {
                    "Set GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET (or GENESYS_ACCESS_TOKEN), or log in with `gcrec \
                     login`; and say where, with GENESYS_BASE_URL or GENESYS_REGION."
                        .into()
                }
                hint => hint,
            };
            Check::failed("variables", format!("{set}. {error}"), mend)
        }
    }
}

fn who(sources: &impl Sources, identity: &Identity) -> String {
    let from = provenance::identity(sources).unwrap_or_else(|| "what is kept".into());
    match identity {
        Identity::Token(_) => format!("who holds the access token of {from}"),
        Identity::Client { .. } => format!("the OAuth client of {from}"),
        Identity::User { .. } => "the user whose login is kept (`gcrec login`)".into(),
    }
}

/// Where it leads, and over which wire.
fn server(told: &Told, sources: &impl Sources, endpoint: &Endpoint, acting: Option<&Acting>) -> Check {
    let Endpoint { base_url, login_url, api, .. } = endpoint;
    let kept = acting.filter(|acting| matches!(acting.identity, Identity::User { .. })).map(|_| *api);
    let from = match (&told.place, provenance::place(sources)) {
        (Some(_), _) => "as it was passed".to_owned(),
        (None, Some(name)) => format!("from {name}"),
        (None, None) => "from the login that is kept".into(),
    };
    let elsewhere = if login_url == base_url { String::new() } else { format!(", with its login at {login_url}") };
    let why = provenance::api(sources, told.api, base_url, kept);
    let says = format!("{base_url} ({from}){elsewhere}; the API is {api}, {why}.");
    match mismatch(*api, base_url) {
        Some(words) => Check::warning("base_url", says, words),
        None => Check::ok("base_url", says),
    }
}

/// The hosts of a server: the API's, and the login's if that is another.
pub(super) fn hosts(endpoint: &Endpoint) -> Vec<&BaseUrl> {
    let Endpoint { base_url, login_url, .. } = endpoint;
    let other = (login_url.host() != base_url.host()).then_some(login_url);
    std::iter::once(base_url).chain(other).collect()
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;

    struct Table(&'static [(&'static str, &'static str)]);

    impl Sources for Table {
        fn get(&self, name: &str) -> Option<String> {
            self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        }
    }

    fn told(table: &'static [(&'static str, &'static str)]) -> Settings {
        read(&Told::default(), &Table(table))
    }

    #[test]
    fn a_whole_setting_is_told_without_a_value() {
        let settings = told(&[
            ("GENESYS_REGION", "eu-west-1"),
            ("GENESYS_CLIENT_ID", "hunter21"),
            ("GENESYS_CLIENT_SECRET", "hunter22"),
        ]);
        assert!(settings.checks.iter().all(|check| check.verdict == Verdict::Ok), "{:?}", settings.checks);
        assert!(!format!("{:?}", settings.checks).contains("hunter2"));
        assert!(settings.checks[1].says.contains("login.mypurecloud.ie") && settings.acting.is_some());
    }

    #[test]
    fn where_is_known_although_nobody_is_named() {
        let settings = told(&[("GENESYS_BASE_URL", "https://a.example"), ("GENESYS_CLIENT_ID", "x")]);
        assert_eq!(
            settings.checks.iter().map(|check| check.verdict).collect::<Vec<_>>(),
            [Verdict::Failed, Verdict::Ok]
        );
        assert!(settings.checks[0].says.contains("GENESYS_CLIENT_SECRET"));
        assert!(settings.endpoint.is_some() && settings.acting.is_none());
    }

    #[test]
    fn a_wire_that_the_region_does_not_have_is_a_warning() {
        let settings = told(&[("GENESYS_REGION", "eu-west-1"), ("GCREC_API", "events")]);
        assert_eq!(settings.checks[1].verdict, Verdict::Warning);
        assert!(settings.checks[1].mend.contains("expect 404"));
    }

    #[test]
    fn nothing_at_all() {
        let settings = told(&[]);
        assert!(settings.checks.iter().all(|check| check.verdict == Verdict::Failed && !check.mend.is_empty()));
    }
}
