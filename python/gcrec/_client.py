"""``Client``: names, signatures and documentation; what it does is written in Rust.

``_async_client.py`` is made from this file by ``scripts/derive_async_client.py``: change this one.
"""

from __future__ import annotations

from gcrec._bulk import Bulk
from gcrec._journal import path_of
from gcrec._look import Look
from gcrec._session import Session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike

    from gcrec._gcrec import BulkReport, PauseContext, Proof, Receipt, RecordingStatus
    from gcrec._journal import Journal
    from gcrec._types import Action, Recorder, Target


class Client(Session, Look):
    """One identity at one server: its connections, its token and its pace. Safe to share between threads.

    Use it as a context manager, or :meth:`close` it. Making one sends nothing.
    """

    # -- command: taken by the control plane, not yet proven ---------------------------------------------------------

    def start(
        self, conversation_id: str, *, participant: str | None = None, recorder: Recorder = "participant"
    ) -> Receipt:
        """Starts a recording on demand. The receipt says that the command was taken, not that it acted.

        On the published API a recording on demand is one participant's: a read finds whose, and the command follows
        (``PATCH /api/v2/conversations/calls/{id}/participants/{participantId}``; for the other recorders
        ``POST .../snippet/record``). A participant that has left meanwhile is looked for anew, once.

        Args:
            conversation_id: The conversation's id.
            participant: Whose recording, by the participant's id. None: the caller's own for a user's token, if that
                user is on the call; else the agent's or user's who connected last. Never the customer's, a machine's
                or a queue's.
            recorder: ``"participant"`` for the participant's recording on demand, ``"adhoc"`` for its ad-hoc recorder,
                ``"snippet"`` for a snippet, which can never be paused.

        Raises:
            ParticipantError: Nobody on the call can be meant, or the one who is named cannot. Nothing was sent.
            ConversationEndedError: The call is over. Nothing was sent.
            RecordingConflictError: 409, it is recording already (the tutorial's wire).
            ConfigError: The tutorial's wire knows neither ``participant`` nor ``recorder``. Nothing was sent.
        """
        return self._raw.start(conversation_id, participant, recorder).wait()

    def stop(
        self, conversation_id: str, *, participant: str | None = None, recorder: Recorder = "participant"
    ) -> Receipt:
        """Stops a recording on demand. The receipt says that the command was taken, not that it acted.

        No command stops a recording by policy: a secure pause is the way (:meth:`paused`).

        Args:
            conversation_id: The conversation's id.
            participant: See :meth:`start`. None means first of all one who is recorded.
            recorder: See :meth:`start`.

        Raises:
            ParticipantError: Nobody on the call can be meant, or the one who is named cannot. Nothing was sent.
            ConversationEndedError: The call is over. Nothing was sent.
            RecordingConflictError: 409, there is no recording (the tutorial's wire).
            ConfigError: The tutorial's wire knows neither ``participant`` nor ``recorder``. Nothing was sent.
        """
        return self._raw.stop(conversation_id, participant, recorder).wait()

    def pause(self, conversation_id: str) -> Receipt:
        """Begins a secure pause (``PATCH /api/v2/conversations/{id}/recordingstate``, ``PAUSED``); not yet proven.

        Raises:
            InvalidActionError: The tutorial's wire has none. Nothing was sent.
        """
        return self._raw.pause(conversation_id).wait()

    def resume(self, conversation_id: str) -> Receipt:
        """Ends a secure pause, whoever began it (``PATCH /api/v2/conversations/{id}/recordingstate``, ``ACTIVE``).

        Raises:
            InvalidActionError: The tutorial's wire has none. Nothing was sent.
        """
        return self._raw.resume(conversation_id).wait()

    # -- prove -------------------------------------------------------------------------------------------------------

    def ensure(
        self, conversation_id: str, target: Target, *, timeout: float = 15.0, resume_paused: bool = False
    ) -> Proof:
        """Makes it so, and proves it.

        Reads, and sends nothing if the target holds; else sends one command (and once more, if it does not show within
        ``settle``) and reads until it holds.

        Args:
            conversation_id: The conversation's id.
            target: ``"recording"``, ``"paused"`` or ``"stopped"``.
            timeout: How long to try, in seconds.
            resume_paused: End a secure pause to get to ``"recording"``. Somebody may be hearing a card number.

        Raises:
            NotProvenError: It did not show in time.
            AlreadyPausedError: It is paused, and was to be recording.
            NotRecordingError: It is not recorded, and was to be paused.
            PolicyRecordingError: A policy records it, and it was to be stopped.
            ConversationEndedError: The call ended first. (One that was to be stopped is.)
            ParticipantError: Published API: nobody is connected whose recording could be started or stopped.
            NotFoundError: 404, which proves nothing.
        """
        return self._raw.ensure(conversation_id, target, timeout, resume_paused).wait()

    def wait_until(self, conversation_id: str, target: Target, *, timeout: float = 15.0) -> RecordingStatus:
        """Reads until it is so, and sends nothing.

        Args:
            conversation_id: The conversation's id.
            target: ``"recording"``, ``"paused"`` or ``"stopped"``.
            timeout: How long to wait, in seconds.

        Raises:
            NotProvenError, ConversationEndedError: It did not show in time, or the call ended first.
        """
        return self._raw.wait_until(conversation_id, target, timeout).wait()

    def paused(
        self,
        conversation_id: str,
        *,
        timeout: float = 15.0,
        watch: float = 5.0,
        max_seconds: float | None = None,
        resume_timeout: float = 60.0,
        reason: str | None = None,
    ) -> PauseContext:
        """A secure pause for the time of a ``with`` block, which cannot be forgotten.

        The body runs when the pause is proven; while it runs the call is watched, and paused again if it is found
        recorded. The end resumes, and proves it, unless the pause was found. SIGTERM and ``kill -9`` do not unwind
        Python: only a journal and ``gcrec recover`` cover those.

        Args:
            conversation_id: The conversation's id.
            timeout: How long to try to prove the pause, in seconds.
            watch: How often to look while the body runs, in seconds.
            max_seconds: After so many seconds the block resumes by itself, and its end raises PauseTooLongError.
            resume_timeout: How long to try to prove the resume, in seconds. It must exceed ``settle``.
            reason: Why, for the journal. Never a card number.

        Returns:
            A context manager that gives a :class:`PauseBlock`.

        Raises:
            NotProvenError: On entry: the pause did not show in time; what was sent is undone.
            NotRecordingError: On entry: there is nothing to pause.
            ConversationEndedError: On entry: the call ended.
            ResumeNotProvenError: At the end: the call may still be paused.
            PauseBrokenError: At the end: the call was recorded during the block; ``broken`` tells when.
            PauseTooLongError: At the end: the block outlasted ``max_seconds``.
            InvalidActionError: The tutorial's wire has no pause. Nothing was sent.
        """
        return self._raw.paused(conversation_id, timeout, watch, max_seconds, resume_timeout, reason)

    # -- many ----------------------------------------------------------------------------------------------------------

    def control_many(
        self,
        conversation_ids: Iterable[str],
        action: Action,
        *,
        concurrency: int = 64,
        journal: str | PathLike[str] | Journal | None = None,
        dry_run: bool = False,
    ) -> Bulk:
        """The same command to many. Nothing is sent until it is iterated, or ``run()``.

        Each id gets its :class:`Outcome`: ``accepted``, ``failed`` with its error, ``unknown`` where the command may
        have arrived and no answer came, or ``skipped`` where it was done before. One bad id never stops the others. An
        id that comes again is not commanded again.

        Args:
            conversation_ids: Any iterable, pulled as there is room. If it raises, what it gave before is
                settled, and then its error is raised.
            action: ``"start"``, ``"stop"``, ``"pause"`` or ``"resume"``.
            concurrency: Conversations at a time.
            journal: Makes it a run: if it is interrupted, the same call continues it. What was done is skipped, what
                failed is tried again, and a command whose fate is not known is settled by reading first: ``proven``
                if its effect shows, and else sent again, once it cannot act any more.
            dry_run: Send nothing at all: each valid id is ``skipped``. The journal is left alone.

        Raises:
            InvalidActionError: This wire does not have the action.
            JournalError: Once it is used: the journal has an unfinished run of another kind, or cannot be written.
        """
        many = self._raw.control_many(action, concurrency, path_of(journal), dry_run)
        return Bulk(many, conversation_ids)

    def ensure_many(
        self,
        conversation_ids: Iterable[str],
        target: Target,
        *,
        timeout: float = 15.0,
        concurrency: int = 256,
        journal: str | PathLike[str] | Journal | None = None,
        dry_run: bool = False,
    ) -> Bulk:
        """Makes the same so for many, and proves each. Nothing is sent until it is iterated, or ``run()``.

        Each id gets its :class:`Outcome`: ``proven``, ``already``, ``ended``, ``failed`` with its error, ``unknown``
        where a command may still act, or ``skipped`` where it was done before. One bad id never stops the others.

        Args:
            conversation_ids: Any iterable, pulled as there is room. If it raises, what it gave before is
                settled, and then its error is raised.
            target: ``"recording"``, ``"paused"`` or ``"stopped"``.
            timeout: How long to try each, in seconds. What is waited for the rate limit does not count.
            concurrency: Conversations at a time.
            journal: Makes it a run: if it is interrupted, the same call continues it. What was done is skipped, and all
                else is tried again; a command that was left open is settled first.
            dry_run: Read only: ``already``, ``ended`` and ``failed`` as they are, and ``skipped`` where a command would
                be sent. The journal is left alone.

        Raises:
            InvalidActionError: The tutorial's wire has no pause.
            JournalError: Once it is used: the journal has an unfinished run of another kind, or cannot be written.
        """
        many = self._raw.ensure_many(target, timeout, concurrency, path_of(journal), dry_run)
        return Bulk(many, conversation_ids)

    def recover(
        self, journal: str | PathLike[str] | Journal, *, max_age: float = 3600.0, force: bool = False
    ) -> BulkReport:
        """Settles what a process left behind in a journal: commands of unknown fate, and pauses of dead blocks.

        After ``settle`` what was under way has landed, and a look says what became of it. A dead block's pause is
        lifted at once. An unfinished run whose rows are settled so is closed. Living blocks are left alone.

        Args:
            journal: Which journal. It must not be held by another process.
            max_age: Older pauses are listed, not lifted, in seconds: the pause that is on may be somebody else's.
            force: Lift them all the same, and those of other clients.

        Returns:
            A report: ``proven`` and ``ended`` are settled, ``failed`` never acted, ``unknown`` is still open.

        Raises:
            JournalError: The journal is held by another process, or cannot be used.
        """
        return self._raw.recover(path_of(journal), max_age, force).wait()
