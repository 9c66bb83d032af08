"""The four functions with one face, and unremarkable arguments for them."""

from __future__ import annotations

import asyncio
from typing import Any

import gcrec

TOKEN = "tok-7Yb2mQ9xLr4WvK1p"
CLIENT_ID = "client-8d1f"
SECRET = "sec-Hn5tZc0aUe6RjD3s"
CONVERSATION = "2f6e1a34-8c5b-4a7e-9d10-b1c2d3e4f506"


class Face:
    """One of the two faces; every test is written against this and runs on both."""

    def __init__(self, name: str) -> None:
        self.name = name

    def get_access_token(self, *args: Any, **options: Any) -> Any:
        return self._call("get_access_token", *args, **options)

    def get_active_voice_call(self, *args: Any, **options: Any) -> Any:
        return self._call("get_active_voice_call", *args, **options)

    def control_recording(self, *args: Any, **options: Any) -> Any:
        return self._call("control_recording", *args, **options)

    def check_recording_status(self, *args: Any, **options: Any) -> Any:
        return self._call("check_recording_status", *args, **options)

    def run(self, operation: str, base_url: str, **options: Any) -> Any:
        """One of the four operations with unremarkable arguments."""
        if operation == "token":
            return self.get_access_token(CLIENT_ID, SECRET, base_url, **options)
        if operation == "call":
            return self.get_active_voice_call(TOKEN, base_url, **options)
        if operation == "control":
            return self.control_recording(TOKEN, base_url, CONVERSATION, "start", **options)
        return self.check_recording_status(TOKEN, base_url, CONVERSATION, **options)

    def _call(self, name: str, *args: Any, **options: Any) -> Any:
        if self.name == "sync":
            return getattr(gcrec, name)(*args, **options)

        async def call() -> Any:
            return await getattr(gcrec, f"{name}_async")(*args, **options)

        return asyncio.run(call())
