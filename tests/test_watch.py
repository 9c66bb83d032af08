"""Watching on both faces: every change, every gap, and an alarm for each secure pause that lasts too long."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from typing import Any

import pytest
from events_support import Reader, Watcher, until, watchers

import gcrec
from gcrec import CallConnected, CallEnded, EventsGap, PauseAlarm, RecordingPaused, RecordingResumed, RecordingStarted
from gcrec.testing import Simulator


@pytest.fixture(params=["sync", "asyncio"])
def watch(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Makes watchers, each for pauses of more than two minutes."""
    with watchers(lambda **options: Watcher(request.param, "watch", **{"max_pause": 120.0, **options})) as make:
        yield make


def test_a_pause_that_an_agent_forgot_is_found_once(watch: Any) -> None:
    watcher = watch()
    watcher.take(RecordingStarted)
    watcher.sim.by_hand(watcher.call, "pause")
    paused, alarm = watcher.take(RecordingPaused, PauseAlarm)
    assert alarm.conversation_id == watcher.call and alarm.paused_at == paused.at
    assert 120.0 <= alarm.lasted < 121.0
    assert (alarm.seen_by, alarm.confirmed, alarm.state) == ("event", True, "paused")
    assert (alarm.user_id, alarm.queue_id, alarm.participant_id) == (
        paused.user_id,
        paused.queue_id,
        paused.participant_id,
    )
    watcher.sim.advance(3600.0)
    watcher.sim.by_hand(watcher.call, "resume")
    watcher.take(RecordingResumed)
    watcher.sim.by_hand(watcher.call, "pause")
    again = watcher.take(RecordingPaused, PauseAlarm)[1]
    assert again.paused_at > alarm.at and again.lasted < 121.0
    assert watcher.sim.commands(watcher.call)[-1].action == "pause", "it changes nothing"


def test_a_pause_that_was_on_before_counts_from_its_first_sight(watch: Any) -> None:
    watcher = watch(state="paused")
    paused, alarm = watcher.take(RecordingPaused, PauseAlarm)
    assert (paused.before, alarm.seen_by, alarm.paused_at) == (None, "read", paused.at)
    assert 120.0 <= alarm.lasted < 121.0


def test_a_pause_that_is_over_in_time_is_not_told(watch: Any) -> None:
    watcher = watch()
    watcher.take(RecordingStarted)
    watcher.sim.by_hand(watcher.call, "pause")
    watcher.take(RecordingPaused)
    watcher.sim.advance(119.0)
    watcher.sim.by_hand(watcher.call, "resume")
    watcher.take(RecordingResumed)
    watcher.sim.mute_heartbeat()
    watcher.take(EventsGap)  # 75 s later nothing else was told


def test_without_a_bound_there_is_no_alarm(watch: Any) -> None:
    watcher = watch(max_pause=None, state="paused")
    watcher.take(RecordingPaused)
    watcher.sim.advance(7200.0)
    watcher.sim.end_call(watcher.call)
    watcher.take(CallEnded)


def test_a_pause_that_ended_while_nobody_listened_raises_no_alarm(watch: Any) -> None:
    watcher = watch()
    watcher.take(RecordingStarted)
    watcher.sim.by_hand(watcher.call, "pause")
    watcher.take(RecordingPaused)
    watcher.sim.fail("channels", times=60, status_code=503)
    watcher.sim.drop_sockets()
    watcher.sim.by_hand(watcher.call, "resume")
    gap, _resumed = watcher.take(EventsGap, RecordingResumed)
    assert (gap.until - gap.since).total_seconds() > 120, "the alarm was due meanwhile"


def test_a_pause_that_cannot_be_read_is_told_all_the_same(watch: Any) -> None:
    watcher = watch()
    watcher.take(RecordingStarted)
    watcher.sim.by_hand(watcher.call, "pause")
    watcher.take(RecordingPaused)
    watcher.sim.fail("status", times=None, status_code=503)
    (alarm,) = watcher.take(PauseAlarm)
    assert not alarm.confirmed and 120.0 <= alarm.lasted < 130.0


