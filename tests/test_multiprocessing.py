"""Pools of processes, started in every way, after their parent has made calls."""

from __future__ import annotations

import asyncio
import multiprocessing

import pytest
from bridge_support import call, call_async

pytest_plugins = ("bridge_fixture",)
pytestmark = [
    pytest.mark.timeout(60),
    # Forking with threads is what is tested.
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
]


class Address:
    """What a pool can send to its workers of a server."""

    def __init__(self, url):
        self.url = url


def in_worker(address, face):
    if face == "sync":
        return call(address)
    return asyncio.run(call_async(address))


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_multiprocessing(server, method):
    call(server)
    with multiprocessing.get_context(method).Pool(2) as pool:
        jobs = [(Address(server.url), face) for face in ("sync", "async") * 4]
        assert pool.starmap(in_worker, jobs) == [{}] * 8
    assert call(server) == {}
