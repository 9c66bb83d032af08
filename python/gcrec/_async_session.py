"""``AsyncSession``: ``Session`` for asyncio, made from it by ``scripts/derive_async_client.py``: change that one."""

from __future__ import annotations

from gcrec import _gcrec
from gcrec._journal import path_of
from gcrec._login import tell_address

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from os import PathLike
    from types import TracebackType
    from typing import Any, TypeVar

    from gcrec._journal import Journal
    from gcrec._types import Api

    Self = TypeVar("Self", bound="AsyncSession")


class AsyncSession:
    """The part of a ``Client`` that says where, for whom and how."""

    _raw: _gcrec.ClientHandle
    _make = _gcrec.ClientHandle.make

    def __init__(
        self,
        base_url: str | None = None,
        *,
        region: str | None = None,
        login_url: str | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        access_token: str | None = None,
        api: Api = "auto",
        timeout: float = 30.0,
        connect_timeout: float = 5.0,
        max_retries: int = 3,
        rate_limit: float | None = None,
        settle: float = 10.0,
        max_connections: int = 64,
        ca_bundle: str | PathLike[str] | None = None,
        proxy: str | None = None,
        token_cache: bool | str | PathLike[str] = False,
        journal: str | PathLike[str] | Journal | None = None,
    ) -> None:
        """Describes a client.

        Args:
            base_url: Where the server is. https, unless it is this machine. A gateway's may have a path.
            region: A region of Genesys Cloud instead, by its AWS name, its domain or its URL: ``"eu-west-1"``,
                ``"mypurecloud.ie"``.
            login_url: Where one logs in, if a gateway has that elsewhere. Credentials go there and nowhere else.
            client_id: The OAuth client's id; with ``client_secret``.
            client_secret: The OAuth client's secret.
            access_token: A token instead of both. It is not renewed.
            api: ``"events"`` for the tutorial's wire, ``"platform"`` for the published API, ``"auto"`` by the host.
            timeout: Bound on each call, connecting, repeats and waits included, in seconds.
            connect_timeout: Bound on making a connection, in seconds.
            max_retries: How often a request may be repeated; a command only if it certainly was not acted on.
            rate_limit: Requests a minute, spread evenly. None learns the limit from the server: on the published API
                300 a minute until its headers say otherwise.
            settle: How long a command of ours may take to land after its attempt, in seconds. It must exceed the
                longest propagation; nothing is called proven while one is open.
            max_connections: Requests in flight at once.
            ca_bundle: A PEM file, or a directory of them, with more certificates to trust.
            proxy: A proxy's URL, instead of what the environment names.
            token_cache: Keep tokens in a file that only its owner can read (0600), so that short scripts do not spend
                one each: True for ``gcrec/tokens.json`` in the user's cache folder, or a path.
            journal: A file (SQLite, 0600) that every command is written to before it leaves, and what became of it
                after. It belongs to this process until all its clients are closed.

        Raises:
            ConfigError: Something of this cannot work.
            JournalError: The journal is held by another process, or cannot be written.
        """
        self._raw = self._make(
            {
                "base_url": base_url,
                "region": region,
                "login_url": login_url,
                "client_id": client_id,
                "client_secret": client_secret,
                "access_token": access_token,
                "api": api,
                "timeout": timeout,
                "connect_timeout": connect_timeout,
                "max_retries": max_retries,
                "rate_limit": rate_limit,
                "settle": settle,
                "max_connections": max_connections,
                "ca_bundle": ca_bundle,
                "proxy": proxy,
                "token_cache": token_cache,
            },
            path_of(journal),
        )

    @classmethod
    def from_env(cls: type[Self], **options: Any) -> Self:
        """A client of what the environment names, and of ``options``, which are those of the constructor and go first.

        Where: ``GENESYS_BASE_URL`` (and a gateway's ``GENESYS_LOGIN_URL``) or ``GENESYS_REGION``. For whom:
        ``GENESYS_ACCESS_TOKEN``, or ``GENESYS_CLIENT_ID`` and ``_SECRET``. Then the vendor's own variables, then the
        profile of ``~/.gc/config.toml`` (``GCREC_PROFILE``), and last the login that ``gcrec login`` keeps.

        Raises:
            ConfigError: A variable is missing (the error names it), or something cannot work.
        """
        return cls._made_by(_gcrec.ClientHandle.make_from_env, options)

    @classmethod
    async def login(
        cls: type[Self],
        client_id: str,
        *,
        region: str | None = None,
        base_url: str | None = None,
        redirect_port: int = 8085,
        open_browser: bool = True,
        login_timeout: float = 300.0,
        on_address: Callable[[str], object] | None = None,
        **options: Any,
    ) -> Self:
        """Has a user log in with a browser (authorization code with PKCE), and gives a client that acts for that user.

        The login is kept in the user's cache folder, for its owner only (0600): ``from_env()`` and the ``gcrec``
        command find it there, and its token is renewed. ``token_cache`` names another file, and False keeps nothing.

        Args:
            client_id: An OAuth client for code authorization with PKCE. It has no secret.
            region: See the constructor.
            base_url: See the constructor.
            redirect_port: The port of this machine that the browser comes back to. The OAuth client must know
                ``http://localhost:PORT/callback`` as a redirect URI. 0 takes a free one.
            open_browser: Open the user's browser (``BROWSER`` is honoured). Over SSH none is opened.
            login_timeout: How long to wait for the browser, in seconds.
            on_address: Called with the address to log in at, before the wait begins. Without it that address is written
                to stderr, as one line, if no browser was opened.
            options: Those of the constructor. ``api="auto"`` means ``"platform"``, which alone has such logins.

        Raises:
            ConfigError: Something of this cannot work; ``redirect_port`` may be taken.
            AuthenticationError: The login was refused (``code`` says how: ``"access_denied"``), the browser came back
                from another one (``"state_mismatch"``) or not in time (``"login_timeout"``).
        """
        options = {"token_cache": True, **options, "client_id": client_id, "region": region, "base_url": base_url}
        client = cls._made_by(_gcrec.ClientHandle.make_for_login, options)
        login = _gcrec.LoginHandle.begin(client._raw, redirect_port, login_timeout)
        opened = open_browser and await login.open_browser()
        tell_address(login.address, opened, on_address)
        await login.finish()
        return client

    def with_options(
        self: Self,
        *,
        timeout: float | None = None,
        max_retries: int | None = None,
        settle: float | None = None,
        **others: Any,
    ) -> Self:
        """A cheap copy with other options for its calls: the same connections, token and pace.

        Args:
            timeout: See the constructor; None keeps what there is.
            max_retries: See the constructor.
            settle: See the constructor.
            others: None: what belongs to connections, token or pace cannot differ.

        Raises:
            ConfigError: One of these cannot work, or cannot differ.
        """
        return self._of(self._raw.with_options(timeout, max_retries, settle, others))

    @classmethod
    def _made_by(cls: type[Self], make: Any, options: dict[str, Any]) -> Self:
        client = cls.__new__(cls)
        client._make = make  # type: ignore[method-assign]
        cls.__init__(client, **options)
        return client

    @classmethod
    def _of(cls: type[Self], raw: _gcrec.ClientHandle) -> Self:
        client = cls.__new__(cls)
        client._raw = raw
        return client

    async def close(self) -> None:
        """Lets go of connections, token and journal. Later calls raise RuntimeError."""
        self._raw.close()

    async def __aenter__(self: Self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._raw.describe()})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _remade, (type(self), self._raw.source())


def _remade(cls: type[AsyncSession], call_options: dict[str, Any]) -> AsyncSession:
    """Unpickles a client: from the environment of the process that it comes to."""
    return cls.from_env(**call_options)
