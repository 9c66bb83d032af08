"""gcrec with a journal: each intent is on the disk before its command leaves, and its outcome after the answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Callable

from gcrec import Client
from peers import Target


@contextmanager
def open_bulk(target: Target) -> Iterator[Callable[[list[str]], int]]:
    """One command to each."""
    with TemporaryDirectory() as folder:
        client = Client(target.base_url, access_token=target.token, api="events")
        journal = Path(folder) / "journal.db"
        yield lambda ids: client.control_many(ids, "start", journal=journal).run(False).counts["accepted"]
