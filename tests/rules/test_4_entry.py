"""Rules of proof, section 4: entering a pause block, and whose pause it is."""

from __future__ import annotations

import pytest
from answers import reply
from staging import SETTLE, raises

import gcrec

CALL = "2f6e1a34-8c5b-4a7e-9d10-b1c2d3e4f506"


def refused(stage, error, **options):
    """Enters a block that may not be entered."""
    with raises(error) as raised, stage.client.paused(stage.call, **options):
        pytest.fail("the body ran")
    return raised.value


# -- entry -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("propagation", [0.5, 4.0])
def test_rule_4_entry_proves_the_pause_before_the_body_runs(staged, propagation):
    """Entry proves the pause before the body runs."""
    stage = staged(propagation=propagation)
    with stage.client.paused(stage.call) as block:
        assert (stage.state, block.proof.state, block.proof.target) == ("paused", "paused", "paused")
        assert stage.reads()[-1] >= propagation
    assert stage.state == "recording"


@pytest.mark.parametrize(
    ("fault", "pauses"),
    [({"never": True}, 1), ({"reset": "before"}, 2), ({"status_code": 500}, 2)],
    ids=["answered", "reset", "error"],
)
def test_rule_4_if_the_proof_fails_the_undo_always_sends_its_resume(staged, fault, pauses):
    """If the proof fails, the body does not run, and unless no pause of ours can have acted, the undo always sends its
    resume, whatever is read."""
    stage = staged()
    stage.sim.fail("control", times=pauses, **fault)
    error = refused(stage, gcrec.NotProvenError, timeout=4.0)
    assert (error.maybe_sent, error.last_seen) == (True, "recording")
    assert (len(stage.sent()), stage.state) == (pauses + 1, "recording")


def test_rule_4_unless_no_pause_of_ours_can_have_acted(staged):
    """... and unless no pause of ours can have acted (`maybe_sent` False)."""
    stage = staged()
    stage.sim.fail("control", status_code=403)
    assert refused(stage, gcrec.PermissionDeniedError).maybe_sent is False
    assert (len(stage.sent()), stage.state) == (1, "recording")


@pytest.mark.parametrize("late", [4.0, 7.0, 9.5])
def test_rule_4_the_undo_is_proven_only_when_no_pause_of_ours_is_open(staged, late):
    """The undo is proven by recording only when no pause of ours is open; if paused shows again while one is open,
    resume again at once."""
    stage = staged()
    stage.sim.fail("control", times=2, reset="after", late=late)
    refused(stage, gcrec.NotProvenError, timeout=3.0)
    assert (stage.acted, stage.state) == (["pause", "resume"], "recording")
    pause, resume = stage.sim.commands(stage.call)
    assert resume.at < pause.at + 2
    assert stage.reads()[-1] >= SETTLE


def test_rule_4_found_held_without_securepause_nothing_is_sent(staged):
    """Found held without `securePause`, or unknown: NotProvenError, nothing sent."""
    stage = staged(secure_pause=False)
    stage.sim.hold(stage.call)
    assert refused(stage, gcrec.NotProvenError).maybe_sent is False
    assert stage.sent() == []


def test_rule_4_found_unknown_nothing_is_sent(face, quirky):
    """Found held without `securePause`, or unknown: NotProvenError, nothing sent."""
    quirky.play(reply(200, {"id": CALL, "participants": [{"calls": [{"state": "connected"}]}], "recordingState": "?"}))
    client = face.client(quirky.url, access_token="token", api="platform")
    with raises(gcrec.NotProvenError), client.paused(CALL):
        pytest.fail("the body ran")
    assert [request.method for request in quirky.requests] == ["GET"]


@pytest.mark.parametrize("state", ["stopped", "ended"])
def test_rule_4_where_there_is_nothing_to_pause_nothing_is_sent(staged, state):
    """Section 3: `paused` on `stopped` is NotRecordingError; of an ended call, ConversationEndedError."""
    stage = staged(state="stopped")
    if state == "ended":
        stage.sim.end_call(stage.call)
    refused(stage, gcrec.ConversationEndedError if state == "ended" else gcrec.NotRecordingError)
    assert stage.sent() == []


