"""get_active_voice_call: the first of `items`, None where there is none, and nothing in between."""

from __future__ import annotations

from typing import Any

import pytest
from answers import reply
from faces import TOKEN, Face
from quirky import Quirky

import gcrec


def test_the_request(face: Face, quirky: Quirky) -> None:
    """Path, query and headers are the contract; Content-Type on a GET is the tutorial's wish."""
    quirky.play(reply(200, {"items": [{"id": "a"}, {"id": "b"}]}))
    assert face.get_active_voice_call(TOKEN, quirky.url) == {"id": "a"}
    (seen,) = quirky.requests
    path, _, query = seen.target.decode().partition("?")
    assert (seen.method, path) == ("GET", "/api/v2/communications")
    assert sorted(query.split("&")) == ["state=active", "types=voice"]
    assert seen.header("Authorization") == f"Bearer {TOKEN}"
    assert seen.header("Content-Type") == "application/json"
    assert seen.body == b""


def test_403_names_the_scope(face: Face, quirky: Quirky) -> None:
    """Whoever reads it must know what to set on the OAuth client."""
    quirky.play(reply(403, {"message": "forbidden"}))
    with pytest.raises(gcrec.PermissionDeniedError, match=r"conversation:read\b") as caught:
        face.get_active_voice_call(TOKEN, quirky.url)
    assert caught.value.status_code == 403


def test_401_names_token_and_scopes(face: Face, quirky: Quirky) -> None:
    """Either may be the reason."""
    quirky.play(reply(401, {"message": "unauthorised"}))
    with pytest.raises(gcrec.AuthenticationError, match=r"(?is)(?=.*token)(?=.*scope)"):
        face.get_active_voice_call(TOKEN, quirky.url)
    assert len(quirky.requests) == 1


@pytest.mark.parametrize("status", [404, 410])
def test_404_is_no_empty_list(face: Face, quirky: Quirky, status: int) -> None:
    """A missing route must not read as 'nobody is on the phone'."""
    quirky.play(reply(status, {"message": "no such route"}))
    with pytest.raises(gcrec.ApiError) as caught:
        face.get_active_voice_call(TOKEN, quirky.url)
    assert caught.value.status_code == status
    assert isinstance(caught.value, gcrec.NotFoundError) is (status == 404)


def test_the_servers_own_json(face: Face, quirky: Quirky) -> None:
    """Nothing is renamed, dropped, reordered or converted on the way."""
    item: dict[str, Any] = {
        "id": "ünï",
        "n": None,
        "t": True,
        "f": 1.5,
        "neg": -3,
        "big": 18446744073709551615,
        "list": [1, [2, {"x": []}]],
        "": "empty key",
        "emoji": "😀",
    }
    quirky.play(reply(200, {"items": [item], "total": 1}))
    call = face.get_active_voice_call(TOKEN, quirky.url)
    assert call == item
    assert list(call) == list(item)
    assert type(call["t"]) is bool
    assert type(call["big"]) is int
