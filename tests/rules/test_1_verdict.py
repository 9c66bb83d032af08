"""Rules of proof, section 1: what is recorded, as a verdict over all that a server says."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from answers import reply

import gcrec

CALL = "2f6e1a34-8c5b-4a7e-9d10-b1c2d3e4f506"
LISTED = {"items": [{"id": CALL, "state": "active"}]}


def client_of(face, quirky, api):
    return face.client(quirky.url, access_token="token", api=api)


def verdict(face, quirky, api, body):
    """What the status is when the server says this."""
    quirky.play(reply(200, body))
    return client_of(face, quirky, api).status(CALL)


def items(*words: str) -> dict[str, Any]:
    """An answer of the tutorial's wire."""
    return {"items": [{"id": f"recording-{n}", "status": word} for n, word in enumerate(words)]}


def leg(recording_state: str = "none", recorders: dict[str, str] | None = None, **fields: Any) -> dict[str, Any]:
    """A live leg of the published API. Fields that are not named are absent."""
    states = {"recording": recording_state != "none", "recordingState": recording_state}
    more = {"recordersState": recorders} if recorders is not None else {}
    return {"state": "connected", **states, **more, **fields}


def conversation(*legs: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """An answer of the published API, a participant a leg."""
    return {"id": CALL, "participants": [{"id": f"p{n}", "calls": [leg]} for n, leg in enumerate(legs)], **fields}


# -- the tutorial's wire ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "state"),
    [
        (["recording"], "recording"),
        (["ended", "paused", "warming", "recording"], "recording"),
        (["paused", "warming"], "unknown"),
        (["warming", "ended"], "unknown"),
        (["ended", "paused"], "paused"),
        (["paused"], "paused"),
        (["ended"], "stopped"),
        ([], "stopped"),
    ],
)
def test_rule_1_tutorials_wire_first_match_wins_over_every_item(face, quirky, words, state):
    """200 of the status endpoint; every item is read, not only the first: any `recording` -> recording; else any word
    outside `recording`, `paused`, `ended` -> unknown; else any `paused` -> paused; else, items or none -> stopped."""
    assert verdict(face, quirky, "events", items(*words)).state == state


def test_rule_1_tutorials_wire_does_not_say_whether_the_call_is_active(face, quirky):
    """On this wire `active` is None."""
    assert verdict(face, quirky, "events", items("recording")).active is None


@pytest.mark.parametrize("api", ["events", "platform"])
def test_rule_1_a_404_raises_from_status(face, quirky, api):
    """A 404 proves nothing: `status()` raises NotFoundError."""
    quirky.play(reply(404, {"message": "not found"}))
    with pytest.raises(gcrec.NotFoundError):
        client_of(face, quirky, api).status(CALL)


def test_rule_1_after_a_404_ensure_recording_may_send_its_start(face, quirky):
    """`ensure(.., "recording")` may still send its start."""
    quirky.play(reply(404, {}), reply(202, {}), reply(200, items("recording")))
    proof = client_of(face, quirky, "events").ensure(CALL, "recording")
    assert (proof.state, proof.before, proof.commands_sent) == ("recording", None, 1)


def test_rule_1_a_starts_own_404_is_final(face, quirky):
    """... whose own 404 is final."""
    quirky.play(reply(404, {}))
    with pytest.raises(gcrec.NotFoundError) as raised:
        client_of(face, quirky, "events").ensure(CALL, "recording")
    assert (raised.value.method, len(quirky.requests)) == ("POST", 2)


@pytest.mark.parametrize(
    ("api", "target"),
    [("events", "stopped"), ("platform", "stopped"), ("platform", "paused"), ("platform", "recording")],
)
def test_rule_1_never_already_from_a_404(face, quirky, api, target):
    """A 404 proves nothing, and section 8: never `already` from a 404. (On the published API nothing is started after
    one: without a reading there is nobody to start it for.)"""
    quirky.play(reply(404, {}))
    with pytest.raises(gcrec.NotFoundError):
        client_of(face, quirky, api).ensure(CALL, target)
    assert [request.method for request in quirky.requests] == ["GET"]


def test_rule_1_a_404_after_a_200_asks_the_active_calls(face, quirky):
    """A 404 after a 200 within one ensure asks the active calls: absent there, the call ended."""
    quirky.play(reply(200, items("recording")), reply(202, {}), reply(404, {}), reply(200, {"items": []}))
    proof = client_of(face, quirky, "events").ensure(CALL, "stopped")
    assert proof.state == "stopped"
    assert quirky.paths[-1].startswith("/api/v2/communications")


def test_rule_1_a_404_after_a_200_of_a_call_that_is_active_is_an_error(face, quirky):
    """... else NotFoundError."""
    quirky.play(reply(200, items("recording")), reply(202, {}), reply(404, {}), reply(200, LISTED))
    with pytest.raises(gcrec.NotFoundError):
        client_of(face, quirky, "events").ensure(CALL, "stopped")


# -- the published API -----------------------------------------------------------------------------------------------

PLAIN = leg("active", securePause=False)
PAUSED = leg("paused", securePause=True)
QUIET = leg(securePause=False)
ADHOC = {"adhocState": "ACTIVE"}


@pytest.mark.parametrize("gone", ["disconnected", "terminated", "DISCONNECTED"])
def test_rule_1_1_no_live_leg_is_an_ended_call(face, quirky, gone):
    """No live leg -> `active=False`, stopped."""
    ended = {**PLAIN, "state": gone, "recordersState": ADHOC}
    seen = verdict(face, quirky, "platform", conversation(ended, recordingState="ACTIVE"))
    assert (seen.active, seen.state) == (False, "stopped")


