//! What kind of server answers: one that has the endpoints of the API that is spoken, or what it is instead.

use std::time::Duration;

use super::network::{self, Seen};
use super::time::Time;
use super::{Check, LOGIN};
use crate::client::Session;
use crate::config::{Api, Endpoint};
use crate::error::{Error, ErrorKind};
use crate::limit::Priority;
use crate::transport::{Probe, Shape, Sight};
use crate::wire::checkup::{landmark, pulse};

const FOR_A_READ: Duration = Duration::from_secs(5);

/// What was found at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    /// An endpoint of an API: it answered, or wants a token first.
    Endpoint,
    /// No such path.
    Nothing,
    /// A web page, whatever its status.
    Page,
    /// Somewhere else.
    Redirect(u16),
    /// The server, or what stands before it, has failed.
    Trouble(u16),
}

/// What it was instead of an endpoint.
#[derive(Clone, Copy, Debug, Default)]
struct Others {
    other_api: Option<Found>,
    login: Option<Found>,
}

/// Judges what the landmark of our API answered; asks for others' where it is not there.
pub(super) async fn of(probe: &Probe, endpoint: &Endpoint, seen: &Seen, time: &Time) -> Check {
    let ours = Found::of(&seen.sight);
    let others = match ours {
        // A server may say by a page that a path is not there.
        Found::Nothing | Found::Page => others(probe, endpoint, time).await,
        Found::Endpoint | Found::Redirect(_) | Found::Trouble(_) => Others::default(),
    };
    judge(endpoint, ours, others)
}

/// The same where a request with a token was answered 404: where everybody is asked for a token first, only who has one
/// hears what there is.
pub(super) async fn of_404(session: &Session, endpoint: &Endpoint, time: &Time) -> Check {
    let asked = session.run(pulse(other(endpoint.api)), Priority::FirstRead);
    let other_api = time.within(FOR_A_READ, asked).await.and_then(|answer| match answer {
        Err(error) if error.kind() == ErrorKind::NotFound => Some(Found::Nothing),
        // It is there, whatever it said.
        Ok(_) | Err(Error::Api(_)) => Some(Found::Endpoint),
        Err(_) => None,
    });
    judge(endpoint, Found::Nothing, Others { other_api, login: None })
}

async fn others(probe: &Probe, endpoint: &Endpoint, time: &Time) -> Others {
    let found = async |path| {
        let looked = network::look(probe, &endpoint.base_url, path, time).await?.ok()?;
        Some(Found::of(&looked.sight))
    };
    let other_api = found(landmark(other(endpoint.api))).await;
    Others { other_api, login: found(LOGIN).await }
}

fn other(api: Api) -> Api {
    match api {
        Api::Events => Api::Platform,
        Api::Platform => Api::Events,
    }
}

fn name_of(api: Api) -> &'static str {
    match api {
        Api::Events => "the tutorial's API (events)",
        Api::Platform => "the published API (platform)",
    }
}

impl Found {
    fn of(sight: &Sight) -> Self {
        match (sight.status.as_u16(), sight.shape) {
            (200..=299 | 400..=405 | 410, Shape::Page) => Self::Page,
            (404 | 410, _) => Self::Nothing,
            (status @ 300..=399, _) => Self::Redirect(status),
            (status @ 500..=599, _) => Self::Trouble(status),
            _ => Self::Endpoint,
        }
    }
}

