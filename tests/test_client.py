"""``Client`` and ``AsyncClient`` as objects: made, shown, copied, pickled, closed; and the values that they give."""

from __future__ import annotations

import asyncio
import os
import pickle
import stat
import subprocess
import sys
from collections.abc import Iterator
from datetime import timezone
from pathlib import Path
from typing import Any

import pytest
from both import Both

import gcrec
from gcrec.testing import Simulator

TWO_SCRIPTS = """
import sys, gcrec
with gcrec.Client.from_env(token_cache=sys.argv[1]) as client:
    print(client.status(sys.argv[2]).state)
"""


class Face(Both):
    """A face with a simulator of its own, on the tutorial's wire."""

    def __init__(self, face: str, sim: Simulator) -> None:
        super().__init__(face)
        self.sim = sim

    def own(self, **options: Any) -> Any:
        return self.client(self.sim, api="events", **options)


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with Simulator(calls=3, propagation=0.2, clock="manual") as simulator:
        yield simulator


@pytest.fixture(params=["sync", "asyncio"])
def both(request: pytest.FixtureRequest, sim: Simulator) -> Face:
    return Face(request.param, sim)


@pytest.fixture
def environment(sim: Simulator, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    variables = sim.env(api="events")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return variables


@pytest.mark.parametrize("kind", [gcrec.Client, gcrec.AsyncClient])
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"access_token": "t"}, "base_url"),
        ({"base_url": "https://a.example"}, "log in with"),
        ({"base_url": "https://a.example", "client_id": "x"}, "client secret is missing"),
        ({"base_url": "https://a.example", "client_id": "x", "client_secret": "y", "access_token": "t"}, "not both"),
        ({"base_url": "https://a.example", "access_token": "t", "timeout": 0}, "timeout"),
        ({"base_url": "https://a.example", "access_token": "t", "settle": float("nan")}, "settle"),
        ({"base_url": "https://a.example", "access_token": "t", "rate_limit": -1.0}, "rate_limit"),
        ({"base_url": "https://a.example", "access_token": "t", "max_connections": 0}, "max_connections"),
        ({"base_url": "https://a.example", "access_token": "t", "api": "both"}, "api must be"),
        ({"base_url": "https://evil.mypurecloud.ie", "access_token": "t"}, "region"),
        ({"base_url": "http://a.example", "access_token": "t"}, "https://"),
    ],
)
def test_settings_that_cannot_work_are_refused_at_once(kind: type, options: dict[str, Any], words: str) -> None:
    with pytest.raises(gcrec.ConfigError, match=words):
        kind(**options)


def test_a_client_shows_where_it_leads_and_no_secret(both: Face) -> None:
    client = both.own(rate_limit=90.0)
    shown = repr(client)
    assert both.sim.base_url in shown and 'api="events"' in shown and "90 a minute" in shown
    assert both.sim.client_secret not in shown and both.sim.client_id not in shown


def test_the_environment_names_who_and_where(both: Face, environment: dict[str, str]) -> None:
    kind = gcrec.Client if both.face == "sync" else gcrec.AsyncClient
    client = kind.from_env(timeout=3.0)
    assert both.sim.base_url in repr(client) and "timeout=3" in repr(client)


