"""active_calls: whose calls, from which list, and what becomes of it while calls begin and end."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Callable

import pytest
from answers import message, reply
from both import Both
from quirky import Behaviour, Exchange, Quirky

import gcrec
from gcrec.testing import PERMISSIONS, Simulator

SEARCH = "/api/v2/analytics/conversations/details/query"
OWN = "/api/v2/conversations/calls"


@pytest.fixture(params=["sync", "asyncio"])
def both(request: pytest.FixtureRequest) -> Both:
    return Both(request.param)


@contextmanager
def simulated(calls: int = 3, **options: Any) -> Iterator[Simulator]:
    with Simulator(calls=calls, clock="manual", **options) as sim:
        yield sim


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with simulated() as sim:
        yield sim


def asked(sim: Simulator) -> list[str]:
    """What was asked, without the token."""
    return [f"{request.method} {request.path}" for request in sim.requests if request.path != "/oauth/token"]


def ids(calls: list[gcrec.Conversation]) -> list[str]:
    return sorted(call.id for call in calls)


def searches(sim: Simulator) -> int:
    return asked(sim).count(f"POST {SEARCH}")


# -- whose calls -------------------------------------------------------------------------------------------------------


def test_an_oauth_client_searches_the_organisation_and_reads_each_call(both: Both, sim: Simulator) -> None:
    stream = both.client(sim).active_calls()
    assert (asked(sim), stream.source) == ([], None)
    calls = both.take(stream)
    assert (ids(calls), stream.source) == (sorted(sim.calls), "analytics")
    search, *reads = asked(sim)
    assert (search, sorted(reads)) == (f"POST {SEARCH}", sorted(f"GET /api/v2/conversations/{id}" for id in sim.calls))
    agent = next(one for one in calls[0].participants if one.purpose == "agent")
    assert (agent.user_id in {user.id for user in sim.users}, agent.state) == (True, "connected")
    assert (calls[0].media, calls[0].state, calls[0].raw["id"]) == ("voice", "active", calls[0].id)


def test_a_user_sees_his_own_calls_and_nobody_elses(both: Both, sim: Simulator) -> None:
    user = sim.users[1]
    own = [sim.add_call(user=user), sim.add_call(user=user, ivr=True)]
    mine = {call for call in sim.calls if call in own}
    stream = both.client(sim, access_token=sim.user_token(user)).active_calls()
    calls = both.take(stream)
    assert mine <= {call.id for call in calls} < set(sim.calls)
    assert (stream.source, asked(sim)) == ("user", ["GET /api/v2/users/me", f"GET {OWN}"])
    for call in calls:
        assert user.id in {one.user_id for one in call.participants}
        assert (call.state, call.media, call.started_at.utcoffset().total_seconds()) == ("active", "voice", 0)


def test_a_token_of_an_oauth_client_is_told_from_a_users(both: Both, sim: Simulator) -> None:
    token = gcrec.get_access_token(sim.client_id, sim.client_secret, sim.base_url, api="events")
    stream = both.client(sim, access_token=token).active_calls()
    assert (ids(both.take(stream)), stream.source) == (sorted(sim.calls), "analytics")


def test_the_tutorials_wire_has_one_list(both: Both, sim: Simulator) -> None:
    stream = both.client(sim, api="events").active_calls()
    assert (ids(both.take(stream)), stream.source) == (sorted(sim.calls), "communications")
    assert asked(sim) == ["GET /api/v2/communications?state=active&types=voice"]


def test_the_log_says_where_the_calls_come_from(both: Both, sim: Simulator, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "gcrec"):
        both.take(both.client(sim).active_calls())
        both.take(both.client(sim, access_token=sim.user_token(sim.users[0])).active_calls())
        both.take(both.client(sim, api="events").active_calls())
        both.call(both.client(sim), "status", sim.calls[0])  # whatever was told before it has arrived by then
    told = [record.source for record in caplog.records if hasattr(record, "source")]
    assert told == ["analytics", "user"]


@pytest.mark.parametrize(
    ("lacking", "named"),
    [
        (
            ("analytics:conversationDetail:view", "analytics:agentConversationDetail:view"),
            "analytics:conversationDetail",
        ),
        (("conversation:communication:view",), "conversation:communication:view"),
    ],
)
def test_a_403_names_the_permission(both: Both, lacking: tuple[str, ...], named: str) -> None:
    permissions = [one for one in PERMISSIONS if one not in lacking]
    with simulated(permissions=permissions) as sim, pytest.raises(gcrec.PermissionDeniedError, match=named):
        both.take(both.client(sim).active_calls())


# -- how much is asked -------------------------------------------------------------------------------------------------


def test_a_limit_stops_early(both: Both) -> None:
    with simulated(calls=250) as sim:
        stream = both.client(sim).active_calls(limit=2)
        assert set(ids(both.take(stream))) < set(sim.calls)
        assert len(asked(sim)) == 3
        assert both.take(stream) == []


def test_what_is_not_wanted_is_not_asked_for(both: Both) -> None:
    with simulated(calls=250) as sim:
        stream = both.client(sim).active_calls()
        assert len(both.take(stream, 1)) == 1
        assert (searches(sim), len(asked(sim)) <= 5) == (1, True)
        if both.face == "sync":
            stream.close()
            assert (list(stream), stream.source) == ([], "analytics")


def test_a_limit_of_none_asks_nothing_and_a_negative_one_is_refused(both: Both, sim: Simulator) -> None:
    client = both.client(sim)
    assert both.take(client.active_calls(limit=0)) == []
    for options in ({"limit": -1}, {"days": 0}, {"days": 32}):
        with pytest.raises(gcrec.ConfigError):
            client.active_calls(**options)
    assert sim.requests == []


def test_no_call_is_active(both: Both) -> None:
    with simulated(calls=0) as sim:
        assert both.take(both.client(sim).active_calls()) == []
        assert both.take(both.client(sim, access_token=sim.user_token(sim.users[0])).active_calls()) == []


def test_many_pages_are_gone_through_and_their_rows_read_once(both: Both) -> None:
    with simulated(calls=230) as sim:
        assert {call.id for call in both.take(both.client(sim).active_calls())} == set(sim.calls)
        reads = [one for one in asked(sim) if one.startswith("GET")]
        assert (len(reads), len(set(reads)), searches(sim)) == (230, 230, 6)


def test_rows_that_repeat_and_totals_that_move_are_tolerated(both: Both) -> None:
    with simulated(calls=230, search_repeats=30) as sim:
        assert ids(both.take(both.client(sim).active_calls())) == sorted(sim.calls)


def test_a_limit_does_not_stop_the_stream_but_slows_it_down(both: Both) -> None:
    with simulated(calls=120, rate_limit=60, rate_window=60.0) as sim:
        found = both.take(both.client(sim, rate_limit=60.0, timeout=5.0).active_calls())
        assert len(found) == 120


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_stream_belongs_to_its_process(sim: Simulator) -> None:
    stream = sim.client(api="platform").active_calls()
    next(stream)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            stream.close()
            list(stream)  # at most what was there before; nothing is asked in this process
            code = 0
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert len(list(stream)) == 2


# -- while calls begin and end -----------------------------------------------------------------------------------------


def test_a_search_that_lags_shows_calls_that_have_ended_and_they_are_dropped(both: Both) -> None:
    with simulated(calls=4, search_lag=5.0) as sim:
        sim.advance(60)
        gone, *going_on = sim.calls
        sim.end_call(gone)
        sim.add_call()  # which the search does not know yet
        assert ids(both.take(both.client(sim).active_calls())) == sorted(going_on)
        assert f"GET /api/v2/conversations/{gone}" in asked(sim)


def test_a_call_that_ends_between_two_pages_hides_no_other(both: Both) -> None:
    with simulated(calls=230) as sim:
        calls = sim.calls
        stream = both.client(sim).active_calls()
        found = both.take(stream, 1)
        for gone in calls[:20]:
            sim.end_call(gone)
        found += both.take(stream)
        assert set(sim.calls) <= {call.id for call in found} <= set(calls)
        assert len(found) == len({call.id for call in found})


def test_a_read_that_fails_is_raised_and_loses_no_call(both: Both, sim: Simulator) -> None:
    stream = both.client(sim, max_retries=0).active_calls()
    sim.fail("status", times=1, status_code=500)
    found = []
    with pytest.raises(gcrec.ServerError):
        for _ in range(3):
            found += both.take(stream, 1)
    found += both.take(stream)
    assert ids(found) == sorted(sim.calls)


# -- what a server may say ---------------------------------------------------------------------------------------------

LIVE = {"participants": [{"id": "p", "purpose": "agent", "calls": [{"state": "a word never seen"}]}]}


def conversation(id: str) -> dict[str, Any]:
    return {"id": id, **LIVE}


def client_context() -> Any:
    return reply(400, {"code": "not.a.user", "message": "no", "status": 400})


def test_the_search_is_asked_as_it_is_documented(both: Both, quirky: Quirky) -> None:
    quirky.play(client_context(), reply(200, {"totalHits": 1}))
    assert both.take(both.client_at(quirky.url).active_calls(limit=3, days=1)) == []
    body = json.loads(quirky.requests[1].body)
    assert (quirky.requests[1].method, quirky.paths[1]) == ("POST", SEARCH)
    start, _, end = body.pop("interval").partition("/")
    assert start.endswith("Z") and end.endswith("Z") and start < end
    predicate = {"type": "dimension", "dimension": "conversationEnd", "operator": "notExists"}
    voice = {"type": "dimension", "dimension": "mediaType", "value": "voice"}
    assert body == {
        "conversationFilters": [{"type": "and", "predicates": [predicate]}],
        "segmentFilters": [{"type": "and", "predicates": [voice]}],
        "paging": {"pageSize": 10, "pageNumber": 1},
    }


@pytest.mark.parametrize("answer", [{}, {"totalHits": 7}, {"conversations": None}, {"conversations": []}], ids=repr)
def test_a_search_without_rows_finds_nothing(both: Both, quirky: Quirky, answer: Any) -> None:
    quirky.play(client_context(), reply(200, answer))
    assert both.take(both.client_at(quirky.url).active_calls()) == []


def test_a_state_word_never_seen_is_a_call_that_may_be_live(both: Both, quirky: Quirky) -> None:
    rows = [{"conversationId": "a"}, {"conversationId": "b", "conversationEnd": "2026-01-01T00:00:00.000Z"}]
    quirky.play(client_context(), reply(200, {"conversations": rows}), reply(200, conversation("a")))
    (call,) = both.take(both.client_at(quirky.url).active_calls())
    assert (call.id, call.participants[0].state) == ("a", "a word never seen")
    assert len(quirky.paths) == 3  # what the search itself calls ended is not read


@pytest.mark.parametrize(
    ("answer", "field"),
    [
        ([], "the body is JSON, but not an object"),
        ({"conversations": {}}, "conversations"),
        ({"conversations": [5]}, r"conversations\[0\]"),
        ({"conversations": [{"conversationId": "a"}, {}]}, r"conversations\[1\]\.conversationId"),
        ({"conversations": [{"conversationId": 5}]}, r"conversations\[0\]\.conversationId"),
        ({"conversations": [{"conversationId": ".."}]}, r"conversations\[0\]\.conversationId"),
        ({"conversations": [{"conversationId": "a", "conversationEnd": 5}]}, r"conversations\[0\]\.conversationEnd"),
    ],
    ids=repr,
)
def test_a_search_of_wrong_types_names_the_field(both: Both, quirky: Quirky, answer: Any, field: str) -> None:
    quirky.play(client_context(), reply(200, answer))
    with pytest.raises(gcrec.DecodeError, match=field):
        both.take(both.client_at(quirky.url).active_calls())


@pytest.mark.parametrize(
    ("answer", "field"),
    [
        ({}, "entities"),
        ({"entities": None}, "entities"),
        ({"entities": [None]}, r"entities\[0\]"),
        ({"entities": [{}]}, r"entities\[0\]\.id"),
        ({"entities": [{"id": "a", "participants": [{"state": 5}]}]}, r"entities\[0\]\.participants\[0\]\.state"),
        ({"entities": [], "nextUri": 5}, "nextUri"),
    ],
    ids=repr,
)
def test_a_users_list_of_wrong_types_names_the_field(both: Both, quirky: Quirky, answer: Any, field: str) -> None:
    quirky.play(reply(200, {"id": "me"}), reply(200, answer))
    with pytest.raises(gcrec.DecodeError, match=field):
        both.take(both.client_at(quirky.url).active_calls())


def test_a_users_list_may_have_pages_and_an_ended_call(both: Both, quirky: Quirky) -> None:
    def own(id: str, state: str) -> dict[str, Any]:
        return {"id": id, "participants": [{"state": state, "user": {"id": "me"}, "queue": {"id": "q"}}]}

    first = {"entities": [own("a", "connected"), own("b", "disconnected")], "nextUri": f"{OWN}?pageNumber=2"}
    quirky.play(reply(200, {"id": "me"}), reply(200, first), reply(200, {"entities": [own("c", "new word")]}))
    calls = both.take(both.client_at(quirky.url).active_calls())
    assert [(call.id, call.participants[0].user_id, call.participants[0].queue_id) for call in calls] == [
        ("a", "me", "q"),
        ("c", "me", "q"),
    ]
    assert quirky.paths[1:3] == [OWN, f"{OWN}?pageNumber=2"]


def searchable(page: Callable[[int], list[dict[str, Any]]]) -> Behaviour:
    """A server for an OAuth client: the search has these pages for ever, and each call is live."""

    def act(exchange: Exchange) -> None:
        path = exchange.request.target.decode()
        if path == SEARCH:
            number = json.loads(exchange.request.body)["paging"]["pageNumber"]
            exchange.send(message(200, {"conversations": page(number)}))
        elif path == "/api/v2/users/me":
            exchange.send(message(400, {"code": "not.a.user", "message": "no"}))
        else:
            exchange.send(message(200, conversation(path.rpartition("/")[2])))

    return Behaviour(act)


def test_a_page_that_comes_again_for_ever_ends(both: Both, quirky: Quirky) -> None:
    quirky.play(searchable(lambda _: [{"conversationId": f"c{n}"} for n in range(100)]))
    calls = both.take(both.client_at(quirky.url).active_calls())
    assert len(ids(calls)) == len(set(ids(calls))) == 100
    assert quirky.paths.count(SEARCH) == 5


def test_an_answer_about_another_call_is_no_confirmation(both: Both, quirky: Quirky) -> None:
    found = reply(200, {"conversations": [{"conversationId": "a"}]})
    quirky.play(client_context(), found, reply(200, conversation("b")))
    with pytest.raises(gcrec.DecodeError, match="another conversation"):
        both.take(both.client_at(quirky.url).active_calls())
