"""What the tests of many conversations stand on: a simulator, and a client of either face."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any, Callable

import gcrec
from gcrec.testing import Simulator


class Many:
    """A client of one face, whose bulks are used alike."""

    def __init__(self, face: str, sim: Simulator, **options: Any) -> None:
        self.face, self.sim = face, sim
        options = {
            "base_url": sim.base_url,
            "client_id": sim.client_id,
            "client_secret": sim.client_secret,
            **options,
        }
        self.client = (gcrec.Client if face == "sync" else gcrec.AsyncClient)(**options)

    def outcomes(self, method: str, *args: Any, **options: Any) -> list[gcrec.Outcome]:
        """All outcomes, by iterating."""
        if self.face == "sync":
            return list(getattr(self.client, method)(*args, **options))

        async def collect() -> list[gcrec.Outcome]:
            return [outcome async for outcome in getattr(self.client, method)(*args, **options)]

        return asyncio.run(collect())

    def run(self, bulk: Any, *args: Any, **options: Any) -> gcrec.BulkReport:
        if self.face == "sync":
            return bulk.run(*args, **options)

        async def run() -> gcrec.BulkReport:
            return await bulk.run(*args, **options)

        return asyncio.run(run())

    def first(self, bulk: Any, number: int, then: Callable[[], Any] = lambda: None) -> list[gcrec.Outcome]:
        """So many outcomes; then it leaves the loop."""
        seen: list[gcrec.Outcome] = []
        if self.face == "sync":
            for outcome in bulk:
                seen.append(outcome)
                if len(seen) == number:
                    break
            then()
            return seen

        async def leave() -> None:
            async for outcome in bulk:
                seen.append(outcome)
                if len(seen) == number:
                    break
            then()

        asyncio.run(leave())
        return seen


def kinds(outcomes: Any) -> Counter[str]:
    return Counter(outcome.kind for outcome in outcomes)


def controls(sim: Simulator) -> int:
    return sum(request.method == "POST" and request.path.endswith("/events") for request in sim.requests)
