//! A checkup: does everything work that operations rest on, and what is to be done where it does not?
//!
//! It looks at all that can be looked at, although something before it failed, each look within its own time. It sends
//! reads; the one thing that it makes is a channel of the notification service. No secret is ever part of a check.
//!
//! | file | what is looked at |
//! | --- | --- |
//! | `settings.rs` | variables, base URL and wire: before anything is sent |
//! | `network.rs` | name, proxy, connection, certificate, time of day |
//! | `kind.rs` | what kind of server it is |
//! | `access.rs` | login and token |
//! | `permissions.rs` | what the token may do |
//! | `service.rs` | whether calls are recorded, the rate limit, latency |
//! | `channel.rs` | notifications |
//! | `check.rs`, `time.rs` | one line, and the time that there is for it |

mod access;
mod channel;
mod check;
mod kind;
mod network;
mod permissions;
mod service;
mod settings;
mod time;

use std::time::Duration;

use futures_util::future::join_all;

use crate::api::{Acting, Told};
use crate::auth::Tokens;
use crate::client::Session;
use crate::clock::SharedClock;
use crate::config::{Api, ClientConfig, Endpoint, Identity, MAX_CONNECTIONS, Sources};
use crate::conversations::Conversations;
use crate::error::{Error, ErrorKind};
use crate::limit::Priority;
use crate::transport::{Failure, Probe};
use crate::wire::checkup::landmark;
use crate::wire::platform::checkup::recent;

use access::Entry;
pub use check::{Check, Verdict};
use network::Seen;
use time::Time;

/// All of it takes no longer.
pub const LONGEST: Duration = Duration::from_secs(28);
/// The search takes no longer.
const FOR_THE_SEARCH: Duration = Duration::from_secs(6);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Where one logs in.
const LOGIN: &str = "/oauth/token";
/// What needs a token, where there is none.
const WITH_A_TOKEN: [&str; 6] = ["token", "permission", "recording", "rate_limit", "latency", "notifications"];

/// What is to be looked at.
#[derive(Clone, Debug)]
pub struct Checkup {
    /// What was said of where and for whom.
    pub told: Told,
    /// Send commands too, to a conversation that does not exist.
    pub probe_commands: bool,
    /// Bound on the whole.
    pub longest: Duration,
}

impl Checkup {
    /// Looks at everything, and tells of each check when it is done.
    pub async fn run(&self, sources: &(impl Sources + Sync), clock: SharedClock, mut tell: impl FnMut(Check) + Send) {
        let time = Time::new(clock, self.longest);
        let settings = settings::read(&self.told, sources);
        settings.checks.into_iter().for_each(&mut tell);
        let Some(endpoint) = settings.endpoint else {
            let why = "There is no server to ask.";
            skip(&["dns", "proxy", "connection", "tls", "clock", "api", "login"], why, &mut tell);
            return skip(&WITH_A_TOKEN, why, &mut tell);
        };
        let probe = match Probe::new(&endpoint) {
            Ok(probe) => probe,
            Err(error) => {
                tell(Check::error("connection", &error));
                skip(&["tls", "clock", "api", "login"], "There is no connection.", &mut tell);
                return skip(&WITH_A_TOKEN, "There is no connection.", &mut tell);
            }
        };
        let way = Way { probe: &probe, endpoint: &endpoint, time: &time };
        let reached = way.look(sources, &mut tell).await;
        let why = match settings.acting {
            Some(acting) if reached.is_enough_for(&acting.identity) => {
                return self.serve(&way, &acting, reached, &mut tell).await;
            }
            Some(_) => "The server does not answer.",
            None => "Nobody is named who could log in.",
        };
        skip(&["login"], why, &mut tell);
        skip(&WITH_A_TOKEN, why, &mut tell);
    }

