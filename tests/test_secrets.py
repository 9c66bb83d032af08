"""No token and no client secret in anything that an exception shows, whatever the server echoes."""

from __future__ import annotations

import base64
import gc
import gzip
import json
import pickle
import traceback
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from answers import OPERATIONS, head, packed, raw, reply
from faces import CLIENT_ID, CONVERSATION, SECRET, TOKEN, Face
from quirky import Behaviour, Exchange, Quirky

import gcrec

AWKWARD = 'p w+%"\\/ü'


def shown(error: BaseException) -> str:
    """Everything that a log, a debugger or an error tracker would show of an error and its causes."""
    parts = ["".join(traceback.format_exception(type(error), error, error.__traceback__))]
    seen: BaseException | None = error
    while seen is not None:
        parts += [str(seen), repr(seen), repr(seen.args), repr(vars(seen)), repr(getattr(seen, "__notes__", None))]
        parts += [repr(getattr(seen, name, None)) for name in dir(seen) if not name.startswith("__")]
        parts.append(repr(seen.__reduce__()))
        seen = seen.__cause__ or seen.__context__
    parts.append(repr(pickle.dumps(error, 0)))
    return "\n".join(parts)


def basic(client_id: str, secret: str) -> str:
    """What the Authorization header of the token request holds."""
    return base64.b64encode(f"{quote_plus(client_id)}:{quote_plus(secret)}".encode()).decode()


def forms(secret: str) -> set[str]:
    """The spellings in which a server may give a secret back."""
    return {
        secret,
        quote(secret),
        quote(secret, safe=""),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        repr(secret)[1:-1],
    }


def everywhere(words: str, status: int) -> dict[str, Behaviour]:
    """The same words in every place that an error reads."""
    media = [("Content-Type", "application/json")]
    return {
        "message": reply(status, {"message": f"bad: {words}"}),
        "code": reply(status, {"code": words, "error": words}),
        "oauth": reply(status, {"error": "x", "error_description": words, "description": words}),
        "details": reply(status, {"details": [{"errorCode": words, "deep": [[{"x": words}]]}], "message": "m"}),
        "params": reply(status, {"messageParams": {"a": words}, "messageWithParams": words, "message": "m"}),
        "keys": reply(status, {"messageParams": {words: 1}, "details": [{words: words}]}),
        "context": reply(status, {"contextId": words, "message": "m"}),
        "body is a string": reply(status, words),
        "text": reply(status, words.encode(), media="text/plain"),
        "html": reply(status, f"<html>{words}</html>".encode(), media="text/html"),
        "correlation id": reply(status, {}, [("ININ-Correlation-Id", words)]),
        "location": reply(status, {}, [("Location", f"https://{words}.example/{words}?t={words}")]),
        "challenge": reply(status, {}, [("WWW-Authenticate", f'Bearer error="{words}"')]),
        "retry after": reply(status, {}, [("Retry-After", words)]),
        "reason phrase": raw(head(status, [*media, ("Content-Length", "2")]).replace(b"Quirk", words.encode()) + b"{}"),
    }


PLACES = list(everywhere("x", 400))


@pytest.mark.parametrize("status", [202, 302, 400, 401, 403, 409, 429, 500, 503])
@pytest.mark.parametrize("place", PLACES)
def test_an_echoed_token_is_redacted(face: Face, quirky: Quirky, place: str, status: int) -> None:
    """Servers do echo what they refuse; our errors end up in logs."""
    quirky.play(everywhere(TOKEN, status)[place])
    try:
        face.run("status" if status == 202 else "control", quirky.url, max_retries=0)
    except gcrec.GcrecError as error:
        assert TOKEN not in shown(error)
    else:
        assert status == 202


@pytest.mark.parametrize("secret", [SECRET, AWKWARD], ids=["plain", "awkward"])
@pytest.mark.parametrize("status", [200, 302, 400, 401, 500])
@pytest.mark.parametrize("place", [p for p in PLACES if p not in ("location", "reason phrase")])
def test_an_echoed_secret_is_redacted(face: Face, quirky: Quirky, place: str, status: int, secret: str) -> None:
    """As itself, in any encoding, or inside the Basic credentials."""
    for words in {secret, quote_plus(secret), basic(CLIENT_ID, secret)}:
        if place in ("challenge", "retry after", "correlation id") and not words.isascii():
            continue
        quirky.play(everywhere(words, status)[place])
        with pytest.raises(gcrec.GcrecError) as caught:
            face.get_access_token(CLIENT_ID, secret, quirky.url, max_retries=0)
        text = shown(caught.value)
        assert not [form for form in forms(secret) if form in text]
        assert basic(CLIENT_ID, secret) not in text


@pytest.mark.parametrize("header", ["ININ-Correlation-Id", "X-Correlation-Id", "X-Request-Id"])
@pytest.mark.parametrize(
    "body",
    [b"<html>", b"[]", b"{", b'{"items": 5}', gzip.compress(b"{}")[:-12]],
    ids=["markup", "list", "cut", "no list", "gzip cut"],
)
def test_an_echo_in_an_unreadable_success_is_redacted(face: Face, quirky: Quirky, header: str, body: bytes) -> None:
    """A success that cannot be read becomes an error like any other, with its correlation id."""
    encoding = [("Content-Encoding", "gzip")] if body.startswith(b"\x1f") else []
    quirky.play(reply(200, body, [(header, f"x{TOKEN}x"), *encoding]))
    with pytest.raises((gcrec.DecodeError, gcrec.TransportError)) as caught:
        face.run("status", quirky.url, max_retries=0)
    assert TOKEN not in shown(caught.value)


def mirror(exchange: Exchange) -> None:
    """A debugging gateway: the whole request comes back, headers and all, in every field."""
    seen = exchange.request
    dump = "\r\n".join(f"{key}: {value}" for key, value in seen.headers) + seen.body.decode("latin-1")
    body = packed({"message": dump, "details": [dump], "code": dump, "contextId": dump})
    exchange.send(head(418, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]) + body)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_mirrored_request_is_redacted(
    face: Face, quirky: Quirky, capfd: pytest.CaptureFixture[str], operation: str
) -> None:
    """`Authorization: Bearer ...` in a message is how tokens get into ticket systems; and nothing is printed."""
    quirky.play(Behaviour(mirror))
    with pytest.raises(gcrec.ApiError) as caught:
        face.run(operation, quirky.url)
    text = shown(caught.value)
    for secret in (TOKEN, SECRET, basic(CLIENT_ID, SECRET)):
        assert secret not in text
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("base_url", ["http://127.0.0.1:1", "ftp://x", "https://no-such-host.invalid"])
def test_a_failure_of_our_own_shows_nothing(face: Face, operation: str, base_url: str) -> None:
    """Neither a refusal before sending nor a broken line has any reason to."""
    with pytest.raises(gcrec.GcrecError) as caught:
        face.run(operation, base_url, max_retries=0, timeout=5)
    text = shown(caught.value)
    assert not [secret for secret in (TOKEN, SECRET, basic(CLIENT_ID, SECRET)) if secret in text]


def test_an_operation_does_not_show_its_arguments(quirky: Quirky) -> None:
    """A forgotten await is reported by Python with the repr of the object."""
    from gcrec import _gcrec

    operation: Any = _gcrec.control_recording(TOKEN, quirky.url, CONVERSATION, "start", 1.0, 0, "auto", None)
    assert TOKEN not in repr(operation) + str(operation) + repr(dir(operation))
    del operation
    gc.collect()
    assert quirky.connections == 0
