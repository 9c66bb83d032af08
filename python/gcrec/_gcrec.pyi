"""The compiled core. Private: what users type is in ``gcrec``."""

from collections.abc import Generator, Iterator
from os import PathLike
from typing import Any, Generic, TypeVar, final

from gcrec._exceptions import GcrecError
from gcrec._types import OutcomeKind

_T_co = TypeVar("_T_co", covariant=True)

__all__ = [
    "BulkHandle",
    "BulkReport",
    "Operation",
    "Outcome",
    "Outcomes",
    "SimulatorHandle",
    "__version__",
    "_error_kinds",
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
def _shutdown() -> None: ...

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

    def give(self, ids: list[Any], /) -> int:
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

    def state(self) -> dict[str, Any]: ...
    def requests(self) -> list[dict[str, Any]]: ...
    def call(self, id: str) -> dict[str, Any]: ...
    def add_call(self, id: str | None, state: str, policy: bool) -> dict[str, Any]: ...
    def end_call(self, id: str) -> dict[str, Any]: ...
    def hold(self, id: str, on: bool) -> dict[str, Any]: ...
    def transfer(self, id: str) -> dict[str, Any]: ...
    def by_hand(self, id: str, action: str) -> dict[str, Any]: ...
    def fail(self, fault: str) -> dict[str, Any]:
        """``fault`` is JSON, with the names that users type."""

    def clear_faults(self) -> dict[str, Any]: ...
    def revoke_tokens(self) -> dict[str, Any]: ...
    def advance(self, seconds: float) -> dict[str, Any]: ...
