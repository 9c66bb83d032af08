"""start and stop on the published API: for the right participant, or for nobody and said so before anything is sent."""

from __future__ import annotations

import json
import pickle
from typing import TYPE_CHECKING, Any

import pytest
from answers import CLOSE, raw, reply
from faces import CONVERSATION, TOKEN
from platform_support import ACCEPTED, call, conversation, party, shown

import gcrec
from gcrec.testing import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from faces import Face
    from quirky import Quirky

PARTICIPANT = f"/api/v2/conversations/calls/{CONVERSATION}/participants/agent"


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with Simulator(clock="manual", propagation=0.0) as simulator:
        yield simulator


def agents(sim: Simulator, conversation_id: str) -> list[Any]:
    """The agents of a call, in the server's order."""
    with sim.client(api="platform") as client:
        return [one for one in client.conversation(conversation_id).participants if one.purpose == "agent"]


def commanded(sim: Simulator) -> list[str]:
    """Which participants were commanded."""
    paths = [seen.path.split("/") for seen in sim.requests if "/participants/" in seen.path]
    return [path[path.index("participants") + 1] for path in paths]


# -- the wire --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("recorder", "method", "path", "body", "answer"),
    [
        ("participant", "PATCH", PARTICIPANT, {"recording": True}, ACCEPTED),
        ("adhoc", "POST", f"{PARTICIPANT}/snippet/record", {"type": "adhoc", "record": True}, reply(200, "ACTIVE")),
        ("snippet", "POST", f"{PARTICIPANT}/snippet/record", {"type": "snippet", "record": True}, reply(200, "ACTIVE")),
    ],
)
@pytest.mark.parametrize("action", ["start", "stop"])
def test_the_requests(
    face: Face, quirky: Quirky, action: str, recorder: str, method: str, path: str, body: Any, answer: Any
) -> None:
    """One read, and the documented method, path and body; nobody is asked who asks where one agent is on the call."""
    quirky.play(shown(), answer)
    receipt = call(face, quirky, action, CONVERSATION, recorder=recorder)
    read, sent = quirky.requests
    assert (read.method, read.target.decode()) == ("GET", f"/api/v2/conversations/{CONVERSATION}")
    assert (sent.method, sent.target.decode()) == (method, path)
    last = list(body)[-1]
    assert json.loads(sent.body) == {**body, last: action == "start"}
    assert (sent.header("Authorization"), sent.header("Content-Type")) == (f"Bearer {TOKEN}", "application/json")
    assert (receipt.action, receipt.attempts, receipt.raw) == (action, 1, {})


def test_any_answer_of_2xx_is_taken_and_none_is_proof(face: Face, quirky: Quirky) -> None:
    """A word as a string, an object, nothing at all: it was accepted."""
    for body, told in ((b'"NONE"', {}), (b'{"a": 1}', {"a": 1}), (b"", {}), (b"null", {}), (b"[" * 9000, {})):
        quirky.play(shown(), reply(202, body))
        assert call(face, quirky, "start", CONVERSATION).raw == told


@pytest.mark.parametrize("odd", ["a/b", "ü ?#", "%2e"])
def test_an_odd_id_stays_one_segment(face: Face, quirky: Quirky, odd: str) -> None:
    """Whatever the server calls its participants, the path has as many segments as it should have."""
    quirky.play(shown(party(participant=odd)), ACCEPTED)
    call(face, quirky, "start", CONVERSATION)
    assert quirky.paths[1].count("/") == PARTICIPANT.count("/")


# -- whose recording -------------------------------------------------------------------------------------------------


def test_never_the_customers_a_machines_or_a_queues(face: Face, sim: Simulator) -> None:
    """The agent's, in a call that came through a flow and a queue."""
    there = sim.add_call(ivr=True)
    [agent] = agents(sim, there)
    call(face, sim, "start", there)
    assert (commanded(sim), sim.state(there)) == ([agent.id], "recording")


def test_after_a_transfer_it_is_the_next_agents(face: Face, sim: Simulator) -> None:
    """The one who is connected."""
    there = sim.add_call()
    sim.transfer(there)
    first, second = agents(sim, there)
    assert (first.state, second.state) == ("disconnected", "connected")
    call(face, sim, "start", there)
    assert commanded(sim) == [second.id]


@pytest.mark.parametrize("who", [0, 1])
def test_of_two_agents_it_is_the_callers_own(face: Face, sim: Simulator, who: int) -> None:
    """A user's token records the user; who it is, is asked once."""
    user = sim.users[who]
    there = sim.add_call(user=sim.users[0])
    sim.conference(there)
    both = agents(sim, there)
    assert user.id in {one.user_id for one in both}, "the second user joined"
    options = {"access_token": sim.user_token(user)}
    call(face, sim, "start", there, client=options)
    assert commanded(sim) == [one.id for one in both if one.user_id == user.id]
    assert sum(seen.path == "/api/v2/users/me" for seen in sim.requests) == 1


