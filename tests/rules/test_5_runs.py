"""Rules of proof, section 5: runs, which are interrupted and continued."""

from __future__ import annotations

import pytest
from left_behind import changed

import gcrec


class Mishap(Exception):
    """What ends a run before its end."""


def until_a_mishap(ids):
    """These ids, and then the run is interrupted."""
    yield from ids
    raise Mishap


def calls_of(stage, state, number=4):
    return [stage.sim.add_call(state=state) for _ in range(number)]


def ensure(stage, ids, journal, target="paused", **options):
    report = stage.client.ensure_many(ids, target, journal=journal, **options).run(progress=False)
    return {kind: count for kind, count in report.counts.items() if count}


def control(stage, ids, journal, action="pause"):
    report = stage.client.control_many(ids, action, journal=journal).run(progress=False)
    return {kind: count for kind, count in report.counts.items() if count}


def interrupted(work, stage, ids, journal, *rest):
    with pytest.raises(Mishap):
        work(stage, until_a_mishap(ids), journal, *rest)


@pytest.mark.parametrize(("work", "word", "kind"), [(ensure, "paused", "ensure paused"), (control, "pause", "pause")])
def test_rule_5_a_run_is_one_call_with_its_operation_and_target(staged, journal, work, word, kind):
    """A run is one call of `ensure_many` / `control_many` with its operation and target."""
    stage = staged()
    work(stage, calls_of(stage, "recording"), journal, word)
    [run] = gcrec.Journal(journal).runs()
    assert run.kind == kind and run.finished_at is not None
    assert {row.run for row in gcrec.Journal(journal).entries()} == {run.id}


@pytest.mark.parametrize(("work", "done"), [(ensure, "proven"), (control, "accepted")])
def test_rule_5_started_again_it_continues_and_done_ids_are_skipped(staged, journal, work, done):
    """Started again on an unfinished run of the same kind, it continues: done ids (accepted, proven, already, ended)
    are `skipped`."""
    stage = staged()
    calls = calls_of(stage, "recording")
    interrupted(work, stage, calls[:2], journal)
    assert [run.finished_at for run in gcrec.Journal(journal).runs()] == [None]
    assert work(stage, calls, journal) == {done: 2, "skipped": 2}
    assert len(gcrec.Journal(journal).runs()) == 1


def test_rule_5_already_and_ended_ids_are_done_too(staged, journal):
    """... done ids (accepted, proven, already, ended)."""
    stage = staged()
    [ended, stopped] = calls_of(stage, "stopped", 2)
    stage.sim.end_call(ended)
    interrupted(ensure, stage, [ended, stopped], journal, "stopped")
    assert sorted(row.outcome for row in gcrec.Journal(journal).entries()) == ["already", "ended"]
    assert ensure(stage, [ended, stopped], journal, "stopped") == {"skipped": 2}


@pytest.mark.parametrize(("work", "done"), [(ensure, "proven"), (control, "accepted")])
def test_rule_5_failed_ids_are_tried_again(staged, journal, work, done):
    """... failed and unknown ones are tried again."""
    stage = staged()
    calls = calls_of(stage, "recording", 2)
    stage.sim.fail("control", status_code=403, times=2)
    interrupted(work, stage, calls, journal)
    assert work(stage, calls, journal) == {done: 2}


def test_rule_5_unknown_ids_are_tried_again(staged, journal):
    """... failed and unknown ones are tried again."""
    stage = staged()
    calls = calls_of(stage, "recording", 2)
    stage.sim.fail("control", reset="before", times=2)
    interrupted(control, stage, calls, journal)
    assert [row.outcome for row in gcrec.Journal(journal).entries()] == ["unknown", "unknown"]
    assert sum(control(stage, calls, journal).values()) == 2
    stage.sim.advance(1.0)
    assert [stage.sim.state(call) for call in calls] == ["paused", "paused"]


@pytest.mark.parametrize("acted", [True, False])
def test_rule_5_ids_with_an_intent_and_no_outcome_are_settled_first(staged, journal, acted):
    """... ids with an intent and no outcome are settled first."""
    stage = staged(client={"journal": journal})
    interrupted(control, stage, [stage.call], journal)
    stage.client.close()
    changed(journal, outcome=None)

    another = staged(state="paused" if acted else "recording")
    counts = control(another, [another.call], journal)
    if acted:
        assert (counts, another.sent()) == ({"proven": 1}, [])
    else:
        assert (counts, another.state) == ({"accepted": 1}, "recording")
        assert another.sent()[0] >= 10  # not before the first one can act no more
    assert gcrec.Journal(journal).pending() == []


@pytest.mark.parametrize(("work", "done"), [(ensure, "proven"), (control, "accepted")])
def test_rule_5_a_finished_run_is_closed_and_the_next_call_opens_a_new_one(staged, journal, work, done):
    """A finished run is closed, and the next call opens a new one (tomorrow's cron job must act)."""
    stage = staged()
    calls = calls_of(stage, "recording")
    assert work(stage, calls, journal) == {done: 4}
    for call in calls:
        stage.sim.by_hand(call, "resume")
    stage.sim.advance(86_400.0)
    assert work(stage, calls, journal) == {done: 4}
    assert len(gcrec.Journal(journal).runs()) == 2


OTHERS = [(ensure, "recording"), (control, "pause"), (control, "resume")]


@pytest.mark.parametrize(("work", "word"), OTHERS)
def test_rule_5_an_unfinished_run_of_another_kind_is_an_error(staged, journal, work, word):
    """An unfinished run of another kind is an error that says to recover first."""
    stage = staged()
    calls = calls_of(stage, "recording")
    interrupted(ensure, stage, calls[:2], journal, "paused")
    before = len(stage.sim.requests)
    with pytest.raises(gcrec.JournalError, match="recover first"):
        work(stage, calls, journal, word)
    assert len(stage.sim.requests) == before


@pytest.mark.parametrize(("work", "word"), OTHERS)
def test_rule_5_after_a_recover_a_run_of_another_kind_may_begin(staged, journal, work, word):
    """... says to recover first."""
    stage = staged()
    calls = calls_of(stage, "recording")
    interrupted(ensure, stage, calls[:2], journal, "paused")
    stage.client.recover(journal)
    assert sum(work(stage, calls, journal, word).values()) == 4
