"""Finding conversations org wide: the analytics' query, details by id, and what is going on now."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Callable

import pytest
from official import Official
from words import active_voice, body

if TYPE_CHECKING:
    from types import ModuleType

    from gcrec.testing import Simulator


def lately(days: float = 1) -> str:
    """An interval that ends a little after now."""
    now = datetime.now(timezone.utc)
    spell = [now - timedelta(days=days), now + timedelta(hours=1)]
    return "/".join(moment.strftime("%Y-%m-%dT%H:%M:%S.000Z") for moment in spell)


def search(sdk: ModuleType, api: Official, **options: Any) -> Any:
    """Searches the last day."""
    return api.conversations.post_analytics_conversations_details_query(active_voice(sdk, lately(), **options))


def test_the_active_calls_are_found(sdk: ModuleType, sim: Simulator, api: Official) -> None:
    recorded = sim.add_call(policy=True)
    found = search(sdk, api)
    assert found.total_hits == len(found.conversations) == 4
    assert {one.conversation_id for one in found.conversations} == set(sim.calls)
    for one in found.conversations:
        assert one.conversation_end is None
        assert one.conversation_start <= datetime.now(timezone.utc)
        assert {each.purpose for each in one.participants} >= {"customer", "agent"}
        sessions = [session for each in one.participants for session in each.sessions]
        assert {session.media_type for session in sessions} == {"voice"}
        assert any(session.recording for session in sessions) == (one.conversation_id == recorded)


def test_the_agents_of_a_search_are_people(sdk: ModuleType, sim: Simulator, api: Official) -> None:
    for one in search(sdk, api).conversations:
        agents = [each.user_id for each in one.participants if each.purpose == "agent"]
        assert set(agents) <= {user.id for user in sim.users}
        assert agents


def test_both_apis_have_the_search(sdk: ModuleType, sim: Simulator, api: Official) -> None:
    found = api.analytics.post_analytics_conversations_details_query(active_voice(sdk, lately()))
    assert found.total_hits == len(sim.calls)


def test_pages_follow_each_other(sdk: ModuleType, organisation: Callable[..., Simulator]) -> None:
    sim = organisation(calls=7)
    api = Official(sdk, sim.base_url).login(sim)
    pages = [search(sdk, api, size=3, number=number) for number in (1, 2, 3)]
    assert [len(page.conversations) for page in pages] == [3, 3, 1]
    assert {page.total_hits for page in pages} == {7}
    assert len({one.conversation_id for page in pages for one in page.conversations}) == 7
    starts = [one.conversation_start for page in pages for one in page.conversations]
    assert starts == sorted(starts)


def test_a_search_that_finds_nothing_has_no_list(sdk: ModuleType, organisation: Callable[..., Simulator]) -> None:
    sim = organisation(calls=0)
    api = Official(sdk, sim.base_url).login(sim)
    found = search(sdk, api)
    assert (found.conversations, found.total_hits) == (None, 0)


def test_what_has_ended_is_found_by_its_end(sdk: ModuleType, sim: Simulator, api: Official) -> None:
    ended = sim.add_call(state="recording")
    sim.end_call(ended)
    found = {one.conversation_id: one for one in search(sdk, api, ended=True).conversations}
    assert ended in found
    assert found.keys().isdisjoint(sim.calls)
    assert all(one.conversation_end >= one.conversation_start for one in found.values())


@pytest.mark.parametrize(
    "wrong",
    [
        {"interval": None},
        {"interval": "yesterday"},
        {"interval": "2026-01-02T00:00:00.000Z/2026-01-01T00:00:00.000Z"},
        {"paging": {"pageSize": 0, "pageNumber": 1}},
        {"paging": {"pageSize": 100}},
        {"paging": {"pageSize": 101, "pageNumber": 1}},
        {"conversationFilters": [{"type": "perhaps", "predicates": []}]},
        {"segmentFilters": [{"type": "and", "predicates": [{"dimension": "shoeSize", "value": "43"}]}]},
    ],
)
def test_a_search_that_makes_no_sense(api: Official, wrong: dict[str, Any]) -> None:
    asked = {"interval": lately(), **wrong}
    asked = {name: value for name, value in asked.items() if value is not None}
    refused = api.refused(api.conversations.post_analytics_conversations_details_query, asked)
    assert refused.status == 400


def test_details_by_id(sim: Simulator, api: Official) -> None:
    first, second, _ = sim.calls
    found = api.conversations.get_analytics_conversations_details(id=[first, second])
    assert [one.conversation_id for one in found.conversations] == [first, second]


def test_the_details_of_one(sim: Simulator, api: Official) -> None:
    found = api.conversations.get_analytics_conversation_details(sim.calls[0])
    assert found.conversation_id == sim.calls[0]


@pytest.mark.parametrize(("by", "attribute"), [("queueId", "queues"), ("userId", "users")])
def test_what_goes_on_by_queue_and_by_user(
    sdk: ModuleType, sim: Simulator, api: Official, by: str, attribute: str
) -> None:
    metric = body(sdk, "ConversationActivityQueryMetric", metric="oInteracting", details=True)
    query = body(sdk, "ConversationActivityQuery", metrics=[metric], group_by=[by])
    found = api.conversations.post_analytics_conversations_activity_query(query)
    groups = {result.group[by]: result for result in found.results}
    assert groups.keys() <= {one.id for one in getattr(sim, attribute)}
    assert sum(result.data[0].count for result in found.results) == len(sim.calls)
    entities = [entity for result in found.results for entity in result.entities]
    assert {entity.conversation_id for entity in entities} == set(sim.calls)
    assert {entity.media_type for entity in entities} == {"voice"}


def test_what_goes_on_in_one_queue(sdk: ModuleType, sim: Simulator, api: Official) -> None:
    queue = sim.queues[0].id
    here = body(sdk, "ConversationActivityQueryPredicate", type="dimension", dimension="queueId", value=queue)
    query = body(
        sdk,
        "ConversationActivityQuery",
        metrics=[body(sdk, "ConversationActivityQueryMetric", metric="oInteracting", details=True)],
        group_by=["queueId"],
        filter=body(sdk, "ConversationActivityQueryFilter", type="and", predicates=[here]),
    )
    [result] = api.conversations.post_analytics_conversations_activity_query(query).results
    assert result.group["queueId"] == queue
    assert len(result.entities) == len(sim.calls)
