"""The tutorial's four functions, and their ``_async`` twins.

They speak the tutorial's wire ("events"), which is not part of the published Genesys Cloud Platform API v2, and keep
their promise on that too ("platform"), where a region's host or ``api="platform"`` asks for it.
"""

from __future__ import annotations

from gcrec import _gcrec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from os import PathLike
    from typing import Any

    from gcrec._types import Api, TutorialAction


def get_access_token(
    client_id: str,
    client_secret: str,
    base_url: str,
    *,
    timeout: float = 30.0,
    max_retries: int = 3,
    api: Api = "auto",
    ca_bundle: str | PathLike[str] | None = None,
) -> str:
    """Gets an access token by the OAuth client credentials grant.

    Source: ``POST {base_url}/oauth/token`` of the tutorial; RFC 6749, sections 2.3.1 and 4.4.

    Args:
        client_id: The OAuth client's id.
        client_secret: The OAuth client's secret; never shown, logged or kept.
        base_url: Where the server is, such as ``"https://mycompany.mygen.com"``. https, unless it is this machine.
        timeout: Bound on the whole call, connecting, repeats and waits included, in seconds.
        max_retries: How often the request may be repeated: 3 means at most 4 requests.
        api: ``"events"`` for the tutorial's wire, ``"platform"`` for the published API, ``"auto"`` by the host.
        ca_bundle: A PEM file, or a directory of them, with more certificates to trust.

    Returns:
        The bearer token.

    Raises:
        ConfigError: An argument cannot work. Nothing was sent.
        AuthenticationError: The server refuses the client (400, 401).
        RateLimitError: 429, after all repeats.
        ApiError: Any other answer outside 2xx.
        DecodeError: The answer holds no usable token.
        TransportError: No whole answer came: ConnectError, RequestTimeoutError, TlsError.
    """
    operation = _gcrec.get_access_token(client_id, client_secret, base_url, timeout, max_retries, api, ca_bundle)
    return operation.wait()


async def get_access_token_async(
    client_id: str,
    client_secret: str,
    base_url: str,
    *,
    timeout: float = 30.0,
    max_retries: int = 3,
    api: Api = "auto",
    ca_bundle: str | PathLike[str] | None = None,
) -> str:
    """Like :func:`get_access_token`, on the running asyncio loop. Cancelling it closes the request."""
    return await _gcrec.get_access_token(client_id, client_secret, base_url, timeout, max_retries, api, ca_bundle)


def get_active_voice_call(
    access_token: str,
    base_url: str,
    *,
    timeout: float = 30.0,
    max_retries: int = 3,
    api: Api = "auto",
    ca_bundle: str | PathLike[str] | None = None,
) -> dict[str, Any] | None:
    """Finds the first active voice call.

    Source: ``GET {base_url}/api/v2/communications?state=active&types=voice`` of the tutorial (scope
    ``conversation:read``). On the published API it is searched for, and read
    (``GET /api/v2/conversations/{conversationId}``), for a search lags behind.

    Args:
        access_token: The bearer token, from :func:`get_access_token`.
        base_url: Where the server is. https, unless it is this machine.
        timeout: Bound on the whole call, connecting, repeats and waits included, in seconds.
        max_retries: How often the request may be repeated: 3 means at most 4 requests.
        api: ``"events"`` for the tutorial's wire, ``"platform"`` for the published API, ``"auto"`` by the host.
        ca_bundle: A PEM file, or a directory of them, with more certificates to trust.

    Returns:
        The first of the server's ``items``, as the server sent it; on the published API the conversation. None where
        there is none.

    Raises:
        ConfigError: An argument cannot work. Nothing was sent.
        AuthenticationError: 401, the token or its scopes.
        PermissionDeniedError: 403, the scope ``conversation:read`` is missing.
        RateLimitError: 429, after all repeats.
        ApiError: Any other answer outside 2xx.
        DecodeError: The answer is not what the wire promises.
        TransportError: No whole answer came: ConnectError, RequestTimeoutError, TlsError.
    """
    return _gcrec.get_active_voice_call(access_token, base_url, timeout, max_retries, api, ca_bundle).wait()


async def get_active_voice_call_async(
    access_token: str,
    base_url: str,
    *,
    timeout: float = 30.0,
    max_retries: int = 3,
    api: Api = "auto",
    ca_bundle: str | PathLike[str] | None = None,
) -> dict[str, Any] | None:
    """Like :func:`get_active_voice_call`, on the running asyncio loop. Cancelling it closes the request."""
    return await _gcrec.get_active_voice_call(access_token, base_url, timeout, max_retries, api, ca_bundle)


