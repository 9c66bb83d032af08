"""Rules of proof, section 6: who goes first under a limit, and who waits."""

from __future__ import annotations

import asyncio
import threading

import pytest
from answers import reply
from quirky import Behaviour
from staging import raises

import gcrec

RECORDED = {"state": "connected", "recording": True, "recordingState": "active", "securePause": False}
PAUSED = {**RECORDED, "recordingState": "paused", "securePause": True}


def used_up(stage, number=10):
    """Nothing is saved up any more."""
    for _ in range(number):
        stage.client.status(stage.call)
    return stage


# -- order -----------------------------------------------------------------------------------------------------------


class Gate:
    """A server that keeps each request until it is let go; a client with one connection is in its hands."""

    def __init__(self, quirky, bystander):
        self.quirky, self.bystander = quirky, bystander
        self.let_go = threading.Semaphore(0)
        self.paused = set()
        quirky.play(Behaviour(self._answer))
        bystander.play(reply(200, {"items": []}))

    def _answer(self, exchange):
        self.let_go.acquire()
        path = exchange.request.target.decode()
        call = path.split("/")[4] if len(path.split("/")) > 4 else ""
        if exchange.request.method == "PATCH":
            (self.paused.add if b"PAUSED" in exchange.request.body else self.paused.discard)(call)
            return reply(202, {}).act(exchange)
        leg = PAUSED if call in self.paused else RECORDED
        body = {"id": call, "participants": [{"calls": [leg]}], "items": [{"id": call, "status": "recording"}]}
        return reply(200, body).act(exchange)

    async def all_in_line(self):
        """Whatever was begun has asked for its turn: what is begun later has been to another server and back."""
        for _ in range(3):
            await asyncio.sleep(0)
        async with gcrec.AsyncClient(self.bystander.url, access_token="token", api="events") as other:
            await other.status("another")

    def open(self):
        """Lets everything go."""
        for _ in range(1000):
            self.let_go.release()

    def order(self):
        """What arrived after the first, in its order: the command or the read, and of which call."""
        return [f"{seen.method} {seen.target.decode().split('?')[0].split('/', 3)[3]}" for seen in self.quirky.requests]


def test_rule_6_order_of_commands_reads_and_listings(quirky, bystander):
    """Order: ... commands; confirming reads; first reads; listings. (On an event loop, where calls can be begun
    together; the limiter is the same under both faces.)"""
    gate = Gate(quirky, bystander)

    async def main():
        async with gcrec.AsyncClient(quirky.url, access_token="token", api="events", max_connections=1) as client:
            begun = [asyncio.ensure_future(client.status("first"))]
            await gate.all_in_line()
            for work in (
                client.active_calls().collect(),
                client.status("read"),
                client.wait_until("confirmed", "recording"),
                client.start("started"),
            ):
                begun.append(asyncio.ensure_future(work))
                await gate.all_in_line()
            gate.open()
            await asyncio.gather(*begun)

    asyncio.run(main())
    assert gate.order()[1:] == [
        "POST recordings/conversations/started/events",
        "GET recordings/conversations/confirmed",
        "GET recordings/conversations/read",
        "GET communications",
    ]


def test_rule_6_order_of_resumes_and_pauses_of_blocks(quirky, bystander):
    """Order: resumes of blocks; pauses of blocks; commands."""
    gate = Gate(quirky, bystander)

    async def main():
        async with gcrec.AsyncClient(quirky.url, access_token="token", api="platform", max_connections=1) as client:
            leaving, entering = client.paused("leaving", watch=60.0), client.paused("entering", watch=60.0)
            for _ in range(4):
                gate.let_go.release()
            await leaving.__aenter__()
            gate.let_go = threading.Semaphore(0)
            begun = [asyncio.ensure_future(entering.__aenter__())]  # its first look is under way
            await gate.all_in_line()
            for work in (client.resume("one"), client.resume("two"), leaving.__aexit__(None, None, None)):
                begun.append(asyncio.ensure_future(work))
                await gate.all_in_line()
            gate.open()
            await asyncio.gather(*begun)
            await entering.__aexit__(None, None, None)

    asyncio.run(main())
    commands = [line.split("/")[1] for line in gate.order() if line.startswith("PATCH")]
    assert commands[1:5] == ["leaving", "entering", "one", "two"]


