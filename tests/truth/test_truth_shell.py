"""What a driver does that only knows the shell: ``gcrec sim --json``, its first line, and the SDK as it comes."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Callable

import pytest
from browser import click
from official import Official
from stream import Stream
from words import active_voice, ad_hoc, body, set_recording_state, snippet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

REDIRECT = "http://localhost:8085/callback"


@pytest.fixture(scope="module")
def told() -> Iterator[dict[str, str]]:
    """The simulator as a process, with all its defaults, and what it prints."""
    command = [sys.executable, "-m", "gcrec", "sim", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        told = json.loads(process.stdout.readline())
        assert told.keys() == {"base_url", "client_id", "client_secret"}
        yield told
        process.terminate()
        assert process.stdout.read() == ""


@pytest.fixture
def api(sdk: ModuleType, told: dict[str, str]) -> Official:
    """The SDK with its own patience, logged in."""
    api = Official(sdk, told["base_url"], patient=True)
    api.client.get_client_credentials_token(told["client_id"], told["client_secret"])
    return api


@pytest.fixture
def call(sdk: ModuleType, api: Official) -> str:
    """An active call, found by the search."""
    now = datetime.now(timezone.utc)
    interval = "/".join((now + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ") for hours in (-24, 1))
    found = api.conversations.post_analytics_conversations_details_query(active_voice(sdk, interval))
    assert found.total_hits == 3
    return str(found.conversations[0].conversation_id)


def until(read: Callable[[], Any], wanted: Callable[[Any], bool]) -> Any:
    """Reads again until it is so, as a driver polls; the test's timeout is the end of it."""
    while not wanted(value := read()):
        pass
    return value


def test_start_pause_resume_and_stop_are_seen_in_the_end(sdk: ModuleType, api: Official, call: str) -> None:
    conversations = api.conversations
    [agent] = [one for one in conversations.get_conversation(call).participants if one.purpose == "agent"]

    def read() -> Any:
        return conversations.get_conversation(call)

    conversations.patch_conversations_call_participant(call, agent.id, ad_hoc(sdk, True))
    assert until(read, lambda one: one.recording_state == "ACTIVE").secure_pause is False
    conversations.patch_conversation_recordingstate(call, set_recording_state(sdk, "PAUSED"))
    assert until(read, lambda one: one.recording_state == "PAUSED").secure_pause is True
    conversations.patch_conversation_recordingstate(call, set_recording_state(sdk, "ACTIVE"))
    until(read, lambda one: one.recording_state == "ACTIVE")
    conversations.patch_conversations_call_participant(call, agent.id, ad_hoc(sdk, False))
    until(read, lambda one: one.recording_state == "NONE")


def test_put_and_snippet_answer_at_once(sdk: ModuleType, api: Official, call: str) -> None:
    conversations = api.conversations
    [agent] = [one for one in conversations.get_conversations_call(call).participants if one.purpose == "agent"]
    record = conversations.post_conversations_call_participant_snippet_record
    assert record(call, agent.id, snippet(sdk, True)) == "ACTIVE"
    assert record(call, agent.id, snippet(sdk, False)) == "NONE"
    assert conversations.put_conversations_call_recordingstate(call, set_recording_state(sdk, "PAUSED")) == "NONE"


def test_the_recording_of_an_hour_ago(sdk: ModuleType, api: Official) -> None:
    now = datetime.now(timezone.utc)
    interval = "/".join((now + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ") for hours in (-48, 1))
    query = active_voice(sdk, interval, ended=True)
    [ended] = api.conversations.post_analytics_conversations_details_query(query).conversations
    [recording] = api.recording.get_conversation_recordings(ended.conversation_id)
    assert [one.reason for one in recording.annotations] == ["SecurePause"]


def test_a_person_logs_in_by_the_page_and_sees_their_calls(sdk: ModuleType, told: dict[str, str]) -> None:
    api = Official(sdk, told["base_url"])
    verifier = api.client.generate_pkce_code_verifier(128)
    page = (
        f"{told['base_url']}/oauth/authorize?client_id={told['client_id']}&response_type=code&redirect_uri={REDIRECT}"
        f"&code_challenge={api.client.compute_pkce_code_challenge(verifier)}&code_challenge_method=S256"
    )
    api.client.get_pkce_token(told["client_id"], verifier, click(page, "allow")["code"], REDIRECT)
    me = api.users.get_users_me().id
    for listed in api.conversations.get_conversations_calls().entities:
        assert me in [one.user.id for one in listed.participants if one.user]


def test_a_pause_is_an_event(sdk: ModuleType, api: Official, call: str) -> None:
    conversations = api.conversations
    [agent] = [one for one in conversations.get_conversation(call).participants if one.purpose == "agent"]
    topic = f"v2.users.{agent.user_id}.conversations.calls"
    channel = api.notifications.post_notifications_channels()
    api.notifications.post_notifications_channel_subscriptions(channel.id, [body(sdk, "ChannelTopic", id=topic)])
    with Stream(channel.connect_uri) as stream:
        conversations.patch_conversations_call_participant(call, agent.id, ad_hoc(sdk, True))
        stream.until(topic, lambda event: event["recordingState"] == "active")
        conversations.patch_conversation_recordingstate(call, set_recording_state(sdk, "PAUSED"))
        event = stream.until(topic, lambda event: event["recordingState"] == "paused")
        assert api.event(event, "ConversationCallEventTopicCallConversation").secure_pause is True


def test_an_error_is_the_sdks_own(api: Official) -> None:
    refused = api.refused(api.conversations.get_conversation, "00000000-0000-4000-8000-000000000000")
    assert (refused.status, refused.body.code) == (404, "conversation.not.found")
