"""A server that misbehaves, on the published API: what held for the tutorial's functions holds for pause and resume.

What counts is the number of requests that the server saw, not what the client believes.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import unquote

import pytest
from answers import CLOSE, NEVER, RESET, chunked, cut, gzipped, raw, reply
from faces import CONVERSATION, TOKEN
from quirky import Behaviour, Quirky
from test_ids import CARRIED, REFUSED
from test_retry_rule import NOW, UNKNOWN

import gcrec

WORDS = {"pause": "PAUSED", "resume": "ACTIVE"}
COMMANDS = tuple(WORDS)
ACCEPTED = reply(202, b"", media=None)
ERROR = {"message": "no", "code": "bad.request", "status": 400, "contextId": "c-1", "details": [], "errors": []}


class Hand:
    """A client of either face that gives one command to the quirky server."""

    def __init__(self, face: str) -> None:
        self.face = face

    def press(self, command: str, base_url: str, conversation_id: Any = CONVERSATION, **options: Any) -> Any:
        options = {"access_token": TOKEN, "api": "platform", **options}
        if self.face == "sync":
            with gcrec.Client(base_url, **options) as client:
                return getattr(client, command)(conversation_id)

        async def pressed() -> Any:
            async with gcrec.AsyncClient(base_url, **options) as client:
                return await getattr(client, command)(conversation_id)

        return asyncio.run(pressed())


@pytest.fixture(params=["sync", "asyncio"])
def hand(request: pytest.FixtureRequest) -> Hand:
    """The test runs once with ``Client``, once with ``AsyncClient``."""
    return Hand(request.param)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    "answer",
    [
        ACCEPTED,
        reply(202, {}),
        reply(200, {}),
        reply(204, b"", media=None),
        reply(202, b"accepted", media="text/plain"),
    ],
    ids=["202, no body", "202, {}", "200, {}", "204", "202, words"],
)
def test_an_accepted_command(hand: Hand, quirky: Quirky, command: str, answer: Behaviour) -> None:
    """The documented 202 has no body; whatever else a 2xx says, the command was taken."""
    quirky.play(answer)
    receipt = hand.press(command, quirky.url)
    assert receipt.action == command
    assert receipt.attempts == 1
    (seen,) = quirky.requests
    assert (seen.method, seen.target.decode()) == ("PATCH", f"/api/v2/conversations/{CONVERSATION}/recordingstate")
    assert json.loads(seen.body) == {"recordingState": WORDS[command]}
    assert seen.header("Authorization") == f"Bearer {TOKEN}"
    assert seen.header("Content-Type") == "application/json"


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(("behaviour", "kind"), UNKNOWN.values(), ids=UNKNOWN.keys())
def test_a_command_of_unknown_fate_is_sent_once(
    hand: Hand, quirky: Quirky, command: str, behaviour: Behaviour, kind: type[gcrec.GcrecError]
) -> None:
    """The official SDK sends a dropped PATCH eleven times."""
    quirky.play(behaviour, ACCEPTED)
    with pytest.raises(kind) as caught:
        hand.press(command, quirky.url, max_retries=3)
    error: Any = caught.value
    assert len(quirky.requests) == 1
    assert error.maybe_sent is True
    assert error.attempts == 1


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    "behaviour",
    [cut(202, {"a": "long enough"}), chunked(202, {"a": "b"}, finish=False), gzipped(202, {"a": "b" * 90}, cut=9)],
    ids=["cut", "no last chunk", "gzip cut"],
)
def test_a_truncated_answer_is_no_receipt(hand: Hand, quirky: Quirky, command: str, behaviour: Behaviour) -> None:
    """The server took the command, and yet nobody can vouch for the answer."""
    quirky.play(behaviour)
    with pytest.raises((gcrec.TransportError, gcrec.DecodeError)) as caught:
        hand.press(command, quirky.url)
    assert caught.value.maybe_sent is True
    assert len(quirky.requests) == 1


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_without_answer_is_sent_once(hand: Hand, quirky: Quirky, command: str) -> None:
    """Impatience is no reason to press the button again."""
    quirky.play(NEVER)
    with pytest.raises(gcrec.RequestTimeoutError) as caught:
        hand.press(command, quirky.url, timeout=0.3)
    assert caught.value.maybe_sent is True
    assert len(quirky.requests) == 1


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_asks_for_patience_is_obeyed(hand: Hand, quirky: Quirky, command: str, status: int) -> None:
    """Both say that the server did not act, so even a command is repeated."""
    busy = reply(status, {"message": "later"}, NOW)
    quirky.play(busy, busy, busy, ACCEPTED)
    assert hand.press(command, quirky.url).attempts == 4
    quirky.play(busy)
    with pytest.raises(gcrec.ApiError) as caught:
        hand.press(command, quirky.url, max_retries=1)
    assert caught.value.attempts == len(quirky.requests) == 2
    assert caught.value.maybe_sent is False


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, gcrec.BadRequestError),
        (401, gcrec.AuthenticationError),
        (403, gcrec.PermissionDeniedError),
        (404, gcrec.NotFoundError),
        (405, gcrec.ApiError),
        (409, gcrec.RecordingConflictError),
        (302, gcrec.ApiError),
    ],
)
def test_a_refusal_is_final(
    hand: Hand, quirky: Quirky, bystander: Quirky, command: str, status: int, kind: type[gcrec.ApiError]
) -> None:
    """One request, the server's own words, and no credential anywhere else."""
    elsewhere = [("Location", f"{bystander.url}/elsewhere")] if status == 302 else []
    quirky.play(reply(status, {**ERROR, "status": status}, [*elsewhere, ("ININ-Correlation-Id", "corr-7")]), ACCEPTED)
    with pytest.raises(kind) as caught:
        hand.press(command, quirky.url)
    error = caught.value
    assert (error.status_code, error.code, error.correlation_id) == (status, "bad.request", "corr-7")
    assert error.maybe_sent is False
    assert len(quirky.requests) == 1
    assert bystander.requests == []
    assert TOKEN not in f"{error!r} {error}"


