"""What the tests of the rules stand on: a client on either face that is called in one way, and a stage for it."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Callable

import pytest

import gcrec
from gcrec.testing import Simulator

FACES = ("sync", "asyncio")

SETTLE = 10.0
"""What a Client has unless it is told otherwise."""

FOREVER = 1e5
"""A timeout, in simulated seconds, that no test lives to see."""


class Face:
    """One of the two faces. What it gives is called like a ``Client``, whichever it is."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._loops: dict[int, asyncio.AbstractEventLoop] = {}

    def client(self, base_url: str, **options: Any) -> Any:
        """A client of a server that is no simulator."""
        if self.name == "sync":
            return gcrec.Client(base_url, **options)
        return OnLoop(gcrec.AsyncClient(base_url, **options), self.run)

    def client_of(self, sim: Simulator, **options: Any) -> Any:
        """A client that lives by the clock of a simulator."""
        if self.name == "sync":
            return sim.client(**options)
        return OnLoop(sim.async_client(**options), self.run)

    def run(self, work: Any) -> Any:
        """Runs something on the event loop of this thread."""
        loop = self._loops.get(threading.get_ident())
        if loop is None:
            loop = self._loops[threading.get_ident()] = asyncio.new_event_loop()

        async def main() -> Any:
            return await work

        return loop.run_until_complete(main())

    def forget(self) -> None:
        """This is a forked child now: the loops are its parent's."""
        self._loops = {}

    def close(self) -> None:
        """The loops are not needed any more."""
        for loop in self._loops.values():
            loop.close()
        self._loops.clear()


class OnLoop:
    """An ``AsyncClient`` whose calls are made one at a time, on a loop that runs for as long as each takes."""

    def __init__(self, client: Any, run: Callable[[Any], Any]) -> None:
        self.client = client
        self._run = run

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            return self._settled(getattr(self.client, name)(*args, **options))

        return call

    def _settled(self, result: Any) -> Any:
        if inspect.isawaitable(result):
            return self._run(result)
        if isinstance(result, gcrec.AsyncClient):
            return OnLoop(result, self._run)
        if hasattr(result, "collect") or hasattr(result, "run"):
            return OnLoop(result, self._run)
        if hasattr(result, "__aenter__"):
            return Block(result, self._run)
        return result


class Block(AbstractContextManager):  # type: ignore[type-arg]
    """An asynchronous context manager, entered and left like any other."""

    def __init__(self, manager: Any, run: Callable[[Any], Any]) -> None:
        self.manager = manager
        self._run = run

    def __enter__(self) -> Any:
        return self._run(self.manager.__aenter__())

    def __exit__(self, *error: Any) -> Any:
        return self._run(self.manager.__aexit__(*error))


@contextmanager
def raises(error: type[BaseException], match: str | None = None) -> Iterator[Any]:
    """``pytest.raises`` for blocks: what a block raises at its end may not hide an assertion that failed inside."""
    with pytest.raises(error, match=match) as raised:
        yield raised
    hidden: BaseException | None = raised.value
    while hidden is not None:
        if isinstance(hidden, AssertionError):
            raise hidden
        hidden = hidden.__context__


class Stage:
    """A simulator, a call in it and a client of it."""

    def __init__(
        self,
        face: Face,
        *,
        state: str = "recording",
        policy: bool = False,
        client: dict[str, Any] | None = None,
        **simulator: Any,
    ) -> None:
        self.face = face
        self.sim = Simulator(clock="manual", **simulator).start()
        self.call = self.sim.add_call(state=state, policy=policy)  # type: ignore[arg-type]
        self.client = self.another_client(**(client or {}))

    def another_client(self, **options: Any) -> Any:
        """A client of its own, of the same face."""
        return self.face.client_of(self.sim, **{"api": "platform", **options})

    def stranger(self) -> gcrec.Client:
        """A client as in another process: it knows nothing of this one's commands, nor this one of its."""
        sim = self.sim
        return gcrec.Client(sim.base_url, client_id=sim.client_id, client_secret=sim.client_secret, api="platform")

    def close(self) -> None:
        """The client lets go of its journal, and the simulator ends."""
        self.client.close()
        self.sim.stop()

    @property
    def state(self) -> str:
        """The truth."""
        return self.sim.state(self.call)

    @property
    def acted(self) -> list[str]:
        """The commands that changed the recording, an agent's too."""
        return [command.action for command in self.sim.commands(self.call)]

    def sent(self) -> list[float]:
        """When commands arrived for this call, whatever became of them."""
        return self._arrivals(("PATCH", "POST"))

    def reads(self) -> list[float]:
        """When this call was read."""
        return self._arrivals(("GET",))

    def _arrivals(self, methods: tuple[str, ...]) -> list[float]:
        requests = self.sim.requests
        return [request.at for request in requests if self.call in request.path and request.method in methods]
