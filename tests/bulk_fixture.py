"""The fixtures of the tests of many conversations."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from bulk_support import Many

from gcrec.testing import Simulator


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with Simulator(calls=40, propagation=0.05) as sim:
        yield sim


@pytest.fixture(params=["sync", "asyncio"])
def many(request: pytest.FixtureRequest, sim: Simulator) -> Many:
    return Many(request.param, sim)
