"""``gcrec calls|status|start|stop|pause|resume|ensure`` as processes, over both wires."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import signal
import subprocess
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from cli_support import gcrec

import gcrec as library
from gcrec.testing import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# What a terminal obeys, what turns the direction of reading, and what a spreadsheet computes.
HOSTILE = "=\u202eevil\u009b31m,\"x'"

NO_CA = ["--base-url", "https://127.0.0.1:9", "--ca-bundle", "/nowhere"]


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with Simulator(propagation=0.05) as simulator:
        yield simulator


def document(*arguments: str, env: dict[str, str]) -> dict[str, Any]:
    """The JSON that a command which succeeds prints."""
    done = gcrec(*arguments, "--json", env=env)
    assert (done.returncode, done.stderr) == (0, "")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def client_of(sim: Simulator, api: Any) -> library.Client:
    return library.Client(sim.base_url, client_id=sim.client_id, client_secret=sim.client_secret, api=api)


def is_utc(text: str) -> bool:
    return text.endswith("Z") and datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").year > 2000


@pytest.mark.parametrize("api", ["events", "platform"])
def test_status_is_a_line_or_the_documented_value(sim: Simulator, api: Any) -> None:
    call = sim.add_call(state="recording")
    done = gcrec("status", call, env=sim.env(api))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{call}: recording (")
    assert done.stdout.count("\n") == 1
    status = document("status", call, env=sim.env(api))
    with client_of(sim, api) as client:
        known = client.status(call).to_dict()
    assert list(status) == list(known)
    known.pop("observed_at")
    assert is_utc(status.pop("observed_at"))
    assert status == known


def test_the_option_beats_the_variable(sim: Simulator) -> None:
    call = sim.add_call(state="recording")
    assert document("status", call, "--api", "platform", env=sim.env("events"))["basis"] == "securePause"
    elsewhere = {**sim.env(), "GENESYS_BASE_URL": "http://127.0.0.1:9"}
    assert gcrec("status", call, env=elsewhere).returncode == 1
    assert document("status", call, "--base-url", sim.base_url, env=elsewhere)["state"] == "recording"


@pytest.mark.parametrize(
    ("api", "action", "before"),
    [
        ("events", "start", "stopped"),
        ("events", "stop", "recording"),
        ("platform", "start", "stopped"),
        ("platform", "stop", "recording"),
        ("platform", "pause", "recording"),
        ("platform", "resume", "paused"),
    ],
)
def test_a_command_is_sent_once_and_never_called_proven(sim: Simulator, api: Any, action: str, before: Any) -> None:
    told = sim.add_call(state=before)
    done = gcrec(action, told, env=sim.env(api))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{told}: {action} accepted, not yet proven")
    asked = sim.add_call(state=before)
    receipt = document(action, asked, env=sim.env(api))
    assert (receipt["action"], receipt["status_code"], receipt["attempts"]) == (action, 202, 1)
    assert is_utc(receipt["sent_at"])
    assert sum(request.method in ("PATCH", "POST") and asked in request.path for request in sim.requests) == 1


@pytest.mark.parametrize(
    ("api", "before", "target"),
    [
        ("events", "stopped", "recording"),
        ("events", "recording", "stopped"),
        ("platform", "stopped", "recording"),
        ("platform", "recording", "stopped"),
        ("platform", "recording", "paused"),
    ],
)
def test_ensure_proves_and_then_finds_it_so_already(sim: Simulator, api: Any, before: Any, target: Any) -> None:
    call = sim.add_call(state=before)
    done = gcrec("ensure", call, target, env=sim.env(api))
    assert (done.returncode, done.stderr, sim.state(call)) == (0, "", target)
    assert done.stdout.startswith(f"{call}: {target}, proven (before: {before}; commands sent: 1;")
    proof = document("ensure", call, target, env=sim.env(api))
    with client_of(sim, api) as client:
        assert list(proof) == list(client.ensure(call, target).to_dict())
    assert (proof["state"], proof["before"], proof["commands_sent"], proof["receipt"]) == (target, target, 0, None)
    assert ", already so (" in gcrec("ensure", call, target, env=sim.env(api)).stdout


def test_the_receipt_within_a_proof_is_whole(sim: Simulator) -> None:
    proof = document("ensure", sim.calls[0], "recording", env=sim.env())
    receipt = proof["receipt"]
    with client_of(sim, "events") as client:
        assert list(receipt) == list(client.stop(sim.calls[0]).to_dict())
    assert (receipt["action"], receipt["conversation_id"], receipt["status_code"]) == ("start", sim.calls[0], 202)
    assert receipt["correlation_id"]
    assert is_utc(receipt["sent_at"])
    assert is_utc(proof["observed_at"])


def test_a_pause_is_ended_only_with_leave(sim: Simulator) -> None:
    call = sim.add_call(state="paused")
    refused = gcrec("ensure", call, "recording", "--json", env=sim.env("platform"))
    error = json.loads(refused.stdout)["error"]
    assert (refused.returncode, error["kind"], error["last_seen"]) == (1, "already_paused", "paused")
    assert "--resume-paused" in refused.stderr
    assert "True" not in refused.stderr
    assert (sim.state(call), sim.commands(call)) == ("paused", [])
    done = gcrec("ensure", call, "recording", "--resume-paused", env=sim.env("platform"))
    assert (done.returncode, sim.state(call)) == (0, "recording")


def test_what_does_not_show_in_time_is_exit_code_4(sim: Simulator) -> None:
    sim.fail("control", never=True)
    done = gcrec("ensure", sim.calls[0], "recording", "--timeout", "0.3", env=sim.env())
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr.startswith("error: ")
    assert "not proven recording" in done.stderr
    assert "hint: A command was sent and may still act" in done.stderr


def test_the_call_ends_under_ensure(sim: Simulator) -> None:
    call = sim.add_call(state="recording")
    sim.end_call(call)
    done = gcrec("ensure", call, "stopped", env=sim.env("platform"))
    assert (done.returncode, ", for the call has ended (" in done.stdout) == (0, True)
    gone = gcrec("ensure", call, "paused", env=sim.env("platform"))
    assert (gone.returncode, "ended before it was paused" in gone.stderr) == (1, True)


def test_a_participant_and_a_recorder_can_be_named(sim: Simulator) -> None:
    call, env = sim.add_call(), sim.env("platform")
    with client_of(sim, "platform") as client:
        customer, agent = client.conversation(call).participants
    assert gcrec("start", call, "--participant", str(agent.id), "--recorder", "snippet", env=env).returncode == 0
    assert [seen.path.endswith(f"/participants/{agent.id}/snippet/record") for seen in sim.requests[-1:]] == [True]
    refused = gcrec("start", call, "--participant", str(customer.id), "--json", env=env)
    assert (refused.returncode, json.loads(refused.stdout)["error"]["kind"]) == (1, "participant")
    assert "neither an agent nor a user" in refused.stderr


@pytest.mark.parametrize("command", [["status", "a"], ["workflow", "--yes"]], ids=str)
def test_the_tutorials_wire_on_a_region_is_allowed_with_a_warning(command: list[str]) -> None:
    env = {"GENESYS_BASE_URL": "https://api.mypurecloud.ie", "GENESYS_CLIENT_ID": "a", "GENESYS_CLIENT_SECRET": "b"}
    nowhere = {"HTTPS_PROXY": "http://127.0.0.1:1", "GCREC_API": "events"}
    done = gcrec(*command, env={**env, **nowhere})
    assert (done.returncode, done.stderr.split(":")[0]) == (1, "warning")
    assert "not part of the published API" in done.stderr
    assert "--api platform" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "change", "exit_code", "words"),
    [
        pytest.param(["pause", "a"], {}, 2, "has no pause", id="pause on the tutorial's wire"),
        pytest.param(["ensure", "a", "paused"], {}, 2, "has no pause", id="paused on the tutorial's wire"),
        pytest.param(["start", "a", "--participant", "p"], {}, 2, "--participant and", id="a participant there"),
        pytest.param(["stop", "a", "--recorder", "snippet"], {}, 2, "--recorder", id="a recorder there"),
        pytest.param(["start", "a", "--recorder", "tape"], {}, 2, "[possible values: ", id="impossible recorder"),
        pytest.param(["stop", "a", "--participant", ".."], {}, 2, "participant id", id="impossible participant"),
        pytest.param(["pause", "a", "--recorder", "adhoc"], {}, 2, "--recorder", id="a pause of a recorder"),
        pytest.param(["start", "a"], {"GCREC_API": "platform"}, 1, "404", id="unknown on the published API"),
        pytest.param(["pauses", "a"], {}, 2, "knows nothing of pauses", id="pauses on the tutorial's wire"),
        pytest.param(["recordings", ".."], {}, 2, "conversation id", id="recordings of an impossible id"),
        pytest.param(["recordings", "a"], {"GCREC_API": "platform"}, 1, "404", id="recordings of an unknown call"),
        pytest.param(["calls", "--days", "32"], {}, 2, "days", id="days that the published API cannot search"),
        pytest.param(["status", ".."], {}, 2, "conversation id", id="impossible id"),
        pytest.param(["ensure", "", "stopped"], {}, 2, "conversation id", id="empty id"),
        pytest.param(["ensure", "a", "held"], {}, 2, "[possible values: ", id="impossible target"),
        pytest.param(["status", "-x"], {}, 2, "'-- -x'", id="an id like an option"),
        pytest.param(["status", "a", "--api", "both"], {}, 2, "--api", id="unknown API"),
        pytest.param(["status", "a", "--timeout", "0"], {}, 2, "--timeout", id="no time"),
        pytest.param(["status", "a", "--settle", "nan"], {}, 2, "--settle", id="no settle"),
        pytest.param(["status", "a", "--rate-limit", "0"], {}, 2, "--rate-limit", id="no rate"),
        pytest.param(["status", "a", "--client-secret", "b"], {}, 2, "--client-secret", id="a secret in the open"),
        pytest.param(["calls", "--json", "--csv"], {}, 2, "--csv", id="two forms"),
        pytest.param(["status", "a"], {"GENESYS_CLIENT_ID": ""}, 2, "GENESYS_CLIENT_ID", id="nobody"),
        pytest.param(["status", "a"], {"GENESYS_BASE_URL": ""}, 2, "GENESYS_BASE_URL", id="nowhere"),
        pytest.param(["status", "a", "--region", "eu-west-9"], {}, 2, "eu-west-1", id="unknown region"),
        pytest.param(["status", "a", *NO_CA], {}, 2, "/nowhere", id="no certificates"),
        pytest.param(["status", "a"], {"GENESYS_CLIENT_SECRET": "not-the-secret"}, 1, "401", id="wrong secret"),
        pytest.param(["start", "a"], {}, 1, "404", id="unknown conversation"),
    ],
)
def test_what_cannot_be_is_a_sentence_and_sends_no_command(
    sim: Simulator, arguments: list[str], change: dict[str, str], exit_code: int, words: str
) -> None:
    done = gcrec(*arguments, env={**sim.env(), **change})
    assert (done.returncode, done.stdout) == (exit_code, "")
    assert done.stderr.startswith("error: ")
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert "panicked" not in done.stderr
    assert exit_code == 1 or sim.requests == []


@pytest.mark.parametrize("form", ["--json", "--jsonl", "--csv", None])
def test_calls_of_the_published_api_are_those_of_who_asks(sim: Simulator, form: str | None) -> None:
    forms = [] if form is None else [form]
    found = gcrec("calls", *forms, env=sim.env("platform"))
    assert all(call in found.stdout for call in sim.calls)
    assert (found.returncode, "whole organisation" in found.stderr) == (0, True)
    token = {
        "GENESYS_ACCESS_TOKEN": sim.user_token(sim.users[-1]),
        "GENESYS_CLIENT_ID": "",
        "GENESYS_CLIENT_SECRET": "",
    }
    own = gcrec("calls", *forms, env={**sim.env("platform"), **token})
    assert (own.returncode, "the user who is logged in" in own.stderr) == (0, True)
    assert not all(call in own.stdout for call in sim.calls)


def test_an_id_that_looks_like_an_option_goes_after_two_dashes(sim: Simulator) -> None:
    call = sim.add_call("--json", state="recording")
    assert gcrec("status", "--", call, env=sim.env()).stdout.startswith("--json: recording")
    assert gcrec("ensure", "--", call, "stopped", env=sim.env()).returncode == 0


@pytest.mark.parametrize("length", [5_000, 100_000])
def test_an_id_of_any_length_is_an_answer_or_a_sentence(sim: Simulator, length: int) -> None:
    done = gcrec("status", "x" * length, env=sim.env())
    assert (done.returncode, "error: GET " in done.stderr, "panicked" in done.stderr) == (1, True, False)
    assert len(done.stderr) < 2_000


def test_bytes_that_are_no_text_are_a_usage_error(sim: Simulator) -> None:
    command = [sys.executable, "-m", "gcrec", "status", b"\xff\xfe"]
    done = subprocess.run(command, env={**os.environ, **sim.env()}, capture_output=True, text=True, check=False)
    assert (done.returncode, "Traceback" in done.stderr, "UTF-8" in done.stderr) == (2, False, True)


def test_calls_have_four_forms(sim: Simulator) -> None:
    with client_of(sim, "events") as client:
        known = [call.to_dict() for call in client.active_calls()]
    table = gcrec("calls", env=sim.env()).stdout.splitlines()
    assert table[0].split() == ["id", "state", "direction", "started_at", "participants"]
    assert [line.split()[0] for line in table[1:]] == sim.calls
    listed = json.loads(gcrec("calls", "--json", env=sim.env()).stdout)
    lines = [json.loads(line) for line in gcrec("calls", "--jsonl", env=sim.env()).stdout.splitlines()]
    assert listed == lines
    assert [list(call) for call in listed] == [list(call) for call in known]
    assert [call["participants"] for call in listed] == [
        [one.to_dict() for one in call["participants"]] for call in known
    ]
    assert [call["raw"] for call in listed] == [call["raw"] for call in known]
    rows = list(csv.DictReader(io.StringIO(gcrec("calls", "--csv", env=sim.env()).stdout)))
    assert [row["id"] for row in rows] == sim.calls
    assert "raw" not in rows[0]  # it holds names and numbers


def test_no_calls_are_an_empty_list() -> None:
    with Simulator(calls=0) as sim:
        table, csv_, lines, one = (
            gcrec("calls", *form, env=sim.env()) for form in ([], ["--csv"], ["--jsonl"], ["--json"])
        )
    assert [done.returncode for done in (table, csv_, lines, one)] == [0, 0, 0, 0]
    assert (table.stdout, table.stderr) == ("", "There is no active voice call.\n")
    assert csv_.stdout == "id,state,media,direction,started_at,participants\n"
    assert (lines.stdout, one.stdout) == ("", "[]\n")


def test_a_list_that_fails_says_so_in_its_form(sim: Simulator) -> None:
    sim.fail("calls", times=None, status_code=403)
    one, lines = gcrec("calls", "--json", env=sim.env()), gcrec("calls", "--jsonl", env=sim.env())
    assert (one.returncode, json.loads(one.stdout)["error"]["kind"]) == (1, "permission_denied")
    assert (lines.returncode, lines.stdout, "error: " in lines.stderr) == (1, "", True)


def test_foreign_text_is_harmless_everywhere(sim: Simulator) -> None:
    sim.add_call(HOSTILE, state="recording")
    env = sim.env()
    shown = [gcrec("status", HOSTILE, env=env), gcrec("calls", env=env), gcrec("stop", HOSTILE, env=env)]
    shown += [gcrec("status", "\u009b31m\u202e", env=env), gcrec("workflow", "--conversation", HOSTILE, env=env)]
    shown += [gcrec("status", HOSTILE, "--json", env=env), gcrec("calls", "--jsonl", env=env)]
    for done in shown:
        assert not {"\u009b", "\u202e"} & set(done.stdout + done.stderr), done
    assert json.loads(shown[-2].stdout)["conversation_id"] == HOSTILE
    rows = list(csv.DictReader(io.StringIO(gcrec("calls", "--csv", env=env).stdout)))
    assert f"'{HOSTILE}" in [row["id"] for row in rows]


def on_a_terminal(*arguments: str, env: dict[str, str]) -> str:
    """What a command shows on a terminal of its own."""
    child, terminal = pty.fork()
    if child == 0:
        os.execve(sys.executable, [sys.executable, "-m", "gcrec", *arguments], {**os.environ, **env})
    shown = b""
    try:
        while more := os.read(terminal, 1024):
            shown += more
    except OSError:  # the terminal is gone when the command is
        pass
    os.waitpid(child, 0)
    os.close(terminal)
    return shown.decode()


def test_a_terminal_gets_colours_unless_told_otherwise_and_no_command_of_others(sim: Simulator) -> None:
    sim.add_call(HOSTILE, state="recording")
    env = {**sim.env(), "TERM": "xterm", "COLUMNS": "1"}
    assert "\x1b[" in on_a_terminal("status", HOSTILE, env=env)
    for arguments in (["status", HOSTILE], ["calls"], ["calls", "--csv"], ["calls", "--json"]):
        shown = on_a_terminal(*arguments, env={**env, "NO_COLOR": "1"})
        assert "evil" in shown
        assert not {"\x1b", "\u009b", "\u202e"} & set(shown), arguments


def test_a_token_is_kept_where_it_is_asked_for_and_swallows_no_id(sim: Simulator, tmp_path: Path) -> None:
    env, file = {**sim.env(), "XDG_CACHE_HOME": str(tmp_path)}, tmp_path / "here.json"
    for cache in ("--token-cache", f"--token-cache={file}"):
        for _ in range(2):
            assert gcrec("status", cache, sim.calls[0], env=env).returncode == 0
    assert sum(request.path.endswith("/oauth/token") for request in sim.requests) == 2
    assert {file.stat().st_mode & 0o777, (tmp_path / "gcrec" / "tokens.json").stat().st_mode & 0o777} == {0o600}


@pytest.mark.parametrize(
    ("arguments", "note"),
    [
        (["start", "{}"], "note: a command to {} may have been sent"),
        (["ensure", "{}", "recording"], "note: a command to {} may have been sent"),
        (["workflow", "--conversation", "{}"], "note: the recording of {} was started"),
    ],
)
def test_ctrl_c_under_a_command_tells_that_it_may_act(sim: Simulator, arguments: list[str], note: str) -> None:
    sim.fail("control", times=None, delay=60.0)
    command = [sys.executable, "-m", "gcrec", *(word.format(sim.calls[0]) for word in arguments)]
    with subprocess.Popen(
        command, env={**os.environ, **sim.env()}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        while not any(request.path.endswith("/events") for request in sim.requests):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, told = process.communicate()
    assert (process.returncode, "Traceback" in told) == (130, False)
    assert told.count(note.format(sim.calls[0])) == 1
    assert "interrupted\n" in told


def test_a_reader_that_leaves_is_no_failure(sim: Simulator) -> None:
    for _ in range(400):
        sim.add_call()
    script = f"set -o pipefail; {sys.executable} -m gcrec calls --jsonl | head -n 1"
    done = subprocess.run(
        ["bash", "-c", script], env={**os.environ, **sim.env()}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, len(done.stdout.splitlines()), done.stderr) == (0, 1, "")
