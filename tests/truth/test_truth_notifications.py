"""The notification service: channels and their topics by the SDK, and what really comes down the WebSocket."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Callable

import pytest
from official import Official
from stream import Stream
from words import body, set_recording_state

if TYPE_CHECKING:
    from types import ModuleType

    from gcrec.testing import Simulator

METADATA = "channel.metadata"
# A topic, and the SDK's model of its events.
TOPICS = {
    "v2.users.{user}.conversations.calls": "ConversationCallEventTopicCallConversation",
    "v2.users.{user}.conversations": "ConversationEventTopicConversation",
    "v2.routing.queues.{queue}.conversations.calls": "QueueConversationCallEventTopicCallConversation",
    "v2.routing.queues.{queue}.conversations": "QueueConversationEventTopicConversation",
}


def topics(sdk: ModuleType, *names: str) -> list[Any]:
    """The body of a subscription."""
    return [body(sdk, "ChannelTopic", id=name) for name in names]


def named(sim: Simulator, topic: str) -> str:
    """A topic of the first user, or of the queue."""
    return topic.format(user=sim.users[0].id, queue=sim.queues[0].id)


def ids(listed: Any) -> list[str]:
    """The topics of a listing."""
    return [one.id for one in listed.entities]


def test_a_channel_is_made(api: Official) -> None:
    channel = api.notifications.post_notifications_channels()
    assert channel.id
    assert channel.connect_uri.startswith("ws://127.0.0.1:")
    assert abs(channel.expires - datetime.now(timezone.utc) - timedelta(hours=24)) < timedelta(minutes=1)


def test_over_tls_the_address_is_wss(sdk: ModuleType, organisation: Callable[..., Simulator], tmp_path: Any) -> None:
    sim = organisation(tls=True)
    trusted = tmp_path / "ca.pem"
    trusted.write_text(str(sim.ca_pem))
    configuration = sdk.configuration
    configuration.ssl_ca_cert, configuration.ssl_context = str(trusted), None
    try:
        api = Official(sdk, sim.base_url).login(sim)
        assert api.notifications.post_notifications_channels().connect_uri.startswith("wss://")
    finally:
        configuration.ssl_ca_cert, configuration.ssl_context = None, None


def test_channels_are_listed_and_known(api: Official) -> None:
    notifications = api.notifications
    made = [notifications.post_notifications_channels().id for _ in range(2)]
    assert {one.id for one in notifications.get_notifications_channels().entities} == set(made)
    for whose in ("token", "oauthclient"):
        assert len(notifications.get_notifications_channels(includechannels=whose).entities) == 2
    assert notifications.head_notifications_channel(made[0]) is None
    with pytest.raises(api.sdk.rest.ApiException) as caught:
        notifications.head_notifications_channel("unheard-of")
    assert caught.value.status == 404


def test_topics_are_added_replaced_and_removed(sdk: ModuleType, sim: Simulator, api: Official) -> None:
    notifications = api.notifications
    channel = notifications.post_notifications_channels().id
    first, second, third, _ = [named(sim, topic) for topic in TOPICS]
    assert ids(notifications.post_notifications_channel_subscriptions(channel, topics(sdk, first))) == [first]
    notifications.post_notifications_channel_subscriptions(channel, topics(sdk, second))
    assert sorted(ids(notifications.get_notifications_channel_subscriptions(channel))) == sorted([first, second])
    assert ids(notifications.put_notifications_channel_subscriptions(channel, topics(sdk, third))) == [third]
    assert ids(notifications.get_notifications_channel_subscriptions(channel)) == [third]
    assert notifications.delete_notifications_channel_subscriptions(channel) is None
    assert not notifications.get_notifications_channel_subscriptions(channel).entities


def test_a_topic_that_is_none(sdk: ModuleType, api: Official) -> None:
    notifications = api.notifications
    channel = notifications.post_notifications_channels().id
    for add in (
        notifications.post_notifications_channel_subscriptions,
        notifications.put_notifications_channel_subscriptions,
    ):
        refused = api.refused(add, channel, topics(sdk, "v2.weather.tomorrow"))
        assert (refused.status, refused.body.code) == (400, "notification.invalid.topic")


def test_a_rejected_topic_beside_a_permitted_one(sdk: ModuleType, sim: Simulator, api: Official) -> None:
    notifications = api.notifications
    channel = notifications.post_notifications_channels().id
    good, bad = named(sim, "v2.users.{user}.conversations"), "v2.weather.tomorrow"
    add = notifications.post_notifications_channel_subscriptions
    answered = {one.id: one for one in add(channel, topics(sdk, good, bad), ignore_errors=True).entities}
    assert (answered[good].state, answered[bad].state) == ("Permitted", "Rejected")
    assert answered[bad].rejection_reason
    assert ids(notifications.get_notifications_channel_subscriptions(channel)) == [good]


def test_a_topic_without_its_permission(sdk: ModuleType, organisation: Callable[..., Simulator]) -> None:
    sim = organisation(permissions=())
    api = Official(sdk, sim.base_url).login(sim)
    channel = api.notifications.post_notifications_channels().id
    add = api.notifications.post_notifications_channel_subscriptions
    wanted = topics(sdk, named(sim, "v2.routing.queues.{queue}.conversations.calls"))
    assert api.refused(add, channel, wanted).status == 403
    [rejected] = add(channel, wanted, ignore_errors=True).entities
    assert rejected.state == "Rejected"
    assert rejected.missing_permissions


def test_the_topics_that_there_are(api: Official) -> None:
    listed = api.notifications.get_notifications_availabletopics(
        expand=["description", "requiresPermissions", "permissionDetails", "transports", "topicParameters"]
    ).entities
    assert {one.id for one in listed} >= {topic.format(user="{id}", queue="{id}") for topic in TOPICS}
    assert any(one.requires_permissions for one in listed)


@pytest.mark.parametrize("topic", TOPICS)
def test_a_pause_comes_down_the_socket(sdk: ModuleType, sim: Simulator, api: Official, topic: str) -> None:
    call = sim.add_call(state="recording", user=sim.users[0].id)
    name = named(sim, topic)
    channel = api.notifications.post_notifications_channels()
    api.notifications.post_notifications_channel_subscriptions(channel.id, topics(sdk, name))
    with Stream(channel.connect_uri) as stream:
        for state, paused in (("PAUSED", True), ("ACTIVE", False)):
            api.conversations.patch_conversation_recordingstate(call, set_recording_state(sdk, state))
            event = api.event(stream.next(name), TOPICS[topic])
            assert (event.id, event.recording_state.upper(), event.secure_pause) == (call, state, paused)
            [agent] = [one for one in event.participants if one.purpose == "agent"]
            leg = agent.calls[-1] if hasattr(agent, "calls") else agent
            assert (leg.recording_state, leg.secure_pause) == (state.lower(), paused)


@pytest.mark.parametrize("topic", TOPICS)
def test_the_whole_life_of_a_call_comes_down_the_socket(
    sdk: ModuleType, sim: Simulator, api: Official, topic: str
) -> None:
    name = named(sim, topic)
    channel = api.notifications.post_notifications_channels()
    api.notifications.post_notifications_channel_subscriptions(channel.id, topics(sdk, name))
    with Stream(channel.connect_uri) as stream:
        call = sim.add_call(state="recording", user=sim.users[0].id)
        sim.hold(call)
        sim.hold(call, on=False)
        sim.end_call(call)

        def over(event: Any) -> bool:
            legs = [leg for one in event["participants"] for leg in one.get("calls", [one])]
            api.event(event, TOPICS[topic])
            return all(leg["state"] in ("disconnected", "terminated") for leg in legs)

        assert stream.until(name, over)["id"] == call


def test_a_recording_that_is_there_comes_down_the_socket(sdk: ModuleType, sim: Simulator, api: Official) -> None:
    call = sim.add_call(state="recording", user=sim.users[0].id)
    name = f"v2.users.{sim.users[0].id}.conversations.{call}.recordings"
    channel = api.notifications.post_notifications_channels()
    api.notifications.post_notifications_channel_subscriptions(channel.id, topics(sdk, name))
    with Stream(channel.connect_uri) as stream:
        sim.end_call(call)
        event = api.event(stream.next(name), "RecordingEventRecording")
    assert (event.conversation_id, event.file_state) == (call, "AVAILABLE")
    assert event.id in [one.id for one in api.recording.get_conversation_recordings(call)]


def test_a_ping_is_answered(api: Official) -> None:
    channel = api.notifications.post_notifications_channels()
    with Stream(channel.connect_uri) as stream:
        stream.say({"message": "ping"})
        assert stream.next(METADATA) == {"message": "pong"}


def test_the_heart_beats(sdk: ModuleType, organisation: Callable[..., Simulator]) -> None:
    sim = organisation(clock="manual")
    api = Official(sdk, sim.base_url).login(sim)
    channel = api.notifications.post_notifications_channels()
    with Stream(channel.connect_uri) as stream:
        stream.say({"message": "ping"})
        stream.next(METADATA)  # now the server's side stands
        for _ in range(2):
            sim.advance(30)
            assert stream.next(METADATA)["message"] == "WebSocket Heartbeat"


def test_a_second_socket_ends_the_first(api: Official) -> None:
    channel = api.notifications.post_notifications_channels()
    with Stream(channel.connect_uri) as first, Stream(channel.connect_uri) as second:
        first.ended()
        second.say({"message": "ping"})
        assert second.next(METADATA) == {"message": "pong"}


def test_a_server_that_closes_says_so_first(sim: Simulator, api: Official) -> None:
    channel = api.notifications.post_notifications_channels()
    with Stream(channel.connect_uri) as stream:
        stream.say({"message": "ping"})
        stream.next(METADATA)
        sim.close_sockets(notice=0)
        stream.next("v2.system.socket_closing")
        stream.ended()


def test_the_twenty_first_channel_ends_the_oldest(api: Official) -> None:
    made = [api.notifications.post_notifications_channels().id for _ in range(21)]
    alive = [one.id for one in api.notifications.get_notifications_channels().entities]
    assert sorted(alive) == sorted(made[1:])


def test_a_thousand_topics_are_enough(sdk: ModuleType, sim: Simulator, api: Official) -> None:
    channel = api.notifications.post_notifications_channels().id
    many = [f"v2.users.{sim.users[0].id}.conversations.{number:08}-0000-4000-8000-000000000000.recordings"
            for number in range(1001)]  # fmt: skip
    add = api.notifications.put_notifications_channel_subscriptions
    assert len(add(channel, topics(sdk, *many[:1000])).entities) == 1000
    refused = api.refused(add, channel, topics(sdk, *many))
    assert (refused.status, refused.body.code) == (400, "notification.subscription.too.many.subscriptions")
