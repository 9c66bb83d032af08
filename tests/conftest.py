"""What every black-box test stands on: two faces of one function, and a server full of quirks."""

from __future__ import annotations

import itertools
import os
import signal
from collections.abc import Iterator

import pytest
from faces import Face
from quirky import Quirky, serving

pytest_plugins = ("certificates",)

# A shell has its background jobs ignore Ctrl-C, and every child inherits that: the tests are about Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)

NOBODIES = itertools.count()

# What gcrec reads of the environment: a test must not see the machine it runs on.
VARIABLES = ("PROXY", "CERT_FILE", "CERT_DIR", "CA_BUNDLE")


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
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Take away every variable that gcrec reads, and the logins and profiles of whoever runs the tests."""
    for name in list(os.environ):
        if name.upper().endswith(VARIABLES) or name.startswith(("GENESYS", "GCREC_", "SSH_")):
            monkeypatch.delenv(name)
    nobody = tmp_path_factory.getbasetemp() / f"nobody-{next(NOBODIES)}"
    for name, place in (("HOME", nobody), ("XDG_CACHE_HOME", nobody / "cache")):
        monkeypatch.setenv(name, str(place))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A hang is a failure: nothing here needs more than a few seconds."""
    for item in items:
        if item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(20))
