"""The official JavaScript SDK through a gateway: login, reads, commands, recordings, notifications, errors."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any, Callable

import pytest
from browser import click
from javascript_sdk import JavaScript, Rejected
from typings import PACKAGE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gcrec.testing import Simulator

REDIRECT = "http://localhost:8085/callback"
UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def node(home: str) -> Iterator[JavaScript]:
    """The SDK's process; where there is no Node or no SDK, whoever asks for it is skipped, and says so."""
    found = shutil.which("node")
    if found is None:
        pytest.skip("there is no node")
    if not PACKAGE.is_dir():
        pytest.skip(
            "the official JavaScript SDK is not installed: npm install in tests/truth/javascript, or make truth"
        )
    with JavaScript(found, home) as node:
        yield node


@pytest.fixture
def js(node: JavaScript, sim: Simulator) -> JavaScript:
    """Logged in with client credentials."""
    return node.at(sim).login(sim)


def agent(js: JavaScript, call: str) -> Any:
    """The participant of the agent."""
    [agent] = [one for one in js.conversations("getConversation", call)["participants"] if one["purpose"] == "agent"]
    return agent


def test_login_tells_when_the_token_ends(node: JavaScript, sim: Simulator) -> None:
    told = node.at(sim).ask("login", id=sim.client_id, secret=sim.client_secret)
    assert told["accessToken"]
    assert isinstance(told["tokenExpiryTime"], int)


def test_a_wrong_secret_is_refused(node: JavaScript, sim: Simulator) -> None:
    with pytest.raises(Rejected) as caught:
        node.at(sim).ask("login", id=sim.client_id, secret="wrong")
    assert caught.value.status == 401
    assert caught.value.body["error"] == "invalid_client"


def code(sim: Simulator, more: str = "") -> str:
    """An authorization code that the first user allows."""
    asked = f"client_id={sim.client_id}&response_type=code&redirect_uri={REDIRECT}{more}"
    return click(f"{sim.base_url}/oauth/authorize?{asked}", "allow")["code"]


def test_pkce(node: JavaScript, sim: Simulator) -> None:
    pair = node.at(sim).ask("verifier", length=128)
    given = code(sim, f"&code_challenge={pair['challenge']}&code_challenge_method=S256")
    node.ask("grant", method="authorizePKCEGrant", given=[sim.client_id, pair["verifier"], given, REDIRECT])
    assert node.call("UsersApi", "getUsersMe")["id"] == sim.users[0].id


def test_a_code_and_its_refresh_token(node: JavaScript, sim: Simulator) -> None:
    who = [sim.client_id, sim.client_secret]
    node.at(sim)
    first = node.ask("grant", method="loginCodeAuthorizationGrant", given=[*who, code(sim), REDIRECT])
    assert node.call("UsersApi", "getUsersMe")["id"] == sim.users[0].id
    second = node.ask("grant", method="refreshCodeAuthorizationGrant", given=[*who, first["refreshToken"]])
    assert second["accessToken"] != first["accessToken"]
    assert node.call("UsersApi", "getUsersMe")["id"] == sim.users[0].id
    with pytest.raises(Rejected) as caught:
        node.ask("grant", method="refreshCodeAuthorizationGrant", given=[*who, first["refreshToken"]])
    assert caught.value.body["error"] == "invalid_grant"


def test_who_the_token_is(js: JavaScript, sim: Simulator) -> None:
    assert js.call("TokensApi", "getTokensMe")["OAuthClient"]["id"] == sim.client_id
    js.call("TokensApi", "headTokensMe")


def test_a_conversation_is_read(js: JavaScript, sim: Simulator) -> None:
    call = sim.add_call(state="paused")
    read = js.conversations("getConversation", call)
    assert (read["id"], read["recordingState"], read["securePause"]) == (call, "PAUSED", True)


def test_a_call_conversation_is_read(js: JavaScript, sim: Simulator) -> None:
    call = sim.add_call(state="recording")
    read = js.conversations("getConversationsCall", call)
    assert (read["recordingState"], read["securePause"]) == ("active", False)


def test_a_users_calls_are_listed(node: JavaScript, sim: Simulator) -> None:
    mine = sim.add_call(user=sim.users[1].id)
    node.at(sim).ask("token", token=sim.user_token(sim.users[1].id))
    assert mine in [one["id"] for one in node.conversations("getConversationsCalls")["entities"]]


