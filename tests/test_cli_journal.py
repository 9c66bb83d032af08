"""``--journal`` and ``gcrec journal show|export``: what is written, and what can be read of it, also meanwhile."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cli_support import gcrec, peak_memory

from gcrec.testing import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

COLUMNS = [
    *("id", "run", "block", "client_id", "operation", "action", "target", "conversation_id", "state_before", "basis"),
    *(
        "phase",
        "intent_at",
        "intent_monotonic",
        "pid",
        "status_code",
        "error_code",
        "correlation_id",
        "reason",
        "state",
    ),
    *("outcome", "outcome_at", "outcome_monotonic", "elapsed"),
]
MANY = 100_000


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with Simulator(propagation=0.05) as simulator:
        yield simulator


@pytest.fixture
def journal(sim: Simulator, tmp_path: Path) -> str:
    """A journal with a start that was accepted and a stop that was proven."""
    file = str(tmp_path / "journal")
    assert gcrec("start", sim.calls[0], "--journal", file, env=sim.env()).returncode == 0
    recorded = sim.add_call(state="recording")  # another call: what one process sends, the next does not know
    assert gcrec("ensure", recorded, "stopped", "--journal", file, env=sim.env()).returncode == 0
    return file


def change(file: str, sql: str) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute(sql)
    connection.close()


def fill(file: str, rows: int) -> None:
    """Copies of the first row, until there are so many."""
    names = "client_id, operation, conversation_id, intent_at, intent_monotonic, intent_process"
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 3 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) "
    change(file, f"{numbers} INSERT INTO entries ({names}) SELECT {names} FROM n JOIN entries ON id = 1")


def shown(file: str, *options: str) -> list[dict[str, Any]]:
    done = gcrec("journal", "show", file, "--jsonl", *options)
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_what_was_done_is_shown_without_network_or_settings(sim: Simulator, journal: str) -> None:
    sent = len(sim.requests)
    table = gcrec("journal", "show", journal)
    assert (table.returncode, table.stderr, len(table.stdout.splitlines())) == (0, "", 3)
    assert [line.split()[-1] for line in table.stdout.splitlines()] == ["outcome", "accepted", "proven"]
    start, stop = shown(journal)
    assert list(start) == COLUMNS
    assert (start["operation"], start["action"], start["status_code"], start["outcome"]) == ("start",) * 2 + (
        202,
        "accepted",
    )
    assert (stop["operation"], stop["action"], stop["target"], stop["state"]) == (
        "ensure",
        "stop",
        "stopped",
        "stopped",
    )
    assert (start["client_id"], start["conversation_id"]) == (sim.client_id, sim.calls[0])
    assert (stop["id"], stop["run"], stop["reason"], stop["elapsed"] > 0) == (2, None, None, True)
    assert stop["pid"] != start["pid"]
    assert json.loads(gcrec("journal", "show", journal, "--json").stdout) == [start, stop]
    assert len(sim.requests) == sent


def test_the_other_wire_is_journaled_too(sim: Simulator, tmp_path: Path) -> None:
    file, call = str(tmp_path / "journal"), sim.add_call(state="recording")
    options = ["--api", "platform", "--journal", file]
    assert gcrec("ensure", call, "paused", *options, env=sim.env()).returncode == 0
    assert gcrec("resume", call, *options, env=sim.env()).returncode == 0
    pause, resume = shown(file)
    assert (pause["action"], pause["state_before"], pause["basis"]) == ("pause", "recording", "securePause")
    assert (pause["outcome"], resume["action"], resume["outcome"]) == ("proven", "resume", "accepted")


def test_an_export_has_all_columns_and_times_in_utc(journal: str) -> None:
    exported = gcrec("journal", "export", journal)
    assert (exported.returncode, exported.stderr) == (0, "")
    assert exported.stdout == gcrec("journal", "export", journal, "--csv").stdout
    rows = list(csv.DictReader(io.StringIO(exported.stdout)))
    assert list(rows[0]) == COLUMNS
    for row in rows:
        for column in ("intent_at", "outcome_at"):
            assert datetime.strptime(row[column], "%Y-%m-%dT%H:%M:%S.%fZ").year > 2000
    lines = [json.loads(line) for line in gcrec("journal", "export", journal, "--jsonl").stdout.splitlines()]
    assert [{name: "" if it is None else str(it) for name, it in line.items()} for line in lines] == rows


def test_every_column_of_the_file_is_exported_or_has_its_reason(journal: str) -> None:
    connection = sqlite3.connect(journal)
    columns = [column[1] for column in connection.execute("PRAGMA table_info(entries)")]
    connection.close()
    # The openings of the file: the process id is told, and whether both times are of one.
    assert set(columns) - set(COLUMNS) == {"intent_process", "outcome_process"}
    assert set(COLUMNS) - set(columns) == {"pid", "elapsed"}


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", '="a",\nb'])
def test_no_cell_is_a_formula(journal: str, formula: str) -> None:
    quoted = formula.replace("'", "''")
    change(journal, f"UPDATE entries SET reason = '{quoted}', conversation_id = '{quoted}' WHERE id = 1")
    text = gcrec("journal", "export", journal).stdout
    row = next(csv.DictReader(io.StringIO(text, newline="")))
    assert row["reason"].replace("\n", "") == row["conversation_id"].replace("\n", "")
    assert row["reason"][:2] == "'" + formula[0].replace("\r", "\n")  # text mode reads \r as \n
    assert shown(journal)[0]["reason"] == formula


def test_pending_and_runs_are_filters(journal: str) -> None:
    change(journal, "UPDATE entries SET outcome = NULL, outcome_at = NULL WHERE id = 1")
    change(
        journal, "INSERT INTO runs VALUES (7, 'control', 'stop', '2026-01-01T00:00:00.000Z', 1, 1, NULL, NULL, NULL)"
    )
    change(journal, "UPDATE entries SET run = 7 WHERE id = 2")
    assert [row["id"] for row in shown(journal, "--pending")] == [1]
    assert [row["id"] for row in shown(journal, "--run", "7")] == [2]
    assert shown(journal, "--run", "7", "--pending") == []
    unknown = gcrec("journal", "show", journal, "--run", "8")
    assert (unknown.returncode, "no run 8" in unknown.stderr) == (2, True)


def test_a_block_that_is_not_closed_shows_its_phase(journal: str) -> None:
    change(
        journal, "UPDATE entries SET operation = 'block', action = NULL, phase = 'paused', outcome = NULL WHERE id = 1"
    )
    table = gcrec("journal", "show", journal, "--pending").stdout.splitlines()
    assert (len(table), "paused" in table[1].split()) == (2, True)


def test_no_rows_are_an_empty_list(journal: str) -> None:
    show = ["journal", "show", journal, "--pending"]
    table, csv_, lines, one = (gcrec(*show, *form) for form in ([], ["--csv"], ["--jsonl"], ["--json"]))
    assert (table.returncode, table.stderr) == (0, "There are no such rows.\n")
    assert csv_.stdout == ",".join(COLUMNS) + "\n"
    assert (lines.stdout, one.stdout) == ("", "[]\n")


def test_what_is_no_journal_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no journal\n" * 1000)
    for name, words in (("nothing", "There is no journal"), ("text", "not a journal"), (".", "")):
        for what in ("show", "export"):
            done = gcrec("journal", what, str(tmp_path / name))
            assert (done.returncode, done.stdout) == (1, "")
            assert done.stderr.startswith("error: ")
            assert words in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["text"]
    broken = gcrec("journal", "show", str(tmp_path / "nothing"), "--json")
    assert json.loads(broken.stdout)["error"]["kind"] == "journal"


def test_a_row_that_cannot_be_read_ends_the_list_and_is_told(journal: str) -> None:
    fill(journal, 1_000)
    change(journal, "UPDATE entries SET intent_at = 'at noon' WHERE id = 700")
    for form in ("--json", "--jsonl", "--csv"):
        done = gcrec("journal", "show", journal, form)
        assert (done.returncode, "damaged" in done.stderr) == (1, True)
        assert 1 < len(done.stdout.splitlines()) < 700
        assert not done.stdout.endswith("]\n")


def test_what_is_refused_leaves_no_journal_behind(sim: Simulator, tmp_path: Path) -> None:
    assert gcrec("pause", sim.calls[0], "--journal", str(tmp_path / "journal"), env=sim.env()).returncode == 2
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_down_is_not_sent(sim: Simulator, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no journal\n" * 1000)
    for arguments in (["start", sim.calls[0]], ["ensure", sim.calls[0], "recording"]):
        done = gcrec(*arguments, "--journal", str(tmp_path / "text"), env=sim.env())
        assert (done.returncode, "not a journal" in done.stderr, "Nothing was sent" in done.stderr) == (1, True, True)
    assert sim.requests == []


def test_a_journal_is_read_while_it_is_written_and_after_its_writer_was_killed(sim: Simulator, tmp_path: Path) -> None:
    file, call = str(tmp_path / "journal"), sim.calls[0]
    sim.fail("control", times=1, delay=60.0)
    command = [sys.executable, "-m", "gcrec", "start", call, "--journal", file]
    with subprocess.Popen(command, env={**os.environ, **sim.env()}, stderr=subprocess.DEVNULL) as writer:
        while not any(request.path.endswith("/events") for request in sim.requests):
            assert writer.poll() is None
        (row,) = shown(file, "--pending")
        assert (row["action"], row["outcome"], row["pid"]) == ("start", None, writer.pid)
        other = gcrec("stop", call, "--journal", file, env=sim.env())
        assert (other.returncode, f"process {writer.pid}" in other.stderr) == (1, True)
        writer.kill()
    assert shown(file) == shown(file, "--pending") == [row]
    assert ",start,start,," in gcrec("journal", "export", file).stdout
    assert [command.action for command in sim.commands(call)] in ([], ["start"])
    assert gcrec("stop", call, "--journal", file, env=sim.env()).returncode in (0, 1)  # a stop of what is stopped: 409
    assert len(shown(file)) == 2


def test_a_long_journal_takes_no_more_memory_than_a_short_one(journal: str) -> None:
    def peak() -> int:
        # By a small process: what one measures begins with what its parent had.
        memory, code = peak_memory("journal", "export", str(journal))
        assert code == 0
        return memory

    short = peak()
    fill(journal, MANY)
    assert peak() < short + 8_000  # KiB; the rows themselves are five times that


@pytest.mark.parametrize("form", ["--csv", "--jsonl"])
def test_a_reader_that_leaves_ends_a_long_list(journal: str, form: str) -> None:
    fill(journal, MANY)
    change(journal, f"UPDATE entries SET intent_at = 'at noon' WHERE id = {MANY}")  # who reads on will complain
    script = f"set -o pipefail; {sys.executable} -m gcrec journal export {journal} {form} | head -n 2"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, len(done.stdout.splitlines()), done.stderr) == (0, 2, "")


def test_ctrl_c_ends_a_long_list(journal: str) -> None:
    fill(journal, MANY)
    command = [sys.executable, "-m", "gcrec", "journal", "export", journal]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        rest, told = process.communicate()
    assert (process.returncode, told) == (130, "interrupted\n")
    assert len(rest.splitlines()) < MANY


def test_closed_streams_send_no_data_elsewhere(sim: Simulator, tmp_path: Path) -> None:
    """A file or connection that is opened must not become the standard output."""
    file = tmp_path / "journal"
    script = f"{sys.executable} -m gcrec start {sim.calls[0]} --journal {file} <&- >&- 2>&-"
    done = subprocess.run(["bash", "-c", script], env={**os.environ, **sim.env()}, check=False)
    assert (done.returncode, len(shown(str(file)))) == (0, 1)
    assert Path(f"{file}.lock").read_text() == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full disk here")
def test_a_list_that_cannot_be_written_is_a_failure(journal: str) -> None:
    fill(journal, MANY)
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "gcrec", "journal", "export", journal]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr.count("could not be written")) == (1, 1)