fn judge(endpoint: &Endpoint, ours: Found, others: Others) -> Check {
    let Endpoint { base_url, api, .. } = endpoint;
    let (ours_in_words, path) = (name_of(*api), landmark(*api));
    let failed = |says: String, mend: String| Check::failed("api", says, mend);
    let other = other(*api);
    match (ours, others) {
        (Found::Endpoint, _) => Check::ok("api", format!("The server has endpoints of {ours_in_words}.")),
        (Found::Redirect(status), _) => failed(
            format!("{base_url} leads elsewhere: {path} answered {status}."),
            "Set the base URL to the final address: redirects are not followed, so that no credential reaches another host."
                .into(),
        ),
        (Found::Trouble(status), _) => failed(
            format!("{base_url} has failed: {path} answered {status}."),
            "The server, or a gateway before it, is out of order: try again later, or ask who runs it.".into(),
        ),
        (_, Others { other_api: Some(Found::Endpoint), .. }) => failed(
            format!("{base_url} speaks {}, and {ours_in_words} is asked of it, which has no {path}.", name_of(other)),
            format!("Speak the other one: api=\"{other}\", or GCREC_API={other}."),
        ),
        (_, Others { login: Some(Found::Endpoint), .. }) => failed(
            format!("{base_url} is where one logs in, and has neither API."),
            "Set the base URL to the API's address (https://api.{region}, or the gateway's path of it); a login elsewhere is \
             login_url=, or GENESYS_LOGIN_URL."
                .into(),
        ),
        (Found::Page, _) => failed(
            format!("{base_url} is a web server: {path} is a page of it, and no endpoint of {ours_in_words}."),
            "Set the base URL to where the API is: for a region of Genesys Cloud https://api.{region}, not the address of \
             its web application; a company's gateway may have it below a path."
                .into(),
        ),
        (Found::Nothing, _) => failed(
            format!("{base_url} answers 404 to everything that was asked: neither API is there, and no login."),
            "Check host, port and path of the base URL: behind a gateway the API may be below a path.".into(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::super::Verdict;
    use super::*;
    use crate::config::CONNECT_TIMEOUT;

    fn endpoint(api: Api) -> Endpoint {
        Endpoint {
            base_url: "https://a.example".parse().unwrap(),
            login_url: "https://a.example".parse().unwrap(),
            api,
            connect_timeout: CONNECT_TIMEOUT,
            extra_trust: Vec::new(),
            use_proxies: false,
            proxy: None,
        }
    }

    #[test]
    fn a_status_and_a_shape_tell_what_was_found() {
        let found = |status: u16, shape| {
            let status = StatusCode::from_u16(status).unwrap();
            Found::of(&Sight { status, shape, date: None, certificate: None, peer: None })
        };
        assert_eq!(found(401, Shape::Json), Found::Endpoint);
        assert_eq!(found(405, Shape::Other), Found::Endpoint);
        assert_eq!(found(429, Shape::Json), Found::Endpoint);
        assert_eq!((found(404, Shape::Json), found(404, Shape::Page)), (Found::Nothing, Found::Page));
        assert_eq!((found(200, Shape::Page), found(401, Shape::Page)), (Found::Page, Found::Page));
        assert_eq!((found(302, Shape::Page), found(502, Shape::Page)), (Found::Redirect(302), Found::Trouble(502)));
    }

    #[test]
    fn each_is_named_for_what_it_is() {
        let says = |api, ours, other_api, login| {
            let check = judge(&endpoint(api), ours, Others { other_api, login });
            assert_eq!(check.verdict == Verdict::Ok, check.mend.is_empty());
            format!("{} {}", check.says, check.mend)
        };
        let (nothing, there) = (Some(Found::Nothing), Some(Found::Endpoint));
        assert!(says(Api::Events, Found::Endpoint, None, None).contains("has endpoints of the tutorial's"));
        assert!(says(Api::Events, Found::Nothing, there, nothing).contains("GCREC_API=platform"));
        assert!(says(Api::Platform, Found::Nothing, there, there).contains("GCREC_API=events"));
        assert!(says(Api::Platform, Found::Nothing, nothing, there).contains("is where one logs in"));
        assert!(says(Api::Platform, Found::Nothing, nothing, nothing).contains("404 to everything"));
        assert!(says(Api::Platform, Found::Nothing, None, None).contains("404 to everything"));
        assert!(says(Api::Platform, Found::Page, Some(Found::Page), nothing).contains("is a web server"));
        assert!(says(Api::Platform, Found::Page, there, nothing).contains("GCREC_API=events"));
        assert!(says(Api::Platform, Found::Redirect(301), None, None).contains("answered 301"));
        assert!(says(Api::Platform, Found::Trouble(502), None, None).contains("answered 502"));
    }
}
