"""What is read of calls: one conversation in both shapes, with parties of all kinds, and the user's own list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable

import pytest
from official import Official

if TYPE_CHECKING:
    from types import ModuleType

    from gcrec.testing import Simulator

STATES = {
    "stopped": (False, "none", "NONE", False),
    "recording": (True, "active", "ACTIVE", False),
    "paused": (True, "paused", "PAUSED", True),
    "held": (True, "paused", "PAUSED", False),
}


@pytest.mark.parametrize("state", STATES)
def test_a_conversation_tells_the_state_in_its_own_case(sim: Simulator, api: Official, state: str) -> None:
    call = sim.add_call(state=state)
    recording, lower, upper, paused = STATES[state]
    read = api.conversations.get_conversation(call)
    assert (read.id, read.recording_state, read.secure_pause) == (call, upper, paused)
    legs = {one.purpose: one.calls[-1] for one in read.participants}
    assert legs.keys() >= {"customer", "agent"}
    agent = legs["agent"]
    assert (agent.state, agent.recording, agent.recording_state) == ("connected", recording, lower)
    assert (agent.held, agent.secure_pause) == (state == "held", paused)
    assert agent.recorders_state.adhoc_state == upper


@pytest.mark.parametrize("state", STATES)
def test_a_call_conversation_has_flat_participants(sim: Simulator, api: Official, state: str) -> None:
    call = sim.add_call(state=state)
    recording, lower, _, paused = STATES[state]
    read = api.conversations.get_conversations_call(call)
    assert (read.id, read.recording_state, read.secure_pause) == (call, lower, paused)
    [agent] = [one for one in read.participants if one.purpose == "agent"]
    assert (agent.state, agent.recording, agent.recording_state) == ("connected", recording, lower)
    assert (agent.held, agent.secure_pause) == (state == "held", paused)


def test_an_agent_and_a_queue_have_ids(sim: Simulator, api: Official) -> None:
    read = api.conversations.get_conversation(sim.calls[0])
    [agent] = [one for one in read.participants if one.purpose == "agent"]
    assert agent.user_id in [user.id for user in sim.users]
    assert agent.queue_id in [queue.id for queue in sim.queues]
    [flat] = [
        one for one in api.conversations.get_conversations_call(sim.calls[0]).participants if one.purpose == "agent"
    ]
    assert (flat.user.id, flat.queue.id) == (agent.user_id, agent.queue_id)


def test_a_call_with_ivr_and_queue_legs(sim: Simulator, api: Official) -> None:
    read = api.conversations.get_conversation(sim.add_call(ivr=True))
    assert [one.purpose for one in read.participants] == ["customer", "ivr", "acd", "agent"]
    states = {one.purpose: one.calls[-1].state for one in read.participants}
    assert (states["ivr"], states["acd"], states["agent"]) == ("disconnected", "disconnected", "connected")


def test_a_transfer_leaves_the_first_agent_disconnected(sim: Simulator, api: Official) -> None:
    call = sim.add_call(state="recording")
    sim.transfer(call)
    for read in (api.conversations.get_conversation(call), api.conversations.get_conversations_call(call)):
        agents = [one for one in read.participants if one.purpose == "agent"]
        states = [one.calls[-1].state if hasattr(one, "calls") else one.state for one in agents]
        assert states == ["disconnected", "connected"]


@pytest.mark.parametrize("happening", ["consult", "conference", "hold"])
def test_what_happens_in_a_call_deserialises(sim: Simulator, api: Official, happening: str) -> None:
    call = sim.add_call(state="recording")
    getattr(sim, happening)(call)
    assert len(api.conversations.get_conversation(call).participants) >= 2
    assert len(api.conversations.get_conversations_call(call).participants) >= 2


def test_an_ended_call_is_still_known(sim: Simulator, api: Official) -> None:
    call = sim.add_call(state="recording")
    sim.end_call(call)
    read = api.conversations.get_conversation(call)
    assert read.end_time >= read.start_time
    assert {one.calls[-1].state for one in read.participants} <= {"disconnected", "terminated"}
    assert {one.calls[-1].disconnect_type for one in read.participants} != {None}


def test_an_organisation_without_secure_pause(sdk: ModuleType, organisation: Callable[..., Simulator]) -> None:
    sim = organisation(secure_pause=False)
    api = Official(sdk, sim.base_url).login(sim)
    read = api.conversations.get_conversation(sim.add_call(state="paused"))
    assert (read.recording_state, read.secure_pause) == ("PAUSED", None)


def test_a_user_lists_the_calls_of_their_own(sdk: ModuleType, organisation: Callable[..., Simulator]) -> None:
    sim = organisation(calls=0)
    me, other = sim.users[:2]
    mine = sim.add_call(user=me.id, state="recording")
    sim.add_call(user=other.id)
    api = Official(sdk, sim.base_url).holding(sim.user_token(me.id))
    listed = api.conversations.get_conversations_calls()
    assert ([one.id for one in listed.entities], listed.total) == ([mine], 1)
    assert listed.entities[0].recording_state == "active"
    listed = api.conversations.get_conversations()
    assert [one.id for one in listed.entities] == [mine]
    assert [one.id for one in api.conversations.get_conversations(communication_type="Call").entities] == [mine]
    sim.end_call(mine)
    assert api.conversations.get_conversations_calls().entities == []


@pytest.mark.parametrize("listing", ["get_conversations_calls", "get_conversations"])
def test_a_list_of_ones_own_needs_a_user(api: Official, listing: str) -> None:
    refused = api.refused(getattr(api.conversations, listing))
    assert (refused.status, refused.body.code) == (400, "not.a.user")
