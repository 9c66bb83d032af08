"""The compiled core. Private: what users type is in ``gcrec``."""

from collections.abc import Generator, Iterable, Iterator
from datetime import datetime
from os import PathLike
from types import TracebackType
from typing import Any, Generic, Literal, TypeVar, final

from typing_extensions import disjoint_base

from gcrec._exceptions import GcrecError
from gcrec._types import Action, CallSource, OutcomeKind, State, Target

_T_co = TypeVar("_T_co", covariant=True)

__all__ = [
    "Annotation",
    "BulkHandle",
    "BulkReport",
    "CallConnected",
    "CallEnded",
    "CallHeld",
    "ClientHandle",
    "Conversation",
    "Event",
    "EventsGap",
    "JournalEntry",
    "JournalHandle",
    "JournalRun",
    "LoginHandle",
    "Operation",
    "Outcome",
    "Outcomes",
    "Participant",
    "Pause",
    "PauseAlarm",
    "PauseBlock",
    "PauseContext",
    "Proof",
    "Receipt",
    "Recording",
    "RecordingPaused",
    "RecordingResumed",
    "RecordingStarted",
    "RecordingStatus",
    "RecordingStopped",
    "SimulatorHandle",
    "StreamHandle",
    "__version__",
    "_error_kinds",
    "_forked",
    "_permissions",
    "_restore",
    "_shutdown",
    "check_recording_status",
    "control_recording",
    "get_access_token",
    "get_active_voice_call",
    "main",
]

__version__: str

@final
class Operation(Generic[_T_co]):
    """One call that has not been made yet. Dropped unused, it sends nothing."""

    def wait(self) -> _T_co:
        """Makes the call and waits for its result."""

    def __await__(self) -> Generator[Any, Any, _T_co]:
        """Makes the call on the running asyncio loop."""

@final
class StreamHandle(Generic[_T_co]):
    """Results that come one by one: planned, then begun, once."""

    def next(self) -> Operation[bool]:
        """Waits until there is more to take; False: that was all."""

    def take(self) -> _T_co | None:
        """The next of those that have come; None: there is none yet."""

    def is_over(self) -> bool:
        """Is it certain that there are no more?"""

    def close(self) -> None:
        """No more are wanted."""

    def source(self) -> CallSource | None:
        """Where the results come from, in a word."""

    def refused(self) -> dict[str, list[str]]:
        """The topics that the server refuses, each with the permissions that are missing."""

def get_access_token(
    client_id: str,
    client_secret: str,
    base_url: str,
    timeout: float,
    max_retries: int,
    api: str,
    ca_bundle: str | PathLike[str] | None,
) -> Operation[str]: ...
def get_active_voice_call(
    access_token: str,
    base_url: str,
    timeout: float,
    max_retries: int,
    api: str,
    ca_bundle: str | PathLike[str] | None,
) -> Operation[dict[str, Any] | None]: ...
def control_recording(
    access_token: str,
    base_url: str,
    conversation_id: str,
    action: str,
    timeout: float,
    max_retries: int,
    api: str,
    ca_bundle: str | PathLike[str] | None,
) -> Operation[dict[str, Any]]: ...
def check_recording_status(
    access_token: str,
    base_url: str,
    conversation_id: str,
    timeout: float,
    max_retries: int,
    api: str,
    ca_bundle: str | PathLike[str] | None,
) -> Operation[dict[str, Any] | None]: ...
def main(arguments: list[str]) -> int: ...
def _error_kinds() -> list[str]: ...
def _permissions() -> list[tuple[str, str, list[str], list[str]]]: ...
def _forked() -> None: ...
def _shutdown() -> None: ...

@disjoint_base
class Event:
    """Something happened to a call, or may have. Frozen, comparable, picklable."""

    @property
    def conversation_id(self) -> str | None:
        """Of which conversation; None for a gap in all that is followed."""

    @property
    def participant_id(self) -> str | None:
        """Of which participant; for a recording that of the agent, if there is one."""

    @property
    def user_id(self) -> str | None:
        """Who that participant is, if it is a user."""

    @property
    def queue_id(self) -> str | None:
        """The queue that led the call to that participant."""

    @property
    def at(self) -> datetime:
        """When it was noticed (aware, UTC)."""

    @property
    def state(self) -> State | None:
        """The verdict over the recording since then."""

    @property
    def before(self) -> State | None:
        """The verdict that was told last; None: the call was seen for the first time, and may have been so before."""

    @property
    def seen_by(self) -> Literal["event", "read"] | None:
        """``"event"``: told when it happened. ``"read"``: found later, in a read."""

    def to_dict(self) -> dict[str, Any]:
        """The fields and their values, and under ``event`` the name of the class."""

