"""control_recording: one command, its wire form, and each answer that the tutorial names."""

from __future__ import annotations

import enum
import json
from typing import Any

import pytest
from answers import GOOD, chunked, close_delimited, good, gzipped, message, raw, reply
from faces import CONVERSATION, TOKEN, Face
from quirky import Quirky

import gcrec


@pytest.mark.parametrize("action", ["start", "stop"])
def test_the_request_is_the_tutorials(face: Face, quirky: Quirky, action: str) -> None:
    """Method, path, body and both headers are the contract; a typo in any would fail here."""
    quirky.play(good("control"))
    assert face.control_recording(TOKEN, quirky.url, CONVERSATION, action) == GOOD["control"][1]
    (seen,) = quirky.requests
    assert seen.method == "POST"
    assert seen.target.decode() == f"/api/v2/recordings/conversations/{CONVERSATION}/events"
    assert json.loads(seen.body) == {"type": action}
    assert seen.header("Authorization") == f"Bearer {TOKEN}"
    assert seen.header("Content-Type") == "application/json"
    assert seen.header("User-Agent") == f"gcrec/{gcrec.__version__}"
    assert "gzip" in (seen.header("Accept-Encoding") or "")
    assert seen.header("Host") == f"127.0.0.1:{quirky.port}"


@pytest.mark.parametrize("status", [200, 201, 202, 203, 299])
def test_any_2xx_is_success(face: Face, quirky: Quirky, status: int) -> None:
    """A gateway may answer 200 where the tutorial saw 202; the command was taken all the same."""
    quirky.play(reply(status, {"ok": status}))
    assert face.run("control", quirky.url) == {"ok": status}


EMPTY = {
    "length 0": message(202, b""),
    "no media type": message(202, b"", media=None),
    "204": b"HTTP/1.1 204 No Content\r\n\r\n",
    "205": b"HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n",
    "chunked nothing": b"HTTP/1.1 202 A\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("answer", EMPTY.values(), ids=EMPTY.keys())
def test_an_empty_body_is_an_empty_dict(face: Face, quirky: Quirky, answer: bytes) -> None:
    """The tutorial's own script dies here on response.json()."""
    quirky.play(raw(answer))
    assert face.run("control", quirky.url) == {}


def test_an_empty_body_ended_by_close(face: Face, quirky: Quirky) -> None:
    """HTTP/1.0 tells an empty body only by hanging up."""
    quirky.play(close_delimited(202, b""))
    assert face.run("control", quirky.url) == {}


SHAPES = {
    "chunked": chunked(202, {"a": 1}),
    "gzip": gzipped(202, {"a": 1}),
    "http/1.0": close_delimited(202, {"a": 1}),
    "no media type": reply(202, {"a": 1}, media=None),
    "text/html that is JSON": reply(202, {"a": 1}, media="text/html; charset=utf-8"),
    "padded": reply(202, b' \r\n\t{"a": 1}\n '),
}


@pytest.mark.parametrize("behaviour", SHAPES.values(), ids=SHAPES.keys())
def test_the_same_json_however_it_travels(face: Face, quirky: Quirky, behaviour: Any) -> None:
    """Framing, compression and a wrong media type are not the caller's concern."""
    quirky.play(behaviour)
    assert face.run("control", quirky.url) == {"a": 1}


REFUSALS: list[tuple[int, type[gcrec.ApiError]]] = [
    (400, gcrec.BadRequestError),
    (401, gcrec.AuthenticationError),
    (403, gcrec.PermissionDeniedError),
    (404, gcrec.NotFoundError),
    (409, gcrec.RecordingConflictError),
    (429, gcrec.RateLimitError),
]


@pytest.mark.parametrize(("status", "kind"), REFUSALS)
def test_a_refusal_has_its_own_class(face: Face, quirky: Quirky, status: int, kind: type[gcrec.ApiError]) -> None:
    """The server certainly did not act on a 4xx, and the caller can tell which one it was."""
    quirky.play(reply(status, {"message": "refused by the test"}))
    with pytest.raises(kind) as caught:
        face.run("control", quirky.url, max_retries=0)
    error = caught.value
    assert type(error) is kind
    assert (error.status_code, error.maybe_sent, error.attempts) == (status, False, 1)
    assert "refused by the test" in str(error)
    assert len(quirky.requests) == 1


@pytest.mark.parametrize("status", [402, 405, 407, 408, 410, 418, 422, 451, 499])
def test_an_unusual_4xx_is_an_api_error(face: Face, quirky: Quirky, status: int) -> None:
    """Nobody listed these, so they must fall through to the family, not out of it."""
    quirky.play(reply(status, {"message": "no"}))
    with pytest.raises(gcrec.ApiError) as caught:
        face.run("control", quirky.url)
    assert (caught.value.status_code, caught.value.maybe_sent) == (status, False)
    assert len(quirky.requests) == 1


def test_403_names_the_scope(face: Face, quirky: Quirky) -> None:
    """Whoever reads it must know what to set on the OAuth client."""
    quirky.play(reply(403, {"message": "forbidden"}))
    with pytest.raises(gcrec.PermissionDeniedError, match="conversation:recording:write"):
        face.run("control", quirky.url)


def test_401_names_token_and_scopes(face: Face, quirky: Quirky) -> None:
    """Either may be the reason; and with a token given by the caller nothing can be renewed."""
    quirky.play(reply(401, {"message": "unauthorised"}, [("WWW-Authenticate", 'Bearer realm="x"')]))
    with pytest.raises(gcrec.AuthenticationError, match=r"(?is)(?=.*token)(?=.*scope)"):
        face.run("control", quirky.url)
    assert len(quirky.requests) == 1


class Action(str, enum.Enum):
    """Callers who keep their words in an enumeration pass its members."""

    START = "start"


def test_a_str_subclass_is_a_string(face: Face, quirky: Quirky) -> None:
    """An enum member that is a str carries its value, not its name."""
    quirky.play(good("control"))
    face.control_recording(TOKEN, quirky.url, CONVERSATION, Action.START)
    assert json.loads(quirky.requests[0].body) == {"type": "start"}
