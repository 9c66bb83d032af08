"""Clients of the published API on either face, called one call at a time, and what a conversation looks like there."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from answers import reply
from faces import CONVERSATION, TOKEN

import gcrec

if TYPE_CHECKING:
    from faces import Face
    from quirky import Behaviour, Quirky

    from gcrec.testing import Simulator

ACCEPTED = reply(202, b"", media=None)
RECORDING = {"recording": True, "recordingState": "active", "securePause": False}
STOPPED = {"recording": False, "recordingState": "none", "securePause": False}


def call(face: Face, server: Quirky | Simulator, name: str, *args: Any, **options: Any) -> Any:
    """One call of a client. ``client=`` are options of the client's own."""
    client = {"api": "platform", **options.pop("client", {})}

    def made(quirky: Any, sim: Any) -> Any:
        return sim(**client) if hasattr(server, "calls") else quirky(server.url, **{"access_token": TOKEN, **client})

    if face.name == "sync":
        with made(gcrec.Client, getattr(server, "client", None)) as one:
            result = getattr(one, name)(*args, **options)
            return result.collect() if hasattr(result, "collect") else result

    async def called() -> Any:
        async with made(gcrec.AsyncClient, getattr(server, "async_client", None)) as one:
            result = getattr(one, name)(*args, **options)
            return await (result.collect() if hasattr(result, "collect") else result)

    return asyncio.run(called())


def party(purpose: str = "agent", participant: str | None = None, **leg: Any) -> dict[str, Any]:
    """A participant with one leg, connected unless it says otherwise. An agent has a user."""
    connected = {"state": "connected", "connectedTime": "2026-01-01T00:00:00Z", **leg}
    user = {"userId": f"user-of-{participant or purpose}"} if purpose == "agent" else {}
    return {"id": participant or purpose, "purpose": purpose, **user, "calls": [connected]}


def conversation(*parties: dict[str, Any]) -> dict[str, Any]:
    """A conversation of these; of a customer and an agent, if none are named."""
    return {"id": CONVERSATION, "participants": list(parties or [party("customer"), party("agent")])}


def shown(*parties: dict[str, Any]) -> Behaviour:
    """The answer to a read of such a conversation."""
    return reply(200, conversation(*parties))
