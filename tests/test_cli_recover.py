"""``gcrec recover``: what a process that was killed left behind is settled, and what cannot be is told."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from cli_support import gcrec

import gcrec as library
from gcrec.testing import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.timeout(60)

PAUSED = """
import sys, gcrec
with gcrec.Client.from_env(journal=sys.argv[1]) as client, client.paused(sys.argv[2], reason="card number"):
    print("paused", flush=True)
    sys.stdin.read()
"""
QUICK = ["--settle", "0.3"]


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with Simulator(calls=1, propagation=0.05) as simulator:
        yield simulator


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "journal"


def killed_while_paused(sim: Simulator, journal: Path) -> str:
    """A call that a process paused, and the process is no more."""
    call = sim.add_call(state="recording")
    command = [sys.executable, "-c", PAUSED, str(journal), call]
    with subprocess.Popen(
        command, env={**os.environ, **sim.env("platform")}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "paused\n"
        process.kill()
    assert sim.state(call) == "paused"
    return call


def killed_while_starting(sim: Simulator, journal: Path, *, acts: bool = False) -> str:
    """A call whose start was written down and not answered."""
    call = sim.add_call()
    sim.fail("control", times=1, delay=60.0, status_code=500, effect=acts)
    command = [sys.executable, "-m", "gcrec", "start", call, "--journal", str(journal)]
    with subprocess.Popen(command, env={**os.environ, **sim.env()}) as process:
        while not any(call in request.path for request in sim.requests):
            assert process.poll() is None
        process.kill()
    return call


def pending(journal: Path) -> list[str]:
    return [entry.conversation_id for entry in library.Journal(journal).pending()]


def make_older(journal: Path) -> None:
    with sqlite3.connect(journal) as connection:
        connection.execute("UPDATE entries SET intent_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-2 hours')")
    connection.close()


def test_a_dead_blocks_pause_is_lifted(sim: Simulator, journal: Path) -> None:
    call = killed_while_paused(sim, journal)
    done = gcrec("recover", "--journal", str(journal), *QUICK, env=sim.env("platform"))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("recover: 1 conversation in ")
    assert "1 proven" in done.stdout
    assert sim.state(call) == "recording"
    assert [command.action for command in sim.commands(call)] == ["pause", "resume"]
    assert pending(journal) == []
    again = gcrec("recover", "--journal", str(journal), *QUICK, "--json", env=sim.env("platform"))
    document = json.loads(again.stdout)
    assert (again.returncode, document["total"], document["still_open"]) == (0, 0, [])


def test_a_pause_that_is_too_old_stays_unless_it_is_forced(sim: Simulator, journal: Path) -> None:
    call = killed_while_paused(sim, journal)
    make_older(journal)
    line = ["recover", "--journal", str(journal), *QUICK]
    kept = gcrec(*line, env=sim.env("platform"))
    assert (kept.returncode, sim.state(call)) == (4, "paused")
    assert f"still open: {call}: " in kept.stderr
    assert "--force" in kept.stderr
    assert pending(journal)
    document = json.loads(gcrec(*line, "--json", env=sim.env("platform")).stdout)
    (still_open,) = document["still_open"]
    assert (still_open["conversation_id"], still_open["error"]["last_seen"]) == (call, "paused")
    assert (document["operation"], document["counts"]["unknown"]) == ("recover", 1)
    young = gcrec(*line, "--max-age", "9000", env=sim.env("platform"))
    assert (young.returncode, sim.state(call), pending(journal)) == (0, "recording", [])


def test_force_lifts_it(sim: Simulator, journal: Path) -> None:
    call = killed_while_paused(sim, journal)
    make_older(journal)
    done = gcrec("recover", "--journal", str(journal), *QUICK, "--force", env=sim.env("platform"))
    assert (done.returncode, sim.state(call), pending(journal)) == (0, "recording", [])


@pytest.mark.parametrize(("acts", "kind"), [(True, "proven"), (False, "failed")])
def test_a_command_without_outcome_is_closed_by_what_is_read(
    sim: Simulator, journal: Path, acts: bool, kind: str
) -> None:
    call = killed_while_starting(sim, journal, acts=acts)
    assert pending(journal) == [call]
    done = gcrec("recover", "--journal", str(journal), *QUICK, env=sim.env())
    assert (done.returncode, done.stderr, f"1 {kind}" in done.stdout) == (0, "", True)
    assert (len(sim.commands(call)), pending(journal)) == (int(acts), [])


def test_a_start_of_others_is_open_for_the_next_command(sim: Simulator, journal: Path) -> None:
    """It may still arrive: what is stopped now is no proof, until it cannot any more."""
    call = killed_while_starting(sim, journal)
    line = ["ensure", call, "stopped", "--json", "--settle", "0.5"]
    assert json.loads(gcrec(*line, env=sim.env()).stdout)["elapsed"] < 0.4
    proof = json.loads(gcrec(*line, "--journal", str(journal), env=sim.env()).stdout)
    assert (proof["elapsed"] >= 0.5, proof["polls"] > 1, proof["commands_sent"]) == (True, True, 0)


@pytest.mark.parametrize(
    ("arguments", "change", "exit_code", "words"),
    [
        pytest.param([], {}, 2, "--journal", id="no journal"),
        pytest.param(["--journal", "{}/nothing"], {}, 1, "There is no journal", id="a journal that is not there"),
        pytest.param(["--journal", "{}/text"], {}, 1, "not a journal", id="no journal in it"),
        pytest.param(["--journal", "{}/journal", "--max-age", "0"], {}, 2, "--max-age", id="no age"),
        pytest.param(["--journal", "{}/journal"], {"GENESYS_CLIENT_ID": ""}, 2, "GENESYS_CLIENT_ID", id="nobody"),
        pytest.param(
            ["--journal", "{}/journal"], {"GENESYS_CLIENT_SECRET": "not-the-secret"}, 1, "401", id="who is refused"
        ),
    ],
)
def test_what_cannot_be_is_a_sentence(
    sim: Simulator, journal: Path, arguments: list[str], change: dict[str, str], exit_code: int, words: str
) -> None:
    call = killed_while_starting(sim, journal)
    (journal.parent / "text").write_text("no journal\n" * 1000)
    before = sorted(path.name for path in journal.parent.iterdir())
    arguments = [argument.format(journal.parent) for argument in arguments]
    done = gcrec("recover", *arguments, env={**sim.env(), **change})
    assert (done.returncode, words in done.stderr) == (exit_code, True), done.stderr
    assert "not-the-secret" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert pending(journal) == [call]
    assert {path.name for path in journal.parent.iterdir()} <= {*before, "journal-wal", "journal-shm"}


def test_ctrl_c_leaves_open_what_is_open(sim: Simulator, journal: Path) -> None:
    call = killed_while_starting(sim, journal)
    reads = len(sim.requests)
    command = [sys.executable, "-m", "gcrec", "recover", "--journal", str(journal)]
    with subprocess.Popen(
        command, env={**os.environ, **sim.env()}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        while not any(call in request.path for request in sim.requests[reads:]):
            assert process.poll() is None
        busy = gcrec("recover", "--journal", str(journal), env=sim.env())
        assert (busy.returncode, f"process {process.pid}" in busy.stderr) == (1, True)
        process.send_signal(signal.SIGINT)
        data, told = process.communicate()
    assert (process.returncode, data) == (130, "")
    assert told.startswith("interrupted\nnote: what was not settled is still open")
    assert pending(journal) == [call]
