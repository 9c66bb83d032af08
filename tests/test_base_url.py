"""Base URLs: what is carried, what is refused, and what a refusal must not show."""

from __future__ import annotations

import socket

import pytest
from answers import OPERATIONS, good
from faces import Face
from quirky import Quirky, serving

import gcrec

PATHS = {
    "token": "/oauth/token",
    "call": "/api/v2/communications?state=active&types=voice",
    "control": "/api/v2/recordings/conversations/2f6e1a34-8c5b-4a7e-9d10-b1c2d3e4f506/events",
    "status": "/api/v2/recordings/conversations/2f6e1a34-8c5b-4a7e-9d10-b1c2d3e4f506",
}


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(
    ("prefix", "kept"),
    [
        ("", ""),
        ("/", ""),
        ("/gateway", "/gateway"),
        ("/gateway/", "/gateway"),
        ("/a/b/c", "/a/b/c"),
        ("/a%2Fb", "/a%2Fb"),
    ],
)
def test_a_path_prefix_is_kept(face: Face, quirky: Quirky, operation: str, prefix: str, kept: str) -> None:
    """API gateways live under a path; a trailing slash neither doubles nor eats anything."""
    quirky.play(good(operation))
    face.run(operation, quirky.url + prefix)
    assert quirky.paths == [kept + PATHS[operation]]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "127.0.0.2"])
@pytest.mark.parametrize("scheme", ["http", "HTTP"])
def test_plain_http_on_loopback(face: Face, quirky: Quirky, host: str, scheme: str) -> None:
    """Loopback is the one place where plain http is fine, by whatever name."""
    quirky.play(good("status"))
    base_url = f"{scheme}://{host}:{quirky.port}"
    if host == "127.0.0.2":
        with pytest.raises(gcrec.ConnectError):  # loopback too; only nobody listens there
            face.run("status", base_url, max_retries=0)
    else:
        face.run("status", base_url)
        assert (quirky.requests[0].header("Host") or "").lower() == f"{host.lower()}:{quirky.port}"


def test_ipv6(face: Face) -> None:
    """Brackets, a port, and a Host header that keeps both."""
    try:
        with serving(family=socket.AF_INET6) as server:
            server.play(good("status"))
            face.run("status", f"http://[::1]:{server.port}")
            assert server.requests[0].header("Host") == f"[::1]:{server.port}"
    except OSError as error:
        pytest.skip(f"no IPv6 here: {error}")


REFUSED = [
    "",
    " ",
    "mycompany.mygen.com",
    "//mycompany.mygen.com",
    "https://",
    "https:///path",
    "https:/mygen.com",
    "https:mygen.com",
    "https:\\\\mygen.com",
    "ftp://127.0.0.1",
    "file:///etc/passwd",
    "ws://127.0.0.1",
    "javascript:alert(1)",
    "http://mycompany.mygen.com",
    "http://192.0.2.1",
    "http://0.0.0.0",
    "http://127.0.0.1.mygen.com",
    "http://localhost.mygen.com",
    "http://notlocalhost",
    "http://[::2]",
    "http://[::1",
    "http://127.0.0.1:99999",
    "http://127.0.0.1:port",
    "http://127.0.0.1?state=x",
    "http://127.0.0.1/?x",
    "http://127.0.0.1#top",
    "http://127.0.0.1\nX: y",
    "http://127.0.0.1\0",
    "https://exa mple.com",
]


@pytest.mark.parametrize("operation", ["token", "control"])
@pytest.mark.parametrize("base_url", REFUSED, ids=ascii)
def test_a_url_that_is_refused(face: Face, operation: str, base_url: str) -> None:
    """Before any request, as a ValueError, for the token endpoint just as for the others."""
    with pytest.raises(gcrec.ConfigError) as caught:
        face.run(operation, base_url)
    assert isinstance(caught.value, ValueError)
    assert caught.value.maybe_sent is False


USERINFO = ["http://alice:Pa55w0rd@127.0.0.1", "https://Pa55w0rd@mygen.com", "https://:Pa55w0rd@mygen.com"]


@pytest.mark.parametrize("base_url", [*USERINFO, "http://127.0.0.1@Pa55w0rd.mygen.com", "https://a:Pa55w0rd@[::1"])
def test_user_info_is_refused_and_not_shown(face: Face, base_url: str) -> None:
    """A password in a URL ends up in logs: not in ours."""
    with pytest.raises(gcrec.ConfigError) as caught:
        face.run("status", base_url)
    if base_url != "http://127.0.0.1@Pa55w0rd.mygen.com":
        assert "Pa55w0rd" not in str(caught.value) + repr(caught.value)


def test_a_region_is_told_apart_by_its_host_alone(face: Face, quirky: Quirky) -> None:
    """A path that looks like a region host does not choose the wire."""
    quirky.play(good("status"))
    face.run("status", f"{quirky.url}/api.mypurecloud.com")
    assert len(quirky.requests) == 1
