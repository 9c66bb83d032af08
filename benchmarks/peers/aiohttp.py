"""aiohttp: one session, and a connector that allows as many connections as there are workers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
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
