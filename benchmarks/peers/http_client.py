"""http.client of the standard library: one connection, no pool, no proxies. The least that Python itself can do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from typing import Any, Callable

from peers import Target


@contextmanager
def open_sync(target: Target) -> Iterator[Callable[[], Any]]:
    """One call."""
    with closing(HTTPConnection(target.base_url.split("://")[1])) as connection:
        headers = {**target.authorization, "Content-Type": "application/json"}

        def call() -> Any:
            connection.request("POST", target.path, json.dumps(target.body), headers)
            response = connection.getresponse()
            if response.status >= 400:
                raise ValueError(f"status {response.status}")
            return json.loads(response.read())

        yield call
