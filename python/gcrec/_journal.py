"""``Journal``: reading what a client wrote down of its commands."""

from __future__ import annotations

from gcrec._gcrec import JournalHandle

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from os import PathLike
    from typing import Any

    from gcrec._gcrec import JournalEntry, JournalRun

_BATCH = 500


class Journal:
    """The durable record of intents and outcomes (``docs/journal.md`` describes the file).

    It reads, also while a client of this or another process writes. A client takes it, or its path, with ``journal=``.
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        """Names a journal. The file is looked at when something of it is wanted.

        Args:
            path: Where it is.
        """
        self._handle = JournalHandle(path)

    @property
    def path(self) -> str:
        """Where it is."""
        return str(self._handle.path())

    def entries(self) -> Iterator[JournalEntry]:
        """All rows, oldest first, in constant memory.

        Raises:
            JournalError: There is no journal there, or it cannot be read.
        """
        after = 0
        while True:
            entries = self._handle.entries(after, _BATCH)
            yield from entries
            if len(entries) < _BATCH:
                return
            after = entries[-1].id

    def pending(self) -> list[JournalEntry]:
        """What is still to be settled: commands without a certain outcome, and pauses that were not lifted.

        Raises:
            JournalError: There is no journal there, or it cannot be read.
        """
        return self._handle.pending()

    def runs(self) -> list[JournalRun]:
        """The calls of ``control_many`` and ``ensure_many``, oldest first.

        Raises:
            JournalError: There is no journal there, or it cannot be read.
        """
        return self._handle.runs()

    def __repr__(self) -> str:
        return f"Journal({self.path!r})"


def path_of(journal: str | PathLike[str] | Journal | None) -> Any:
    """The path of a journal that is given as one, or by name."""
    return journal.path if isinstance(journal, Journal) else journal
