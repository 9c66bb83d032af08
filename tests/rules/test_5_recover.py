"""Rules of proof, section 5: recovering what a dead process left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from left_behind import changed, commands, dead_block
from staging import SETTLE, raises

import gcrec


def outcomes(journal):
    return [row.outcome for row in gcrec.Journal(journal).entries() if row.operation != "recover"]


# -- intents without outcome -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", [None, "unknown", "not_proven"])
@pytest.mark.parametrize(
    ("action", "state", "closed"),
    [("pause", "paused", "proven"), ("pause", "recording", "failed"), ("resume", "recording", "proven")],
)
def test_rule_5_an_intent_is_closed_only_by_a_read_settle_later(staged, journal, outcome, action, state, closed):
    """An intent without outcome ... is closed only by a state read `settle` or later after recover's own first read."""
    commands(staged, journal, action, outcome=outcome)
    stage = staged(state=state)
    stage.sim.advance(50.0)
    stage.client.recover(journal)
    assert (outcomes(journal), gcrec.Journal(journal).pending(), stage.sent()) == ([closed], [], [])
    assert stage.reads()[0] == 50.0 and stage.reads()[-1] >= 50.0 + SETTLE


def test_rule_5_what_acts_meanwhile_is_seen(staged, journal):
    """... only by a state read `settle` or later after recover's own first read."""
    commands(staged, journal, "pause")
    stage = staged()
    stage.sim.fail("control", reset="after", late=8.0)  # the dead process's command, on its way
    with pytest.raises(gcrec.TransportError):
        stage.stranger().pause(stage.call)
    stage.client.recover(journal)
    assert outcomes(journal) == ["proven"]


def test_rule_5_all_rows_wait_together(staged, journal):
    """... (all rows wait together)."""
    stage = staged(client={"journal": journal})
    calls = [stage.sim.add_call(state="recording") for _ in range(5)]
    for call in calls:
        stage.client.pause(call)
    stage.client.close()
    changed(journal, outcome=None)
    another = staged()
    for call in calls:
        another.sim.add_call(call, state="paused")
    another.client.recover(journal)
    assert outcomes(journal) == ["proven"] * 5
    assert SETTLE <= another.sim.requests[-1].at < SETTLE + 1


def test_rule_5_or_by_the_calls_end(staged, journal):
    """... or by the call's end."""
    commands(staged, journal, "pause")
    stage = staged()
    stage.sim.end_call(stage.call)
    stage.client.recover(journal)
    assert (outcomes(journal), stage.reads()) == (["ended"], [0.0])


def test_rule_5_what_tells_nothing_closes_nothing(staged, journal):
    """... is closed only by a state."""
    commands(staged, journal, "pause")
    stage = staged()
    stage.sim.fail("status", status_code=500, times=None)
    report = stage.client.recover(journal)
    assert report.counts["unknown"] + report.counts["failed"] == 1
    assert len(gcrec.Journal(journal).pending()) == 1


# -- dead blocks -----------------------------------------------------------------------------------------------------


def test_rule_5_a_dead_blocks_pause_is_resumed_at_once(staged, journal):
    """A dead block's pause that shows before that is resumed at once."""
    dead_block(staged, journal)
    stage = staged(state="paused")
    stage.client.recover(journal)
    assert (stage.sent(), stage.state, gcrec.Journal(journal).pending()) == ([0.0], "recording", [])
    assert stage.reads()[-1] >= SETTLE


def test_rule_5_and_again_if_it_reappears(staged, journal):
    """... and again if it reappears."""
    dead_block(staged, journal)
    stage = staged(state="paused")
    stage.sim.fail("control", reset="after", late=6.0)  # a pause of the dead process, on its way
    with pytest.raises(gcrec.TransportError):
        stage.stranger().pause(stage.call)
    stage.client.recover(journal)
    assert (stage.acted, stage.state) == (["resume", "pause", "resume"], "recording")


def test_rule_5_a_dead_block_whose_pause_does_not_show_is_closed_after_settle(staged, journal):
    """... the pause of a dead block, is closed only by a state read `settle` or later after recover's own first
    read."""
    dead_block(staged, journal)
    stage = staged()
    stage.client.recover(journal)
    assert (stage.sent(), gcrec.Journal(journal).pending()) == ([], [])
    assert stage.reads()[-1] >= SETTLE


def test_rule_5_if_the_state_before_was_held_with_securepause(staged, journal):
    """... if the journaled state before was recording (or held with basis securePause)."""
    dead_block(staged, journal, state_before="held", basis="securePause")
    stage = staged(state="paused")
    stage.client.recover(journal)
    assert stage.state == "recording"


