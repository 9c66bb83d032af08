"""Rules of proof, section 3, where a command is one participant's, and a call has several recorders."""

from __future__ import annotations

import json

import pytest
from answers import reply
from server_words import CALL, RECORDED, STOPPED, agent, ends, said
from staging import SETTLE

import gcrec


def commands(quirky):
    """What was sent, and to where below the conversation."""
    sent = [seen for seen in quirky.requests if seen.method != "GET"]
    return [(seen.method, seen.target.decode().partition(CALL)[2], json.loads(seen.body)) for seen in sent]


# -- a participant that is gone --------------------------------------------------------------------------------------

GONE = [
    (400, "conversation.error.call.disconnected"),
    (400, "conversation.error.participant.no.active.conversations"),
    (404, "conversation.error.not.conversation.participant"),
]


@pytest.mark.parametrize(("status", "code"), GONE)
@pytest.mark.parametrize(("begin", "end", "target"), [(STOPPED, RECORDED, "recording"), (RECORDED, STOPPED, "stopped")])
def test_rule_3_a_participant_that_is_gone_is_resolved_anew(face, quirky, begin, end, target, status, code):
    """A 4xx that says that the participant is gone (transfer): resolve the participant anew, once."""
    left = agent("first", state="disconnected")
    quirky.play(
        said(agent("first", **begin)),
        reply(status, {"code": code}),
        said(left, agent("second", **begin)),
        reply(202, b""),
        said(left, agent("second", **end)),
    )
    proof = face.client(quirky.url, access_token="token", api="platform").ensure(CALL, target)
    body = {"recording": target == "recording"}
    paths = [f"/participants/{participant}" for participant in ("first", "second")]
    assert commands(quirky) == [("PATCH", path, body) for path in paths]
    assert (proof.state, proof.commands_sent, len(quirky.requests)) == (target, 1, 5)


@pytest.mark.parametrize(("status", "code"), GONE)
def test_rule_3_and_not_a_second_time(face, quirky, status, code):
    """... resolve the participant anew, once."""
    found, refused = said(agent("first", **STOPPED)), reply(status, {"code": code})
    quirky.play(found, refused, said(agent("second", **STOPPED)), refused, said(agent("third", **STOPPED)))
    with pytest.raises(gcrec.ApiError) as raised:
        face.client(quirky.url, access_token="token", api="platform").ensure(CALL, "recording")
    assert (raised.value.code, raised.value.maybe_sent, len(commands(quirky))) == (code, False, 2)


@pytest.mark.parametrize(("status", "code"), GONE)
def test_rule_3_gone_and_nobody_in_its_place(face, quirky, status, code):
    """... resolve the participant anew: the same one is not commanded again."""
    quirky.play(said(agent("first", **STOPPED)), reply(status, {"code": code}), said(agent("first", **STOPPED)))
    with pytest.raises(gcrec.ApiError):
        face.client(quirky.url, access_token="token", api="platform").ensure(CALL, "recording")
    assert len(commands(quirky)) == 1


@pytest.mark.parametrize("target", ["recording", "stopped"])
def test_rule_3_gone_with_the_call(face, quirky, target):
    """The call ends meanwhile: `stopped` is met, outcome `ended`; any other target is ConversationEndedError."""
    begin = STOPPED if target == "recording" else RECORDED
    gone = reply(400, {"code": "conversation.error.call.disconnected"})
    quirky.play(said(agent(**begin)), gone, said(agent(state="disconnected")))
    ends(face.client(quirky.url, access_token="token", api="platform"), target)
    assert len(commands(quirky)) == 1


@pytest.mark.parametrize(("begin", "target"), [(STOPPED, "recording"), (RECORDED, "stopped")])
def test_rule_3_the_call_may_end_after_a_start_or_a_stop(face, quirky, begin, target):
    """The call ends meanwhile: `stopped` is met, outcome `ended`; any other target is ConversationEndedError."""
    quirky.play(said(agent(**begin)), reply(202, b""), said(agent(state="disconnected")))
    ends(face.client(quirky.url, access_token="token", api="platform"), target)
    assert [request.method for request in quirky.requests] == ["GET", "PATCH", "GET"]


# -- several recorders -----------------------------------------------------------------------------------------------


def test_rule_3_an_ad_hoc_recorder_beside_a_policys_is_stopped_and_the_rest_is_the_policys(staged):
    """`stopped` on a recording made by policy (published API: recording on, no ad-hoc recorder) is
    PolicyRecordingError."""
    stage = staged(policy=True)
    stage.client.start(stage.call)
    stage.sim.advance(60)
    with pytest.raises(gcrec.PolicyRecordingError) as raised:
        stage.client.ensure(stage.call, "stopped")
    assert (stage.acted, raised.value.commands_sent, raised.value.last_seen) == (["start", "stop"], 1, "recording")


def test_rule_3_a_snippet_is_stopped_by_its_own_command(staged):
    """`stopped` holds on stopped. The recorders of a participant have commands of their own."""
    stage = staged(state="stopped")
    stage.client.start(stage.call, recorder="snippet")
    stage.sim.advance(60)
    proof = stage.client.ensure(stage.call, "stopped")
    assert (proof.state, proof.commands_sent) == ("stopped", 1)
    posts = [seen.path for seen in stage.sim.requests if seen.method == "POST" and stage.call in seen.path]
    assert [path.rsplit("/", 2)[1:] for path in posts] == [["snippet", "record"]] * 2


def test_rule_3_of_two_recorders_each_is_stopped_the_second_after_settle(staged):
    """A command that does not show `settle` after its attempt ... is sent once more: to what is recorded then."""
    stage = staged()
    stage.client.start(stage.call, recorder="snippet")
    stage.sim.advance(60)
    before = len(stage.sent())
    assert stage.client.ensure(stage.call, "stopped", timeout=30.0).commands_sent == 2
    first, second = stage.sent()[before:]
    assert second >= first + SETTLE
