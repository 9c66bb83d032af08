"""The behaviours of the quirky server, by name, and the good answers of each operation."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from typing import Any

from quirky import Behaviour, Exchange

Headers = Sequence[tuple[str, str]]

GOOD: dict[str, tuple[int, Any]] = {
    "token": (200, {"access_token": "fresh-token", "token_type": "bearer", "expires_in": 86399}),
    "call": (200, {"items": [{"id": "call-1", "state": "active"}]}),
    "control": (202, {"id": "event-1", "status": "accepted"}),
    "status": (200, {"items": [{"id": "rec-1", "status": "recording"}]}),
}
OPERATIONS = tuple(GOOD)
READS = ("call", "status")


def head(status: int, headers: Headers = (), version: str = "HTTP/1.1") -> bytes:
    """A status line and headers, up to and with the blank line."""
    lines = [f"{version} {status} Quirk", *(f"{key}: {value}" for key, value in headers), "", ""]
    return "\r\n".join(lines).encode("utf-8")


def packed(value: Any) -> bytes:
    """A body: bytes as they are, all else as JSON."""
    return value if isinstance(value, bytes) else json.dumps(value).encode()


def message(status: int, value: Any, headers: Headers = (), media: str | None = "application/json") -> bytes:
    """A complete, honest answer."""
    body = packed(value)
    extra = [("Content-Type", media)] if media is not None else []
    return head(status, [*extra, ("Content-Length", str(len(body))), *headers]) + body


def reply(status: int, value: Any, headers: Headers = (), media: str | None = "application/json") -> Behaviour:
    """An honest answer on a connection that stays open."""
    return raw(message(status, value, headers, media))


def good(operation: str, headers: Headers = ()) -> Behaviour:
    """The answer that the tutorial expects for this operation."""
    status, value = GOOD[operation]
    return reply(status, value, headers)


def raw(data: bytes, end: str = "keep") -> Behaviour:
    """These bytes, then keep | close | reset | hold the connection."""

    def act(exchange: Exchange) -> None:
        exchange.send(data)
        if end != "keep":
            getattr(exchange, end)()

    return Behaviour(act)


def gzipped(status: int, value: Any, cut: int = 0, spoil: bool = False) -> Behaviour:
    """A gzip body, whole, cut short inside the gzip stream, or with a flipped bit."""
    body = bytearray(gzip.compress(packed(value)))
    if spoil:
        body[-6] ^= 0xFF
    kept = bytes(body[: len(body) - cut])
    return reply(status, kept, [("Content-Encoding", "gzip")])


def chunked(status: int, value: Any, size: int = 3, finish: bool = True) -> Behaviour:
    """A chunked body; unfinished, it lacks its last chunk and the connection closes."""
    body = packed(value)
    data = head(status, [("Content-Type", "application/json"), ("Transfer-Encoding", "chunked")])
    for start in range(0, len(body), size):
        piece = body[start : start + size]
        data += f"{len(piece):x}\r\n".encode() + piece + b"\r\n"
    return raw(data + b"0\r\n\r\n") if finish else raw(data, "close")


def close_delimited(status: int, value: Any) -> Behaviour:
    """HTTP/1.0 without a length: the end of the connection is the end of the body."""
    return raw(head(status, [("Content-Type", "application/json")], "HTTP/1.0") + packed(value), "close")


def dribbled(data: bytes, pause: float = 0.001) -> Behaviour:
    """A good answer, a byte at a time."""
    return Behaviour(lambda exchange: exchange.dribble(data, pause))


def cut(status: int, value: Any, keep: int = 5, end: str = "close") -> Behaviour:
    """The head promises a whole body, and the connection ends after `keep` bytes of it."""
    whole = message(status, value)
    return raw(whole[: len(whole) - len(packed(value)) + keep], end)


# The request was read, and no answer comes.
NEVER = Behaviour(lambda exchange: exchange.hold())
RESET = Behaviour(lambda exchange: exchange.reset())
CLOSE = Behaviour(lambda exchange: exchange.close())
GARBAGE = raw(b"\x16\x03\x01 this is not HTTP\r\n\r\n", "close")
# The connection was made, and that was all.
EARLY_RESET = Behaviour(lambda exchange: exchange.reset(), early=True)
EARLY_CLOSE = Behaviour(lambda exchange: exchange.close(), early=True)