@final
class RecordingStarted(Event):
    """The call is recorded now."""

    @property
    def conversation_id(self) -> str:
        """Of which conversation."""

    @property
    def state(self) -> State:
        """The verdict over the recording since then."""

    @property
    def seen_by(self) -> Literal["event", "read"]:
        """``"event"``: told when it happened. ``"read"``: found later, in a read."""

@final
class RecordingPaused(Event):
    """A secure pause is on."""

    @property
    def conversation_id(self) -> str:
        """Of which conversation."""

    @property
    def state(self) -> State:
        """The verdict over the recording since then."""

    @property
    def seen_by(self) -> Literal["event", "read"]:
        """``"event"``: told when it happened. ``"read"``: found later, in a read."""

@final
class RecordingResumed(Event):
    """The secure pause is over, or recording goes on after a hold."""

    @property
    def conversation_id(self) -> str:
        """Of which conversation."""

    @property
    def state(self) -> State:
        """The verdict over the recording since then."""

    @property
    def seen_by(self) -> Literal["event", "read"]:
        """``"event"``: told when it happened. ``"read"``: found later, in a read."""

@final
class RecordingStopped(Event):
    """The call is not recorded any more, and goes on."""

    @property
    def conversation_id(self) -> str:
        """Of which conversation."""

    @property
    def state(self) -> State:
        """The verdict over the recording since then."""

    @property
    def seen_by(self) -> Literal["event", "read"]:
        """``"event"``: told when it happened. ``"read"``: found later, in a read."""

@final
class CallHeld(Event):
    """Somebody was put on hold, or recording is suppressed as on hold."""

    @property
    def conversation_id(self) -> str:
        """Of which conversation."""

    @property
    def state(self) -> State:
        """The verdict over the recording since then."""

    @property
    def seen_by(self) -> Literal["event", "read"]:
        """``"event"``: told when it happened. ``"read"``: found later, in a read."""

@final
class CallConnected(Event):
    """Somebody was connected, or taken off hold."""

    @property
    def conversation_id(self) -> str:
        """Of which conversation."""

    @property
    def state(self) -> State:
        """The verdict over the recording since then."""

    @property
    def seen_by(self) -> Literal["event", "read"]:
        """``"event"``: told when it happened. ``"read"``: found later, in a read."""

@final
class CallEnded(Event):
    """Nobody is on the call any more."""

    @property
    def conversation_id(self) -> str:
        """Of which conversation."""

    @property
    def state(self) -> State:
        """The verdict over the recording since then."""

    @property
    def seen_by(self) -> Literal["event", "read"]:
        """``"event"``: told when it happened. ``"read"``: found later, in a read."""

@final
class EventsGap(Event):
    """Nobody listened for a while. What differs since then is told after it, what changed back meanwhile is not."""

    @property
    def since(self) -> datetime:
        """The last sign of life before it."""

    @property
    def until(self) -> datetime:
        """From here on everything is told again."""

    @property
    def reason(self) -> Literal["broken", "closing", "silent", "renewed", "slow_reader", "unreadable"]:
        """Why."""

@final
class PauseAlarm(Event):
    """A secure pause has lasted longer than it may. Told once for each pause."""

    @property
    def conversation_id(self) -> str:
        """Of which conversation."""

    @property
    def state(self) -> State:
        """``"paused"``."""

    @property
    def seen_by(self) -> Literal["event", "read"]:
        """How the pause was noticed. ``"read"``: it may have been on for longer."""

    @property
    def paused_at(self) -> datetime:
        """When the pause was noticed."""

    @property
    def lasted(self) -> float:
        """So long it has lasted at least, in seconds."""

    @property
    def confirmed(self) -> bool:
        """A read just then showed the pause. False: it could not be read, and nothing says that the pause is over."""

