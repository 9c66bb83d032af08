"""Rules of proof, section 7: what gcrec cannot know. Each limit as far as it goes, so that nobody takes it for a
defect."""

from __future__ import annotations

import pytest
from staging import raises

import gcrec


def test_rule_7_others_commands_under_way_are_invisible(staged):
    """Others' commands under way are invisible: `already`, `owner` and a proof may be overtaken by them."""
    stage = staged(propagation=3.0)
    stage.stranger().pause(stage.call)
    assert stage.client.ensure(stage.call, "recording").commands_sent == 0
    stage.sim.advance(3.0)
    assert stage.state == "paused"


def test_rule_7_a_command_that_arrives_after_settle_can_undo_what_was_proven(staged):
    """`settle` must exceed ... the latest arrival of a lost command; one that arrives later can start, pause or
    resume a call after we proved the contrary."""
    stage = staged()
    stage.sim.fail("control", reset="after", late=30.0)
    with pytest.raises(gcrec.TransportError):
        stage.client.pause(stage.call)
    stage.client.ensure(stage.call, "recording")
    stage.sim.advance(30.0)
    assert stage.state == "paused"


def test_rule_7_a_settle_that_is_long_enough_sees_it(staged):
    """`settle` must exceed the longest propagation and the latest arrival of a lost command."""
    stage = staged(client={"settle": 40.0})
    stage.sim.fail("control", reset="after", late=30.0)
    with pytest.raises(gcrec.TransportError):
        stage.client.pause(stage.call)
    stage.client.ensure(stage.call, "recording", timeout=60.0, resume_paused=True)
    stage.sim.advance(60.0)
    assert (stage.acted, stage.state) == (["pause", "resume"], "recording")


def test_rule_7_a_pause_by_hand_after_ours_is_lifted_with_it(staged):
    """Pauses have no owner in the API. A pause by hand after ours, or between our first read and our resume's proof, is
    taken for ours and lifted with it."""
    stage = staged()
    with stage.client.paused(stage.call):
        stage.sim.by_hand(stage.call, "pause")
        stage.sim.advance(1.0)
    assert stage.state == "recording"


def test_rule_7_of_two_processes_the_first_to_leave_resumes(staged):
    """Two processes on one call do not know each other: the first to leave, or a `recover`, resumes, and the other's
    body is recorded for up to one `watch` plus propagation."""
    stage = staged()
    with raises(gcrec.PauseBrokenError) as raised, stage.client.paused(stage.call, watch=5.0):
        stage.stranger().resume(stage.call)
        stage.sim.advance(0.6)
        assert stage.state == "recording"
        stage.sim.advance(5.0 + 0.5)
        assert stage.state == "paused"
        stage.sim.advance(5.0)
    [(begin, end)] = raised.value.broken
    assert (end - begin).total_seconds() <= 5.0 + 0.5
