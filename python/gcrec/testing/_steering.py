"""What a simulator can be told and asked while it runs: names and documentation; what happens is written in Rust."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal

from gcrec.testing._values import Route, SimChannel, SimCommand, SimQueue, SimRequest, SimUser, State

if TYPE_CHECKING:
    from gcrec._gcrec import SimulatorHandle

NOT_RUNNING = "the simulator is not running: use it in a `with` block, or call start()"


def _word(named: str | SimUser | SimQueue) -> str:
    """By which the core finds a user or a queue."""
    return named if isinstance(named, str) else named.id


class Steering:
    """What steers a simulator, in this process or in another."""

    _handle: SimulatorHandle | None

    @property
    def _running(self) -> SimulatorHandle:
        if self._handle is None:
            raise RuntimeError(NOT_RUNNING)
        return self._handle

    def user_token(self, user: str | SimUser) -> str:
        """An access token of a user, as if they had logged in by the browser.

        Args:
            user: The user, or their id, name or email.

        Raises:
            SimulatorError: There is no such user.
        """
        return str(self._running.user_token(_word(user))["access_token"])

    @property
    def calls(self) -> list[str]:
        """The ids of the active calls, in the order of their appearance."""
        calls: list[str] = self._running.state()["calls"]
        return calls

    def add_call(
        self,
        id: str | None = None,
        *,
        state: State = "stopped",
        queue: str | SimQueue | None = None,
        user: str | SimUser | None = None,
        policy: bool = False,
        ivr: bool = False,
    ) -> str:
        """A call begins.

        Args:
            id: Its id; None draws one from the seed.
            state: What its recording is like at first; ``"held"`` is recorded and on hold.
            queue: The queue that it came through, or its id or name; None takes the first.
            user: Whose call it is, or their id, name or email; None takes the users in turn.
            policy: A policy records it from its beginning, and no command ends that recording; then ``"stopped"`` says
                nothing.
            ivr: A flow and the queue took part in it before the agent did.

        Returns:
            Its id.

        Raises:
            SimulatorError: The id cannot be one, or is taken; there is no such queue or user; or it shall be held
                without ``suppress_hold``.
        """
        new = {
            "id": id,
            "state": state,
            "queue": None if queue is None else _word(queue),
            "user": None if user is None else _word(user),
            "policy": policy,
            "ivr": ivr,
        }
        return str(self._running.add_call(new)["id"])

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

    def consult(self, id: str) -> None:
        """The agent of a call asks another agent, while the customer waits on hold.

        A :meth:`transfer` or :meth:`conference` after it goes to the one who was asked.

        Raises:
            SimulatorError: There is no such call, or it has ended.
        """
        self._running.consult(id)

    def conference(self, id: str) -> None:
        """Another agent joins a call.

        Raises:
            SimulatorError: There is no such call, or it has ended.
        """
        self._running.conference(id)

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
            route: Where: the token endpoint, listings of calls, commands, reads of one call, notification channels and
                their WebSockets, or everywhere.
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

    @property
    def channels(self) -> list[SimChannel]:
        """The notification channels, oldest first."""
        channels = self._running.channels()
        return [SimChannel(each["id"], tuple(each["topics"]), each["connected"]) for each in channels]

    def drop_sockets(self) -> None:
        """Cuts every notification channel's WebSocket, without a word. The channels live on."""
        self._running.drop_sockets()

    def close_sockets(self, notice: float = 60.0) -> None:
        """Every WebSocket is told ``v2.system.socket_closing``, and closed later. The channels live on.

        Args:
            notice: Seconds from the announcement to the end.

        Raises:
            SimulatorError: That is no time.
        """
        self._running.close_sockets(notice)

    def mute_heartbeat(self, on: bool = True) -> None:
        """WebSockets give no sign of life any more.

        Args:
            on: False lets them beat again.
        """
        self._running.mute_heartbeat(on)

    def stall_sockets(self, on: bool = True) -> None:
        """Events are lost, though WebSockets are open and beat: a gap without a break.

        Args:
            on: False lets them come again.
        """
        self._running.stall_sockets(on)

    def revoke_tokens(self, *, refresh_tokens: bool = False) -> None:
        """No token that was issued is good any more.

        Args:
            refresh_tokens: Nor any refresh token: users must log in again.
        """
        self._running.revoke_tokens(refresh_tokens)

    def advance(self, seconds: float) -> None:
        """Moves the manual clock.

        Raises:
            SimulatorError: It runs on the real clock.
        """
        self._running.advance(seconds)
