"""The judge itself: every kind of mistake that the SDK forgives is found."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from judge import allowed_values, faults
from official import _Text

if TYPE_CHECKING:
    from types import ModuleType

GOOD = {
    "id": "c1",
    "startTime": "2026-01-02T03:04:05.678Z",
    "recordingState": "PAUSED",
    "securePause": True,
    "maxParticipants": 3,
    "participants": [{"id": "p1", "calls": [{"state": "connected"}], "attributes": {"a": "b"}}],
}


def found(sdk: ModuleType, raw: Any, kind: str = "Conversation") -> list[str]:
    value = sdk.ApiClient().deserialize(_Text(json.dumps(raw)), kind)
    return list(faults(sdk.models, kind, raw, value))


def test_what_is_as_declared_passes(sdk: ModuleType) -> None:
    assert found(sdk, GOOD) == []


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"recordingState": "paused"}, "$.recordingState: 'paused' is none of"),
        ({"recordingState": "HALTED"}, "$.recordingState: 'HALTED' is none of"),
        ({"securePause": "false"}, "$.securePause: 'false' was sent where bool is declared"),
        ({"securePause": 1}, "$.securePause: 1 was sent where bool is declared"),
        ({"maxParticipants": True}, "$.maxParticipants: True was sent where int is declared"),
        ({"maxParticipants": 1.5}, "$.maxParticipants: 1.5 was sent where int is declared"),
        ({"name": 7}, "$.name: 7 was sent where str is declared"),
        ({"name": None}, "$.name: null"),
        ({"startTime": "2026-01-02T03:04:05"}, "$.startTime: '2026-01-02T03:04:05' is no instant"),
        ({"startTime": "2026-01-02T03:04:05+00:00"}, "$.startTime: '2026-01-02T03:04:05+00:00' is no instant"),
        ({"surprise": 1}, "$.surprise: Conversation has no such field"),
        ({"participants": [{"calls": [{"surprise": 1}]}]}, "$.participants[0].calls[0].surprise: Call has no"),
        ({"participants": [{"attributes": {"a": 1}}]}, "$.participants[0].attributes['a']: 1 was sent where str"),
    ],
)
def test_each_mistake_is_found_where_it_is(sdk: ModuleType, wrong: dict[str, Any], told: str) -> None:
    [complaint] = found(sdk, {**GOOD, **wrong})
    assert complaint.startswith(told)


def test_a_body_where_none_is_declared(sdk: ModuleType) -> None:
    assert list(faults(sdk.models, None, {}, None)) == ["$: there is a body where the SDK expects none"]


def test_the_words_of_an_enum_are_read_from_the_sdk(sdk: ModuleType) -> None:
    assert allowed_values(sdk.models.Call, "recording_state") == ("none", "active", "paused")
    assert allowed_values(sdk.models.Conversation, "recording_state") == ("ACTIVE", "PAUSED", "NONE")
    assert allowed_values(sdk.models.Call, "id") is None