def test_the_active_calls_are_searched(js: JavaScript, sim: Simulator) -> None:
    query = {
        "interval": "2020-01-01T00:00:00.000Z/2020-01-02T00:00:00.000Z",
        "conversationFilters": [
            {"type": "and", "predicates": [{"dimension": "conversationEnd", "operator": "notExists"}]}
        ],
        "paging": {"pageSize": 100, "pageNumber": 1},
    }
    assert js.conversations("postAnalyticsConversationsDetailsQuery", query)["totalHits"] == 0
    from datetime import datetime, timezone

    today = datetime.now(timezone.utc).strftime("%Y-%m-%d")
    query["interval"] = f"{today}T00:00:00.000Z/{today}T23:59:59.999Z"
    found = js.conversations("postAnalyticsConversationsDetailsQuery", query)["conversations"]
    assert {one["conversationId"] for one in found} == set(sim.calls)


def test_details_by_id(js: JavaScript, sim: Simulator) -> None:
    first, second, _ = sim.calls
    found = js.conversations("getAnalyticsConversationsDetails", {"id": [first, second]})["conversations"]
    assert [one["conversationId"] for one in found] == [first, second]
    assert js.conversations("getAnalyticsConversationDetails", first)["conversationId"] == first


def test_what_goes_on_by_queue(js: JavaScript, sim: Simulator) -> None:
    query = {"metrics": [{"metric": "oInteracting", "details": True}], "groupBy": ["queueId"]}
    [result] = js.conversations("postAnalyticsConversationsActivityQuery", query)["results"]
    assert {one["conversationId"] for one in result["entities"]} == set(sim.calls)


def test_patch_pauses_and_resumes(js: JavaScript, sim: Simulator) -> None:
    call = sim.add_call(state="recording")
    js.conversations("patchConversationRecordingstate", call, {"recordingState": "PAUSED"})
    assert sim.state(call) == "paused"
    js.conversations("patchConversationRecordingstate", call, {"recordingState": "ACTIVE"})
    assert sim.state(call) == "recording"


def test_put_answers_with_a_word(js: JavaScript, sim: Simulator) -> None:
    call = sim.add_call(state="recording")
    put = ("putConversationsCallRecordingstate", call)
    assert js.conversations(*put, {"recordingState": "PAUSED"}) == "PAUSED"
    assert js.conversations(*put, {"recordingState": "ACTIVE"}) == "ACTIVE"


@pytest.mark.parametrize("form", ["patchConversationsCallParticipant", "patchConversationParticipant"])
def test_a_participants_patch_starts_and_stops(js: JavaScript, sim: Simulator, form: str) -> None:
    call = sim.add_call()
    who = agent(js, call)["id"]
    js.conversations(form, call, who, {"recording": True})
    assert (sim.state(call), agent(js, call)["calls"][-1]["recordersState"]["adhocState"]) == ("recording", "ACTIVE")
    js.conversations(form, call, who, {"recording": False})
    assert sim.state(call) == "stopped"


def test_a_snippet_is_recorded(js: JavaScript, sim: Simulator) -> None:
    call = sim.add_call()
    post = ("postConversationsCallParticipantSnippetRecord", call, agent(js, call)["id"])
    assert js.conversations(*post, {"type": "snippet", "record": True}) == "ACTIVE"
    assert agent(js, call)["calls"][-1]["recordersState"]["snippetState"] == "ACTIVE"
    assert js.conversations(*post, {"type": "snippet", "record": False}) == "NONE"


def test_recordings_and_their_metadata(js: JavaScript, sim: Simulator) -> None:
    call = sim.add_call(state="recording")
    sim.end_call(call)
    [recording] = js.call("RecordingApi", "getConversationRecordings", call, {"formatId": "WAV"})
    assert (recording["conversationId"], recording["fileState"]) == (call, "AVAILABLE")
    [metadata] = js.call("RecordingApi", "getConversationRecordingmetadata", call)
    assert metadata["id"] == recording["id"]


def test_transcoding_is_an_answer_without_a_body(node: JavaScript, organisation: Callable[..., Simulator]) -> None:
    sim = organisation(clock="manual", transcoding=30.0)
    call = sim.add_call(state="recording")
    sim.advance(10)
    sim.end_call(call)
    node.at(sim).login(sim).ask("extended", on=True)
    told = node.ask("call", api="RecordingApi", method="getConversationRecordings", given=[call, {"maxWaitMs": 0}])
    assert (told["status"], told["body"]) == (202, "")


