"""gcrec: control call recordings in Genesys Cloud CX, and prove that the change took effect."""

from __future__ import annotations

from gcrec._exceptions import (
    ApiError,
    AuthenticationError,
    BadRequestError,
    ConfigError,
    ConnectError,
    ConnectTimeoutError,
    DecodeError,
    GcrecError,
    InvalidActionError,
    InvalidIdError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    RecordingConflictError,
    RequestTimeoutError,
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
from gcrec._gcrec import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gcrec._types import Action, Api

__all__ = [
    "Action",
    "Api",
    "ApiError",
    "AuthenticationError",
    "BadRequestError",
    "ConfigError",
    "ConnectError",
    "ConnectTimeoutError",
    "DecodeError",
    "GcrecError",
    "InvalidActionError",
    "InvalidIdError",
    "NotFoundError",
    "PermissionDeniedError",
    "RateLimitError",
    "RecordingConflictError",
    "RequestTimeoutError",
    "ServerError",
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
        if name in {"Action", "Api"}:
            from gcrec import _types

            return getattr(_types, name)
        raise AttributeError(f"module 'gcrec' has no attribute {name!r}")
