"""The evidence afterwards: recordings with their pauses, their transcoding and their formats, and the metadata."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Callable

import pytest
from official import Official
from words import set_recording_state

if TYPE_CHECKING:
    from types import ModuleType

    from gcrec.testing import Simulator

FORMATS = ("WAV", "WEBM", "WAV_ULAW", "OGG_VORBIS", "OGG_OPUS", "MP3")


@pytest.fixture
def sim(organisation: Callable[..., Simulator]) -> Simulator:
    """A simulator whose time the test moves."""
    return organisation(clock="manual")


@pytest.fixture
def ended(sdk: ModuleType, sim: Simulator, api: Official) -> str:
    """A call of a minute that was recorded, with a pause of ten seconds half a minute into it."""
    call = sim.add_call(state="recording")
    for seconds, state in ((30, "PAUSED"), (10, "ACTIVE")):
        sim.advance(seconds)
        api.conversations.patch_conversation_recordingstate(call, set_recording_state(sdk, state))
    sim.advance(20)
    sim.end_call(call)
    return call


def moment(text: str) -> datetime:
    """A recording's times are declared as strings."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def test_a_recording_tells_its_pause(ended: str, api: Official) -> None:
    [recording] = api.recording.get_conversation_recordings(ended)
    assert (recording.conversation_id, recording.file_state, recording.media) == (ended, "AVAILABLE", "audio")
    assert recording.id and recording.session_id and recording.media_subtype
    assert moment(recording.end_time) - moment(recording.start_time) == timedelta(seconds=60)
    [pause] = recording.annotations
    assert (pause.reason, pause.location, pause.duration_ms) == ("SecurePause", 30_000, 10_000)


def test_all_pauses_of_a_recording_share_one_id(sdk: ModuleType, sim: Simulator, api: Official) -> None:
    call = sim.add_call(state="recording")
    for seconds, state in ((5, "PAUSED"), (7, "ACTIVE"), (11, "PAUSED"), (3, "ACTIVE")):
        sim.advance(seconds)
        api.conversations.patch_conversation_recordingstate(call, set_recording_state(sdk, state))
    sim.end_call(call)
    [recording] = api.recording.get_conversation_recordings(call)
    assert [pause.duration_ms for pause in recording.annotations] == [7_000, 3_000]
    assert len({pause.id for pause in recording.annotations}) == 1


def test_a_hold_is_annotated_as_one(sim: Simulator, api: Official) -> None:
    call = sim.add_call(state="recording")
    for seconds, on in ((5, True), (7, False), (11, True), (3, False)):
        sim.advance(seconds)
        sim.hold(call, on)
    sim.end_call(call)
    [recording] = api.recording.get_conversation_recordings(call)
    assert [(one.reason, one.duration_ms) for one in recording.annotations] == [("Hold", 7_000), ("Hold", 3_000)]


def test_media_are_a_map_of_results(ended: str, api: Official) -> None:
    [recording] = api.recording.get_conversation_recordings(ended, format_id="WEBM")
    assert recording.media_uris
    for result in recording.media_uris.values():
        assert result.media_uri.startswith("http")


@pytest.mark.parametrize("format_id", FORMATS)
def test_every_format_of_the_sdk(ended: str, api: Official, format_id: str) -> None:
    [recording] = api.recording.get_conversation_recordings(ended, format_id=format_id, max_wait_ms=5000)
    assert recording.media_uris


def test_without_media(ended: str, api: Official) -> None:
    [recording] = api.recording.get_conversation_recordings(ended, format_id="NONE")
    assert recording.media_uris is None
    assert recording.annotations[0].reason == "SecurePause"


@pytest.mark.parametrize("wrong", [{"format_id": "CASSETTE"}, {"max_wait_ms": "soon"}])
def test_what_is_no_format_and_no_wait(ended: str, api: Official, wrong: dict[str, Any]) -> None:
    assert api.refused(api.recording.get_conversation_recordings, ended, **wrong).status == 400


def test_transcoding_takes_its_time(sdk: ModuleType, organisation: Callable[..., Simulator]) -> None:
    sim = organisation(clock="manual", transcoding=30.0)
    api = Official(sdk, sim.base_url).login(sim)
    call = sim.add_call(state="recording")
    sim.advance(60)
    sim.end_call(call)
    assert api.recording.get_conversation_recordings(call, max_wait_ms=0) == []
    assert api.log[-1] == (202, None)
    sim.advance(31)
    [recording] = api.recording.get_conversation_recordings(call, max_wait_ms=0)
    assert recording.media_uris


def test_a_live_call_has_no_recording_yet(sim: Simulator, api: Official) -> None:
    assert api.recording.get_conversation_recordings(sim.add_call(state="recording")) == []


def test_a_call_that_ended_before_the_simulator_began_has_one(sdk: ModuleType, sim: Simulator, api: Official) -> None:
    from words import active_voice

    now = api.conversations.get_conversation(sim.calls[0]).start_time
    day = "/".join(f"{(now + timedelta(days=days)):%Y-%m-%dT%H:%M:%SZ}" for days in (-1, 1))
    query = active_voice(sdk, day, ended=True)
    found = api.conversations.post_analytics_conversations_details_query(query).conversations
    [one] = [each for each in found if each.conversation_id not in sim.calls]
    [recording] = api.recording.get_conversation_recordings(one.conversation_id)
    assert [(pause.reason, pause.duration_ms) for pause in recording.annotations] == [("SecurePause", 60_000)]


def test_metadata_has_no_media_and_no_pauses(ended: str, api: Official) -> None:
    [metadata] = api.recording.get_conversation_recordingmetadata(ended)
    assert (metadata.conversation_id, metadata.file_state) == (ended, "AVAILABLE")
    assert not metadata.annotations
    one = api.recording.get_conversation_recordingmetadata_recording_id(ended, metadata.id)
    assert (one.id, one.start_time) == (metadata.id, metadata.start_time)
    assert api.recording.get_conversation_recording(ended, metadata.id).id == metadata.id


def test_what_is_not_there(ended: str, api: Official) -> None:
    recording = api.recording
    unknown = "00000000-0000-4000-8000-000000000000"
    assert api.refused(recording.get_conversation_recordings, unknown).status == 404
    assert api.refused(recording.get_conversation_recordingmetadata, unknown).status == 404
    assert api.refused(recording.get_conversation_recordingmetadata_recording_id, ended, unknown).status == 404
