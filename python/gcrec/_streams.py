"""Streams: what an operation gives one by one."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from typing import Any


class Stream:
    """The results of an operation, one by one. Nothing is asked before the first is wanted."""

    def __init__(self, operation: Any, limit: int | None) -> None:
        self._operation = operation
        self._limit = limit
        self._results: Iterator[Any] | None = None

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        if self._results is None:
            self._results = iter(self._operation.wait()[: self._limit])
        return next(self._results)

    def collect(self) -> list[Any]:
        """All that is left, as a list."""
        return list(self)


class AsyncStream:
    """The results of an operation, one by one, on an event loop. Nothing is asked before the first is wanted."""

    def __init__(self, operation: Any, limit: int | None) -> None:
        self._operation = operation
        self._limit = limit
        self._results: Iterator[Any] | None = None

    def __aiter__(self) -> AsyncIterator[Any]:
        return self

    async def __anext__(self) -> Any:
        if self._results is None:
            self._results = iter((await self._operation)[: self._limit])
        for result in self._results:
            return result
        raise StopAsyncIteration

    async def collect(self) -> list[Any]:
        """All that is left, as a list."""
        return [result async for result in self]
