"""What the tests of the log share: a handler that keeps what it is told."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from answers import reply
from faces import CONVERSATION, TOKEN

import gcrec

NOW = [("Retry-After", "0")]
LATER = reply(503, {"message": "later"}, NOW)


class Told(logging.Handler):
    """Keeps what it is told, and calls back."""

    def __init__(self, then: Any = None) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []
        self._then = then

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)
        if self._then is not None:
            self._then(record)

    def named(self, name: str) -> list[logging.LogRecord]:
        return [record for record in self.records if record.name == name]


@pytest.fixture(autouse=True)
def levels() -> Iterator[None]:
    """Each test begins with nothing left to tell, and ends with loggers as nobody has touched them."""
    with contextlib.suppress(gcrec.ConnectError):
        gcrec.check_recording_status(TOKEN, "http://127.0.0.1:1", CONVERSATION, max_retries=0)
    names = ["gcrec", "gcrec.http", "gcrec.auth"]
    yield
    for name in names:
        logger = logging.getLogger(name)
        logger.setLevel(logging.NOTSET)
        logger.disabled = False
        for handler in [h for h in logger.handlers if isinstance(h, Told)]:
            logger.removeHandler(handler)
    logging.disable(logging.NOTSET)


def listen(level: int = logging.DEBUG, name: str = "gcrec", then: Any = None) -> Told:
    told = Told(then)
    logging.getLogger(name).addHandler(told)
    logging.getLogger(name).setLevel(level)
    return told
