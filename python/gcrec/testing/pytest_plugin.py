"""The pytest plugin: the fixture ``genesys_cloud``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gcrec.testing import Simulator


@pytest.fixture
def genesys_cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulator]:
    """A running simulator with three calls, to which the environment variables lead."""
    from gcrec.testing import Simulator

    with Simulator(propagation=0.05) as simulator:
        for name, value in simulator.env().items():
            monkeypatch.setenv(name, value)
        yield simulator
