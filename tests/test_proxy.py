"""Proxies from the environment, and that none of them sees more than it must."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Iterator

import pytest
from answers import CLOSE, OPERATIONS, good, message, raw, reply
from certificates import HOST, Authority, tls_server, tunnel
from faces import CLIENT_ID, SECRET, TOKEN, Face
from quirky import Quirky

import gcrec


@contextlib.contextmanager
def behind(authority: Authority, proxy: Quirky) -> Iterator[Quirky]:
    """A TLS server under a name that only the proxy knows."""
    with tls_server(authority) as server:
        proxy.play(tunnel(server.port))
        yield server


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_https_goes_through_a_tunnel(
    face: Face, quirky: Quirky, authority: Authority, monkeypatch: pytest.MonkeyPatch, variable: str, operation: str
) -> None:
    """The proxy learns the host, and nothing else: no token, no path, no body."""
    with behind(authority, quirky) as server:
        server.play(good(operation))
        monkeypatch.setenv(variable, quirky.url)
        face.run(operation, f"https://{HOST}:{server.port}", ca_bundle=authority.pem)
        assert len(server.requests) == 1
        assert server.requests[0].header("Proxy-Authorization") is None
        (seen,) = quirky.requests
        assert (seen.method, seen.target.decode()) == ("CONNECT", f"{HOST}:{server.port}")
        assert seen.header("Authorization") is None
        assert not [secret for secret in (TOKEN, SECRET, CLIENT_ID) if secret in repr(seen)]


def test_a_tunnel_is_kept(face: Face, quirky: Quirky, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    """One CONNECT for many calls."""
    with behind(authority, quirky) as server:
        monkeypatch.setenv("HTTPS_PROXY", quirky.url)
        for _ in range(40):
            face.run("status", f"https://{HOST}:{server.port}", ca_bundle=authority.pem)
        assert len(server.requests) == 40
        assert len(quirky.requests) <= 10  # see FEW in test_connections.py


def test_the_certificate_is_checked_through_the_tunnel(
    face: Face, quirky: Quirky, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy that opens TLS with a certificate of its own must not read the token."""
    with behind(authority, quirky) as server:
        monkeypatch.setenv("HTTPS_PROXY", quirky.url)
        with pytest.raises(gcrec.TlsError) as caught:
            face.run("control", f"https://{HOST}:{server.port}", max_retries=0)
        assert caught.value.maybe_sent is False
        assert server.requests == []


def test_the_proxys_own_credentials(
    face: Face, quirky: Quirky, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They go to the proxy and to nobody else."""
    with behind(authority, quirky) as server:
        monkeypatch.setenv("HTTPS_PROXY", quirky.url.replace("//", "//alice:Pa55w0rd@"))
        face.run("status", f"https://{HOST}:{server.port}", ca_bundle=authority.pem)
        expected = "Basic " + base64.b64encode(b"alice:Pa55w0rd").decode()
        assert quirky.requests[0].header("Proxy-Authorization") == expected
        assert server.requests[0].header("Proxy-Authorization") is None


REFUSALS = {
    "407": raw(message(407, {}, [("Proxy-Authenticate", "Basic")]), "close"),
    "403": raw(message(403, b"<html>blocked</html>"), "close"),
    "502": raw(message(502, {}), "close"),
    "302": raw(message(302, {}, [("Location", "https://evil.example/")]), "close"),
    "hang-up": CLOSE,
}


@pytest.mark.parametrize("behaviour", REFUSALS.values(), ids=REFUSALS.keys())
def test_a_proxy_that_refuses(
    face: Face, quirky: Quirky, authority: Authority, monkeypatch: pytest.MonkeyPatch, behaviour: object
) -> None:
    """It is no answer of the server: nothing was sent, and the password is not shown."""
    quirky.play(behaviour)  # type: ignore[arg-type]
    monkeypatch.setenv("HTTPS_PROXY", quirky.url.replace("//", "//alice:Pa55w0rd@"))
    with pytest.raises(gcrec.TransportError) as caught:
        face.run("control", f"https://{HOST}", ca_bundle=authority.pem, max_retries=0)
    assert caught.value.maybe_sent is False
    assert not isinstance(caught.value, gcrec.ApiError)
    assert "Pa55w0rd" not in str(caught.value) + repr(caught.value.__cause__)


@pytest.mark.parametrize("no_proxy", ["127.0.0.1", "127.0.0.0/8", "*", "example.com,127.0.0.1"])
@pytest.mark.parametrize("variable", ["NO_PROXY", "no_proxy"])
def test_no_proxy_is_honoured(
    face: Face, quirky: Quirky, authority: Authority, monkeypatch: pytest.MonkeyPatch, variable: str, no_proxy: str
) -> None:
    """Inside the company one goes straight."""
    quirky.play(CLOSE)
    monkeypatch.setenv("HTTPS_PROXY", quirky.url)
    monkeypatch.setenv(variable, no_proxy)
    with tls_server(authority) as server:
        face.run("status", server.url, ca_bundle=authority.pem)
        assert (len(server.requests), quirky.connections) == (1, 0)


def test_a_proxy_set_later_counts(
    face: Face, quirky: Quirky, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with certificates: the environment of the call counts, not that of the first call."""
    with behind(authority, quirky) as server:
        base_url = f"https://{HOST}:{server.port}"
        with pytest.raises(gcrec.ConnectError):
            face.run("status", base_url, ca_bundle=authority.pem, max_retries=0)
        monkeypatch.setenv("HTTPS_PROXY", quirky.url)
        face.run("status", base_url, ca_bundle=authority.pem)
        assert len(server.requests) == 1


@pytest.mark.parametrize("operation", OPERATIONS)
def test_plain_http_uses_a_proxy_on_this_machine(
    face: Face, quirky: Quirky, bystander: Quirky, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    """A debugging proxy; it sees the absolute form of the target and answers for the server."""
    bystander.play(good(operation))
    quirky.play(reply(500, {}))
    monkeypatch.setenv("HTTP_PROXY", bystander.url)
    face.run(operation, quirky.url)
    assert quirky.connections == 0
    assert bystander.paths[0].startswith(quirky.url + "/")


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
@pytest.mark.parametrize("proxy", ["http://192.0.2.1:9", "http://proxy.invalid:3128", "192.0.2.1:9"])
def test_plain_http_never_leaves_this_machine(
    face: Face, quirky: Quirky, monkeypatch: pytest.MonkeyPatch, variable: str, proxy: str
) -> None:
    """A proxy elsewhere would carry the token away in clear text."""
    monkeypatch.setenv(variable, proxy)
    quirky.play(good("status"))
    face.run("status", quirky.url, timeout=5)
    assert len(quirky.requests) == 1


def test_an_https_proxy_is_not_for_http(
    face: Face, quirky: Quirky, bystander: Quirky, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each variable is for its own scheme."""
    monkeypatch.setenv("HTTPS_PROXY", bystander.url)
    quirky.play(good("status"))
    face.run("status", quirky.url)
    assert (len(quirky.requests), bystander.connections) == (1, 0)
