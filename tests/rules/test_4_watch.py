"""Rules of proof, section 4: the watch of a pause block."""

from __future__ import annotations

import pytest
from staging import raises

import gcrec


def resumed_by_hand(stage):
    stage.sim.by_hand(stage.call, "resume")


def transferred(stage):
    stage.sim.transfer(stage.call)


def resumed_by_another_process(stage):
    stage.stranger().resume(stage.call)


def resumed_on_hold(stage):
    stage.sim.hold(stage.call)
    stage.sim.by_hand(stage.call, "resume")


LIFTED = [resumed_by_hand, transferred, resumed_by_another_process, resumed_on_hold]


@pytest.mark.parametrize("watch", [5.0, 2.0])
def test_rule_4_while_the_body_runs_the_state_is_read(staged, watch):
    """While the body runs the state is read every `watch=5.0` seconds."""
    stage = staged()
    options = {} if watch == 5.0 else {"watch": watch}
    with stage.client.paused(stage.call, **options):
        entered = stage.reads()[-1]
        before = len(stage.reads())
        stage.sim.advance(3 * watch + 0.1)
        assert stage.reads()[before:] == pytest.approx([entered + n * watch for n in (1, 2, 3)])


@pytest.mark.parametrize("lifted", LIFTED)
def test_rule_4_found_recording_it_is_paused_again_at_once(staged, lifted):
    """Found recording, or held with basis securePause (transfer, agent, other process): paused again at once."""
    stage = staged(propagation=0.25)
    with raises(gcrec.PauseBrokenError), stage.client.paused(stage.call):
        lifted(stage)
        stage.sim.advance(6.0)
        assert stage.state == "paused"
        found = stage.sent()[-1]
        assert found in stage.reads()
    assert stage.state == ("held" if lifted is resumed_on_hold else "recording")


def test_rule_4_by_a_journaled_pause(staged, journal):
    """... by a journaled pause."""
    stage = staged(client={"journal": journal})
    with raises(gcrec.PauseBrokenError), stage.client.paused(stage.call):
        stage.sim.by_hand(stage.call, "resume")
        stage.sim.advance(6.0)
        [block, again] = gcrec.Journal(journal).entries()
        assert (again.action, again.block, again.outcome) == ("pause", block.id, "accepted")


@pytest.mark.parametrize("seconds", [1.0, 30.0])
def test_rule_4_that_is_ours_from_then_on(staged, journal, seconds):
    """... that is ours from then on (`owner` becomes `"self"`, state before: recording)."""
    stage = staged(state="paused", client={"journal": journal})
    with raises(gcrec.PauseBrokenError), stage.client.paused(stage.call) as block:
        assert block.owner == "other"
        stage.sim.advance(seconds)  # while it is watched closely, and later
        stage.sim.by_hand(stage.call, "resume")
        stage.sim.advance(7.0)
        assert (block.owner, stage.state) == ("self", "paused")
        [row] = gcrec.Journal(journal).pending()
        assert (row.action, row.state_before) == ("pause", "recording")
    assert stage.state == "recording"


def test_rule_4_the_exit_tells_the_intervals_in_which_the_call_was_recorded(staged):
    """... and the exit raises PauseBrokenError with the intervals in which the call was recorded."""
    stage = staged()
    with raises(gcrec.PauseBrokenError) as raised, stage.client.paused(stage.call) as block:
        for _ in range(2):
            stage.sim.by_hand(stage.call, "resume")
            stage.sim.advance(12.0)
    first, second = raised.value.broken
    assert first[0] < first[1] < second[0] < second[1]
    assert all(interval[0].utcoffset().total_seconds() == 0 for interval in (first, second))
    assert block.broken == raised.value.broken


def test_rule_4_what_was_lifted_as_the_body_ended_has_no_end(staged):
    """... with the intervals in which the call was recorded."""
    stage = staged()
    with raises(gcrec.PauseBrokenError) as raised, stage.client.paused(stage.call):
        stage.sim.by_hand(stage.call, "resume")
        stage.sim.fail("control", never=True)
        stage.sim.advance(6.0)
    [(begin, end)] = raised.value.broken
    assert begin is not None and end is None


def test_rule_4_a_pause_of_the_watch_that_does_not_show_is_sent_again(staged):
    """Section 3: a command that does not show `settle` after its attempt is sent once more."""
    stage = staged()
    with raises(gcrec.PauseBrokenError), stage.client.paused(stage.call):
        stage.sim.by_hand(stage.call, "resume")
        stage.sim.fail("control", never=True)
        stage.sim.advance(20.0)
        assert stage.state == "paused"
        again = stage.sent()[-2:]
        assert again[1] - again[0] >= 10


