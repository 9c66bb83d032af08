"""A proxy that writes down what goes through it, bodies too: the simulator's own log has none, for good reasons."""

from __future__ import annotations

import json
import threading
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit


class Sent(NamedTuple):
    """A request as it was sent."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    """What the JSON says; a form as a dict; None where there is no body, or the text ``null``."""
    scheme: str
    """``Bearer``, ``Basic`` or empty: whose word it was."""

    def what(self) -> tuple[str, str, dict[str, str], Any]:
        """All but who sent it."""
        return self.method, self.path, self.query, self.body


def _understood(media: str, raw: bytes) -> Any:
    if media == "application/x-www-form-urlencoded":
        return dict(parse_qsl(raw.decode(), strict_parsing=True))
    return json.loads(raw) if raw else None


class Wiretap:
    """Stands before a server, and forwards. Use it as a context manager."""

    def __init__(self, base_url: str) -> None:
        self.sent: list[Sent] = []
        target = urlsplit(base_url).netloc
        sent = self.sent

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def forward(self) -> None:
                raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                media = self.headers.get("Content-Type", "").split(";")[0]
                address = urlsplit(self.path)
                scheme = self.headers.get("Authorization", "").split(" ")[0]
                query = dict(parse_qsl(address.query, keep_blank_values=True))
                sent.append(Sent(self.command, address.path, query, _understood(media, raw), scheme))
                headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
                onward = HTTPConnection(target)
                try:
                    onward.request(self.command, self.path, raw or None, headers)
                    answer = onward.getresponse()
                    body = answer.read()
                    self.send_response_only(answer.status)
                    for name, value in answer.getheaders():
                        if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                            self.send_header(name, value)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    if self.command != "HEAD":
                        self.wfile.write(body)
                finally:
                    onward.close()

            do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = forward

            def log_message(self, *_: Any) -> None:
                """Silence."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.base_url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> Wiretap:
        self.thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def on_the_api(self) -> list[Sent]:
        """What was sent, without the logins."""
        return [one for one in self.sent if not one.path.startswith("/oauth/")]