@pytest.mark.parametrize("missing", ["GENESYS_BASE_URL", "GENESYS_CLIENT_ID", "GENESYS_CLIENT_SECRET"])
def test_a_missing_variable_is_named(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    monkeypatch.delenv(missing)
    with pytest.raises(gcrec.ConfigError, match=missing):
        gcrec.Client.from_env()


def test_the_vendors_own_variables_will_do(
    sim: Simulator, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GENESYS_CLIENT_ID")
    monkeypatch.delenv("GENESYS_CLIENT_SECRET")
    monkeypatch.setenv("GENESYSCLOUD_OAUTHCLIENT_ID", sim.client_id)
    monkeypatch.setenv("GENESYSCLOUD_OAUTHCLIENT_SECRET", sim.client_secret)
    assert gcrec.Client.from_env().status(sim.calls[0]).state == "stopped"


def test_a_client_pickles_by_naming_its_sources(both: Face, environment: dict[str, str]) -> None:
    kind = gcrec.Client if both.face == "sync" else gcrec.AsyncClient
    client = kind.from_env(timeout=3.0, settle=4.0)
    pickled = pickle.dumps(client)
    assert both.sim.client_secret.encode() not in pickled
    assert repr(pickle.loads(pickled)) == repr(client)


def test_a_client_with_literal_secrets_or_a_journal_does_not_pickle(
    both: Face, environment: dict[str, str], tmp_path: Path
) -> None:
    with pytest.raises(pickle.PicklingError, match="literal secrets"):
        pickle.dumps(both.own())
    with pytest.raises(pickle.PicklingError, match="journal"):
        pickle.dumps(gcrec.Client.from_env(journal=tmp_path / "j.db"))


def test_a_copy_with_other_options_shares_connections_token_and_pace(both: Face) -> None:
    client = both.own()
    copy = client.with_options(timeout=2.0, max_retries=0, settle=5.0)
    assert "timeout=2," in repr(copy) and "timeout=30," in repr(client)
    both.call(client, "status", both.sim.calls[0])
    both.call(copy, "status", both.sim.calls[0])
    assert sum(request.path.startswith("/oauth/token") for request in both.sim.requests) == 1
    for other in ("base_url", "rate_limit", "client_secret", "proxy"):
        with pytest.raises(gcrec.ConfigError, match=f"{other} belongs"):
            client.with_options(**{other: "x"})


def test_a_closed_client_refuses_to_work(both: Face) -> None:
    client = both.own()
    if both.face == "sync":
        client.close()
    else:
        asyncio.run(client.close())
    assert "closed" in repr(client)
    with pytest.raises(RuntimeError, match="closed"):
        both.call(client, "status", both.sim.calls[0])


def test_bad_ids_targets_and_actions_are_refused_before_any_request(both: Face) -> None:
    client = both.own()
    for name, args, error in [
        ("status", ("",), gcrec.InvalidIdError),
        ("start", ("..",), gcrec.InvalidIdError),
        ("ensure", ("x", "held"), gcrec.ConfigError),
        ("wait_until", ("x", ""), gcrec.ConfigError),
        ("pause", ("x",), gcrec.InvalidActionError),
        ("resume", ("x",), gcrec.InvalidActionError),
        ("ensure", ("x", "paused"), gcrec.InvalidActionError),
    ]:
        with pytest.raises(error):
            both.call(client, name, *args)
    with pytest.raises(gcrec.InvalidActionError):
        client.paused("x")
    assert both.sim.requests == []


def test_the_stream_of_calls_asks_when_the_first_is_wanted(both: Face) -> None:
    client = both.own()
    stream = client.active_calls(limit=2)
    assert both.sim.requests == []
    calls = both.call(stream, "collect")
    assert [call.id for call in calls] == both.sim.calls[:2]
    assert calls[0].started_at.tzinfo is timezone.utc and {p.purpose for p in calls[0].participants} == {
        "customer",
        "agent",
    }


def test_one_conversation_is_found_among_the_active_ones_or_not_at_all(both: Face) -> None:
    client = both.own()
    assert both.call(client, "conversation", both.sim.calls[1]).id == both.sim.calls[1]
    both.sim.end_call(both.sim.calls[1])
    with pytest.raises(gcrec.NotFoundError):
        both.call(client, "conversation", "no-such-call")


def test_values_are_frozen_comparable_picklable_and_shy_of_raw(both: Face) -> None:
    client, id = both.own(), both.sim.calls[0]
    proof = both.call(client, "ensure", id, "recording")
    values = [proof, proof.receipt, both.call(client, "status", id), both.call(client, "conversation", id)]
    for value in values:
        copy = pickle.loads(pickle.dumps(value))
        assert copy == value and hash(copy) == hash(value) and copy.to_dict() == value.to_dict()
        assert "raw" not in repr(value) and "+1202555" not in repr(value)
        with pytest.raises(AttributeError):
            value.raw = {}
    assert proof.to_dict()["receipt"] == proof.receipt.to_dict()
    assert both.call(client, "status", id).raw["items"][0]["status"] == "recording"
    assert values[2] != values[3]


def test_short_scripts_share_one_token_by_a_private_file(tmp_path: Path) -> None:
    cache = tmp_path / "cache" / "tokens.json"
    with Simulator(calls=1) as sim:
        environment = {**os.environ, **sim.env(api="events")}
        for _ in range(2):
            command = [sys.executable, "-c", TWO_SCRIPTS, str(cache), sim.calls[0]]
            done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
            assert done.stdout == "stopped\n"
        assert sum(request.path.startswith("/oauth/token") for request in sim.requests) == 1
        assert stat.S_IMODE(cache.stat().st_mode) == 0o600
        sim.revoke_tokens()
        subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
        assert sum(request.path.startswith("/oauth/token") for request in sim.requests) == 2


def test_a_client_may_be_used_from_many_loops_and_threads(sim: Simulator) -> None:
    client = sim.async_client()

    async def look() -> str:
        return str((await client.status(sim.calls[0])).state)

    assert [asyncio.run(look()) for _ in range(3)] == ["stopped"] * 3