@final
class RecordingStatus:
    """The state of a conversation's recording: the verdict over all that the server says."""

    @property
    def conversation_id(self) -> str:
        """Of which conversation."""

    @property
    def state(self) -> State:
        """The verdict."""

    @property
    def active(self) -> bool | None:
        """Is the call live? None on the tutorial's wire, which does not say."""

    @property
    def basis(self) -> Literal["securePause", "recordingState", "status"]:
        """Which of the server's fields the verdict rests on. With ``recordingState`` a hold may look like a pause."""

    @property
    def observed_at(self) -> datetime:
        """When the server said so (aware, UTC)."""

    @property
    def raw(self) -> dict[str, Any]:
        """The server's own JSON."""

    def to_dict(self) -> dict[str, Any]:
        """The fields and their values; nested ones as dicts too."""

    def __hash__(self) -> int: ...
    def __eq__(self, value: object, /) -> bool: ...
    @staticmethod
    def _load(text: str) -> RecordingStatus: ...

@final
class Receipt:
    """The server took a command. That is no proof that it acted."""

    @property
    def conversation_id(self) -> str:
        """To which conversation."""

    @property
    def action(self) -> Action:
        """What was commanded."""

    @property
    def status_code(self) -> int:
        """The HTTP status code of the answer."""

    @property
    def attempts(self) -> int:
        """Requests sent for it, repeats included."""

    @property
    def sent_at(self) -> datetime:
        """When it was sent (aware, UTC)."""

    @property
    def elapsed(self) -> float:
        """From then to the answer, in seconds."""

    @property
    def correlation_id(self) -> str | None:
        """The server's id of the exchange: name it to the vendor's support."""

    @property
    def raw(self) -> dict[str, Any]:
        """The server's own JSON; empty where it sent none."""

    def to_dict(self) -> dict[str, Any]:
        """The fields and their values; nested ones as dicts too."""

    def __hash__(self) -> int: ...
    def __eq__(self, value: object, /) -> bool: ...
    @staticmethod
    def _load(text: str) -> Receipt: ...

@final
class Proof:
    """The server said that what was wanted is so, and no command of ours could still change it."""

    @property
    def conversation_id(self) -> str:
        """Of which conversation."""

    @property
    def target(self) -> Target:
        """What was wanted."""

    @property
    def state(self) -> State:
        """The state that shows it."""

    @property
    def before(self) -> State | None:
        """The state before; None where the server knew of none."""

    @property
    def commands_sent(self) -> int:
        """Commands that were sent for it: 0 if it held already."""

    @property
    def receipt(self) -> Receipt | None:
        """Of the last command that was taken."""

    @property
    def polls(self) -> int:
        """Reads, the first included."""

    @property
    def elapsed(self) -> float:
        """From the beginning to the proof, in seconds."""

    @property
    def observed_at(self) -> datetime:
        """When the server said so (aware, UTC)."""

    def to_dict(self) -> dict[str, Any]:
        """The fields and their values; nested ones as dicts too."""

    def __hash__(self) -> int: ...
    def __eq__(self, value: object, /) -> bool: ...
    @staticmethod
    def _load(text: str) -> Proof: ...

@final
class Participant:
    """Somebody who takes part in a call, without name and number."""

    @property
    def id(self) -> str | None:
        """The participant's id."""

    @property
    def purpose(self) -> str | None:
        """``customer``, ``agent``, ``ivr``, or the server's own word."""

    @property
    def state(self) -> str | None:
        """The state of the participant's connection."""

    @property
    def user_id(self) -> str | None:
        """Who that is, in the organisation's directory. A customer has none; the tutorial's wire does not say."""

    @property
    def queue_id(self) -> str | None:
        """Through which queue the call came, or which queue that is."""

    def to_dict(self) -> dict[str, Any]:
        """The fields and their values; nested ones as dicts too."""

    def __hash__(self) -> int: ...
    def __eq__(self, value: object, /) -> bool: ...
    @staticmethod
    def _load(text: str) -> Participant: ...

