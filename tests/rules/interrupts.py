"""Interrupting a block at a known moment: Ctrl-C in the main thread, or the cancellation of a task."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from typing import Any, Callable

When = Callable[[], bool]


class Interrupted:
    """Runs a block and interrupts it, each time when it is time for that; then does what comes after."""

    def __init__(self, *moments: When, then: Callable[[], None] = lambda: None) -> None:
        self.moments = moments
        self.then = then

    def run(self, client: Any, call: str, body: Callable[[], None], **options: Any) -> None:
        """Uses a block of this client round ``body``; raises what comes out of it."""
        if hasattr(client, "client"):
            asyncio.run(self._cancelled(client.client.paused(call, **options), body))
        else:
            self._signalled(client.paused(call, **options), body)

    async def _cancelled(self, block: Any, body: Callable[[], None]) -> None:
        async def use() -> None:
            async with block:
                body()

        task = asyncio.ensure_future(use())
        for moment in self.moments:
            while not moment() and not task.done():
                await asyncio.sleep(0)
            task.cancel()
            for _ in range(3):  # until it has arrived
                await asyncio.sleep(0)
        self.then()
        await task

    def _signalled(self, block: Any, body: Callable[[], None]) -> None:
        arrived, over = threading.Semaphore(0), threading.Event()

        def interrupt(*_: Any) -> None:
            arrived.release()
            raise KeyboardInterrupt

        def send() -> None:
            for moment in self.moments:
                while not moment():
                    if over.is_set():
                        return
                os.kill(os.getpid(), signal.SIGINT)
                arrived.acquire(timeout=10)
            self.then()

        before = signal.signal(signal.SIGINT, interrupt)
        sender = threading.Thread(target=send, daemon=True)
        try:
            sender.start()
            with block:
                body()
        finally:
            over.set()
            sender.join()
            signal.signal(signal.SIGINT, before)
