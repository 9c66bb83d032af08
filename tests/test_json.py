"""Bodies at the edge of JSON: each is understood or refused, and none crashes the process."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from answers import OPERATIONS, READS, chunked, gzipped, head, raw, reply
from faces import Face
from quirky import Quirky

import gcrec

# Understood or DecodeError, but nothing else: the contract does not say which.
EDGES = {
    "deep arrays": b'{"items": [{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}]}",
    "deep objects": b'{"items": [{"a": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}]}",
    "never closed": b'{"items": ' + b"[" * 100_000,
    "NaN": b'{"items": [{"a": NaN}]}',
    "Infinity": b'{"items": [{"a": -Infinity}]}',
    "1e999": b'{"items": [{"a": 1e999}]}',
    "5,000 digits": b'{"items": [{"a": ' + b"9" * 5_000 + b"}]}",
    "lone surrogate": b'{"items": [{"a": "\\ud800"}]}',
    "surrogate key": b'{"items": [{"\\udfff": 1}]}',
    "raw control": b'{"items": [{"a": "\n"}]}',
    "invalid UTF-8": b'{"items": [{"a": "\xff\xfe"}]}',
    "UTF-16": '{"items": [{"a": 1}]}'.encode("utf-16"),
    "two documents": b'{"items": [{"a": 1}]}{"items": []}',
    "single quotes": b"{'items': [{'a': 1}]}",
    "trailing comma": b'{"items": [{"a": 1},]}',
    "nul": b'{"items": [{"a": 1}]}\0',
}


@pytest.mark.parametrize("body", EDGES.values(), ids=EDGES.keys())
def test_an_edge_is_a_value_or_a_decode_error(face: Face, quirky: Quirky, body: bytes) -> None:
    """No panic, no stack overflow, no foreign exception, and a value is a usable dict."""
    quirky.play(reply(200, body))
    try:
        found = face.run("status", quirky.url)
    except gcrec.DecodeError:
        pass
    else:
        assert set(repr(found)) - set("")  # it can be read through and through
        assert isinstance(found, dict)
    assert len(quirky.requests) == 1


@pytest.mark.parametrize("body", [b"", *(EDGES[name] for name in ("deep arrays", "lone surrogate", "invalid UTF-8"))])
def test_an_edge_in_an_error_body(face: Face, quirky: Quirky, body: bytes) -> None:
    """The status decides; an unreadable explanation must not hide it."""
    quirky.play(reply(409, body))
    with pytest.raises(gcrec.RecordingConflictError):
        face.run("control", quirky.url)


@pytest.mark.parametrize("body", [b"[]", b"null", b"7", b'"x"', b"\xff", b"{", b"ok", b"<html>Thanks</html>"])
def test_a_command_accepted_with_an_unreadable_body(face: Face, quirky: Quirky, body: bytes) -> None:
    """The 2xx says that it may well have happened: never repeated, and said so."""
    quirky.play(reply(202, body))
    with pytest.raises(gcrec.DecodeError) as caught:
        face.run("control", quirky.url)
    assert caught.value.maybe_sent is True
    assert len(quirky.requests) == 1


@pytest.mark.parametrize("operation", READS)
def test_a_byte_order_mark_is_harmless(face: Face, quirky: Quirky, operation: str) -> None:
    """Windows gateways put one before JSON; RFC 8259 lets a parser skip it."""
    quirky.play(reply(200, b'\xef\xbb\xbf{"items": [{"id": "x"}]}'))
    assert face.run(operation, quirky.url) == {"id": "x"}


@pytest.mark.parametrize(
    ("text", "value"), [('{"a": 1, "a": 2}', {"a": 2}), ('{"\\u00e9": "\\ud83d\\ude00"}', {"é": "😀"})]
)
def test_json_is_read_as_python_reads_it(face: Face, quirky: Quirky, text: str, value: Any) -> None:
    """The last of duplicate keys counts, escapes are resolved, pairs of surrogates joined."""
    quirky.play(reply(202, text.encode()))
    assert face.run("control", quirky.url) == value


@pytest.mark.parametrize("number", [2**63, 2**64 - 1, -(2**63), 2**53 + 1, 0, -1])
def test_an_integer_keeps_its_value(face: Face, quirky: Quirky, number: int) -> None:
    """An id that is a number must not be rounded to a float."""
    quirky.play(reply(202, {"n": number}))
    found = face.run("control", quirky.url)["n"]
    assert (found, type(found)) == (number, int)


CAP = 16 * 1024 * 1024
HUGE = {
    "gzip bomb": gzipped(200, b'{"items": [{"a": "' + b"x" * (CAP + 1024) + b'"}]}'),
    "plain": reply(200, b'{"items": [{"a": "' + b"x" * (CAP + 1024) + b'"}]}'),
    "chunked": chunked(200, b'{"items": [{"a": "' + b"x" * (CAP + 1024) + b'"}]}', size=1 << 20),
    "promised only": raw(head(200, [("Content-Length", str(10**15))]) + b"{", "hold"),
}


@pytest.mark.parametrize("behaviour", HUGE.values(), ids=HUGE.keys())
def test_a_body_over_the_cap(face: Face, quirky: Quirky, behaviour: Any) -> None:
    """16 MiB after decompression, and not a byte more; it is not read to find out."""
    quirky.play(behaviour)
    with pytest.raises(gcrec.GcrecError) as caught:
        face.run("status", quirky.url, max_retries=0, timeout=15)
    assert not isinstance(caught.value, gcrec.RequestTimeoutError)


def test_a_body_under_the_cap(face: Face, quirky: Quirky) -> None:
    """The cap does not bite early."""
    filler = "x" * (CAP - 1024)
    quirky.play(gzipped(200, {"items": [{"a": filler}]}))
    assert face.run("status", quirky.url) == {"a": filler}


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("fault", ["cut", "spoil", "not gzip"])
def test_a_broken_gzip_body(face: Face, quirky: Quirky, operation: str, fault: str) -> None:
    """Half a stream must not pass for the whole; a command behind it may have acted."""
    value = {"access_token": "t", "items": [{"id": "x"}]}
    whole = gzip.compress(b"{}")
    quirky.play(
        gzipped(200, value, cut=9)
        if fault == "cut"
        else gzipped(200, value, spoil=True)
        if fault == "spoil"
        else reply(200, b"{}" + whole, [("Content-Encoding", "gzip")])
    )
    with pytest.raises((gcrec.TransportError, gcrec.DecodeError)) as caught:
        face.run(operation, quirky.url, max_retries=0)
    assert len(quirky.requests) == 1
    assert caught.value.maybe_sent is True


@pytest.mark.parametrize("kind", [list, str, type(None), int, float, bool])
def test_error_bodies_of_every_type(face: Face, quirky: Quirky, kind: type) -> None:
    """A body that is no object adds nothing, and takes nothing away."""
    value = None if kind is type(None) else kind()
    quirky.play(reply(404, value))
    with pytest.raises(gcrec.NotFoundError) as caught:
        face.run("control", quirky.url)
    assert caught.value.status_code == 404
