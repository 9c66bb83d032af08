//! A look at the way to a server: who resolves its name, through which proxy one goes, what answers, and by which
//! certificate. It is made as what carries the requests is, so that it meets the same; it sends no credential.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::SystemTime;

use http::{HeaderMap, StatusCode, Uri, header};
use hyper_util::client::proxy::matcher::Matcher;

use super::{Certificate, Failure, LARGEST_REFUSAL, Purpose, body, made};
use crate::config::{BaseUrl, Endpoint};
use crate::error::{Error, Sent};

/// Of one endpoint.
#[derive(Debug)]
pub struct Probe {
    client: reqwest::Client,
    /// The proxies of the environment or the system, if they may be used.
    proxies: Option<Matcher>,
}

/// What came of one request without a token.
#[derive(Clone, Debug)]
pub struct Sight {
    /// The status code.
    pub status: StatusCode,
    /// What its body looks like.
    pub shape: Shape,
    /// The time of day at the server, in whole seconds.
    pub date: Option<SystemTime>,
    /// The certificate that the server showed, where one could be read.
    pub certificate: Option<Certificate>,
    /// Who is at the other end of the connection: the server, or a proxy.
    pub peer: Option<SocketAddr>,
}

/// What a body looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// An API's.
    Json,
    /// A web page.
    Page,
    /// Neither, or nothing.
    Other,
}

impl Probe {
    /// Nothing is sent yet.
    pub fn new(endpoint: &Endpoint) -> Result<Self, Error> {
        let client = made(endpoint, Purpose::Looks)?;
        let proxies = match &endpoint.proxy {
            Some(proxy) => Some(Matcher::builder().all(proxy.expose().to_owned()).build()),
            None => endpoint.use_proxies.then(Matcher::from_system),
        };
        Ok(Self { client, proxies })
    }

    /// The proxy through which `url` is reached, without its password: `http://proxy.example:3128`.
    pub fn proxy(&self, url: &BaseUrl) -> Option<String> {
        let found = self.proxies.as_ref()?.intercept(&url.as_str().parse::<Uri>().ok()?)?;
        let (uri, host) = (found.uri(), found.uri().host().unwrap_or_default());
        let port = uri.port().map(|port| format!(":{port}")).unwrap_or_default();
        Some(format!("{}://{host}{port}", uri.scheme_str().unwrap_or("http")))
    }

    /// The addresses that this machine has for the host of `url`.
    pub async fn resolve(&self, url: &BaseUrl) -> io::Result<Vec<IpAddr>> {
        let mut addresses: Vec<_> = tokio::net::lookup_host((url.host(), 0)).await?.map(|found| found.ip()).collect();
        addresses.dedup();
        Ok(addresses)
    }

    /// Asks for `path` below `url`, as nobody.
    pub async fn look(&self, url: &BaseUrl, path: &str) -> Result<Sight, Failure> {
        let asked = self.client.get(url.join(path, None)).send();
        let response = asked.await.map_err(|error| Failure::of(error, Sent::Maybe))?;
        let (status, peer) = (response.status(), response.remote_addr());
        let certificate = response.extensions().get::<reqwest::tls::TlsInfo>();
        let certificate = certificate.and_then(|info| Certificate::read(info.peer_certificate()?));
        let date = date(response.headers());
        let (body, _) = body::read(response, LARGEST_REFUSAL).await;
        Ok(Sight { status, shape: Shape::of(&body), date, certificate, peer })
    }
}

impl Shape {
    fn of(body: &[u8]) -> Self {
        match body.trim_ascii_start().first() {
            Some(b'{' | b'[') => Self::Json,
            Some(b'<') => Self::Page,
            _ => Self::Other,
        }
    }
}

fn date(headers: &HeaderMap) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(header::DATE)?.to_str().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Api, CONNECT_TIMEOUT};
    use crate::secret::Secret;

    #[test]
    fn a_proxy_is_told_without_its_password() {
        let base_url: BaseUrl = "https://a.example".parse().unwrap();
        let proxy = Some(Secret::new("http://alice:hunter22@proxy.example:3128"));
        let endpoint = Endpoint {
            login_url: base_url.clone(),
            base_url,
            api: Api::Events,
            connect_timeout: CONNECT_TIMEOUT,
            extra_trust: Vec::new(),
            use_proxies: true,
            proxy,
        };
        let probe = Probe::new(&endpoint).unwrap();
        assert_eq!(probe.proxy(&endpoint.base_url).unwrap(), "http://proxy.example:3128");
        assert!(!format!("{probe:?}").contains("hunter22"));
    }

    #[test]
    fn a_body_is_told_by_its_first_character() {
        let shapes = [&b"  {}"[..], b"<!doctype html>", b"", b"gone"].map(Shape::of);
        assert_eq!(shapes, [Shape::Json, Shape::Page, Shape::Other, Shape::Other]);
    }
}
