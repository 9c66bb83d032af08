"""What a simulator tells, and the words that it takes."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from gcrec._exceptions import GcrecError

State = Literal["recording", "paused", "held", "stopped"]
Route = Literal["token", "calls", "control", "status", "channels", "*"]

SCOPES = ("conversation:read", "conversation:recording:read", "conversation:recording:write", "conversation:write")
"""Every scope that the tutorial names."""

PERMISSIONS = (
    "conversation:communication:view",
    "conversation:recording:pauseOthers",
    "conversation:participant:wrapup",
    "conversation:call:record",
    "conversation:communication:disconnect",
    "conversation:recording:snippetRecord",
    "analytics:conversationDetail:view",
    "analytics:agentConversationDetail:view",
    "analytics:queueObservation:view",
    "recording:recording:view",
    "recording:recordingSegment:view",
    "recording:snippetRecording:view",
    "recording:screenRecording:view",
)
"""Every permission that the vendor's documents name for the operations that are simulated."""

ALL = (*SCOPES, *PERMISSIONS)
"""Everything: as scopes every scope, as permissions every permission."""


class SimulatorError(GcrecError, ValueError):
    """A simulator cannot be started or steered so.

    Attributes:
        code: The reason in a word that does not change, such as ``"unknown_call"``.
    """

    kind = "simulator"
    code: str

    _defaults = {**GcrecError._defaults, "code": ""}

    def __init__(self, message: str = "", code: str = "", **facts: Any) -> None:
        super().__init__(message, code=code, **facts)


class SimUser(NamedTuple):
    """A user of the simulated organisation."""

    id: str
    name: str
    email: str


class SimQueue(NamedTuple):
    """A queue of the simulated organisation."""

    id: str
    name: str


class SimChannel(NamedTuple):
    """A notification channel."""

    id: str
    topics: tuple[str, ...]
    """What it is subscribed to, in that order."""
    connected: bool
    """Whether a WebSocket is open."""


class SimCommand(NamedTuple):
    """A command that changed a recording."""

    action: str
    """``"start"``, ``"stop"``, ``"pause"`` or ``"resume"``."""
    at: float
    """When it took effect, in seconds on the simulator's clock."""
    request_id: str
    """The correlation id of the request that asked for it; empty where an agent did it by hand."""


class SimRequest(NamedTuple):
    """A request as it arrived; never a header or a body."""

    method: str
    path: str
    """As received: percent-encoded, with the query."""
    status_code: int | None
    """None where the connection died before an answer."""
    at: float
    """When it arrived, in seconds on the simulator's clock."""
    request_id: str
    """The correlation id of its answer."""
