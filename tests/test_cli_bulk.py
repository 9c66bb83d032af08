"""``gcrec bulk``: many conversations from a shell, however the ids come and however it ends."""

from __future__ import annotations

import contextlib
import csv
import fcntl
import io
import json
import os
import pty
import signal
import subprocess
import sys
import termios
from array import array
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from cli_support import COMMAND, gcrec, peak_memory

import gcrec as library
from gcrec.testing import Simulator

# What a pipe holds where nobody has changed that.
PIPE = 65_536

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.timeout(60)

SAME_LINE = "the same command line goes on with it"


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with Simulator(calls=12, propagation=0.05) as simulator:
        yield simulator


def environment(sim: Simulator, api: Any = "events") -> dict[str, str]:
    return {**os.environ, **sim.env(api)}


def piped(text: str | bytes, *arguments: str, sim: Simulator) -> subprocess.CompletedProcess[str]:
    data = text.encode() if isinstance(text, str) else text
    done = subprocess.run([*COMMAND, *arguments], env=environment(sim), input=data, capture_output=True, check=False)
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def started(*arguments: str, sim: Simulator, **options: Any) -> subprocess.Popen[str]:
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.Popen([*COMMAND, *arguments], env=environment(sim), text=True, **pipes)


def controls(sim: Simulator) -> int:
    return sum(request.method == "POST" and request.path.endswith("/events") for request in sim.requests)


def unread(process: subprocess.Popen[str]) -> int:
    """Bytes that the process has written and nobody has read."""
    waiting = array("i", [0])
    fcntl.ioctl(process.stdout, termios.FIONREAD, waiting)
    return waiting[0]


def wait_for(condition: Any, process: subprocess.Popen[str]) -> None:
    while not condition():
        assert process.poll() is None


def all_become(state: str, sim: Simulator) -> bool:
    """What was accepted takes a moment."""
    while {sim.state(call) for call in sim.calls} != {state}:
        pass
    return True


def runs(file: Path) -> list[bool]:
    """Of each run in a journal: is it finished?"""
    return [run.finished_at is not None for run in library.Journal(file).runs()]


def test_ids_from_the_command_line_a_file_a_pipe_or_the_server(sim: Simulator, tmp_path: Path) -> None:
    file = tmp_path / "ids"
    file.write_text("# of today\r\n\r\n" + "".join(f"  {call} \r\n" for call in sim.calls), encoding="utf-8-sig")
    for action, ids, state in (
        ("start", sim.calls, "recording"),
        ("stop", ["--file", str(file)], "stopped"),
        ("recording", ["--all-active"], "recording"),
    ):
        done = gcrec("bulk", action, *ids, "--settle", "0.3", env=sim.env())
        assert (done.returncode, done.stderr) == (0, ""), action
        assert f"{action}: 12 conversations in " in done.stdout
        assert all_become(state, sim)  # the next process does not know of commands that are still under way
    done = piped("\n".join(sim.calls), "bulk", "stopped", "--file", "-", "--settle", "0.3", sim=sim)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("ensure stopped: 12 conversations in ")
    assert "12 proven" in done.stdout
    assert {sim.state(call) for call in sim.calls} == {"stopped"}


@pytest.mark.parametrize("target", ["paused", "recording"])
def test_the_published_api(sim: Simulator, target: Any) -> None:
    calls = [sim.add_call(state="recording") for _ in range(3)]
    env = sim.env("platform")
    done = gcrec("bulk", target, *calls, "--json", env=env)
    report = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert report["counts"]["proven" if target == "paused" else "already"] == 3
    assert {sim.state(call) for call in calls} == {target}
    found = gcrec("bulk", "pause", "--all-active", "--json", env=env)
    assert (found.returncode, "whole organisation" in found.stderr) == (0, True)
    assert json.loads(found.stdout)["counts"]["accepted"] == len(sim.calls)


