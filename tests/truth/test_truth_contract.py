"""The contract the other way: what gcrec sends is what the official SDK sends, and nothing that it does not publish."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Callable

import pytest
from judge import faults
from official import Official, _Text
from published import operation_of, operations
from wiretap import Sent, Wiretap
from words import active_voice, ad_hoc, set_recording_state, snippet

from gcrec import Client

if TYPE_CHECKING:
    from types import ModuleType

    from gcrec.testing import Simulator


def by_gcrec(sim: Simulator, act: Callable[[Client], Any], **options: Any) -> list[Sent]:
    """What gcrec sends on the published API."""
    who = options or {"client_id": sim.client_id, "client_secret": sim.client_secret}
    with Wiretap(sim.base_url) as tap:
        with Client(tap.base_url, api="platform", **who) as client:
            act(client)
        return tap.sent


def by_the_sdk(sdk: ModuleType, sim: Simulator, act: Callable[[Official], Any], token: str | None = None) -> list[Sent]:
    """What the official SDK sends."""
    with Wiretap(sim.base_url) as tap:
        api = Official(sdk, tap.base_url)
        act(api.login(sim) if token is None else api.holding(token))
        return tap.sent


def agent(sim: Simulator, call: str) -> str:
    """The participant of the agent, by gcrec's own word."""
    with sim.client(api="platform") as client:
        [agent] = [one.id for one in client.conversation(call).participants if one.purpose == "agent"]
        return str(agent)


def record(kind: str, on: bool) -> Callable[..., Any]:
    """The SDK's way to start or stop an ad-hoc or a snippet recorder."""
    return lambda api, sdk, call, who: api.conversations.post_conversations_call_participant_snippet_record(
        call, who, snippet(sdk, on, kind)
    )


def participant(on: bool) -> Callable[..., Any]:
    """The SDK's way to start or stop the recording of a participant."""
    return lambda api, sdk, call, who: api.conversations.patch_conversations_call_participant(
        call, who, ad_hoc(sdk, on)
    )


# An operation of gcrec, and the same with the SDK; both are given a call and its agent's participant.
SAME: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "conversation": (
        lambda client, call, who: client.conversation(call),
        lambda api, sdk, call, who: api.conversations.get_conversation(call),
    ),
    "status": (
        lambda client, call, who: client.status(call),
        lambda api, sdk, call, who: api.conversations.get_conversation(call),
    ),
    "pause": (
        lambda client, call, who: client.pause(call),
        lambda api, sdk, call, who: api.conversations.patch_conversation_recordingstate(
            call, set_recording_state(sdk, "PAUSED")
        ),
    ),
    "resume": (
        lambda client, call, who: client.resume(call),
        lambda api, sdk, call, who: api.conversations.patch_conversation_recordingstate(
            call, set_recording_state(sdk, "ACTIVE")
        ),
    ),
    "start": (lambda client, call, who: client.start(call), participant(True)),
    "stop": (lambda client, call, who: client.stop(call), participant(False)),
    "start by name": (lambda client, call, who: client.start(call, participant=who), participant(True)),
    "start ad hoc": (lambda client, call, who: client.start(call, recorder="adhoc"), record("adhoc", True)),
    "stop ad hoc": (lambda client, call, who: client.stop(call, recorder="adhoc"), record("adhoc", False)),
    "start snippet": (lambda client, call, who: client.start(call, recorder="snippet"), record("snippet", True)),
    "stop snippet": (lambda client, call, who: client.stop(call, recorder="snippet"), record("snippet", False)),
}


@pytest.mark.parametrize("operation", SAME)
def test_one_operation_is_one_request_on_both_sides(sdk: ModuleType, sim: Simulator, operation: str) -> None:
    ours, theirs = SAME[operation]
    call = sim.add_call(state="recording")
    who = agent(sim, call)
    [*_, expected] = by_the_sdk(sdk, sim, lambda api: theirs(api, sdk, call, who))
    sent = by_gcrec(sim, lambda client: ours(client, call, who))
    assert expected.what() in [one.what() for one in sent]
    assert {one.scheme for one in sent if one.path.startswith("/api/")} == {expected.scheme} == {"Bearer"}
    assert not wrong(sdk, sent)