@final
class Conversation:
    """A call, as far as its recording is concerned. Names and numbers are in ``raw`` only."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def state(self) -> str | None:
        """``active`` or ``ended``, or the server's own word."""

    @property
    def media(self) -> str | None:
        """``voice``."""

    @property
    def direction(self) -> str | None:
        """``inbound`` or ``outbound``."""

    @property
    def started_at(self) -> datetime | None:
        """When it began (aware, UTC)."""

    @property
    def participants(self) -> tuple[Participant, ...]:
        """Who takes part, in the server's order."""

    @property
    def raw(self) -> dict[str, Any]:
        """The server's own JSON."""

    def to_dict(self) -> dict[str, Any]:
        """The fields and their values; nested ones as dicts too."""

    def __hash__(self) -> int: ...
    def __eq__(self, value: object, /) -> bool: ...
    @staticmethod
    def _load(text: str) -> Conversation: ...

@final
class Recording:
    """One recording of a conversation. What the server does not say is None; its words are its own."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def conversation_id(self) -> str:
        """Of which conversation."""

    @property
    def start_time(self) -> datetime | None:
        """When it begins (aware, UTC); None where there is nothing to be played."""

    @property
    def end_time(self) -> datetime | None:
        """When it ends (aware, UTC)."""

    @property
    def media(self) -> str | None:
        """What it is of: ``audio``, ``screen``."""

    @property
    def media_subtype(self) -> str | None:
        """Where it was taken: ``Trunk``, ``Station``, ``Consult``, ``Screen``, ``Snippet``."""

    @property
    def file_state(self) -> str | None:
        """What has become of its file: ``AVAILABLE``, ``ARCHIVED``, ``DELETED``, ..."""

    @property
    def recording_file_role(self) -> str | None:
        """Who made it: ``CUSTOMER_EXPERIENCE`` (a policy) or ``ADHOC`` (on demand)."""

    @property
    def session_id(self) -> str | None:
        """Of which session of the conversation."""

    @property
    def output_duration_ms(self) -> int | None:
        """How long what can be played is, in milliseconds."""

    @property
    def media_uris(self) -> dict[str, str]:
        """Where its media are; empty unless the server says. Whoever has such an address can listen."""

    @property
    def annotations(self) -> tuple[Annotation, ...]:
        """What is noted along it, pauses among others."""

    @property
    def raw(self) -> dict[str, Any]:
        """The server's own JSON."""

    def to_dict(self) -> dict[str, Any]:
        """The fields and their values; nested ones as dicts too."""

    def __hash__(self) -> int: ...
    def __eq__(self, value: object, /) -> bool: ...
    @staticmethod
    def _load(text: str) -> Recording: ...

@final
class Annotation:
    """A note along a recording. Its text, which may hold anything, is in the recording's ``raw``."""

    @property
    def id(self) -> str | None:
        """Its id, which all pauses of a recording share."""

    @property
    def type(self) -> str | None:
        """Of which kind, in the server's word."""

    @property
    def reason(self) -> str | None:
        """Why, if it is a pause: ``SecurePause``, ``Hold``, ``FlowOrQueue``, ``Pause``."""

    @property
    def location(self) -> int | None:
        """Where it begins, in milliseconds. The API does not say whether pauses before it count."""

    @property
    def duration_ms(self) -> int | None:
        """How long it lasts, in milliseconds."""

    @property
    def realtime_location(self) -> int | None:
        """Where it begins in real time, pauses before it included, in milliseconds."""

    @property
    def absolute_location(self) -> int | None:
        """Where it begins in what can be played, pauses before it taken out, in milliseconds."""

    def to_dict(self) -> dict[str, Any]:
        """The fields and their values; nested ones as dicts too."""

    def __hash__(self) -> int: ...
    def __eq__(self, value: object, /) -> bool: ...
    @staticmethod
    def _load(text: str) -> Annotation: ...

@final
class Pause:
    """A pause in a recording, as its annotations tell of it."""

    @property
    def conversation_id(self) -> str:
        """In which conversation."""

    @property
    def recording_id(self) -> str:
        """In which recording."""

    @property
    def reason(self) -> str | None:
        """Why: ``SecurePause``, ``Hold``, ``FlowOrQueue``, ``Pause``, or the server's own word."""

    @property
    def start(self) -> datetime | None:
        """When it began (aware, UTC); None where the server does not say enough."""

    @property
    def end(self) -> datetime | None:
        """When it ended (aware, UTC)."""

    @property
    def duration(self) -> float | None:
        """How long it was, in seconds."""

    @property
    def basis(self) -> Literal["realtimeLocation", "location"] | None:
        """Which of the server's fields ``start`` rests on. With ``location`` one after others may be later."""

    def to_dict(self) -> dict[str, Any]:
        """The fields and their values; nested ones as dicts too."""

    def __hash__(self) -> int: ...
    def __eq__(self, value: object, /) -> bool: ...
    @staticmethod
    def _load(text: str) -> Pause: ...

