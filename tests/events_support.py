"""A reader of events on either face: it reads in a thread of its own, and tests wait for what it has read."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Callable

import gcrec
from gcrec.testing import Simulator

PATIENCE = 10.0


class Reader:
    """A stream of events of a client of a simulator, read to its end."""

    def __init__(
        self, face: str, sim: Simulator, client: dict[str, Any] | None = None, verb: str = "events", **follow: Any
    ) -> None:
        self.events: list[gcrec.Event] = []
        self.error: BaseException | None = None
        self.over = False
        self._news = threading.Condition()
        self._face, self._closed = face, False
        options = {"api": "platform", **(client or {})}
        if face == "sync":
            self.client: Any = sim.client(**options)
            self._thread = threading.Thread(target=self._read, args=(follow,), daemon=True)
        else:
            self._loop = asyncio.new_event_loop()
            self.client = sim.async_client(**options)
            self._thread = threading.Thread(target=self._run, args=(follow,), daemon=True)
        self.stream: Any = getattr(self.client, verb)(**follow)
        self._thread.start()

    def _read(self, follow: dict[str, Any]) -> None:
        try:
            for event in self.stream:
                self._add(event)
        except BaseException as error:
            self.error = error
        self._end()

    def _run(self, follow: dict[str, Any]) -> None:
        async def read() -> None:
            async for event in self.stream:
                self._add(event)

        try:
            self._loop.run_until_complete(read())
        except BaseException as error:
            self.error = error
        self._end()

    def _add(self, event: gcrec.Event) -> None:
        with self._news:
            self.events.append(event)
            self._news.notify_all()

    def _end(self) -> None:
        with self._news:
            self.over = True
            self._news.notify_all()

    def wait(self, condition: Callable[[list[gcrec.Event]], Any]) -> Any:
        """Until it holds of what was read; then what it gives."""
        with self._news:
            held = self._news.wait_for(lambda: condition(self.events) or self.over, PATIENCE)
            assert held, self.events
            if self.error is not None:
                raise self.error
            assert condition(self.events), self.events
            return condition(self.events)

    def wait_for(self, *kinds: type[gcrec.Event]) -> list[gcrec.Event]:
        """Until events of these kinds came, in this order, after all that was waited for before; they are taken."""

        def found(events: list[gcrec.Event]) -> list[gcrec.Event] | None:
            return events[: len(kinds)] if len(events) >= len(kinds) else None

        taken = self.wait(found)
        assert [type(event) for event in taken] == list(kinds), taken
        del self.events[: len(kinds)]
        return list(taken)

    def wait_for_end(self) -> None:
        """Until the stream is over."""
        with self._news:
            assert self._news.wait_for(lambda: self.over, PATIENCE), self.events
            if self.error is not None:
                raise self.error

    def close(self) -> None:
        """No more is wanted. Once is enough."""
        if self._closed:
            return
        self._closed = True
        if self._face == "sync":
            self.stream.close()
            self._thread.join(PATIENCE)
            self.client.close()
        else:
            if not self.over:
                asyncio.run_coroutine_threadsafe(self.stream.close(), self._loop).result(PATIENCE)
            self._thread.join(PATIENCE)
            self._loop.run_until_complete(self.client.close())
            self._loop.close()
        assert not self._thread.is_alive()


class Watcher:
    """A simulator on a manual clock with one recorded call, and a stream of events of its queue on either face."""

    def __init__(
        self, face: str, operation: str, sim: dict[str, Any] | None = None, state: Any = "recording", **follow: Any
    ) -> None:
        self.sim = Simulator(calls=0, clock="manual", propagation=0.0, **(sim or {})).start()
        self.call = self.sim.add_call(state=state)
        self._loop = asyncio.new_event_loop() if face == "asyncio" else None
        make = self.sim.client if self._loop is None else self.sim.async_client
        self.client: Any = make(api="platform")
        self.stream: Any = getattr(self.client, operation)(**{"queues": [self.sim.queues[0].id], **follow})

    def next(self) -> gcrec.Event:
        """The next event; time passes until it comes."""
        if self._loop is None:
            return next(self.stream)
        return self._loop.run_until_complete(self.stream.__anext__())

    def take(self, *kinds: type[gcrec.Event]) -> list[Any]:
        """The next events, which are of these kinds."""
        taken = [self.next() for _ in kinds]
        assert [type(event) for event in taken] == list(kinds), taken
        return taken

    def close(self) -> None:
        """It is over."""
        if self._loop is None:
            self.stream.close()
            self.client.close()
        else:
            self._loop.run_until_complete(self.stream.close())
            self._loop.run_until_complete(self.client.close())
            self._loop.close()
        self.sim.stop()


@contextmanager
def watchers(make: Callable[..., Watcher]) -> Iterator[Callable[..., Watcher]]:
    """Makes watchers that end with the test."""
    with ExitStack() as stack:

        def watcher(**options: Any) -> Watcher:
            made = make(**options)
            stack.callback(made.close)
            return made

        yield watcher


def until(condition: Callable[[], Any]) -> None:
    """Until something holds of a simulator, which does not tell."""
    late = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < late