def test_the_search_is_the_sdks(sdk: ModuleType, sim: Simulator) -> None:
    sent = by_gcrec(sim, lambda client: client.active_calls().collect())
    [ours] = [one for one in sent if one.method == "POST" and one.path.startswith("/api/")]
    interval, paging = ours.body["interval"], ours.body["paging"]
    query = active_voice(sdk, interval, size=paging["pageSize"], number=paging["pageNumber"])
    [*_, theirs] = by_the_sdk(sdk, sim, lambda api: api.conversations.post_analytics_conversations_details_query(query))
    assert ours == theirs
    assert not wrong(sdk, sent)


def test_a_users_list_is_the_sdks(sdk: ModuleType, sim: Simulator) -> None:
    token = sim.user_token(sim.users[0])
    sent = by_gcrec(sim, lambda client: client.active_calls().collect(), access_token=token)
    [theirs] = by_the_sdk(sdk, sim, lambda api: api.conversations.get_conversations_calls(), token)
    assert theirs in sent
    assert not wrong(sdk, sent)


def test_who_one_is_is_asked_as_the_sdk_asks(sdk: ModuleType, sim: Simulator) -> None:
    token = sim.user_token(sim.users[0])
    call = sim.add_call(user=sim.users[0])
    sim.conference(call)
    sent = by_gcrec(sim, lambda client: client.start(call), access_token=token)
    [theirs] = by_the_sdk(sdk, sim, lambda api: api.users.get_users_me(), token)
    assert theirs in sent
    assert not wrong(sdk, sent)


@pytest.mark.parametrize("operation", ["recordings", "pauses"])
def test_the_evidence_is_asked_for_as_the_sdk_asks(sdk: ModuleType, sim: Simulator, operation: str) -> None:
    call = sim.add_call(state="recording")
    sim.end_call(call)
    sent = by_gcrec(sim, lambda client: getattr(client, operation)(call))
    [ours] = [one for one in sent if one.path.startswith("/api/")]
    asked = {"format_id": ours.query["formatId"], "max_wait_ms": ours.query["maxWaitMs"]}
    [*_, theirs] = by_the_sdk(sdk, sim, lambda api: api.recording.get_conversation_recordings(call, **asked))
    assert ours == theirs
    assert not wrong(sdk, sent)


def test_the_login_is_the_sdks(sdk: ModuleType, sim: Simulator) -> None:
    [theirs] = by_the_sdk(sdk, sim, lambda api: None)
    ours, *_ = by_gcrec(sim, lambda client: client.status(sim.calls[0]))
    assert ours == theirs
    assert (ours.scheme, ours.body) == ("Basic", {"grant_type": "client_credentials"})


def test_a_channel_is_made_and_subscribed_as_the_sdk_does(sdk: ModuleType, sim: Simulator) -> None:
    call = sim.add_call(state="recording", user=sim.users[0])
    followed = {"users": [sim.users[0].id], "queues": [sim.queues[0].id]}

    def listen(client: Client) -> None:
        with client.events(**followed) as stream:
            next(stream)  # the call that is there: now all is subscribed
            client.pause(call)
            next(stream)

    sent = by_gcrec(sim, listen)
    assert not wrong(sdk, sent)
    ours = [one for one in sent if one.path.startswith("/api/v2/notifications/")]
    topics = [topic for one in ours for topic in one.body or []]

    def subscribe(api: Official) -> None:
        channel = api.notifications.post_notifications_channels().id
        for add in (
            api.notifications.post_notifications_channel_subscriptions,
            api.notifications.put_notifications_channel_subscriptions,
        ):
            add(channel, topics, ignore_errors=True)
        api.notifications.delete_notifications_channel_subscriptions(channel)

    _, *theirs = by_the_sdk(sdk, sim, subscribe)
    assert [one for one in map(nameless, ours) if one not in [*map(nameless, theirs)]] == []
    assert nameless(theirs[0]) in [*map(nameless, ours)]


