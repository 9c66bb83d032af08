"""Pause, resume, start and stop, each in every form that the SDK has, and what a read says of it afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

import pytest
from official import Official
from words import ad_hoc, body, set_recording_state, snippet

if TYPE_CHECKING:
    from types import ModuleType

    from gcrec.testing import Simulator


def agent(api: Official, call: str) -> Any:
    """The participant of the agent who is connected."""
    read = api.conversations.get_conversation(call)
    [agent] = [one for one in read.participants if one.purpose == "agent" and one.calls[-1].state == "connected"]
    return agent


def leg(api: Official, call: str) -> Any:
    """The agent's leg of a call."""
    return agent(api, call).calls[-1]


def test_patch_pauses_and_resumes(sdk: ModuleType, sim: Simulator, api: Official) -> None:
    call = sim.add_call(state="recording")
    assert api.conversations.patch_conversation_recordingstate(call, set_recording_state(sdk, "PAUSED")) is None
    assert api.log[-1] == (202, None)
    read = api.conversations.get_conversation(call)
    assert (read.recording_state, read.secure_pause, sim.state(call)) == ("PAUSED", True, "paused")
    assert api.conversations.patch_conversation_recordingstate(call, set_recording_state(sdk, "ACTIVE")) is None
    read = api.conversations.get_conversation(call)
    assert (read.recording_state, read.secure_pause, sim.state(call)) == ("ACTIVE", False, "recording")
    assert [command.action for command in sim.commands(call)] == ["pause", "resume"]


def test_a_plain_dict_will_do_as_a_body(sim: Simulator, api: Official) -> None:
    call = sim.add_call(state="recording")
    api.conversations.patch_conversation_recordingstate(call, {"recordingState": "PAUSED"})
    assert sim.state(call) == "paused"


def test_a_pause_takes_its_time(sdk: ModuleType, organisation: Callable[..., Simulator]) -> None:
    sim = organisation(clock="manual", propagation=2.0)
    api = Official(sdk, sim.base_url).login(sim)
    call = sim.add_call(state="recording")
    api.conversations.patch_conversation_recordingstate(call, set_recording_state(sdk, "PAUSED"))
    assert api.conversations.get_conversation(call).recording_state == "ACTIVE"
    sim.advance(2)
    assert api.conversations.get_conversation(call).recording_state == "PAUSED"


def test_put_answers_with_a_word_in_quotes(sdk: ModuleType, sim: Simulator, api: Official) -> None:
    call = sim.add_call(state="recording")
    put = api.conversations.put_conversations_call_recordingstate
    assert put(call, set_recording_state(sdk, "PAUSED")) == "PAUSED"
    assert api.log[-1] == (200, "PAUSED")
    assert sim.state(call) == "paused"
    assert put(call, set_recording_state(sdk, "ACTIVE")) == "ACTIVE"
    assert sim.state(call) == "recording"


def test_put_on_what_is_not_recorded_says_none(sdk: ModuleType, sim: Simulator, api: Official) -> None:
    call = sim.add_call()
    assert api.conversations.put_conversations_call_recordingstate(call, set_recording_state(sdk, "PAUSED")) == "NONE"
    assert sim.state(call) == "stopped"


@pytest.mark.parametrize("media", ["callback", "email", "message", "video", "social"])
def test_put_of_another_medium_does_not_know_a_voice_call(
    sdk: ModuleType, sim: Simulator, api: Official, media: str
) -> None:
    call = sim.add_call(state="recording")
    put = getattr(api.conversations, f"put_conversations_{media}_recordingstate")
    refused = api.refused(put, call, set_recording_state(sdk, "PAUSED"))
    assert (refused.status, sim.state(call)) == (404, "recording")


def test_what_changes_nothing_is_no_conflict(sdk: ModuleType, sim: Simulator, api: Official) -> None:
    call = sim.add_call(state="paused")
    api.conversations.patch_conversation_recordingstate(call, set_recording_state(sdk, "PAUSED"))
    assert api.log[-1] == (202, None)
    assert sim.commands(call) == []


@pytest.mark.parametrize("form", ["patch_conversations_call_participant", "patch_conversation_participant"])
def test_a_participants_patch_starts_and_stops(sdk: ModuleType, sim: Simulator, api: Official, form: str) -> None:
    call = sim.add_call()
    patch = getattr(api.conversations, form)
    who = agent(api, call).id
    assert patch(call, who, ad_hoc(sdk, True)) is None
    assert api.log[-1] == (202, None)
    here = leg(api, call)
    assert (here.recording, here.recording_state, here.recorders_state.adhoc_state) == (True, "active", "ACTIVE")
    assert sim.state(call) == "recording"
    assert patch(call, who, ad_hoc(sdk, False)) is None
    here = leg(api, call)
    assert (here.recording, here.recording_state, here.recorders_state.adhoc_state) == (False, "none", "NONE")
    assert [command.action for command in sim.commands(call)] == ["start", "stop"]


def test_the_older_form_pauses_by_a_conversation(sdk: ModuleType, sim: Simulator, api: Official) -> None:
    call = sim.add_call(state="recording")
    for state, then in (("PAUSED", "paused"), ("ACTIVE", "recording")):
        api.conversations.patch_conversations_call(call, body(sdk, "Conversation", recording_state=state))
        assert api.log[-1][0] in (200, 202)
        assert sim.state(call) == then


