"""What a ``Client`` looks at: calls while they go on, and the evidence afterwards. What it does is written in Rust.

``_async_look.py`` is made from this file by ``scripts/derive_async_client.py``: change this one.
"""

from __future__ import annotations

from gcrec._streams import Stream

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gcrec._gcrec import ClientHandle, Conversation, Pause, Recording, RecordingStatus
    from gcrec._types import MediaFormat


class Look:
    """The part of a ``Client`` that changes nothing."""

    _raw: ClientHandle

    def active_calls(self, *, limit: int | None = None, days: int = 7) -> Stream[Conversation]:
        """The active voice calls, as they are found. ``source`` of the stream says where they come from.

        On the published API a user sees his own (``GET /api/v2/conversations/calls``, ``"user"``), an OAuth client
        those of the organisation (``POST /api/v2/analytics/conversations/details/query``, ``"analytics"``). That search
        lags by seconds, so each call is read (``GET /api/v2/conversations/{id}``) before it is given. On the tutorial's
        wire it is one list (``GET /api/v2/communications``, ``"communications"``).

        Args:
            limit: Give at most so many, and ask for no more.
            days: A search finds calls that began at most so many days ago, from 1 to 31.

        Raises:
            ConfigError: A number that cannot be. Nothing was sent.
            PermissionDeniedError: The search needs ``analytics:conversationDetail:view``, the reads
                ``conversation:communication:view``.
        """
        return Stream(self._raw.active_calls(limit, days))

    def conversation(self, conversation_id: str) -> Conversation:
        """One conversation (``GET /api/v2/conversations/{id}``; on the tutorial's wire from the list of active calls).

        Raises:
            NotFoundError: It is not there, or not active any more.
        """
        return self._raw.conversation(conversation_id).wait()

    def status(self, conversation_id: str) -> RecordingStatus:
        """What is recorded now: the verdict over all that the server says.

        ``GET /api/v2/conversations/{id}``; on the tutorial's wire ``GET /api/v2/recordings/conversations/{id}``.

        Raises:
            NotFoundError: 404, which proves nothing.
        """
        return self._raw.status(conversation_id).wait()

    def recordings(self, conversation_id: str, *, media: MediaFormat | None = None) -> list[Recording]:
        """What was recorded: the evidence, which is there once the call, or a part of it, is over.

        ``GET /api/v2/conversations/{id}/recordings``; on the tutorial's wire the items of
        ``GET /api/v2/recordings/conversations/{id}``.

        Args:
            conversation_id: The conversation's id.
            media: Asks for the addresses of its media in this form, such as ``"WAV"``: what has to be transcoded for
                that is awaited. Whoever has such an address can listen.

        Raises:
            ConfigError: No such form, or the tutorial's wire, which has no media. Nothing was sent.
            NotFoundError: The server knows no such conversation.
            RequestTimeoutError: They were still being transcoded when the timeout passed.
            PermissionDeniedError: It needs one of ``recording:recording:view``, ``recording:recordingSegment:view``,
                ``recording:snippetRecording:view`` and ``recording:screenRecording:view``.
        """
        return self._raw.recordings(conversation_id, media).wait()

    def pauses(self, conversation_id: str) -> list[Pause]:
        """The pauses in a conversation's recordings, the earliest first: start, end and reason, from their annotations.

        Each recording has its own: a secure pause of two recordings is there twice.

        Raises:
            InvalidActionError: The tutorial's wire knows nothing of pauses. Nothing was sent.
            NotFoundError, RequestTimeoutError, PermissionDeniedError: As for ``recordings``.
        """
        return self._raw.pauses(conversation_id).wait()
