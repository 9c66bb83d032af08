"""Rules of proof, section 4: leaving a pause block, and its end by itself."""

from __future__ import annotations

import pytest
from staging import SETTLE, raises

import gcrec


class Mishap(Exception):
    """What goes wrong in a body."""


def lifted_in_vain(stage):
    """From now on no resume acts."""
    stage.sim.fail("control", never=True, times=None)


def found_recording(stage):
    """The pause is lifted by hand, and the watch finds that."""
    stage.sim.by_hand(stage.call, "resume")
    stage.sim.advance(7.0)


# -- the resume ------------------------------------------------------------------------------------------------------


def test_rule_4_exit_counts_a_pause_that_was_decided_as_open(staged):
    """Exit ends the watch first, letting a pause already decided go out and counting it as open."""
    stage = staged()
    with raises(gcrec.PauseBrokenError), stage.client.paused(stage.call):
        stage.sim.by_hand(stage.call, "resume")
        stage.sim.fail("control", delay=3.0, reset="after", late=4.0)
        stage.sim.advance(5.6)  # the watch has sent its pause, whose answer is under way
    [*_, decided, resume, again] = stage.sent()
    assert resume >= decided + 3.0
    assert again >= decided + 4.0  # it landed after the resume
    assert (stage.acted[-2:], stage.state) == (["pause", "resume"], "recording")
    assert stage.reads()[-1] >= decided + 3.0 + SETTLE


def test_rule_4_exit_sends_its_resume_without_reading_first(staged):
    """... then sends its resume without reading first."""
    stage = staged()
    with stage.client.paused(stage.call):
        before = len(stage.sim.requests)
    assert [request.method for request in stage.sim.requests[before:]][:2] == ["PATCH", "GET"]


def test_rule_4_exit_proves_its_resume(staged):
    """... proven as the undo is."""
    stage = staged(propagation=3.0)
    with stage.client.paused(stage.call):
        before = len(stage.reads())
    resume = stage.sim.commands(stage.call)[-1]
    assert (resume.action, stage.state, len(stage.reads()) > before) == ("resume", "recording", True)
    assert stage.reads()[-1] >= resume.at


def test_rule_4_exit_waits_until_no_pause_of_ours_is_open(staged):
    """... proven as the undo is: by recording only when no pause of ours is open."""
    stage = staged()
    stage.sim.fail("control", reset="after")
    with stage.client.paused(stage.call):
        pass
    assert stage.reads()[-1] >= SETTLE


@pytest.mark.parametrize("way", ["stopped", "ended"])
def test_rule_4_exit_never_starts_a_recording(staged, journal, way):
    """It never starts a recording: stopped, once no pause of ours is open, or an ended call, closes the row without
    error."""
    stage = staged(client={"journal": journal})
    with stage.client.paused(stage.call):
        if way == "ended":
            stage.sim.end_call(stage.call)
        else:
            stage.sim.by_hand(stage.call, "stop")
            stage.sim.advance(1.0)
    assert (stage.state, gcrec.Journal(journal).pending()) == ("stopped", [])
    assert next(gcrec.Journal(journal).entries()).outcome == "ended"


def test_rule_4_stopped_is_no_end_while_a_pause_of_ours_is_open(staged):
    """... stopped, once no pause of ours is open."""
    stage = staged()
    stage.sim.fail("control", reset="after")
    with stage.client.paused(stage.call):
        stage.sim.by_hand(stage.call, "stop")
        stage.sim.advance(1.0)
    assert stage.reads()[-1] >= SETTLE


@pytest.mark.parametrize("resume_timeout", [SETTLE, 3.0])
def test_rule_4_resume_timeout_must_exceed_settle(staged, resume_timeout):
    """It has its own `resume_timeout=60.0` (which must exceed `settle`)."""
    stage = staged()
    with pytest.raises(gcrec.ConfigError, match="resume_timeout"):
        stage.client.paused(stage.call, resume_timeout=resume_timeout)


@pytest.mark.parametrize("resume_timeout", [60.0, 25.0])
def test_rule_4_exit_has_its_own_resume_timeout(staged, resume_timeout):
    """It has its own `resume_timeout=60.0`."""
    stage = staged(client={"timeout": 2.0})
    with raises(gcrec.ResumeNotProvenError), stage.client.paused(stage.call, resume_timeout=resume_timeout):
        entered = stage.reads()[-1]
        lifted_in_vain(stage)
    assert stage.reads()[-1] == pytest.approx(entered + resume_timeout, abs=1)


def test_rule_4_exit_tries_a_fresh_token(staged):
    """... and tries a fresh token."""
    stage = staged()
    with stage.client.paused(stage.call):
        stage.sim.revoke_tokens()
    tokens = [request for request in stage.sim.requests if request.path == "/oauth/token"]
    assert (len(tokens), stage.state) == (2, "recording")


