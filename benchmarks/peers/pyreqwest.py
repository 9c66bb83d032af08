"""pyreqwest: Rust's reqwest behind Python, like gcrec. Its default runtime (one thread) is also its faster one here."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Callable

from pyreqwest.client import ClientBuilder, SyncClientBuilder

from peers import Target


@contextmanager
def open_sync(target: Target) -> Iterator[Callable[[], Any]]:
    """One call."""
    with SyncClientBuilder().default_headers(target.authorization).error_for_status().build() as client:

        def call() -> Any:
            return client.post(target.url).body_json(target.body).build().send().json()

        yield call


@asynccontextmanager
async def open_async(target: Target) -> AsyncIterator[Callable[[], Awaitable[Any]]]:
    """One call."""
    async with ClientBuilder().default_headers(target.authorization).error_for_status().build() as client:

        async def call() -> Any:
            response = await client.post(target.url).body_json(target.body).build().send()
            return await response.json()

        yield call
