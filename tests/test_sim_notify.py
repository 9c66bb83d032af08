"""The simulator's notification channels, as Python users steer them: on its manual clock, no test waits."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from sim_support import platform

import gcrec
from gcrec.testing import SimChannel, Simulator, SimulatorError

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with Simulator(clock="manual", heartbeat=10, max_channels=2, max_topics=3) as simulator:
        yield simulator


@pytest.fixture
def token(sim: Simulator) -> str:
    return gcrec.get_access_token(sim.client_id, sim.client_secret, sim.base_url)


def make(sim: Simulator, token: str, *topics: str) -> dict[str, Any]:
    status, channel = platform(sim, token, "POST", "notifications/channels")
    assert status == 200
    asked = [{"id": topic} for topic in topics]
    status, _ = platform(sim, token, "PUT", f"notifications/channels/{channel['id']}/subscriptions", asked)
    assert status == 200
    return dict(channel)


class WebSocket:
    """A client that can only listen: frames without masks, none longer than 65,535 bytes."""

    def __init__(self, uri: str) -> None:
        parts = urlsplit(uri)
        self._socket = socket.create_connection((parts.hostname, parts.port), timeout=20)
        head = (
            f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        self._socket.sendall(head.encode())
        self._file = self._socket.makefile("rb")
        assert self._file.readline().startswith(b"HTTP/1.1 101 ")
        while self._file.readline() != b"\r\n":
            pass

    def frame(self) -> tuple[int, bytes]:
        """The next one: its opcode and what it carries."""
        first, length = self._file.read(2)
        if length == 126:
            length = int.from_bytes(self._file.read(2), "big")
        return first & 0x0F, self._file.read(length)

    def event(self) -> Any:
        opcode, text = self.frame()
        assert opcode == 1
        return json.loads(text)

    def close(self) -> None:
        self._file.close()
        self._socket.close()


def test_events_come_when_time_passes_and_when_calls_are_steered(sim: Simulator, token: str) -> None:
    topic = f"v2.routing.queues.{sim.queues[0].id}.conversations.calls"
    channel = make(sim, token, topic)
    assert channel["connectUri"].startswith(sim.base_url.replace("http://", "ws://"))
    assert sim.channels == [SimChannel(channel["id"], (topic,), connected=False)]
    client = WebSocket(channel["connectUri"])
    assert sim.channels == [SimChannel(channel["id"], (topic,), connected=True)]
    call = sim.add_call(state="recording")
    assert client.event()["eventBody"]["id"] == call
    assert platform(sim, token, "PATCH", f"conversations/{call}/recordingstate", {"recordingState": "PAUSED"})[0] == 202
    sim.advance(0.5)
    event = client.event()
    assert (event["topicName"], event["eventBody"]["securePause"]) == (topic, True)
    sim.advance(9.5)
    assert client.event()["eventBody"] == {"message": "WebSocket Heartbeat"}
    sim.mute_heartbeat()
    sim.stall_sockets()
    sim.hold(call)
    sim.advance(20)
    sim.mute_heartbeat(False)
    sim.stall_sockets(False)
    sim.end_call(call)
    assert client.event()["eventBody"]["participants"][0]["state"] == "terminated"
    client.close()


@pytest.mark.parametrize("attached", [False, True])
def test_sockets_are_closed_with_a_word_and_cut_without(sim: Simulator, token: str, attached: bool) -> None:
    steering = Simulator.attach(sim.base_url) if attached else sim
    channel = make(sim, token)
    client = WebSocket(channel["connectUri"])
    steering.close_sockets(notice=5)
    assert client.event()["topicName"] == "v2.system.socket_closing"
    steering.advance(5)
    assert client.frame() == (8, (1000).to_bytes(2, "big"))
    client.close()
    client = WebSocket(channel["connectUri"])
    steering.drop_sockets()
    with pytest.raises((ConnectionResetError, ValueError)):
        client.frame()
    client.close()
    with pytest.raises(SimulatorError, match="notice"):
        steering.close_sockets(-1)
    assert [each.id for each in steering.channels] == [channel["id"]]


def test_channels_belong_to_whoever_made_them(sim: Simulator, token: str) -> None:
    first, second, _ = sim.users
    mine, theirs = sim.user_token(first), sim.user_token(second)
    path = f"notifications/channels/{make(sim, mine)['id']}"
    assert [platform(sim, who, "HEAD", path)[0] for who in (mine, theirs, token)] == [200, 404, 404]
    for _ in range(2):
        make(sim, token)
    assert [len(platform(sim, who, "GET", "notifications/channels")[1]["entities"]) for who in (mine, token)] == [1, 2]
    make(sim, token)
    assert [len(platform(sim, who, "GET", "notifications/channels")[1]["entities"]) for who in (mine, token)] == [1, 2]


def test_a_user_needs_no_permission_for_what_is_their_own() -> None:
    with Simulator(user_permissions=[]) as sim:
        first, second, _ = sim.users
        token = sim.user_token(first)
        channel = make(sim, token, f"v2.users.{first.id}.conversations.calls")
        path = f"notifications/channels/{channel['id']}/subscriptions"
        status, refused = platform(sim, token, "POST", path, [{"id": f"v2.users.{second.id}.conversations.calls"}])
        assert (status, refused["code"]) == (403, "missing.permissions")


def test_limits_are_options(sim: Simulator, token: str) -> None:
    path = f"notifications/channels/{make(sim, token, 'v2.users.a.conversations')['id']}/subscriptions"
    more = [{"id": f"v2.users.{user}.conversations"} for user in "bcd"]
    status, refused = platform(sim, token, "POST", path, more)
    assert (status, refused["code"]) == (400, "notification.subscription.too.many.subscriptions")
    for option in ("channel_lifetime", "heartbeat", "max_channels", "max_topics"):
        with pytest.raises(SimulatorError, match=f"{option} must be"), Simulator(**{option: 0}):
            pass