@final
class JournalEntry:
    """One row of a journal (``docs/journal.md``)."""

    @property
    def id(self) -> int:
        """Its number, in the order of the intents."""

    @property
    def run(self) -> int | None:
        """The run that it is a part of."""

    @property
    def block(self) -> int | None:
        """The pause block that it is a part of."""

    @property
    def client_id(self) -> str:
        """Who: the OAuth client id."""

    @property
    def operation(self) -> str:
        """What was asked for: ``stop``, ``ensure``, ``block``, ..."""

    @property
    def action(self) -> Action | None:
        """What was sent; None: nothing."""

    @property
    def target(self) -> Target | None:
        """What an ensure wanted."""

    @property
    def conversation_id(self) -> str:
        """Which conversation."""

    @property
    def state_before(self) -> State | None:
        """What was read before."""

    @property
    def basis(self) -> str | None:
        """The field that it was read from."""

    @property
    def phase(self) -> str | None:
        """How far a block is: ``intent``, ``paused``, ``resuming``, ``closed``."""

    @property
    def intent_at(self) -> datetime:
        """When the intent was written (aware, UTC)."""

    @property
    def pid(self) -> int:
        """The process that wrote it."""

    @property
    def status_code(self) -> int | None:
        """The status code of the answer."""

    @property
    def error_code(self) -> str | None:
        """The server's code for what went wrong, or ours."""

    @property
    def correlation_id(self) -> str | None:
        """The server's id for the exchange."""

    @property
    def reason(self) -> str | None:
        """Why, in the user's words."""

    @property
    def state(self) -> State | None:
        """What was read last."""

    @property
    def outcome(self) -> str | None:
        """What became of it; None: not known yet."""

    @property
    def outcome_at(self) -> datetime | None:
        """When that was written (aware, UTC)."""

    def to_dict(self) -> dict[str, Any]:
        """The fields and their values; nested ones as dicts too."""

    def __hash__(self) -> int: ...
    def __eq__(self, value: object, /) -> bool: ...
    @staticmethod
    def _load(text: str) -> JournalEntry: ...

@final
class JournalRun:
    """One call of ``control_many`` or ``ensure_many``."""

    @property
    def id(self) -> int:
        """Its number."""

    @property
    def kind(self) -> str:
        """What it does: ``stop``, ``ensure stopped``."""

    @property
    def started_at(self) -> datetime:
        """When it was begun for the first time (aware, UTC)."""

    @property
    def finished_at(self) -> datetime | None:
        """When it was closed; None: it is unfinished."""

    def to_dict(self) -> dict[str, Any]:
        """The fields and their values; nested ones as dicts too."""

    def __hash__(self) -> int: ...
    def __eq__(self, value: object, /) -> bool: ...
    @staticmethod
    def _load(text: str) -> JournalRun: ...

@final
class PauseBlock:
    """A pause block while it lives, and after."""

    @property
    def proof(self) -> Proof | None:
        """That the call was paused when the body began."""

    @property
    def owner(self) -> Literal["self", "other"] | None:
        """Whose pause it is. ``"other"``: it was found, and stays when the block ends."""

    @property
    def broken(self) -> tuple[tuple[datetime, datetime | None], ...]:
        """The times in which the call was recorded; the end is None where the pause was not seen again."""

@final
class PauseContext:
    """A secure pause for the time of a ``with`` block."""

    def __enter__(self) -> PauseBlock:
        """Proves the pause."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        """Resumes, and proves it; False: the body's own error goes on."""

    def enter(self) -> Operation[None]: ...
    def left(self) -> Operation[None]: ...
    def leave(self) -> None: ...
    def interrupt(self) -> None: ...
    def is_ours(self) -> bool: ...
    def block(self) -> PauseBlock: ...

def _restore(name: str, text: str) -> Any: ...

