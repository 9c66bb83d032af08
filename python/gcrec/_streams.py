"""Streams: what an operation gives one by one. Types are in ``_streams.pyi``, which needs ``typing``."""
# pyright: basic


class Stream:
    """The results of an operation, one by one. Nothing is asked before the first is wanted, nor more than is wanted."""

    def __init__(self, raw):
        self._raw = raw
        self._ready = iter(())
        self._over = False

    def __iter__(self):
        return self

    def __next__(self):
        for result in self._ready:
            return result
        batch = None if self._over else self._raw.next().wait()
        if batch is None:
            raise StopIteration
        self._ready, self._over = iter(batch), self._raw.is_over()
        return next(self._ready)

    def collect(self):
        """All that is left, as a list."""
        return list(self)

    def close(self):
        """No more are wanted."""
        self._ready = iter(())
        self._raw.close()

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        self.close()

    @property
    def source(self):
        """Where the results come from, in a word; None before the first is there."""
        return self._raw.source()


class AsyncStream:
    """The results of an operation, one by one, on an event loop. Nothing is asked before the first is wanted."""

    def __init__(self, raw):
        self._raw = raw
        self._ready = iter(())
        self._over = False

    def __aiter__(self):
        return self

    async def __anext__(self):
        for result in self._ready:
            return result
        batch = None if self._over else await self._raw.next()
        if batch is None:
            raise StopAsyncIteration
        self._ready, self._over = iter(batch), self._raw.is_over()
        return next(self._ready)

    async def collect(self):
        """All that is left, as a list."""
        return [result async for result in self]

    async def close(self):
        """No more are wanted."""
        self._ready = iter(())
        self._raw.close()

    async def __aenter__(self):
        return self

    async def __aexit__(self, kind, error, traceback):
        await self.close()

    @property
    def source(self):
        """Where the results come from, in a word; None before the first is there."""
        return self._raw.source()
