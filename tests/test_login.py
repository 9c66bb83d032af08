"""``Client.login``: a user logs in with a browser, and stays logged in; the bad days of that."""

from __future__ import annotations

import asyncio
import json
import os
import pickle
import re
import socket
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from login_support import Logins, changed, decide, request

import gcrec
from gcrec.testing import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with Simulator(calls=3) as simulator:
        yield simulator


@pytest.fixture(params=["sync", "asyncio"])
def logins(request: pytest.FixtureRequest, sim: Simulator) -> Logins:
    return Logins(request.param, sim)


def kept() -> Path:
    return Path(os.environ["XDG_CACHE_HOME"]) / "gcrec" / "tokens.json"


def secrets() -> list[str]:
    [login] = json.loads(kept().read_text())["logins"]
    return [login["access_token"], login["refresh_token"]]


def asked(sim: Simulator, path: str) -> int:
    return sum(request.path == path for request in sim.requests)


def test_a_user_logs_in_and_sees_his_calls(logins: Logins, sim: Simulator) -> None:
    client = logins.login()
    mine, agent = logins.call(client, "active_calls"), sim.users[0].id
    assert mine and all(agent in [party.user_id for party in call.participants] for call in mine)
    assert [request.path for request in sim.requests[-2:]] == ["/api/v2/users/me", "/api/v2/conversations/calls"]
    address = parse_qs(urlsplit(logins.addresses[0]).query)
    assert address["code_challenge_method"] == ["S256"] and len(address["code_challenge"][0]) == 43
    status, headers, page = logins.answers[0]
    assert status == 200 and "You may close this window" in page and "<script" not in page
    assert (headers["Cache-Control"], headers["Referrer-Policy"]) == ("no-store", "no-referrer")


def test_another_user_of_the_organisation(logins: Logins, sim: Simulator) -> None:
    second = sim.users[1]
    call = sim.add_call(user=second)
    client = logins.login(lambda address: decide(address, user=second.email))
    assert call in [mine.id for mine in logins.call(client, "active_calls")]


def test_the_login_is_kept_for_its_owner_and_found_later(logins: Logins, sim: Simulator) -> None:
    client = logins.login()
    assert stat.S_IMODE(kept().stat().st_mode) == 0o600
    found = logins.from_env()
    assert "for a user" in repr(found) and 'api="platform"' in repr(found)
    assert logins.call(found, "status", sim.calls[0]).state == "stopped"
    assert asked(sim, "/oauth/token") == 1
    shown = repr(client) + repr(found) + str(pickle.dumps(found))
    assert not [secret for secret in secrets() if secret in shown]
    with pytest.raises(pickle.PicklingError, match="from_env"):
        pickle.dumps(client)
    with pytest.raises(gcrec.ConfigError, match="Missing"):
        logins.from_env(base_url="https://elsewhere.example")


def test_the_wire_is_the_published_apis_unless_it_is_named(logins: Logins, monkeypatch: pytest.MonkeyPatch) -> None:
    assert 'api="platform"' in repr(logins.login())
    assert 'api="events"' in repr(logins.login(api="events"))
    monkeypatch.setenv("GCREC_API", "events")
    assert 'api="events"' in repr(logins.login())


def test_nothing_is_kept_unless_it_may_be(logins: Logins, sim: Simulator) -> None:
    client = logins.login(token_cache=False)
    sim.revoke_tokens()
    assert logins.call(client, "status", sim.calls[0]).state == "stopped"
    assert not kept().exists()


def test_a_login_renews_itself_and_never_uses_a_refresh_token_twice(logins: Logins, sim: Simulator) -> None:
    """The simulator ends a login whose old refresh token comes again."""
    first, second = logins.login(), logins.from_env()
    for _ in range(3):
        sim.revoke_tokens()
        before = secrets()
        assert logins.call(first, "status", sim.calls[0]).state == "stopped"
        assert logins.call(second, "status", sim.calls[0]).state == "stopped"
        assert not set(before) & set(secrets())
    assert asked(sim, "/oauth/token") == 1 + 3


