"""``gcrec login`` and ``gcrec logout`` as processes: by plain HTTP, by a pasted address, and with a real browser."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from chromium import CHROMIUM, DRIVER, free_port
from cli_support import gcrec as command
from login_support import changed, decide, request

from gcrec.testing import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with Simulator(calls=2) as simulator:
        yield simulator


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "gcrec" / "tokens.json"


class Login:
    """A ``gcrec login`` that waits for its browser."""

    def __init__(self, sim: Simulator, *arguments: str, env: dict[str, str] | None = None) -> None:
        line = [sys.executable, "-m", "gcrec", "login", "--base-url", sim.base_url]
        line += ["--client-id", sim.client_id, "--redirect-port", str(free_port()), *arguments]
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self.process = subprocess.Popen(line, env={**os.environ, **(env or {})}, text=True, **pipes)

    def address(self) -> str:
        for line in self.process.stderr or ():
            if found := re.search(r"http://\S+/oauth/authorize\?\S+", line):
                return found[0]
        raise AssertionError("no address was printed")

    def end(self, typed: str | None = None) -> tuple[int, str, str]:
        out, err = self.process.communicate(typed, timeout=15)
        return self.process.returncode, out, err


def test_a_user_logs_in_and_later_commands_act_for_him(sim: Simulator, cache: Path) -> None:
    login = Login(sim, "--no-browser")
    request("GET", decide(login.address()))
    code, out, err = login.end()
    assert (code, out) == (
        0,
        f"Logged in as Agent One (agent.one@simulator.invalid) at {sim.base_url}. The login is kept in {cache}.\n",
    ), err
    assert stat.S_IMODE(cache.stat().st_mode) == 0o600
    calls = command("calls", "--json")
    assert calls.returncode == 0, calls.stderr
    assert [request.path for request in sim.requests][-1] == "/api/v2/conversations/calls"
    status = command("status", sim.calls[0], "--base-url", sim.base_url)
    assert status.stdout.startswith(f"{sim.calls[0]}: stopped"), status.stderr


def test_json_tells_who_and_where(sim: Simulator, cache: Path) -> None:
    login = Login(sim, "--no-browser", "--json")
    request("GET", decide(login.address(), user=sim.users[1].email))
    code, out, _ = login.end()
    told = json.loads(out)
    assert (code, told["user"]["id"], told["user"]["email"]) == (0, sim.users[1].id, sim.users[1].email)
    assert (told["base_url"], told["client_id"], told["kept_in"]) == (sim.base_url, sim.client_id, str(cache))
    assert not [token for token in kept_tokens(cache) if token in out]


def kept_tokens(cache: Path) -> list[str]:
    [login] = json.loads(cache.read_text())["logins"]
    return [login["access_token"], login["refresh_token"]]


@pytest.mark.parametrize("how", ["--no-browser", "over SSH"])
def test_the_address_may_be_pasted(sim: Simulator, cache: Path, how: str) -> None:
    """The browser is on another machine: it cannot come back, but it shows where it was to go."""
    over_ssh = {"SSH_CONNECTION": "192.0.2.1 1 192.0.2.2 22", "DISPLAY": ":9"}
    login = Login(sim, "--no-browser") if how == "--no-browser" else Login(sim, env=over_ssh)
    code, out, err = login.end(f"\n {decide(login.address())} \n")
    assert code == 0 and out.startswith("Logged in as Agent One"), err
    assert cache.exists()


def test_a_pasted_address_of_another_login(sim: Simulator, cache: Path) -> None:
    login = Login(sim, "--no-browser")
    code, _, err = login.end(changed(decide(login.address()), state="x") + "\n")
    assert code == 1 and "another login" in err and not cache.exists()


def test_a_denied_login(sim: Simulator, cache: Path) -> None:
    login = Login(sim, "--no-browser", "--json")
    request("GET", decide(login.address(), "deny"))
    code, out, err = login.end()
    assert (code, json.loads(out)["error"]["kind"]) == (1, "authentication")
    assert "access_denied" in err and not cache.exists()


def test_nobody_comes(sim: Simulator, cache: Path) -> None:
    login = Login(sim, "--no-browser", "--login-timeout", "0.2")
    code, _, err = login.end()
    assert code == 1 and "--login-timeout" in err and "login_timeout=" not in err


def test_ctrl_c_ends_it_and_frees_the_port(sim: Simulator, cache: Path) -> None:
    login = Login(sim, "--no-browser")
    back = parse_qs(urlsplit(login.address()).query)["redirect_uri"][0]
    login.process.send_signal(signal.SIGINT)
    assert login.process.wait(15) == 130
    with pytest.raises(ConnectionError):
        request("GET", back)
    login.end()


def test_it_ends_while_nobody_pastes_anything(sim: Simulator, cache: Path) -> None:
    login = Login(sim, "--no-browser")
    request("GET", decide(login.address()))
    assert login.process.wait(15) == 0  # stdin is still open
    login.end()


def test_a_port_that_is_taken(sim: Simulator, cache: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        done = command("login", "--base-url", sim.base_url, "--client-id", "x", "--redirect-port", port)
    assert done.returncode == 2 and "--redirect-port" in done.stderr


def test_what_is_missing_is_named(cache: Path) -> None:
    done = command("login", "--region", "eu-west-1")
    assert done.returncode == 2 and "--client-id" in done.stderr
    done = command("login", "--client-id", "x")
    assert done.returncode == 2 and "GENESYS_REGION" in done.stderr
    done = command("login", "--client-id", "x", "--region", "eu-west-9")
    assert done.returncode == 2 and "eu-west-1" in done.stderr
    done = command("calls")
    assert done.returncode == 2 and "gcrec login" in done.stderr
    done = command("calls", "--region", "eu-west-1", "--base-url", "https://a.example")
    assert done.returncode == 2


def test_logging_out_revokes_and_removes(sim: Simulator, cache: Path) -> None:
    login = Login(sim, "--no-browser")
    request("GET", decide(login.address()))
    assert login.end()[0] == 0
    token, _ = kept_tokens(cache)
    done = command("logout")
    assert (done.returncode, done.stdout) == (0, f"Logged out of {sim.base_url}.\n"), done.stderr
    assert (sim.requests[-1].method, sim.requests[-1].path) == ("DELETE", "/api/v2/tokens/me")
    assert json.loads(cache.read_text())["logins"] == []
    assert request("GET", f"{sim.base_url}/api/v2/users/me", Authorization=f"Bearer {token}")[0] == 401
    again = command("logout")
    assert (again.returncode, again.stderr) == (3, "Nobody is logged in.\n")


def test_a_login_that_is_over_already_is_merely_removed(sim: Simulator, cache: Path) -> None:
    login = Login(sim, "--no-browser")
    request("GET", decide(login.address()))
    assert login.end()[0] == 0
    sim.revoke_tokens(refresh_tokens=True)
    done = command("logout")
    assert done.returncode == 0, done.stderr
    assert json.loads(cache.read_text())["logins"] == []


def test_an_identity_of_the_environment_goes_first_and_the_login_says_so(sim: Simulator, cache: Path) -> None:
    login = Login(sim, "--no-browser", env=sim.env(api="platform"))
    request("GET", decide(login.address()))
    code, _, err = login.end()
    assert code == 0 and "goes before this login" in err


def test_a_login_is_removed_even_if_the_server_cannot_be_told(sim: Simulator, cache: Path) -> None:
    login = Login(sim, "--no-browser")
    request("GET", decide(login.address()))
    assert login.end()[0] == 0
    sim.fail("*", times=None, status_code=500)
    done = command("logout", "--timeout", "1")
    assert done.returncode == 1 and "500" in done.stderr
    assert json.loads(cache.read_text())["logins"] == []


needs_chromium = pytest.mark.skipif(
    not (os.access(CHROMIUM, os.X_OK) and os.access(DRIVER, os.X_OK)), reason=f"needs {CHROMIUM} and {DRIVER}"
)


@needs_chromium
@pytest.mark.timeout(90)
@pytest.mark.parametrize(("button", "expected"), [("allow", 0), ("deny", 1)])
def test_with_a_real_browser(sim: Simulator, cache: Path, tmp_path: Path, button: str, expected: int) -> None:
    """``BROWSER`` opens a headless Chromium, which presses the button and ends on our page."""
    script, said = tmp_path / "browser.sh", tmp_path / "said"
    script.write_text(f'#!/bin/sh\nexec {sys.executable} {HERE / "chromium.py"} {button} "$1" >{said} 2>&1\n')
    script.chmod(0o755)
    line = [sys.executable, "-m", "gcrec", "login", "--base-url", sim.base_url, "--api", "platform"]
    line += ["--client-id", sim.client_id, "--redirect-port", str(free_port()), "--login-timeout", "60"]
    env = {**os.environ, "BROWSER": str(script), "SSH_CONNECTION": "x"}
    done = subprocess.run(line, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == expected, done.stderr + said.read_text()
    if expected == 0:
        assert done.stdout.startswith("Logged in as Agent One") and "A browser was opened" in done.stderr
    else:
        assert "access_denied" in done.stderr
