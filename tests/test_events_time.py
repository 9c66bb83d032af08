"""Live events over hours, on a clock that nobody waits for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from events_support import Watcher, watchers

from gcrec import EventsGap, RecordingPaused, RecordingResumed, RecordingStarted


@pytest.fixture(params=["sync", "asyncio"])
def watch(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Makes watchers, each of a simulator with these options."""
    with watchers(lambda **options: Watcher(request.param, "events", options)) as make:
        yield make


def test_a_socket_without_heartbeat_is_given_up_after_two_and_a_half_of_them(watch: Any) -> None:
    watcher = watch()
    assert isinstance(watcher.next(), RecordingStarted)
    watcher.sim.mute_heartbeat()
    gap = watcher.next()
    assert isinstance(gap, EventsGap) and gap.reason == "silent"
    assert (gap.until - gap.since).total_seconds() == pytest.approx(75.0, abs=0.1)


def test_heartbeats_keep_a_socket_for_as_long_as_nothing_happens(watch: Any) -> None:
    watcher = watch(channel_lifetime=10 * 86400)
    assert isinstance(watcher.next(), RecordingStarted)
    for hours in range(22):
        watcher.sim.advance(3600.0)
        watcher.sim.by_hand(watcher.call, "resume" if hours % 2 else "pause")
        assert isinstance(watcher.next(), RecordingResumed if hours % 2 else RecordingPaused)


def test_a_server_that_answers_pings_alone_is_there(watch: Any) -> None:
    watcher = watch(heartbeat=600.0)
    assert isinstance(watcher.next(), RecordingStarted)
    watcher.sim.advance(3600.0)
    watcher.sim.by_hand(watcher.call, "pause")
    assert isinstance(watcher.next(), RecordingPaused)


@pytest.mark.parametrize("lifetime", [86400.0, 7200.0])
def test_a_channel_is_replaced_before_it_ends(watch: Any, lifetime: float) -> None:
    watcher = watch(channel_lifetime=lifetime)
    assert isinstance(watcher.next(), RecordingStarted)
    began = watcher.sim.requests[-1].at
    gap = watcher.next()
    assert isinstance(gap, EventsGap) and gap.reason == "renewed"
    [first, second] = [request.at for request in watcher.sim.requests if request.path.endswith("/channels")]
    assert second - first == pytest.approx(lifetime * 23 / 24, abs=2.0) and first <= began
    watcher.sim.by_hand(watcher.call, "pause")
    assert isinstance(watcher.next(), RecordingPaused)


def test_a_server_that_is_away_for_an_hour_is_waited_for(watch: Any) -> None:
    watcher = watch()
    assert isinstance(watcher.next(), RecordingStarted)
    watcher.sim.fail("channels", times=None, status_code=503)
    watcher.sim.drop_sockets()
    watcher.sim.by_hand(watcher.call, "pause")
    watcher.sim.advance(3600.0)
    assert len([request for request in watcher.sim.requests if "/channels" in request.path]) < 1000
    watcher.sim.clear_faults()
    gap, paused = watcher.next(), watcher.next()
    assert isinstance(gap, EventsGap) and gap.reason == "broken"
    assert 3600 <= (gap.until - gap.since).total_seconds() <= 3700
    assert isinstance(paused, RecordingPaused) and paused.seen_by == "read"


def test_a_read_that_fails_after_a_gap_is_made_again(watch: Any) -> None:
    watcher = watch()
    assert isinstance(watcher.next(), RecordingStarted)
    watcher.sim.fail("channels", times=None, status_code=503)
    watcher.sim.drop_sockets()
    watcher.sim.by_hand(watcher.call, "pause")
    watcher.sim.clear_faults()
    watcher.sim.fail("status", times=20, status_code=503)
    assert isinstance(watcher.next(), EventsGap)
    paused = watcher.next()
    assert isinstance(paused, RecordingPaused) and paused.seen_by == "read"
