"""A channel's WebSocket as a user of the SDK opens it: the SDK itself has no client for it."""

from __future__ import annotations

import json
from typing import Any

import pytest

# Far longer than anything takes here: whoever waits for it waits for what never comes.
PATIENCE = 10.0


class Stream:
    """The events of a channel, in their order. Use it as a context manager."""

    def __init__(self, uri: str) -> None:
        client = pytest.importorskip("websockets.sync.client", reason="pip install -r tests/requirements-truth.txt")
        # No Authorization header: the address is all that is needed.
        self._opening = client.connect(uri, proxy=None)

    def __enter__(self) -> Stream:
        self.socket = self._opening.__enter__()
        return self

    def __exit__(self, *_: Any) -> None:
        self.socket.close()

    def say(self, message: Any) -> None:
        """Sends a message of the client."""
        self.socket.send(json.dumps(message))

    def next(self, topic: str) -> Any:
        """The body of the next event, which must be of that topic."""
        event = json.loads(self.socket.recv(timeout=PATIENCE))
        assert event["topicName"] == topic, event
        return event["eventBody"]

    def until(self, topic: str, wanted: Any) -> Any:
        """The body of the first event of that topic of which ``wanted`` is true."""
        while True:
            event = json.loads(self.socket.recv(timeout=PATIENCE))
            if event["topicName"] == topic and wanted(event["eventBody"]):
                return event["eventBody"]

    def ended(self) -> int | None:
        """Reads until the server has closed the connection; gives its code."""
        from websockets.exceptions import ConnectionClosed

        try:
            while True:
                self.socket.recv(timeout=PATIENCE)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None
