"""Users who log in to a simulator: by plain HTTP, or by a browser; and a gateway before it."""

from __future__ import annotations

import asyncio
import html
import http.client
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import gcrec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gcrec.testing import Simulator


def request(method: str, url: str, body: str | None = None, **headers: str) -> tuple[int, dict[str, str], str]:
    """One request, and no redirect followed."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    if body is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection.request(method, f"{parts.path}?{parts.query}", body, headers)
    answer = connection.getresponse()
    told = dict(answer.getheaders()), answer.read().decode()
    connection.close()
    return answer.status, *told


def decide(address: str, decision: str = "allow", user: str = "") -> str:
    """Opens the page at ``address``, presses a button, and gives where the browser is sent."""
    status, _, page = request("GET", address)
    assert status == 200, page
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    form = {name: html.unescape(value) for name, value in fields.items()}
    target = urljoin(address, "authorize")
    status, headers, page = request("POST", target, urlencode({**form, "decision": decision, "user": user}))
    assert status == 302, page
    return headers.get("location") or headers["Location"]


def changed(address: str, **others: str) -> str:
    """An address with other parameters in its query."""
    parts = urlsplit(address)
    return parts._replace(query=urlencode({**dict(parse_qsl(parts.query)), **others})).geturl()


class Logins:
    """Logins on one of the faces, whose browser is a thread."""

    def __init__(self, face: str, sim: Simulator) -> None:
        self.face = face
        self.sim = sim
        self.addresses: list[str] = []
        self.answers: list[tuple[int, dict[str, str], str]] = []

    def login(self, come_back: Callable[[str], str] | None = decide, **options: Any) -> Any:
        """A login whose browser goes where ``come_back`` says; None is a browser that never comes."""
        threads = []

        def browse(address: str) -> None:
            if come_back is not None:
                self.answers.append(request("GET", come_back(address)))

        def on_address(address: str) -> None:
            self.addresses.append(address)
            threads.append(threading.Thread(target=browse, args=(address,)))
            threads[-1].start()

        given = {"base_url": self.sim.base_url, "redirect_port": 0, **options}
        try:
            if self.face == "sync":
                return gcrec.Client.login(self.sim.client_id, open_browser=False, on_address=on_address, **given)
            login = gcrec.AsyncClient.login
            return asyncio.run(login(self.sim.client_id, open_browser=False, on_address=on_address, **given))
        finally:
            for thread in threads:
                thread.join()

    def call(self, client: Any, name: str, *args: Any) -> Any:
        """One call of a client of this face; a stream as a list."""
        if self.face == "sync":
            result = getattr(client, name)(*args)
            return result.collect() if name == "active_calls" else result

        async def call() -> Any:
            result = getattr(client, name)(*args)
            return await (result.collect() if name == "active_calls" else result)

        return asyncio.run(call())

    def from_env(self, **options: Any) -> Any:
        """A client of this face, of what the environment and the kept login say."""
        return (gcrec.Client if self.face == "sync" else gcrec.AsyncClient).from_env(**options)


class Gateway:
    """A server of its own before a simulator, under a path, which remembers what it was shown."""

    def __init__(self, target: str, prefix: str, port: int) -> None:
        self.target = target
        self.prefix = prefix
        self.url = f"http://127.0.0.1:{port}{prefix}"
        self.seen: list[tuple[str, str]] = []


@contextmanager
def gateway(target: str, prefix: str) -> Iterator[Gateway]:
    """Forwards what comes under ``prefix`` to ``target``, and nothing else."""

    class Forward(BaseHTTPRequestHandler):
        def forward(self) -> None:
            proof = (self.headers.get("Authorization") or "none").split()[0]
            told.seen.append((f"{self.command} {self.path.split('?')[0]}", proof))
            if not self.path.startswith(prefix):
                self.send_error(404)
                return
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)) or None
            connection = http.client.HTTPConnection(urlsplit(target).netloc)
            headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
            connection.request(self.command, self.path[len(prefix) :], body, headers)
            answer = connection.getresponse()
            content = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in ("transfer-encoding", "connection"):
                    self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)
            connection.close()

        do_GET = do_POST = do_PATCH = do_DELETE = do_HEAD = forward

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Forward)
    told = Gateway(target, prefix, server.server_address[1])
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
