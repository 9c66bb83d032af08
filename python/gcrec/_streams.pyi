from collections.abc import AsyncIterator, Iterator
from types import TracebackType
from typing import Generic, TypeVar

from gcrec._gcrec import StreamHandle
from gcrec._types import CallSource

_T = TypeVar("_T")
_Self = TypeVar("_Self")

class Stream(Generic[_T]):
    """The results of an operation, one by one. Nothing is asked before the first is wanted, nor more than is wanted."""

    def __init__(self, raw: StreamHandle[_T]) -> None: ...
    def __iter__(self) -> Iterator[_T]: ...
    def __next__(self) -> _T: ...
    def collect(self) -> list[_T]:
        """All that is left, as a list."""

    def close(self) -> None:
        """No more are wanted."""

    def __enter__(self: _Self) -> _Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...
    @property
    def source(self) -> CallSource | None:
        """Where the results come from, in a word; None before the first is there."""

    @property
    def refused(self) -> dict[str, list[str]]:
        """Of events: the topics that the server refuses, each with the permissions that are missing."""

class AsyncStream(Generic[_T]):
    """The results of an operation, one by one, on an event loop. Nothing is asked before the first is wanted."""

    def __init__(self, raw: StreamHandle[_T]) -> None: ...
    def __aiter__(self) -> AsyncIterator[_T]: ...
    async def __anext__(self) -> _T: ...
    async def collect(self) -> list[_T]:
        """All that is left, as a list."""

    async def close(self) -> None:
        """No more are wanted."""

    async def __aenter__(self: _Self) -> _Self: ...
    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...
    @property
    def source(self) -> CallSource | None:
        """Where the results come from, in a word; None before the first is there."""

    @property
    def refused(self) -> dict[str, list[str]]:
        """Of events: the topics that the server refuses, each with the permissions that are missing."""
