"""A real HTTP/1.1 server on loopback that misbehaves exactly as a test tells it to.

It is written on raw sockets because a library server would refuse to be wrong: here a behaviour decides about every
byte, and about how the connection dies. What arrives is kept as bytes, before anything could have tidied it up.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from typing import Callable, NamedTuple


class Seen(NamedTuple):
    """One request as it came over the wire."""

    method: str
    target: bytes
    headers: list[tuple[str, str]]
    body: bytes
    connection: int

    def header(self, name: str) -> str | None:
        """The value of a header, joined as a server would join repeated ones."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(values) if values else None


class Exchange:
    """One connection, in the hands of a behaviour."""

    def __init__(self, server: Quirky, sock: socket.socket, connection: int) -> None:
        self.server = server
        self.sock = sock
        self.connection = connection
        self.request = Seen("", b"", [], b"", connection)
        self.open = True
        self._buffer = b""

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def dribble(self, data: bytes, pause: float = 0.001) -> None:
        """One byte a segment; gives up when the client has gone."""
        for index in range(len(data)):
            self.sock.sendall(data[index : index + 1])
            if self.server.closing.wait(pause):
                return

    def hold(self) -> None:
        """Say nothing until the client hangs up (or the test is over)."""
        with contextlib.suppress(OSError):
            while self.sock.recv(65536):
                pass
        self.server.client_left.set()
        self.close()

    def close(self) -> None:
        """An orderly FIN."""
        self.open = False
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()

    def reset(self) -> None:
        """A RST: lingering for no time makes close() throw the connection away."""
        self.open = False
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def read_request(self) -> bool:
        """Read one request; False when the client is done with this connection."""
        while b"\r\n\r\n" not in self._buffer:
            if not self._more():
                return False
        head, _, rest = self._buffer.partition(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        method, target, _ = lines[0].split(b" ", 2)
        headers = []
        for line in lines[1:]:
            key, _, value = line.partition(b":")
            headers.append((key.decode("latin-1"), value.strip().decode("latin-1")))
        length = next((int(v) for k, v in headers if k.lower() == "content-length"), 0)
        self._buffer = rest
        while len(self._buffer) < length:
            if not self._more():
                return False
        body, self._buffer = self._buffer[:length], self._buffer[length:]
        self.request = Seen(method.decode("ascii"), target, headers, body, self.connection)
        return True

    def _more(self) -> bool:
        self._buffer += (data := self.sock.recv(65536))
        return bool(data)


class Behaviour(NamedTuple):
    """What happens to one request; an early one happens to the bare connection."""

    act: Callable[[Exchange], None]
    early: bool = False


class Quirky:
    """The server. `script` is played one behaviour a request; the last one stays."""

    def __init__(self, tls: ssl.SSLContext | None = None, family: int = socket.AF_INET) -> None:
        self._listener = socket.socket(family, socket.SOCK_STREAM)
        self._listener.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
        self._listener.listen(64)
        self._lock = threading.Lock()
        self._script: list[Behaviour] = []
        self._sockets: list[socket.socket] = []
        self._tls = tls
        self.port: int = self._listener.getsockname()[1]
        self.closing = threading.Event()
        self.client_left = threading.Event()
        self.requests: list[Seen] = []
        self.connections = 0
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def paths(self) -> list[str]:
        return [seen.target.decode("latin-1") for seen in self.requests]

    def play(self, *behaviours: Behaviour) -> Quirky:
        """Set the script and forget what was seen."""
        with self._lock:
            self._script = list(behaviours)
            self.requests.clear()
        return self

    def close(self) -> None:
        self.closing.set()
        with self._lock:
            doomed = [self._listener, *self._sockets]
        for sock in doomed:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                with self._lock:
                    self.connections += 1
                    self._sockets.append(sock)
                    number = self.connections
                threading.Thread(target=self._serve, args=(sock, number), daemon=True).start()

    def _serve(self, sock: socket.socket, number: int) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        exchange = Exchange(self, sock, number)
        with contextlib.suppress(OSError):
            if self._next(peek=True).early:
                self._next().act(exchange)
                return
            if self._tls is not None:
                exchange.sock = self._tls.wrap_socket(sock, server_side=True)
            while exchange.open and exchange.read_request():
                with self._lock:
                    self.requests.append(exchange.request)
                self._next().act(exchange)
        if exchange.open:
            exchange.close()

    def _next(self, peek: bool = False) -> Behaviour:
        with self._lock:
            if not peek and len(self._script) > 1:
                return self._script.pop(0)
            return self._script[0]


@contextlib.contextmanager
def serving(tls: ssl.SSLContext | None = None, family: int = socket.AF_INET) -> Iterator[Quirky]:
    """A server for the length of a block."""
    server = Quirky(tls, family)
    try:
        yield server
    finally:
        server.close()