    /// What takes a token.
    async fn serve(&self, way: &Way<'_>, acting: &Acting, reached: Reached, tell: &mut (impl FnMut(Check) + Send)) {
        let session = match session(acting, way.time.clock.clone()) {
            Ok(session) => session,
            Err(error) => {
                tell(Check::error("login", &error));
                return skip(&WITH_A_TOKEN, "There is no token.", tell);
            }
        };
        let Entry { login, session: entered, pulse } = access::enter(&session, acting, way.time).await;
        tell(login);
        let lasts = session.tokens().and_then(Tokens::lasts);
        let Some(session) = entered else { return skip(&WITH_A_TOKEN, "The login failed.", tell) };
        let api = session.client().api();
        let who = access::who(&session, &acting.identity, way.time).await;
        tell(access::token(pulse.as_ref(), who.as_ref(), lasts));
        match pulse.as_ref().and_then(|pulse| pulse.as_ref().err()).map(Error::kind) {
            Some(ErrorKind::Authentication) => return skip(&WITH_A_TOKEN[1..], "The server refuses the token.", tell),
            Some(ErrorKind::NotFound) => {
                if reached.api {
                    tell(kind::of_404(&session, way.endpoint, way.time).await);
                }
                // Where everything is a 404, none says anything.
                return skip(&WITH_A_TOKEN[1..], "The server does not have this API.", tell);
            }
            _ => {}
        }
        let found = match api {
            Api::Events => None,
            Api::Platform => {
                let now = way.time.clock.wall();
                let days = (now.checked_sub(DAY * service::DAYS).unwrap_or(now), now + DAY / 24);
                way.time.within(FOR_THE_SEARCH, session.run(recent(days), Priority::Listing)).await
            }
        };
        let known = permissions::Known { pulse: pulse.as_ref(), recent: found.as_ref() };
        let held = permissions::held(&session, known, self.probe_commands, way.time).await;
        held.into_iter().for_each(&mut *tell);
        tell(service::recording(found.as_ref(), api));
        let measured = service::measure(&session, pulse.and_then(Result::ok), way.time).await;
        tell(service::rate(&measured));
        tell(service::latency(&measured));
        tell(channel::check(&session, way.time).await);
    }
}

/// The way to a server.
struct Way<'a> {
    probe: &'a Probe,
    endpoint: &'a Endpoint,
    time: &'a Time,
}

/// How far one gets.
#[derive(Clone, Copy)]
struct Reached {
    /// The endpoints of the API seem to be there.
    api: bool,
    /// The host answers at which the API is.
    host: bool,
    /// The host answers at which one logs in.
    login: bool,
}

impl Reached {
    /// Who has a token need not log in.
    fn is_enough_for(self, identity: &Identity) -> bool {
        if matches!(identity, Identity::Token(_)) { self.host } else { self.login }
    }
}

impl Way<'_> {
    /// Looks at all that takes no token.
    async fn look(&self, sources: &impl Sources, tell: &mut (impl FnMut(Check) + Send)) -> Reached {
        let Self { probe, endpoint, time } = *self;
        network::names(probe, endpoint, time).await.into_iter().for_each(&mut *tell);
        tell(network::proxy(probe, endpoint, sources));
        let hosts = settings::hosts(endpoint);
        let paths = [landmark(endpoint.api), LOGIN];
        let looks = hosts.iter().zip(paths).map(|(url, path)| network::look(probe, url, path, time));
        let looks = join_all(looks).await;
        for (url, looked) in hosts.into_iter().zip(&looks) {
            tell(network::connection(url, looked.as_ref(), probe.proxy(url).as_deref()));
            tell(network::certificate(url, looked.as_ref(), endpoint));
        }
        let api = looks.first().and_then(Option::as_ref);
        tell(network::clock(api));
        let kind = match api {
            Some(Ok(seen)) => kind::of(probe, endpoint, seen, time).await,
            _ => Check::skipped("api", "The server does not answer."),
        };
        let answers = |looked: Option<&Option<Result<Seen, Failure>>>| matches!(looked, Some(Some(Ok(_))));
        let (host, login) = (answers(looks.first()), answers(looks.last()));
        let reached = Reached { api: kind.verdict == Verdict::Ok, host, login };
        tell(kind);
        reached
    }
}

/// A session that logs in anew: a token that is kept would say nothing of the login. A user's is kept, and renewed.
fn session(acting: &Acting, clock: SharedClock) -> Result<Session, Error> {
    let token_cache = match &acting.identity {
        Identity::User { .. } => acting.token_cache.clone(),
        Identity::Client { .. } | Identity::Token(_) => None,
    };
    let config = ClientConfig {
        endpoint: acting.endpoint.clone(),
        identity: acting.identity.clone(),
        rate: None,
        max_connections: MAX_CONNECTIONS,
        token_cache,
    };
    Session::open(&config, clock, Conversations::default())
}

fn skip(names: &[&'static str], why: &str, tell: &mut impl FnMut(Check)) {
    for name in names {
        tell(Check::skipped(name, why));
    }
}