@pytest.mark.parametrize("fault", [{"status_code": 503}, {"status_code": 401}, {"reset": "before"}], ids=str)
@pytest.mark.parametrize("route", ["token", "control", "status"])
def test_rule_4_exit_tries_for_as_long_as_it_may(staged, route, fault):
    """It has its own `resume_timeout=60.0` and tries a fresh token."""
    stage = staged(client={"max_retries": 0})
    with stage.client.paused(stage.call):
        stage.sim.revoke_tokens()
        stage.sim.fail(route, times=2, **fault)
    assert stage.state == "recording"


# -- not proven ------------------------------------------------------------------------------------------------------


def test_rule_4_not_proven_is_an_error_with_the_row_pending(staged, journal):
    """Not proven: ResumeNotProvenError."""
    stage = staged(client={"journal": journal})
    with raises(gcrec.ResumeNotProvenError) as raised, stage.client.paused(stage.call):
        lifted_in_vain(stage)
    assert (raised.value.last_seen, raised.value.maybe_sent, stage.state) == ("paused", True, "paused")
    assert "pause" in [row.action for row in gcrec.Journal(journal).pending()]


def test_rule_4_it_is_chained_to_the_bodys_own_error(staged):
    """ResumeNotProvenError, chained to the body's own error."""
    stage = staged()
    with raises(gcrec.ResumeNotProvenError) as raised, stage.client.paused(stage.call):
        lifted_in_vain(stage)
        raise Mishap
    assert isinstance(raised.value.__context__, Mishap)


def test_rule_4_the_bodys_own_error_comes_out_of_a_block_that_was_lifted(staged):
    """The exit adds nothing where it has nothing to say."""
    stage = staged()
    with raises(Mishap), stage.client.paused(stage.call):
        raise Mishap
    assert stage.state == "recording"


def test_rule_4_system_exit_is_raised_as_itself(staged, journal, caplog):
    """KeyboardInterrupt, CancelledError, SystemExit are re-raised as themselves with the failure logged and
    journaled."""
    stage = staged(client={"journal": journal})
    with raises(SystemExit), stage.client.paused(stage.call):
        lifted_in_vain(stage)
        raise SystemExit(3)
    assert stage.state == "paused" and gcrec.Journal(journal).pending()
    assert "ERROR" in [record.levelname for record in caplog.records if stage.call in record.getMessage()]


@pytest.mark.parametrize(
    ("happens", "error"),
    [
        ([lifted_in_vain, found_recording], gcrec.ResumeNotProvenError),
        ([found_recording], gcrec.PauseBrokenError),
        ([], gcrec.PauseTooLongError),
    ],
)
def test_rule_4_precedence(staged, happens, error):
    """Precedence: ResumeNotProvenError, PauseBrokenError, PauseTooLongError."""
    stage = staged()
    with raises(error), stage.client.paused(stage.call, max_seconds=20.0):
        for happen in reversed(happens):
            happen(stage)
        stage.sim.advance(30.0)


# -- max_seconds, reason ---------------------------------------------------------------------------------------------


def test_rule_4_after_max_seconds_the_block_resumes_by_itself(staged):
    """`max_seconds`: after that long the block resumes by itself, ... and the exit raises PauseTooLongError."""
    stage = staged()
    with raises(gcrec.PauseTooLongError), stage.client.paused(stage.call, max_seconds=30.0):
        entered = stage.reads()[-1]
        stage.sim.advance(29.9)
        assert stage.state == "paused"
        stage.sim.advance(1.0)
        assert (stage.state, stage.sent()[-1]) == ("recording", pytest.approx(entered + 30.0))
    assert stage.acted == ["pause", "resume"]


def test_rule_4_after_max_seconds_the_watch_pauses_nothing_more(staged):
    """... the watch pauses nothing more."""
    stage = staged()
    with raises(gcrec.PauseTooLongError), stage.client.paused(stage.call, max_seconds=30.0):
        stage.sim.advance(120.0)
        assert stage.acted == ["pause", "resume"]


def test_rule_4_after_max_seconds_a_warning_is_logged(staged, caplog):
    """... a warning is logged."""
    stage = staged()
    with raises(gcrec.PauseTooLongError), stage.client.paused(stage.call, max_seconds=30.0):
        stage.sim.advance(40.0)
        stage.client.status(stage.call)
    logged = [record.levelname for record in caplog.records if "max_seconds" in record.getMessage()]
    assert "WARNING" in logged


def test_rule_4_before_max_seconds_nothing_happens(staged):
    """`max_seconds`: after that long."""
    stage = staged()
    with stage.client.paused(stage.call, max_seconds=30.0):
        stage.sim.advance(29.0)
    assert stage.acted == ["pause", "resume"]


def test_rule_4_the_reason_goes_to_the_journal(staged, journal):
    """`reason` goes to the journal."""
    stage = staged(client={"journal": journal})
    with stage.client.paused(stage.call, reason="card payment"):
        pass
    assert next(gcrec.Journal(journal).entries()).reason == "card payment"
