"""Streams of events on bad days: cancelled readers, closed clients, answers that are none, on both faces."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator

import pytest
from events_support import Reader, until

import gcrec
from gcrec import EventsGap, RecordingPaused, RecordingStarted
from gcrec.testing import Simulator


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with Simulator(calls=0, propagation=0.0) as sim:
        yield sim


@pytest.fixture(params=["sync", "asyncio"])
def face(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_reader_that_is_cancelled_loses_nothing(sim: Simulator) -> None:
    calls = [sim.add_call(state="recording") for _ in range(10)]
    told: list[str] = []

    async def read_some(stream: gcrec.AsyncStream[gcrec.Event], patience: float) -> None:
        with contextlib.suppress(asyncio.TimeoutError):
            told.append(type(await asyncio.wait_for(stream.__anext__(), patience)).__name__)

    async def read() -> None:
        async with sim.async_client(api="platform") as client, client.events(queues=[sim.queues[0].id]) as stream:
            while len(told) < len(calls):
                await read_some(stream, 5)
            told.clear()
            for step in range(600):
                sim.by_hand(calls[step % 10], "pause" if step // 10 % 2 == 0 else "resume")
                # Just about when the event comes.
                await read_some(stream, 0.0005 + step % 10 * 0.0002)
            while len(told) < 600:
                await asyncio.wait_for(read_some(stream, 5), 5)

    asyncio.run(read())
    assert told.count("RecordingPaused") == told.count("RecordingResumed") == 300


def test_a_closed_client_ends_its_streams(sim: Simulator, face: str) -> None:
    reader = Reader(face, sim, queues=[sim.queues[0].id])
    until(lambda: any(channel.connected for channel in sim.channels))
    if face == "sync":
        reader.client.close()
    else:
        asyncio.run_coroutine_threadsafe(reader.client.close(), reader._loop).result(10)
    with pytest.raises(RuntimeError, match="the client is closed"):
        reader.wait_for_end()
    until(lambda: not any(channel.connected for channel in sim.channels))
    reader.close()


def test_who_follows_what_another_stream_follows_is_told_of_what_was_there_and_of_gaps(
    sim: Simulator, face: str
) -> None:
    call = sim.add_call(state="recording")
    queues = [sim.queues[0].id]
    first = Reader(face, sim, queues=queues)
    first.wait_for(RecordingStarted)
    if face == "sync":
        second = iter(first.client.events(queues=queues))
        assert isinstance(next(second), RecordingStarted)
        second.close()
    else:

        async def follow() -> None:
            async with first.client.events(queues=queues) as stream:
                assert isinstance(await stream.__anext__(), RecordingStarted)

        asyncio.run_coroutine_threadsafe(follow(), first._loop).result(10)
    sim.by_hand(call, "pause")
    first.wait_for(RecordingPaused)
    first.close()


def test_one_answer_that_is_none_ends_no_stream(sim: Simulator, face: str) -> None:
    call = sim.add_call(state="recording")
    sim.fail("status", times=1, garbage=True)
    reader = Reader(face, sim, queues=[sim.queues[0].id])
    gap, _ = reader.wait_for(EventsGap, RecordingStarted)
    assert isinstance(gap, EventsGap) and (gap.reason, gap.conversation_id) == ("unreadable", call)
    reader.close()
