"""The official SDKs as judges of the simulator: what a driver that nobody here has seen would find.

The Python SDK costs two seconds and 218 MiB to import, and is one process-wide object: it is imported once, and only by
these tests.
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any, Callable

import pytest
from official import Official

from gcrec.testing import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

NAME = "PureCloudPlatformClientV2"


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A home directory in which the SDK's own setting tells it not to watch the home directory."""
    home = tmp_path_factory.mktemp("home")
    folder = home / ".genesyscloudpython"
    folder.mkdir()
    (folder / "config").write_text("[general]\nlive_reload_config = false\n")
    before = os.environ.get("HOME")
    os.environ["HOME"] = str(home)
    yield str(home)
    if before is None:
        del os.environ["HOME"]
    else:
        os.environ["HOME"] = before


@pytest.fixture(scope="session")
def sdk(home: str) -> ModuleType:
    """The official Python SDK; where it is not installed, whoever asks for it is skipped, and says so."""
    if importlib.util.find_spec(NAME) is None:
        pytest.skip(f"{NAME} is not installed: pip install -r tests/requirements-truth.txt, or make truth")
    sdk = importlib.import_module(NAME)
    assert not sdk.configuration.live_reload_config, "the SDK watches the home directory"
    return sdk


@pytest.fixture
def organisation() -> Iterator[Callable[..., Simulator]]:
    """Makes simulators with options of the test's own; they end with the test."""
    running: list[Simulator] = []

    def organisation(**options: Any) -> Simulator:
        running.append(Simulator(**{"propagation": 0.0, **options}).start())
        return running[-1]

    yield organisation
    for simulator in running:
        simulator.stop()


@pytest.fixture
def sim(organisation: Callable[..., Simulator]) -> Simulator:
    """A simulator in which a command takes effect at once."""
    return organisation()


@pytest.fixture
def api(sdk: ModuleType, sim: Simulator) -> Official:
    """The SDK, logged in there with client credentials."""
    return Official(sdk, sim.base_url).login(sim)
