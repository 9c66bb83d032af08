"""``AsyncLook``: ``Look`` for asyncio, made from it by ``scripts/derive_async_client.py``: change that one."""

from __future__ import annotations

from gcrec._streams import AsyncStream

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gcrec._gcrec import ClientHandle, Conversation, Event, Pause, Recording, RecordingStatus
    from gcrec._types import MediaFormat


class AsyncLook:
    """The part of a ``Client`` that changes nothing."""

    _raw: ClientHandle

    def active_calls(self, *, limit: int | None = None, days: int = 7) -> AsyncStream[Conversation]:
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
        return AsyncStream(self._raw.active_calls(limit, days))

    def events(
        self, *, conversations: Iterable[str] = (), queues: Iterable[str] = (), users: Iterable[str] = ()
    ) -> AsyncStream[Event]:
        """What happens to calls, while it happens: one channel of the notification service for all streams of a client.

        Each change is told once. What is so already when a call is found is told with ``before=None``, as far as it is
        recorded. Where something may have been missed there is an :class:`EventsGap`; the calls are read after it, and
        what is different is told then (``seen_by="read"``). The socket is opened anew for as long as that takes.

        Up to 10,000 events wait for a slow reader. Of more than that none is told: a gap is declared when there is room
        again. The topics that the server refuses are in ``refused`` of the stream. Close it, or leave its ``with``
        block, when no more is wanted.

        Args:
            conversations: Ids of calls, followed through the users and queues that take part in them. A stream of
                nothing else ends with their end.
            queues: Ids of queues.
            users: Ids of users.

        Raises:
            ConfigError: Nothing to follow, no id, more than 1,000 topics, or the tutorial's wire. Nothing was sent.
            EventsError: Later: the server refuses all topics. It says which permissions are missing.
            NotFoundError: Later: a conversation is not there.
        """
        return AsyncStream(self._raw.events(conversations, queues, users))

    def watch(
        self,
        *,
        conversations: Iterable[str] = (),
        queues: Iterable[str] = (),
        users: Iterable[str] = (),
        max_pause: float | None = None,
    ) -> AsyncStream[Event]:
        """The same as :meth:`events`, and a :class:`PauseAlarm` for each secure pause that lasts too long.

        Whoever paused: it finds the pause that an agent forgot. A pause counts from the moment in which it was noticed,
        for the published API does not say when a pause that is on began. One that was on before counts from the first
        read that shows it (``seen_by="read"``), and may be older. Before the alarm the call is read; one that is not
        paused any more raises none. Where that read fails the alarm is raised all the same (``confirmed=False``).

        Alarms come to whoever asks for the next event: a stream that nobody reads raises none. This changes nothing;
        ``gcrec watch --then resume`` does.

        Args:
            conversations: See :meth:`events`.
            queues: See :meth:`events`.
            users: See :meth:`events`.
            max_pause: How long a secure pause may last, in seconds. None: as long as it likes.

        Raises:
            ConfigError: As for :meth:`events`, or a ``max_pause`` that is no positive number. Nothing was sent.
            EventsError, NotFoundError: As for :meth:`events`.
        """
        return AsyncStream(self._raw.watch(conversations, queues, users, max_pause))

    async def conversation(self, conversation_id: str) -> Conversation:
        """One conversation (``GET /api/v2/conversations/{id}``; on the tutorial's wire from the list of active calls).

        Raises:
            NotFoundError: It is not there, or not active any more.
        """
        return await self._raw.conversation(conversation_id)

    async def status(self, conversation_id: str) -> RecordingStatus:
        """What is recorded now: the verdict over all that the server says.

        ``GET /api/v2/conversations/{id}``; on the tutorial's wire ``GET /api/v2/recordings/conversations/{id}``.

        Raises:
            NotFoundError: 404, which proves nothing.
        """
        return await self._raw.status(conversation_id)

    async def recordings(self, conversation_id: str, *, media: MediaFormat | None = None) -> list[Recording]:
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
        return await self._raw.recordings(conversation_id, media)

    async def pauses(self, conversation_id: str) -> list[Pause]:
        """The pauses in a conversation's recordings, the earliest first: start, end and reason, from their annotations.

        Each recording has its own: a secure pause of two recordings is there twice.

        Raises:
            InvalidActionError: The tutorial's wire knows nothing of pauses. Nothing was sent.
            NotFoundError, RequestTimeoutError, PermissionDeniedError: As for ``recordings``.
        """
        return await self._raw.pauses(conversation_id)
