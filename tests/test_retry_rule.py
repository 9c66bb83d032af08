"""The retry rule: a read may be repeated, a command whose fate is unknown never is.

What counts is the number of requests that the server saw, not what the client believes.
"""

from __future__ import annotations

from typing import Any

import pytest
from answers import CLOSE, GARBAGE, NEVER, OPERATIONS, RESET, chunked, cut, good, raw, reply
from faces import Face
from quirky import Behaviour, Quirky

import gcrec

NOW = [("Retry-After", "0")]
REPEATABLE = ("token", "call", "status")

# The server may have acted: nobody knows.
UNKNOWN: dict[str, tuple[Behaviour, type[gcrec.GcrecError]]] = {
    "reset": (RESET, gcrec.TransportError),
    "closed unanswered": (CLOSE, gcrec.TransportError),
    "half a head": (raw(b"HTTP/1.1 202 Acc", "close"), gcrec.TransportError),
    "head, then reset": (cut(202, {"a": "long enough"}, keep=0, end="reset"), gcrec.TransportError),
    "cut in the body": (cut(202, {"a": "long enough"}), gcrec.TransportError),
    "reset in the body": (cut(202, {"a": "long enough"}, end="reset"), gcrec.TransportError),
    "no last chunk": (chunked(202, {"a": "long enough"}, finish=False), gcrec.TransportError),
    "garbage": (GARBAGE, gcrec.TransportError),
    "500": (reply(500, {"message": "oops"}), gcrec.ServerError),
    "502": (reply(502, b"<html>bad gateway</html>", media="text/html"), gcrec.ServerError),
    "503": (reply(503, b""), gcrec.ServerError),
    "504": (reply(504, b""), gcrec.ServerError),
    "599": (reply(599, b""), gcrec.ServerError),
    "503, unreadable wish": (reply(503, b"", [("Retry-After", "soon")]), gcrec.ServerError),
}


@pytest.mark.parametrize(("behaviour", "kind"), UNKNOWN.values(), ids=UNKNOWN.keys())
def test_a_command_of_unknown_fate_is_sent_once(
    face: Face, quirky: Quirky, behaviour: Behaviour, kind: type[gcrec.GcrecError]
) -> None:
    """The most important test here: with three repeats allowed, one request arrives."""
    quirky.play(behaviour, good("control"))
    with pytest.raises(kind) as caught:
        face.run("control", quirky.url, max_retries=3)
    error: Any = caught.value
    assert len(quirky.requests) == 1
    assert error.maybe_sent is True
    assert error.attempts == 1


def test_a_command_without_answer_is_sent_once(face: Face, quirky: Quirky) -> None:
    """Impatience is no reason to press the button again."""
    quirky.play(NEVER)
    with pytest.raises(gcrec.RequestTimeoutError) as caught:
        face.run("control", quirky.url, timeout=0.3)
    assert isinstance(caught.value, TimeoutError)
    assert caught.value.maybe_sent is True
    assert caught.value.attempts == 1
    assert len(quirky.requests) == 1


@pytest.mark.parametrize("death", [RESET, CLOSE], ids=["reset", "close"])
def test_a_command_on_a_kept_connection_that_dies(face: Face, quirky: Quirky, death: Behaviour) -> None:
    """HTTP libraries like to repeat on a stale connection; this one was read before it died."""
    quirky.play(good("status"), death, good("control"))
    face.run("status", quirky.url)
    with pytest.raises(gcrec.TransportError) as caught:
        face.run("control", quirky.url)
    assert [seen.method for seen in quirky.requests] == ["GET", "POST"]
    assert caught.value.maybe_sent is True


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_asks_for_patience_is_obeyed(face: Face, quirky: Quirky, operation: str, status: int) -> None:
    """Both say that the server did not act, so even a command is repeated."""
    busy = reply(status, {"message": "later"}, NOW)
    quirky.play(busy, busy, busy, good(operation))
    face.run(operation, quirky.url)
    assert len(quirky.requests) == 4


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("repeats", [0, 1, 3])
def test_max_retries_counts_repeats(face: Face, quirky: Quirky, operation: str, status: int, repeats: int) -> None:
    """3 means at most 4 requests; `attempts` tells how many there were."""
    quirky.play(reply(status, {"message": "later"}, NOW))
    with pytest.raises(gcrec.RateLimitError if status == 429 else gcrec.ServerError) as caught:
        face.run(operation, quirky.url, max_retries=repeats)
    error: Any = caught.value
    assert len(quirky.requests) == repeats + 1
    assert error.attempts == repeats + 1
    assert error.maybe_sent is False
    assert error.status_code == status


def test_three_repeats_by_default(face: Face, quirky: Quirky) -> None:
    """The tutorial's number, and its promise to say so when it gives up."""
    quirky.play(reply(429, {}, NOW))
    with pytest.raises(gcrec.RateLimitError, match="4"):
        face.run("control", quirky.url)
    assert len(quirky.requests) == 4


READ_FAILURES = {name: UNKNOWN[name][0] for name in ("reset", "cut in the body", "500", "502", "503", "504")}


@pytest.mark.parametrize("operation", REPEATABLE)
@pytest.mark.parametrize("behaviour", READ_FAILURES.values(), ids=READ_FAILURES.keys())
def test_a_read_survives_a_failure(face: Face, quirky: Quirky, operation: str, behaviour: Behaviour) -> None:
    """Nothing is at stake in reading twice; the token request repeats like a read."""
    quirky.play(behaviour, good(operation))
    face.run(operation, quirky.url, max_retries=1)
    assert len(quirky.requests) == 2


@pytest.mark.parametrize("operation", REPEATABLE)
@pytest.mark.parametrize("behaviour", READ_FAILURES.values(), ids=READ_FAILURES.keys())
def test_no_repeats_when_none_are_allowed(face: Face, quirky: Quirky, operation: str, behaviour: Behaviour) -> None:
    """max_retries=0 is for callers who repeat by themselves."""
    quirky.play(behaviour)
    with pytest.raises((gcrec.TransportError, gcrec.ServerError)) as caught:
        face.run(operation, quirky.url, max_retries=0)
    error: Any = caught.value
    assert len(quirky.requests) == 1
    assert error.attempts == 1
    assert error.maybe_sent is True


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("status", [400, 401, 402, 403, 405, 408, 409, 418, 425, 451, 499])
def test_a_refusal_is_final(face: Face, quirky: Quirky, operation: str, status: int) -> None:
    """Asking again would get the same answer; not even a Retry-After changes that."""
    quirky.play(reply(status, {"message": "no"}, NOW), good(operation))
    with pytest.raises(gcrec.ApiError) as caught:
        face.run(operation, quirky.url)
    assert len(quirky.requests) == 1
    assert caught.value.status_code == status
    assert caught.value.maybe_sent is False


@pytest.mark.parametrize("status", [600, 799, 999])
def test_a_status_beyond_the_standard(face: Face, quirky: Quirky, status: int) -> None:
    """No class of the standard says that the command was not acted on."""
    quirky.play(reply(status, {"message": "?"}), good("control"))
    with pytest.raises(gcrec.GcrecError) as caught:
        face.run("control", quirky.url)
    assert len(quirky.requests) == 1
    assert caught.value.maybe_sent is True
