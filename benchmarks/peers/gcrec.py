"""gcrec: its two module functions, and its client for many, as a user calls them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Callable

from gcrec import Client, control_recording, control_recording_async
from peers import Target


@contextmanager
def open_sync(target: Target) -> Iterator[Callable[[], Any]]:
    """One call."""
    yield lambda: control_recording(target.token, target.base_url, target.conversation, "start")


@asynccontextmanager
async def open_async(target: Target) -> AsyncIterator[Callable[[], Awaitable[Any]]]:
    """One call."""
    yield lambda: control_recording_async(target.token, target.base_url, target.conversation, "start")


@contextmanager
def open_bulk(target: Target) -> Iterator[Callable[[list[str]], int]]:
    """One command to each."""
    client = Client(target.base_url, access_token=target.token, api="events")
    yield lambda ids: client.control_many(ids, "start").run(False).counts["accepted"]
