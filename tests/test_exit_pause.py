"""A process that ends inside a pause block: the call stays paused, which is never left unsaid (RULES of proof, 8)."""

from __future__ import annotations

import subprocess
import sys

import pytest

from gcrec.testing import Simulator

SETUP = """
import asyncio, sys, threading
import gcrec
BASE_URL, CLIENT_ID, CLIENT_SECRET, CALL = sys.argv[1:]
OPTIONS = dict(client_id=CLIENT_ID, client_secret=CLIENT_SECRET, api="platform")
def client():
    return gcrec.Client(BASE_URL, **OPTIONS)
"""
NOT_LEFT = "block = client().paused(CALL)\nblock.__enter__()\n"
DAEMON = (
    "inside = threading.Event()\n"
    "def work():\n    with client().paused(CALL):\n        inside.set()\n        threading.Event().wait()\n"
    "threading.Thread(target=work, daemon=True).start()\ninside.wait()\n"
)
LOOP_STOPPED = (
    "async def main():\n    async with gcrec.AsyncClient(BASE_URL, **OPTIONS).paused(CALL):\n"
    "        asyncio.get_running_loop().stop()\n        await asyncio.Event().wait()\n"
    "kept = main()\nloop = asyncio.new_event_loop()\n"
    "try:\n    loop.run_until_complete(kept)\nexcept RuntimeError:\n    pass\n"
)
SAID = "UserWarning: the process ends inside a pause block, and may leave paused: "


def ended(sim: Simulator, call: str, script: str) -> subprocess.CompletedProcess[str]:
    words = [sim.base_url, sim.client_id, sim.client_secret, call]
    return subprocess.run(
        [sys.executable, "-W", "ignore:this pause block has no journal", "-c", SETUP + script, *words],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.timeout(60)
@pytest.mark.parametrize("script", [NOT_LEFT, DAEMON, LOOP_STOPPED], ids=["not left", "daemon thread", "stopped loop"])
def test_a_process_that_ends_inside_its_block_says_so(script):
    with Simulator(calls=0, propagation=0.0) as sim:
        call = sim.add_call(state="recording")
        process = ended(sim, call, script)
        assert (process.returncode, sim.state(call)) == (0, "paused")
        assert f"{SAID}{call}. " in process.stderr and "gcrec recover" in process.stderr


@pytest.mark.timeout(60)
def test_the_log_is_told_too():
    with Simulator(calls=0, propagation=0.0) as sim:
        call = sim.add_call(state="recording")
        process = ended(sim, call, "import logging\nlogging.basicConfig(level='ERROR')\n" + NOT_LEFT)
        assert f"ERROR:gcrec.pause:conversation {call} may still be paused: the process ended" in process.stderr


@pytest.mark.timeout(60)
def test_a_pause_of_somebody_elses_is_nobodys_concern_at_the_end():
    with Simulator(calls=0, propagation=0.0) as sim:
        call = sim.add_call(state="paused")
        process = ended(sim, call, NOT_LEFT)
        assert (process.returncode, process.stderr, sim.state(call)) == (0, "", "paused")


@pytest.mark.timeout(60)
def test_a_process_that_left_its_block_has_nothing_to_say():
    with Simulator(calls=0, propagation=0.0) as sim:
        call = sim.add_call(state="recording")
        process = ended(sim, call, NOT_LEFT + "block.__exit__(None, None, None)\n")
        assert (process.returncode, process.stderr, sim.state(call)) == (0, "", "recording")
