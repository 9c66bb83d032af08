"""What every black-box test stands on: two faces of one function, and a server full of quirks."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from quirky import Quirky, serving

import gcrec

pytest_plugins = ("certificates",)

# A shell has its background jobs ignore Ctrl-C, and every child inherits that: the tests are about Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)

TOKEN = "tok-7Yb2mQ9xLr4WvK1p"
CLIENT_ID = "client-8d1f"
SECRET = "sec-Hn5tZc0aUe6RjD3s"
CONVERSATION = "2f6e1a34-8c5b-4a7e-9d10-b1c2d3e4f506"

# What gcrec reads of the environment: a test must not see the machine it runs on.
VARIABLES = ("PROXY", "CERT_FILE", "CERT_DIR", "CA_BUNDLE")


class Face:
    """One of the two faces; every test is written against this and runs on both."""

    def __init__(self, name: str) -> None:
        self.name = name

    def get_access_token(self, *args: Any, **options: Any) -> Any:
        return self._call("get_access_token", *args, **options)

    def get_active_voice_call(self, *args: Any, **options: Any) -> Any:
        return self._call("get_active_voice_call", *args, **options)

    def control_recording(self, *args: Any, **options: Any) -> Any:
        return self._call("control_recording", *args, **options)

    def check_recording_status(self, *args: Any, **options: Any) -> Any:
        return self._call("check_recording_status", *args, **options)

    def run(self, operation: str, base_url: str, **options: Any) -> Any:
        """One of the four operations with unremarkable arguments."""
        if operation == "token":
            return self.get_access_token(CLIENT_ID, SECRET, base_url, **options)
        if operation == "call":
            return self.get_active_voice_call(TOKEN, base_url, **options)
        if operation == "control":
            return self.control_recording(TOKEN, base_url, CONVERSATION, "start", **options)
        return self.check_recording_status(TOKEN, base_url, CONVERSATION, **options)

    def _call(self, name: str, *args: Any, **options: Any) -> Any:
        if self.name == "sync":
            return getattr(gcrec, name)(*args, **options)

        async def call() -> Any:
            return await getattr(gcrec, f"{name}_async")(*args, **options)

        return asyncio.run(call())


@pytest.fixture(params=["sync", "asyncio"])
def face(request: pytest.FixtureRequest) -> Face:
    """The test runs once with the plain functions, once with their `_async` twins."""
    return Face(request.param)


@pytest.fixture
def quirky() -> Iterator[Quirky]:
    """The server that the test scripts."""
    with serving() as server:
        yield server


@pytest.fixture
def bystander() -> Iterator[Quirky]:
    """A second server, which must never hear of the first one's credentials."""
    with serving() as server:
        yield server


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away every variable that gcrec reads."""
    for name in list(os.environ):
        if name.upper().endswith(VARIABLES) or name.startswith(("GENESYS_", "GCREC_")):
            monkeypatch.delenv(name)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A hang is a failure: nothing here needs more than a few seconds."""
    for item in items:
        if item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(20))