def test_rule_6_a_blocks_resume_goes_before_a_command_that_came_first(staged):
    """Order: resumes of blocks; ... commands. Section 4: it goes before everything else in the limiter."""
    stage = staged(client={"rate_limit": 60})
    other = stage.sim.add_call(state="recording")
    with raises(gcrec.PauseTooLongError), stage.client.paused(stage.call, max_seconds=40.0, watch=100.0):
        end = stage.reads()[-1] + 40.0
        stage.sim.advance(28.0)
        while stage.reads()[-1] <= end - 1:
            stage.client.status(stage.call)
        stage.client.pause(other)
    patched = [request.path for request in stage.sim.requests if request.method == "PATCH"]
    assert [stage.call in path for path in patched] == [True, True, False]


def test_rule_6_in_bulk_conversations_that_are_begun_go_before_new_ones(staged):
    """In bulk, conversations already begun go before new ones."""
    stage = staged(propagation=0, client={"rate_limit": 60})
    calls = [stage.sim.add_call(state="recording") for _ in range(12)]
    used_up(stage).client.ensure_many(calls, "paused").run(progress=False)
    seen, most = {}, 0
    for request in stage.sim.requests:
        for call in calls:
            if call in request.path:
                seen[call] = seen.get(call, 0) + 1
                most = max(most, sum(1 for count in seen.values() if count < 3))
    assert set(seen.values()) == {3}  # a read, the pause, a read that proves it
    assert most <= 2


# -- time ------------------------------------------------------------------------------------------------------------


def test_rule_6_in_bulk_timeout_excludes_waiting_for_the_limiter(staged):
    """... and `timeout` excludes waiting for the limiter."""
    stage = staged(client={"rate_limit": 60})
    calls = [stage.sim.add_call(state="recording") for _ in range(10)]
    report = used_up(stage).client.ensure_many(calls, "paused", timeout=5.0).run(progress=False)
    assert report.counts["proven"] == 10 and report.elapsed > 20


@pytest.mark.parametrize(
    "call",
    [
        lambda client, call: client.with_options(timeout=3.0).status(call),
        lambda client, call: client.with_options(timeout=3.0).pause(call),
        lambda client, call: client.ensure(call, "paused", timeout=3.0),
        lambda client, call: client.wait_until(call, "paused", timeout=3.0),
    ],
    ids=["status", "pause", "ensure", "wait_until"],
)
def test_rule_6_a_single_call_that_cannot_finish_in_time_fails_at_once(staged, call):
    """In single calls it includes it, and a call that cannot finish in time fails at once (RateLimitError,
    `status_code` None) and says how long the queue is."""
    stage = used_up(staged(client={"rate_limit": 12}))
    before = stage.sim.requests
    with pytest.raises(gcrec.RateLimitError, match=r"5\.0 s") as raised:
        call(stage.client, stage.call)
    assert (raised.value.status_code, raised.value.maybe_sent) == (None, False)
    assert raised.value.retry_after == pytest.approx(5.0)
    assert stage.sim.requests == before
    stage.client.status(stage.call)  # nothing was waited for: the next turn is as far as it was
    assert stage.reads()[-1] == pytest.approx(5.0)


def test_rule_6_after_a_command_too_it_fails_at_once(staged):
    """... fails at once (RateLimitError, `status_code` None): and says that a command was sent."""
    stage = used_up(staged(client={"rate_limit": 12}), 8)
    with pytest.raises(gcrec.RateLimitError, match="A command was sent before that and may still act") as raised:
        stage.client.ensure(stage.call, "paused", timeout=3.0)
    assert (raised.value.status_code, raised.value.maybe_sent, len(stage.sent())) == (None, True, 1)
    stage.another_client().status(stage.call)
    assert stage.reads()[-1] < 0.2


