"""What a process that died leaves in a journal: made in one world, and found in another that has not heard of it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Callable

from staging import Stage


def changed(journal: Path, **columns: Any) -> None:
    """Says this in every row; nobody has the journal."""
    with closing(sqlite3.connect(journal)) as connection, connection:
        for name, value in columns.items():
            connection.execute(f"UPDATE entries SET {name} = ?", (value,))


def commands(staged: Callable[..., Stage], journal: Path, *actions: str, outcome: str | None = None) -> None:
    """Commands whose fate nobody knows, to the first call of a world."""
    stage = staged(client={"journal": journal})
    for action in actions:
        getattr(stage.client, action)(stage.call)
    stage.client.close()
    changed(journal, outcome=outcome)


def dead_block(staged: Callable[..., Stage], journal: Path, **columns: Any) -> None:
    """A pause block that was never left: its row says that its body runs."""
    stage = staged(client={"journal": journal})
    with stage.client.paused(stage.call, reason="card payment"):
        pass
    stage.client.close()
    with closing(sqlite3.connect(journal)) as connection, connection:
        connection.execute("DELETE FROM entries WHERE operation <> 'block'")
    changed(journal, phase="paused", outcome=None, state=None, **columns)
