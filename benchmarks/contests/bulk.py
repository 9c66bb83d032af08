"""The same command to many conversations, each once: in a second, with and without a journal."""

from __future__ import annotations

from functools import partial
from typing import Callable

from lab.processes import client

from contests import Bench, Contest, Figures
from contests.throughput import US, table

JOURNALED = "gcrec_journaled"


def contestants(bench: Bench) -> dict[str, Callable[[], Figures]]:
    """All in one process each, 64 at a time."""
    return {peer: partial(client, "bulk", peer, bench.base_url, bench.seconds) for peer in (US, JOURNALED, "aiohttp")}


BULK = Contest(
    "bulk: control_many, 64 at a time; the goal is 3.5 times aiohttp without a journal, 2,000 a second with one",
    contestants,
    table,
)
