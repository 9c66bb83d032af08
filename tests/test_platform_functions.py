"""The tutorial's four functions keep their promise on the published API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from answers import reply
from faces import CONVERSATION, TOKEN
from platform_support import ACCEPTED, RECORDING, STOPPED, party, shown

import gcrec
from gcrec.testing import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from faces import Face
    from quirky import Quirky


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with Simulator(calls=1, propagation=0.0) as simulator:
        yield simulator


def test_the_tutorial_runs(face: Face, sim: Simulator) -> None:
    """All four, one after the other, as the tutorial has them."""
    where = {"api": "platform"}
    token = face.get_access_token(sim.client_id, sim.client_secret, sim.base_url, **where)
    found = face.get_active_voice_call(token, sim.base_url, **where)
    assert found["id"] == sim.calls[0]
    assert "participants" in found, "the server's own words"
    for action, state, status in (("start", "recording", "recording"), ("stop", "stopped", "ended")):
        assert face.control_recording(token, sim.base_url, found["id"], action, **where) == {}
        assert sim.state(found["id"]) == state
        shown = face.check_recording_status(token, sim.base_url, found["id"], **where)
        assert (shown["status"], shown["conversationId"], shown["active"]) == (status, found["id"], True)
        assert isinstance(shown["id"], str)
    tutorials = ("/api/v2/communications", "/api/v2/recordings/")
    assert not any(seen.path.startswith(tutorials) for seen in sim.requests)


def test_a_users_token_finds_the_users_call(face: Face, sim: Simulator) -> None:
    """And nobody else's."""
    own, other = sim.users[1], sim.users[2]
    sim.end_call(sim.calls[0])
    there = sim.add_call(user=own)
    call = face.get_active_voice_call(sim.user_token(own), sim.base_url, api="platform")
    assert call["id"] == there
    assert face.get_active_voice_call(sim.user_token(other), sim.base_url, api="platform") is None


def test_no_call_is_none(face: Face, sim: Simulator) -> None:
    """The one that ended an hour ago is not active."""
    sim.end_call(sim.calls[0])
    token = face.get_access_token(sim.client_id, sim.client_secret, sim.base_url, api="platform")
    assert face.get_active_voice_call(token, sim.base_url, api="platform") is None


def status(face: Face, quirky: Quirky) -> Any:
    return face.check_recording_status(TOKEN, quirky.url, CONVERSATION, api="platform")


@pytest.mark.parametrize(
    ("leg", "word", "active"),
    [
        (RECORDING, "recording", True),
        ({"recording": True, "recordingState": "paused", "securePause": True}, "paused", True),
        ({"recording": True, "recordingState": "paused", "securePause": False, "held": True}, "held", True),
        (STOPPED, "ended", True),
        ({**RECORDING, "state": "disconnected"}, "ended", False),
        ({"recordingState": "beyond"}, "unknown", True),
    ],
    ids=["recording", "paused", "held", "stopped", "over", "unknown"],
)
def test_the_words_of_a_status(face: Face, quirky: Quirky, leg: Any, word: str, active: bool) -> None:
    """The verdict, in the tutorial's words."""
    quirky.play(shown(party("ivr", state="terminated"), party("agent", **leg, recordingId="rec-1")))
    told = status(face, quirky)
    assert (told["id"], told["conversationId"], told["status"]) == ("rec-1", CONVERSATION, word)
    assert (told["active"], told["basis"]) == (
        active,
        "securePause" if active and "securePause" in leg else "recordingState",
    )
    quirky.play(shown(party("agent", **leg)))
    assert status(face, quirky)["id"] == CONVERSATION, "no recording is named"


def test_a_404_is_none_and_all_else_is_raised(face: Face, quirky: Quirky) -> None:
    """As on the tutorial's wire."""
    quirky.play(reply(404, {"code": "conversation.not.found"}))
    assert status(face, quirky) is None
    for answer, error in ((reply(403, {}), gcrec.PermissionDeniedError), (reply(200, {}), gcrec.DecodeError)):
        quirky.play(answer)
        with pytest.raises(error):
            status(face, quirky)


@pytest.mark.parametrize("action", ["start", "stop"])
def test_a_command_has_its_participant(face: Face, quirky: Quirky, action: str) -> None:
    """One read, one command: what was read says whose."""
    quirky.play(shown(), ACCEPTED)
    assert face.control_recording(TOKEN, quirky.url, CONVERSATION, action, api="platform") == {}
    assert [seen.method for seen in quirky.requests] == ["GET", "PATCH"]
    assert quirky.paths[1].endswith(f"/calls/{CONVERSATION}/participants/agent")


def test_nobody_there_is_an_error_before_the_command(face: Face, quirky: Quirky) -> None:
    """Never the customer's."""
    quirky.play(shown(party("customer")))
    with pytest.raises(gcrec.ParticipantError):
        face.control_recording(TOKEN, quirky.url, CONVERSATION, "start", api="platform")
    assert len(quirky.requests) == 1


@pytest.mark.parametrize("action", ["pause", "resume"])
def test_the_tutorials_actions_are_two(face: Face, quirky: Quirky, action: Any) -> None:
    """There as here."""
    with pytest.raises(gcrec.InvalidActionError):
        face.control_recording(TOKEN, quirky.url, CONVERSATION, action, api="platform")
    assert quirky.connections == 0
