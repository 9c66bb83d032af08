"""Many conversations: ``Bulk`` and ``AsyncBulk`` iterate and report; what they do is written in Rust.

The ids are pulled here, on the caller's own thread or loop, as there is room for them. The work goes on meanwhile.
"""

from __future__ import annotations

from itertools import islice
from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Task
    from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
    from typing import Any, Callable, Optional, Union

    from gcrec._gcrec import BulkHandle, BulkReport, Outcome

    _Progress = Union[bool, Callable[[int, Optional[int]], Any]]
    """True: a bar, if tqdm is installed. A callable gets how many are done, and how many there are if that is known."""

# Ids of an iterable without length are pulled for so long at most before outcomes are looked for.
_PULL = 0.02


class Bulk:
    """Many conversations, and what becomes of each. Nothing happens until it is iterated, or :meth:`run`; once.

    Leaving the loop, Ctrl-C and :meth:`close` stop it: no more conversations are begun, and what is under way is
    cut off. What may have been sent counts as ``"unknown"``; :attr:`report` tells all.
    """

    def __init__(self, raw: BulkHandle, conversation_ids: Iterable[str]) -> None:
        self._raw = raw
        self._ids = _checked(conversation_ids)

    def __iter__(self) -> Iterator[Outcome]:
        return _Outcomes(self._raw, self._ids)

    def run(self, progress: _Progress = True, on_result: Callable[[Outcome], Any] | None = None) -> BulkReport:
        """Does it all.

        Args:
            progress: True for a bar, if tqdm is installed; or a callable that gets how many are done, and how many
                there are (None where that is not known).
            on_result: Gets each outcome, on this thread.

        Raises:
            JournalError: The journal does not do its duty. Whatever was under way was settled.
        """
        outcomes, shown = _Outcomes(self._raw, self._ids), _Shown(progress, self._ids)
        try:
            while True:
                batch = outcomes.batch(on_result is not None)
                if batch is None:
                    break
                if on_result is not None:
                    for outcome in batch:
                        on_result(outcome)
                shown.done(self._raw.done())
        finally:
            outcomes.close()
            shown.close()
        return self.report

    def close(self) -> None:
        """Stops it now."""
        self._raw.close()

    @property
    def report(self) -> BulkReport:
        """What became of all so far."""
        return self._raw.report()

    def __repr__(self) -> str:
        return f"<Bulk {self._raw.operation()}>"


class AsyncBulk:
    """Many conversations, and what becomes of each. Nothing happens until it is iterated, or :meth:`run`; once.

    Leaving the loop, cancellation and :meth:`close` stop it: no more conversations are begun, and what is under way is
    cut off. What may have been sent counts as ``"unknown"``; :attr:`report` tells all.
    """

    def __init__(self, raw: BulkHandle, conversation_ids: Iterable[str] | AsyncIterable[str]) -> None:
        self._raw = raw
        self._ids = _checked(conversation_ids)

    def __aiter__(self) -> AsyncIterator[Outcome]:
        return _AsyncOutcomes(self._raw, self._ids)

    async def run(self, progress: _Progress = True, on_result: Callable[[Outcome], Any] | None = None) -> BulkReport:
        """Does it all.

        Args:
            progress: True for a bar, if tqdm is installed; or a callable that gets how many are done, and how many
                there are (None where that is not known).
            on_result: Gets each outcome, on the loop's thread.

        Raises:
            JournalError: The journal does not do its duty. Whatever was under way was settled.
        """
        outcomes, shown = _AsyncOutcomes(self._raw, self._ids), _Shown(progress, self._ids)
        try:
            while True:
                batch = await outcomes.batch(on_result is not None)
                if batch is None:
                    break
                if on_result is not None:
                    for outcome in batch:
                        on_result(outcome)
                shown.done(self._raw.done())
        finally:
            await outcomes.aclose()
            shown.close()
        return self.report

    async def close(self) -> None:
        """Stops it now."""
        self._raw.close()

    @property
    def report(self) -> BulkReport:
        """What became of all so far."""
        return self._raw.report()

    def __repr__(self) -> str:
        return f"<AsyncBulk {self._raw.operation()}>"


class _Source:
    """Ids, and how they come to the work."""

    def __init__(self, raw: BulkHandle, ids: Iterable[str]) -> None:
        self._raw = raw
        # What has a length is at hand. Anything else may be slow to give the next one, and must not keep back the last.
        self._at_hand = _length(ids) is not None
        self._ids: Iterator[str] | None = iter(ids)
        self.error: Exception | None = None

    def is_open(self) -> bool:
        """Are there more ids to come?"""
        return self._ids is not None

    def feed(self) -> None:
        """Hands ids on while there is room."""
        room = self._raw.room() if self._ids is not None else 0
        until = monotonic() + _PULL
        while room and self._ids is not None:
            batch: list[Any] = []
            try:
                batch.extend(islice(self._ids, room if self._at_hand else 1))
                ended = not batch
            except Exception as error:  # the user's own: what came before it is settled, then it is raised
                self.error, ended = error, True
            room = self._raw.give(batch)
            if ended:
                self._ids = None
                self._raw.end_intake(self.error is None)
            if monotonic() > until:
                break


