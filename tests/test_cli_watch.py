"""``gcrec watch`` as a process: what it tells, how it ends, and what it does about a pause that was forgotten."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from cli_support import COMMAND, gcrec
from events_support import PATIENCE

from gcrec import Journal
from gcrec.testing import Simulator

UNKNOWN = "2f6e1a34-8c5b-4a7e-9d10-b1c2d3e4f506"


class Watch:
    """A process that watches; its lines come one by one."""

    def __init__(self, sim: Simulator, *arguments: str, **options: Any) -> None:
        command = [*COMMAND, "watch", *arguments]
        pipes: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self.sim = sim
        env = {**os.environ, **sim.env("platform")}
        self.process = subprocess.Popen(command, env=env, text=True, **{**pipes, **options})
        self._lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        if self.process.stdout:
            for line in self.process.stdout:
                self._lines.put(line)
            self._lines.put(None)

    def line(self) -> str:
        """The next line."""
        line = self._lines.get(timeout=PATIENCE)
        assert line is not None, self.end()
        return line

    def told(self, *names: str) -> list[dict[str, Any]]:
        """The next lines of JSON, which tell these."""
        all = [json.loads(self.line()) for _ in names]
        assert [one["event"] for one in all] == list(names), all
        return all

    def rest(self) -> list[str]:
        """All lines that are left."""
        rest = []
        while (line := self._lines.get(timeout=PATIENCE)) is not None:
            rest.append(line)
        return rest

    def end(self, signalled: int | None = None) -> tuple[int, str]:
        """How it ended: its exit code, and what was on stderr."""
        if signalled is not None:
            self.process.send_signal(signalled)
        code = self.process.wait(PATIENCE)
        assert self.process.stderr
        return code, self.process.stderr.read()


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with Simulator(calls=0, propagation=0.02) as sim:
        yield sim


@pytest.fixture
def watch(sim: Simulator) -> Iterator[Any]:
    watches: list[Watch] = []

    def watch(*arguments: str, **options: Any) -> Watch:
        watches.append(Watch(sim, *arguments, **options))
        return watches[-1]

    yield watch
    for one in watches:
        one.process.kill()
        one.process.wait()
        for pipe in (one.process.stdout, one.process.stderr):
            if pipe:
                pipe.close()


def of_queue(sim: Simulator) -> list[str]:
    return ["--queue", sim.queues[0].id]


def test_every_change_is_a_line(sim: Simulator, watch: Any) -> None:
    call = sim.add_call(state="recording")
    watching = watch(*of_queue(sim))
    first = watching.line()
    assert "RecordingStarted" in first and call in first and "(found by a read)" in first
    sim.by_hand(call, "pause")
    paused = watching.line()
    assert "RecordingPaused" in paused and "recording -> paused" in paused and f"queue {sim.queues[0].id}" in paused
    sim.drop_sockets()
    assert "EventsGap         -" in watching.line()
    code, stderr = watching.end(signal.SIGINT)
    assert (code, stderr.splitlines()[0]) == (130, "2 changes, 1 gap, 0 alarms.")
    assert "Traceback" not in stderr


def test_json_lines_are_what_to_dict_gives(sim: Simulator, watch: Any) -> None:
    call = sim.add_call(state="paused")
    watching = watch(*of_queue(sim), "--user", sim.users[0].id, "--max-pause", "0.3", "--jsonl")
    paused, alarm = watching.told("RecordingPaused", "PauseAlarm")
    sim.drop_sockets()
    (gap,) = watching.told("EventsGap")
    with sim.client(api="platform") as client, client.watch(queues=[sim.queues[0].id], max_pause=0.3) as stream:
        for line, event in zip([paused, alarm, gap], [next(stream), next(stream)]):
            assert list(line) == list(event.to_dict())
    assert paused["conversation_id"] == call == alarm["conversation_id"]
    assert (alarm["confirmed"], alarm["seen_by"], alarm["paused_at"]) == (True, "read", paused["at"])
    assert 0.3 <= alarm["lasted"] < 5
    assert list(gap) == ["event", "conversation_id", "at", "since", "until", "reason"]


def test_an_alarm_is_the_exit_code_and_sigterm_ends_in_peace(sim: Simulator, watch: Any) -> None:
    call = sim.add_call(state="recording")
    calm = watch(*of_queue(sim), "--jsonl", "--max-pause", "60")
    watching = watch(*of_queue(sim), "--max-pause", "0.3")
    calm.told("RecordingStarted")
    watching.line()
    sim.by_hand(call, "pause")
    watching.line()
    alarm = watching.line()
    assert "PauseAlarm" in alarm and "paused for 0." in alarm and call in alarm
    assert watching.end(signal.SIGTERM) == (1, "2 changes, 0 gaps, 1 alarm.\n")
    calm.told("RecordingPaused")
    assert calm.end(signal.SIGTERM) == (0, "2 changes, 0 gaps, 0 alarms.\n")
    assert sim.state(call) == "paused"


def test_it_gives_up_what_it_followed(sim: Simulator, watch: Any) -> None:
    sim.add_call(state="recording")
    watching = watch(*of_queue(sim))
    watching.line()
    assert sim.channels[0].connected and sim.channels[0].topics
    watching.end(signal.SIGTERM)
    assert not sim.channels[0].connected and sim.channels[0].topics == ()


def test_a_pause_is_resumed_and_that_is_proven(sim: Simulator, watch: Any, tmp_path: Any) -> None:
    call, other = sim.add_call(state="recording"), sim.add_call(state="recording")
    journal = tmp_path / "journal.db"
    act = ["--max-pause", "0.3", "--then", "resume", "--yes", "--jsonl", "--journal", str(journal)]
    watching = watch(*of_queue(sim), *act)
    watching.told("RecordingStarted", "RecordingStarted")
    sim.by_hand(call, "pause")
    lines = [json.loads(watching.line()) for _ in range(4)]
    assert [line["event"] for line in lines[:2]] == ["RecordingPaused", "PauseAlarm"]
    assert {line["event"] for line in lines[2:]} == {"RecordingResumed", "Resume"}
    [resume] = [line for line in lines if line["event"] == "Resume"]
    assert (resume["kind"], resume["conversation_id"], resume["error"]) == ("proven", call, None)
    assert (resume["proof"]["state"], resume["proof"]["commands_sent"]) == ("recording", 1)
    assert watching.end(signal.SIGTERM) == (0, "4 changes, 0 gaps, 1 alarm, 1 resumed.\n")
    assert [command.action for command in sim.commands(call)][-1] == "resume" and sim.state(call) == "recording"
    assert sim.commands(other) == []
    [entry] = Journal(journal).entries()
    assert (entry.conversation_id, entry.action, entry.outcome) == (call, "resume", "proven")


def test_a_resume_that_cannot_be_proven_is_the_exit_code(sim: Simulator, watch: Any) -> None:
    call = sim.add_call(state="paused")
    sim.fail("control", times=None, never=True)
    act = ["--max-pause", "0.2", "--then", "resume", "--yes", "--timeout", "1", "--settle", "0.3"]
    watching = watch(call, *act)
    assert [watching.line().split()[1] for _ in range(2)] == ["RecordingPaused", "PauseAlarm"]
    told = watching.line()
    assert " Resume " in told and "unknown: " in told and "was not proven recording" in told
    sim.end_call(call)
    assert "CallEnded" in watching.line()
    assert watching.end() == (4, "2 changes, 0 gaps, 1 alarm, 0 resumed.\n")


def test_a_recording_that_was_stopped_meanwhile_is_not_started(sim: Simulator, watch: Any) -> None:
    call = sim.add_call(state="paused")
    watching = watch(call, "--max-pause", "0.5", "--then", "resume", "--yes", "--jsonl")
    watching.told("RecordingPaused")
    sim.fail("status", times=None, status_code=503)
    (alarm,) = watching.told("PauseAlarm")
    assert not alarm["confirmed"]
    sim.by_hand(call, "stop")
    watching.told("RecordingStopped")
    sim.clear_faults()
    (resume,) = watching.told("Resume")
    assert (resume["kind"], resume["error"]["kind"]) == ("failed", "not_recording")
    assert sim.state(call) == "stopped"
    sim.end_call(call)
    watching.told("CallEnded")
    assert watching.end() == (0, "3 changes, 0 gaps, 1 alarm, 0 resumed.\n")
    assert [command.action for command in sim.commands(call)][-1] == "stop"


def test_who_is_to_resume_is_asked_and_without_a_terminal_needs_yes(sim: Simulator) -> None:
    done = gcrec("watch", *of_queue(sim), "--max-pause", "1", "--then", "resume", env=sim.env("platform"))
    assert (done.returncode, done.stdout) == (2, "")
    assert "--yes" in done.stderr and "card number" in done.stderr
    assert sim.requests == []


def test_it_ends_with_the_calls_that_were_named(sim: Simulator, watch: Any) -> None:
    call = sim.add_call(state="recording")
    watching = watch(call, "--jsonl")
    watching.told("RecordingStarted")
    sim.end_call(call)
    watching.told("CallEnded")
    assert watching.end() == (0, "2 changes, 0 gaps, 0 alarms.\n")


def test_until_quiet_ends_when_nobody_is_on_a_call(sim: Simulator, watch: Any) -> None:
    call, silent = sim.add_call(state="recording"), sim.add_call(state="stopped")
    watching = watch(*of_queue(sim), "--until-quiet", "0.2", "--jsonl")
    watching.told("RecordingStarted")
    sim.end_call(call)
    watching.told("CallEnded")
    with pytest.raises(subprocess.TimeoutExpired):
        watching.process.wait(1.5)  # a call of which nothing was told is live
    sim.end_call(silent)
    watching.told("CallEnded")
    assert watching.end()[0] == 0


def test_until_quiet_ends_where_no_call_is(sim: Simulator, watch: Any) -> None:
    watching = watch(*of_queue(sim), "--until-quiet", "0.2")
    assert watching.end() == (0, "0 changes, 0 gaps, 0 alarms.\n")


def test_a_reader_that_leaves_ends_it_quietly(sim: Simulator, watch: Any) -> None:
    call = sim.add_call(state="recording")
    read, write = os.pipe()
    watching = watch(*of_queue(sim), stdout=write)
    os.close(write)
    with os.fdopen(read) as reader:
        assert "RecordingStarted" in reader.readline()
    sim.by_hand(call, "pause")
    assert watching.end() == (0, "2 changes, 0 gaps, 0 alarms.\n")


def test_a_refused_topic_is_told(watch: Any) -> None:
    with Simulator(calls=0, permissions=["analytics:conversationDetail:view"]) as strict:
        done = gcrec("watch", "--queue", strict.queues[0].id, env=strict.env("platform"))
        assert (done.returncode, done.stdout) == (1, "")
        assert "missing: conversation:communication:view" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "--queue"),
        (["--queue", "Support Line"], "ids, not names"),
        ([".."], "conversation id"),
        (["--queue", "a", "--max-pause", "0"], "positive number of seconds"),
        (["--queue", "a", "--max-pause", "soon"], "positive number of seconds"),
        (["--queue", "a", "--then", "resume"], "--max-pause"),
        (["--queue", "a", "--max-pause", "1", "--then", "stop"], "resume"),
        (["--queue", "a", "--yes"], "--then"),
        (["--queue", "a", "--until-quiet", UNKNOWN], "positive number of seconds"),
        (["--queue", "a", "--api", "events"], "tutorial's wire has no notifications"),
    ],
)
def test_what_cannot_be_watched_is_refused_before_any_request(sim: Simulator, arguments: Any, words: str) -> None:
    done = gcrec("watch", *arguments, env=sim.env("platform"))
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert words in done.stderr and sim.requests == []


def test_a_call_that_is_not_there_is_an_error(sim: Simulator) -> None:
    done = gcrec("watch", UNKNOWN, env=sim.env("platform"))
    assert (done.returncode, done.stdout) == (1, "") and "404" in done.stderr
