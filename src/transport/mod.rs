//! How a request leaves and an answer arrives. The only room that names reqwest.

mod body;
mod certificate;
mod connecting;
mod failure;
mod probe;
mod socket;
mod trust;

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use futures_util::future::{BoxFuture, ready};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use std::time::Duration;

use crate::config::{Api, BaseUrl, Endpoint};
use crate::error::Error;
use crate::exchange::{Origin, Progress, Request, Response};

pub use certificate::Certificate;
pub use failure::Failure;
pub use probe::{Probe, Shape, Sight};
pub use socket::{Socket, Texts};

/// No body may be larger than this once it is decompressed.
const LARGEST_BODY: usize = 16 * 1024 * 1024;
/// What a server says when it says no is read so far: an error is one sentence.
const LARGEST_REFUSAL: usize = 64 * 1024;
/// An idle connection is dropped before the usual 60 s of servers and load balancers: they would cut it under a command.
const IDLE_FOR: Duration = Duration::from_secs(50);

/// A way to send one request once.
pub trait Transport: fmt::Debug + Send + Sync + 'static {
    /// Sends the request and gives the whole answer, whatever its status; tells `progress` on the way. Dropping the future
    /// cancels the request.
    fn send<'a>(&'a self, request: &'a Request, progress: &'a Progress) -> BoxFuture<'a, Result<Response, Failure>>;

    /// Can it open sockets at all?
    fn has_sockets(&self) -> bool {
        false
    }

    /// Opens the WebSocket at an address that the server named. Dropping the future gives it up.
    fn open<'a>(&'a self, _uri: &'a str) -> BoxFuture<'a, Result<Socket, Failure>> {
        Box::pin(ready(Err(Failure::unsendable("this transport has no sockets"))))
    }
}

/// HTTP over a pool of connections to one endpoint.
#[derive(Debug)]
pub struct Http {
    client: reqwest::Client,
    /// For sockets, which begin as a request of HTTP/1.1; None on the wire that has none. Made with the other one, not
    /// when it is wanted: both read the environment, which is only safe where the caller says so.
    for_sockets: Option<reqwest::Client>,
    base_url: BaseUrl,
    login_url: BaseUrl,
}

impl Http {
    /// A pool for `endpoint`; nothing is connected yet.
    pub fn new(endpoint: &Endpoint) -> Result<Self, Error> {
        let client = made(endpoint, Purpose::Requests)?;
        let for_sockets = match endpoint.api {
            Api::Platform => Some(made(endpoint, Purpose::Sockets)?),
            Api::Events => None,
        };
        Ok(Self { client, for_sockets, base_url: endpoint.base_url.clone(), login_url: endpoint.login_url.clone() })
    }

    async fn exchange(&self, request: &Request, progress: &Progress) -> Result<Response, Failure> {
        let base_url = match request.origin {
            Origin::Api => &self.base_url,
            Origin::Login => &self.login_url,
        };
        let url = base_url.join(&request.path, request.query.as_deref());
        let mut headers = HeaderMap::with_capacity(2);
        if let Some(authorization) = request.authorization.header() {
            let mut authorization = HeaderValue::try_from(authorization.expose())
                .map_err(|_| Failure::unsendable("the credentials do not fit into a header"))?;
            authorization.set_sensitive(true);
            headers.insert(AUTHORIZATION, authorization);
        }
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(request.content_type));
        let mut outgoing = self.client.request(request.method.clone(), url).headers(headers);
        if let Some(bytes) = &request.body {
            outgoing = outgoing.body(reqwest::Body::wrap(body::Watched::new(bytes.clone(), progress.clone())));
        }
        let sent = || progress.sent(request.body.is_some());
        let mut incoming =
            connecting::watched(progress.clone(), outgoing.send()).await.map_err(|error| Failure::of(error, sent()))?;
        let status = incoming.status();
        let headers = std::mem::take(incoming.headers_mut());
        let largest = if status.is_success() {
            LARGEST_BODY
        } else {
            progress.refused(status, &headers);
            LARGEST_REFUSAL
        };
        let (body, flaw) = body::read(incoming, largest).await;
        let response = Response { status, headers, body };
        match flaw {
            // The status of a refusal says enough: what arrived of its body is a bonus.
            Some(flaw) if status.is_success() => Err(flaw.after(response)),
            _ => Ok(response),
        }
    }
}

