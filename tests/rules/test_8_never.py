"""Rules of proof, section 8: what never happens. (A second command of impatience: section 2. A 404: section 1.)"""

from __future__ import annotations

import pickle

import pytest
from staging import raises

import gcrec

NUMBERS = ("+1202", "2025550143", "sip:agent")


def test_rule_8_never_called_proven_what_was_only_accepted(staged, journal):
    """Never called proven what was only accepted."""
    stage = staged(client={"journal": journal})
    stage.sim.fail("control", never=True)
    receipt = stage.client.pause(stage.call)
    assert (receipt.status_code, hasattr(receipt, "state"), stage.state) == (202, False, "recording")
    assert [row.outcome for row in gcrec.Journal(journal).entries()] == ["accepted"]


def test_rule_8_never_called_proven_in_bulk(staged):
    """Never called proven what was only accepted."""
    stage = staged()
    counts = stage.client.control_many([stage.call], "pause").run(progress=False).counts
    assert (counts["accepted"], counts["proven"]) == (1, 0)


def test_rule_8_never_a_pause_left_behind_in_silence(staged, journal):
    """Never a pause left behind in silence, within the limits above: an error, and a row in the journal."""
    stage = staged(client={"journal": journal})
    with raises(gcrec.ResumeNotProvenError, match="may still be paused"), stage.client.paused(stage.call):
        stage.sim.fail("control", reset="before", times=None)
    assert stage.state == "paused" and gcrec.Journal(journal).pending()


def everything_said(stage):
    """The words of everything that a client gives."""
    client, call = stage.client, stage.call
    said = [repr(client), repr(getattr(client, "client", client))]
    for value in (client.conversation(call), client.status(call), client.ensure(call, "paused"), client.resume(call)):
        said += [repr(value), str(value)]
    with client.paused(call) as block:
        said += [repr(block), repr(block.proof)]
    report = client.ensure_many([call, "no-such-call"], "paused").run(progress=False)
    said += [repr(report), str(report), *map(repr, report.first_failures)]
    for fault in (
        {"status_code": 401},
        {"status_code": 403},
        {"status_code": 500},
        {"reset": "after"},
        {"garbage": True},
    ):
        stage.sim.fail("*", times=None, **fault)
        for act in (client.status, client.pause, lambda call: client.ensure(call, "recording", timeout=1.0)):
            with pytest.raises(gcrec.GcrecError) as raised:
                act(call)
            said += [str(raised.value), repr(raised.value), repr(pickle.dumps(raised.value))]
        stage.sim.clear_faults()
    return said


def test_rule_8_never_a_secret_or_a_callers_number(staged, caplog):
    """Never a secret or a caller's number in a log, a journal, an error or a repr. (The journal: section 5.)"""
    caplog.set_level(1)
    stage = staged(client={"max_retries": 0})
    said = "\n".join([*everything_said(stage), caplog.text])
    for secret in (stage.sim.client_secret, *NUMBERS, "Bearer", "access_token"):
        assert secret not in said
