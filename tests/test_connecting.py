"""How connecting fails: nothing was sent, and every error says so."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

import pytest
from answers import OPERATIONS
from faces import Face

import gcrec


@contextlib.contextmanager
def deaf() -> Iterator[str]:
    """A port that is taken and where nobody listens: connecting is refused."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{sock.getsockname()[1]}"


@contextlib.contextmanager
def full() -> Iterator[str]:
    """A listener whose backlog is full: the kernel drops further SYNs, so connecting never ends."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(8):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize("operation", OPERATIONS)
def test_connection_refused(face: Face, operation: str) -> None:
    """Nothing was sent, and `except ConnectionError` catches it."""
    with deaf() as base_url, pytest.raises(gcrec.ConnectError) as caught:
        face.run(operation, base_url, max_retries=0)
    assert isinstance(caught.value, ConnectionError)
    assert caught.value.maybe_sent is False


def test_a_refused_connection_may_be_tried_again(face: Face) -> None:
    """Never connected is never acted on: the one transport failure after which a command is repeated."""
    with deaf() as base_url, pytest.raises(gcrec.ConnectError) as caught:
        face.run("control", base_url, max_retries=2, timeout=10)
    assert caught.value.attempts == 3
    assert caught.value.maybe_sent is False


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_timeout_passes_while_connecting(face: Face, operation: str) -> None:
    """The whole call was bounded, and the request never left."""
    with full() as base_url, pytest.raises(gcrec.TransportError) as caught:
        face.run(operation, base_url, timeout=0.3)
    assert isinstance(caught.value, TimeoutError)
    assert caught.value.maybe_sent is False


def test_connecting_outlasts_its_own_timeout(face: Face) -> None:
    """Five seconds are enough to connect; a call with half a minute does not wait for all of it."""
    with full() as base_url, pytest.raises(gcrec.ConnectError) as caught:
        face.run("control", base_url, max_retries=0, timeout=60)
    assert isinstance(caught.value, TimeoutError)
    assert caught.value.maybe_sent is False


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a." * 200 + "invalid"])
def test_a_name_that_does_not_resolve(face: Face, host: str) -> None:
    """Nothing was sent, whatever the resolver said."""
    with pytest.raises((gcrec.ConnectError, gcrec.ConfigError)) as caught:
        face.run("control", f"https://{host}", max_retries=0, timeout=10)
    assert caught.value.maybe_sent is False
