"""Many conversations, on both faces: outcomes, and what user code, interrupts and forks may do to them."""

from __future__ import annotations

import asyncio
import gc
import os
import pickle
import signal
import threading
from typing import Any

import pytest
from bulk_support import Many, controls, kinds

import gcrec

pytest_plugins = ("bridge_fixture", "bulk_fixture")
pytestmark = pytest.mark.timeout(60)
KINDS = {"accepted", "proven", "already", "ended", "failed", "unknown", "skipped"}


def test_a_bulk_does_nothing_until_it_is_used(many, sim):
    bulk = many.client.control_many((pytest.fail("pulled") for _ in range(1)), "start")
    assert bulk.report.total == 0 and not bulk.report.complete
    del bulk
    assert sim.requests == []


def test_who_uses_it_again_does_not_end_it(many, sim):
    bulk, refused = many.client.control_many(sim.calls, "start"), []

    def again(_outcome: gcrec.Outcome) -> None:
        if many.face == "sync":
            with pytest.raises(RuntimeError, match="only once"):
                next(iter(bulk))
        else:
            with pytest.raises(RuntimeError, match="only once"):
                bulk.__aiter__().__anext__().send(None)
        refused.append(True)

    report = many.run(bulk, False, again)
    assert (report.counts["accepted"], report.complete, len(refused)) == (40, True, 40)


def test_each_gets_its_outcome(many, sim):
    ids = [*sim.calls, "", "nobody", "\ud800", None, 7]
    outcomes = many.outcomes("control_many", ids, "start")
    assert kinds(outcomes) == {"accepted": 40, "failed": 5}
    by_id = {outcome.conversation_id: outcome for outcome in outcomes}
    assert isinstance(by_id["nobody"].error, gcrec.NotFoundError)
    bad = [outcome for outcome in outcomes if isinstance(outcome.error, gcrec.InvalidIdError)]
    assert {outcome.conversation_id for outcome in bad} == {"", "'\\ud800'", "None", "7"}
    accepted = by_id[sim.calls[0]]
    assert accepted.receipt.action == "start" and accepted.error is None and accepted.proof is None


def test_a_wish_for_many_is_proven_and_reported(many, sim):
    progress: list[tuple[int, int | None]] = []
    bulk = many.client.ensure_many(sim.calls, "recording")
    report = many.run(bulk, lambda done, total: progress.append((done, total)))
    assert report.counts == {kind: 40 if kind == "proven" else 0 for kind in KINDS}
    assert (report.total, report.complete, report.operation, report.dry_run) == (40, True, "ensure recording", False)
    assert progress[-1] == (40, 40) and progress == sorted(progress)
    assert len(report.slowest) == 10 and report.slowest[0][1] >= report.slowest[-1][1] > 0
    assert str(report).startswith("ensure recording: 40 conversations in ")
    assert bulk.report.counts == report.counts
    again = many.run(many.client.ensure_many(sim.calls, "recording"), False)
    assert again.counts["already"] == 40


def test_results_are_handed_on_as_they_come(many, sim):
    seen: list[gcrec.Outcome] = []
    report = many.run(many.client.control_many(iter(sim.calls), "start"), False, seen.append)
    assert sorted(outcome.conversation_id for outcome in seen) == sorted(sim.calls)
    assert kinds(seen) == {"accepted": 40} and report.total == 40


@pytest.mark.parametrize("make", [list, tuple, set, iter, lambda ids: (id for id in ids), dict.fromkeys])
def test_any_iterable_will_do(many, sim, make):
    assert len(many.outcomes("control_many", make(sim.calls), "start", concurrency=3)) == 40


def test_an_async_iterable_will_do_on_its_face(sim):
    async def ids():
        for id in sim.calls:
            await asyncio.sleep(0)
            yield id

    async def main():
        client = Many("asyncio", sim).client
        return [outcome async for outcome in client.control_many(ids(), "start")]

    assert kinds(asyncio.run(main())) == {"accepted": 40}


