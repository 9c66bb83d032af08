"""Many threads at once, and whose connections they use."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from bridge_support import call, call_async

pytest_plugins = ("bridge_fixture",)
pytestmark = pytest.mark.timeout(60)


def test_64_threads_at_once(server):
    with ThreadPoolExecutor(64) as pool:
        outcomes = [pool.submit(call, server, "hang") for _ in range(64)]
        server.arrived("hang", 64)  # all are in flight together
        server.release("hang")
        assert [outcome.result() for outcome in outcomes] == [{}] * 64


def test_threads_share_connections(server):
    def some():
        for _ in range(50):
            call(server)

    with ThreadPoolExecutor(8) as pool:
        for outcome in [pool.submit(some) for _ in range(8)]:
            outcome.result()
    assert server.count("c") == 400
    assert server.connections <= 16


def test_threads_and_loops_mixed(server):
    async def many():
        for _ in range(10):
            assert await asyncio.gather(*[call_async(server) for _ in range(20)]) == [{}] * 20

    def some():
        for _ in range(50):
            assert call(server) == {}

    jobs = [lambda: asyncio.run(many())] * 3 + [some] * 8
    with ThreadPoolExecutor(len(jobs)) as pool:
        for outcome in [pool.submit(job) for job in jobs]:
            outcome.result()
    assert server.count("c") == 3 * 200 + 8 * 50


def test_a_call_of_the_sync_face_does_not_stop_other_threads(server):
    """While one waits without the GIL, another thread runs Python: it is the one that lets the first go on."""
    thread = threading.Thread(target=lambda: (server.arrived("hang"), server.release("hang")))
    thread.start()
    assert call(server, "hang") == {}
    thread.join()


@pytest.mark.parametrize("first", ["sync", "async"])
def test_one_goes_on_when_the_one_that_turned_the_runtime_leaves(server, first):
    """Whoever waits second is woken by the first; when the first is done, the second has to go on by itself."""
    outcomes = []

    async def main(name):
        outcomes.append((name, await call_async(server, "hang-" + name)))

    def run(name):
        if (name == "first") == (first == "async"):
            asyncio.run(main(name))
        else:
            outcomes.append((name, call(server, "hang-" + name)))

    threads = [threading.Thread(target=run, args=(name,)) for name in ("first", "second")]
    for thread, name in zip(threads, ("first", "second")):
        thread.start()
        server.arrived("hang-" + name)
    for thread, name in zip(threads, ("first", "second")):
        server.release("hang-" + name)
        thread.join()
    assert outcomes == [("first", {}), ("second", {})]


@pytest.mark.parametrize("face", ["sync", "async"])
def test_no_command_goes_down_a_connection_that_the_server_has_closed(server, face):
    """A command that is lost with its connection may have been acted on: that must not be left to chance."""
    for _ in range(100):
        assert (call(server, "close") if face == "sync" else asyncio.run(call_async(server, "close"))) == {}
        server.all_closed()
    for _ in range(100):
        assert (asyncio.run(call_async(server, "close")) if face == "sync" else call(server, "close")) == {}
        server.all_closed()
    assert server.count("close") == 200


def test_a_small_stack_is_enough(server):
    before = threading.stack_size(256 * 1024)
    try:
        thread = threading.Thread(target=call, args=(server, "c"))
        thread.start()
    finally:
        threading.stack_size(before)
    thread.join()
    assert server.count("c") == 1
