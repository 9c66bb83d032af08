"""The simulator's users, their tokens and their role, as Python users have them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sim_support import log_in, platform, tokens

import gcrec
from gcrec.testing import PERMISSIONS, SCOPES, Simulator, SimulatorError

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with Simulator(clock="manual") as simulator:
        yield simulator


@pytest.fixture
def token(sim: Simulator) -> str:
    return gcrec.get_access_token(sim.client_id, sim.client_secret, sim.base_url)


def test_words_are_those_of_the_core() -> None:
    source = (Path(__file__).parents[1] / "src/sim/options.rs").read_text()
    for name, words in (("PERMISSIONS", PERMISSIONS), ("SCOPES", SCOPES)):
        listed = source.split(f"pub const {name}", 1)[1].split("=", 1)[1].split(";", 1)[0]
        assert tuple(re.findall(r'"(.+?)"', listed)) == words


@pytest.mark.parametrize("attached", [False, True])
def test_users_have_tokens_of_their_own(sim: Simulator, token: str, attached: bool) -> None:
    steering = Simulator.attach(sim.base_url) if attached else sim
    first, second, _ = steering.users
    assert (first.name, first.email) == ("Agent One", "agent.one@simulator.invalid")
    assert [queue.name for queue in steering.queues] == ["Support"]
    for user in (second, second.id, second.name, second.email):
        status, me = platform(sim, steering.user_token(user), "GET", "users/me")
        assert (status, me["id"], me["email"]) == (200, second.id, second.email)
    assert platform(sim, token, "GET", "users/me")[1]["code"] == "not.a.user"
    with pytest.raises(SimulatorError, match="nobody") as caught:
        steering.user_token("nobody")
    assert caught.value.code == "unknown_user"


def test_roles_of_users_and_of_the_client_are_apart() -> None:
    with Simulator(permissions=[], user_permissions=PERMISSIONS[:1]) as sim:
        client = gcrec.get_access_token(sim.client_id, sim.client_secret, sim.base_url)
        path = f"conversations/{sim.calls[0]}"
        both = (client, sim.user_token("Agent One"))
        assert [platform(sim, token, "GET", path)[0] for token in both] == [403, 200]


def test_revoked_tokens_are_refreshed_unless_those_are_revoked_too(sim: Simulator) -> None:
    login = log_in(sim)
    assert platform(sim, login["access_token"], "GET", "users/me")[0] == 200
    sim.revoke_tokens()
    assert platform(sim, login["access_token"], "GET", "users/me")[0] == 401
    login = tokens(sim, grant_type="refresh_token", refresh_token=login["refresh_token"])
    assert platform(sim, login["access_token"], "GET", "users/me")[0] == 200
    sim.revoke_tokens(refresh_tokens=True)
    refused = tokens(sim, grant_type="refresh_token", refresh_token=login["refresh_token"])
    assert refused["error"] == "invalid_grant"


def test_when_to_come_again_may_be_said_in_words_only(face: Any) -> None:
    with Simulator(clock="manual", rate_limit=1, rate_window=30, retry_after_header=False) as sim:
        token = face.get_access_token(sim.client_id, sim.client_secret, sim.base_url)
        face.get_active_voice_call(token, sim.base_url)
        _, body = platform(sim, token, "GET", "tokens/me")
        assert body["message"].endswith("Retry the request in [30] seconds")


def test_calls_have_the_agent_and_the_queue_that_they_are_given(sim: Simulator, token: str) -> None:
    second = sim.users[1]
    for user, queue in ((second, sim.queues[0]), (second.email, "support")):
        call = sim.add_call(user=user, queue=queue, ivr=True)
        _, shown = platform(sim, token, "GET", f"conversations/{call}")
        people = {party["purpose"]: party for party in shown["participants"]}
        assert people.keys() == {"customer", "ivr", "acd", "agent"}
        assert (people["agent"]["userId"], people["acd"]["queueId"]) == (second.id, sim.queues[0].id)
        _, mine = platform(sim, sim.user_token(second), "GET", "conversations/calls")
        assert call in [entity["id"] for entity in mine["entities"]]
    for wrong in ({"user": "nobody"}, {"queue": "nowhere"}):
        with pytest.raises(SimulatorError, match="no"):
            sim.add_call(**wrong)


@pytest.mark.parametrize("attached", [False, True])
def test_a_second_agent_is_asked_and_joins(sim: Simulator, token: str, attached: bool) -> None:
    steering = Simulator.attach(sim.base_url) if attached else sim
    call = steering.add_call()
    steering.consult(call)
    steering.conference(call)
    _, shown = platform(sim, token, "GET", f"conversations/{call}")
    live = [party["purpose"] for party in shown["participants"] if party["calls"][0]["state"] == "connected"]
    assert live == ["customer", "agent", "agent"]
    steering.transfer(call)
    _, shown = platform(sim, token, "GET", f"conversations/{call}")
    left = [party["purpose"] for party in shown["participants"] if party["calls"][0]["state"] == "connected"]
    assert left == ["customer", "agent"]


def test_what_the_published_api_is_like_is_asked_for() -> None:
    options = {"start_needs_user": True, "transcoding": 60.0, "search_lag": 5.0, "search_repeats": 2}
    with Simulator(clock="manual", **options) as sim:
        client = gcrec.get_access_token(sim.client_id, sim.client_secret, sim.base_url)
        _, shown = platform(sim, client, "GET", f"conversations/{sim.calls[0]}")
        [agent] = [party["id"] for party in shown["participants"] if party["purpose"] == "agent"]
        path = f"conversations/calls/{sim.calls[0]}/participants/{agent}"
        assert platform(sim, client, "PATCH", path, {"recording": True})[1]["code"] == "not.a.user"
        user = sim.user_token("Agent One")
        assert platform(sim, user, "PATCH", path, {"recording": True})[0] == 202
