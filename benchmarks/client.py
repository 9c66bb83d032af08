"""The client process: one peer does one kind of work for a while and tells how far it came, as one line of JSON.

Each measurement has its own process: no peer pays for another's threads, caches or garbage.
"""

from __future__ import annotations

import asyncio
import importlib
import itertools
import json
import os
import resource
import sys
import time
from collections.abc import Awaitable
from typing import Any, Callable

from peers import Target

# Connections are opened, code is paged in and caches are filled before the clock starts.
WARM_UP = 0.2
CONCURRENCY = 64
MANY = 10_000


def run_sync(call: Callable[[], Any], seconds: float) -> int:
    """Counts the calls that fit, one after another."""
    calls = 0
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        expect_dict(call())
        calls += 1
    return calls


async def run_async(call: Callable[[], Awaitable[Any]], seconds: float) -> int:
    """Counts the calls that fit, by as many workers as are allowed at a time."""
    end = time.perf_counter() + seconds

    async def work() -> int:
        calls = 0
        while time.perf_counter() < end:
            expect_dict(await call())
            calls += 1
        return calls

    return sum(await asyncio.gather(*[work() for _ in range(CONCURRENCY)]))


def expect_dict(answer: Any) -> None:
    """Nobody may win by leaving the answer unread."""
    if answer["status"] != "queued":
        raise ValueError(f"not the answer of the server: {answer!r}")


def figures(calls: int, started: tuple[float, float]) -> dict[str, float]:
    """What came of it since `started`."""
    now = clocks()
    return {"calls": calls, "seconds": now[0] - started[0], "cpu_seconds": now[1] - started[1]}


def clocks() -> tuple[float, float]:
    """The time on the wall, and the processor time of this process with all its threads."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return time.perf_counter(), used.ru_utime + used.ru_stime


def measure_sync(peer: Any, target: Target, seconds: float) -> dict[str, float]:
    """One measurement of a blocking peer."""
    with peer.open_sync(target) as call:
        run_sync(call, WARM_UP)
        started = clocks()
        return figures(run_sync(call, seconds), started)


async def measure_async(peer: Any, target: Target, seconds: float) -> dict[str, float]:
    """One measurement of an asyncio peer."""
    async with peer.open_async(target) as call:
        await run_async(call, WARM_UP)
        started = clocks()
        return figures(await run_async(call, seconds), started)


def measure_bulk(peer: Any, target: Target, seconds: float) -> dict[str, float]:
    """One measurement of who takes many ids at once. Each id comes once."""
    numbers = itertools.count()

    def run(number: int) -> int:
        ids = [f"{n:08x}-3f0e-4b57-9c1d-2e3f4a5b6c7d" for n in itertools.islice(numbers, number)]
        if call(ids) != number:
            raise ValueError("not all were accepted")
        return number

    with peer.open_bulk(target) as call:
        run(MANY // 10)
        started, calls = clocks(), 0
        while clocks()[0] < started[0] + seconds:
            calls += run(MANY)
        return figures(calls, started)


def main() -> None:
    """``client.py FACE PEER BASE_URL SECONDS``"""
    face, name, base_url, seconds = sys.argv[1:]
    peer, target = importlib.import_module(f"peers.{name}"), Target(base_url)
    if face == "bulk":
        result = measure_bulk(peer, target, float(seconds))
    elif face == "sync":
        result = measure_sync(peer, target, float(seconds))
    else:
        result = asyncio.run(measure_async(peer, target, float(seconds)))
    print(json.dumps(result), flush=True)
    # The stock bridge aborts now and then when the interpreter ends; the figures are out by now.
    os._exit(0)


if __name__ == "__main__":
    main()
