"""Streams: what an operation gives one by one. Types are in ``_streams.pyi``, which needs ``typing``."""
# pyright: basic


class Stream:
    """The results of an operation, one by one. Nothing is asked before the first is wanted, nor more than is wanted."""

    def __init__(self, raw):
        self._raw = raw

    def __iter__(self):
        return self

    def __next__(self):
        result = self._raw.take()
        while result is None:
            if self._raw.is_over() or not self._raw.next().wait():
                raise StopIteration
            result = self._raw.take()
        return result

    def collect(self):
        """All that is left, as a list."""
        return list(self)

    def close(self):
        """No more are wanted."""
        self._raw.close()

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        self.close()

    @property
    def source(self):
        """Where the results come from, in a word; None before the first is there."""
        return self._raw.source()

    @property
    def refused(self):
        """Of events: the topics that the server refuses, each with the permissions that are missing."""
        return self._raw.refused()


class AsyncStream:
    """The results of an operation, one by one, on an event loop. Nothing is asked before the first is wanted."""

    def __init__(self, raw):
        self._raw = raw

    def __aiter__(self):
        return self

    async def __anext__(self):
        result = self._raw.take()
        while result is None:
            if self._raw.is_over() or not await self._raw.next():
                raise StopAsyncIteration
            result = self._raw.take()
        return result

    async def collect(self):
        """All that is left, as a list."""
        return [result async for result in self]

    async def close(self):
        """No more are wanted."""
        self._raw.close()

    async def __aenter__(self):
        return self

    async def __aexit__(self, kind, error, traceback):
        await self.close()

    @property
    def source(self):
        """Where the results come from, in a word; None before the first is there."""
        return self._raw.source()

    @property
    def refused(self):
        """Of events: the topics that the server refuses, each with the permissions that are missing."""
        return self._raw.refused()
