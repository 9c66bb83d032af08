//! The way to the server: its name, the proxy, the connection, its certificate, its time of day.

use std::io;
use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use futures_util::future::join_all;

use super::time::Time;
use super::{Check, settings};
use crate::config::{BaseUrl, Endpoint, Sources, provenance};
use crate::error::TransportKind;
use crate::model::moment;
use crate::transport::{Certificate, Failure, Probe, Sight};

const FOR_A_NAME: Duration = Duration::from_secs(4);
const FOR_A_LOOK: Duration = Duration::from_secs(6);
/// A server tells its time in whole seconds, and an answer is under way for some.
const SMALL_SKEW: Duration = Duration::from_secs(5);
const LARGE_SKEW: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// A certificate that ends so soon is worth a word.
const SOON: u64 = 14;

/// A look that came back, and when.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) sight: Sight,
    pub(super) took: Duration,
    pub(super) at: SystemTime,
}

/// Asks the machine for the addresses of the server's hosts.
pub(super) async fn names(probe: &Probe, endpoint: &Endpoint, time: &Time) -> Vec<Check> {
    let names = settings::hosts(endpoint).into_iter().map(async |url| {
        let host = url.host();
        if host.parse::<IpAddr>().is_ok() {
            return Check::ok("dns", format!("{host} is an address: there is no name to look up."));
        }
        let found = time.within(FOR_A_NAME, probe.resolve(url)).await;
        name(host, found, probe.proxy(url).is_some())
    });
    join_all(names).await
}

fn name(host: &str, found: Option<io::Result<Vec<IpAddr>>>, by_proxy: bool) -> Check {
    let trouble = match found {
        Some(Ok(addresses)) if !addresses.is_empty() => {
            let addresses: Vec<_> = addresses.iter().map(ToString::to_string).collect();
            return Check::ok("dns", format!("{host} is {}.", addresses.join(", ")));
        }
        Some(Ok(_)) => "it has no address".to_owned(),
        Some(Err(error)) => error.to_string(),
        None => "no answer came in time".into(),
    };
    let says = format!("{host} cannot be looked up: {trouble}.");
    if by_proxy {
        return Check::skipped("dns", format!("{says} The proxy does that."));
    }
    Check::failed("dns", says, "Check the name in the base URL, and the resolver of this machine.")
}

/// Which proxy one goes through, and who says so.
pub(super) fn proxy(probe: &Probe, endpoint: &Endpoint, sources: &impl Sources) -> Check {
    let url = &endpoint.base_url;
    let name = provenance::proxy(sources, url.is_https());
    match (probe.proxy(url), name) {
        (Some(proxy), Some(name)) => Check::ok("proxy", format!("{proxy}, from {name}.")),
        (Some(proxy), None) => Check::ok("proxy", format!("{proxy}, from the settings of the system.")),
        (None, None) => Check::ok("proxy", "None."),
        (None, Some(name)) if url.is_https() => {
            Check::ok("proxy", format!("None: NO_PROXY excepts {} from {name}.", url.host()))
        }
        (None, Some(name)) => Check::ok("proxy", format!("None: {name} is not used for plain http, or excepted.")),
    }
}

/// Looks at one host.
pub(super) async fn look(probe: &Probe, url: &BaseUrl, path: &str, time: &Time) -> Option<Result<Seen, Failure>> {
    let began = time.clock.now();
    let sight = time.within(FOR_A_LOOK, probe.look(url, path)).await?;
    let took = time.clock.now().saturating_sub(began);
    Some(sight.map(|sight| Seen { sight, took, at: time.clock.wall() }))
}

/// Did an answer come?
pub(super) fn connection(url: &BaseUrl, looked: Option<&Result<Seen, Failure>>, proxy: Option<&str>) -> Check {
    let (kind, reason) = match looked {
        Some(Ok(seen)) => {
            let peer = seen.sight.peer.map(|peer| format!(" from {peer}")).unwrap_or_default();
            return Check::ok("connection", format!("{url} answered{peer} after {} ms.", seen.took.as_millis()));
        }
        Some(Err(Failure::Broken { kind, reason, .. })) => (*kind, reason.clone()),
        Some(Err(failure)) => (TransportKind::Broken, failure.to_string()),
        None => (TransportKind::RequestTimeout, "no answer came in time".into()),
    };
    if kind == TransportKind::Tls {
        return Check::ok("connection", format!("{url} can be reached."));
    }
    let mend = match proxy {
        Some(proxy) => format!(
            "It goes through the proxy {proxy}: check that proxy (HTTPS_PROXY), and that it lets this machine through to \
             {}; or except the host with NO_PROXY.",
            url.host()
        ),
        None => "Check host and port of the base URL, that the server runs, and the firewall; if this network wants a \
                 proxy, set HTTPS_PROXY."
            .into(),
    };
    Check::failed("connection", format!("{url}: {reason}."), mend)
}

