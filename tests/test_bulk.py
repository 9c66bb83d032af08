"""Many conversations, on both faces: outcomes, runs that are interrupted, and what user code may do to them."""

from __future__ import annotations

import asyncio
import gc
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable

import pytest
from bridge_support import python

import gcrec
from gcrec.testing import Simulator

pytest_plugins = ("bridge_fixture",)
pytestmark = pytest.mark.timeout(60)
KINDS = {"accepted", "proven", "already", "ended", "failed", "unknown", "skipped"}


class Many:
    """A client of one face, whose bulks are used alike."""

    def __init__(self, face: str, sim: Simulator, **options: Any) -> None:
        self.face, self.sim = face, sim
        options = {
            "base_url": sim.base_url,
            "client_id": sim.client_id,
            "client_secret": sim.client_secret,
            **options,
        }
        self.client = (gcrec.Client if face == "sync" else gcrec.AsyncClient)(**options)

    def outcomes(self, method: str, *args: Any, **options: Any) -> list[gcrec.Outcome]:
        """All outcomes, by iterating."""
        if self.face == "sync":
            return list(getattr(self.client, method)(*args, **options))

        async def collect() -> list[gcrec.Outcome]:
            return [outcome async for outcome in getattr(self.client, method)(*args, **options)]

        return asyncio.run(collect())

    def run(self, bulk: Any, *args: Any, **options: Any) -> gcrec.BulkReport:
        if self.face == "sync":
            return bulk.run(*args, **options)

        async def run() -> gcrec.BulkReport:
            return await bulk.run(*args, **options)

        return asyncio.run(run())

    def first(self, bulk: Any, number: int, then: Callable[[], Any] = lambda: None) -> list[gcrec.Outcome]:
        """So many outcomes; then it leaves the loop."""
        seen: list[gcrec.Outcome] = []
        if self.face == "sync":
            for outcome in bulk:
                seen.append(outcome)
                if len(seen) == number:
                    break
            then()
            return seen

        async def leave() -> None:
            async for outcome in bulk:
                seen.append(outcome)
                if len(seen) == number:
                    break
            then()

        asyncio.run(leave())
        return seen


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with Simulator(calls=40, propagation=0.05) as sim:
        yield sim


@pytest.fixture(params=["sync", "asyncio"])
def many(request: pytest.FixtureRequest, sim: Simulator) -> Many:
    return Many(request.param, sim)


def kinds(outcomes: Any) -> Counter[str]:
    return Counter(outcome.kind for outcome in outcomes)


def controls(sim: Simulator) -> int:
    return sum(request.method == "POST" and request.path.endswith("/events") for request in sim.requests)


def test_a_bulk_does_nothing_until_it_is_used(many, sim):
    bulk = many.client.control_many((pytest.fail("pulled") for _ in range(1)), "start")
    assert bulk.report.total == 0 and not bulk.report.complete
    del bulk
    assert sim.requests == []


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


def test_an_error_of_user_code_stops_it(many, sim):
    def fail(_):
        raise LookupError

    bulk = many.client.control_many(sim.calls, "start", concurrency=1)
    with pytest.raises(LookupError):
        many.run(bulk, False, fail)
    assert not bulk.report.complete and bulk.report.total < 40


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


def test_ctrl_c_cuts_it_off_and_tells_what_may_have_been_sent(many, server):
    def send() -> None:
        server.wait_for(lambda: len(server.requests) >= 1)
        os.kill(os.getpid(), signal.SIGINT)

    bulk, thread = hanging(many, server), threading.Thread(target=send)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        many.run(bulk, False)
    thread.join()
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


def test_an_interrupted_run_continues_in_the_same_process(many, sim, tmp_path):
    journal = tmp_path / "a.db"
    many.client = many.client.with_options(settle=0.3)
    many.first(many.client.control_many(sim.calls, "start", concurrency=4, journal=journal), 10)
    with pytest.raises(gcrec.JournalError, match="recover"):
        many.run(many.client.ensure_many(sim.calls, "stopped", journal=journal), False)
    report = many.run(many.client.control_many(sim.calls, "start", journal=str(journal)), False)
    assert report.complete and report.counts["skipped"] >= 10 and report.total == 40
    assert report.counts["failed"] == report.counts["unknown"] == 0
    finals = list(report.outcomes())
    assert sorted(outcome.conversation_id for outcome in finals) == sorted(sim.calls)
    assert {outcome.kind for outcome in finals} <= {"accepted", "proven"}
    # A finished run is closed: the next call acts.
    report = many.run(many.client.control_many(sim.calls, "stop", journal=journal), False)
    assert report.counts["accepted"] == 40
    with pytest.raises(gcrec.ConfigError, match="journal"):
        many.run(many.client.control_many([], "stop"), False).outcomes()