def test_rule_4_the_call_may_end_during_the_entry(face, quirky):
    """Section 3: the call ends meanwhile: any other target is ConversationEndedError. There is nothing to undo."""
    leg = {"state": "connected", "recording": True, "recordingState": "active", "securePause": False}
    found, ended = ({"id": CALL, "participants": [{"calls": [one]}]} for one in (leg, {**leg, "state": "terminated"}))
    quirky.play(reply(200, found), reply(202, {}), reply(200, ended))
    client = face.client(quirky.url, access_token="token", api="platform")
    with raises(gcrec.ConversationEndedError), client.paused(CALL):
        pytest.fail("the body ran")
    assert [request.method for request in quirky.requests] == ["GET", "PATCH", "GET"]


@pytest.mark.parametrize("api", ["events"])
def test_rule_4_the_tutorials_wire_has_no_pause(staged, api):
    """Nothing is sent where there is no secure pause."""
    stage = staged(client={"api": api})
    refused(stage, gcrec.InvalidActionError)
    assert stage.sent() == [] and stage.reads() == []


# -- ownership -------------------------------------------------------------------------------------------------------


def test_rule_4_the_block_resumes_its_own_pause(staged):
    """The block resumes only its own pause: the state before was recording and it sent a pause that was accepted."""
    stage = staged()
    with stage.client.paused(stage.call) as block:
        assert (block.owner, block.proof.before, block.proof.commands_sent) == ("self", "recording", 1)
    assert (stage.acted, stage.state) == (["pause", "resume"], "recording")


def test_rule_4_or_one_whose_fate_is_unknown(staged):
    """... accepted or whose fate is unknown."""
    stage = staged()
    stage.sim.fail("control", reset="after")
    with stage.client.paused(stage.call) as block:
        assert (block.owner, stage.state) == ("self", "paused")
    assert stage.state == "recording"


def test_rule_4_the_state_before_may_be_held_with_securepause(staged):
    """The state before was recording (or held with basis securePause)."""
    stage = staged()
    stage.sim.hold(stage.call)
    with stage.client.paused(stage.call) as block:
        assert (block.owner, block.proof.before, stage.state) == ("self", "held", "paused")
    assert (stage.acted, stage.state) == (["pause", "resume"], "held")


def test_rule_4_a_pause_answered_409_is_not_ours(staged):
    """A pause answered 409 is not ours."""
    stage = staged()
    stage.sim.by_hand(stage.call, "pause")
    stage.sim.fail("control", status_code=409)
    with stage.client.paused(stage.call) as block:
        assert (block.owner, stage.state) == ("other", "paused")
    assert (len(stage.sent()), stage.state) == (1, "paused")


def test_rule_4_unless_an_earlier_pause_of_unknown_fate_is_open(staged):
    """... unless an earlier pause of ours of unknown fate is open."""
    stage = staged()
    stage.sim.fail("control", reset="after", late=1.0)
    stage.sim.fail("control", status_code=409)
    with stage.client.paused(stage.call) as block:
        assert (block.owner, stage.acted) == ("self", ["pause"])
    assert stage.state == "recording"


def test_rule_4_found_paused_it_runs_the_body_and_leaves_the_call_paused(staged):
    """Found already paused, it runs the body, leaves the call paused at the end, and says so (`owner == "other"`)."""
    stage = staged(state="paused")
    with stage.client.paused(stage.call) as block:
        assert (block.owner, block.proof.before, block.proof.commands_sent) == ("other", "paused", 0)
    assert (stage.sent(), stage.state) == ([], "paused")


def test_rule_4_found_paused_it_watches_at_polling_speed_for_settle(staged):
    """... for its first `settle` seconds it then watches at polling speed."""
    stage = staged(state="paused")
    with stage.client.paused(stage.call, watch=5.0):
        stage.sim.advance(SETTLE - 0.1)
        closely = stage.reads()
        assert all(later - earlier <= 0.5 + 1e-6 for earlier, later in zip(closely, closely[1:]))
        stage.sim.advance(20.0)
        assert len(stage.reads()) <= len(closely) + 5


def test_rule_4_a_pause_of_our_own_is_not_watched_at_polling_speed(staged):
    """Found already paused, ... it then watches at polling speed."""
    stage = staged()
    with stage.client.paused(stage.call, watch=5.0):
        before = len(stage.reads())
        stage.sim.advance(SETTLE + 0.1)
        assert len(stage.reads()) == before + 2
