"""Rules of proof, section 3: read; if the target holds, send nothing; else send one command and read until it holds."""

from __future__ import annotations

import pytest
from answers import reply
from server_words import CALL, STOPPED, agent, ends, said
from staging import SETTLE, raises

import gcrec

WIRES = ["events", "platform"]

WAYS = [
    *[(api, begin, target) for api in WIRES for begin, target in (("stopped", "recording"), ("recording", "stopped"))],
    ("platform", "recording", "paused"),
]
"""A wire, what is so, and what is wanted."""

UNKNOWN = {"securePause": False, "recordingState": "BEYOND"}


def on_hold(stage):
    stage.sim.hold(stage.call)
    return stage


def not_acting(staged, begin, api, **fault):
    """A stage on which the first command does not act."""
    stage = staged(state=begin, client={"api": api})
    stage.sim.fail("control", **(fault or {"never": True}))
    return stage


# -- already, or one command -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("api", "target"),
    [
        ("events", "recording"),
        ("events", "stopped"),
        ("platform", "paused"),
        ("platform", "recording"),
        ("platform", "stopped"),
    ],
)
def test_rule_3_what_holds_is_already_and_sends_nothing(staged, api, target):
    """Read; if the target holds (and section 2 allows saying so), say `already` and send nothing."""
    stage = staged(state=target, client={"api": api})
    proof = stage.client.ensure(stage.call, target)
    assert (proof.state, proof.commands_sent, proof.polls, stage.sent()) == (target, 0, 1, [])


@pytest.mark.parametrize(("api", "begin", "target"), WAYS)
def test_rule_3_else_one_command_and_reads_until_it_holds(staged, api, begin, target):
    """Else send one command, then read until it holds."""
    stage = staged(state=begin, propagation=4.0, client={"api": api})
    proof = stage.client.ensure(stage.call, target)
    assert (proof.before, proof.state, proof.commands_sent, len(stage.sent())) == (begin, target, 1, 1)
    assert stage.reads()[-2] < 4 <= stage.reads()[-1]


@pytest.mark.parametrize(("api", "begin", "target"), WAYS)
def test_rule_3_or_timeout_passes(staged, api, begin, target):
    """... `timeout` passes."""
    stage = not_acting(staged, begin, api, never=True, times=None)
    with pytest.raises(gcrec.NotProvenError) as raised:
        stage.client.ensure(stage.call, target, timeout=7.0)
    assert (raised.value.last_seen, raised.value.maybe_sent, stage.reads()[-1]) == (begin, True, 7.0)


# -- what holds ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["recording", "paused", "stopped"])
@pytest.mark.parametrize("target", ["recording", "paused", "stopped"])
def test_rule_3_each_target_holds_on_its_own_state(staged, target, state):
    """`paused` holds on paused. `stopped` holds on stopped. `recording` holds on recording."""
    stage = staged(state=state)
    if target == state:
        assert stage.client.wait_until(stage.call, target, timeout=1.0).state == state
    else:
        with pytest.raises(gcrec.NotProvenError):
            stage.client.wait_until(stage.call, target, timeout=1.0)


def test_rule_3_recording_holds_on_held_with_securepause(staged):
    """`recording` holds on recording, and on held only with `basis="securePause"`."""
    stage = on_hold(staged())
    proof = stage.client.ensure(stage.call, "recording")
    assert (proof.state, proof.commands_sent) == ("held", 0)


def test_rule_3_recording_does_not_hold_on_held_without_securepause(staged):
    """Without that field a hold may hide a pause, and proves nothing."""
    stage = on_hold(staged(secure_pause=False))
    with pytest.raises(gcrec.NotProvenError) as raised:
        stage.client.wait_until(stage.call, "recording", timeout=1.0)
    assert raised.value.last_seen == "held"


@pytest.mark.parametrize("target", ["paused", "stopped"])
def test_rule_3_no_other_target_holds_on_held(staged, target):
    """`paused` holds on paused. `stopped` holds on stopped."""
    stage = on_hold(staged())
    with pytest.raises(gcrec.NotProvenError):
        stage.client.wait_until(stage.call, target, timeout=1.0)


@pytest.mark.parametrize("target", ["recording", "paused", "stopped"])
def test_rule_3_unknown_proves_nothing(face, quirky, target):
    """Section 1: `unknown` proves nothing."""
    quirky.play(said(**UNKNOWN))
    client = face.client(quirky.url, access_token="token", api="platform")
    with pytest.raises(gcrec.NotProvenError):
        client.wait_until(CALL, target, timeout=0.1)


