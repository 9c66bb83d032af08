"""aiohttp: one session, and a connector that allows as many connections as there are workers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Callable

from aiohttp import ClientSession, TCPConnector

from peers import Target


@asynccontextmanager
async def open_async(target: Target) -> AsyncIterator[Callable[[], Awaitable[Any]]]:
    """One call."""
    connector = TCPConnector(limit=64)
    async with ClientSession(connector=connector, headers=target.authorization) as session:

        async def call() -> Any:
            async with session.post(target.url, json=target.body) as response:
                response.raise_for_status()
                return await response.json()

        yield call


@contextmanager
def open_bulk(target: Target) -> Iterator[Callable[[list[str]], int]]:
    """One command to each, by 64 workers."""
    loop = asyncio.new_event_loop()

    async def session() -> ClientSession:
        return ClientSession(connector=TCPConnector(limit=64), headers=target.authorization)

    async def run(ids: list[str]) -> int:
        waiting = iter(ids)

        async def work() -> int:
            done = 0
            for conversation in waiting:
                async with opened.post(target.url_of(conversation), json=target.body) as response:
                    response.raise_for_status()
                    done += (await response.json())["status"] == "queued"
            return done

        return sum(await asyncio.gather(*[work() for _ in range(64)]))

    opened = loop.run_until_complete(session())
    yield lambda ids: loop.run_until_complete(run(ids))
    loop.run_until_complete(opened.close())