def control_recording(
    access_token: str,
    base_url: str,
    conversation_id: str,
    action: TutorialAction,
    *,
    timeout: float = 30.0,
    max_retries: int = 3,
    api: Api = "auto",
    ca_bundle: str | PathLike[str] | None = None,
) -> dict[str, Any]:
    """Starts or stops the recording of a conversation.

    Success means that the server accepted the command, not yet that it took effect: confirm it with
    :func:`check_recording_status`. The command is sent again only if it certainly was not acted on (no connection,
    429, 503 with Retry-After); after anything else the error says ``maybe_sent``.

    Source: ``POST {base_url}/api/v2/recordings/conversations/{conversationId}/events`` of the tutorial (scope
    ``conversation:recording:write``). On the published API it starts and stops the recording on demand of the right
    participant, which a read of the conversation shows: :meth:`gcrec.Client.start` says which.

    Args:
        access_token: The bearer token, from :func:`get_access_token`.
        base_url: Where the server is. https, unless it is this machine.
        conversation_id: The id of an active conversation.
        action: ``"start"`` or ``"stop"``.
        timeout: Bound on the whole call, connecting, repeats and waits included, in seconds.
        max_retries: How often the request may be repeated: 3 means at most 4 requests.
        api: ``"events"`` for the tutorial's wire, ``"platform"`` for the published API, ``"auto"`` by the host.
        ca_bundle: A PEM file, or a directory of them, with more certificates to trust.

    Returns:
        The server's answer as it sent it; ``{}`` where it sent none.

    Raises:
        InvalidActionError: The action is another one. Nothing was sent.
        InvalidIdError: The id cannot stand in a path. Nothing was sent.
        ConfigError: Another argument cannot work. Nothing was sent.
        AuthenticationError: 401, the token or its scopes.
        PermissionDeniedError: 403, the scope ``conversation:recording:write`` is missing.
        NotFoundError: 404, the conversation is unknown or not active.
        ParticipantError: Published API: nobody is connected whose recording it could be. Nothing was sent.
        ConversationEndedError: Published API: the call is over. Nothing was sent.
        RecordingConflictError: 409, it is already in that state, or cannot change.
        RateLimitError: 429, after all repeats.
        ServerError: 5xx. The server may have acted.
        ApiError: Any other answer outside 2xx.
        DecodeError: The answer is not a JSON object. The server may have acted.
        TransportError: No whole answer came: ConnectError, RequestTimeoutError, TlsError.
    """
    operation = _gcrec.control_recording(
        access_token, base_url, conversation_id, action, timeout, max_retries, api, ca_bundle
    )
    return operation.wait()


async def control_recording_async(
    access_token: str,
    base_url: str,
    conversation_id: str,
    action: TutorialAction,
    *,
    timeout: float = 30.0,
    max_retries: int = 3,
    api: Api = "auto",
    ca_bundle: str | PathLike[str] | None = None,
) -> dict[str, Any]:
    """Like :func:`control_recording`, on the running asyncio loop.

    Cancelling it closes the request; the server may have acted all the same.
    """
    return await _gcrec.control_recording(
        access_token, base_url, conversation_id, action, timeout, max_retries, api, ca_bundle
    )


def check_recording_status(
    access_token: str,
    base_url: str,
    conversation_id: str,
    *,
    timeout: float = 30.0,
    max_retries: int = 3,
    api: Api = "auto",
    ca_bundle: str | PathLike[str] | None = None,
) -> dict[str, Any] | None:
    """Reads the newest recording of a conversation.

    Source: ``GET {base_url}/api/v2/recordings/conversations/{conversationId}`` of the tutorial (scope
    ``conversation:recording:read``). Its ``status`` is ``"recording"`` while active and ``"ended"`` after a stop.

    On the published API it is the verdict over the conversation: ``id`` (of the recording, where the server names it,
    else of the conversation), ``conversationId``, ``status`` (``"recording"``, ``"paused"``, ``"held"``, ``"ended"``
    where nothing is recorded now, ``"unknown"`` where the server said a word that gcrec does not know), ``active`` (is
    the call live) and ``basis``.

    Args:
        access_token: The bearer token, from :func:`get_access_token`.
        base_url: Where the server is. https, unless it is this machine.
        conversation_id: The conversation's id.
        timeout: Bound on the whole call, connecting, repeats and waits included, in seconds.
        max_retries: How often the request may be repeated: 3 means at most 4 requests.
        api: ``"events"`` for the tutorial's wire, ``"platform"`` for the published API, ``"auto"`` by the host.
        ca_bundle: A PEM file, or a directory of them, with more certificates to trust.

    Returns:
        The first of the server's ``items``, as the server sent it; None where there is none. A 404 is None too, and
        proves nothing: a mistyped id and a call never recorded look alike.

    Raises:
        InvalidIdError: The id cannot stand in a path. Nothing was sent.
        ConfigError: Another argument cannot work. Nothing was sent.
        AuthenticationError: 401, the token or its scopes.
        PermissionDeniedError: 403, the scope ``conversation:recording:read`` is missing.
        RateLimitError: 429, after all repeats.
        ApiError: Any other answer outside 2xx.
        DecodeError: The answer is not what the wire promises.
        TransportError: No whole answer came: ConnectError, RequestTimeoutError, TlsError.
    """
    operation = _gcrec.check_recording_status(
        access_token, base_url, conversation_id, timeout, max_retries, api, ca_bundle
    )
    return operation.wait()


async def check_recording_status_async(
    access_token: str,
    base_url: str,
    conversation_id: str,
    *,
    timeout: float = 30.0,
    max_retries: int = 3,
    api: Api = "auto",
    ca_bundle: str | PathLike[str] | None = None,
) -> dict[str, Any] | None:
    """Like :func:`check_recording_status`, on the running asyncio loop. Cancelling it closes the request."""
    return await _gcrec.check_recording_status(
        access_token, base_url, conversation_id, timeout, max_retries, api, ca_bundle
    )
