"""``Simulator``: names, documentation and export; what it does is written in Rust."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

from gcrec._gcrec import SimulatorHandle
from gcrec.testing._values import ALL, PERMISSIONS, SCOPES, Route, SimCommand, SimRequest, SimulatorError, State

if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike
    from types import TracebackType

    from gcrec import AsyncClient, Client
    from gcrec._types import Api

_NOT_RUNNING = "the simulator is not running: use it in a `with` block, or call start()"


def _span(seconds: float | tuple[float, float]) -> tuple[float, float]:
    """``(low, high)``, of which a single number is both."""
    return seconds if isinstance(seconds, tuple) else (seconds, seconds)


def _words(name: str, given: Iterable[str], every: tuple[str, ...]) -> list[str]:
    if isinstance(given, str):
        raise TypeError(f"{name} must be a collection of words, not one word")
    return list(every if given is ALL else given)


class Simulator:
    """A simulator of Genesys Cloud on loopback, over real HTTP.

    Use it as a context manager (``with`` or ``async with``); ``attach`` steers one that runs in another process. Safe
    to share between threads.
    """

    def __init__(
        self,
        calls: int = 3,
        *,
        propagation: float | tuple[float, float] = 0.5,
        seed: int = 0,
        clock: Literal["real", "manual"] = "real",
        rate_limit: int | None = None,
        rate_window: float = 60.0,
        token_lifetime: float = 86399,
        scopes: Iterable[str] = ALL,
        permissions: Iterable[str] = ALL,
        suppress_hold: bool = True,
        secure_pause: bool = True,
        tls: bool = False,
        port: int = 0,
        appear_every: float | tuple[float, float] | None = None,
        last: float | tuple[float, float] = (30.0, 300.0),
    ) -> None:
        """Describes a simulator; it starts with ``with`` or :meth:`start`.

        Args:
            calls: How many active calls there are at the start. They end only when told to.
            propagation: Seconds from the 202 to the new state, or ``(low, high)`` to draw them from the seed.
            seed: Fixes every id, token, delay and chance.
            clock: ``"manual"`` stands still until :meth:`advance` moves it.
            rate_limit: Requests a token may make in a window; None refuses nothing.
            rate_window: The window of the rate limit, in seconds.
            token_lifetime: How long a token is good for, in seconds.
            scopes: What tokens may do on the tutorial's wire.
            permissions: What the role of the OAuth client permits on the published API.
            suppress_hold: A hold suppresses the recording, as the vendor's setting "Suppress Recordings During Hold"
                does; without it a hold does not touch the recording.
            secure_pause: Answers of the published API say ``securePause``; without it, as in older organisations, a
                pause and a hold look alike.
            tls: Serve HTTPS; trust :attr:`ca_pem` to reach it.
            port: The port on 127.0.0.1; 0 takes a free one.
            appear_every: Seconds from one call that comes by itself to the next, or ``(low, high)``; None: none comes.
            last: Seconds that such a call lasts, or ``(low, high)``.
        """
        self._options: dict[str, Any] = {
            "calls": calls,
            "propagation": _span(propagation),
            "seed": seed,
            "clock": clock,
            "rate_limit": rate_limit,
            "rate_window": rate_window,
            "token_lifetime": token_lifetime,
            "scopes": _words("scopes", scopes, SCOPES),
            "permissions": _words("permissions", permissions, PERMISSIONS),
            "suppress_hold": suppress_hold,
            "secure_pause": secure_pause,
            "tls": tls,
            "port": port,
            "appear_every": None if appear_every is None else _span(appear_every),
            "last": _span(last),
        }
        self._handle: SimulatorHandle | None = None
        self._facts: dict[str, Any] = {}
        self._ca: Any = None

    @classmethod
    def attach(cls, base_url: str, *, ca_bundle: str | PathLike[str] | None = None) -> Simulator:
        """Reaches a simulator in another process, such as one that ``gcrec sim`` runs.

        Args:
            base_url: Where it listens.
            ca_bundle: A PEM file with its certificate authority, if it serves HTTPS.

        Raises:
            RuntimeError: Nothing answers there.
        """
        simulator = cls()
        simulator._took(SimulatorHandle.attach(base_url, ca_bundle))
        return simulator

    def client(self, **options: Any) -> Client:
        """A client of this simulator.

        On a manual clock it lives by that clock, without sockets: its calls do not wait in real time. Whenever
        everybody waits, time passes until something happens; while nobody waits it stands still, until
        :meth:`advance`.

        Args:
            options: Those of :class:`gcrec.Client`.
        """
        from gcrec import Client

        here = self._options_of_a_client(options)
        return Client._made_by(self._running.client, here)  # pyright: ignore[reportPrivateUsage]

    def async_client(self, **options: Any) -> AsyncClient:
        """Like :meth:`client`, for asyncio."""
        from gcrec import AsyncClient

        here = self._options_of_a_client(options)
        return AsyncClient._made_by(self._running.client, here)  # pyright: ignore[reportPrivateUsage]

    def _options_of_a_client(self, options: dict[str, Any]) -> dict[str, Any]:
        here = {"base_url": self.base_url}
        if "access_token" not in options:
            here.update(client_id=self.client_id, client_secret=self.client_secret)
        if self.ca_pem is not None and "ca_bundle" not in options:
            here["ca_bundle"] = self._ca_file()
        return {**here, **options}

    def _ca_file(self) -> str:
        """The certificate authority as a file, for as long as this object lives."""
        from tempfile import NamedTemporaryFile

        if self._ca is None:
            self._ca = NamedTemporaryFile("w", suffix=".pem")  # noqa: SIM115 - it lives as long as this object
            self._ca.write(str(self.ca_pem))
            self._ca.flush()
        return str(self._ca.name)

    def start(self) -> Simulator:
        """Starts it, unless it runs already.

        Raises:
            SimulatorError: An option makes no sense, or the port is taken.
        """
        if self._handle is None:
            self._took(SimulatorHandle.start(self._options))
        return self

    def stop(self) -> None:
        """Closes its port and its connections. One that was attached goes on."""
        if self._handle is not None:
            self._handle.stop()
            self._handle = None

    def __enter__(self) -> Simulator:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Simulator:
        return self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        where = self._facts["base_url"] if self._handle is not None else "not running"
        return f"<Simulator {where}>"

    def _took(self, handle: SimulatorHandle) -> None:
        facts = handle.state()
        if "base_url" not in facts:
            raise SimulatorError("what answers there is no simulator", "not_a_simulator")
        self._facts = facts
        self._handle = handle

    @property
    def _running(self) -> SimulatorHandle:
        if self._handle is None:
            raise RuntimeError(_NOT_RUNNING)
        return self._handle

    def _fact(self, name: str) -> Any:
        if self._handle is None:
            raise RuntimeError(_NOT_RUNNING)
        return self._facts[name]

    @property
    def base_url(self) -> str:
        """Where it listens."""
        return str(self._fact("base_url"))

    @property
    def client_id(self) -> str:
        """The id of its one OAuth client."""
        return str(self._fact("client_id"))

    @property
    def client_secret(self) -> str:
        """The secret of its one OAuth client."""
        return str(self._fact("client_secret"))

    @property
    def ca_pem(self) -> str | None:
        """The certificate authority to trust, as PEM; None without TLS."""
        pem: str | None = self._fact("ca_pem")
        return pem

    def env(self, api: Api = "events") -> dict[str, str]:
        """The environment variables that lead a script here."""
        return {
            "GENESYS_BASE_URL": self.base_url,
            "GENESYS_CLIENT_ID": self.client_id,
            "GENESYS_CLIENT_SECRET": self.client_secret,
            "GCREC_API": api,
        }

    @property
    def calls(self) -> list[str]:
        """The ids of the active calls, in the order of their appearance."""
        calls: list[str] = self._running.state()["calls"]
        return calls

    def add_call(self, id: str | None = None, *, state: State = "stopped", policy: bool = False) -> str:
        """A call begins.

        Args:
            id: Its id; None draws one from the seed.
            state: What its recording is like at first; ``"held"`` is recorded and on hold.
            policy: A policy records it from its beginning, and no command ends that recording; then ``"stopped"`` says
                nothing.

        Returns:
            Its id.

        Raises:
            SimulatorError: The id cannot be one, or is taken; or it shall be held without ``suppress_hold``.
        """
        return str(self._running.add_call(id, state, policy)["id"])

    def end_call(self, id: str) -> None:
        """A call ends, and its recording with it."""
        self._running.end_call(id)

    def hold(self, id: str, on: bool = True) -> None:
        """The agent puts a call on hold, or takes it back. At once: it is no command.

        Args:
            id: The call.
            on: False takes it back.

        Raises:
            SimulatorError: There is no such call, or it has ended.
        """
        self._running.hold(id, on)

    def transfer(self, id: str) -> None:
        """Another agent takes over a call, as a participant of its own, at once.

        The hold and the secure pause were the last agent's and end: what was paused is recorded again.

        Raises:
            SimulatorError: There is no such call, or it has ended.
        """
        self._running.transfer(id)

    def by_hand(self, id: str, action: Literal["start", "stop", "pause", "resume"]) -> None:
        """The agent of a call starts, stops, pauses or resumes on the vendor's screen.

        It takes effect like a command of the API, after the propagation and in the same order.

        Args:
            id: The call.
            action: What the agent presses.

        Raises:
            SimulatorError: There is no such call, or it has ended.
        """
        self._running.by_hand(id, action)

    def state(self, id: str) -> State:
        """What is recorded of a call now: the truth, not what was answered.

        Returns:
            ``"paused"`` in a secure pause, on hold or not; ``"held"`` where a hold suppresses the recording.
        """
        state: State = self._running.call(id)["state"]
        return state

    def commands(self, id: str) -> list[SimCommand]:
        """The commands that changed the recording of a call, oldest first."""
        return [SimCommand(**command) for command in self._running.call(id)["commands"]]

    @property
    def requests(self) -> list[SimRequest]:
        """What was asked, oldest first, without what steers the simulator."""
        return [SimRequest(**request) for request in self._running.requests()]

    def fail(
        self,
        route: Route = "*",
        *,
        times: int | None = 1,
        probability: float = 1.0,
        status_code: int | None = None,
        effect: bool = False,
        retry_after: float | str | None = None,
        delay: float | None = None,
        reset: Literal["before", "after"] | None = None,
        truncate: bool = False,
        garbage: bool = False,
        slow: bool = False,
        never: bool = False,
        late: float | None = None,
    ) -> None:
        """Something shall go wrong.

        Args:
            route: Where: the token endpoint, listings of calls, commands, reads of one call, or everywhere.
            times: How many requests it strikes; None strikes until :meth:`clear_faults`.
            probability: How likely it strikes a request, drawn from the seed.
            status_code: This status in place of the answer, without effect.
            effect: With ``status_code``: the request has its effect all the same.
            retry_after: With ``status_code``: the ``Retry-After`` header, in seconds or as the text to send.
            delay: Seconds, on the simulator's clock, before the answer.
            reset: The connection dies; ``"before"`` the effect, or ``"after"`` it, so that the answer is lost.
            truncate: The effect, and half of the answer.
            garbage: The effect, and an answer that is no JSON.
            slow: The effect, and an answer that trickles.
            never: The command is accepted, and then nothing happens.
            late: The command takes effect only so many seconds after it was sent, whatever was answered meanwhile; with
                ``reset="after"``, or with ``status_code`` and ``effect``.

        Raises:
            SimulatorError: The fault asks for nothing, or for things that exclude each other.
        """
        fault = {name: value for name, value in locals().items() if name != "self"}
        self._running.fail(json.dumps(fault))

    def clear_faults(self) -> None:
        """Nothing shall go wrong any more."""
        self._running.clear_faults()

    def revoke_tokens(self) -> None:
        """No token that was issued is good any more."""
        self._running.revoke_tokens()

    def advance(self, seconds: float) -> None:
        """Moves the manual clock.

        Raises:
            SimulatorError: It runs on the real clock.
        """
        self._running.advance(seconds)