def test_the_pause_of_a_named_call_is_found_behind_a_transfer(watch: Any) -> None:
    watcher = watch()
    named = watcher.client.watch(conversations=[watcher.call], max_pause=60.0)
    watcher.stream = named
    watcher.take(RecordingStarted)
    watcher.sim.transfer(watcher.call)
    (connected,) = watcher.take(CallConnected)
    watcher.sim.by_hand(watcher.call, "pause")
    alarm = watcher.take(RecordingPaused, PauseAlarm)[1]
    assert alarm.user_id == connected.user_id and 60.0 <= alarm.lasted < 61.0
    watcher.sim.end_call(watcher.call)
    watcher.take(CallEnded)
    with pytest.raises((StopIteration, StopAsyncIteration)):
        watcher.next()


def test_an_alarm_is_a_value(watch: Any) -> None:
    watcher = watch(state="paused")
    alarm = watcher.take(RecordingPaused, PauseAlarm)[1]
    assert isinstance(alarm, gcrec.Event)
    again = pickle.loads(pickle.dumps(alarm))
    assert again == alarm and hash(again) == hash(alarm) and type(again) is PauseAlarm
    told = alarm.to_dict()
    assert (told["event"], told["lasted"], told["confirmed"]) == ("PauseAlarm", alarm.lasted, True)
    assert repr(alarm).startswith(f"PauseAlarm(conversation_id={watcher.call!r}, ")
    assert "paused_at=" in repr(alarm) and alarm.before is None
    with pytest.raises(AttributeError):
        alarm.lasted = 0.0


@pytest.mark.parametrize("face", ["sync", "asyncio"])
def test_cuts_hide_no_pause_that_lasts_too_long(face: str) -> None:
    """Over real sockets: the calls change while the socket is cut, and one of them stays paused."""
    with Simulator(calls=0, propagation=0.01) as sim:
        calls = [sim.add_call(state="recording") for _ in range(20)]
        reader = Reader(face, sim, verb="watch", queues=[sim.queues[0].id], max_pause=0.8)
        try:
            reader.wait(lambda events: len(events) == 20)
            forgotten = calls[0]
            sim.by_hand(forgotten, "pause")
            for cut in range(10):
                for call in calls[1:]:
                    sim.by_hand(call, "resume" if sim.state(call) == "paused" else "pause")
                sim.drop_sockets()
                reader.wait(lambda events, cut=cut: sum(isinstance(it, EventsGap) for it in events) > cut)
            for call in calls[1:]:
                if sim.state(call) == "paused":
                    sim.by_hand(call, "resume")
            reader.wait(lambda events: any(isinstance(it, PauseAlarm) for it in events))
            until(lambda: all(sim.state(call) == "recording" for call in calls[1:]))
            alarms = [it.conversation_id for it in reader.events if isinstance(it, PauseAlarm)]
            assert alarms.count(forgotten) == 1
            gaps = [it for it in reader.events if isinstance(it, EventsGap)]
            assert len(gaps) == 10
        finally:
            reader.close()


BAD: list[tuple[dict[str, Any], str]] = [
    ({}, "something to follow"),
    ({"queues": ["a"], "max_pause": 0}, "max_pause"),
    ({"queues": ["a"], "max_pause": -1.0}, "max_pause"),
    ({"queues": ["a"], "max_pause": float("nan")}, "max_pause"),
    ({"queues": ["a"], "max_pause": float("inf")}, "max_pause"),
    ({"queues": "a"}, "iterable of ids"),
    ({"users": ["Anna Agent"]}, "ids, not names"),
    ({"conversations": [".."]}, "conversation id"),
]


@pytest.mark.parametrize("client", [gcrec.Client, gcrec.AsyncClient])
@pytest.mark.parametrize(("asked", "words"), BAD)
def test_what_cannot_be_watched_is_refused_before_any_request(client: Any, asked: Any, words: str) -> None:
    platform = client("https://127.0.0.1:9", access_token="t", api="platform")
    with pytest.raises(gcrec.ConfigError, match=words):
        platform.watch(**asked)


@pytest.mark.parametrize("client", [gcrec.Client, gcrec.AsyncClient])
def test_the_tutorials_wire_cannot_be_watched(client: Any) -> None:
    with pytest.raises(gcrec.ConfigError, match='api="platform"'):
        client("http://127.0.0.1:9", access_token="t", api="events").watch(queues=["a"])
