"""Signals during calls: Ctrl-C ends them, other handlers decide for themselves."""

from __future__ import annotations

import asyncio
import os
import signal
import threading

import pytest
from bridge_support import call, call_async, python

pytest_plugins = ("bridge_fixture",)
pytestmark = pytest.mark.timeout(60)

ON_ITS_OWN = """
import asyncio, sys, gcrec
async def main():
    await gcrec.control_recording_async("token", sys.argv[1], "hang", "start", timeout=3600.0)
try:
    if sys.argv[2] == "sync":
        gcrec.control_recording("token", sys.argv[1], "hang", "start", timeout=3600.0)
    else:
        asyncio.run(main())
except KeyboardInterrupt:
    print("interrupted")
"""


class Interruption(Exception):
    pass


def send_when_arrived(server, number, conversation_id="hang"):
    """Sends a signal to this process once the request has arrived."""

    def send():
        server.arrived(conversation_id)
        os.kill(os.getpid(), number)

    thread = threading.Thread(target=send)
    thread.start()
    return thread


@pytest.fixture
def handle():
    """Sets a signal handler for the time of the test."""
    before = {}

    def handle(number, handler):
        before[number] = signal.signal(number, handler)

    yield handle
    for number, handler in before.items():
        signal.signal(number, handler)


def test_ctrl_c_ends_a_call_and_its_request(server):
    sender = send_when_arrived(server, signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        call(server, "hang")
    sender.join()
    server.all_closed()
    assert call(server) == {}


def test_ctrl_c_ends_asyncio_run(server):
    async def main():
        await call_async(server, "hang")

    sender = send_when_arrived(server, signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(main())
    sender.join()
    server.all_closed()


@pytest.mark.parametrize("face", ["sync", "async"])
def test_ctrl_c_in_a_script(server, face):
    """Nothing else ends the call: if signals were looked for only when it ends, this test would not."""
    script = python(ON_ITS_OWN, server.url, face)
    try:
        server.arrived("hang")
        script.send_signal(signal.SIGINT)
        output, errors = script.communicate()
    finally:
        script.kill()
    assert (output, errors, script.returncode) == ("interrupted\n", "", 0)
    server.all_closed()


@pytest.mark.parametrize("number", [signal.SIGUSR1, signal.SIGALRM])
def test_a_handler_that_raises_ends_the_call(server, handle, number):
    def raising(*_):
        raise Interruption

    handle(number, raising)
    sender = send_when_arrived(server, number)
    with pytest.raises(Interruption):
        call(server, "hang")
    sender.join()
    server.all_closed()


def test_a_handler_that_returns_lets_the_call_go_on(server, handle):
    handled = []

    def returning(*_):
        handled.append(True)
        server.release("hang")

    handle(signal.SIGUSR1, returning)
    sender = send_when_arrived(server, signal.SIGUSR1)
    assert call(server, "hang") == {}
    sender.join()
    assert handled == [True]
    assert server.count("hang") == 1


def test_a_handler_may_make_a_call_itself(server, handle):
    inner = []

    def calling(*_):
        inner.append(call(server, "inner"))
        server.release("hang")

    handle(signal.SIGUSR1, calling)
    sender = send_when_arrived(server, signal.SIGUSR1)
    assert call(server, "hang") == {}
    sender.join()
    assert inner == [{}]


def test_ctrl_c_leaves_the_calls_of_other_threads_alone(server):
    outcomes = []
    threads = [threading.Thread(target=lambda: outcomes.append(call(server, "hang-others"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    server.arrived("hang-others", 8)
    sender = send_when_arrived(server, signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        call(server, "hang")
    sender.join()
    server.wait_for(lambda: server.open == 8)
    server.release("hang-others")
    for thread in threads:
        thread.join()
    assert outcomes == [{}] * 8


def test_ctrl_c_while_tasks_of_a_loop_in_another_thread_run(server):
    """The main thread waits on a runtime that the keeper turns."""
    outcomes = []

    async def main():
        outcomes.extend(await asyncio.gather(*[call_async(server, "hang-others") for _ in range(8)]))

    thread = threading.Thread(target=lambda: asyncio.run(main()))
    thread.start()
    server.arrived("hang-others", 8)
    sender = send_when_arrived(server, signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        call(server, "hang")
    sender.join()
    server.wait_for(lambda: server.open == 8)
    server.release("hang-others")
    thread.join()
    assert outcomes == [{}] * 8