def test_the_older_form_is_for_who_is_on_the_call(sdk: ModuleType, sim: Simulator) -> None:
    mine, other = sim.users[:2]
    call = sim.add_call(state="recording", user=mine)
    paused = body(sdk, "Conversation", recording_state="PAUSED")
    stranger = Official(sdk, sim.base_url).holding(sim.user_token(other))
    refused = stranger.refused(stranger.conversations.patch_conversations_call, call, paused)
    assert (refused.status, refused.body.code) == (403, "conversation.error.forbidden.not.active.participant")
    assert sim.state(call) == "recording"
    Official(sdk, sim.base_url).holding(sim.user_token(mine)).conversations.patch_conversations_call(call, paused)
    assert sim.state(call) == "paused"


def test_client_credentials_may_be_no_one_who_starts(sdk: ModuleType, organisation: Callable[..., Simulator]) -> None:
    sim = organisation(start_needs_user=True)
    me = sim.users[0]
    call = sim.add_call(user=me)
    api = Official(sdk, sim.base_url).login(sim)
    patch, who = api.conversations.patch_conversations_call_participant, agent(api, call).id
    refused = api.refused(patch, call, who, ad_hoc(sdk, True))
    assert (refused.status, refused.body.code) == (400, "not.a.user")
    api.holding(sim.user_token(me))
    patch(call, who, ad_hoc(sdk, True))
    assert sim.state(call) == "recording"


def test_a_snippet_is_recorded(sdk: ModuleType, sim: Simulator, api: Official) -> None:
    call = sim.add_call()
    record = api.conversations.post_conversations_call_participant_snippet_record
    who = agent(api, call).id
    assert record(call, who, snippet(sdk, True)) == "ACTIVE"
    assert api.log[-1] == (200, "ACTIVE")
    assert leg(api, call).recorders_state.snippet_state == "ACTIVE"
    assert record(call, who, snippet(sdk, False)) == "NONE"
    assert leg(api, call).recorders_state.snippet_state == "NONE"


def test_a_snippet_is_never_paused(sdk: ModuleType, sim: Simulator, api: Official) -> None:
    call = sim.add_call()
    api.conversations.post_conversations_call_participant_snippet_record(call, agent(api, call).id, snippet(sdk, True))
    api.conversations.patch_conversation_recordingstate(call, set_recording_state(sdk, "PAUSED"))
    assert leg(api, call).recorders_state.snippet_state == "ACTIVE"
    assert sim.state(call) == "recording"


def test_an_ad_hoc_recorder_by_the_snippets_way(sdk: ModuleType, sim: Simulator, api: Official) -> None:
    call = sim.add_call()
    record = api.conversations.post_conversations_call_participant_snippet_record
    who = agent(api, call).id
    assert record(call, who, snippet(sdk, True, "adhoc")) == "ACTIVE"
    recorders = leg(api, call).recorders_state
    assert (recorders.adhoc_state, recorders.snippet_state, sim.state(call)) == ("ACTIVE", "NONE", "recording")
    assert record(call, who, snippet(sdk, False, "adhoc")) == "NONE"


def test_a_policys_recorder_goes_on_beside_an_ad_hoc_one(sdk: ModuleType, sim: Simulator, api: Official) -> None:
    call = sim.add_call(policy=True)
    who = agent(api, call).id
    api.conversations.patch_conversations_call_participant(call, who, ad_hoc(sdk, True))
    api.conversations.patch_conversations_call_participant(call, who, ad_hoc(sdk, False))
    recorders = leg(api, call).recorders_state
    assert (recorders.adhoc_state, sim.state(call)) == ("NONE", "recording")
    assert "ACTIVE" in (recorders.customer_experience_state, recorders.agent_experience_state)


@pytest.mark.parametrize("purpose", ["customer"])
def test_a_customer_is_no_one_to_record_by(sdk: ModuleType, sim: Simulator, api: Official, purpose: str) -> None:
    call = sim.add_call()
    read = api.conversations.get_conversation(call)
    [customer] = [one for one in read.participants if one.purpose == purpose]
    patch = api.conversations.patch_conversations_call_participant
    refused = api.refused(patch, call, customer.id, ad_hoc(sdk, True))
    assert (refused.status, sim.state(call)) == (400, "stopped")


def test_a_stranger_is_no_participant(sdk: ModuleType, sim: Simulator, api: Official) -> None:
    call, other = sim.add_call(), sim.add_call()
    patch = api.conversations.patch_conversations_call_participant
    refused = api.refused(patch, call, agent(api, other).id, ad_hoc(sdk, True))
    assert (refused.status, refused.body.code) == (404, "conversation.error.not.conversation.participant")


def test_the_sdk_sends_a_lost_pause_again_and_the_call_is_paused_once(sdk: ModuleType, sim: Simulator) -> None:
    api = Official(sdk, sim.base_url, patient=True).login(sim)
    call = sim.add_call(state="recording")
    sim.fail("control", times=3, reset="after")
    api.conversations.patch_conversation_recordingstate(call, set_recording_state(sdk, "PAUSED"))
    sent = [request for request in sim.requests if request.method == "PATCH"]
    assert [request.status_code for request in sent] == [None, None, None, 202]
    assert [command.action for command in sim.commands(call)] == ["pause"]
