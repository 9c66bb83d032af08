"""TLS against real servers: verification cannot be turned off, only extended."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from answers import EARLY_CLOSE, EARLY_RESET, OPERATIONS, good, message, raw
from certificates import Authority, tls_server
from faces import SECRET, TOKEN, Face
from quirky import Behaviour, Quirky

import gcrec

VARIABLES = ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "GCREC_CA_BUNDLE"]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_unknown_authority_is_not_trusted(face: Face, authority: Authority, operation: str) -> None:
    """The request never leaves; the hint names the way out."""
    with tls_server(authority) as server, pytest.raises(gcrec.TlsError, match="ca_bundle") as caught:
        face.run(operation, server.url, max_retries=0)
    assert caught.value.maybe_sent is False
    assert server.requests == []
    assert not [secret for secret in (TOKEN, SECRET) if secret in str(caught.value)]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_bundle_as_a_file(face: Face, authority: Authority, operation: str) -> None:
    """str and Path alike."""
    with tls_server(authority) as server:
        server.play(good(operation))
        face.run(operation, server.url, ca_bundle=str(authority.pem))
        face.run(operation, server.url, ca_bundle=authority.pem)
        assert len(server.requests) == 2


@pytest.mark.parametrize("name", ["ca.pem", "ca.crt", "5ed36f99.0"])
def test_a_bundle_as_a_directory(face: Face, authority: Authority, tmp_path: Path, name: str) -> None:
    """Directories hold more than certificates, and c_rehash gives those strange names."""
    (tmp_path / "README").write_text("not a certificate")
    (tmp_path / "nested").mkdir()
    (tmp_path / name).write_bytes(authority.pem.read_bytes())
    with tls_server(authority) as server:
        face.run("status", server.url, ca_bundle=tmp_path)
        assert len(server.requests) == 1


@pytest.mark.parametrize("variable", VARIABLES)
@pytest.mark.parametrize("folder", [False, True], ids=["file", "directory"])
def test_a_variable_set_after_the_first_failure(
    face: Face, authority: Authority, monkeypatch: pytest.MonkeyPatch, variable: str, folder: bool
) -> None:
    """In a notebook one fails, sets the variable, and tries again: a cached client must not stand in the way."""
    with tls_server(authority) as server:
        with pytest.raises(gcrec.TlsError):
            face.run("status", server.url, max_retries=0)
        monkeypatch.setenv(variable, str(authority.pem.parent if folder else authority.pem))
        face.run("status", server.url)
        monkeypatch.delenv(variable)
        with pytest.raises(gcrec.TlsError):
            face.run("status", server.url, max_retries=0)
        assert len(server.requests) == 1


@pytest.mark.parametrize("variable", [*VARIABLES, "ca_bundle"])
@pytest.mark.parametrize("content", [None, b"", b"not a certificate", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_a_bundle_that_is_none(
    face: Face,
    authority: Authority,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    content: bytes | None,
) -> None:
    """Missing, empty or junk: the error names the variable, not only the file."""
    path = tmp_path / "bundle.pem"
    if content is not None:
        path.write_bytes(content)
    options = {"ca_bundle": path} if variable == "ca_bundle" else {}
    if variable != "ca_bundle":
        monkeypatch.setenv(variable, str(path))
    with tls_server(authority) as server, pytest.raises(gcrec.ConfigError, match=variable) as caught:
        face.run("status", server.url, **options)
    assert str(path) in str(caught.value)
    assert server.connections == 0


def test_an_empty_variable_is_not_set(face: Face, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    """`REQUESTS_CA_BUNDLE= python ...` is how shells unset things."""
    for variable in VARIABLES:
        monkeypatch.setenv(variable, "")
    with tls_server(authority) as server:
        face.run("status", server.url, ca_bundle=authority.pem)
        assert len(server.requests) == 1


def test_a_bundle_of_somebody_else(face: Face, authority: Authority, tmp_path: Path) -> None:
    """More trust is not all trust."""
    stranger = Authority(tmp_path)
    with tls_server(stranger) as server, pytest.raises(gcrec.TlsError):
        face.run("status", server.url, ca_bundle=authority.pem, max_retries=0)
    assert server.requests == []


@pytest.mark.parametrize("flaw", ["wrong name", "expired"])
def test_a_certificate_that_does_not_hold(face: Face, authority: Authority, flaw: str) -> None:
    """The authority is trusted; the certificate is for another host, or of another age."""
    names = ("other.example",) if flaw == "wrong name" else ("127.0.0.1",)
    with tls_server(authority, *names, expired=flaw == "expired") as server, pytest.raises(gcrec.TlsError) as caught:
        face.run("control", server.url, ca_bundle=authority.pem, max_retries=0)
    assert caught.value.maybe_sent is False
    assert server.requests == []


PLAIN = {
    "plain HTTP": Behaviour(raw(message(200, {})).act, early=True),
    "close": EARLY_CLOSE,
    "reset": EARLY_RESET,
    "silence": Behaviour(lambda exchange: exchange.hold(), early=True),
}


@pytest.mark.parametrize("behaviour", PLAIN.values(), ids=PLAIN.keys())
def test_a_handshake_that_fails(face: Face, quirky: Quirky, authority: Authority, behaviour: Behaviour) -> None:
    """TCP stands, TLS does not: still nothing of the request has left."""
    quirky.play(behaviour)
    base_url = quirky.url.replace("http:", "https:")
    with pytest.raises(gcrec.TransportError) as caught:
        face.run("control", base_url, ca_bundle=authority.pem, max_retries=0, timeout=0.5)
    assert caught.value.maybe_sent is False


def test_tls_connections_are_kept(face: Face, authority: Authority) -> None:
    """A handshake a call would cost more than the call."""
    with tls_server(authority) as server:
        for _ in range(40):
            face.run("status", server.url, ca_bundle=authority.pem)
        assert len(server.requests) == 40
        assert server.connections <= 10  # see FEW in test_connections.py


def test_plain_http_ignores_trust(face: Face, quirky: Quirky, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken variable of another tool must not stop a demo on this machine."""
    monkeypatch.setenv("SSL_CERT_FILE", os.devnull + "/nowhere")
    quirky.play(good("status"))
    face.run("status", quirky.url)
    assert len(quirky.requests) == 1