def test_the_report_and_the_outcomes_are_the_documented_values(sim: Simulator) -> None:
    with sim.client() as client:
        bulk = client.ensure_many([*sim.calls[:1], "nobody"], "recording")
        known = {outcome.conversation_id: outcome.to_dict() for outcome in bulk}
        report = bulk.report.to_dict()
    done = gcrec("bulk", "recording", *sim.calls, "nobody", "--json", env=sim.env())
    document = json.loads(done.stdout)
    assert list(document) == list(report)
    assert (done.returncode, document["complete"], document["total"]) == (5, True, 13)
    assert (document["counts"]["already"], document["counts"]["proven"], document["counts"]["failed"]) == (1, 11, 1)
    (failure,) = document["first_failures"]
    assert list(failure) == list(known["nobody"])
    assert (failure["conversation_id"], failure["error"]["kind"]) == ("nobody", "not_found")


def test_rows_are_jsonl_or_csv_and_the_report_goes_to_stderr(sim: Simulator) -> None:
    lines = gcrec("bulk", "start", *sim.calls, "nobody", "--jsonl", env=sim.env())
    outcomes = [json.loads(line) for line in lines.stdout.splitlines()]
    assert lines.returncode == 5
    assert Counter(outcome["kind"] for outcome in outcomes) == {"accepted": 12, "failed": 1}
    assert {outcome["receipt"]["action"] for outcome in outcomes if outcome["receipt"]} == {"start"}
    assert lines.stderr.startswith("start: 13 conversations in ")
    table = gcrec("bulk", "recording", *sim.calls, "nobody", "=1+1", "--csv", "--settle", "0.3", env=sim.env())
    rows = {row["conversation_id"]: row for row in csv.DictReader(io.StringIO(table.stdout))}
    assert set(rows) == {*sim.calls, "nobody", "'=1+1"}
    assert (rows[sim.calls[0]]["kind"], rows[sim.calls[0]]["state"]) == ("already", "recording")
    assert (rows["nobody"]["status_code"], rows["nobody"]["error"]) == ("404", "not_found")
    assert table.stderr.startswith("ensure recording: 14 conversations in ")