def nameless(sent: Sent) -> Sent:
    """A request without the id of its channel."""
    return sent._replace(path=re.sub(r"(/channels/)[^/]+", r"\1{id}", sent.path))


def wrong(sdk: ModuleType, sent: list[Sent]) -> list[str]:
    """What the SDK does not publish: a path, a method, a query parameter or a body."""
    found = []
    for one in sent:
        if one.path.startswith("/oauth/"):
            continue
        operation = operation_of(sdk, one.method, one.path)
        if operation is None:
            found.append(f"{one.method} {one.path} is not published")
            continue
        found += [f"{one.method} {one.path}?{name}" for name in sorted(one.query.keys() - operation.query)]
        if operation.body is None:
            found += [f"{one.method} {one.path} has a body"] if one.body is not None else []
        else:
            value = sdk.ApiClient().deserialize(_Text(json.dumps(one.body)), operation.body)
            found += [
                f"{one.method} {one.path} {fault}" for fault in faults(sdk.models, operation.body, one.body, value)
            ]
    return found


@pytest.mark.filterwarnings("ignore:this pause block has no journal:UserWarning")
def test_the_whole_of_a_pause_block_is_published(sdk: ModuleType, sim: Simulator) -> None:
    call = sim.add_call(state="recording")

    def block(client: Client) -> None:
        with client.paused(call):
            assert sim.state(call) == "paused"
        client.ensure(call, "recording")

    sent = by_gcrec(sim, block)
    assert not wrong(sdk, sent)
    commands = [one.body for one in sent if one.method == "PATCH"]
    assert commands == [{"recordingState": "PAUSED"}, {"recordingState": "ACTIVE"}]


def test_the_whole_of_a_checkup_is_published(sdk: ModuleType, sim: Simulator) -> None:
    with Wiretap(sim.base_url) as tap:
        env = {**os.environ, **sim.env("platform"), "GENESYS_BASE_URL": tap.base_url}
        doctor = [sys.executable, "-m", "gcrec", "doctor", "--probe-commands"]
        done = subprocess.run(doctor, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
        assert not wrong(sdk, tap.sent)
    assert {"/api/v2/tokens/me", "/api/v2/notifications/channels"} <= {one.path for one in tap.sent}


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (Sent("GET", "/api/v2/communications", {}, None, ""), "is not published"),
        (Sent("PUT", "/api/v2/conversations/1/recordingstate", {}, {}, ""), "is not published"),
        (Sent("PATCH", "/api/v2/conversations/1/recordingstate", {}, {"recordingState": "paused"}, ""), "is none of"),
        (Sent("PATCH", "/api/v2/conversations/1/recordingstate", {}, {"state": "PAUSED"}, ""), "has no such field"),
        (Sent("GET", "/api/v2/conversations/1", {}, {}, ""), "has a body"),
        (Sent("GET", "/api/v2/conversations/1", {"fast": "1"}, None, ""), "?fast"),
    ],
)
def test_what_is_not_published_is_found(sdk: ModuleType, sent: Sent, told: str) -> None:
    [complaint] = wrong(sdk, [sent])
    assert told in complaint


def test_the_table_of_the_published_is_read(sdk: ModuleType) -> None:
    assert len(operations(sdk)) > 2000
    assert operation_of(sdk, "POST", "/api/v2/notifications/channels/1/subscriptions").body == "list[ChannelTopic]"
    assert operation_of(sdk, "GET", "/api/v2/conversations/calls").path == "/api/v2/conversations/calls"
    assert operation_of(sdk, "GET", "/api/v2/recordings/conversations/1") is None