ONE_CALL = """
import sys, gcrec
print(gcrec.Client.from_env().status(sys.argv[1]).state)
"""


def test_many_processes_renew_once(sim: Simulator) -> None:
    """Each holds the same refresh token, and one of them may use it."""
    Logins("sync", sim).login()
    sim.revoke_tokens()
    line = [sys.executable, "-c", ONE_CALL, sim.calls[0]]
    processes = [subprocess.Popen(line, stdout=subprocess.PIPE, text=True) for _ in range(6)]
    assert [process.communicate()[0] for process in processes] == ["stopped\n"] * 6
    assert asked(sim, "/oauth/token") == 2


def test_many_calls_at_once_renew_once(logins: Logins, sim: Simulator) -> None:
    client = logins.login()
    sim.revoke_tokens()
    ids = sim.calls * 10
    many = client.ensure_many(ids, "recording", dry_run=True)
    if logins.face == "sync":
        kinds = {outcome.kind for outcome in many}
    else:

        async def drain() -> set[str]:
            return {outcome.kind async for outcome in many}

        kinds = asyncio.run(drain())
    assert kinds == {"skipped"}
    assert asked(sim, "/oauth/token") == 2


def test_a_revoked_login_says_log_in_again_and_is_forgotten(logins: Logins, sim: Simulator) -> None:
    client = logins.login()
    sim.revoke_tokens(refresh_tokens=True)
    with pytest.raises(gcrec.AuthenticationError, match="Log in again: `gcrec login`") as caught:
        logins.call(client, "status", sim.calls[0])
    assert caught.value.code == "invalid_grant"
    assert json.loads(kept().read_text())["logins"] == []
    with pytest.raises(gcrec.ConfigError, match="nobody is logged in"):
        logins.from_env()


def test_a_denied_login(logins: Logins, sim: Simulator) -> None:
    with pytest.raises(gcrec.AuthenticationError, match="access_denied") as caught:
        logins.login(lambda address: decide(address, "deny"))
    assert (caught.value.code, caught.value.status_code, caught.value.maybe_sent) == ("access_denied", None, False)
    assert not kept().exists() and asked(sim, "/oauth/token") == 0
    assert "not allowed" in logins.answers[0][2]


@pytest.mark.parametrize("state", ["", "x", "A" * 43])
def test_the_answer_to_another_login_is_not_taken(logins: Logins, sim: Simulator, state: str) -> None:
    with pytest.raises(gcrec.AuthenticationError) as caught:
        logins.login(lambda address: changed(decide(address), state=state))
    assert caught.value.code == "state_mismatch"
    assert asked(sim, "/oauth/token") == 0


def test_a_code_that_is_refused(logins: Logins) -> None:
    with pytest.raises(gcrec.AuthenticationError, match="Log in again") as caught:
        logins.login(lambda address: changed(decide(address), code="hunter22hunter22"))
    assert caught.value.code == "invalid_grant"
    assert "hunter22" not in str(caught.value) + repr(vars(caught.value))


def test_what_is_no_answer_is_sent_away_and_the_second_answer_is_too_late(logins: Logins) -> None:
    statuses: list[int] = []
    answer = ""

    def knock(address: str) -> str:
        nonlocal answer
        answer = decide(address)
        here = answer.split("?", 1)[0]
        for method, url, headers in (
            ("GET", here.replace("/callback", "/favicon.ico"), {}),
            ("GET", here, {}),
            ("POST", answer, {}),
            ("GET", answer, {"Host": "evil.example"}),
        ):
            statuses.append(request(method, url, **headers)[0])
        silent = socket.create_connection((urlsplit(here).hostname, urlsplit(here).port))
        silent.close()
        return answer

    logins.login(knock)
    assert statuses == [404, 400, 405, 404]
    with pytest.raises(OSError):
        request("GET", answer)