def test_a_pause_comes_down_the_socket(js: JavaScript, sim: Simulator) -> None:
    call = sim.add_call(state="recording", user=sim.users[0].id)
    topic = f"v2.users.{sim.users[0].id}.conversations.calls"
    channel = js.call("NotificationsApi", "postNotificationsChannels")
    added = js.call("NotificationsApi", "postNotificationsChannelSubscriptions", channel["id"], [{"id": topic}])
    assert [one["id"] for one in added["entities"]] == [topic]
    uri = channel["connectUri"]
    js.ask("open", uri=uri)
    js.conversations("patchConversationRecordingstate", call, {"recordingState": "PAUSED"})
    event = js.ask("next", uri=uri)
    assert event["topicName"] == topic
    body = event["eventBody"]
    js.judge("Models.ConversationCallEventTopicCallConversation", body)
    assert (body["id"], body["recordingState"], body["securePause"]) == (call, "paused", True)
    js.ask("say", uri=uri, message={"message": "ping"})
    assert js.ask("next", uri=uri)["eventBody"] == {"message": "pong"}
    js.ask("close", uri=uri)


def test_topics_are_listed_replaced_and_removed(js: JavaScript, sim: Simulator) -> None:
    channel = js.call("NotificationsApi", "postNotificationsChannels")["id"]
    topic = f"v2.routing.queues.{sim.queues[0].id}.conversations"
    js.call("NotificationsApi", "putNotificationsChannelSubscriptions", channel, [{"id": topic}])
    listed = js.call("NotificationsApi", "getNotificationsChannelSubscriptions", channel)
    assert [one["id"] for one in listed["entities"]] == [topic]
    js.call("NotificationsApi", "deleteNotificationsChannelSubscriptions", channel)
    assert channel in [one["id"] for one in js.call("NotificationsApi", "getNotificationsChannels")["entities"]]
    js.call("NotificationsApi", "headNotificationsChannel", channel)
    topics = js.call(
        "NotificationsApi", "getNotificationsAvailabletopics", {"expand": ["description", "requiresPermissions"]}
    )
    assert all(one["description"] and one["requiresPermissions"] for one in topics["entities"])


@pytest.mark.parametrize(
    ("method", "given", "status", "code"),
    [
        ("getConversation", [UNKNOWN], 404, "conversation.not.found"),
        ("patchConversationRecordingstate", [0, {"recordingState": "LOUD"}], 400, "invalid.value"),
        ("getConversationsCalls", [], 400, "not.a.user"),
    ],
)
def test_a_refusal_is_an_error_body(
    js: JavaScript, sim: Simulator, method: str, given: list[Any], status: int, code: str
) -> None:
    js.ask("extended", on=True)
    with pytest.raises(Rejected) as caught:
        js.ask("call", api="ConversationsApi", method=method, given=[each or sim.calls[0] for each in given])
    js.judge("Models.ErrorBody", caught.value.body)
    assert (caught.value.status, caught.value.body["code"]) == (status, code)
    assert caught.value.headers["inin-correlation-id"] == caught.value.body["contextId"]


def test_a_missing_permission_is_named(node: JavaScript, organisation: Callable[..., Simulator]) -> None:
    sim = organisation(permissions=("conversation:communication:view",))
    node.at(sim).login(sim)
    with pytest.raises(Rejected, match="conversation:recording:pauseOthers") as caught:
        node.conversations("patchConversationRecordingstate", sim.calls[0], {"recordingState": "PAUSED"})
    js_code = caught.value.body["code"]
    assert js_code in ("missing.permissions", "missing.any.permissions")


def test_past_the_limit_the_headers_say_so(node: JavaScript, organisation: Callable[..., Simulator]) -> None:
    sim = organisation(clock="manual", rate_limit=1, rate_window=60)
    node.at(sim).login(sim).conversations("getConversation", sim.calls[0])
    node.ask("extended", on=True)
    with pytest.raises(Rejected, match=r"the maximum \[1\] requests within \[60\] seconds") as caught:
        node.conversations("getConversation", sim.calls[0])
    assert caught.value.status == 429
    assert (caught.value.headers["retry-after"], caught.value.headers["inin-ratelimit-allowed"]) == ("60", "1")


def test_without_a_token(node: JavaScript, sim: Simulator) -> None:
    node.at(sim).ask("extended", on=True)
    with pytest.raises(Rejected) as caught:
        node.conversations("getConversation", sim.calls[0])
    assert caught.value.status == 401
