"""The signatures are a promise: names, order, defaults, and that the twins agree."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from answers import good
from faces import CLIENT_ID, CONVERSATION, SECRET, TOKEN, Face
from quirky import Quirky

import gcrec

POSITIONAL = {
    "get_access_token": ["client_id", "client_secret", "base_url"],
    "get_active_voice_call": ["access_token", "base_url"],
    "control_recording": ["access_token", "base_url", "conversation_id", "action"],
    "check_recording_status": ["access_token", "base_url", "conversation_id"],
}
OPTIONS = {"timeout": 30.0, "max_retries": 3, "api": "auto", "ca_bundle": None}
OPERATION = dict(zip(POSITIONAL, ["token", "call", "control", "status"]))
VALUES = {
    "client_id": CLIENT_ID,
    "client_secret": SECRET,
    "access_token": TOKEN,
    "conversation_id": CONVERSATION,
    "action": "start",
}


@pytest.mark.parametrize("suffix", ["", "_async"])
@pytest.mark.parametrize("name", POSITIONAL)
def test_parameters(name: str, suffix: str) -> None:
    """The tutorial's order, then gcrec's options by keyword only, with the defaults of the contract."""
    parameters = inspect.signature(getattr(gcrec, name + suffix)).parameters
    by_kind: dict[Any, list[str]] = {}
    for key, parameter in parameters.items():
        by_kind.setdefault(parameter.kind, []).append(key)
    assert by_kind == {
        inspect.Parameter.POSITIONAL_OR_KEYWORD: POSITIONAL[name],
        inspect.Parameter.KEYWORD_ONLY: list(OPTIONS),
    }
    assert {key: parameters[key].default for key in OPTIONS} == OPTIONS
    assert all(parameters[key].default is inspect.Parameter.empty for key in POSITIONAL[name])


@pytest.mark.parametrize("name", POSITIONAL)
def test_the_twins_agree(name: str) -> None:
    """Annotations included: who switches the face changes one word."""
    plain, twin = getattr(gcrec, name), getattr(gcrec, f"{name}_async")
    assert inspect.signature(plain) == inspect.signature(twin)
    assert inspect.iscoroutinefunction(twin)
    assert not inspect.iscoroutinefunction(plain)
    assert inspect.getdoc(plain)
    assert inspect.getdoc(twin)


@pytest.mark.parametrize("name", POSITIONAL)
def test_positions_and_keywords_both_work(face: Face, quirky: Quirky, name: str) -> None:
    """The tutorial's own script passes them by position, careful people by name."""
    quirky.play(good(OPERATION[name]))
    values = {**VALUES, "base_url": quirky.url}
    call = getattr(face, name)
    by_position = call(*(values[key] for key in POSITIONAL[name]))
    by_keyword = call(**{key: values[key] for key in reversed(POSITIONAL[name])}, **OPTIONS)
    assert by_position == by_keyword
    first, second = quirky.requests
    assert first._replace(connection=0) == second._replace(connection=0)


@pytest.mark.parametrize("name", POSITIONAL)
def test_options_are_keywords_only(face: Face, quirky: Quirky, name: str) -> None:
    """A timeout that slips into a position would be read as something else one day."""
    quirky.play(good(OPERATION[name]))
    values = {**VALUES, "base_url": quirky.url}
    with pytest.raises(TypeError):
        getattr(face, name)(*(values[key] for key in POSITIONAL[name]), 5.0)
    assert quirky.connections == 0
