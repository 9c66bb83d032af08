"""``Simulator``: its options, its life and how clients reach it; what it does is written in Rust."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from gcrec._gcrec import SimulatorHandle
from gcrec.testing._steering import NOT_RUNNING, Steering
from gcrec.testing._values import ALL, PERMISSIONS, SCOPES, SimQueue, SimulatorError, SimUser

if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike
    from types import TracebackType

    from gcrec import AsyncClient, Client
    from gcrec._types import Api


def _span(seconds: float | tuple[float, float]) -> tuple[float, float]:
    """``(low, high)``, of which a single number is both."""
    return seconds if isinstance(seconds, tuple) else (seconds, seconds)


def _words(name: str, given: Iterable[str], every: tuple[str, ...]) -> list[str]:
    if isinstance(given, str):
        raise TypeError(f"{name} must be a collection of words, not one word")
    return list(every if given is ALL else given)


class Simulator(Steering):
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
        user_permissions: Iterable[str] = ALL,
        retry_after_header: bool = True,
        suppress_hold: bool = True,
        secure_pause: bool = True,
        start_needs_user: bool = False,
        transcoding: float = 0.0,
        search_lag: float = 0.0,
        search_repeats: int = 0,
        tls: bool = False,
        port: int = 0,
        appear_every: float | tuple[float, float] | None = None,
        last: float | tuple[float, float] = (30.0, 300.0),
        channel_lifetime: float = 86400,
        heartbeat: float = 30.0,
        max_channels: int = 20,
        max_topics: int = 1000,
    ) -> None:
        """Describes a simulator; it starts with ``with`` or :meth:`start`.

        Args:
            calls: How many active calls there are at the start. They end only when told to.
            propagation: Seconds from the 202 to the new state, or ``(low, high)`` to draw them from the seed.
            seed: Fixes every id, token, delay and chance.
            clock: ``"manual"`` stands still until :meth:`advance` moves it.
            rate_limit: Requests a token may make in a window, and a user ten times as many by all their tokens, as the
                vendor documents; None refuses nothing.
            rate_window: The window of the rate limit, in seconds.
            token_lifetime: How long a token is good for, in seconds.
            scopes: What tokens may do on the tutorial's wire.
            permissions: What the role of the OAuth client permits on the published API.
            user_permissions: What the role of the users permits there.
            retry_after_header: A 429 says in ``Retry-After`` when to come again; without it only in its message.
            suppress_hold: A hold suppresses the recording, as the vendor's setting "Suppress Recordings During Hold"
                does; without it a hold does not touch the recording.
            secure_pause: Answers of the published API say ``securePause``; without it, as in older organisations, a
                pause and a hold look alike.
            start_needs_user: Only a user may start and stop a participant's recording, as the documents allow for.
            transcoding: Seconds that a recording is transcoded when its media are first asked for: a 202 meanwhile.
            search_lag: How many seconds old the answers of the published API's search are.
            search_repeats: Rows of each page of the search that come again on the next; its totals then grow.
            tls: Serve HTTPS; trust :attr:`ca_pem` to reach it.
            port: The port on 127.0.0.1; 0 takes a free one.
            appear_every: Seconds from one call that comes by itself to the next, or ``(low, high)``; None: none comes.
            last: Seconds that such a call lasts, or ``(low, high)``.
            channel_lifetime: How long a notification channel lives, in seconds, from its making or from the last time
                that it was subscribed to something.
            heartbeat: Seconds from one heartbeat of a channel's socket to the next.
            max_channels: Notification channels of one user or client; one more ends the oldest.
            max_topics: Topics of one channel; one more is refused.
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
            "user_permissions": _words("user_permissions", user_permissions, PERMISSIONS),
            "retry_after_header": retry_after_header,
            "suppress_hold": suppress_hold,
            "secure_pause": secure_pause,
            "start_needs_user": start_needs_user,
            "transcoding": transcoding,
            "search_lag": search_lag,
            "search_repeats": search_repeats,
            "tls": tls,
            "port": port,
            "appear_every": None if appear_every is None else _span(appear_every),
            "last": _span(last),
            "channel_lifetime": channel_lifetime,
            "heartbeat": heartbeat,
            "max_channels": max_channels,
            "max_topics": max_topics,
        }
        self._handle = None
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

    def _fact(self, name: str) -> Any:
        if self._handle is None:
            raise RuntimeError(NOT_RUNNING)
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
    def users(self) -> list[SimUser]:
        """The users of the organisation."""
        return [SimUser(**user) for user in self._fact("directory")["users"]]

    @property
    def queues(self) -> list[SimQueue]:
        """The queues of the organisation."""
        return [SimQueue(**queue) for queue in self._fact("directory")["queues"]]
