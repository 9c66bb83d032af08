"""pyqwest: Rust's reqwest behind Python, like gcrec. It has neither default headers nor a check of the status."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Callable

from pyqwest import Client, FullResponse, HTTPTransport, SyncClient, SyncHTTPTransport

from peers import Target


def checked(response: FullResponse) -> Any:
    """The answer, if it is a success."""
    if not 200 <= response.status < 300:
        raise ValueError(f"status {response.status}")
    return response.json()


@contextmanager
def open_sync(target: Target) -> Iterator[Callable[[], Any]]:
    """One call."""
    with SyncHTTPTransport() as transport:
        client = SyncClient(transport)
        yield lambda: checked(client.post(target.url, target.authorization, target.body))


@asynccontextmanager
async def open_async(target: Target) -> AsyncIterator[Callable[[], Awaitable[Any]]]:
    """One call."""
    async with HTTPTransport() as transport:
        client = Client(transport)

        async def call() -> Any:
            return checked(await client.post(target.url, target.authorization, target.body))

        yield call
