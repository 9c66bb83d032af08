"""recordings and pauses: the evidence, after the fact."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from answers import reply
from both import Both
from cli_support import gcrec as shell
from quirky import Quirky

import gcrec
from gcrec.testing import PERMISSIONS, Simulator

RECORDINGS = "/api/v2/conversations/c/recordings"
SECOND = timedelta(seconds=1)


@pytest.fixture(params=["sync", "asyncio"])
def both(request: pytest.FixtureRequest) -> Both:
    return Both(request.param)


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with Simulator(calls=1, clock="manual", propagation=0.0) as sim:
        yield sim


def paused_twice_and_held(sim: Simulator) -> str:
    """A call with two pauses of 20 and 5 seconds and a hold of 10, from its 10th, 40th and 60th second on."""
    call = sim.add_call(state="recording")
    for action, seconds in [("pause", 10), ("resume", 20), ("pause", 10), ("resume", 5)]:
        sim.advance(seconds)
        sim.by_hand(call, action)  # type: ignore[arg-type]
    sim.advance(15)
    sim.hold(call)
    sim.advance(10)
    sim.hold(call, on=False)
    sim.advance(30)
    sim.end_call(call)
    return call


def kept(sim: Simulator, call: str) -> dict[str, Any]:
    """The one recording of a call, as any client gets it."""
    with sim.client(api="platform") as client:
        (recording,) = client.recordings(call)
    return recording.to_dict()


# -- what a call leaves behind -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("context", ["client", "user"])
def test_the_recording_of_a_call_is_there_once_it_is_over(both: Both, sim: Simulator, context: str) -> None:
    call = sim.add_call(state="recording")
    token = {"access_token": sim.user_token(sim.users[0])} if context == "user" else {}
    client = both.client(sim, **token)
    assert both.call(client, "recordings", call) == []
    sim.advance(60)
    sim.end_call(call)
    (recording,) = both.call(client, "recordings", call)
    assert (recording.conversation_id, recording.media, recording.media_subtype) == (call, "audio", "Trunk")
    assert (recording.file_state, recording.recording_file_role) == ("AVAILABLE", "ADHOC")
    assert recording.end_time - recording.start_time == 60 * SECOND
    assert recording.start_time.tzinfo is timezone.utc
    assert (recording.media_uris, recording.output_duration_ms, recording.annotations) == ({}, None, ())
    assert recording.raw["id"] == recording.id
    assert sim.requests[-1].path.endswith("/recordings?maxWaitMs=5000&formatId=NONE")


def test_the_pauses_of_a_call_have_start_end_and_reason(both: Both, sim: Simulator) -> None:
    call = paused_twice_and_held(sim)
    start = datetime.fromisoformat(kept(sim, call)["start_time"].isoformat())
    pauses = both.call(both.client(sim), "pauses", call)
    told = [((pause.start - start) / SECOND, pause.duration, pause.reason) for pause in pauses]
    assert told == [(10, 20, "SecurePause"), (40, 5, "SecurePause"), (60, 10, "Hold")]
    for pause in pauses:
        assert (pause.end - pause.start) / SECOND == pause.duration
        assert (pause.conversation_id, pause.recording_id) == (call, kept(sim, call)["id"])
        assert pause.basis in ("location", "realtimeLocation")


@pytest.mark.filterwarnings("ignore:this pause block has no journal:UserWarning")
def test_what_a_pause_block_did_is_in_the_evidence(both: Both, sim: Simulator) -> None:
    call = sim.add_call(state="recording")
    with sim.client(api="platform", settle=1.0) as client:
        with client.paused(call):
            sim.advance(30)
        sim.end_call(call)
    (pause,) = both.call(both.client(sim), "pauses", call)
    assert (pause.reason, 30 <= pause.duration <= 32) == ("SecurePause", True)


def test_an_unknown_conversation_is_not_found(both: Both, sim: Simulator) -> None:
    for name in ("recordings", "pauses"):
        with pytest.raises(gcrec.NotFoundError, match=r"conversation\.not\.found"):
            both.call(both.client(sim), name, "nobody")
        with pytest.raises(gcrec.InvalidIdError):
            both.call(both.client(sim), name, "..")


def test_a_403_names_all_permissions_that_would_do(both: Both) -> None:
    lacking = [one for one in PERMISSIONS if not one.startswith("recording:")]
    with Simulator(calls=1, permissions=lacking) as sim, pytest.raises(gcrec.PermissionDeniedError) as caught:
        both.call(both.client(sim), "recordings", sim.calls[0])
    assert all(f"recording:{what}:view" in caught.value.hint for what in ("recording", "screenRecording"))


def test_on_the_tutorials_wire_recordings_are_its_items_and_there_are_no_pauses(both: Both, sim: Simulator) -> None:
    client = both.client(sim, api="events")
    call = sim.add_call(state="recording")
    with pytest.raises(gcrec.InvalidActionError, match="knows nothing of pauses"):
        both.call(client, "pauses", call)
    assert sim.requests == []
    (recording,) = both.call(client, "recordings", call)
    assert (recording.conversation_id, recording.raw["status"], recording.media) == (call, "recording", None)
    with pytest.raises(gcrec.NotFoundError):
        both.call(client, "recordings", "nobody")


def test_media_are_asked_for_by_their_form_and_transcoding_is_awaited(both: Both) -> None:
    with Simulator(calls=1, clock="manual", propagation=0.0, transcoding=12.0) as sim:
        (call,) = sim.calls
        sim.by_hand(call, "start")
        sim.advance(60)
        sim.end_call(call)
        client = both.client(sim)
        (bare,) = both.call(client, "recordings", call)
        assert bare.media_uris == {}
        (recording,) = both.call(client, "recordings", call, media="MP3")
        assert (list(recording.media_uris), recording.output_duration_ms) == (["S"], 60_000)
        answers = [request.status_code for request in sim.requests if "formatId=MP3" in request.path]
        assert answers == [202, 202, 200]
        assert recording.media_uris["S"] not in repr(recording)


def test_media_that_cannot_be_are_refused_before_any_request(both: Both, sim: Simulator) -> None:
    for options, media in (({}, "mp3"), ({}, "NONE"), ({"api": "events"}, "WAV")):
        with pytest.raises(gcrec.ConfigError, match="media"):
            both.call(both.client(sim, **options), "recordings", sim.calls[0], media=media)
    assert sim.requests == []


# -- what a server may say ---------------------------------------------------------------------------------------------


def test_what_is_being_transcoded_is_awaited(both: Both, quirky: Quirky) -> None:
    quirky.play(reply(202, b""), reply(202, {"message": "transcoding"}), reply(200, [{"id": "r"}]))
    (recording,) = both.call(both.client_at(quirky.url), "recordings", "c")
    assert (recording.id, recording.conversation_id, recording.start_time) == ("r", "c", None)
    assert len(quirky.paths) == 3


def test_what_is_transcoded_for_ever_is_an_error_in_time(both: Both, quirky: Quirky) -> None:
    quirky.play(reply(202, b""))
    with pytest.raises(gcrec.RequestTimeoutError, match="still transcoding") as caught:
        both.call(both.client_at(quirky.url, timeout=1.2), "recordings", "c")
    assert (caught.value.retryable, caught.value.attempts, caught.value.path) == (True, 2, RECORDINGS)
    # The server may wait itself, but not for so long that its answer would come too late.
    assert 1 <= int(quirky.paths[0].partition("maxWaitMs=")[2].partition("&")[0]) <= 200


ANNOTATED = {"id": "r", "startTime": "2026-01-01T10:00:00.5+01:00"}


def test_real_time_goes_before_a_location(both: Both, quirky: Quirky) -> None:
    notes = [
        {"type": "pause", "reason": "SecurePause", "location": 5000, "realtimeLocation": 9000, "durationMs": 1500},
        {"type": "Bookmark", "location": 1, "description": "the caller's card number is 4111"},
        {"type": "hold", "location": 2000},
        {"reason": "A Word Never Seen", "location": 3000, "durationMs": 250},
        {"reason": "SecurePause"},
    ]
    quirky.play(reply(200, [{**ANNOTATED, "annotations": notes, "fileState": "A NEW WORD"}]))
    client = both.client_at(quirky.url)
    start = datetime(2026, 1, 1, 9, 0, 0, 500_000, tzinfo=timezone.utc)
    told = [
        (pause.reason, pause.start, pause.end, pause.duration, pause.basis)
        for pause in both.call(client, "pauses", "c")
    ]
    assert told == [
        ("hold", start + 2 * SECOND, None, None, "location"),
        ("A Word Never Seen", start + 3 * SECOND, start + 3.25 * SECOND, 0.25, "location"),
        ("SecurePause", start + 9 * SECOND, start + 10.5 * SECOND, 1.5, "realtimeLocation"),
        ("SecurePause", None, None, None, None),
    ]
    (recording,) = both.call(client, "recordings", "c")
    assert (recording.file_state, [note.type for note in recording.annotations][:2]) == (
        "A NEW WORD",
        ["pause", "Bookmark"],
    )
    assert "4111" not in repr(recording)


@pytest.mark.parametrize(
    ("answer", "field"),
    [
        ({}, "the body is JSON, but not a list"),
        (b"", "the body is empty"),
        (b"[", "the body"),
        ([5], r"\[0\] is not an object"),
        ([{}], r"\[0\]\.id is missing"),
        ([{"id": "r"}, {"id": 5}], r"\[1\]\.id is not a string"),
        ([{"id": "r", "startTime": "yesterday"}], r"\[0\]\.startTime is no time"),
        ([{"id": "r", "outputDurationMs": "5"}], r"\[0\]\.outputDurationMs is not a whole number"),
        ([{"id": "r", "mediaUris": []}], r"\[0\]\.mediaUris is not an object"),
        ([{"id": "r", "annotations": {}}], r"\[0\]\.annotations is neither"),
        ([{"id": "r", "annotations": [{"durationMs": "5"}]}], r"\[0\]\.annotations\[0\]\.durationMs"),
        ([{"id": "r", "annotations": [{}, None]}], r"\[0\]\.annotations\[1\] is not an object"),
        ([{"id": "r", "annotations": [{"durationMs": 2**62}]}], r"\[0\]\.annotations\[0\]\.durationMs is no length"),
        ([{"id": "r", "annotations": [{"location": -1}]}], r"\[0\]\.annotations\[0\]\.location is no length"),
        ([{"id": "r", "conversationId": "d"}], r"\[0\]\.conversationId is that of another"),
    ],
    ids=repr,
)
def test_wrong_types_name_the_field(both: Both, quirky: Quirky, answer: Any, field: str) -> None:
    quirky.play(reply(200, answer))
    for name in ("recordings", "pauses"):
        with pytest.raises(gcrec.DecodeError, match=field):
            both.call(both.client_at(quirky.url), name, "c")


def test_what_is_null_is_not_said(both: Both, quirky: Quirky) -> None:
    names = ("startTime", "endTime", "media", "fileState", "mediaUris", "annotations", "outputDurationMs", "sessionId")
    quirky.play(reply(200, [{"id": "r", **dict.fromkeys(names)}]))
    (recording,) = both.call(both.client_at(quirky.url), "recordings", "c")
    assert (recording.start_time, recording.media_uris, recording.annotations) == (None, {}, ())


# -- the values --------------------------------------------------------------------------------------------------------


def test_the_values_are_frozen_comparable_and_picklable(both: Both, sim: Simulator) -> None:
    call = paused_twice_and_held(sim)
    client = both.client(sim)
    recordings, again = both.call(client, "recordings", call), both.call(client, "recordings", call)
    pauses = both.call(client, "pauses", call)
    assert pauses == both.call(client, "pauses", call)
    # A hold has another id each time that it is asked for: so it is documented.
    assert recordings[0].annotations[0] == again[0].annotations[0]
    for value in (recordings[0], *recordings[0].annotations, *pauses):
        copy = pickle.loads(pickle.dumps(value))
        assert (copy, hash(copy), copy.to_dict()) == (value, hash(value), value.to_dict())
        with pytest.raises(AttributeError):
            value.id = "other"
    assert "reason='SecurePause'" in repr(pauses[0])
    assert recordings[0].to_dict()["annotations"] != ()


def test_an_address_that_opens_a_recording_is_not_shown(both: Both, quirky: Quirky) -> None:
    secret = "https://media.example/r?signature=s3cr3t"
    quirky.play(reply(200, [{"id": "r", "mediaUris": {"S": {"mediaUri": secret}, "odd": 5}}]))
    (recording,) = both.call(both.client_at(quirky.url), "recordings", "c")
    assert recording.media_uris == {"S": secret}
    assert "s3cr3t" not in repr(recording)


# -- from a shell ------------------------------------------------------------------------------------------------------


def test_recordings_and_pauses_have_four_forms(sim: Simulator) -> None:
    call = paused_twice_and_held(sim)
    env = sim.env("platform")
    for name, known in (("recordings", [kept(sim, call)]), ("pauses", None)):
        listed = json.loads(shell(name, call, "--json", env=env).stdout)
        lines = [json.loads(line) for line in shell(name, call, "--jsonl", env=env).stdout.splitlines()]
        assert len(listed) == len(lines)
        if known is not None:
            assert [list(one) for one in listed] == [list(one) for one in known]
        assert len(shell(name, call, "--csv", env=env).stdout.splitlines()) == len(listed) + 1
    table = shell("pauses", call, env=env).stdout.splitlines()
    assert table[0].split() == ["recording_id", "reason", "start", "end", "duration"]
    assert [line.split()[1] for line in table[1:]] == ["SecurePause", "SecurePause", "Hold"]


def test_a_shell_says_what_there_is_not(sim: Simulator) -> None:
    for name, words in (("recordings", "Nothing was recorded"), ("pauses", "No recording")):
        done = shell(name, sim.calls[0], env=sim.env("platform"))
        assert (done.returncode, done.stdout, words in done.stderr) == (0, "", True)
        refused = shell(name, "nobody", "--json", env=sim.env("platform"))
        assert (refused.returncode, json.loads(refused.stdout)["error"]["kind"]) == (1, "not_found")
