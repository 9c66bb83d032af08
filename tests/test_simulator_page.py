"""The simulator's login page in a real browser, where there is one: headless Chromium, driven by its own driver."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from contextlib import closing
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, HTTPServer
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from sim_support import platform, tokens

from gcrec.testing import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

DRIVER = shutil.which("chromedriver")
ARGUMENTS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server"]

pytestmark = pytest.mark.skipif(DRIVER is None, reason="chromedriver is not installed")


class Browser:
    """One session of Chromium, over the WebDriver protocol."""

    def __init__(self, port: int) -> None:
        self._port = port
        options = {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": {"args": ARGUMENTS}}}
        self._session = ""
        self._session = "/" + self("POST", "/session", capabilities=options)["sessionId"]

    def __call__(self, method: str, path: str, **body: Any) -> Any:
        path = path if path == "/session" else f"/session{self._session}{path}"
        with closing(HTTPConnection("127.0.0.1", self._port)) as connection:
            connection.request(method, path, json.dumps(body) if method == "POST" else None)
            value = json.loads(connection.getresponse().read())["value"]
        assert not (isinstance(value, dict) and "error" in value), value
        return value

    def click(self, selector: str) -> None:
        [element] = self("POST", "/element", using="css selector", value=selector).values()
        self("POST", f"/element/{element}/click")


def started_driver() -> tuple[subprocess.Popen[str], int]:
    """The driver, and its port. It binds one for each family of addresses, and gives up if another is quicker."""
    for _ in range(20):
        driver = subprocess.Popen([str(DRIVER), "--port=0"], stdout=subprocess.PIPE, text=True)
        assert driver.stdout is not None
        line = next((line for line in driver.stdout if "successfully on port" in line), None)
        if line is not None:
            return driver, int(line.split("on port")[1].strip(" .\n"))
        with driver:
            pass  # its end
    raise RuntimeError("chromedriver does not start")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    driver, port = started_driver()
    with driver:
        try:
            opened = Browser(port)
            yield opened
            opened("DELETE", "")
        finally:
            driver.terminate()


class Listener(HTTPServer):
    """The client's own little server, to which the browser comes back once."""

    def __init__(self) -> None:
        self.heard: SimpleQueue[dict[str, str]] = SimpleQueue()
        super().__init__(("127.0.0.1", 0), _Page)
        self.address = f"http://127.0.0.1:{self.server_port}/callback"


class _Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Listener)
        if self.path.startswith("/callback"):
            self.server.heard.put(dict(parse_qsl(urlsplit(self.path).query)))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"You may close this page.")

    def log_message(self, *arguments: Any) -> None:
        """In silence."""


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener() as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        yield listening
        listening.shutdown()
        thread.join()


@pytest.mark.parametrize("button", ["allow", "deny"])
def test_a_person_chooses_and_presses_a_button(browser: Browser, listener: Listener, button: str) -> None:
    with Simulator() as sim:
        third = sim.users[2]
        asked = {"client_id": sim.client_id, "response_type": "code", "redirect_uri": listener.address, "state": "a&b"}
        browser("POST", "/url", url=f"{sim.base_url}/oauth/authorize?{urlencode(asked)}")
        browser.click(f"#user option[value='{third.id}']")
        browser.click(f"#{button}")
        heard = listener.heard.get(timeout=20)
        assert heard["state"] == "a&b"
        if button == "deny":
            assert heard["error"] == "access_denied"
            return
        exchange = {"grant_type": "authorization_code", "code": heard["code"], "redirect_uri": listener.address}
        token = tokens(sim, **exchange)["access_token"]
        assert platform(sim, token, "GET", "users/me")[1]["id"] == third.id