@pytest.mark.parametrize("death", [RESET, CLOSE], ids=["reset", "close"])
def test_a_kept_connection_that_dies_under_a_pause(hand: Hand, quirky: Quirky, death: Behaviour) -> None:
    """HTTP libraries like to repeat on a stale connection."""
    quirky.play(ACCEPTED, death, ACCEPTED)

    def both(client: Any) -> Any:
        return client.pause(CONVERSATION), client.resume(CONVERSATION)

    async def both_async() -> None:
        async with gcrec.AsyncClient(quirky.url, access_token=TOKEN, api="platform") as client:
            for command in both(client):
                await command

    with pytest.raises(gcrec.TransportError) as caught:
        if hand.face == "sync":
            with gcrec.Client(quirky.url, access_token=TOKEN, api="platform") as client:
                both(client)
        else:
            asyncio.run(both_async())
    assert caught.value.maybe_sent is True
    assert len(quirky.requests) == 2


@pytest.mark.parametrize("conversation_id", CARRIED, ids=lambda text: ascii(text[:20]))
def test_any_id_is_one_segment(hand: Hand, quirky: Quirky, conversation_id: str) -> None:
    """Nothing in an id may name another path of the API."""
    quirky.play(ACCEPTED)
    hand.press("pause", quirky.url, conversation_id)
    head, segment, tail = quirky.paths[0].rsplit("/", 2)
    assert (head, tail) == ("/api/v2/conversations", "recordingstate")
    assert unquote(segment) == conversation_id


@pytest.mark.parametrize("conversation_id", REFUSED, ids=ascii)
def test_a_hostile_id_is_refused_before_any_request(hand: Hand, quirky: Quirky, conversation_id: Any) -> None:
    """Bad input ends before the network."""
    quirky.play(raw(b"", "close"))
    with pytest.raises((TypeError, ValueError)):
        hand.press("pause", quirky.url, conversation_id)
    assert quirky.requests == []