@final
class ClientHandle:
    """A client, and how its calls are made."""

    @staticmethod
    def make(options: dict[str, Any], journal: str | PathLike[str] | None) -> ClientHandle: ...
    @staticmethod
    def make_from_env(options: dict[str, Any], journal: str | PathLike[str] | None) -> ClientHandle: ...
    @staticmethod
    def make_for_login(options: dict[str, Any], journal: str | PathLike[str] | None) -> ClientHandle: ...
    def with_options(
        self, timeout: float | None, max_retries: int | None, settle_after: float | None, others: dict[str, Any]
    ) -> ClientHandle: ...
    def close(self) -> None: ...
    def describe(self) -> str: ...
    def source(self) -> dict[str, Any]: ...
    def active_calls(self, limit: int | None, days: int) -> StreamHandle[Conversation]: ...
    def events(
        self, conversations: Iterable[str], queues: Iterable[str], users: Iterable[str]
    ) -> StreamHandle[Event]: ...
    def watch(
        self, conversations: Iterable[str], queues: Iterable[str], users: Iterable[str], max_pause: float | None
    ) -> StreamHandle[Event]: ...
    def recordings(self, conversation_id: str, media: str | None) -> Operation[list[Recording]]: ...
    def pauses(self, conversation_id: str) -> Operation[list[Pause]]: ...
    def conversation(self, conversation_id: str) -> Operation[Conversation]: ...
    def status(self, conversation_id: str) -> Operation[RecordingStatus]: ...
    def start(self, conversation_id: str, participant: str | None, recorder: str) -> Operation[Receipt]: ...
    def stop(self, conversation_id: str, participant: str | None, recorder: str) -> Operation[Receipt]: ...
    def pause(self, conversation_id: str) -> Operation[Receipt]: ...
    def resume(self, conversation_id: str) -> Operation[Receipt]: ...
    def ensure(self, conversation_id: str, target: str, timeout: float, resume_paused: bool) -> Operation[Proof]: ...
    def wait_until(self, conversation_id: str, target: str, timeout: float) -> Operation[RecordingStatus]: ...
    def control_many(
        self, action: str, concurrency: int, journal: str | PathLike[str] | None, dry_run: bool
    ) -> BulkHandle: ...
    def ensure_many(
        self, target: str, timeout: float, concurrency: int, journal: str | PathLike[str] | None, dry_run: bool
    ) -> BulkHandle: ...
    def recover(self, journal: str | PathLike[str], max_age: float, force: bool) -> Operation[BulkReport]: ...
    def paused(
        self,
        conversation_id: str,
        timeout: float,
        watch: float,
        max_seconds: float | None,
        resume_timeout: float,
        reason: str | None,
    ) -> PauseContext: ...

@final
class LoginHandle:
    """A user's login that has begun."""

    @staticmethod
    def begin(client: ClientHandle, redirect_port: int, login_timeout: float) -> LoginHandle: ...
    @property
    def address(self) -> str: ...
    def open_browser(self) -> Operation[bool]: ...
    def finish(self) -> Operation[None]: ...

@final
class JournalHandle:
    """Reads a journal."""

    def __new__(cls, path: str | PathLike[str]) -> JournalHandle: ...
    def path(self) -> str: ...
    def entries(self, after: int, most: int) -> list[JournalEntry]: ...
    def pending(self) -> list[JournalEntry]: ...
    def runs(self) -> list[JournalRun]: ...

