"""Rules of proof, section 2: a command that we sent may still land after we have looked."""

from __future__ import annotations

import sqlite3

import pytest
from staging import SETTLE, raises

import gcrec

STARTED_OR_STOPPED = [
    (api, begin, target)
    for api in ("events", "platform")
    for begin, target in (("stopped", "recording"), ("recording", "stopped"))
]
"""A wire, what is so, and what is wanted: what start and stop are for."""


def send(stage, action, api="platform", **options):
    """Sends one command by a client of its own; a lost answer is no matter."""
    client = stage.another_client(api=api, **options)
    try:
        getattr(client, action)(stage.call)
    except gcrec.GcrecError as error:
        assert error.maybe_sent


def proven_at(stage, target):
    """When a target that holds from the beginning may be said to."""
    proof = stage.client.ensure(stage.call, target, timeout=60.0)
    assert proof.commands_sent == 0
    return stage.reads()[-1]


# -- how long --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("settle", [SETTLE, 4.0])
def test_rule_2_a_command_is_open_until_settle_after_its_attempt(staged, settle):
    """It is open until `settle` seconds (10 by default, a Client option, monotonic) have passed since its attempt
    ended."""
    stage = staged(client={"settle": settle})
    stage.sim.fail("control", never=True)
    stage.client.pause(stage.call)
    assert settle <= proven_at(stage, "recording") < settle + 1


@pytest.mark.parametrize(
    ("fault", "ends"),
    [
        ({"never": True, "delay": 3.0}, 3.0),
        ({"reset": "before", "delay": 3.0}, 3.0),
        ({"status_code": 500, "delay": 3.0}, 3.0),
        ({"never": True, "delay": 99.0}, 5.0),
    ],
    ids=["answer", "reset", "error", "timeout"],
)
def test_rule_2_an_attempt_ends_by_answer_reset_or_timeout(staged, fault, ends):
    """... since its attempt ended (answer, reset or timeout)."""
    stage = staged()
    stage.sim.fail("control", **fault)
    send(stage, "pause", timeout=5.0)
    assert ends + SETTLE <= proven_at(stage, "recording") < ends + SETTLE + 1


def test_rule_2_it_closes_earlier_if_answered_alone_and_its_effect_was_read(staged):
    """It closes earlier only if it was answered, is the only open one of its kind, and its effect was read."""
    stage = staged()
    stage.client.ensure(stage.call, "paused")
    assert stage.client.ensure(stage.call, "recording", resume_paused=True).elapsed < 1


def test_rule_2_it_stays_open_if_it_was_not_answered(staged):
    """... only if it was answered."""
    stage = staged()
    stage.sim.fail("control", reset="after")
    stage.client.ensure(stage.call, "paused")
    stage.client.ensure(stage.call, "recording", resume_paused=True)
    assert stage.reads()[-1] >= SETTLE


def test_rule_2_it_stays_open_if_it_is_not_the_only_one_of_its_kind(staged):
    """... is the only open one of its kind."""
    stage = staged()
    stage.client.pause(stage.call)
    stage.client.pause(stage.call)
    stage.client.wait_until(stage.call, "paused")
    stage.client.ensure(stage.call, "recording", resume_paused=True)
    assert stage.reads()[-1] >= SETTLE


def test_rule_2_it_stays_open_if_its_effect_was_not_read(staged):
    """... and its effect was read."""
    stage = staged()
    stage.client.pause(stage.call)
    stage.client.resume(stage.call)
    stage.client.ensure(stage.call, "recording")
    assert stage.reads()[-1] >= SETTLE


def test_rule_2_a_read_effect_does_not_count_while_what_reverses_it_is_unanswered(staged):
    """... and that does not count while the later command that reverses it is itself unanswered."""
    stage = staged()
    stage.client.ensure(stage.call, "paused")
    stage.sim.fail("control", reset="after")
    stage.client.ensure(stage.call, "recording", resume_paused=True)
    assert stage.reads()[-1] >= SETTLE


