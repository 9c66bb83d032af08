"""requests: one session. What the tutorial uses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Callable

from requests import Session

from peers import Target


@contextmanager
def open_sync(target: Target) -> Iterator[Callable[[], Any]]:
    """One call."""
    with Session() as session:
        session.headers.update(target.authorization)

        def call() -> Any:
            response = session.post(target.url, json=target.body)
            response.raise_for_status()
            return response.json()

        yield call
