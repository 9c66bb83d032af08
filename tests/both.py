"""A client of either face, used as if it were the plain one."""

from __future__ import annotations

import asyncio
from typing import Any

import gcrec
from gcrec.testing import Simulator


class Both:
    """One of the two faces."""

    def __init__(self, face: str) -> None:
        self.face = face

    def client(self, sim: Simulator, **options: Any) -> Any:
        """A client of a simulator, on the published API unless told otherwise."""
        options = {"api": "platform", **options}
        return sim.client(**options) if self.face == "sync" else sim.async_client(**options)

    def client_at(self, base_url: str, **options: Any) -> Any:
        """A client of a server that is no simulator."""
        options = {"api": "platform", "access_token": "token", **options}
        return gcrec.Client(base_url, **options) if self.face == "sync" else gcrec.AsyncClient(base_url, **options)

    def call(self, client: Any, name: str, *args: Any, **options: Any) -> Any:
        """What an operation gives."""
        if self.face == "sync":
            return getattr(client, name)(*args, **options)

        async def call() -> Any:
            return await getattr(client, name)(*args, **options)

        return asyncio.run(call())

    def take(self, stream: Any, most: int | None = None) -> list[Any]:
        """The next results of a stream: all, or so many."""
        results: list[Any] = []
        if most == 0:
            return results
        if self.face == "sync":
            for result in stream:
                results.append(result)
                if len(results) == most:
                    break
            return results

        async def take() -> None:
            async for result in stream:
                results.append(result)
                if len(results) == most:
                    break

        asyncio.run(take())
        return results
