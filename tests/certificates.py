"""A certificate authority of the tests' own, and servers that hold its certificates."""

from __future__ import annotations

import contextlib
import datetime
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from answers import OPERATIONS, good
from quirky import Behaviour, Exchange, Quirky, serving

HOST = "recordings.invalid"
"""A name that only a proxy can reach: it is reserved, so no resolver knows it."""


class Authority:
    """A private CA, as companies have them, with its certificate as a file."""

    def __init__(self, folder: Path) -> None:
        self.ca = trustme.CA()
        self.pem = folder / "ca.pem"
        self.ca.cert_pem.write_to_path(str(self.pem))

    def context(self, *names: str, expired: bool = False) -> ssl.SSLContext:
        """What a server with a certificate for these names needs."""
        past = datetime.datetime(2001, 1, 1) if expired else None
        certificate = self.ca.issue_cert(*names, not_after=past)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        return context


@contextlib.contextmanager
def tls_server(authority: Authority, *names: str, expired: bool = False) -> Iterator[Quirky]:
    """A TLS server that gives every operation its good answer."""
    with serving(authority.context(*(names or ("127.0.0.1", "localhost", HOST)), expired=expired)) as server:
        server.play(good(OPERATIONS[-1]))
        yield server


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """One CA for all tests: keys are slow to make."""
    return Authority(tmp_path_factory.mktemp("authority"))


def tunnel(port: int) -> Behaviour:
    """A CONNECT proxy that leads to this port of loopback, whatever host was asked for."""

    def act(exchange: Exchange) -> None:
        upstream = socket.create_connection(("127.0.0.1", port))
        exchange.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
        back = threading.Thread(target=pump, args=(upstream, exchange.sock), daemon=True)
        back.start()
        pump(exchange.sock, upstream)
        back.join()
        upstream.close()
        exchange.close()

    return Behaviour(act)


def pump(source: socket.socket, target: socket.socket) -> None:
    """Carry bytes one way until their source ends."""
    with contextlib.suppress(OSError):
        while True:
            data = source.recv(65536)
            if not data:
                break
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
