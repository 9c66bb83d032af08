"""httpx: one client."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Callable

from httpx import AsyncClient, Client, Limits

from peers import Target


@contextmanager
def open_sync(target: Target) -> Iterator[Callable[[], Any]]:
    """One call."""
    with Client(headers=target.authorization) as client:

        def call() -> Any:
            return client.post(target.url, json=target.body).raise_for_status().json()

        yield call


@asynccontextmanager
async def open_async(target: Target) -> AsyncIterator[Callable[[], Awaitable[Any]]]:
    """One call."""
    limits = Limits(max_connections=64, max_keepalive_connections=64)
    async with AsyncClient(headers=target.authorization, limits=limits) as client:

        async def call() -> Any:
            response = await client.post(target.url, json=target.body)
            return response.raise_for_status().json()

        yield call
