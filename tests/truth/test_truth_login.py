"""Every grant as the SDK asks for it, and who a token then is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Callable
from urllib.parse import urlencode

import pytest
from browser import click, get
from official import Official

if TYPE_CHECKING:
    from types import ModuleType

    from gcrec.testing import Simulator

REDIRECT = "http://localhost:8085/callback"


def page(sim: Simulator, **more: str) -> str:
    """The address to which a browser is sent."""
    asked = {"client_id": sim.client_id, "response_type": "code", "redirect_uri": REDIRECT, "state": "s 1&2", **more}
    return f"{sim.base_url}/oauth/authorize?{urlencode(asked)}"


def code(sim: Simulator, **more: str) -> str:
    """An authorization code that the first user allows."""
    carried = click(page(sim, **more), "allow")
    assert carried.keys() == {"code", "state"}
    assert carried["state"] == "s 1&2"
    return carried["code"]


def by_code(sdk: ModuleType, sim: Simulator) -> tuple[Official, dict[str, Any]]:
    """The SDK, logged in with an authorization code and the secret; and the answer."""
    api = Official(sdk, sim.base_url)
    _, answer = api.client.get_code_authorization_token(sim.client_id, sim.client_secret, code(sim), REDIRECT)
    return api, answer


def told(refused: Any) -> dict[str, Any]:
    """The error of the token endpoint, which is OAuth's own."""
    assert refused.headers["Content-Type"] == "application/json"
    error = json.loads(refused.body)
    assert error["error"] and error["description"] == error["error_description"]
    return error


def test_client_credentials(sim: Simulator, api: Official) -> None:
    assert api.client.access_token
    me = api.tokens.get_tokens_me()
    assert (me.o_auth_client.id, me.o_auth_client.authorized_grant_type) == (sim.client_id, "CLIENT-CREDENTIALS")
    assert me.organization.id == me.home_organization.id
    assert me.organization.name
    assert isinstance(me.authorized_scope, list)


def test_a_wrong_secret(sdk: ModuleType, sim: Simulator) -> None:
    api = Official(sdk, sim.base_url)
    with pytest.raises(sdk.rest.ApiException) as caught:
        api.client.get_client_credentials_token(sim.client_id, "wrong")
    assert caught.value.status == 401
    assert told(caught.value)["error"] == "invalid_client"


def test_a_gateway_leads_there_too(sdk: ModuleType, sim: Simulator) -> None:
    host, port = sim.base_url.removeprefix("http://").split(":")
    api = Official(sdk, "https://api.mypurecloud.invalid")
    api.client.set_gateway(host, "http", int(port), "", "")
    assert api.login(sim).conversations.get_conversation(sim.calls[0]).id == sim.calls[0]


def test_an_authorization_code(sdk: ModuleType, sim: Simulator) -> None:
    api, answer = by_code(sdk, sim)
    assert type(answer["expires_in"]) is int
    assert answer["token_type"].lower() == "bearer"
    assert answer["refresh_token"]
    assert api.users.get_users_me().id == sim.users[0].id


def test_a_code_with_pkce(sdk: ModuleType, sim: Simulator) -> None:
    api = Official(sdk, sim.base_url)
    for length in (43, 128):
        verifier = api.client.generate_pkce_code_verifier(length)
        challenge = {
            "code_challenge": api.client.compute_pkce_code_challenge(verifier),
            "code_challenge_method": "S256",
        }
        _, answer = api.client.get_pkce_token(sim.client_id, verifier, code(sim, **challenge), REDIRECT)
        assert type(answer["expires_in"]) is int
        me = api.users.get_users_me()
        assert (me.id, me.name, me.email) == (sim.users[0].id, sim.users[0].name, sim.users[0].email)


