"""How answers fail to come: each way its own class, and an honest word on what the server may have done."""

from __future__ import annotations

from typing import Any

import pytest
from answers import (
    CLOSE,
    EARLY_CLOSE,
    EARLY_RESET,
    GARBAGE,
    NEVER,
    OPERATIONS,
    RESET,
    chunked,
    close_delimited,
    cut,
    dribbled,
    gzipped,
    head,
    message,
    raw,
    reply,
)
from faces import Face
from quirky import Behaviour, Quirky

import gcrec

ITEMS = {"access_token": "t", "items": [{"id": "x"}]}


BROKEN = {"reset": RESET, "close": CLOSE, "garbage": GARBAGE}


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("behaviour", BROKEN.values(), ids=BROKEN.keys())
def test_no_answer_at_all(face: Face, quirky: Quirky, operation: str, behaviour: Behaviour) -> None:
    """Connected, and then nothing: what was sent may have been read."""
    quirky.play(behaviour)
    with pytest.raises(gcrec.TransportError) as caught:
        face.run(operation, quirky.url, max_retries=0)
    assert not isinstance(caught.value, (gcrec.ConnectError, gcrec.RequestTimeoutError))
    assert caught.value.maybe_sent is True
    assert caught.value.attempts == 1


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("behaviour", [EARLY_RESET, EARLY_CLOSE], ids=["reset", "close"])
def test_a_connection_that_dies_at_once(face: Face, quirky: Quirky, operation: str, behaviour: Behaviour) -> None:
    """Whether the request left is a race that only the client can know; it is no timeout in any case."""
    quirky.play(behaviour)
    with pytest.raises(gcrec.TransportError) as caught:
        face.run(operation, quirky.url, max_retries=0)
    assert not isinstance(caught.value, gcrec.RequestTimeoutError)
    assert quirky.connections == 1


CUT = {
    "fin": cut(200, ITEMS),
    "fin before the body": cut(200, ITEMS, keep=0),
    "reset": cut(200, ITEMS, end="reset"),
    "chunk missing": chunked(200, ITEMS, finish=False),
    "gzip over a fin": raw(
        head(200, [("Content-Encoding", "gzip"), ("Content-Length", "500")]) + b"\x1f\x8b\x08", "close"
    ),
    "short of its length by one": raw(head(200, [("Content-Length", "3")]) + b"{}", "close"),
}


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("behaviour", CUT.values(), ids=CUT.keys())
def test_a_body_cut_off(face: Face, quirky: Quirky, operation: str, behaviour: Behaviour) -> None:
    """A cut-off 2xx is TransportError, not DecodeError: the way broke, not the server's words."""
    quirky.play(behaviour)
    with pytest.raises(gcrec.TransportError) as caught:
        face.run(operation, quirky.url, max_retries=0)
    assert caught.value.maybe_sent is True
    assert len(quirky.requests) == 1


STALLED = {
    "no answer": NEVER,
    "half a head": raw(b"HTTP/1.1 200 OK\r\nContent-", "hold"),
    "no body": raw(head(200, [("Content-Length", "50")]), "hold"),
    "half a body": raw(message(200, ITEMS)[:-5], "hold"),
    "100 only": raw(b"HTTP/1.1 100 Continue\r\n\r\n", "hold"),
    "a byte now and then": dribbled(message(200, ITEMS), pause=0.05),
}


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("behaviour", STALLED.values(), ids=STALLED.keys())
def test_too_slow(face: Face, quirky: Quirky, operation: str, behaviour: Behaviour) -> None:
    """The bound holds for the whole call, not for the gap between two bytes."""
    quirky.play(behaviour)
    with pytest.raises(gcrec.RequestTimeoutError) as caught:
        face.run(operation, quirky.url, timeout=0.25)
    assert isinstance(caught.value, TimeoutError)
    assert caught.value.maybe_sent is True
    assert len(quirky.requests) == 1