def test_rows_come_as_they_settle(sim: Simulator) -> None:
    with started("bulk", "start", "--file", "-", "--jsonl", sim=sim, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for call in sim.calls[:3]:  # each is told before the next is asked for
            process.stdin.write(f"{call}\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["conversation_id"] == call
        rest, _ = process.communicate()
    assert (process.returncode, rest) == (0, "")


def test_a_dry_run_sends_no_command_and_makes_no_journal(sim: Simulator, tmp_path: Path) -> None:
    recorded = sim.add_call(state="recording")
    line = ["bulk", "stopped", recorded, sim.calls[0], "--dry-run", "--journal", str(tmp_path / "journal")]
    done = gcrec(*line, env=sim.env())
    assert done.returncode == 0
    assert "(dry run: no command was sent)" in done.stdout
    assert "1 already" in done.stdout
    assert "1 skipped   a command would be sent" in done.stdout
    assert (controls(sim), sim.commands(recorded), list(tmp_path.iterdir())) == (0, [], [])


@pytest.mark.parametrize(
    ("arguments", "exit_code", "words"),
    [
        pytest.param(["start"], 2, "--file", id="no source"),
        pytest.param(["start", "a", "--all-active"], 2, "--all-active", id="two sources"),
        pytest.param(["start", "--file", "ids", "--all-active"], 2, "--all-active", id="two other sources"),
        pytest.param(["explode", "a"], 2, "possible values", id="no action or target"),
        pytest.param(["pause", "a"], 2, "has no pause", id="an action that the wire does not have"),
        pytest.param(["paused", "a"], 2, "has no pause", id="a target that the wire does not have"),
        pytest.param(["stop", "--file", "/nowhere/ids"], 2, "/nowhere/ids", id="no file"),
        pytest.param(["stop", "--file", "/"], 2, "cannot be read", id="a folder"),
        pytest.param(["stop", "a", "--concurrency", "0"], 2, "--concurrency", id="none at a time"),
        pytest.param(["stop", "a", "--json", "--csv"], 2, "--csv", id="two forms"),
        pytest.param(["stop", "a", "--timeout", "0"], 2, "--timeout", id="no time"),
        pytest.param(["stop", "a", "--region", "eu-west-9"], 2, "eu-west-1", id="unknown region"),
    ],
)
def test_what_cannot_be_is_a_usage_error(
    sim: Simulator, tmp_path: Path, arguments: list[str], exit_code: int, words: str
) -> None:
    done = gcrec("bulk", *arguments, "--journal", str(tmp_path / "journal"), env=sim.env())
    assert (done.returncode, words in done.stderr) == (exit_code, True), done.stderr
    assert controls(sim) == 0
    assert "Traceback" not in done.stderr
    # A file turns out to be unreadable only while it is read.
    assert list(tmp_path.iterdir()) == [] or arguments[-1] == "/"


def test_a_file_that_is_no_text_ends_the_intake_and_leaves_the_run_unfinished(sim: Simulator, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    line = ["bulk", "start", "--file", "-", "--journal", str(journal)]
    done = piped(f"{sim.calls[0]}\n".encode() + b"\xff\xfe\n" + sim.calls[1].encode(), *line, sim=sim)
    assert (done.returncode, "Line 2 of stdin is not UTF-8" in done.stderr, SAME_LINE in done.stderr) == (5, True, True)
    assert "1 accepted" in done.stdout
    assert "not all that were asked for" in done.stdout
    assert runs(journal) == [False]
    again = piped("\n".join(sim.calls[:2]), *line, sim=sim)
    assert (again.returncode, "1 skipped" in again.stdout, "1 accepted" in again.stdout) == (0, True, True)
    assert runs(journal) == [True]


def test_nothing_to_act_on_is_exit_code_3() -> None:
    with Simulator(calls=0) as sim:
        done = gcrec("bulk", "stop", "--all-active", "--json", env=sim.env())
        assert (done.returncode, json.loads(done.stdout)["total"]) == (3, 0)
        assert "There is no active voice call." in done.stderr
        assert piped("# none\n", "bulk", "stop", "--file", "-", sim=sim).returncode == 3


def test_who_is_refused_has_failed_at_all(sim: Simulator) -> None:
    done = gcrec("bulk", "start", *sim.calls, env={**sim.env(), "GENESYS_CLIENT_SECRET": "not-the-secret"})
    assert (done.returncode, "12 failed" in done.stdout, controls(sim)) == (1, True, 0)
    assert "not-the-secret" not in done.stdout + done.stderr
    assert sum(request.path == "/oauth/token" for request in sim.requests) < 3


def test_calls_that_nobody_named_are_not_touched_elsewhere_without_a_yes() -> None:
    env = {"GENESYS_BASE_URL": "https://gcrec.invalid", "GENESYS_CLIENT_ID": "a", "GENESYS_CLIENT_SECRET": "b"}
    refused = gcrec("bulk", "stop", "--all-active", "--json", env=env)
    assert (refused.returncode, "--yes" in refused.stderr) == (2, True)
    assert json.loads(refused.stdout)["error"]["kind"] == "config"
    for agreed in (["--yes"], ["--dry-run"]):
        tried = gcrec("bulk", "stop", "--all-active", *agreed, env=env)
        assert (tried.returncode, "POST /oauth/token failed" in tried.stderr) == (1, True)


def test_a_killed_run_is_continued_by_the_same_line(sim: Simulator, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    line = ["bulk", "start", *sim.calls, "--journal", str(journal), "--concurrency", "2", "--settle", "0.5"]
    sim.fail("control", times=4, delay=0.0)  # four get through
    sim.fail("control", times=2, delay=60.0)  # two hang, written down without outcome
    with started(*line, sim=sim) as process:
        wait_for(lambda: controls(sim) == 6, process)
        process.kill()
    assert runs(journal) == [False]
    again = gcrec(*line, "--json", env=sim.env())
    counts = json.loads(again.stdout)["counts"]
    # What was written down may be behind what was sent, never before it.
    assert (again.returncode, sum(counts.values()), 2 <= counts["skipped"] <= 4) == (0, 12, True)
    assert all_become("recording", sim)
    assert runs(journal) == [True]
    another = gcrec(*line, "--json", env=sim.env())
    assert json.loads(another.stdout)["counts"]["skipped"] == 0
    assert runs(journal) == [True, True]


@pytest.mark.parametrize("form", [[], ["--json"], ["--jsonl"]])
def test_ctrl_c_begins_nothing_more_and_tells_what_may_have_been_sent(
    sim: Simulator, tmp_path: Path, form: list[str]
) -> None:
    journal = tmp_path / "journal"
    sim.fail("control", times=4, delay=0.0)
    sim.fail("control", times=2, delay=60.0)
    line = ["bulk", "start", *sim.calls, "--concurrency", "2", "--journal", str(journal), "--settle", "0.5"]
    with started(*line, *form, sim=sim) as process:
        wait_for(lambda: controls(sim) == 6, process)
        process.send_signal(signal.SIGINT)
        data, told = process.communicate()
    assert (process.returncode, "Traceback" in told, controls(sim)) == (130, False, 6)
    assert told.startswith("interrupted\nstart: 6 conversations in ")
    assert "4 accepted" in told
    assert "2 unknown" in told
    assert SAME_LINE in told
    if form == ["--json"]:
        report = json.loads(data)
        assert (report["complete"], report["counts"]["unknown"]) == (False, 2)
    elif form == ["--jsonl"]:
        assert Counter(json.loads(row)["kind"] for row in data.splitlines()) == {"accepted": 4, "unknown": 2}
    assert runs(journal) == [False]
    again = gcrec(*line, "--json", env=sim.env())
    counts = json.loads(again.stdout)["counts"]
    assert (again.returncode, counts["skipped"], sum(counts.values())) == (0, 4, 12)
    assert all_become("recording", sim)
    assert runs(journal) == [True]


def test_ctrl_c_while_ids_are_waited_for(sim: Simulator) -> None:
    with started("bulk", "start", "--file", "-", sim=sim, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.write(f"{sim.calls[0]}\n")
        process.stdin.flush()
        wait_for(lambda: sim.commands(sim.calls[0]), process)
        process.send_signal(signal.SIGINT)
        assert process.wait() == 130


def test_a_reader_that_leaves_ends_the_rows_and_not_the_work(sim: Simulator) -> None:
    for _ in range(400):
        sim.add_call()
    script = f"set -o pipefail; {sys.executable} -m gcrec bulk start --all-active --jsonl | head -n 1"
    done = subprocess.run(["bash", "-c", script], env=environment(sim), capture_output=True, text=True, check=False)
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 1)
    assert done.stderr.startswith("start: 412 conversations in ")
    assert "412 accepted" in done.stderr
    assert controls(sim) == 412


def test_a_reader_that_is_stuck_stops_the_intake_and_not_what_is_under_way(sim: Simulator, tmp_path: Path) -> None:
    """Answers that come meanwhile are written down: who is killed then leaves nothing open."""
    calls, journal = [sim.add_call() for _ in range(2_000)], library.Journal(tmp_path / "journal")
    line = ["bulk", "start", "--file", "-", "--jsonl", "--journal", str(tmp_path / "journal")]
    with started(*line, sim=sim, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("\n".join(calls))
        process.stdin.close()
        wait_for(lambda: controls(sim) > 100 and not journal.pending(), process)
        assert controls(sim) < 2_000
        rows = Counter(json.loads(row)["kind"] for row in process.stdout)
        process.stdout.close()
        assert (process.wait(), rows) == (0, {"accepted": 2_000})


def test_ctrl_c_is_heard_while_the_reader_is_stuck(sim: Simulator) -> None:
    calls = [sim.add_call() for _ in range(2_000)]
    with started("bulk", "start", "--file", "-", "--jsonl", sim=sim, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.write("\n".join(calls))
        process.stdin.close()
        wait_for(lambda: unread(process) > PIPE - 4_096, process)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 130


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no full disk here")
def test_rows_that_cannot_be_written_are_a_failure_after_the_work(sim: Simulator) -> None:
    with open("/dev/full", "w") as full:
        process = started("bulk", "start", *sim.calls, "--csv", sim=sim, stdout=full)
        _, told = process.communicate()
    assert (process.returncode, told.count("could not be written"), controls(sim)) == (1, 1, 12)


def test_an_id_of_others_is_harmless_and_any_id_has_its_outcome(sim: Simulator) -> None:
    hostile = "\u009b31m\u202e"
    done = gcrec("bulk", "start", hostile, "..", "x" * 100_000, sim.calls[0], env=sim.env())
    assert (done.returncode, "3 failed" in done.stdout, "1 accepted" in done.stdout) == (5, True, True)
    assert not {"\u009b", "\u202e"} & set(done.stdout + done.stderr)
    assert len(done.stdout) < 5_000


def test_a_journal_that_somebody_has_or_that_is_none_stops_everything(sim: Simulator, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no journal\n" * 1000)
    done = gcrec("bulk", "start", *sim.calls, "--journal", str(tmp_path / "text"), "--json", env=sim.env())
    assert (done.returncode, json.loads(done.stdout)["error"]["kind"]) == (1, "journal")
    assert "Nothing was sent" in done.stderr
    assert sim.requests == []


def test_another_run_in_the_way_is_told_and_nothing_is_sent(sim: Simulator, tmp_path: Path) -> None:
    journal = str(tmp_path / "journal")
    half = piped(sim.calls[0].encode() + b"\n\xff\n", "bulk", "start", "--file", "-", "--journal", journal, sim=sim)
    assert half.returncode == 5
    for form in ([], ["--json"]):
        other = gcrec("bulk", "stop", *sim.calls, "--journal", journal, *form, env=sim.env())
        assert (other.returncode, "unfinished run (start, " in other.stderr, controls(sim)) == (1, True, 1)
        assert (SAME_LINE in other.stderr, "0 conversations" in other.stdout + other.stderr) == (False, False)


def test_a_terminal_is_shown_how_far_it_is(sim: Simulator) -> None:
    line, env = [*COMMAND, "bulk", "start", *sim.calls], {**environment(sim), "TERM": "xterm"}
    child, terminal = pty.fork()
    if child == 0:
        os.execve(sys.executable, line, env)
    shown = b""
    with contextlib.suppress(OSError):  # the terminal is gone when the command is
        while more := os.read(terminal, 1024):
            shown += more
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    assert os.WEXITSTATUS(status) == 0
    progress, _, report = shown.rpartition(b"\rstart: 12 conversations in ")
    assert progress.startswith(b"\rstart: 0 of 12 done\rstart: ")
    assert progress.rpartition(b"\r")[2].isspace()  # it is wiped
    assert b"12 accepted" in report


def test_many_ids_take_no_more_memory_than_few(sim: Simulator, tmp_path: Path) -> None:
    def peak(number: int) -> int:
        file = tmp_path / str(number)
        file.write_text("".join(f"nobody/{n:0200}\n" for n in range(number)) + "../\x01\n")
        memory, code = peak_memory("bulk", "start", "--file", str(file), "--dry-run", "--csv", env=environment(sim))
        assert code == 5
        return memory

    assert peak(150_000) < peak(1_000) + 8_000  # KiB; the ids themselves are 31 MB
