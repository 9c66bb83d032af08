"""Every failure of gcrec, one class for each kind.

* GcrecError
    * ConfigError (also ValueError)
        * InvalidActionError
        * InvalidIdError
    * TransportError
        * ConnectError (also ConnectionError)
            * ConnectTimeoutError (also RequestTimeoutError)
        * RequestTimeoutError (also TimeoutError)
        * TlsError
    * ApiError
        * AuthenticationError
        * BadRequestError
        * PermissionDeniedError
        * NotFoundError
        * RecordingConflictError
        * RateLimitError
        * ServerError
    * DecodeError
    * ParticipantError
    * ProofError
        * NotProvenError (also TimeoutError)
        * AlreadyPausedError
        * NotRecordingError
        * PolicyRecordingError
        * ConversationEndedError
        * PauseBrokenError
        * PauseTooLongError
        * ResumeNotProvenError
    * JournalError
    * EventsError
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any, ClassVar


class GcrecError(Exception):
    """Base of all errors that gcrec raises.

    ``str(error)`` is one sentence that says what happened, and what to do next.

    Attributes:
        message: What happened, in one sentence.
        hint: What to do next; empty where the message already says it.
        kind: The kind of failure, in a word that does not change: ``"rate_limit"``.
        retryable: Whether the same call could succeed if it were made again.
        maybe_sent: Whether the server may have acted on the request. False only if it certainly did not.
    """

    kind: ClassVar[str] = "gcrec"
    message: str
    hint: str
    retryable: bool
    maybe_sent: bool

    _defaults: ClassVar[dict[str, Any]] = {"hint": "", "retryable": False, "maybe_sent": False}

    def __init__(self, message: str = "", **facts: Any) -> None:
        super().__init__(message)
        self.message = message
        unknown = facts.keys() - self._defaults.keys()
        if unknown:
            raise TypeError(f"{type(self).__name__} has no attribute {min(unknown)!r}")
        for name, default in self._defaults.items():
            setattr(self, name, facts.get(name, default))

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".rstrip()

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuilt, (type(self), self.message, {name: getattr(self, name) for name in self._defaults})


def _rebuilt(cls: type[GcrecError], message: str, facts: dict[str, Any]) -> GcrecError:
    """Unpickles an error."""
    return cls(message, **facts)


class ConfigError(GcrecError, ValueError):
    """Settings or arguments that cannot work. Nothing was sent."""

    kind = "config"


class InvalidActionError(ConfigError):
    """An action that there is not, or that this API does not have. Nothing was sent."""

    kind = "invalid_action"


class InvalidIdError(ConfigError):
    """The conversation id cannot stand in a path. Nothing was sent."""

    kind = "invalid_id"


class TransportError(GcrecError):
    """No whole answer came: the connection was reset, or cut off.

    Attributes:
        method: The HTTP method.
        path: The path below the base URL, percent-encoded, without the query.
        attempts: How many requests were sent, repeats included.
    """

    kind = "transport"
    method: str
    path: str
    attempts: int

    _defaults = {**GcrecError._defaults, "method": "", "path": "", "attempts": 0}


class ConnectError(TransportError, ConnectionError):
    """No connection could be made. Nothing was sent."""

    kind = "connect"


class RequestTimeoutError(TransportError, TimeoutError):
    """The whole answer did not come within ``timeout``."""

    kind = "request_timeout"


class ConnectTimeoutError(ConnectError, RequestTimeoutError):
    """Connecting took too long. Nothing was sent."""

    kind = "connect_timeout"


class TlsError(TransportError):
    """The server's certificate is not trusted, or TLS failed otherwise. Nothing was sent."""

    kind = "tls"


class ApiError(GcrecError):
    """The server answered, but not with success (2xx).

    Redirects (3xx) end here too: they are never followed, so that no credential reaches another host.

    Attributes:
        method: The HTTP method.
        path: The path below the base URL, percent-encoded, without the query.
        attempts: How many requests were sent, repeats included.
        status_code: The HTTP status code; None only in a RateLimitError whose request was not sent.
        code: The server's code, such as ``"not.found"`` or ``"invalid_client"``.
        message_params: The parameters of the server's message.
        details: The server's details.
        errors: The errors that the server lists below this one.
        limit: The limit that was met: ``key``, ``namespace`` and ``value``.
        entity_id: The id of what the error is about.
        context_id: The id of the server's own log entry.
        correlation_id: The id of this exchange (header ``ININ-Correlation-Id``): name it to the vendor's support.
    """

    kind = "api"
    method: str
    path: str
    attempts: int
    status_code: int | None
    code: str | None
    message_params: dict[str, Any] | None
    details: list[Any] | None
    errors: list[Any] | None
    limit: dict[str, Any] | None
    entity_id: str | None
    context_id: str | None
    correlation_id: str | None

    _defaults = {
        **TransportError._defaults,
        "status_code": 0,
        "code": None,
        "message_params": None,
        "details": None,
        "errors": None,
        "limit": None,
        "entity_id": None,
        "context_id": None,
        "correlation_id": None,
    }


