"""Streams: what an operation gives one by one. Types are in ``_streams.pyi``, which needs ``typing``."""
# pyright: basic


class Stream:
    """The results of an operation, one by one. Nothing is asked before the first is wanted."""

    def __init__(self, operation, limit):
        self._operation = operation
        self._limit = limit
        self._results = None

    def __iter__(self):
        return self

    def __next__(self):
        if self._results is None:
            self._results = iter(self._operation.wait()[: self._limit])
        return next(self._results)

    def collect(self):
        """All that is left, as a list."""
        return list(self)


class AsyncStream:
    """The results of an operation, one by one, on an event loop. Nothing is asked before the first is wanted."""

    def __init__(self, operation, limit):
        self._operation = operation
        self._limit = limit
        self._results = None

    def __aiter__(self):
        return self

    async def __anext__(self):
        if self._results is None:
            self._results = iter((await self._operation)[: self._limit])
        for result in self._results:
            return result
        raise StopAsyncIteration

    async def collect(self):
        """All that is left, as a list."""
        return [result async for result in self]