@final
class Outcome:
    """What became of one of many conversations."""

    @property
    def conversation_id(self) -> str:
        """Its id, as it came."""

    @property
    def kind(self) -> OutcomeKind:
        """What became of it, in a word."""

    @property
    def proof(self) -> Proof | None:
        """What was proven."""

    @property
    def receipt(self) -> Receipt | None:
        """What was accepted."""

    @property
    def error(self) -> GcrecError | None:
        """Why it failed, or is unknown."""

    def to_dict(self) -> dict[str, Any]:
        """The fields and their values; nested ones as dicts too, the error with its type, its words and its facts."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class BulkReport:
    """What became of many conversations. ``str()`` of it is a text for people."""

    @property
    def operation(self) -> str:
        """What was to be done: ``"stop"``, ``"ensure stopped"``."""

    @property
    def dry_run(self) -> bool:
        """Nothing was to be sent."""

    @property
    def complete(self) -> bool:
        """Every id has its outcome. False where it was stopped, or still goes on."""

    @property
    def counts(self) -> dict[OutcomeKind, int]:
        """How many there are of each kind, zeros included."""

    @property
    def total(self) -> int:
        """How many have an outcome."""

    @property
    def elapsed(self) -> float:
        """Seconds from the first use to the end."""

    @property
    def first_failures(self) -> tuple[Outcome, ...]:
        """The first that failed or are unknown, at most 1,000."""

    @property
    def slowest(self) -> tuple[tuple[str, float], ...]:
        """The ids of the ten that took longest, with their seconds."""

    def outcomes(self) -> Iterator[Outcome]:
        """All outcomes, one for each conversation, read from the journal in constant memory.

        They hold neither proof, receipt nor error: the entries of the journal say what it knows of those.

        Raises:
            ConfigError: There was no journal.
        """

    def to_dict(self) -> dict[str, Any]:
        """The fields and their values; nested ones as dicts too."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Outcomes:
    """The outcomes of a run, read from its journal."""

    def __iter__(self) -> Outcomes: ...
    def __next__(self) -> Outcome: ...

@final
class BulkHandle:
    """Many conversations: planned, then begun, once."""

    def begin(self) -> None:
        """Finds the client, takes the journal, begins to work."""

    def room(self) -> int:
        """For how many ids there is room; 0 unless there is enough to be worth a batch."""

    def give(self, ids: list[Any]) -> int:
        """Takes ids in; gives the room that is left. What is no id at all gets its outcome at once."""

    def end_intake(self, all: bool) -> None:
        """No more ids come. `all`: those were all."""

    def next(self, hungry: bool, keep: bool) -> Operation[list[Outcome] | None]:
        """Waits for outcomes; an empty list: there is room for ids, or some were counted; None: it is over."""

    def wait_for_room(self) -> Operation[int]:
        """Waits until there is room for ids again."""

    def stop(self) -> None:
        """Stops now: what is under way is cut off."""

    def close(self) -> None:
        """Stops, and lets go of the journal."""

    def done(self) -> int:
        """How many have their outcome."""

    def report(self) -> BulkReport:
        """What became of all so far."""

    def operation(self) -> str:
        """What it does, in a word or two."""

@final
class SimulatorHandle:
    """A simulator in this process, or one in another process that is steered from here."""

    @staticmethod
    def start(options: dict[str, Any]) -> SimulatorHandle:
        """Starts a simulator in this process."""

    @staticmethod
    def attach(base_url: str, ca_bundle: str | PathLike[str] | None) -> SimulatorHandle:
        """Reaches a simulator that runs in another process."""

    def stop(self) -> None:
        """Stops it, if it runs in this process; forgets it otherwise."""

    def client(self, options: dict[str, Any], journal: str | PathLike[str] | None) -> ClientHandle:
        """A client of this simulator; it lives by a manual clock, if there is one."""

    def state(self) -> dict[str, Any]: ...
    def requests(self) -> list[dict[str, Any]]: ...
    def call(self, id: str) -> dict[str, Any]: ...
    def add_call(self, new: dict[str, Any]) -> dict[str, Any]:
        """``new`` has the names that users type."""

    def end_call(self, id: str) -> dict[str, Any]: ...
    def hold(self, id: str, on: bool) -> dict[str, Any]: ...
    def transfer(self, id: str) -> dict[str, Any]: ...
    def consult(self, id: str) -> dict[str, Any]: ...
    def conference(self, id: str) -> dict[str, Any]: ...
    def by_hand(self, id: str, action: str) -> dict[str, Any]: ...
    def fail(self, fault: str) -> dict[str, Any]:
        """``fault`` is JSON, with the names that users type."""

    def clear_faults(self) -> dict[str, Any]: ...
    def channels(self) -> list[dict[str, Any]]: ...
    def drop_sockets(self) -> dict[str, Any]: ...
    def close_sockets(self, notice: float) -> dict[str, Any]: ...
    def mute_heartbeat(self, on: bool) -> dict[str, Any]: ...
    def stall_sockets(self, on: bool) -> dict[str, Any]: ...
    def user_token(self, user: str) -> dict[str, Any]: ...
    def revoke_tokens(self, refresh_tokens: bool) -> dict[str, Any]: ...
    def advance(self, seconds: float) -> dict[str, Any]: ...