/// Is the certificate trusted, and until when does it hold?
pub(super) fn certificate(url: &BaseUrl, looked: Option<&Result<Seen, Failure>>, endpoint: &Endpoint) -> Check {
    if !url.is_https() {
        return Check::skipped("tls", format!("{url} is plain http, which stays on this machine."));
    }
    let host = url.host();
    match looked {
        Some(Ok(seen)) => trusted(host, seen.sight.certificate.as_ref(), &roots(endpoint), seen.at),
        Some(Err(Failure::Broken { kind: TransportKind::Tls, reason, .. })) => Check::failed(
            "tls",
            format!("{host}: {reason}."),
            "If a private CA signs this server, or a proxy that opens TLS, name its PEM file with ca_bundle= or \
             REQUESTS_CA_BUNDLE; if the certificate has expired or is another host's, its owner is to renew it.",
        ),
        _ => Check::skipped("tls", format!("{host} did not answer.")),
    }
}

fn roots(endpoint: &Endpoint) -> String {
    let more: Vec<_> = endpoint.extra_trust.iter().map(|(name, _)| name.as_str()).collect();
    let own = "the certificates of this machine";
    if more.is_empty() { own.to_owned() } else { format!("{own} and those of {}", more.join(", ")) }
}

fn trusted(host: &str, certificate: Option<&Certificate>, roots: &str, now: SystemTime) -> Check {
    let Some(Certificate { issuer, expires }) = certificate else {
        return Check::ok("tls", format!("{host} is trusted by {roots}."));
    };
    let says = format!("{host} is trusted by {roots}: issued by {issuer:?}, until {expires}.");
    let left = moment::parse(expires).map(|end| end.duration_since(now).unwrap_or_default().as_secs() / DAY.as_secs());
    match left {
        Some(days) if days < SOON => {
            let mend = format!("The certificate ends in {days} days: its owner is to renew it.");
            Check::warning("tls", says, mend)
        }
        _ => Check::ok("tls", says),
    }
}

/// Is it the same time here as there?
pub(super) fn clock(looked: Option<&Result<Seen, Failure>>) -> Check {
    match looked {
        Some(Ok(seen)) => skew(seen.sight.date, seen.at, seen.took),
        _ => Check::skipped("clock", "The server did not answer."),
    }
}

fn skew(there: Option<SystemTime>, here: SystemTime, took: Duration) -> Check {
    let Some(there) = there else { return Check::skipped("clock", "The server does not tell its time.") };
    // Somewhen on the way, and in the middle of the second that it names.
    let here = here.checked_sub(took / 2).unwrap_or(here);
    let there = there + Duration::from_millis(500);
    let (apart, word) = match here.duration_since(there) {
        Ok(ahead) => (ahead, "ahead of"),
        Err(behind) => (behind.duration(), "behind"),
    };
    if apart <= SMALL_SKEW {
        return Check::ok("clock", "This machine and the server have the same time, within seconds.");
    }
    let says = format!("The clock of this machine is {} s {word} the server's.", apart.as_secs());
    let mend = "Have this machine's clock set by a time server (NTP): certificates, kept tokens, searches and journals \
                depend on it.";
    if apart <= LARGE_SKEW { Check::warning("clock", says, mend) } else { Check::failed("clock", says, mend) }
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;

    const NOW: Duration = Duration::from_secs(1_800_000_000);

    #[test]
    fn clocks_are_compared() {
        let here = SystemTime::UNIX_EPOCH + NOW;
        let verdict = |there| skew(there, here, Duration::from_millis(100)).verdict;
        assert_eq!(verdict(Some(here)), Verdict::Ok);
        assert_eq!(verdict(Some(here - Duration::from_secs(20))), Verdict::Warning);
        assert_eq!(verdict(Some(here + Duration::from_secs(20))), Verdict::Warning);
        assert_eq!(verdict(Some(here + Duration::from_secs(200))), Verdict::Failed);
        assert_eq!(verdict(None), Verdict::Skipped);
        let says = skew(Some(here + Duration::from_secs(200)), here, Duration::ZERO).says;
        assert_eq!(says, "The clock of this machine is 200 s behind the server's.");
    }

    #[test]
    fn a_certificate_that_ends_soon_is_told() {
        let now = moment::parse("2026-01-01T00:00:00Z").unwrap();
        let verdict = |expires: &str| {
            let certificate = Certificate { issuer: "CA".into(), expires: expires.into() };
            trusted("a.example", Some(&certificate), "roots", now).verdict
        };
        assert_eq!(verdict("2026-01-10T00:00:00Z"), Verdict::Warning);
        assert_eq!(verdict("2026-02-10T00:00:00Z"), Verdict::Ok);
        assert_eq!(verdict("9999-12-31T23:59:59Z"), Verdict::Ok);
    }

    #[test]
    fn a_name_that_a_proxy_looks_up_need_not_be_known_here() {
        let failed = || Some(Err(io::Error::other("no such name")));
        assert_eq!(name("a", failed(), false).verdict, Verdict::Failed);
        assert_eq!(name("a", failed(), true).verdict, Verdict::Skipped);
        assert_eq!(name("a", None, false).verdict, Verdict::Failed);
        assert_eq!(name("a", Some(Ok(vec![[127, 0, 0, 1].into()])), false).says, "a is 127.0.0.1.");
    }
}
