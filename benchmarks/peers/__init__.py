"""The contestants: one module each, with ``open_sync``, ``open_async``, ``open_bulk`` or several of them.

Each gives a call without arguments that does the whole job: POST the command with the bearer token and a JSON body,
refuse a status that is no success, parse the JSON answer. Each client is used the way its own documentation recommends
for many calls to one server, and each is kept open from call to call.
"""

from __future__ import annotations


class Target:
    """What everybody asks for."""

    token = "kF2v7Yx0b1nQm8sT4uWc6zR3dE5gH9jL" * 2
    conversation = "8a1c9f70-3f0e-4b57-9c1d-2e3f4a5b6c7d"
    body = {"type": "start"}

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.path = f"/api/v2/recordings/conversations/{self.conversation}/events"
        self.url = base_url + self.path
        self.authorization = {"Authorization": f"Bearer {self.token}"}

    def url_of(self, conversation: str) -> str:
        """Where the commands to a conversation go."""
        return self.url.replace(self.conversation, conversation)
