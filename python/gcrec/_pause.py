"""The pause block for event loops. The one for threads is Rust's own ``PauseContext``."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

    from gcrec._gcrec import PauseBlock, PauseContext


class AsyncPause:
    """A secure pause for the time of an ``async with`` block. The first cancellation lets the end finish."""

    def __init__(self, pause: PauseContext) -> None:
        self._pause = pause

    async def __aenter__(self) -> PauseBlock:
        entered = self._pause.enter()
        try:
            await entered
        except GeneratorExit:
            raise
        except BaseException as error:
            if not _is_cancellation(error):
                raise
            # What the entry sent is undone before the cancellation goes on.
            self._pause.interrupt()
            await self._finish()
            raise
        return self._pause.block()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if not self._pause.is_ours():
            return
        if _is_cancellation(error):
            self._pause.interrupt()
        self._pause.leave()
        cancelled, failure = await self._finish()
        if cancelled is not None and not _is_cancellation(error):
            raise cancelled
        if failure is not None and not _passes_through(error):
            raise failure

    async def _finish(self) -> tuple[BaseException | None, BaseException | None]:
        """Waits for the end through cancellations, which count as interrupts; gives the first, and the failure."""
        first = None
        while True:
            try:
                await self._pause.left()
            except GeneratorExit:
                raise
            except BaseException as error:
                if not _is_cancellation(error):
                    return first, error
                self._pause.interrupt()
                first = first or error
            else:
                return first, None


def _is_cancellation(error: BaseException | None) -> bool:
    from asyncio import CancelledError

    return isinstance(error, (CancelledError, KeyboardInterrupt))


def _passes_through(error: BaseException | None) -> bool:
    return _is_cancellation(error) or isinstance(error, SystemExit)