# -- again -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [{"never": True}, {"never": True, "delay": 2.0}, {"reset": "before"}], ids=str)
@pytest.mark.parametrize(("api", "begin", "target"), WAYS)
def test_rule_3_a_command_that_does_not_show_is_sent_once_more_after_settle(staged, api, begin, target, fault):
    """A command that does not show `settle` after its attempt, answered or not, is sent once more."""
    stage = not_acting(staged, begin, api, **fault)
    proof = stage.client.ensure(stage.call, target, timeout=30.0)
    first, second = stage.sent()
    assert (proof.commands_sent, stage.state) == (2, target)
    if not (target == "paused" and "reset" in fault):  # section 2: such a pause is sent again at once
        assert second >= first + fault.get("delay", 0) + SETTLE


@pytest.mark.parametrize(("api", "begin", "target"), WAYS)
def test_rule_3_and_not_a_third_time(staged, api, begin, target):
    """... is sent once more."""
    stage = not_acting(staged, begin, api, never=True, times=None)
    with pytest.raises(gcrec.NotProvenError):
        stage.client.ensure(stage.call, target, timeout=100.0)
    assert len(stage.sent()) == 2


def test_rule_3_a_blocks_resume_is_sent_twice_more(staged):
    """... a block's resume twice more."""
    stage = staged()
    with stage.client.paused(stage.call):
        before = len(stage.sent())
        stage.sim.fail("control", never=True, times=2)
    first, second, third = stage.sent()[before:]
    assert second >= first + SETTLE and third >= second + SETTLE and stage.state == "recording"


def test_rule_3_an_answered_pause_of_a_block_is_sent_once(staged):
    """... a pause of a block only by section 2."""
    stage = staged()
    stage.sim.fail("control", never=True)
    with raises(gcrec.NotProvenError) as raised, stage.client.paused(stage.call, timeout=30.0):
        pytest.fail("the body ran")
    assert raised.value.commands_sent == 1


def test_rule_3_an_unanswered_pause_of_a_block_is_sent_again_at_once(staged):
    """... a pause of a block only by section 2."""
    stage = staged()
    stage.sim.fail("control", reset="before")
    with stage.client.paused(stage.call) as block:
        assert (block.proof.commands_sent, stage.sent()[1] < 1) == (2, True)


# -- what begins where -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("api", WIRES)
def test_rule_3_recording_starts_what_is_stopped(staged, api):
    """`recording` starts what is stopped."""
    stage = staged(state="stopped", client={"api": api})
    stage.client.ensure(stage.call, "recording")
    assert stage.acted == ["start"]


@pytest.mark.parametrize("api", ["events", "platform"])
def test_rule_3_recording_on_paused_sends_nothing(staged, api):
    """On `paused` it sends nothing and raises AlreadyPausedError (somebody may be hearing a card number)."""
    stage = staged(state="paused", client={"api": api})
    with pytest.raises(gcrec.AlreadyPausedError) as raised:
        stage.client.ensure(stage.call, "recording")
    assert (stage.sent(), raised.value.commands_sent, raised.value.maybe_sent) == ([], 0, False)


def test_rule_3_unless_resume_paused(staged):
    """... unless `resume_paused=True`."""
    stage = staged(state="paused")
    assert stage.client.ensure(stage.call, "recording", resume_paused=True).before == "paused"
    assert stage.acted == ["resume"]


@pytest.mark.parametrize("api", WIRES)
def test_rule_3_begun_on_stopped_and_then_paused_sends_nothing_more(staged, api):
    """... begun on stopped and then reading paused, it raises the same and sends nothing more."""
    stage = staged(state="stopped", propagation=1.0, client={"api": api})
    stage.sim.fail("status", delay=0.5, times=2)  # so that the pause is there with the first read after the start
    stage.sim.by_hand(stage.call, "start")
    stage.sim.by_hand(stage.call, "pause")
    stage.sim.fail("control", status_code=500)
    with pytest.raises(gcrec.AlreadyPausedError):
        stage.client.ensure(stage.call, "recording")
    assert len(stage.sent()) == 1


def test_rule_3_begun_on_a_404_and_then_paused_sends_nothing_more(face, quirky):
    """The same where nothing was there to be read (section 1: its start may still be sent)."""
    quirky.play(reply(404, {}), reply(202, {}), reply(200, {"items": [{"status": "paused"}]}))
    with pytest.raises(gcrec.AlreadyPausedError):
        face.client(quirky.url, access_token="token", api="events").ensure(CALL, "recording")
    assert [request.method for request in quirky.requests] == ["GET", "POST", "GET"]


