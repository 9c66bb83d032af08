"""Rules of proof, section 4: interrupts and cancellations of a pause block, and forks inside one."""

from __future__ import annotations

import asyncio
import os
import sys

import pytest
from interrupts import Interrupted
from staging import FOREVER, raises

import gcrec

RAISED = {"sync": KeyboardInterrupt, "asyncio": asyncio.CancelledError}


def never_runs():
    pytest.fail("the body ran")


def commands(stage, count):
    """A moment: so many commands have arrived."""
    return lambda: len(stage.sent()) >= count


def reads(stage, count):
    """A moment: the call was read so often."""
    return lambda: len(stage.reads()) >= count


def blinded(stage):
    """From now on no look succeeds, so that nothing can be proven."""
    stage.sim.fail("status", status_code=500, times=None)
    return True


# -- during the entry ------------------------------------------------------------------------------------------------


def test_rule_4_interrupted_before_its_pause_the_entry_sends_nothing(face, staged):
    """If ... entry is interrupted, the body does not run, and unless no pause of ours can have acted ..."""
    stage = staged(client={"max_retries": 0})
    stage.sim.fail("status", status_code=500, times=None)
    with pytest.raises(RAISED[face.name]):
        Interrupted(reads(stage, 3)).run(stage.client, stage.call, never_runs, timeout=FOREVER)
    assert stage.sent() == []


def test_rule_4_interrupted_after_its_pause_the_entry_is_undone(face, staged):
    """If the proof fails or entry is interrupted, the body does not run, and ... the undo always sends its resume."""
    stage = staged()
    stage.sim.fail("control", never=True)
    with pytest.raises(RAISED[face.name]):
        Interrupted(commands(stage, 1)).run(stage.client, stage.call, never_runs, timeout=FOREVER)
    assert (len(stage.sent()) >= 2, stage.state) == (True, "recording")


def test_rule_4_a_second_interrupt_abandons_the_undo(face, staged, journal):
    """... a second abandons the exit, with the journal row pending."""
    stage = staged(client={"journal": journal})
    stage.sim.fail("control", never=True, times=None)
    with pytest.raises(RAISED[face.name]):
        twice = Interrupted(lambda: commands(stage, 1)() and blinded(stage), commands(stage, 2))
        twice.run(stage.client, stage.call, never_runs, timeout=FOREVER, resume_timeout=FOREVER)
    assert gcrec.Journal(journal).pending()[0].action == "pause"


# -- during the body, during the exit --------------------------------------------------------------------------------


def test_rule_4_the_first_interrupt_lets_the_exit_finish(face, staged):
    """The first interrupt or cancellation since entry lets the exit finish and is raised after it."""
    stage = staged()
    interrupted = Interrupted(commands(stage, 2), then=stage.sim.clear_faults)
    with pytest.raises(RAISED[face.name]):
        interrupted.run(stage.client, stage.call, lambda: blinded(stage), resume_timeout=FOREVER)
    assert (stage.acted, stage.state) == (["pause", "resume"], "recording")


def test_rule_4_an_interrupted_body_is_left_as_always(face, staged, journal):
    """The first interrupt or cancellation since entry lets the exit finish and is raised after it."""
    stage = staged(client={"journal": journal})
    with raises(RAISED[face.name]), stage.client.paused(stage.call):
        raise RAISED[face.name]
    assert (stage.acted, stage.state) == (["pause", "resume"], "recording")
    assert gcrec.Journal(journal).pending() == []


@pytest.mark.parametrize("where", ["body", "exit"])
def test_rule_4_a_second_interrupt_abandons_the_exit(face, staged, journal, caplog, where):
    """... a second abandons the exit, with the journal row pending and an ERROR logged."""
    stage = staged(client={"journal": journal})

    def body():
        blinded(stage)
        if where == "body":
            raise RAISED[face.name]

    moments = [commands(stage, 2)] * (1 if where == "body" else 2)
    with pytest.raises(RAISED[face.name]):
        Interrupted(*moments).run(stage.client, stage.call, body, resume_timeout=FOREVER)
    pending = gcrec.Journal(journal).pending()
    assert ("pause", "resuming") in [(row.action, row.phase) for row in pending]
    assert any(record.levelname == "ERROR" and "abandoned" in record.getMessage() for record in caplog.records)


def test_rule_4_not_proven_after_an_interrupt_the_interrupt_is_raised(face, staged, journal):
    """KeyboardInterrupt, CancelledError, SystemExit are re-raised as themselves with the failure logged and
    journaled."""
    stage = staged(client={"journal": journal})
    with raises(RAISED[face.name]), stage.client.paused(stage.call):
        stage.sim.fail("control", never=True, times=None)
        raise RAISED[face.name]
    assert stage.state == "paused"
    assert gcrec.Journal(journal).pending()


def test_rule_4_the_next_block_after_an_interrupt_is_a_block_like_any_other(face, staged):
    """Nothing of an abandoned exit is left in the process but the open commands."""
    stage = staged()
    with pytest.raises(RAISED[face.name]):
        Interrupted(commands(stage, 2), commands(stage, 2)).run(
            stage.client, stage.call, lambda: blinded(stage), resume_timeout=FOREVER
        )
    stage.sim.clear_faults()
    stage.sim.advance(30.0)
    with stage.client.paused(stage.call) as block:
        assert (block.owner, stage.state) == ("self", "paused")
    assert stage.state == "recording"


# -- forks -----------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(os, "fork") or sys.platform == "darwin", reason="no fork that can be relied on")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_rule_4_a_forked_childs_exit_sends_nothing(staged):
    """A forked child's exit sends nothing."""
    stage = staged()
    block = stage.client.paused(stage.call)
    block.__enter__()
    before = len(stage.sim.requests)
    child = os.fork()
    if child == 0:
        try:
            block.__exit__(None, None, None)
            os._exit(0)
        finally:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == 0
    assert (len(stage.sim.requests), stage.state) == (before, "paused")
    block.__exit__(None, None, None)
    assert (stage.acted, stage.state) == (["pause", "resume"], "recording")
