"""Every refusal is an ``ErrorBody`` of the SDK, with the vendor's code; ``Official.refused`` holds each against it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Callable

import pytest
from official import RATE_HEADERS, Official
from words import ad_hoc, set_recording_state, snippet

if TYPE_CHECKING:
    from types import ModuleType

    from gcrec.testing import Simulator

UNKNOWN = "00000000-0000-4000-8000-000000000000"

# A call of the SDK, and the permissions of which it wants any.
DOCUMENTED = {
    "read": ("conversation:communication:view",),
    "pause": ("conversation:recording:pauseOthers",),
    "put": ("conversation:recording:pauseOthers",),
    "start": ("conversation:participant:wrapup", "conversation:call:record", "conversation:communication:disconnect"),
    "snippet": ("conversation:recording:snippetRecord",),
    "search": ("analytics:conversationDetail:view", "analytics:agentConversationDetail:view"),
    "activity": ("analytics:queueObservation:view",),
    "recordings": (
        "recording:recording:view",
        "recording:recordingSegment:view",
        "recording:snippetRecording:view",
        "recording:screenRecording:view",
    ),
}


def asked(sdk: ModuleType, api: Official, call: str, operation: str) -> Any:
    """Makes the call of that name."""
    conversations = api.conversations
    return {
        "read": lambda: conversations.get_conversation(call),
        "pause": lambda: conversations.patch_conversation_recordingstate(call, set_recording_state(sdk, "PAUSED")),
        "put": lambda: conversations.put_conversations_call_recordingstate(call, set_recording_state(sdk, "PAUSED")),
        "start": lambda: conversations.patch_conversations_call_participant(call, UNKNOWN, ad_hoc(sdk, True)),
        "snippet": lambda: conversations.post_conversations_call_participant_snippet_record(
            call, UNKNOWN, snippet(sdk, True)
        ),
        "search": lambda: conversations.post_analytics_conversations_details_query(
            {"interval": "2026-01-01T00:00:00.000Z/2026-01-02T00:00:00.000Z"}
        ),
        "activity": lambda: conversations.post_analytics_conversations_activity_query(
            {"metrics": [{"metric": "oInteracting", "details": True}], "groupBy": ["queueId"]}
        ),
        "recordings": lambda: api.recording.get_conversation_recordings(call),
    }[operation]


@pytest.mark.parametrize("operation", DOCUMENTED)
def test_a_missing_permission_is_named(sdk: ModuleType, organisation: Callable[..., Simulator], operation: str) -> None:
    sim = organisation(permissions=())
    api = Official(sdk, sim.base_url).login(sim)
    refused = api.refused(asked(sdk, api, sim.calls[0], operation))
    assert refused.status == 403
    assert refused.body.code in ("missing.permissions", "missing.any.permissions")
    for permission in DOCUMENTED[operation]:
        assert permission in refused.body.message


@pytest.mark.parametrize(
    ("operation", "permission"), [(name, each) for name, every in DOCUMENTED.items() for each in every]
)
def test_any_of_the_documented_permissions_will_do(
    sdk: ModuleType, organisation: Callable[..., Simulator], operation: str, permission: str
) -> None:
    sim = organisation(permissions=(permission,))
    api = Official(sdk, sim.base_url).login(sim)
    call = asked(sdk, api, sim.calls[0], operation)
    if operation in ("start", "snippet"):
        assert api.refused(call).status == 404  # nobody of that id takes part; it was let in
    else:
        call()


def test_without_a_token(sdk: ModuleType, sim: Simulator) -> None:
    api = Official(sdk, sim.base_url)
    refused = api.refused(api.conversations.get_conversation, sim.calls[0])
    assert (refused.status, refused.body.code) in {(401, "authentication.required"), (401, "bad.credentials")}


@pytest.mark.parametrize("token", ["unheard-of", "x" * 500])
def test_with_somebody_elses_token(sdk: ModuleType, sim: Simulator, token: str) -> None:
    api = Official(sdk, sim.base_url).holding(token)
    refused = api.refused(api.conversations.get_conversation, sim.calls[0])
    assert (refused.status, refused.body.code) == (401, "bad.credentials")


def test_with_a_token_that_was_revoked(sim: Simulator, api: Official) -> None:
    sim.revoke_tokens()
    assert api.refused(api.conversations.get_conversation, sim.calls[0]).status == 401


@pytest.mark.parametrize("call", [UNKNOWN, "no-uuid", "a b ü"])
def test_an_unknown_conversation(sdk: ModuleType, api: Official, call: str) -> None:
    conversations = api.conversations
    pause = set_recording_state(sdk, "PAUSED")
    for refused in (
        api.refused(conversations.get_conversation, call),
        api.refused(conversations.get_conversations_call, call),
        api.refused(conversations.patch_conversation_recordingstate, call, pause),
        api.refused(conversations.put_conversations_call_recordingstate, call, pause),
        api.refused(conversations.patch_conversations_call_participant, call, UNKNOWN, ad_hoc(sdk, True)),
    ):
        assert refused.status == 404
        assert refused.body.code in ("conversation.not.found", "conversation.error.conversation.not.found")


@pytest.mark.parametrize(
    "wrong",
    [
        {"recordingState": "paused"},
        {"recordingState": "LOUD"},
        {"recordingState": True},
        {"recordingState": None},
        {"other": 1},
        [1],
        "PAUSED",
    ],
)
def test_a_state_that_is_none(sim: Simulator, api: Official, wrong: Any) -> None:
    call = sim.add_call(state="recording")
    refused = api.refused(api.conversations.patch_conversation_recordingstate, call, wrong)
    assert refused.status == 400
    assert refused.body.code in ("invalid.value", "bad.request")
    assert sim.state(call) == "recording"


def test_a_snippet_of_no_type(sim: Simulator, api: Official) -> None:
    call = sim.add_call()
    [agent] = [one for one in api.conversations.get_conversation(call).participants if one.purpose == "agent"]
    record = api.conversations.post_conversations_call_participant_snippet_record
    for wrong in ({"record": True}, {"type": "movie", "record": True}, {"type": "snippet", "record": "true"}):
        assert api.refused(record, call, agent.id, wrong).status == 400
    assert sim.state(call) == "stopped"


def test_a_command_to_a_call_that_has_ended(sdk: ModuleType, sim: Simulator, api: Official) -> None:
    call = sim.add_call(state="recording")
    sim.end_call(call)
    refused = api.refused(api.conversations.patch_conversation_recordingstate, call, set_recording_state(sdk, "PAUSED"))
    assert (refused.status, refused.body.code) == (400, "conversation.error.call.disconnected")


def test_a_body_of_another_medium(sdk: ModuleType, sim: Simulator, api: Official) -> None:
    def call() -> Any:
        return api.client.call_api(
            f"/api/v2/conversations/{sim.calls[0]}/recordingstate",
            "PATCH",
            {},
            {},
            {"Content-Type": "application/x-www-form-urlencoded"},
            post_params={"recordingState": "PAUSED"},
            response_type=None,
            auth_settings=["PureCloud OAuth"],
        )

    refused = api.refused(call)
    assert (refused.status, refused.body.code) == (415, "unsupported.media.type")


def test_a_path_that_is_not_there(api: Official) -> None:
    # Published, and no part of a simulator of recordings.
    refused = api.refused(api.conversations.get_conversations_callbacks)
    assert refused.status == 404


def test_past_the_limit(sdk: ModuleType, organisation: Callable[..., Simulator]) -> None:
    sim = organisation(clock="manual", rate_limit=2, rate_window=60)
    api = Official(sdk, sim.base_url).login(sim)
    for _ in range(2):
        api.conversations.get_conversation(sim.calls[0])
    refused = api.refused(api.conversations.get_conversation, sim.calls[0])
    assert (refused.status, refused.body.code) == (429, "too.many.requests")
    assert refused.body.message.startswith("Rate limit exceeded the maximum [2] requests within [60] seconds")
    assert int(refused.headers["Retry-After"]) == 60
    allowed, count, reset = (int(refused.headers[name]) for name in RATE_HEADERS)
    assert (allowed, reset) == (2, 60)
    assert count >= 2
    assert (refused.body.limit.key, refused.body.limit.value) == ("client.credentials.token.rate.per.minute", 2)
    sim.advance(60)
    api.conversations.get_conversation(sim.calls[0])


def test_the_sdk_sleeps_through_a_limit_by_itself(sdk: ModuleType, organisation: Callable[..., Simulator]) -> None:
    sim = organisation(rate_limit=1, rate_window=1)
    api = Official(sdk, sim.base_url, patient=True).login(sim)
    for _ in range(2):
        api.conversations.get_conversation(sim.calls[0])
    assert [request.status_code for request in sim.requests][-3:] == [200, 429, 200]


@pytest.mark.parametrize(
    ("status", "code"),
    [(500, "internal.server.error"), (503, "service.unavailable"), (504, "request.timeout")],
)
def test_a_bad_day_is_told_in_the_same_shape(sim: Simulator, api: Official, status: int, code: str) -> None:
    sim.fail("status", status_code=status)
    refused = api.refused(api.conversations.get_conversation, sim.calls[0])
    assert (refused.status, refused.body.code) == (status, code)


def test_an_error_says_nothing_null(sim: Simulator, api: Official) -> None:
    with pytest.raises(api.sdk.rest.ApiException) as caught:
        api.conversations.get_conversation(UNKNOWN)
    body = json.loads(caught.value.body)
    assert None not in body.values()
    assert type(body["messageParams"]) is dict