def test_the_person_is_whom_the_page_was_told(sdk: ModuleType, sim: Simulator) -> None:
    from browser import Form

    status, text = get(page(sim))
    assert status == 200
    [(field, people)] = Form(text).choices.items()
    assert len(people) == len(sim.users)
    api = Official(sdk, sim.base_url)
    carried = click(page(sim), "allow", **{field: people[1]})
    api.client.get_code_authorization_token(sim.client_id, sim.client_secret, carried["code"], REDIRECT)
    assert api.users.get_users_me().id == sim.users[1].id


def test_whoever_denies_gives_no_code(sim: Simulator) -> None:
    carried = click(page(sim), "deny")
    assert (carried["error"], carried["state"]) == ("access_denied", "s 1&2")
    assert "code" not in carried


@pytest.mark.parametrize("wrong", [{"client_id": "nobody"}, {"redirect_uri": "https://evil.invalid/"}])
def test_a_page_for_strangers_redirects_nowhere(sim: Simulator, wrong: dict[str, str]) -> None:
    status, text = get(page(sim, **wrong))
    assert status == 400
    assert 'href="https://evil' not in text


@pytest.mark.parametrize("wrong", ["verifier", "redirect", "twice", "code"])
def test_a_code_is_bound_to_its_request(sdk: ModuleType, sim: Simulator, wrong: str) -> None:
    api = Official(sdk, sim.base_url)
    verifier = api.client.generate_pkce_code_verifier(64)
    challenge = api.client.compute_pkce_code_challenge(verifier)
    given = code(sim, code_challenge=challenge, code_challenge_method="S256")
    redirect = REDIRECT + "/other" if wrong == "redirect" else REDIRECT
    if wrong == "twice":
        api.client.get_pkce_token(sim.client_id, verifier, given, redirect)
    if wrong == "verifier":
        verifier = api.client.generate_pkce_code_verifier(64)
    if wrong == "code":
        given = "unheard-of"
    with pytest.raises(sdk.rest.ApiException) as caught:
        api.client.get_pkce_token(sim.client_id, verifier, given, redirect)
    assert caught.value.status == 400
    assert told(caught.value)["error"] == "invalid_grant"


def test_a_refresh_token_is_good_once(sdk: ModuleType, sim: Simulator) -> None:
    api, first = by_code(sdk, sim)
    _, second = api.client.refresh_code_authorization_token(sim.client_id, sim.client_secret, first["refresh_token"])
    assert {second["access_token"], second["refresh_token"]}.isdisjoint(first.values())
    assert api.users.get_users_me().id == sim.users[0].id
    with pytest.raises(sdk.rest.ApiException) as caught:
        api.client.refresh_code_authorization_token(sim.client_id, sim.client_secret, first["refresh_token"])
    assert told(caught.value)["error"] == "invalid_grant"


def test_the_sdk_renews_an_expired_token_by_itself(sdk: ModuleType, organisation: Callable[..., Simulator]) -> None:
    sim = organisation(clock="manual", token_lifetime=600)
    api, first = by_code(sdk, sim)
    sim.advance(601)
    assert api.users.get_users_me().id == sim.users[0].id
    assert api.client.access_token != first["access_token"]
    assert [request.status_code for request in sim.requests][-3:] == [401, 200, 200]


def test_a_users_token_says_whose_it_is(sdk: ModuleType, sim: Simulator) -> None:
    api = Official(sdk, sim.base_url).holding(sim.user_token(sim.users[2].id))
    assert api.tokens.get_tokens_me().o_auth_client.authorized_grant_type == "CODE"
    me = api.users.get_users_me()
    assert (me.id, me.email, me.state) == (sim.users[2].id, sim.users[2].email, "active")


def test_a_client_is_nobody(api: Official) -> None:
    refused = api.refused(api.users.get_users_me)
    assert (refused.status, refused.body.code) == (400, "not.a.user")


def test_a_token_is_checked_and_revoked(api: Official) -> None:
    assert api.tokens.head_tokens_me() is None
    assert api.tokens.delete_tokens_me() is None
    refused = api.refused(api.tokens.get_tokens_me)
    assert (refused.status, refused.body.code) == (401, "bad.credentials")