def test_nobody_comes(logins: Logins) -> None:
    with pytest.raises(gcrec.AuthenticationError, match="login_timeout") as caught:
        logins.login(None, login_timeout=0.05)
    assert caught.value.code == "login_timeout"


def test_a_port_that_is_taken(logins: Logins) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(gcrec.ConfigError, match="redirect_port"):
        logins.login(redirect_port=other.getsockname()[1])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"redirect_port": 65536}, "redirect_port"),
        ({"redirect_port": -1}, "redirect_port"),
        ({"login_timeout": 0}, "login_timeout"),
        ({"login_timeout": float("nan")}, "login_timeout"),
        ({"client_secret": "x"}, "client_id alone"),
        ({"access_token": "x"}, "client_id alone"),
        ({"region": "eu-west-1"}, "not both"),
    ],
)
def test_what_cannot_work_is_refused_at_once(logins: Logins, sim: Simulator, options: Any, words: str) -> None:
    with pytest.raises(gcrec.ConfigError, match=words):
        logins.login(**options)
    assert (logins.addresses, sim.requests) == ([], [])


def test_an_empty_client_id(sim: Simulator) -> None:
    with pytest.raises(gcrec.ConfigError, match="client id is empty"):
        gcrec.Client.login("", base_url=sim.base_url, open_browser=False)


def test_the_address_goes_to_stderr_where_nobody_takes_it(sim: Simulator, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(gcrec.AuthenticationError):
        gcrec.Client.login(
            sim.client_id, base_url=sim.base_url, redirect_port=0, open_browser=False, login_timeout=0.05
        )
    out, err = capfd.readouterr()
    assert out == "" and re.fullmatch(rf"Log in with a browser at {sim.base_url}/oauth/authorize\?\S+\n", err)


def test_a_file_that_others_can_read_is_refused(logins: Logins, sim: Simulator) -> None:
    logins.login()
    kept().chmod(0o644)
    with pytest.raises(gcrec.ConfigError, match="others can read it"):
        logins.from_env()
    logins.login()
    assert stat.S_IMODE(kept().stat().st_mode) == 0o600
    assert logins.call(logins.from_env(), "status", sim.calls[0]).state == "stopped"


def test_other_identities_go_before_the_kept_login(
    logins: Logins, sim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    logins.login()
    monkeypatch.setenv("GENESYS_BASE_URL", sim.base_url)
    monkeypatch.setenv("GENESYS_CLIENT_ID", sim.client_id)
    assert "for a user" in repr(logins.from_env())  # a client id alone is that of the login
    monkeypatch.setenv("GENESYS_CLIENT_SECRET", sim.client_secret)
    assert "for a user" not in repr(logins.from_env())


def test_a_place_in_a_file_hides_no_login(
    logins: Logins, sim: Simulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What a user said last is the login; a file of the vendor's may be years old."""
    logins.login()
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".gc").mkdir()
    (tmp_path / ".gc" / "config.toml").write_text('[DEFAULT]\nenvironment = "mypurecloud.ie"\n')
    (tmp_path / ".genesyscloudpython").mkdir()
    (tmp_path / ".genesyscloudpython" / "config").write_text("[general]\nhost = https://api.mypurecloud.de\n")
    assert sim.base_url in repr(logins.from_env())
    monkeypatch.setenv("GENESYS_ACCESS_TOKEN", "t")
    assert "https://api.mypurecloud.ie" in repr(logins.from_env())
    (tmp_path / ".gc" / "config.toml").unlink()
    assert "https://api.mypurecloud.de" in repr(logins.from_env())


def test_an_oauth_client_that_may_not_log_users_in_is_told_apart(logins: Logins, sim: Simulator) -> None:
    """And one that needs a user: each error says which of the two it takes."""
    sim.fail("token", status_code=400)
    with pytest.raises(gcrec.AuthenticationError, match="code authorization with PKCE"):
        logins.login()
    token = gcrec.get_access_token(sim.client_id, sim.client_secret, sim.base_url)
    assert token