KILLED = """
import sys, gcrec
client = gcrec.Client(sys.argv[1], client_id=sys.argv[2], client_secret=sys.argv[3])
for outcome in client.control_many(sys.argv[5:], "start", concurrency=4, journal=sys.argv[4]):
    print(outcome.conversation_id, flush=True)
"""


def test_a_run_whose_process_was_killed_is_continued_and_nothing_is_sent_twice(many, sim, tmp_path):
    sim.fail("control", times=None, delay=0.05)
    script = python(KILLED, sim.base_url, sim.client_id, sim.client_secret, str(tmp_path / "a.db"), *sim.calls)
    told = {script.stdout.readline().strip() for _ in range(10)}
    script.kill()
    script.communicate()
    many.client = many.client.with_options(settle=0.5)
    outcomes = many.outcomes("control_many", sim.calls, "start", journal=tmp_path / "a.db")
    by_id = {outcome.conversation_id: outcome.kind for outcome in outcomes}
    assert len(by_id) == len(outcomes) == 40 and {by_id[id] for id in told} == {"skipped"}
    assert set(by_id.values()) <= {"skipped", "accepted", "proven"}
    assert controls(sim) == 40 and all(len(sim.commands(id)) <= 1 for id in sim.calls)


def test_a_journal_that_somebody_else_has_is_told_before_anything_is_sent(many, sim, tmp_path):
    """Of this process all clients share it; to another it is closed."""
    other = (
        "import gcrec, sys\n"
        "client = gcrec.Client(sys.argv[1], client_id='x', client_secret='x')\n"
        "try:\n    client.control_many(['a'], 'start', journal=sys.argv[2]).run()\n"
        "except gcrec.JournalError as error:\n    print(error.maybe_sent, error)\n"
    )
    told = []

    def hold(outcome: gcrec.Outcome) -> None:
        if not told:
            arguments = [sys.executable, "-c", other, sim.base_url, str(tmp_path / "a.db")]
            told.append(subprocess.run(arguments, capture_output=True, text=True, check=True).stdout)

    many.run(many.client.control_many(sim.calls, "start", journal=tmp_path / "a.db", concurrency=1), False, hold)
    assert len(told) == 1 and told[0].startswith("False") and f"process {os.getpid()}" in told[0]
    second = many.client.control_many(sim.calls, "start", journal=tmp_path / "a.db")
    assert many.run(second, False).total == len(sim.calls)


def test_dry_runs(many, sim, tmp_path):
    report = many.run(many.client.control_many([*sim.calls, ""], "start", dry_run=True), False)
    assert report.counts["skipped"] == 40 and report.counts["failed"] == 1 and sim.requests == []
    assert "dry run" in str(report)
    sim.by_hand(sim.calls[0], "start")
    ids = sim.calls[:3]
    report = many.run(many.client.ensure_many(ids, "recording", dry_run=True, journal=tmp_path / "a.db"), False)
    assert controls(sim) == 0 and report.counts["skipped"] + report.counts["already"] == 3
    assert not (tmp_path / "a.db").exists()


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


MEMORY = """
import sys, gcrec

def resident():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))

client, number = gcrec.Client(sys.argv[1], access_token="token", api="events"), int(sys.argv[2])
before = resident()
report = client.control_many((f"{n:08x}-8c5b-4a7e-9d10-b1c2d3e4f506" for n in range(number)), "start").run(False)
assert report.counts["accepted"] == number, report
print(resident() - before)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="it asks Linux for the peak")
def test_memory_is_bounded_and_flat(server):
    def peak(number: int) -> int:
        script = python(MEMORY, server.url, str(number))
        output, errors = script.communicate()
        assert (errors, script.returncode) == ("", 0)
        return int(output)

    few, many = peak(2_000), peak(12_000)
    assert few < 40 * 1024 and many < few + 8 * 1024, (few, many)