@pytest.mark.parametrize("fault", [{"status_code": 403}, {"status_code": 429, "retry_after": 1}, {"status_code": 400}])
def test_rule_2_a_command_that_was_certainly_not_sent_is_never_open(staged, fault):
    """A command whose `maybe_sent` is False is never open."""
    stage = staged(client={"max_retries": 0})
    stage.sim.fail("control", **fault)
    with pytest.raises(gcrec.ApiError) as raised:
        stage.client.pause(stage.call)
    assert raised.value.maybe_sent is False
    assert proven_at(stage, "recording") < 2


# -- what undoes what ------------------------------------------------------------------------------------------------

UNDOES = {"recording": {"stop", "pause"}, "paused": {"resume", "stop"}, "stopped": {"start"}}


@pytest.mark.parametrize(
    ("api", "action"),
    [
        *[("platform", action) for action in ("start", "stop", "pause", "resume")],
        ("events", "start"),
        ("events", "stop"),
    ],
)
@pytest.mark.parametrize("target", UNDOES)
def test_rule_2_what_undoes_what(staged, target, api, action):
    """What undoes what: recording by stop and pause; paused by resume and stop; stopped by start. While an open command
    of ours could undo a target, reading that target is neither `already` nor proof: read on."""
    stage = staged(state=target)
    stage.sim.fail("control", reset="before")
    send(stage, action, api)
    at = proven_at(stage, target)
    assert at >= SETTLE if action in UNDOES[target] else at == 0


def test_rule_2_the_effect_of_an_open_command_is_read_and_then_undone(staged):
    """While an open command of ours could undo a target, reading that target is neither `already` nor proof."""
    stage = staged(propagation=3.0)
    stage.client.pause(stage.call)
    proof = stage.client.ensure(stage.call, "recording", resume_paused=True, timeout=30.0)
    assert (stage.acted, proof.commands_sent, stage.state) == (["pause", "resume"], 1, "recording")


def test_rule_2_wait_until_reads_on_too(staged):
    """... read on."""
    stage = staged()
    stage.sim.fail("control", reset="before")
    send(stage, "pause")
    stage.client.wait_until(stage.call, "recording", timeout=60.0)
    assert stage.reads()[-1] >= SETTLE


# -- one at a time ---------------------------------------------------------------------------------------------------


def test_rule_2_one_command_at_a_time_whatever_the_client(staged):
    """One command at a time is under way (until its attempt ends) per conversation and process, whatever the Client."""
    stage = staged()
    with raises(gcrec.PauseBrokenError), stage.client.paused(stage.call):
        stage.sim.by_hand(stage.call, "resume")
        stage.sim.fail("control", delay=3.0)
        stage.sim.advance(5.5)  # the watch has sent its pause, whose answer is under way
        [_, under_way] = stage.sent()
        stage.another_client().resume(stage.call)
        assert stage.sent()[-1] >= under_way + 3.0


def test_rule_2_a_turn_that_comes_too_late_sends_nothing(staged):
    """One command at a time is under way."""
    stage = staged()
    with raises(gcrec.PauseBrokenError), stage.client.paused(stage.call):
        stage.sim.by_hand(stage.call, "resume")
        stage.sim.fail("control", delay=4.0)
        stage.sim.advance(5.5)
        before = len(stage.sent())
        with pytest.raises(gcrec.RequestTimeoutError) as raised:
            stage.another_client(timeout=1.0).resume(stage.call)
        assert (raised.value.maybe_sent, len(stage.sent())) == (False, before)


# -- what another process left behind --------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", [None, "unknown", "not_proven"])
def test_rule_2_rows_that_are_taken_over_are_open_from_the_first_read(staged, journal, outcome):
    """Journal rows without outcome, or with outcome unknown or not proven, are open for `settle` from the first read of
    the process that takes them over."""
    stage = staged()
    first = stage.another_client(journal=journal)
    first.pause(stage.call)
    first.close()
    with sqlite3.connect(journal) as rows:
        rows.execute("UPDATE entries SET outcome = ?", (outcome,))
    rows.close()

    # A world that has not seen the command, with the same call by its seed.
    another = staged(client={"journal": journal})
    another.sim.advance(100)
    assert proven_at(another, "recording") >= 100 + SETTLE