def test_rule_3_paused_on_stopped(staged):
    """`paused` on `stopped` is NotRecordingError."""
    stage = staged(state="stopped")
    with pytest.raises(gcrec.NotRecordingError):
        stage.client.ensure(stage.call, "paused")
    assert stage.sent() == []


@pytest.mark.parametrize("state", ["recording", "paused", "held"])
def test_rule_3_stopped_on_a_recording_by_policy(staged, state):
    """`stopped` on a recording made by policy (published API: recording on, no ad-hoc recorder) is
    PolicyRecordingError, which names secure pause as the way."""
    stage = staged(state=state, policy=True)
    with pytest.raises(gcrec.PolicyRecordingError, match=r"(?i)secure pause"):
        stage.client.ensure(stage.call, "stopped")
    assert stage.sent() == []


def test_rule_3_a_recording_by_policy_can_be_paused(staged):
    """... names secure pause as the way."""
    stage = staged(policy=True)
    assert stage.client.ensure(stage.call, "paused").state == "paused"


def test_rule_3_found_held_without_securepause_stopped_sends_its_command(staged):
    """Found held without `securePause`, or unknown: `paused` and `stopped` send their command."""
    stage = on_hold(staged(secure_pause=False))
    assert stage.client.ensure(stage.call, "stopped").before == "held"
    assert stage.acted == ["stop"]


def test_rule_3_found_held_without_securepause_paused_sends_its_command(staged):
    """Found held without `securePause`, or unknown: `paused` and `stopped` send their command."""
    stage = on_hold(staged(secure_pause=False))
    with pytest.raises(gcrec.NotProvenError):  # on hold a pause shows nothing, there
        stage.client.ensure(stage.call, "paused", timeout=3.0)
    assert stage.acted == ["pause"]


def test_rule_3_found_unknown_paused_sends_its_command(face, quirky):
    """Found held without `securePause`, or unknown: `paused` and `stopped` send their command."""
    quirky.play(said(**UNKNOWN), reply(202, {}), said(securePause=True))
    proof = face.client(quirky.url, access_token="token", api="platform").ensure(CALL, "paused")
    assert (proof.before, proof.state, proof.commands_sent) == ("unknown", "paused", 1)


@pytest.mark.parametrize(
    ("api", "answers"),
    [
        ("events", [reply(200, {"items": [{"status": "warming"}]}), reply(202, {}), reply(200, {"items": []})]),
        ("platform", [said(**UNKNOWN), reply(202, b""), said(agent(**STOPPED))]),
    ],
    ids=WIRES,
)
def test_rule_3_found_unknown_stopped_sends_its_command(face, quirky, api, answers):
    """Found held without `securePause`, or unknown: `paused` and `stopped` send their command."""
    quirky.play(*answers)
    proof = face.client(quirky.url, access_token="token", api=api).ensure(CALL, "stopped")
    assert (proof.before, proof.state, proof.commands_sent) == ("unknown", "stopped", 1)


def test_rule_3_found_held_without_securepause_recording_sends_nothing(staged):
    """... `recording` sends nothing and is NotProvenError."""
    stage = on_hold(staged(secure_pause=False))
    with pytest.raises(gcrec.NotProvenError) as raised:
        stage.client.ensure(stage.call, "recording", resume_paused=True)
    assert (stage.sent(), raised.value.maybe_sent) == ([], False)


@pytest.mark.parametrize("api", WIRES)
def test_rule_3_found_unknown_recording_sends_nothing(face, quirky, api):
    """... `recording` sends nothing and is NotProvenError."""
    quirky.play(reply(200, {"items": [{"status": "warming"}]}) if api == "events" else said(**UNKNOWN))
    with pytest.raises(gcrec.NotProvenError):
        face.client(quirky.url, access_token="token", api=api).ensure(CALL, "recording")
    assert [request.method for request in quirky.requests] == ["GET"]


# -- the call ends, conflicts ----------------------------------------------------------------------------------------


def test_rule_3_of_an_ended_call_stopped_is_met(staged):
    """The call ends meanwhile: `stopped` is met, outcome `ended`."""
    stage = staged()
    stage.sim.end_call(stage.call)
    proof = stage.client.ensure(stage.call, "stopped")
    assert (proof.state, proof.commands_sent, stage.sent()) == ("stopped", 0, [])