LISTED = {
    "too old": ({}, 3601.0),
    "foreign": ({"client_id": "somebody-else"}, 0.0),
    "held without securePause": ({"state_before": "held", "basis": "recordingState"}, 0.0),
    "paused before": ({"state_before": "paused"}, 0.0),
}


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("why", LISTED)
def test_rule_5_older_or_foreign_ones_are_listed_and_resumed_only_with_force(staged, journal, why, force):
    """... and it is at most `max_age=3600` seconds old; older or foreign ones are listed, and resumed only with
    `force=True`."""
    columns, later = LISTED[why]
    dead_block(staged, journal, **columns)
    stage = staged(state="paused")
    stage.sim.advance(later)
    report = stage.client.recover(journal, force=force)
    if force:
        assert (stage.state, gcrec.Journal(journal).pending()) == ("recording", [])
    else:
        assert (stage.state, stage.sent()) == ("paused", [])
        assert [outcome.conversation_id for outcome in report.first_failures] == [stage.call]
        assert gcrec.Journal(journal).pending() != []


@pytest.mark.parametrize(("max_age", "state"), [(100.0, "paused"), (7200.0, "recording")])
def test_rule_5_max_age(staged, journal, max_age, state):
    """... at most `max_age=3600` seconds old."""
    dead_block(staged, journal)
    stage = staged(state="paused")
    stage.sim.advance(5000.0)
    stage.client.recover(journal, max_age=max_age)
    assert stage.state == state


# -- one's own -------------------------------------------------------------------------------------------------------


def test_rule_5_the_owner_may_recover_its_own_journal(staged, journal):
    """The owner may call `recover` on its own journal: there, blocks that have ended count as dead."""
    stage = staged(client={"journal": journal})
    with raises(gcrec.ResumeNotProvenError), stage.client.paused(stage.call):
        stage.sim.fail("control", never=True, times=None)
    assert stage.state == "paused"
    stage.sim.clear_faults()
    stage.client.recover(journal)
    assert (stage.state, gcrec.Journal(journal).pending()) == ("recording", [])


def test_rule_5_blocks_that_are_alive_are_left_alone(staged, journal):
    """... there, blocks that have ended count as dead."""
    stage = staged(client={"journal": journal})
    with stage.client.paused(stage.call):
        stage.client.recover(journal)
        assert (stage.state, len(stage.sent())) == ("paused", 1)
    assert (stage.state, gcrec.Journal(journal).pending()) == ("recording", [])


def test_rule_5_recover_writes_down_its_own_commands(staged, journal):
    """The intent is durable before the command leaves, the outcome after: those of recover too."""
    dead_block(staged, journal)
    stage = staged(state="paused")
    stage.client.recover(journal)
    rows = [(row.operation, row.action, row.outcome) for row in gcrec.Journal(journal).entries()]
    assert ("recover", "resume") in [row[:2] for row in rows] and rows[0][2] == "resumed"


# -- processes that die ----------------------------------------------------------------------------------------------

INSIDE = """if True:
    import asyncio, gcrec, os, sys
    options = dict(client_id=os.environ["ID"], client_secret=os.environ["SECRET"], api="platform", journal=sys.argv[3])
    if sys.argv[4] == "sync":
        with gcrec.Client(sys.argv[1], **options).paused(sys.argv[2]):
            print("inside", flush=True)
            sys.stdin.read()
    else:
        async def main():
            async with gcrec.AsyncClient(sys.argv[1], **options).paused(sys.argv[2]):
                print("inside", flush=True)
                sys.stdin.read()
        asyncio.run(main())
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["SIGTERM", "kill -9"])
@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_rule_4_sigterm_and_kill_do_not_unwind_python(face, staged, journal, number):
    """Section 4: SIGTERM and kill -9 do not unwind Python: only the journal covers them."""
    stage = staged(propagation=0)
    died = subprocess.Popen(
        [sys.executable, "-c", INSIDE, stage.sim.base_url, stage.call, str(journal), face.name],
        env={**os.environ, "ID": stage.sim.client_id, "SECRET": stage.sim.client_secret},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with died:
        assert died.stdout.readline() == b"inside\n"
        died.send_signal(number)
        assert died.wait() == -number
    assert (stage.state, [row.pid for row in gcrec.Journal(journal).pending()]) == ("paused", [died.pid])
    stage.client.recover(journal)
    assert (stage.state, gcrec.Journal(journal).pending()) == ("recording", [])