def test_an_id_that_comes_twice_is_commanded_once(many, sim):
    one, two = sim.calls[:2]
    for concurrency in (1, 64):
        action = "start" if concurrency == 1 else "stop"
        outcomes = many.outcomes("control_many", [one, one, two, one], action, concurrency=concurrency)
        assert kinds(outcomes) == {"accepted": 2, "skipped": 2}
    assert controls(sim) == 4


@pytest.mark.parametrize("ids", ["abc", b"abc", 5, None])
def test_one_id_is_not_many(many, ids):
    with pytest.raises(TypeError):
        many.client.control_many(ids, "start")


def test_what_cannot_work_is_refused_at_once(many, sim):
    for call in (
        lambda: many.client.control_many([], "record"),
        lambda: many.client.control_many([], "pause"),  # the tutorial's wire has none
        lambda: many.client.ensure_many([], "paused"),
        lambda: many.client.ensure_many([], "gone"),
        lambda: many.client.ensure_many([], "stopped", timeout=-1),
        lambda: many.client.control_many([], "start", concurrency=0),
    ):
        with pytest.raises(gcrec.ConfigError):
            call()
    assert sim.requests == []


def test_an_empty_bulk_is_complete(many, sim):
    report = many.run(many.client.control_many([], "start"))
    assert (report.total, report.complete) == (0, True)


def test_a_bulk_is_used_once(many, sim):
    bulk = many.client.control_many(sim.calls, "start")
    many.run(bulk, False)
    with pytest.raises(RuntimeError, match="once"):
        many.run(bulk, False)


def test_an_error_of_the_iterable_ends_the_intake_and_is_raised_at_the_end(many, sim, tmp_path):
    def ids():
        yield from sim.calls[:10]
        raise LookupError("no more")

    bulk = many.client.control_many(ids(), "start", journal=tmp_path / "a.db")
    seen: list[gcrec.Outcome] = []
    with pytest.raises(LookupError, match="no more"):
        many.run(bulk, False, seen.append)
    assert kinds(seen) == {"accepted": 10}
    assert bulk.report.counts["accepted"] == 10 and not bulk.report.complete
    # The run is not over: the same call goes on with it.
    outcomes = many.outcomes("control_many", sim.calls, "start", journal=tmp_path / "a.db")
    assert kinds(outcomes) == {"skipped": 10, "accepted": 30}


def test_an_error_of_an_async_iterable_is_raised_at_the_end(sim):
    async def ids():
        for id in sim.calls[:10]:
            yield id
        raise LookupError("no more")

    async def main():
        bulk = Many("asyncio", sim).client.control_many(ids(), "start")
        with pytest.raises(LookupError, match="no more"):
            await bulk.run(False)
        return bulk.report

    report = asyncio.run(main())
    assert report.counts["accepted"] == 10 and not report.complete


def test_leaving_the_loop_stops_it(many, server):
    client = type(many.client)(server.url, access_token="token", api="events")
    ids = ["one", "two", *(f"hang-{n}" for n in range(20))]
    bulk = client.control_many(ids, "start", concurrency=5)
    seen = many.first(bulk, 2)
    report = bulk.report
    assert {outcome.conversation_id for outcome in seen} == {"one", "two"}
    assert report.counts["accepted"] == 2 and report.counts["unknown"] <= 5 and not report.complete
    del client  # and with it the connections that are idle
    server.all_closed()
    assert len(server.requests) <= 7


def test_an_error_of_user_code_stops_it(many, server):
    def fail(_):
        raise LookupError

    client = type(many.client)(server.url, access_token="token", api="events")
    bulk = client.control_many(["one", *(f"hang-{n}" for n in range(20))], "start", concurrency=5)
    with pytest.raises(LookupError):
        many.run(bulk, False, fail)
    assert not bulk.report.complete and bulk.report.total <= 6
    del client  # and with it the connections that are idle
    server.all_closed()


def hanging(many: Many, server: Any, number: int = 20) -> Any:
    """A bulk whose commands get no answer, five at a time."""
    client = type(many.client)(server.url, access_token="token", api="events")
    return client.control_many([f"hang-{n}" for n in range(number)], "start", concurrency=5)


def cut_off(report: gcrec.BulkReport, server: Any) -> None:
    assert set(report.counts) == KINDS and 1 <= report.counts["unknown"] == report.total <= 5
    assert not report.complete and "not all that were asked for" in str(report)
    assert all(outcome.error.maybe_sent for outcome in report.first_failures)
    server.all_closed()
    assert len(server.requests) <= 5


