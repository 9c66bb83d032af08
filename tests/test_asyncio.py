"""The async face on asyncio loops of every kind."""

from __future__ import annotations

import asyncio
import contextvars
import sys
import traceback

import pytest
from bridge_support import call, call_async

pytest_plugins = ("bridge_fixture",)
pytestmark = pytest.mark.timeout(60)


async def in_thread(wait, *arguments):
    await asyncio.get_running_loop().run_in_executor(None, wait, *arguments)


def test_a_task_gives_the_result(server):
    async def main():
        return await asyncio.create_task(call_async(server))

    assert asyncio.run(main()) == {}


def test_500_at_once(server):
    async def main():
        return await asyncio.gather(*[call_async(server) for _ in range(500)])

    assert asyncio.run(main()) == [{}] * 500
    assert server.count("c") == 500


def test_results_come_in_batches(server):
    """Of the loop itself the bridge asks one wake-up for all that is ready."""
    wakes = []

    class Loop(asyncio.SelectorEventLoop):
        def call_soon_threadsafe(self, *arguments, **options):
            wakes.append(arguments[0])
            return super().call_soon_threadsafe(*arguments, **options)

    async def main():
        calls = [asyncio.ensure_future(call_async(server, "hang")) for _ in range(500)]
        await asyncio.sleep(0)
        # From here on the loop stands still, as in a long callback, and the results pile up.
        server.arrived("hang", 500)
        server.release("hang")
        server.wait_for(lambda: server.answered == 500)
        call(server)  # what was answered before this has been received when it returns
        assert await asyncio.gather(*calls) == [{}] * 500

    loop = Loop()
    loop.run_until_complete(main())
    loop.close()
    assert len(wakes) <= 2


def test_a_timeout_closes_the_request(server):
    async def main():
        task = asyncio.ensure_future(call_async(server, "hang"))
        await in_thread(server.arrived, "hang")
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(task, 0.01)
        await in_thread(server.all_closed)

    asyncio.run(main())


@pytest.mark.skipif(sys.version_info < (3, 11), reason="asyncio.timeout is of 3.11")
def test_timeout_block(server):
    async def main():
        task = asyncio.ensure_future(call_async(server, "hang"))
        await in_thread(server.arrived, "hang")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await task
        await in_thread(server.all_closed)

    asyncio.run(main())


def test_cancelling_closes_the_request(server):
    async def main():
        tasks = [asyncio.create_task(call_async(server, "hang")) for _ in range(20)]
        await in_thread(server.arrived, "hang", 20)
        for task in tasks:
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(outcome, asyncio.CancelledError) for outcome in outcomes)
        await in_thread(server.all_closed)

    asyncio.run(main())


def test_cancelled_before_the_start_sends_nothing(server):
    async def main():
        task = asyncio.create_task(call_async(server, "never"))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await call_async(server, "after")

    asyncio.run(main())
    assert server.count("never") == 0
    assert server.count("after") == 1


def test_the_sync_face_in_a_running_loop(server):
    """As in a notebook, where a loop always runs."""

    async def main():
        return call(server), await call_async(server), call(server)

    assert asyncio.run(main()) == ({}, {}, {})


def test_context_variables_are_kept(server):
    name = contextvars.ContextVar("name")

    async def one(value):
        name.set(value)
        await call_async(server)
        return name.get()

    async def main():
        return await asyncio.gather(*[one(i) for i in range(20)])

    assert asyncio.run(main()) == list(range(20))


def test_the_traceback_shows_the_caller(server):
    async def the_caller():
        await call_async(server, "c", timeout=-1.0)

    with pytest.raises(ValueError) as caught:
        asyncio.run(the_caller())
    assert "the_caller" in [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]


def test_debug_mode(server, caplog):
    async def main():
        return await asyncio.gather(*[call_async(server) for _ in range(50)])

    assert asyncio.run(main(), debug=True) == [{}] * 50
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


@pytest.mark.skipif(sys.version_info < (3, 11), reason="TaskGroup is of 3.11")
def test_task_group(server):
    async def main():
        with pytest.raises(BaseException) as caught:
            async with asyncio.TaskGroup() as group:
                group.create_task(call_async(server, "hang"))
                await in_thread(server.arrived, "hang")
                group.create_task(call_async(server, "c", timeout=-1.0))
        assert [type(error).__name__ for error in caught.value.exceptions] == ["ConfigError"]
        await in_thread(server.all_closed)

    asyncio.run(main())


@pytest.mark.skipif(sys.version_info < (3, 12), reason="eager tasks are of 3.12")
def test_eager_tasks(server):
    async def main():
        asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
        return await asyncio.gather(*[call_async(server) for _ in range(50)])

    assert asyncio.run(main()) == [{}] * 50


def test_uvloop(server):
    uvloop = pytest.importorskip("uvloop")

    async def main():
        await asyncio.gather(*[call_async(server) for _ in range(100)])
        task = asyncio.ensure_future(call_async(server, "hang"))
        await in_thread(server.arrived, "hang")
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(task, 0.01)
        await in_thread(server.wait_for, lambda: server.open < server.connections)

    loop = uvloop.new_event_loop()
    try:
        loop.run_until_complete(main())
    finally:
        loop.close()
    assert server.count("c") == 100