@pytest.mark.parametrize("status", [404, 409, 429, 500, 302])
def test_a_refusal_whose_words_do_not_come(face: Face, quirky: Quirky, status: int) -> None:
    """Its head says enough: what was refused was not acted on, and the caller must know."""
    quirky.play(raw(head(status, [("Content-Length", "50"), ("ININ-Correlation-Id", "c-1")]), "hold"))
    with pytest.raises(gcrec.ApiError) as caught:
        face.run("control", quirky.url, timeout=0.25, max_retries=0)
    assert (caught.value.status_code, caught.value.correlation_id) == (status, "c-1")
    assert caught.value.maybe_sent is (status == 500)


@pytest.mark.parametrize("name", ["chunk of words", "chunk beyond numbers"])
def test_broken_chunks_are_no_decompression(face: Face, quirky: Quirky, name: str) -> None:
    """What breaks is the way of the answer: nothing was compressed, and nothing was decoded."""
    quirky.play(raw(NONSENSE[name], "close"))
    with pytest.raises(gcrec.TransportError) as caught:
        face.run("control", quirky.url)
    assert "decompress" not in str(caught.value)


def test_a_timeout_closes_the_connection(face: Face, quirky: Quirky) -> None:
    """The server must learn that nobody listens any more."""
    quirky.play(NEVER)
    with pytest.raises(gcrec.RequestTimeoutError):
        face.run("control", quirky.url, timeout=0.2)
    assert quirky.client_left.wait(5)


FINE = {
    "dribbled": dribbled(message(200, ITEMS)),
    "continue first": raw(b"HTTP/1.1 100 Continue\r\n\r\n" + message(200, ITEMS)),
    "early hints first": raw(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + message(200, ITEMS)),
    "chunked by one": chunked(200, ITEMS, size=1),
    "gzip": gzipped(200, ITEMS),
    "http/1.0": close_delimited(200, ITEMS),
    "lower-case headers": raw(message(200, ITEMS).replace(b"Content-Length", b"content-length")),
    "no reason phrase": raw(message(200, ITEMS).replace(b" Quirk", b"")),
    "no media type": reply(200, ITEMS, media=None),
    "many headers": reply(200, ITEMS, [(f"X-{n}", "y" * 50) for n in range(90)]),
    "obs-text in a header": reply(200, ITEMS, [("X-Name", "café")]),
}


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("behaviour", FINE.values(), ids=FINE.keys())
def test_odd_but_right(face: Face, quirky: Quirky, operation: str, behaviour: Behaviour) -> None:
    """All of this is HTTP, if unusual, and must simply work."""
    quirky.play(behaviour)
    expected: Any = {"token": "t", "control": ITEMS}.get(operation, {"id": "x"})
    assert face.run(operation, quirky.url, max_retries=0) == expected


NONSENSE = {
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 5\r\n\r\n{}",
    "negative length": b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n{}",
    "length of words": b"HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\n{}",
    "chunk of words": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    "chunk beyond numbers": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"f" * 40 + b"\r\n{}",
    "header without colon": b"HTTP/1.1 200 OK\r\nContent Length 2\r\n\r\n{}",
    "status of words": b"HTTP/1.1 OK 200\r\n\r\n{}",
    "two-digit status": b"HTTP/1.1 20 OK\r\n\r\n{}",
    "HTTP/9.9": b"HTTP/9.9 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "switching protocols": b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
    "endless header": b"HTTP/1.1 200 OK\r\nX: " + b"y" * 2_000_000,
    "thousands of headers": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20_000 + b"\r\n",
}


@pytest.mark.parametrize("answer", NONSENSE.values(), ids=NONSENSE.keys())
def test_framing_that_makes_no_sense(face: Face, quirky: Quirky, answer: bytes) -> None:
    """An error of ours at once, and honest: the command did arrive."""
    quirky.play(raw(answer, "close"))
    with pytest.raises(gcrec.GcrecError) as caught:
        face.run("control", quirky.url)
    assert not isinstance(caught.value, gcrec.RequestTimeoutError)
    assert caught.value.maybe_sent is True
    assert len(quirky.requests) == 1