class AuthenticationError(ApiError):
    """401, or an OAuth error: the token or the client's credentials are wrong, expired or revoked."""

    kind = "authentication"


class BadRequestError(ApiError):
    """400: the server could not use the request."""

    kind = "bad_request"


class PermissionDeniedError(ApiError):
    """403: the token lacks a scope, or its role a permission; the message names it."""

    kind = "permission_denied"


class NotFoundError(ApiError):
    """404: the conversation is unknown or ended, or the server does not have this endpoint."""

    kind = "not_found"


class RecordingConflictError(ApiError):
    """409: the recording is already in that state, or cannot change now."""

    kind = "recording_conflict"


class RateLimitError(ApiError):
    """429: too many requests, even after the repeats that ``max_retries`` and ``timeout`` allow.

    A :class:`Client` raises it too, with ``status_code`` None and nothing sent, for a call whose turn comes too late.

    Attributes:
        status_code: 429; None where the request was not sent.
        retry_after: How long the server asks to wait, or how long the client's own queue is, in seconds; None where it
            did not say.
        attempts: How many requests were sent, repeats included.
    """

    kind = "rate_limit"
    retry_after: float | None

    _defaults = {**ApiError._defaults, "retry_after": None}


class ServerError(ApiError):
    """5xx: the server failed. Unless ``maybe_sent`` is False it may have acted all the same."""

    kind = "server"


class DecodeError(GcrecError):
    """The server answered with success, in a form that cannot be read.

    Attributes:
        method: The HTTP method.
        path: The path below the base URL, percent-encoded, without the query.
        attempts: How many requests were sent, repeats included.
        status_code: The HTTP status code.
        correlation_id: The id of this exchange (header ``ININ-Correlation-Id``).
        field: Where in the body, such as ``"items[0]"``; empty for the body as a whole.
    """

    kind = "decode"
    method: str
    path: str
    attempts: int
    status_code: int
    correlation_id: str | None
    field: str

    _defaults = {**TransportError._defaults, "status_code": 0, "correlation_id": None, "field": ""}


class ParticipantError(GcrecError):
    """Nobody on the call could be meant by a ``start`` or ``stop``, so that it was not sent (published API).

    No agent and no user is connected; or the participant that was named is not on the call, has left it, or is the
    customer, a machine or a queue.

    Attributes:
        conversation_id: Of which conversation.
    """

    kind = "participant"
    conversation_id: str

    _defaults = {**GcrecError._defaults, "conversation_id": ""}


class ProofError(GcrecError):
    """What was wanted is not so, or cannot be shown to be.

    Attributes:
        conversation_id: Of which conversation.
        target: What was wanted: ``"recording"``, ``"paused"`` or ``"stopped"``.
        last_seen: The state that was seen last; None if no answer could be had.
        commands_sent: Commands that were sent for it and may have acted.
        broken: The times in which the call was recorded during a pause block, as pairs of aware datetimes (UTC); the
            end is None where the pause was not seen again.
    """

    kind = "proof"
    conversation_id: str
    target: str
    last_seen: str | None
    commands_sent: int
    broken: tuple[tuple[datetime, datetime | None], ...]
    _defaults = {
        **GcrecError._defaults,
        "conversation_id": "",
        "target": "",
        "last_seen": None,
        "commands_sent": 0,
        "broken": (),
    }


class NotProvenError(ProofError, TimeoutError):
    """It did not show within ``timeout``, or what shows proves nothing."""

    kind = "not_proven"


class AlreadyPausedError(ProofError):
    """A secure pause is on: somebody may be hearing a card number, and nobody allowed to end it."""

    kind = "already_paused"


class NotRecordingError(ProofError):
    """There is no recording that could be paused."""

    kind = "not_recording"


class PolicyRecordingError(ProofError):
    """The recording was made by a policy, which no command ends: a secure pause is the way."""

    kind = "policy_recording"


class ConversationEndedError(ProofError):
    """The call ended first."""

    kind = "conversation_ended"


class PauseBrokenError(ProofError):
    """The call was recorded during a pause block; ``broken`` tells when."""

    kind = "pause_broken"


class PauseTooLongError(ProofError):
    """A pause block outlasted its ``max_seconds``: the recording was resumed while its body still ran."""

    kind = "pause_too_long"


class ResumeNotProvenError(ProofError):
    """The call may still be paused."""

    kind = "resume_not_proven"


class JournalError(GcrecError):
    """The journal cannot do its duty: it is held by another process, full, read-only, or damaged."""

    kind = "journal"


class EventsError(GcrecError):
    """Live events cannot be had: the server refuses all topics that were to be followed."""

    kind = "events"


# The two that are never raised themselves are only for `except`.
BY_KIND: dict[str, type[GcrecError]] = {
    cls.kind: cls
    for cls in tuple(globals().values())
    if isinstance(cls, type) and issubclass(cls, GcrecError) and cls not in (GcrecError, ProofError)
}
"""The class of each kind: what Rust raises."""
