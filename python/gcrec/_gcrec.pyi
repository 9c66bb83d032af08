"""The compiled core. Private: what users type is in ``gcrec``."""

from collections.abc import Generator
from os import PathLike
from typing import Any, Generic, TypeVar, final

_T_co = TypeVar("_T_co", covariant=True)

__all__ = [
    "Operation",
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
