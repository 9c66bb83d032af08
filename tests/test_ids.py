"""Conversation ids: one encoded path segment, whatever is in them, or refused before sending."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import pytest
from answers import good
from faces import TOKEN, Face
from quirky import Quirky

import gcrec

ROOT = "/api/v2/recordings/conversations/"

CARRIED = [
    "2f6e1a34-8c5b-4a7e-9d10-b1c2d3e4f506",
    "a/b",
    "/",
    "../../oauth/token",
    "..%2f..",
    "%2F",
    "%2e%2e",
    "%",
    "%zz",
    "a b",
    " ",
    " padded ",
    "a+b",
    "?state=ended",
    "#fragment",
    "a?b#c",
    "a\\b",
    "a:b@c",
    "http://127.0.0.1/",
    "//evil",
    ";jsessionid=1",
    "a,b",
    "a&b=c",
    "...",
    ".a",
    "a.",
    "a..b",
    "ünïcödé",
    "日本語",
    "😀👩‍👩‍👧",
    "e\u0301 is not \u00e9",
    "\u202eltr",
    "\u00a0",
    "\u0085",
    "\ufeff",
    "\uffff",
    "'\"<>`{}|^[]",
    "x" * 500,
    "é" * 500,
]


def call(face: Face, operation: str, base_url: str, conversation_id: Any) -> Any:
    """The two functions that take an id."""
    if operation == "control":
        return face.control_recording(TOKEN, base_url, conversation_id, "stop")
    return face.check_recording_status(TOKEN, base_url, conversation_id)


@pytest.mark.parametrize("operation", ["control", "status"])
@pytest.mark.parametrize("conversation_id", CARRIED, ids=lambda text: ascii(text[:20]))
def test_an_id_is_one_segment(face: Face, quirky: Quirky, operation: str, conversation_id: str) -> None:
    """The server must read back exactly the id, and nothing of it may act as path, query or dot."""
    quirky.play(good(operation))
    call(face, operation, quirky.url, conversation_id)
    (seen,) = quirky.requests
    target = seen.target.decode("ascii")
    tail = "/events" if operation == "control" else ""
    assert target.startswith(ROOT)
    assert target.endswith(tail)
    segment = target[len(ROOT) : len(target) - len(tail)]
    assert not set(segment) & set("/?#\\ ")
    assert unquote(segment, errors="strict") == conversation_id


REFUSED = ["", ".", "..", "\0", "a\0b", "a\nb", "abc\n", "\r\n", "\t", "\x1f", "\x7f", "a\x7f", "\x1b[31m"]


@pytest.mark.parametrize("operation", ["control", "status"])
@pytest.mark.parametrize("conversation_id", REFUSED, ids=ascii)
def test_an_id_that_names_no_segment(face: Face, quirky: Quirky, operation: str, conversation_id: str) -> None:
    """Empty and dotted ids would change the path; control characters have no place in one."""
    quirky.play(good(operation))
    with pytest.raises(gcrec.InvalidIdError) as caught:
        call(face, operation, quirky.url, conversation_id)
    assert isinstance(caught.value, gcrec.ConfigError)
    assert isinstance(caught.value, ValueError)
    assert caught.value.maybe_sent is False
    assert quirky.connections == 0


@pytest.mark.parametrize("operation", ["control", "status"])
def test_a_lone_surrogate_cannot_be_sent(face: Face, quirky: Quirky, operation: str) -> None:
    """It is a str that no encoding can carry: ValueError, and no request."""
    quirky.play(good(operation))
    with pytest.raises(ValueError):
        call(face, operation, quirky.url, "a\ud800b")
    assert quirky.connections == 0


@pytest.mark.parametrize("value", [None, 1, 1.0, True, b"abc", ["abc"], object()], ids=lambda v: type(v).__name__)
def test_an_id_that_is_no_string(face: Face, quirky: Quirky, value: Any) -> None:
    """Nothing is converted: str(None) is a fine id for a call that does not exist."""
    quirky.play(good("status"))
    with pytest.raises((TypeError, ValueError)):
        face.check_recording_status(TOKEN, quirky.url, value)
    assert quirky.connections == 0
