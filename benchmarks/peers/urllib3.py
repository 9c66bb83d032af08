"""urllib3: one pool manager."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Callable

from urllib3 import PoolManager

from peers import Target


@contextmanager
def open_sync(target: Target) -> Iterator[Callable[[], Any]]:
    """One call."""
    with PoolManager(headers=target.authorization) as pool:

        def call() -> Any:
            response = pool.request("POST", target.url, json=target.body)
            if response.status >= 400:
                raise ValueError(f"status {response.status}")
            return response.json()

        yield call
