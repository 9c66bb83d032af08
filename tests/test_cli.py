"""The ``gcrec`` command as a process: what it prints, where, and its exit codes."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from cli_support import gcrec

from gcrec.testing import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with Simulator(propagation=0.05) as simulator:
        yield simulator


def test_the_demo_shows_eight_steps_and_proves_both_changes() -> None:
    done = gcrec("demo")
    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    assert [line[:3] for line in lines[1:9]] == [f"{n}/8" for n in range(1, 9)]
    assert "recording, seen 0." in lines[4]
    assert "stopped, seen 0." in lines[7]
    assert "both were observed" in lines[9]
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize("api", ["events", "platform"])
def test_json_is_one_document(api: str) -> None:
    done = gcrec("demo", "--json", "--api", api)
    document = json.loads(done.stdout)
    assert (done.returncode, document["ok"], document["outcome"]) == (0, True, "verified")
    assert [step["number"] for step in document["steps"]] == list(range(1, 9))


@pytest.mark.parametrize("api", ["events", "platform"])
def test_the_workflow_acts_on_the_server_of_the_environment(sim: Simulator, api: Any) -> None:
    done = gcrec("workflow", env=sim.env(api))
    assert (done.returncode, done.stderr) == (0, "")
    assert [command.action for command in sim.commands(sim.calls[0])] == ["start", "stop"]
    assert sim.client_secret not in done.stdout


def test_a_named_conversation_is_the_one(sim: Simulator) -> None:
    call = sim.add_call("odd/id ü")
    done = gcrec("workflow", "--conversation", call, env=sim.env())
    assert (done.returncode, len(sim.commands(call))) == (0, 2), done.stderr
    assert all("/communications" not in request.path for request in sim.requests)


@pytest.mark.parametrize(
    ("arguments", "change", "exit_code", "words"),
    [
        pytest.param([], {"GENESYS_CLIENT_ID": ""}, 2, "GENESYS_CLIENT_ID", id="missing variable"),
        pytest.param([], {"GENESYS_CLIENT_SECRET": "not-the-secret"}, 1, "401", id="wrong secret"),
        pytest.param([], {"GENESYS_BASE_URL": "http://127.0.0.1:9"}, 1, "no connection", id="dead server"),
        pytest.param([], {"GENESYS_BASE_URL": "http://a.example"}, 2, "https://", id="plain http elsewhere"),
        pytest.param([], {"GCREC_API": "both"}, 2, "GCREC_API", id="unknown api"),
        pytest.param(["--conversation", ".."], {}, 2, "conversation id", id="impossible id"),
        pytest.param(["--conversation", "unknown"], {}, 1, "404", id="unknown conversation"),
        pytest.param(["--explode"], {}, 2, "--explode", id="unknown option"),
    ],
)
def test_an_error_is_a_sentence_with_a_way_out(
    sim: Simulator, arguments: list[str], change: dict[str, str], exit_code: int, words: str
) -> None:
    done = gcrec("workflow", *arguments, env={**sim.env(), **change})
    assert (done.returncode, "Traceback" in done.stderr) == (exit_code, False)
    assert done.stderr.startswith("error: ")
    assert words in done.stderr
    assert "not-the-secret" not in done.stderr + done.stdout


def test_an_error_is_json_too(sim: Simulator) -> None:
    done = gcrec("workflow", "--json", env={**sim.env(), "GENESYS_CLIENT_SECRET": "not-the-secret"})
    document = json.loads(done.stdout)
    assert (done.returncode, document["outcome"], document["error"]["kind"]) == (1, "failed", "authentication")
    assert document["error"]["hint"]


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        ({"state": "paused"}, "already_paused"),
        ({"policy": True}, "policy_recording"),
    ],
)
def test_what_is_others_is_left_alone(sim: Simulator, call: Any, kind: str) -> None:
    """A secure pause (somebody may be hearing a card number), and a recording that no command ends."""
    there = sim.add_call(**call)
    done = gcrec("workflow", "--conversation", there, "--json", env=sim.env("platform"))
    document = json.loads(done.stdout)
    assert (done.returncode, document["error"]["kind"]) == (1, kind)
    assert sim.commands(there) == []


def test_a_call_that_ends_is_told(sim: Simulator) -> None:
    there = sim.add_call()
    sim.end_call(there)
    done = gcrec("workflow", "--conversation", there, env=sim.env("platform"))
    assert (done.returncode, "ended before it was recording" in done.stderr) == (1, True)


@pytest.mark.parametrize("api", ["events", "platform"])
def test_no_call_is_exit_code_3(api: Any) -> None:
    with Simulator(calls=0) as sim:
        done = gcrec("workflow", env=sim.env(api))
    assert (done.returncode, "hint: " in done.stderr) == (3, True)


def test_what_nobody_named_is_not_touched_elsewhere_without_a_yes() -> None:
    env = {"GENESYS_BASE_URL": "https://gcrec.invalid", "GENESYS_CLIENT_ID": "a", "GENESYS_CLIENT_SECRET": "b"}
    refused = gcrec("workflow", env=env)
    assert (refused.returncode, "--yes" in refused.stderr) == (2, True)
    agreed = gcrec("workflow", "--yes", env=env)
    assert (agreed.returncode, "POST /oauth/token failed" in agreed.stderr) == (1, True)


def test_ctrl_c_at_the_question_is_an_interrupt() -> None:
    """A person who hesitates must get away without an answer."""
    env = {"GENESYS_BASE_URL": "https://gcrec.invalid", "GENESYS_CLIENT_ID": "a", "GENESYS_CLIENT_SECRET": "b"}
    child, terminal = pty.fork()
    if child == 0:
        os.execve(sys.executable, [sys.executable, "-m", "gcrec", "workflow"], {**os.environ, **env})
    shown = b""
    while b"[y/N]" not in shown:
        shown += os.read(terminal, 1024)
    os.write(terminal, b"\x03")
    with contextlib.suppress(OSError):  # the terminal is gone when the command is
        while more := os.read(terminal, 1024):
            shown += more
    _, status = os.waitpid(child, 0)
    assert (os.WEXITSTATUS(status), b"Traceback" in shown, b"interrupted" in shown) == (130, False, True)


def test_a_change_that_never_shows_is_exit_code_4(sim: Simulator) -> None:
    """One answer of the status endpoint is as bad as can be, and the wait goes on: for its own fifteen seconds."""
    sim.fail("control", never=True)
    sim.fail("status", times=2, status_code=500)
    done = gcrec("workflow", "--json", env=sim.env())
    document = json.loads(done.stdout)
    assert (done.returncode, document["outcome"], document["failed_step"]) == (4, "not_proven", "await_start")
    assert document["conversation_id"] == sim.calls[0]
    assert "note: the recording" in done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no full disk here")
def test_data_that_is_lost_is_a_failure() -> None:
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "gcrec", "demo", "--json"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, "could not be written" in done.stderr) == (1, True)


def test_a_recording_that_may_go_on_is_told(sim: Simulator) -> None:
    sim.fail("control", times=1, delay=0.0)  # the start goes through
    sim.fail("control", times=None, status_code=500)  # the stop does not
    done = gcrec("workflow", env=sim.env())
    assert (done.returncode, "was started, and its stop was not observed" in done.stderr) == (1, True)
    assert sim.state(sim.calls[0]) == "recording"


@pytest.mark.parametrize("option", ["--timeout", "--connect-timeout"])
def test_impossible_times_are_usage_errors(sim: Simulator, option: str) -> None:
    done = gcrec("workflow", option, "0", env=sim.env())
    assert (done.returncode, option in done.stderr, sim.requests) == (2, True, [])


def test_help_and_version() -> None:
    shown = gcrec("--help")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert all(word in shown.stdout for word in ("demo", "workflow", "calls", "ensure", "journal", "sim", "Exit codes"))
    assert gcrec("--version").stdout.startswith("gcrec ")
    assert gcrec().returncode == 2


def test_sim_tells_where_it_is_and_ends_on_ctrl_c() -> None:
    command = [sys.executable, "-m", "gcrec", "sim", "--calls", "1", "--propagation", "0.01,0.02", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        facts = json.loads(process.stdout.readline())
        assert sorted(facts) == ["base_url", "client_id", "client_secret"]
        other = Simulator.attach(facts["base_url"])
        assert (len(other.calls), other.client_secret) == (1, facts["client_secret"])
        process.send_signal(signal.SIGINT)
        rest, complaint = process.communicate()
    assert (process.returncode, rest, complaint) == (130, "", "interrupted\n")


def test_a_taken_port_is_told(sim: Simulator) -> None:
    port = sim.base_url.rsplit(":", 1)[1]
    done = gcrec("sim", "--port", port)
    assert (done.returncode, f"127.0.0.1:{port}" in done.stderr, "hint: " in done.stderr) == (1, True, True)


def test_a_closed_pipe_is_no_traceback(sim: Simulator) -> None:
    command = f"{sys.executable} -m gcrec demo | head -n 1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=True)
    assert (len(done.stdout.splitlines()), done.stderr) == (1, "")
