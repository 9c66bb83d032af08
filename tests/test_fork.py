"""os.fork after use: the child builds its own, the parent is unharmed."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading

import pytest
from bridge_support import call, call_async, exit_code_of, forked, python

pytest_plugins = ("bridge_fixture",)
pytestmark = [
    pytest.mark.timeout(60),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here"),
    pytest.mark.skipif(sys.platform == "darwin", reason="the system's own libraries do not survive a fork there"),
    # Forking with threads is what is tested.
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
]


def use_both_faces(server):
    assert call(server, "child") == {}

    async def main():
        return await asyncio.gather(*[call_async(server, "child") for _ in range(10)])

    assert asyncio.run(main()) == [{}] * 10


def connections_of(server, conversation_id):
    return {request.connection for request in server.requests if request.conversation_id == conversation_id}


@pytest.mark.parametrize("face", ["sync", "async"])
def test_a_child_uses_both_faces_after_its_parent_used_one(server, face):
    def parent():
        assert (call(server, "parent") if face == "sync" else asyncio.run(call_async(server, "parent"))) == {}

    for _ in range(5):
        parent()
        assert forked(lambda: use_both_faces(server)) == 0
        parent()
    assert not connections_of(server, "parent") & connections_of(server, "child")
    assert len(connections_of(server, "parent")) == 1  # the child did not close its parent's connection either


def test_with_calls_in_flight_in_both_faces(server):
    async def main():
        tasks = [asyncio.ensure_future(call_async(server, "hang")) for _ in range(10)]
        threads = [threading.Thread(target=call, args=(server, "hang")) for _ in range(4)]
        for thread in threads:
            thread.start()
        await asyncio.sleep(0)
        server.arrived("hang", 14)
        for _ in range(5):
            assert forked(lambda: use_both_faces(server)) == 0
        server.release("hang")
        assert await asyncio.gather(*tasks) == [{}] * 10
        for thread in threads:
            thread.join()

    asyncio.run(main())
    assert server.count("hang") == 14


def test_a_delivery_on_its_way_is_not_made_in_the_child(server):
    """The parent's calls are dead there: what the delivery would lock may be held by a thread that the child lacks."""
    woken = threading.Event()

    class Loop(asyncio.SelectorEventLoop):
        def call_soon_threadsafe(self, *arguments, **options):
            try:
                return super().call_soon_threadsafe(*arguments, **options)
            finally:
                woken.set()

    async def main():
        task = asyncio.ensure_future(call_async(server, "hang"))
        await asyncio.sleep(0)
        server.arrived("hang")
        server.release("hang")
        woken.wait()  # the loop stands still: the delivery waits in it
        child = os.fork()
        if child == 0:
            for _ in range(3):
                await asyncio.sleep(0)
            os._exit(8 if task.done() else 7)
        return await task, exit_code_of(child)

    loop = Loop()
    assert loop.run_until_complete(main()) == ({}, 7)
    loop.close()


def test_while_other_threads_make_calls(server):
    stop = threading.Event()

    def loop():
        while not stop.is_set():
            call(server, "parent")

    async def calls():
        while not stop.is_set():
            await asyncio.gather(*[call_async(server, "parent") for _ in range(10)])

    threads = [threading.Thread(target=loop) for _ in range(2)]
    threads.append(threading.Thread(target=lambda: asyncio.run(calls())))
    for thread in threads:
        thread.start()
    try:
        assert [forked(lambda: use_both_faces(server)) for _ in range(20)] == [0] * 20
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def test_in_a_thread(server):
    call(server)
    codes = []
    thread = threading.Thread(target=lambda: codes.append(forked(lambda: use_both_faces(server))))
    thread.start()
    thread.join()
    assert codes == [0]


def test_twice_in_a_row(server):
    call(server)

    def child():
        use_both_faces(server)
        assert forked(lambda: use_both_faces(server)) == 0
        use_both_faces(server)

    assert forked(child) == 0
    assert call(server) == {}


def test_before_first_use(server):
    assert forked(lambda: use_both_faces(server)) == 0


LEAVES = """
import asyncio, os, sys, gcrec
url, use, leave = sys.argv[1:]
call = lambda: gcrec.control_recording("token", url, "c", "start")
async def main():
    task = asyncio.ensure_future(gcrec.control_recording_async("token", url, "hang", "start"))
    await gcrec.control_recording_async("token", url, "c", "start")
    if os.fork() == 0:
        if use == "used":
            call()
        if leave == "sys.exit":
            sys.exit(7)
        os._exit(7)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
asyncio.run(main())
_, status = os.wait()
print(os.WEXITSTATUS(status) if os.WIFEXITED(status) else status)
"""


@pytest.mark.parametrize("leave", ["sys.exit", "os._exit"])
@pytest.mark.parametrize("use", ["used", "unused"])
def test_how_a_child_leaves(server, use, leave):
    script = python("import warnings; warnings.simplefilter('ignore')\n" + LEAVES, server.url, use, leave)
    output, errors = script.communicate()
    assert (output, errors, script.returncode) == ("7\n", "", 0)


def test_a_signal_handler_that_forks_and_returns(server):
    """The child finds itself in a call whose threads it does not have: that is an error, not a hang."""
    children = []

    def fork(*_):
        children.append(os.fork())
        if children != [0]:
            server.release("hang")

    def kill():
        server.arrived("hang")
        os.kill(os.getpid(), signal.SIGUSR1)

    before = signal.signal(signal.SIGUSR1, fork)
    thread = threading.Thread(target=kill)
    thread.start()
    try:
        outcome = call(server, "hang")
    except RuntimeError as error:
        os._exit(7 if children == [0] and "forked" in str(error) else 8)
    finally:
        signal.signal(signal.SIGUSR1, before)
    thread.join()
    assert outcome == {}
    assert exit_code_of(children[0]) == 7