@pytest.mark.parametrize(
    "said",
    [
        conversation(leg("paused", {"adhocState": "PAUSED", "snippetState": "ACTIVE"}, securePause=True)),
        conversation(leg("paused", {"customerExperienceState": "PAUSED", "adhocState": "active"}, securePause=True)),
        conversation(leg("none", {"snippetState": "ACTIVE"}, securePause=False)),
        conversation(leg("paused", ADHOC, securePause=True), securePause=True),
        conversation(PAUSED, PLAIN, securePause=True),
        conversation(leg("active")),
        conversation(leg("ACTIVE")),
        conversation(leg("beyond"), PLAIN),
    ],
    ids=[
        "two recorders, one paused",
        "an ad-hoc one beside a policy's, lower case",
        "a snippet alone",
        "whatever securePause says",
        "one leg of two",
        "no securePause",
        "upper case",
        "before an unknown word",
    ],
)
def test_rule_1_2_any_active_recorder_is_recording(face, quirky, said):
    """Any recorder in `recordersState` ACTIVE, whatever `securePause` says; or a leg with recording on, recordingState
    active and its own `securePause` not true -> recording. (Two recorders, one paused, is recording.)"""
    seen = verdict(face, quirky, "platform", said)
    assert (seen.active, seen.state) == (True, "recording")


@pytest.mark.parametrize(
    "said",
    [
        conversation(leg("beyond", securePause=True), securePause=True),
        conversation(QUIET, recordingState="BEYOND"),
        conversation(leg("paused", {"adhocState": "BEYOND"}, securePause=True)),
        conversation({"state": "connected", "recordingState": None}),
        conversation(leg("paused", {"snippetState": None}, securePause=True)),
    ],
    ids=["a leg's", "the conversation's", "a recorder's", "a leg's null", "a recorder's null"],
)
def test_rule_1_3_a_word_that_we_do_not_know_is_unknown(face, quirky, said):
    """Any state word that we do not know -> unknown."""
    assert verdict(face, quirky, "platform", said).state == "unknown"


@pytest.mark.parametrize(
    ("said", "state"),
    [
        (conversation(leg("paused"), securePause=True), "paused"),
        (conversation(QUIET, PAUSED, PAUSED), "paused"),
        (conversation(QUIET, QUIET), "stopped"),
    ],
    ids=["on the conversation", "on every recorded leg", "at least one"],
)
def test_rule_1_4_a_secure_pause_is_paused(face, quirky, said, state):
    """`securePause` true on the conversation, or on every recorded leg, at least one -> paused."""
    assert verdict(face, quirky, "platform", said).state == state


@pytest.mark.parametrize(
    "said",
    [
        conversation(leg("paused", securePause=False, held=True), securePause=False),
        conversation(leg("paused", securePause=False)),
        conversation(leg("paused", held=True)),
    ],
    ids=["securePause false, on hold", "securePause false", "that leg on hold"],
)
def test_rule_1_5_paused_without_a_secure_pause_is_held(face, quirky, said):
    """recordingState paused, and (`securePause` false, or that leg on hold) -> held."""
    assert verdict(face, quirky, "platform", said).state == "held"


def test_rule_1_6_paused_where_securepause_is_absent_is_paused(face, quirky):
    """recordingState paused, `securePause` absent everywhere, nobody on hold -> paused."""
    assert verdict(face, quirky, "platform", conversation(leg(), leg("paused", held=False))).state == "paused"


@pytest.mark.parametrize("said", [conversation(QUIET, recordingState="NONE"), conversation(leg())])
def test_rule_1_7_else_it_is_stopped(face, quirky, said):
    """Else stopped."""
    seen = verdict(face, quirky, "platform", said)
    assert (seen.active, seen.state) == (True, "stopped")


@pytest.mark.parametrize(
    ("said", "basis"),
    [
        (conversation(PLAIN), "securePause"),
        (conversation(leg("active"), securePause=False), "securePause"),
        (conversation(leg("active")), "recordingState"),
    ],
)
def test_rule_1_the_basis_is_the_field_that_was_there(face, quirky, said, basis):
    """`basis` is `"securePause"` where that field was present, else `"recordingState"`."""
    assert verdict(face, quirky, "platform", said).basis == basis


@pytest.mark.parametrize(
    "wrong",
    [{"securePause": "false"}, {"recording": "true"}, {"recordingState": 1}, {"held": 0}, {"recordersState": "ACTIVE"}],
    ids=str,
)
def test_rule_1_a_wrong_type_is_no_verdict(face, quirky, wrong):
    """Strict in types: `"false"` is no boolean. What cannot be read proves nothing."""
    quirky.play(reply(200, conversation({**PLAIN, **wrong})))
    with pytest.raises(gcrec.DecodeError) as raised:
        client_of(face, quirky, "platform").status(CALL)
    assert raised.value.status_code == 200


@pytest.mark.parametrize("suppress_hold", [True, False])
def test_rule_1_a_hold_shows_as_what_it_does_to_the_recording(staged, suppress_hold):
    """`held`: recording is suppressed because the call is on hold, and continues when the hold ends."""
    stage = staged(suppress_hold=suppress_hold)
    stage.sim.hold(stage.call)
    assert stage.client.status(stage.call).state == ("held" if suppress_hold else "recording")
    stage.sim.hold(stage.call, False)
    assert stage.client.status(stage.call).state == "recording"


def test_rule_1_a_verdict_says_when_it_was_observed(staged):
    """`observed_at` (aware UTC)."""
    stage = staged()
    stage.sim.advance(30)
    assert stage.client.status(stage.call).observed_at == datetime(2026, 1, 1, 0, 0, 30, tzinfo=timezone.utc)