@pytest.mark.parametrize(
    "call",
    [
        lambda client, call: client.ensure(call, "paused"),
        lambda client, call: client.wait_until(call, "paused"),
        lambda client, call: client.paused(call).__enter__(),
    ],
    ids=["ensure", "wait_until", "block"],
)
def test_rule_6_a_429_that_lasts_longer_than_the_call_ends_it_at_once(staged, call):
    """A call that cannot finish in time fails at once (RateLimitError, `status_code` None) and says how long."""
    stage = staged()
    stage.sim.fail("status", status_code=429, retry_after=1000)
    with pytest.raises(gcrec.RateLimitError) as raised:
        call(stage.client, stage.call)
    assert raised.value.status_code is None and 990 < raised.value.retry_after <= 1000
    stage.another_client().status(stage.call)
    assert stage.reads()[-1] < 0.2


def test_rule_6_a_single_call_waits_for_a_turn_that_comes_in_time(staged):
    """In single calls it includes it."""
    stage = used_up(staged(client={"rate_limit": 60}))
    stage.client.with_options(timeout=1.5).status(stage.call)
    assert stage.reads()[-1] == pytest.approx(1.0)


# -- pace ------------------------------------------------------------------------------------------------------------


def test_rule_6_a_given_rate_limit_is_spread_evenly_at_most_10_saved_up(staged):
    """A given `rate_limit` is spread evenly, at most 10 requests saved up."""
    stage = staged(client={"rate_limit": 30})
    for _ in range(2):
        before = len(stage.reads())
        used_up(stage, 14)
        reads = stage.reads()[before:]
        assert reads[0] == pytest.approx(reads[9])
        assert [later - earlier for earlier, later in zip(reads[9:], reads[10:])] == pytest.approx([2.0] * 4)
        stage.sim.advance(3600.0)


def test_rule_6_a_learned_one_as_the_headers_allow(staged):
    """... a learned one as the headers allow."""
    stage = staged(rate_limit=20, rate_window=60.0, client={"timeout": 90.0})
    used_up(stage, 50)
    assert {request.status_code for request in stage.sim.requests} == {200}
    assert 100.0 <= stage.reads()[-1] <= 130.0


@pytest.mark.parametrize(
    "fault", [{"status_code": 500}, {"status_code": 429}, {"reset": "after"}, {"reset": "before"}], ids=str
)
def test_rule_6_the_token_request_repeats_like_a_read(staged, fault):
    """The token request repeats like a read."""
    stage = staged()
    stage.sim.fail("token", **fault)
    assert stage.client.status(stage.call).state == "recording"
    assert [request.path for request in stage.sim.requests].count("/oauth/token") == 2


@pytest.mark.parametrize("rate_limit", [None, 6000])
def test_rule_6_a_429_pauses_everybody(staged, rate_limit):
    """Rate headers and 429s correct the limiter; a 429 pauses everybody, not only the unlucky caller."""
    stage = staged(client={"max_retries": 0, "rate_limit": rate_limit})
    stage.client.status(stage.call)
    stage.sim.fail("status", status_code=429, retry_after=7)
    with pytest.raises(gcrec.RateLimitError):
        stage.client.status(stage.call)
    stage.client.with_options(timeout=20.0).pause(stage.call)
    assert stage.sent() == [7.0]


def test_rule_6_one_limiter_a_client(staged):
    """One limiter a client (and origin)."""
    stage = staged(client={"max_retries": 0})
    stage.sim.fail("status", status_code=429, retry_after=7)
    with pytest.raises(gcrec.RateLimitError):
        stage.client.status(stage.call)
    stage.another_client().status(stage.call)
    assert stage.reads()[-1] == 0.0


def test_rule_6_after_a_429_whoever_has_begun_goes_on(staged):
    """Rate headers and 429s correct the limiter: a refused command certainly did not act, and is repeated."""
    stage = staged()
    stage.sim.fail("control", status_code=429, retry_after=3)
    proof = stage.client.ensure(stage.call, "paused")
    assert (proof.commands_sent, stage.sent()) == (1, [0.0, 3.0])