class _Outcomes:
    """Outcomes as they come about. Dropped, it stops the work."""

    def __init__(self, raw: BulkHandle, ids: Iterable[str]) -> None:
        self._raw = raw
        self._given = ids
        self._source: _Source | None = None
        self._ready: Iterator[Outcome] = iter(())
        self._over = False

    def __iter__(self) -> Iterator[Outcome]:
        return self

    def __next__(self) -> Outcome:
        while True:
            for outcome in self._ready:
                return outcome
            batch = self.batch(True)
            if batch is None:
                raise StopIteration
            self._ready = iter(batch)

    def batch(self, keep: bool) -> list[Outcome] | None:
        """The next outcomes, or none if they are only counted; None: it is over."""
        if self._over:
            return None
        try:
            if self._source is None:
                source = _Source(self._raw, self._given)
                self._raw.begin()
                self._source = source
            self._source.feed()
            batch = self._raw.next(self._source.is_open(), keep).wait()
        except BaseException:
            self.close()
            raise
        if batch is None:
            self.close()
            if self._source.error is not None:
                raise self._source.error
        return batch

    def close(self) -> None:
        """Stops the work, if it was this that began it."""
        self._over = True
        if self._source is not None:
            self._raw.close()

    def __del__(self) -> None:
        self.close()


class _AsyncOutcomes:
    """Outcomes as they come about, on an event loop. Dropped, it stops the work."""

    def __init__(self, raw: BulkHandle, ids: Iterable[str] | AsyncIterable[str]) -> None:
        self._raw = raw
        self._given = ids
        self._begun = False
        self._source: _Source | None = None
        self._pull: Task[None] | None = None
        self._loop: AbstractEventLoop | None = None
        self._ready: Iterator[Outcome] = iter(())
        self._over = False

    def __aiter__(self) -> AsyncIterator[Outcome]:
        return self

    async def __anext__(self) -> Outcome:
        while True:
            for outcome in self._ready:
                return outcome
            batch = await self.batch(True)
            if batch is None:
                raise StopAsyncIteration
            self._ready = iter(batch)

    def _begin(self) -> None:
        ids: Any = self._given
        if hasattr(ids, "__aiter__"):
            import asyncio

            self._raw.begin()
            self._begun = True
            self._loop = asyncio.get_running_loop()
            self._pull = self._loop.create_task(_pull(self._raw, ids))
        else:
            source = _Source(self._raw, ids)
            self._raw.begin()
            self._begun = True
            self._source = source

    async def batch(self, keep: bool) -> list[Outcome] | None:
        """The next outcomes, or none if they are only counted; None: it is over."""
        if self._over:
            return None
        try:
            if not self._begun:
                self._begin()
            hungry = False
            if self._source is not None:
                self._source.feed()
                hungry = self._source.is_open()
            batch = await self._raw.next(hungry, keep)
            if batch is None and self._pull is not None:
                await self._pull  # its error, if it had one
        except BaseException:
            self._close()
            raise
        if batch is None:
            self._close()
            if self._source is not None and self._source.error is not None:
                raise self._source.error
        return batch

    async def aclose(self) -> None:
        """Stops the work."""
        self._close()

    def _close(self) -> None:
        self._over = True
        if self._begun:
            self._raw.close()
        pull, self._pull = self._pull, None
        if pull is None or pull.done():
            if pull is not None and not pull.cancelled():
                pull.exception()  # seen: asyncio need not complain of it
            return
        try:
            # Perhaps from another thread, where garbage was collected.
            if self._loop is not None:
                self._loop.call_soon_threadsafe(pull.cancel)
        except RuntimeError:
            pass  # the loop is closed, and its tasks with it

    def __del__(self) -> None:
        self._close()


async def _pull(raw: BulkHandle, ids: Any) -> None:
    """Hands ids on. It must not know of who iterates over the outcomes: dropped, that ends this."""
    complete = False
    try:
        async for conversation_id in ids:
            if not raw.give([conversation_id]):
                await raw.wait_for_room()
        complete = True
    finally:
        raw.end_intake(complete)


class _Shown:
    """How far it is."""

    def __init__(self, progress: Any, ids: object) -> None:
        self._total = _length(ids)
        self._last = -1
        self._bar: Any = None
        self._call: Callable[[int, int | None], Any] | None = None
        if progress is True:
            from importlib import import_module

            try:
                tqdm = import_module("tqdm.auto")
            except ImportError:
                return
            self._bar = tqdm.tqdm(total=self._total, unit="call")
        elif callable(progress):
            self._call = progress
        elif progress:
            raise TypeError("progress must be True, False or a callable")

    def done(self, done: int) -> None:
        """So many are done."""
        if done == self._last:
            return
        self._last = done
        if self._bar is not None:
            self._bar.update(done - self._bar.n)
        elif self._call is not None:
            self._call(done, self._total)

    def close(self) -> None:
        """Leaves the bar as it is."""
        if self._bar is not None:
            self._bar.close()


def _length(ids: object) -> int | None:
    try:
        return len(ids)  # type: ignore[arg-type]
    except TypeError:
        return None


def _checked(ids: Any) -> Any:
    """A string is an iterable of strings too, and a mistake."""
    if isinstance(ids, (str, bytes)):
        raise TypeError("pass a list of conversation ids, or another iterable, not one string")
    if not hasattr(ids, "__iter__") and not hasattr(ids, "__aiter__") and not hasattr(ids, "__getitem__"):
        raise TypeError(f"conversation ids must be an iterable, not {type(ids).__name__}")
    return ids
