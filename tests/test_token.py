"""get_access_token: the OAuth client-credentials grant, as the RFC and the tutorial have it."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import parse_qs, unquote_plus

import pytest
from answers import OPERATIONS, chunked, dribbled, good, gzipped, message, reply
from faces import CLIENT_ID, SECRET, Face
from quirky import Quirky

import gcrec


def test_the_request(face: Face, quirky: Quirky) -> None:
    """Basic for the client, a form for the grant; the secret is nowhere but in the header."""
    quirky.play(good("token"))
    assert face.get_access_token(CLIENT_ID, SECRET, quirky.url) == "fresh-token"
    (seen,) = quirky.requests
    assert (seen.method, seen.target) == ("POST", b"/oauth/token")
    assert (seen.header("Content-Type") or "").split(";")[0] == "application/x-www-form-urlencoded"
    assert parse_qs(seen.body.decode())["grant_type"] == ["client_credentials"]
    assert SECRET.encode() not in seen.body
    assert seen.header("User-Agent") == f"gcrec/{gcrec.__version__}"


AWKWARD = ["plain", "a:b", "a%3Ab", "a+b c", "a&b=c", "ü€😀", "line\nbreak", '"quoted"', "~._-*", "x" * 500]


@pytest.mark.parametrize("secret", AWKWARD)
@pytest.mark.parametrize("client_id", ["id", "i:d/ü+ %"])
def test_id_and_secret_are_form_encoded(face: Face, quirky: Quirky, client_id: str, secret: str) -> None:
    """RFC 6749 section 2.3.1: without it a colon in the id moves the border between the two."""
    quirky.play(good("token"))
    face.get_access_token(client_id, secret, quirky.url)
    scheme, _, credentials = (quirky.requests[0].header("Authorization") or "").partition(" ")
    assert scheme == "Basic"
    sent_id, _, sent_secret = base64.b64decode(credentials).decode("ascii").partition(":")
    assert (unquote_plus(sent_id), unquote_plus(sent_secret)) == (client_id, secret)


@pytest.mark.parametrize("status", [200, 201])
@pytest.mark.parametrize("extra", [{}, {"expires_in": None}, {"expires_in": "soon"}, {"scope": "a b"}])
def test_only_the_token_matters(face: Face, quirky: Quirky, status: int, extra: dict[str, Any]) -> None:
    """A sloppy expiry is no reason to throw a good token away: the function returns the string."""
    quirky.play(reply(status, {"access_token": "t-1", "token_type": "Bearer", **extra}))
    assert face.get_access_token(CLIENT_ID, SECRET, quirky.url) == "t-1"


WHOLE = {"access_token": "t-2", "token_type": "bearer", "expires_in": 60}
SHAPES = {
    "gzip": gzipped(200, WHOLE),
    "chunked": chunked(200, WHOLE),
    "dribbled": dribbled(message(200, WHOLE)),
    "text/plain": reply(200, WHOLE, media="text/plain"),
    "no media type": reply(200, WHOLE, media=None),
}


@pytest.mark.parametrize("behaviour", SHAPES.values(), ids=SHAPES.keys())
def test_the_token_however_it_travels(face: Face, quirky: Quirky, behaviour: Any) -> None:
    """Framing does not change what was answered."""
    quirky.play(behaviour)
    assert face.get_access_token(CLIENT_ID, SECRET, quirky.url) == "t-2"


UNUSABLE = [
    {},
    {"access_token": None},
    {"access_token": ""},
    {"access_token": 5},
    {"access_token": ["t"]},
    {"access_token": "a\r\nX-Injected: 1"},
    {"token": "t"},
    [],
    ["access_token"],
    "t",
    None,
    b"",
    b"<html>welcome</html>",
    b'{"access_token": "t',
    b"access_token=t&token_type=bearer",
]


@pytest.mark.parametrize("body", UNUSABLE, ids=repr)
def test_a_200_without_a_usable_token(face: Face, quirky: Quirky, body: Any) -> None:
    """A token that no header could hold is no token either: say so now, not at the next call."""
    quirky.play(reply(200, body))
    with pytest.raises(gcrec.DecodeError):
        face.get_access_token(CLIENT_ID, SECRET, quirky.url)
    assert len(quirky.requests) == 1


@pytest.mark.parametrize("status", [400, 401])
@pytest.mark.parametrize("field", ["description", "error_description"])
def test_oauth_errors_carry_the_servers_words(face: Face, quirky: Quirky, status: int, field: str) -> None:
    """Genesys writes `description`, the RFC `error_description`; both are the server's words."""
    quirky.play(reply(status, {"error": "invalid_client", field: "client is disabled"}))
    with pytest.raises(gcrec.AuthenticationError, match="client is disabled") as caught:
        face.get_access_token(CLIENT_ID, SECRET, quirky.url)
    assert caught.value.status_code == status
    assert caught.value.code == "invalid_client"
    assert caught.value.maybe_sent is False
    assert SECRET not in str(caught.value)
    assert len(quirky.requests) == 1


@pytest.mark.parametrize("code", ["unauthorized_client", "invalid_grant", "unsupported_grant_type"])
def test_a_client_of_another_grant_is_told_which_one_it_takes(face: Face, quirky: Quirky, code: str) -> None:
    """A client for code authorization has no token of its own: a user has to log in through it."""
    quirky.play(reply(400, {"error": code, "error_description": "no"}))
    with pytest.raises(gcrec.AuthenticationError, match="log in as a user, with `gcrec login`"):
        face.get_access_token(CLIENT_ID, SECRET, quirky.url)


@pytest.mark.parametrize("operation", [o for o in OPERATIONS if o != "token"])
def test_a_clients_token_where_a_user_is_needed(face: Face, quirky: Quirky, operation: str) -> None:
    quirky.play(reply(400, {"code": "not.a.user", "message": "This request requires a user context."}))
    with pytest.raises(gcrec.BadRequestError, match="log in as a user"):
        face.run(operation, quirky.url)


@pytest.mark.parametrize("body", [b"", b"<html>no</html>", [], None, "x", {"error": 5}, {"error": {"a": 1}}], ids=repr)
def test_oauth_errors_without_words(face: Face, quirky: Quirky, body: Any) -> None:
    """The status alone decides the class; the body only adds to the text."""
    quirky.play(reply(401, body))
    with pytest.raises(gcrec.AuthenticationError):
        face.get_access_token(CLIENT_ID, SECRET, quirky.url)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_5xx_is_a_server_error(face: Face, quirky: Quirky, status: int) -> None:
    """The identity service is down: that is not the fault of the credentials."""
    quirky.play(reply(status, b"<html>down</html>", media="text/html"))
    with pytest.raises(gcrec.ServerError) as caught:
        face.get_access_token(CLIENT_ID, SECRET, quirky.url, max_retries=0)
    assert caught.value.status_code == status


def test_429_is_repeated_as_told(face: Face, quirky: Quirky) -> None:
    """Asking for a token twice harms nobody."""
    quirky.play(reply(429, {}, [("Retry-After", "0")]), good("token"))
    assert face.get_access_token(CLIENT_ID, SECRET, quirky.url) == "fresh-token"
    assert len(quirky.requests) == 2


def test_every_call_asks_anew(face: Face, quirky: Quirky) -> None:
    """The function promises a token from the server; a hidden cache would hand out a revoked one."""
    quirky.play(good("token"), reply(200, {"access_token": "second"}))
    assert face.get_access_token(CLIENT_ID, SECRET, quirky.url) == "fresh-token"
    assert face.get_access_token(CLIENT_ID, SECRET, quirky.url) == "second"