def test_rule_3_the_outcome_is_ended(staged, journal):
    """... outcome `ended`."""
    stage = staged(client={"journal": journal})
    stage.sim.end_call(stage.call)
    stage.client.ensure(stage.call, "stopped")
    assert [row.outcome for row in gcrec.Journal(journal).entries()] == ["ended"]


@pytest.mark.parametrize("target", ["recording", "paused"])
def test_rule_3_of_an_ended_call_nothing_else_is_met(staged, target):
    """... any other target is ConversationEndedError."""
    stage = staged()
    stage.sim.end_call(stage.call)
    with pytest.raises(gcrec.ConversationEndedError):
        stage.client.ensure(stage.call, target)
    assert stage.sent() == []


def test_rule_3_the_call_may_end_after_the_command(face, quirky):
    """The call ends meanwhile: ... any other target is ConversationEndedError."""
    ended = reply(200, {"id": CALL, "participants": [{"calls": [{"state": "disconnected"}]}]})
    quirky.play(said(recordingState="PAUSED", securePause=True), reply(202, {}), ended)
    with pytest.raises(gcrec.ConversationEndedError):
        client = face.client(quirky.url, access_token="token", api="platform")
        client.ensure(CALL, "recording", resume_paused=True)
    assert [request.method for request in quirky.requests] == ["GET", "PATCH", "GET"]


@pytest.mark.parametrize(("begin", "target"), [("ended", "recording"), ("recording", "stopped")])
def test_rule_3_on_the_tutorials_wire_the_active_calls_show_the_end(face, quirky, begin, target):
    """The call ends meanwhile: `stopped` is met, outcome `ended`; any other target is ConversationEndedError."""
    quirky.play(reply(200, {"items": [{"status": begin}]}), reply(202, {}), reply(404, {}), reply(200, {"items": []}))
    ends(face.client(quirky.url, access_token="token", api="events"), target)


@pytest.mark.parametrize(
    ("begin", "target", "hand"), [("stopped", "recording", "start"), ("recording", "stopped", "stop")]
)
def test_rule_3_409_is_already_if_the_state_then_read_holds_the_target(staged, journal, begin, target, hand):
    """409 is `already` only if the state then read holds the target."""
    stage = staged(state=begin, propagation=2.0, client={"api": "events", "journal": journal})
    stage.sim.by_hand(stage.call, hand)  # accepted, and not to be seen yet: our own command would change nothing
    proof = stage.client.ensure(stage.call, target)
    assert (proof.commands_sent, len(stage.sent()), stage.reads()[-1] >= 2.0) == (0, 1, True)
    assert [row.outcome for row in gcrec.Journal(journal).entries()] == ["already"]


@pytest.mark.parametrize("api", WIRES)
def test_rule_3_409_is_no_proof_by_itself(staged, api):
    """409 is `already` only if the state then read holds the target."""
    stage = staged(state="stopped", client={"api": api})
    stage.sim.fail("control", status_code=409, times=None)
    with pytest.raises(gcrec.NotProvenError) as raised:
        stage.client.ensure(stage.call, "recording")
    assert raised.value.last_seen == "stopped"


# -- polling ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("api", "begin", "target"), WAYS)
def test_rule_3_polling_speed(staged, api, begin, target):
    """Polling: 50 ms after the command, then growing by 1.3 to at most 0.5 s while quota is plentiful."""
    stage = not_acting(staged, begin, api)
    with pytest.raises(gcrec.NotProvenError):
        stage.client.ensure(stage.call, target, timeout=8.0)
    reads = stage.reads()
    pauses = [later - earlier for earlier, later in zip(reads, reads[1:])]
    assert pauses[:3] == pytest.approx([0.05, 0.065, 0.0845])
    assert max(pauses) == pytest.approx(0.5) and sorted(pauses[:-1]) == pauses[:-1]


def test_rule_3_reads_are_spread_over_the_limiters_queue(staged):
    """... when the limiter has a queue, reads are spread over it."""
    stage = staged(propagation=5.0, client={"rate_limit": 30})
    for _ in range(9):
        stage.client.status(stage.call)
    stage.client.ensure(stage.call, "paused", timeout=30.0)
    reads = stage.reads()[9:]
    assert all(later - earlier >= 2.0 - 1e-6 for earlier, later in zip(reads[1:], reads[2:]))
