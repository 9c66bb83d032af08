"""Presses a button of the login page in a headless Chromium, driven by chromedriver: ``BROWSER`` may name it.

Called as ``chromium.py BUTTON ADDRESS``; prints what the last page says.
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from typing import Any

CHROMIUM, DRIVER = "/usr/bin/chromium", "/usr/bin/chromedriver"
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class Driver:
    """A session of the WebDriver protocol."""

    def __init__(self, base: str) -> None:
        self.base = base

    def ask(self, method: str, path: str, **body: Any) -> Any:
        data = json.dumps(body).encode() if method == "POST" else None
        request = urllib.request.Request(f"{self.base}{path}", data, {"Content-Type": "application/json"})
        request.method = method
        # Never through a proxy of the environment.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=30) as answer:
            return json.load(answer)["value"]

    def find(self, selector: str) -> str:
        return str(self.ask("POST", "/element", using="css selector", value=selector)[ELEMENT])

    def text(self) -> str:
        return str(self.ask("GET", f"/element/{self.find('body')}/text"))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def wait_for(condition: Any, seconds: float = 20) -> Any:
    """Looks again and again: another process is the subject here."""
    end = time.monotonic() + seconds
    while True:
        try:
            if found := condition():
                return found
        except (urllib.error.URLError, OSError):
            pass
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.05)


def main(button: str, address: str) -> None:
    port = free_port()
    folder = tempfile.mkdtemp()
    try:
        process = subprocess.Popen([DRIVER, f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            root = Driver(f"http://127.0.0.1:{port}")
            wait_for(lambda: root.ask("GET", "/status")["ready"])
            options = {"binary": CHROMIUM, "args": [*ARGUMENTS, f"--user-data-dir={folder}/profile"]}
            session = root.ask("POST", "/session", capabilities={"alwaysMatch": {"goog:chromeOptions": options}})
            browser = Driver(f"{root.base}/session/{session['sessionId']}")
            try:
                browser.ask("POST", "/url", url=address)
                browser.ask("POST", f"/element/{browser.find(f'#{button}')}/click")
                wait_for(lambda: "close this window" in browser.text())
                print(browser.text(), flush=True)
            finally:
                browser.ask("DELETE", "")
        finally:
            process.terminate()
            process.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # Chromium may write a last time after its end


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