@pytest.mark.parametrize("fault", [{"status_code": 500}, {"delay": 60.0}, {"garbage": True}], ids=str)
def test_rule_4_a_look_that_fails_is_no_end_of_the_watch(staged, fault):
    """While the body runs the state is read every `watch=5.0` seconds."""
    stage = staged(client={"max_retries": 0})
    with raises(gcrec.PauseBrokenError), stage.client.paused(stage.call):
        stage.sim.fail("status", **fault)
        stage.sim.by_hand(stage.call, "resume")
        stage.sim.advance(20.0)
        assert stage.state == "paused"


@pytest.mark.parametrize("gone", ["stopped", "ended", "held"])
def test_rule_4_what_is_not_recorded_is_not_paused_again(staged, gone):
    """Found recording, or held with basis securePause: paused again."""
    stage = staged(secure_pause=gone != "held", propagation=0)
    with stage.client.paused(stage.call):
        if gone == "ended":
            stage.sim.end_call(stage.call)
        elif gone == "stopped":
            stage.sim.by_hand(stage.call, "stop")
        else:
            stage.sim.hold(stage.call)
            stage.sim.by_hand(stage.call, "resume")
        before = len(stage.sent())
        stage.sim.advance(20.0)
        assert len(stage.sent()) == before
        if gone == "held":
            stage.sim.hold(stage.call, False)
            stage.sim.by_hand(stage.call, "pause")


LONG = 60.0
"""A watch that would find nothing in the time of a test."""


def channels(stage):
    """What was asked of the notification service, but for sockets."""
    return [request for request in stage.sim.requests if "/notifications/" in request.path]


@pytest.mark.parametrize("lifted", LIFTED)
def test_rule_4_or_by_events(staged, lifted):
    """While the body runs the state is read every `watch=5.0` seconds, or by events."""
    stage = staged(propagation=0.25)
    with raises(gcrec.PauseBrokenError), stage.client.paused(stage.call, watch=LONG):
        stage.sim.advance(2.0)
        before = len(stage.reads())
        lifted(stage)
        stage.sim.advance(1.0)
        assert stage.state == "paused"
        assert stage.sent()[-1] in stage.reads()[before:], "an event wakes, a read proves"


def test_rule_4_events_follow_the_call_from_agent_to_agent(staged):
    """... or by events."""
    stage = staged(propagation=0.25)
    with raises(gcrec.PauseBrokenError) as raised, stage.client.paused(stage.call, watch=LONG):
        stage.sim.advance(2.0)
        for _ in range(3):
            stage.sim.transfer(stage.call)
            stage.sim.advance(2.0)
            assert stage.state == "paused"
    assert len(raised.value.broken) == 3


def test_rule_4_events_come_back_after_a_break(staged):
    """... or by events."""
    stage = staged(propagation=0.25)
    with raises(gcrec.PauseBrokenError), stage.client.paused(stage.call, watch=LONG):
        stage.sim.advance(2.0)
        stage.sim.drop_sockets()
        stage.sim.by_hand(stage.call, "resume")  # nobody hears it
        stage.sim.advance(2.0)
        assert stage.state == "paused"


@pytest.mark.parametrize(
    "fault",
    [{"status_code": 403}, {"status_code": 500}, {"garbage": True}, {"delay": 60.0}, {"reset": "after"}],
    ids=str,
)
def test_rule_4_no_failure_of_the_channel_touches_the_block(staged, fault):
    """While the body runs the state is read every `watch=5.0` seconds."""
    stage = staged()
    stage.sim.fail("channels", times=None, **fault)
    with raises(gcrec.PauseBrokenError), stage.client.paused(stage.call):
        entered = stage.reads()[-1]
        before = len(stage.reads())
        stage.sim.advance(15.1)
        assert stage.reads()[before:] == pytest.approx([entered + n * 5.0 for n in (1, 2, 3)])
        stage.sim.by_hand(stage.call, "resume")
        stage.sim.advance(6.0)
        assert stage.state == "paused"
    assert stage.state == "recording"


def test_rule_4_a_short_block_opens_no_channel(staged):
    """A channel that serves for a moment would only push out others."""
    stage = staged(propagation=0.25)
    with stage.client.paused(stage.call):
        stage.sim.advance(0.9)
    stage.sim.advance(30.0)
    assert channels(stage) == []


def test_rule_4_where_requests_are_counted_out_no_channel_is_opened(staged):
    """Section 6: A given `rate_limit` is spread evenly."""
    stage = staged(propagation=0.25, client={"rate_limit": 600})
    with stage.client.paused(stage.call):
        stage.sim.advance(30.0)
    assert channels(stage) == []


def test_rule_4_blocks_after_each_other_share_a_channel(staged):
    """20 channels a user and app: the 21st ends the oldest."""
    stage = staged(propagation=0.25)
    for _ in range(3):
        with stage.client.paused(stage.call):
            stage.sim.advance(3.0)
    assert len([request for request in channels(stage) if request.path.endswith("/channels")]) == 1