@pytest.mark.parametrize("how", ["run", "iterate"])
def test_ctrl_c_cuts_it_off_and_tells_what_may_have_been_sent(many, server, how):
    def send() -> None:
        server.wait_for(lambda: len(server.requests) >= 1)
        os.kill(os.getpid(), signal.SIGINT)

    bulk, thread = hanging(many, server), threading.Thread(target=send)
    thread.start()
    with pytest.raises(KeyboardInterrupt) as interrupted:  # which keeps every frame alive, and what is in it
        many.run(bulk, False) if how == "run" else many.first(bulk, 1)
    thread.join()
    assert interrupted
    cut_off(bulk.report, server)


def test_cancellation_cuts_it_off(many, server):
    if many.face == "sync":
        pytest.skip("only tasks are cancelled")

    async def main() -> gcrec.BulkReport:
        bulk = hanging(many, server)
        task = asyncio.ensure_future(bulk.run(False))
        await asyncio.get_running_loop().run_in_executor(None, server.wait_for, lambda: len(server.requests) >= 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return bulk.report

    cut_off(asyncio.run(main()), server)


def test_values_are_frozen_compared_and_pickled(many, sim):
    outcomes = many.outcomes("ensure_many", [sim.calls[0], "", "nobody"], "recording")
    assert kinds(outcomes) == {"proven": 1, "failed": 2}
    for outcome in outcomes:
        copy = pickle.loads(pickle.dumps(outcome))
        assert copy == outcome and hash(copy) == hash(outcome) and repr(copy) == repr(outcome)
        assert type(copy.error) is type(outcome.error) and outcome.error is outcome.error
        assert copy.to_dict() == outcome.to_dict()
        assert copy != outcomes[outcomes.index(outcome) - 1]
        with pytest.raises(AttributeError):
            outcome.kind = "proven"
    failed = next(outcome for outcome in outcomes if outcome.conversation_id == "")
    assert failed.to_dict()["error"]["type"] == "InvalidIdError"
    assert failed.to_dict()["error"]["maybe_sent"] is False

    report = many.run(many.client.control_many([sim.calls[0], ""], "start"), False)
    copy = pickle.loads(pickle.dumps(report))
    assert copy == report and str(copy) == str(report) and hash(copy) == hash(report)
    assert copy.first_failures == report.first_failures and copy.to_dict() == report.to_dict()
    assert "invalid_id" in {failure["error"]["kind"] for failure in report.to_dict()["first_failures"]}
    assert "first_failures" not in repr(report)


def test_a_slow_reader_neither_piles_up_nor_loses_outcomes(many, sim):
    ids = [sim.add_call() for _ in range(2_000)]
    taken = []

    def source():
        for id in ids:
            taken.append(id)
            yield id

    many.first(many.client.control_many(source(), "start", concurrency=16), 1)
    assert len(taken) <= 2 * 512 + 256 + 16 + 1
    outcomes = many.outcomes("control_many", ids, "stop")
    assert len(outcomes) == 2_000


def test_a_forked_child_has_no_part_in_it(many, sim):
    bulk = many.client.control_many(sim.calls, "start", concurrency=1)
    outcomes = iter(bulk) if many.face == "sync" else None
    if outcomes is None:
        pytest.skip("one face forks alike")
    next(outcomes)
    child = os.fork()
    if child == 0:
        try:
            next(outcomes)
        except StopIteration:
            os._exit(1)
        except RuntimeError:
            del outcomes, bulk
            gc.collect()
            os._exit(0)
        os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    rest = list(outcomes)
    # What the child saw before it asked is the parent's too.
    assert len(rest) == 39


def test_bad_credentials_fail_everybody_at_once(many, sim):
    many = Many(many.face, sim, client_secret="wrong")
    report = many.run(many.client.control_many(sim.calls, "start"), False)
    assert report.counts["failed"] == 40
    assert all(isinstance(outcome.error, gcrec.AuthenticationError) for outcome in report.first_failures)
    assert len(sim.requests) == 1