def test_of_two_agents_a_client_means_the_last_to_connect(face: Face, sim: Simulator) -> None:
    """Client credentials have no participant of their own, and nobody need be asked that."""
    there = sim.add_call()
    sim.advance(10)
    sim.conference(there)
    call(face, sim, "start", there)
    assert commanded(sim) == [agents(sim, there)[-1].id]
    assert all(seen.path != "/api/v2/users/me" for seen in sim.requests)


def test_a_stop_means_who_is_recorded(face: Face, sim: Simulator) -> None:
    """Not the last who joined: his recording was never started."""
    there = sim.add_call()
    [first] = agents(sim, there)
    call(face, sim, "start", there)
    sim.advance(10)
    sim.conference(there)
    call(face, sim, "stop", there)
    assert (commanded(sim), sim.state(there)) == ([first.id, first.id], "stopped")


def test_who_is_named_is_the_one(face: Face, sim: Simulator) -> None:
    """The caller knows better."""
    there = sim.add_call()
    [first] = agents(sim, there)
    sim.advance(10)
    sim.conference(there)
    call(face, sim, "start", there, participant=first.id)
    assert commanded(sim) == [first.id]


# -- nobody ----------------------------------------------------------------------------------------------------------


def refused(face: Face, quirky: Quirky, *parties: dict[str, Any], **options: Any) -> gcrec.ParticipantError:
    """What a start raises when these are on the call. Nothing but the read was sent."""
    quirky.play(shown(*parties))
    with pytest.raises(gcrec.ParticipantError) as caught:
        call(face, quirky, "start", CONVERSATION, **options)
    assert [seen.method for seen in quirky.requests] == ["GET"]
    assert (caught.value.maybe_sent, caught.value.retryable) == (False, False)
    assert caught.value.conversation_id == CONVERSATION
    assert "Nothing was sent" in caught.value.hint
    return caught.value


@pytest.mark.parametrize("recorder", ["participant", "adhoc", "snippet"])
def test_who_is_not_on_the_call_is_not_commanded(face: Face, quirky: Quirky, recorder: str) -> None:
    """And is not repeated: it may be anything in the wrong place."""
    error = refused(face, quirky, participant="s3cr3t-in-the-wrong-place", recorder=recorder)
    assert "is not on conversation" in str(error)
    assert "s3cr3t" not in str(error)


@pytest.mark.parametrize("purpose", ["customer", "ivr", "acd", "external", "voicemail", "workflow", "odd"])
def test_who_is_no_agent_is_not_commanded(face: Face, quirky: Quirky, purpose: str) -> None:
    """By name neither."""
    parties = [party(purpose), party("agent")]
    assert "cannot be recorded" in str(refused(face, quirky, *parties, participant=purpose))
    assert "no agent and no user" in str(refused(face, quirky, party(purpose)))


@pytest.mark.parametrize("state", ["disconnected", "terminated", "DISCONNECTED"])
def test_who_has_left_is_not_commanded(face: Face, quirky: Quirky, state: str) -> None:
    """A transfer before the look."""
    parties = [party(participant="first", state=state), party(participant="second")]
    assert "has left" in str(refused(face, quirky, *parties, participant="first"))


@pytest.mark.parametrize("state", ["alerting", "dialing", "contacting", "offering"])
def test_who_has_not_answered_is_not_commanded(face: Face, quirky: Quirky, state: str) -> None:
    """There is nothing to record yet, and nobody else to mean."""
    refused(face, quirky, party("customer"), party("agent", state=state))


def test_the_error_survives_a_pickle(face: Face, quirky: Quirky) -> None:
    """Errors come back from process pools, whole."""
    error = refused(face, quirky, party("customer"))
    twin = pickle.loads(pickle.dumps(error))
    assert (type(twin), str(twin), twin.conversation_id) == (type(error), str(error), CONVERSATION)


@pytest.mark.parametrize("action", ["start", "stop"])
def test_a_call_that_is_over_has_nothing_to_record(face: Face, sim: Simulator, action: str) -> None:
    """Told for what it is."""
    there = sim.add_call()
    sim.end_call(there)
    with pytest.raises(gcrec.ConversationEndedError) as caught:
        call(face, sim, action, there)
    assert (caught.value.maybe_sent, commanded(sim)) == (False, [])


# -- before any request, and before the command ----------------------------------------------------------------------