def test_rule_2_rows_that_are_settled_are_not_open(staged, journal):
    """Journal rows without outcome, or with outcome unknown or not proven."""
    stage = staged(client={"journal": journal})
    stage.client.ensure(stage.call, "paused")
    stage.client.close()
    another = staged(client={"journal": journal})
    assert proven_at(another, "recording") == 0


# -- unknown fate ----------------------------------------------------------------------------------------------------

LOST = [
    {"reset": "after"},
    {"status_code": 500, "effect": True},
    {"status_code": 502, "effect": True},
    {"status_code": 504, "effect": True},
    {"status_code": 503, "effect": True},
    {"delay": 99.0},
]


@pytest.mark.parametrize("fault", LOST, ids=str)
@pytest.mark.parametrize(
    ("api", "begin", "target"),
    [*STARTED_OR_STOPPED, ("platform", "recording", "paused")],
)
def test_rule_2_of_unknown_fate_if_the_target_shows_it_is_proven(staged, fault, api, begin, target):
    """Unknown fate (the bytes may have arrived, no answer came; 500, 502, 504; 503 without Retry-After): read on; if
    the target shows, it is proven."""
    stage = staged(state=begin, client={"api": api})
    stage.sim.fail("control", **fault)
    proof = stage.client.ensure(stage.call, target)
    assert (proof.state, stage.state) == (target, target)
    # Only a pause may have been sent again, and at once: it acted once all the same.
    assert target == "paused" or (proof.commands_sent, len(stage.sent())) == (1, 1)
    assert len(stage.acted) == 1


def test_rule_2_a_503_with_retry_after_certainly_did_not_act(staged):
    """503 without Retry-After: one with it is repeated."""
    stage = staged()
    stage.sim.fail("control", status_code=503, retry_after=2)
    proof = stage.client.ensure(stage.call, "paused")
    assert (proof.commands_sent, stage.sent()) == (1, [0.0, 2.0])


def test_rule_2_a_pause_of_unknown_fate_may_be_sent_again_at_once(staged):
    """A pause on the published API may be sent again at once, because waiting leaves a card number on tape."""
    stage = staged()
    stage.sim.fail("control", reset="before")
    stage.client.ensure(stage.call, "paused")
    first, second = stage.sent()
    assert second - first < 1


@pytest.mark.parametrize(
    ("api", "begin", "target"),
    [*STARTED_OR_STOPPED, ("platform", "paused", "recording")],
)
def test_rule_2_others_of_unknown_fate_only_after_settle(staged, api, begin, target):
    """... start, stop and resume only after `settle`."""
    stage = staged(state=begin, client={"api": api})
    stage.sim.fail("control", reset="before")
    stage.client.ensure(stage.call, target, timeout=30.0, resume_paused=True)
    first, second = stage.sent()
    assert second - first >= SETTLE


@pytest.mark.parametrize("action", ["start", "stop", "pause", "resume"])
def test_rule_2_a_single_command_of_unknown_fate_is_not_repeated(staged, action):
    """Section 8: never a second command because of impatience."""
    stage = staged()
    stage.sim.fail("control", reset="before")
    with pytest.raises(gcrec.TransportError) as raised:
        getattr(stage.client, action)(stage.call)
    assert (raised.value.maybe_sent, len(stage.sent())) == (True, 1)


# -- what proven means -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("api", "begin", "target"), [*STARTED_OR_STOPPED, ("platform", "recording", "paused")])
def test_rule_2_proven_means_that_the_server_said_so_then(staged, api, begin, target):
    """ "Proven" means that the server said so at `observed_at`, and that no open command of ours could still change
    it."""
    stage = staged(state=begin, propagation=2.0, client={"api": api})
    proof = stage.client.ensure(stage.call, target)
    assert proof.observed_at.timestamp() % 60 == pytest.approx(stage.reads()[-1], abs=1e-5)
    assert stage.sim.commands(stage.call)[-1].at <= stage.reads()[-1]
    stage.sim.advance(60)
    assert stage.state == target
