"""Many event loops, one after another and at once, and how they end."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref

import pytest
from bridge_support import call, call_async, python

pytest_plugins = ("bridge_fixture",)
pytestmark = pytest.mark.timeout(60)


def test_a_hundred_loops_one_after_another(server):
    for _ in range(100):
        assert asyncio.run(call_async(server)) == {}
    assert server.connections == 1  # loops come and go, the pool stays


def test_two_loops_in_two_threads(server):
    outcomes = []
    both = threading.Barrier(2)

    async def main():
        both.wait()
        return await asyncio.gather(*[call_async(server) for _ in range(200)])

    threads = [threading.Thread(target=lambda: outcomes.append(asyncio.run(main()))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == [[{}] * 200] * 2


def test_two_loops_that_take_turns_in_one_thread(server):
    loops = [asyncio.new_event_loop() for _ in range(2)]
    for _ in range(10):
        for loop in loops:
            assert loop.run_until_complete(call_async(server)) == {}
    for loop in loops:
        loop.close()


def test_a_call_outlives_a_pause_of_its_loop(server):
    loop = asyncio.new_event_loop()
    task = loop.create_task(call_async(server, "hang"))
    loop.run_until_complete(asyncio.sleep(0))
    server.arrived("hang")
    server.release("hang")
    assert call(server) == {}
    assert loop.run_until_complete(task) == {}
    loop.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_loop_closed_with_calls_in_flight(server):
    loop = asyncio.new_event_loop()
    tasks = [loop.create_task(call_async(server, "hang")) for _ in range(10)]
    loop.run_until_complete(asyncio.sleep(0))
    server.arrived("hang", 10)
    loop.close()
    server.release("hang")
    assert call(server) == {}
    assert asyncio.run(call_async(server)) == {}
    assert not any(task.done() for task in tasks)


@pytest.mark.parametrize("in_flight", [False, True])
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_loop_is_freed_after_use(server, in_flight):
    class Loop(asyncio.SelectorEventLoop):
        pass

    async def main():
        await asyncio.gather(*[call_async(server) for _ in range(20)])
        if in_flight:
            asyncio.ensure_future(call_async(server, "hang"))
            await asyncio.sleep(0)

    loop = Loop()
    freed = threading.Event()
    weakref.finalize(loop, freed.set)
    loop.run_until_complete(main())
    if in_flight:
        server.arrived("hang")
    loop.close()
    del loop
    server.release("hang")
    # Its last reference may be dropped by the courier, a moment later.
    while not freed.wait(0.01):
        gc.collect()


def test_a_task_can_be_awaited_from_a_nested_loop_in_another_thread(server):
    """Rust calls of one loop are answered while another loop of the same process stands still."""

    async def main():
        inner = []
        thread = threading.Thread(target=lambda: inner.append(asyncio.run(call_async(server))))
        thread.start()
        thread.join()  # this loop stands still
        return inner, await call_async(server)

    assert asyncio.run(main()) == ([{}], {})


PANICS = """
import asyncio, gc, sys, threading, weakref, gcrec
url, method = sys.argv[1:]

def call(conversation_id="c"):
    return gcrec.control_recording_async("token", url, conversation_id, "start")

try:
    gcrec._gcrec.control_recording("token", url, "c", "start", 30.0, 3, "auto", None).__await__()
except RuntimeError:
    # Where it is raised, pyo3 goes on with a panic. Its class exists once an error passed through.
    panic = next(error for error in BaseException.__subclasses__() if error.__name__ == "PanicException")

class Loop(asyncio.SelectorEventLoop):
    pass

def panicking(self, *arguments, **options):
    delattr(Loop, method)
    panicked.set()
    raise panic("on purpose")

loop = Loop()
panicked, freed = threading.Event(), threading.Event()
weakref.finalize(loop, freed.set)
setattr(Loop, method, panicking)
task = loop.create_task(call())
while not panicked.is_set():
    loop.run_until_complete(asyncio.sleep(0.001))
task.cancel()
loop.run_until_complete(asyncio.gather(task, return_exceptions=True))
assert loop.run_until_complete(call()) == {}
loop.close()
del loop, task
asyncio.run(call())  # this thread's last loop is another one now
while not freed.wait(0.01):
    gc.collect()
"""


@pytest.mark.parametrize("method", ["create_future", "call_soon_threadsafe"])
def test_a_panic_strands_no_loop(server, method):
    script = python(PANICS, server.url, method)
    _, errors = script.communicate()
    assert script.returncode == 0, errors
