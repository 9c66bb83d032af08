"""Live events over the notification service, on both faces, over real sockets."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Iterator
from datetime import timezone
from typing import Any, Callable

import pytest
from certificates import tunnel
from events_support import Reader, until
from quirky import Quirky

import gcrec
from gcrec import (
    CallConnected,
    CallEnded,
    CallHeld,
    EventsGap,
    RecordingPaused,
    RecordingResumed,
    RecordingStarted,
    RecordingStopped,
)
from gcrec.testing import Simulator

Read = Callable[..., Reader]


@pytest.fixture(params=["sync", "asyncio"])
def read(request: pytest.FixtureRequest) -> Iterator[Read]:
    """Begins to read events; the readers end with the test."""
    readers: list[Reader] = []

    def read(sim: Simulator, **options: Any) -> Reader:
        readers.append(Reader(request.param, sim, **options))
        return readers[-1]

    yield read
    for reader in readers:
        reader.close()


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with Simulator(calls=0, propagation=0.02) as sim:
        yield sim


def queue_of(sim: Simulator) -> list[str]:
    return [sim.queues[0].id]


def users_of(sim: Simulator) -> list[str]:
    return [user.id for user in sim.users]


def test_each_change_is_told_once_though_two_topics_tell_it(sim: Simulator, read: Read) -> None:
    call = sim.add_call(state="recording")
    reader = read(sim, queues=queue_of(sim), users=users_of(sim))
    (found,) = reader.wait_for(RecordingStarted)
    assert (found.before, found.seen_by, found.state) == (None, "read", "recording")
    sim.by_hand(call, "pause")
    (paused,) = reader.wait_for(RecordingPaused)
    assert (paused.before, paused.seen_by, paused.state) == ("recording", "event", "paused")
    assert paused.conversation_id == call and paused.queue_id == queue_of(sim)[0]
    assert paused.user_id in users_of(sim) and paused.participant_id
    assert paused.at.tzinfo is timezone.utc
    for act, kind in [
        (lambda: sim.by_hand(call, "resume"), RecordingResumed),
        (lambda: sim.hold(call), CallHeld),
        (lambda: sim.hold(call, False), CallConnected),
        (lambda: sim.by_hand(call, "stop"), RecordingStopped),
        (lambda: sim.by_hand(call, "start"), RecordingStarted),
        (lambda: sim.transfer(call), CallConnected),
        (lambda: sim.end_call(call), CallEnded),
    ]:
        act()
        reader.wait_for(kind)
    other = sim.add_call(state="stopped")
    (connected,) = reader.wait_for(CallConnected)
    assert (connected.conversation_id, connected.before) == (other, None)
    assert reader.events == []


def test_a_pause_that_was_on_before_is_told(sim: Simulator, read: Read) -> None:
    call = sim.add_call(state="paused")
    reader = read(sim, users=users_of(sim))
    (paused,) = reader.wait_for(RecordingPaused)
    assert (paused.conversation_id, paused.before, paused.seen_by) == (call, None, "read")


def test_what_happens_in_a_gap_is_told_after_it(sim: Simulator, read: Read) -> None:
    call, other = sim.add_call(state="recording"), sim.add_call(state="recording")
    reader = read(sim, queues=queue_of(sim))
    reader.wait_for(RecordingStarted, RecordingStarted)
    sim.fail("channels", times=None, status_code=503)
    sim.drop_sockets()
    sim.by_hand(call, "pause")
    until(lambda: sim.state(call) == "paused")
    sim.clear_faults()
    (gap, paused) = reader.wait_for(EventsGap, RecordingPaused)
    assert isinstance(gap, EventsGap)
    assert gap.reason == "broken" and gap.since <= gap.until and gap.conversation_id is None
    assert (paused.conversation_id, paused.before) == (call, "recording")
    sim.by_hand(other, "pause")
    reader.wait_for(RecordingPaused)


def test_a_socket_that_will_be_closed_is_replaced_before_that(sim: Simulator, read: Read) -> None:
    call = sim.add_call(state="recording")
    reader = read(sim, queues=queue_of(sim))
    reader.wait_for(RecordingStarted)
    sim.close_sockets(notice=60.0)
    (gap,) = reader.wait_for(EventsGap)
    assert isinstance(gap, EventsGap) and gap.reason == "closing"
    assert len(sim.channels) == 1, "the same channel serves again"
    sim.by_hand(call, "pause")
    reader.wait_for(RecordingPaused)


def test_ten_cuts_lose_nothing_in_silence(read: Read) -> None:
    with Simulator(calls=20, propagation=0.01) as sim:
        paused = sim.add_call(state="paused")
        reader = read(sim, queues=queue_of(sim), users=users_of(sim))
        reader.wait(lambda events: any(isinstance(event, RecordingPaused) for event in events))
        for cut in range(10):
            for call in sim.calls[cut : cut + 10]:
                sim.by_hand(call, "start" if sim.state(call) == "stopped" else "stop")
            sim.drop_sockets()
            gaps = lambda events: [event for event in events if isinstance(event, EventsGap)]  # noqa: E731
            reader.wait(lambda events, cut=cut, gaps=gaps: len(gaps(events)) > cut)
        until(lambda: all(sim.state(call) != "unknown" for call in sim.calls))

        def last(events: list[gcrec.Event]) -> dict[str | None, str | None]:
            return {event.conversation_id: event.state for event in events if not isinstance(event, EventsGap)}

        def true(events: list[gcrec.Event]) -> bool:
            return all(last(events).get(call, "stopped") == sim.state(call) for call in [*sim.calls, paused])

        reader.wait(true)
        told: dict[str | None, str | None] = {}
        for event in reader.events:
            if not isinstance(event, EventsGap) and event.before is not None:
                assert told.get(event.conversation_id, event.before) == event.before, event
            told[event.conversation_id] = event.state
        reader.events.clear()


def test_a_call_is_followed_from_agent_to_agent_and_its_stream_ends_with_it(sim: Simulator, read: Read) -> None:
    call, _other = sim.add_call(state="recording"), sim.add_call(state="recording")
    reader = read(sim, conversations=[call])
    reader.wait_for(RecordingStarted)
    until(lambda: len(sim.channels[0].topics) == 2)
    sim.transfer(call)
    (connected,) = reader.wait_for(CallConnected)
    until(lambda: any(str(connected.user_id) in topic for topic in sim.channels[0].topics))
    sim.by_hand(call, "pause")
    reader.wait_for(RecordingPaused)
    sim.end_call(call)
    reader.wait_for(CallEnded)
    reader.wait_for_end()


def test_a_call_that_is_not_there_is_an_error(sim: Simulator, read: Read) -> None:
    reader = read(sim, conversations=["2f6e1a34-8c5b-4a7e-9d10-b1c2d3e4f506"])
    with pytest.raises(gcrec.NotFoundError):
        reader.wait_for_end()


def test_a_refused_topic_is_named_and_what_is_missing_with_it(read: Read) -> None:
    with Simulator(calls=1, permissions=["analytics:conversationDetail:view"]) as sim:
        reader = read(sim, queues=queue_of(sim), users=users_of(sim)[:1])
        with pytest.raises(gcrec.EventsError, match="missing: conversation:communication:view") as caught:
            reader.wait_for_end()
        assert f"v2.routing.queues.{queue_of(sim)[0]}.conversations" in str(caught.value)


def test_no_error_names_the_channel(sim: Simulator) -> None:
    """Its id is in the address of its socket, which lets anybody in."""
    sim.add_call(state="recording")
    with sim.client(api="platform") as client:
        first = client.events(queues=queue_of(sim))
        next(first)
        sim.fail("channels", status_code=400)
        with pytest.raises(gcrec.BadRequestError, match=r"/channels/\{id\}/subscriptions") as caught:
            next(client.events(users=users_of(sim)))
        assert sim.channels[0].id not in str(caught.value) + repr(vars(caught.value))


def test_one_refused_topic_leaves_the_others(read: Read) -> None:
    with Simulator(calls=0, propagation=0.02, user_permissions=[]) as sim:
        user = sim.users[0]
        call = sim.add_call(state="recording", user=user)
        token = {"access_token": sim.user_token(user), "client_id": None, "client_secret": None}
        reader = read(sim, queues=queue_of(sim), users=[user.id], client=token)
        queue = f"v2.routing.queues.{queue_of(sim)[0]}.conversations"
        until(lambda: list(reader.stream.refused) == [queue])
        assert "conversation:communication:view" in reader.stream.refused[queue]
        sim.by_hand(call, "pause")
        reader.wait_for(CallConnected, RecordingPaused)


def test_a_new_token_does_not_end_it(sim: Simulator, read: Read) -> None:
    call = sim.add_call(state="recording")
    reader = read(sim, queues=queue_of(sim))
    reader.wait_for(RecordingStarted)
    sim.revoke_tokens()
    sim.by_hand(call, "pause")
    reader.wait_for(RecordingPaused)
    sim.drop_sockets()
    reader.wait_for(EventsGap)
    sim.by_hand(call, "resume")
    reader.wait_for(RecordingResumed)


def test_all_streams_of_a_client_share_one_channel(sim: Simulator, read: Read) -> None:
    call = sim.add_call(state="recording")
    reader = read(sim, queues=queue_of(sim))
    reader.wait_for(RecordingStarted)
    second = reader.client.events(users=users_of(sim))
    seen: list[gcrec.Event] = []

    async def first() -> None:
        async for event in second:
            seen.append(event)
            return

    if isinstance(reader.client, gcrec.Client):
        seen.append(next(second))
    else:
        import asyncio

        asyncio.run(first())
    assert isinstance(seen[0], RecordingStarted) and seen[0].conversation_id == call
    assert len(sim.channels) == 1


def test_closing_ends_the_socket_and_what_was_followed(sim: Simulator, read: Read) -> None:
    sim.add_call(state="recording")
    reader = read(sim, queues=queue_of(sim))
    reader.wait_for(RecordingStarted)
    assert sim.channels[0].connected
    reader.close()
    until(lambda: not sim.channels[0].connected and sim.channels[0].topics == ())
    again = read(sim, queues=queue_of(sim))
    again.wait_for(RecordingStarted)


def test_a_channel_that_others_push_out_is_made_anew(read: Read) -> None:
    with Simulator(calls=0, max_channels=1, propagation=0.02) as sim:
        call = sim.add_call(state="recording")
        reader = read(sim, queues=queue_of(sim))
        reader.wait_for(RecordingStarted)
        pushing = read(sim, queues=queue_of(sim))
        pushing.wait_for(RecordingStarted)
        reader.wait_for(EventsGap)
        pushing.close()
        sim.by_hand(call, "pause")
        reader.wait(lambda events: any(isinstance(event, RecordingPaused) for event in events))
        reader.events.clear()


@pytest.mark.parametrize("proxied", [False, True])
def test_sockets_have_the_trust_and_the_proxy_of_requests(quirky: Quirky, read: Read, proxied: bool) -> None:
    with Simulator(calls=0, propagation=0.02, tls=True) as sim:
        call = sim.add_call(state="recording")
        port = int(sim.base_url.rsplit(":", 1)[1])
        quirky.play(tunnel(port))
        reader = read(sim, queues=queue_of(sim), client={"proxy": quirky.url} if proxied else {})
        reader.wait_for(RecordingStarted)
        sim.by_hand(call, "pause")
        reader.wait_for(RecordingPaused)
        reader.close()  # before the server goes: else it is sought through the proxy
        asked = [(request.method, request.target.decode()) for request in quirky.requests]
        if proxied:
            assert len(asked) >= 2 and set(asked) == {("CONNECT", f"127.0.0.1:{port}")}
        else:
            assert asked == []


BAD = [
    ({}, "something to follow"),
    ({"queues": "3f6e1a34"}, "iterable of ids"),
    ({"queues": [5]}, "iterable of ids"),
    ({"queues": 5}, "iterable of ids"),
    ({"queues": ["Support Line"]}, "ids, not names"),
    ({"users": [""]}, "ids, not names"),
    ({"users": [str(n) for n in range(1001)]}, "1000 topics"),
    ({"conversations": [".."]}, "conversation id"),
]


@pytest.mark.parametrize("client", [gcrec.Client, gcrec.AsyncClient])
@pytest.mark.parametrize(("follow", "words"), BAD)
def test_what_cannot_be_followed_is_refused_before_any_request(client: Any, follow: Any, words: str) -> None:
    platform = client("https://127.0.0.1:9", access_token="t", api="platform")
    with pytest.raises(gcrec.ConfigError, match=words):
        platform.events(**follow)


def test_the_tutorials_wire_has_no_events(sim: Simulator) -> None:
    with sim.client(api="events") as client, pytest.raises(gcrec.ConfigError, match='api="platform"'):
        client.events(queues=queue_of(sim))
    assert sim.requests == []


def test_events_are_values(sim: Simulator, read: Read) -> None:
    call = sim.add_call(state="paused")
    reader = read(sim, queues=queue_of(sim))
    (paused,) = reader.wait_for(RecordingPaused)
    sim.drop_sockets()
    (gap,) = reader.wait_for(EventsGap)
    for event in (paused, gap):
        assert isinstance(event, gcrec.Event)
        again = pickle.loads(pickle.dumps(event))
        assert again == event and hash(again) == hash(event) and type(again) is type(event)
        assert event.to_dict()["event"] == type(event).__name__
        with pytest.raises(AttributeError):
            event.state = "recording"  # type: ignore[misc]
    assert paused != gap
    assert repr(paused).startswith(f"RecordingPaused(conversation_id={call!r}, ")
    assert paused.to_dict()["state"] == "paused" and gap.to_dict()["reason"] == "broken"
    assert gap.at == gap.to_dict()["until"]


ENDS = """
import sys, gcrec
client = gcrec.Client(sys.argv[1], client_id=sys.argv[2], client_secret=sys.argv[3], api="platform")
stream = client.events(queues=[sys.argv[4]])
print(type(next(stream)).__name__)
{ending}
"""


@pytest.mark.parametrize("ending", ["", "del stream", "sys.exit(0)", "stream.close()", "import os; os.fork()"])
def test_nothing_is_left_behind_at_the_end(sim: Simulator, ending: str) -> None:
    sim.add_call(state="paused")
    script = ENDS.format(ending=ending)
    arguments = [*CHILD, script, sim.base_url, sim.client_id, sim.client_secret, *queue_of(sim)]
    ended = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=15)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "RecordingPaused\n", "")
    until(lambda: not sim.channels[0].connected)


# A fork beside threads is what these are about; CPython warns of it from 3.12 on.
CHILD = [sys.executable, "-W", "ignore::DeprecationWarning", "-c"]

FORKED = """
import os, sys, gcrec
client = gcrec.Client(sys.argv[1], client_id=sys.argv[2], client_secret=sys.argv[3], api="platform")
stream = client.events(queues=[sys.argv[4]])
print(type(next(stream)).__name__, flush=True)
if os.fork() == 0:
    try:
        next(stream)
    except RuntimeError as error:
        print("RuntimeError", flush=True)
    print(type(next(client.events(queues=[sys.argv[4]]))).__name__, flush=True)
    os._exit(0)
os.wait()
"""


@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="there is no fork here")
def test_a_forked_child_has_streams_of_its_own(sim: Simulator) -> None:
    sim.add_call(state="paused")
    arguments = [*CHILD, FORKED, sim.base_url, sim.client_id, sim.client_secret, *queue_of(sim)]
    ended = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=15)
    assert (ended.stdout, ended.stderr) == ("RecordingPaused\nRuntimeError\nRecordingPaused\n", "")
