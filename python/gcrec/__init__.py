"""gcrec: control call recordings in Genesys Cloud CX, and prove that the change took effect."""

from __future__ import annotations

from gcrec._async_client import AsyncClient
from gcrec._bulk import AsyncBulk, Bulk
from gcrec._client import Client
from gcrec._exceptions import (
    AlreadyPausedError,
    ApiError,
    AuthenticationError,
    BadRequestError,
    ConfigError,
    ConnectError,
    ConnectTimeoutError,
    ConversationEndedError,
    DecodeError,
    GcrecError,
    InvalidActionError,
    InvalidIdError,
    JournalError,
    NotFoundError,
    NotProvenError,
    NotRecordingError,
    ParticipantError,
    PauseBrokenError,
    PauseTooLongError,
    PermissionDeniedError,
    PolicyRecordingError,
    ProofError,
    RateLimitError,
    RecordingConflictError,
    RequestTimeoutError,
    ResumeNotProvenError,
    ServerError,
    TlsError,
    TransportError,
)
from gcrec._functions import (
    check_recording_status,
    check_recording_status_async,
    control_recording,
    control_recording_async,
    get_access_token,
    get_access_token_async,
    get_active_voice_call,
    get_active_voice_call_async,
)
from gcrec._gcrec import (
    Annotation,
    BulkReport,
    Conversation,
    JournalEntry,
    JournalRun,
    Outcome,
    Participant,
    Pause,
    PauseBlock,
    Proof,
    Receipt,
    Recording,
    RecordingStatus,
    __version__,
)
from gcrec._journal import Journal
from gcrec._streams import AsyncStream, Stream

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gcrec._types import Action, Api, CallSource, MediaFormat, OutcomeKind, Recorder, State, Target

__all__ = [
    "Action",
    "AlreadyPausedError",
    "Annotation",
    "Api",
    "ApiError",
    "AsyncBulk",
    "AsyncClient",
    "AsyncStream",
    "AuthenticationError",
    "BadRequestError",
    "Bulk",
    "BulkReport",
    "CallSource",
    "Client",
    "ConfigError",
    "ConnectError",
    "ConnectTimeoutError",
    "Conversation",
    "ConversationEndedError",
    "DecodeError",
    "GcrecError",
    "InvalidActionError",
    "InvalidIdError",
    "Journal",
    "JournalEntry",
    "JournalError",
    "JournalRun",
    "MediaFormat",
    "NotFoundError",
    "NotProvenError",
    "NotRecordingError",
    "Outcome",
    "OutcomeKind",
    "Participant",
    "ParticipantError",
    "Pause",
    "PauseBlock",
    "PauseBrokenError",
    "PauseTooLongError",
    "PermissionDeniedError",
    "PolicyRecordingError",
    "Proof",
    "ProofError",
    "RateLimitError",
    "Receipt",
    "Recorder",
    "Recording",
    "RecordingConflictError",
    "RecordingStatus",
    "RequestTimeoutError",
    "ResumeNotProvenError",
    "ServerError",
    "State",
    "Stream",
    "Target",
    "TlsError",
    "TransportError",
    "__version__",
    "check_recording_status",
    "check_recording_status_async",
    "control_recording",
    "control_recording_async",
    "get_access_token",
    "get_access_token_async",
    "get_active_voice_call",
    "get_active_voice_call_async",
]

if not TYPE_CHECKING:  # a type checker would take every misspelt name for one that is made on demand

    def __getattr__(name: str) -> object:
        """Imports the argument types on demand: ``typing`` would double the time that ``import gcrec`` takes."""
        if name in {"Action", "Api", "CallSource", "MediaFormat", "OutcomeKind", "Recorder", "State", "Target"}:
            from gcrec import _types

            return getattr(_types, name)
        raise AttributeError(f"module 'gcrec' has no attribute {name!r}")