SENSELESS: list[tuple[dict[str, Any], type[Exception]]] = [
    ({"recorder": "tape"}, gcrec.ConfigError),
    ({"recorder": ""}, gcrec.ConfigError),
    ({"recorder": None}, TypeError),
    ({"participant": ""}, gcrec.InvalidIdError),
    ({"participant": ".."}, gcrec.InvalidIdError),
    ({"participant": "a\nb"}, gcrec.InvalidIdError),
    ({"participant": 5}, TypeError),
]


@pytest.mark.parametrize(("options", "error"), SENSELESS, ids=str)
@pytest.mark.parametrize("action", ["start", "stop"])
def test_what_makes_no_sense_is_refused_at_once(
    face: Face, quirky: Quirky, action: str, options: Any, error: type[Exception]
) -> None:
    """Bad input ends before any request."""
    quirky.play(shown())
    with pytest.raises(error):
        call(face, quirky, action, CONVERSATION, **options)
    assert quirky.connections == 0


@pytest.mark.parametrize("options", [{"recorder": "snippet"}, {"participant": "agent"}], ids=str)
def test_the_tutorials_wire_knows_no_participants(face: Face, quirky: Quirky, options: Any) -> None:
    """Nor recorders."""
    quirky.play(shown())
    with pytest.raises(gcrec.ConfigError, match='api="platform"'):
        call(face, quirky, "start", CONVERSATION, client={"api": "events"}, **options)
    assert quirky.connections == 0


@pytest.mark.parametrize(
    "answer",
    [
        reply(500, {}),
        reply(503, {}),
        CLOSE,
        reply(200, b"[]"),
        reply(403, {}),
        reply(404, {}),
        raw(b"junk\r\n\r\n", "close"),
    ],
)
def test_a_read_that_fails_sent_no_command(face: Face, quirky: Quirky, tmp_path: Path, answer: Any) -> None:
    """Whatever became of the read: of the command it is certain that it was not sent, and nothing is left open."""
    quirky.play(answer)
    journal = tmp_path / "journal.db"
    with pytest.raises(gcrec.GcrecError) as caught:
        call(face, quirky, "start", CONVERSATION, client={"max_retries": 0, "journal": journal})
    assert (caught.value.maybe_sent, [seen.method for seen in quirky.requests]) == (False, ["GET"])
    assert gcrec.Journal(journal).pending() == []


def test_who_asks_cannot_be_told(face: Face, quirky: Quirky) -> None:
    """Two agents, and a server that does not say whose token it is: neither is guessed at."""
    quirky.play(shown(party(participant="first"), party(participant="second")), reply(500, {}))
    with pytest.raises(gcrec.ServerError) as caught:
        call(face, quirky, "start", CONVERSATION, client={"max_retries": 0})
    assert (caught.value.maybe_sent, caught.value.path) == (False, "/api/v2/users/me")


# -- many ------------------------------------------------------------------------------------------------------------


def test_many_are_started_each_for_its_agent(face: Face, sim: Simulator) -> None:
    """One bad id never stops the others."""
    sim.end_call(sim.calls[0])
    ids = [sim.add_call(ivr=True) for _ in range(20)]
    with sim.client(api="platform") as client:
        report = client.control_many([*ids, "nowhere"], "start").run()
    assert (report.counts["accepted"], report.counts["failed"]) == (20, 1)
    assert {sim.state(one) for one in ids} == {"recording"}
    customers = {party.id for one in ids for party in sim_participants(sim, one) if party.purpose != "agent"}
    assert customers.isdisjoint(commanded(sim))


def sim_participants(sim: Simulator, conversation_id: str) -> list[Any]:
    with sim.client(api="platform") as client:
        return list(client.conversation(conversation_id).participants)


@pytest.mark.parametrize(("begin", "target"), [("stopped", "recording"), ("recording", "stopped")])
def test_many_are_proven(sim: Simulator, begin: Any, target: Any) -> None:
    """Each with one read before its command, and none twice."""
    ids = [sim.add_call(state=begin) for _ in range(20)]
    with sim.client(api="platform") as client:
        report = client.ensure_many(ids, target).run()
    assert report.counts["proven"] == 20
    assert {sim.state(one) for one in ids} == {target}
    assert len(commanded(sim)) == 20


def test_a_conversation_as_the_sdk_has_it_is_enough(face: Face, quirky: Quirky) -> None:
    """Fields that we do not know, and participants without calls, are no obstacle."""
    body = conversation(party("customer"), {"id": "x", "purpose": "agent"}, party("agent"))
    body["participants"].append({"id": "y", "purpose": "agent", "calls": None, "chats": [{}]})
    quirky.play(reply(200, body), ACCEPTED)
    call(face, quirky, "start", CONVERSATION)
    assert quirky.paths[1] == PARTICIPANT