impl Transport for Http {
    fn send<'a>(&'a self, request: &'a Request, progress: &'a Progress) -> BoxFuture<'a, Result<Response, Failure>> {
        Box::pin(self.exchange(request, progress))
    }

    fn has_sockets(&self) -> bool {
        self.for_sockets.is_some()
    }

    fn open<'a>(&'a self, uri: &'a str) -> BoxFuture<'a, Result<Socket, Failure>> {
        Box::pin(async move {
            let client = self.for_sockets.as_ref().ok_or_else(|| Failure::unsendable("this wire has no sockets"))?;
            socket::open(client, &self.base_url, uri).await
        })
    }
}

/// What a client is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// Requests, in the version of HTTP that the server prefers.
    Requests,
    /// Sockets, which begin in HTTP/1.1.
    Sockets,
    /// A look at the server, and at its certificate.
    Looks,
}

fn made(endpoint: &Endpoint, purpose: Purpose) -> Result<reqwest::Client, Error> {
    let client = build(endpoint, purpose, false).or_else(|error| {
        // A machine without certificates of its own: trust the ones that we bring.
        if error.is_builder() { build(endpoint, purpose, true) } else { Err(error) }
    });
    client.map_err(|refused| match refused {
        Refused::Ours(error) => error,
        Refused::Theirs(error) => {
            Error::Config(format!("The HTTP client cannot be set up: {}.", failure::deepest(&error)))
        }
    })
}

/// Why a client could not be built.
enum Refused {
    /// For a reason that we can name.
    Ours(Error),
    /// reqwest says no.
    Theirs(reqwest::Error),
}

impl Refused {
    fn is_builder(&self) -> bool {
        matches!(self, Self::Theirs(error) if error.is_builder())
    }
}

#[expect(clippy::disallowed_methods, reason = "this file owns HTTP")]
fn build(endpoint: &Endpoint, purpose: Purpose, bundled_roots: bool) -> Result<reqwest::Client, Refused> {
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("gcrec/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(endpoint.connect_timeout)
        .pool_idle_timeout(IDLE_FOR)
        .redirect(reqwest::redirect::Policy::none())
        .connector_layer(connecting::Watch)
        .retry(reqwest::retry::never())
        .tls_info(purpose == Purpose::Looks)
        .referer(false);
    if purpose == Purpose::Sockets {
        builder = builder.http1_only();
    }
    match &endpoint.proxy {
        Some(proxy) => {
            let proxy = reqwest::Proxy::all(proxy.expose()).map_err(|_| {
                let form = "proxy must be a URL like http://proxy.example:3128 or socks5://127.0.0.1:1080";
                Refused::Ours(Error::Config(format!("{form}.")))
            })?;
            builder = builder.no_proxy().proxy(proxy);
        }
        None if !endpoint.use_proxies => builder = builder.no_proxy(),
        None => {}
    }
    let (secure, plain): (Vec<_>, Vec<_>) =
        [&endpoint.base_url, &endpoint.login_url].into_iter().partition(|url| url.is_https());
    for url in plain.into_iter().filter(|url| url.host().parse::<IpAddr>().is_err()) {
        // A name that means this machine (`localhost`): no resolver has a say in that.
        let here: [SocketAddr; 2] = [(Ipv4Addr::LOCALHOST, 0).into(), (Ipv6Addr::LOCALHOST, 0).into()];
        builder = builder.resolve_to_addrs(url.host(), &here);
    }
    if secure.is_empty() {
        // Plain http stays on this machine: reading the machine's certificates would be work for nothing.
        builder = builder.tls_certs_only(trust::bundled().into_iter().take(1));
    } else {
        let extra = trust::read(&endpoint.extra_trust).map_err(Refused::Ours)?;
        builder = if bundled_roots {
            builder.tls_certs_only(trust::bundled().into_iter().chain(extra))
        } else {
            builder.tls_certs_merge(extra)
        };
    }
    builder.build().map_err(Refused::Theirs)
}
