"""Calls in a second: with asyncio, one after another, and over the stock bridge."""

from __future__ import annotations

from functools import partial
from typing import Callable

from lab.processes import client, figures
from lab.table import columns, median, ratio
from peers import Target

from contests import Bench, Contest, Figures, Rounds

US = "gcrec"
FLOOR = "floor (reqwest)"


def clients(face: str, *peers: str, floor: int) -> Callable[[Bench], dict[str, Callable[[], Figures]]]:
    """These Python clients, and the floor with so many requests at a time."""

    def contestants(bench: Bench) -> dict[str, Callable[[], Figures]]:
        target = Target(bench.base_url)
        command = [str(bench.programs["floor"]), target.url, target.token, str(floor), str(bench.seconds)]
        python = {peer: partial(client, face, peer, bench.base_url, bench.seconds) for peer in (US, *peers)}
        return {**python, FLOOR: partial(figures, command)}

    return contestants


def rate(figures: Figures) -> float:
    """Calls in a second."""
    return figures["calls"] / figures["seconds"]


def spent(figures: Figures) -> float:
    """Microseconds of processor time for a call; the floor does not tell."""
    return 1e6 * figures.get("cpu_seconds", 0.0) / figures["calls"]


def table(rounds: Rounds) -> list[str]:
    """One line for each contestant, the fastest first."""
    ours = rounds.get(US, [])
    lines = [("contestant", "calls/s", "gcrec is as fast times (min - max)", "CPU us/call", "takes gcrec's CPU times")]
    for name, theirs in sorted(rounds.items(), key=lambda item: -median([rate(one) for one in item[1]])):
        cpu = median([spent(one) for one in theirs])
        faster = ratio([rate(one) for one in ours], [rate(one) for one in theirs])
        leaner = ratio([spent(one) for one in theirs], [spent(one) for one in ours])
        shown = ("" if name == US else faster, f"{cpu:.1f}" if cpu else "-", leaner if cpu and name != US else "")
        lines.append((name, f"{median([rate(one) for one in theirs]):,.0f}", *shown))
    return columns(lines)


ASYNCIO = Contest(
    "asyncio: control_recording_async by 64 workers; the goal is 3 times aiohttp",
    clients("async", "aiohttp", "httpx", "pyreqwest", "pyqwest", floor=64),
    table,
)
SEQUENTIAL = Contest(
    "sequential: control_recording, one after another; the goal is the fastest of pyreqwest and pyqwest",
    clients("sync", "requests", "httpx", "urllib3", "http_client", "pyreqwest", "pyqwest", floor=1),
    table,
)
BRIDGE = Contest(
    "bridge: the same Rust core by 64 workers, over our bridge and over the stock future_into_py",
    clients("async", "stock_bridge", floor=64),
    table,
)
