"""What the published API says of a conversation, for the tests that play a server's answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from answers import reply

import gcrec

if TYPE_CHECKING:
    from quirky import Behaviour

CALL = "2f6e1a34-8c5b-4a7e-9d10-b1c2d3e4f506"

STOPPED = {"recording": False, "recordingState": "none", "securePause": False}
RECORDED = {"recording": True, "recordingState": "active", "securePause": False}


def agent(participant: str = "agent", user: str = "user", **fields: Any) -> dict[str, Any]:
    """An agent with one live leg."""
    leg = {"state": "connected", "connectedTime": "2026-01-01T00:00:00Z", **fields}
    return {"id": participant, "purpose": "agent", "userId": user, "calls": [leg]}


def said(*participants: dict[str, Any], **fields: Any) -> Behaviour:
    """An answer of the published API: of an agent, unless others are named."""
    return reply(200, {"id": CALL, "participants": list(participants or [agent()]), **fields})


def ends(client: Any, target: str) -> None:
    """An ensure of a call that ends meanwhile: `stopped` is met; any other target is an error."""
    if target == "stopped":
        assert client.ensure(CALL, target).state == "stopped"
    else:
        with pytest.raises(gcrec.ConversationEndedError):
            client.ensure(CALL, target)
