"""An operation is a call as a value: nothing happens before a face is chosen, and then once."""

from __future__ import annotations

import asyncio
import threading

import pytest
from bridge_support import call, operation

pytest_plugins = ("bridge_fixture",)
pytestmark = pytest.mark.timeout(60)


def test_dropped_unrun_sends_nothing(server):
    operation(server, "never")
    call(server, "after")
    assert server.count("never") == 0


@pytest.mark.parametrize("first", ["wait", "await"])
@pytest.mark.parametrize("second", ["wait", "await"])
def test_an_operation_is_used_once(server, first, second):
    async def use(one, face):
        return one.wait() if face == "wait" else await one

    async def main():
        one = operation(server)
        assert await use(one, first) == {}
        with pytest.raises(RuntimeError, match="only once"):
            await use(one, second)

    asyncio.run(main())
    assert server.count("c") == 1


def test_awaiting_needs_a_running_loop(server):
    with pytest.raises(RuntimeError, match="no running event loop"):
        operation(server, "never").__await__()
    assert server.count("never") == 0


def test_only_one_thread_gets_an_operation(server):
    one = operation(server, "hang")
    refused = threading.Event()
    outcomes = []

    def use():
        try:
            outcomes.append(one.wait())
        except RuntimeError:
            refused.set()

    threads = [threading.Thread(target=use) for _ in range(2)]
    for thread in threads:
        thread.start()
    refused.wait()
    server.release("hang")
    for thread in threads:
        thread.join()
    assert outcomes == [{}]
    assert server.count("hang") == 1
