"""A small HTTP server on loopback that can hang on purpose, and tells what its clients do.

A conversation whose id starts with ``hang`` gets no answer until it is released. ``close`` answers and then closes the
connection without a word about it.
"""

from __future__ import annotations

import contextlib
import socket
import threading

BODY = b"{}"
ANSWER = b"HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY


class Request:
    """One request as the server saw it."""

    def __init__(self, conversation_id, connection):
        self.conversation_id = conversation_id
        self.connection = connection  # the number of the connection that it came on


class Server:
    """Listens until it is closed, a thread a connection."""

    def __init__(self):
        self.requests = []
        self.connections = 0
        self.open = 0
        self.answered = 0
        self._changed = threading.Condition()
        self._released = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._sockets = []
        threading.Thread(target=self._accept, daemon=True).start()

    # What a test waits for. Each returns as soon as it is so; the test's own timeout is the bound.

    def wait_for(self, condition):
        with self._changed:
            self._changed.wait_for(condition)

    def arrived(self, conversation_id, times=1):
        """Waits until so many requests for the conversation have arrived."""
        self.wait_for(lambda: self.count(conversation_id) >= times)

    def all_closed(self):
        """Waits until the clients have closed every connection."""
        self.wait_for(lambda: self.open == 0)

    def count(self, conversation_id):
        return sum(request.conversation_id == conversation_id for request in self.requests)

    def release(self, conversation_id):
        """Lets the conversation's requests have their answers, now and later."""
        with self._changed:
            self._released.add(conversation_id)
            self._changed.notify_all()

    def close(self):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        self._listener.close()
        with self._changed:
            sockets, self._sockets = self._sockets, []
        for connection in sockets:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    # The server's own threads.

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._changed:
                self.connections += 1
                self.open += 1
                number = self.connections
                self._sockets.append(connection)
            threading.Thread(target=self._serve, args=(connection, number), daemon=True).start()

    def _serve(self, connection, number):
        # Closing waits for the client's own end: `open` falls when the client is gone, or was sent away.
        with connection, contextlib.suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            buffer = b""
            while True:
                request, buffer = _read_request(connection, buffer)
                if request is None:
                    break
                conversation_id = request.split(b" ", 2)[1].split(b"/conversations/")[1].split(b"/")[0].decode()
                with self._changed:
                    self.requests.append(Request(conversation_id, number))
                    self._changed.notify_all()
                if conversation_id.startswith("hang") and not self._await_release(connection, conversation_id):
                    break
                connection.sendall(ANSWER)
                with self._changed:
                    self.answered += 1
                    self._changed.notify_all()
                if conversation_id.startswith("close"):
                    break
        with self._changed:
            self.open -= 1
            self._changed.notify_all()

    def _await_release(self, connection, conversation_id):
        """True when released, False when the client closed its end before."""
        gone = threading.Event()

        def watch():
            with contextlib.suppress(OSError):
                if connection.recv(1, socket.MSG_PEEK):
                    return
            gone.set()
            with self._changed:
                self._changed.notify_all()

        threading.Thread(target=watch, daemon=True).start()
        with self._changed:
            self._changed.wait_for(lambda: conversation_id in self._released or gone.is_set())
            return conversation_id in self._released


def _read_request(connection, buffer):
    """One request's head, and what came after its body; ``None`` at the end of the connection."""
    while b"\r\n\r\n" not in buffer:
        data = connection.recv(65536)
        if not data:
            return None, b""
        buffer += data
    head, _, rest = buffer.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            length = int(value)
    while len(rest) < length:
        data = connection.recv(65536)
        if not data:
            return None, b""
        rest += data
    return head, rest[length:]


@contextlib.contextmanager
def running():
    server = Server()
    try:
        yield server
    finally:
        server.close()
