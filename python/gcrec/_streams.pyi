from collections.abc import AsyncIterator, Iterator
from typing import Generic, TypeVar

from gcrec._gcrec import Operation

_T = TypeVar("_T")

class Stream(Generic[_T]):
    """The results of an operation, one by one. Nothing is asked before the first is wanted."""

    def __init__(self, operation: Operation[list[_T]], limit: int | None) -> None: ...
    def __iter__(self) -> Iterator[_T]: ...
    def __next__(self) -> _T: ...
    def collect(self) -> list[_T]:
        """All that is left, as a list."""

class AsyncStream(Generic[_T]):
    """The results of an operation, one by one, on an event loop. Nothing is asked before the first is wanted."""

    def __init__(self, operation: Operation[list[_T]], limit: int | None) -> None: ...
    def __aiter__(self) -> AsyncIterator[_T]: ...
    async def __anext__(self) -> _T: ...
    async def collect(self) -> list[_T]:
        """All that is left, as a list."""
