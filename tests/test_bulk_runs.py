"""Runs of many conversations in a journal: interrupted, killed, continued; dry; and what they cost in memory."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from bridge_support import python
from bulk_support import controls

import gcrec

pytest_plugins = ("bridge_fixture", "bulk_fixture")
pytestmark = pytest.mark.timeout(60)


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
