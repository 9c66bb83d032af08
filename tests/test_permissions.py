"""What the published API takes of whoever asks, told to whoever is refused; and its other errors and limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from answers import reply
from faces import CONVERSATION
from platform_support import call, shown

import gcrec
from gcrec import _gcrec
from gcrec.testing import PERMISSIONS, Simulator

if TYPE_CHECKING:
    from faces import Face
    from quirky import Quirky

TABLE = {path: any_of for _, path, any_of, _ in _gcrec._permissions()}
VIEW = "conversation:communication:view"
CALL = "/api/v2/conversations/{id}"
PARTICIPANT = "/api/v2/conversations/calls/{id}/participants/{participantId}"

USES: dict[str, list[tuple[str, dict[str, Any]]]] = {
    CALL: [("status", {}), ("conversation", {}), ("start", {})],
    f"{CALL}/recordingstate": [("pause", {}), ("resume", {})],
    PARTICIPANT: [("start", {}), ("stop", {})],
    f"{PARTICIPANT}/snippet/record": [("start", {"recorder": "adhoc"}), ("stop", {"recorder": "snippet"})],
    "/api/v2/analytics/conversations/details/query": [("active_calls", {})],
    f"{CALL}/recordings": [("recordings", {}), ("pauses", {})],
}
"""What sends a request to which endpoint."""

CASES = [(path, *use) for path, uses in USES.items() for use in uses]


def use(face: Face, sim: Simulator, name: str, options: dict[str, Any], **client: Any) -> Any:
    where = () if name == "active_calls" else (sim.calls[0],)
    return call(face, sim, name, *where, client=client, **options)


def test_every_endpoint_that_takes_a_permission_is_walked_here() -> None:
    """A row that nobody walks may say anything."""
    assert set(USES) == {path for path, any_of in TABLE.items() if any_of}
    assert all(operations for *_, operations in _gcrec._permissions())


@pytest.mark.parametrize(("path", "name", "options"), CASES)
def test_a_403_names_the_permissions_of_that_operation(
    face: Face, path: str, name: str, options: dict[str, Any]
) -> None:
    """Any one of them would do, and no other is named."""
    lacking = TABLE[path]
    others = [permission for permission in PERMISSIONS if permission not in lacking]
    with Simulator(1, clock="manual", permissions=others) as sim:
        with pytest.raises(gcrec.PermissionDeniedError) as caught:
            use(face, sim, name, options)
        assert sim.commands(sim.calls[0]) == []
    assert all(permission in caught.value.hint for permission in lacking)
    assert not any(permission in caught.value.hint for permission in others)
    assert caught.value.code in ("missing.permissions", "missing.any.permissions")


@pytest.mark.parametrize(
    ("path", "name", "options", "permission"), [(*case, one) for case in CASES for one in TABLE[case[0]]]
)
def test_any_one_of_them_is_enough(face: Face, path: str, name: str, options: dict[str, Any], permission: str) -> None:
    """With the one that reads a conversation, where the operation does."""
    with Simulator(1, clock="manual", propagation=0.0, permissions={VIEW, permission}) as sim:
        if path != CALL or name != "start":
            use(face, sim, name, options)


NOTIFICATIONS = "/api/v2/notifications/"
"""What tests/test_events.py walks."""


@pytest.mark.parametrize(
    "path", [path for path, any_of in TABLE.items() if not any_of and not path.startswith(NOTIFICATIONS)]
)
def test_where_none_is_documented_none_is_needed(face: Face, path: str) -> None:
    """A user's own calls: who they are, and the list of them."""
    assert path in ("/api/v2/conversations/calls", "/api/v2/users/me")
    with Simulator(1, clock="manual", user_permissions=[]) as sim:
        there = sim.add_call(user=sim.users[1])
        found = use(face, sim, "active_calls", {}, access_token=sim.user_token(sim.users[1]))
        assert [one.id for one in found] == [there]
        assert path in {seen.path for seen in sim.requests}


# -- other errors ----------------------------------------------------------------------------------------------------

BODY = {
    "message": "",
    "messageWithParams": "Said with {what}",
    "messageParams": {"what": "parameters"},
    "code": "bad.request",
    "status": 400,
    "contextId": "c-1",
    "entityId": "entity-1",
    "details": [{"errorCode": "e1", "fieldName": "recording"}],
    "errors": [{"code": "below", "message": "the cause"}],
    "limit": {"key": "rate", "namespace": "platform", "value": 300},
}


def test_an_error_body_is_kept_whole(face: Face, quirky: Quirky) -> None:
    """The server's own words, for programs as well as for people."""
    quirky.play(shown(), reply(400, BODY, [("ININ-Correlation-Id", "corr-1")]))
    with pytest.raises(gcrec.BadRequestError, match="Said with") as caught:
        call(face, quirky, "start", CONVERSATION)
    error = caught.value
    assert (error.details, error.errors, error.limit) == (BODY["details"], BODY["errors"], BODY["limit"])
    assert (error.message_params, error.entity_id) == (BODY["messageParams"], "entity-1")
    assert (error.context_id, error.correlation_id) == ("c-1", "corr-1")


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (400, "not.a.user", r"(?s)log in as a user.*pause\(\)"),
        (403, "conversation.error.forbidden.not.active.participant", r"(?s)token of the agent.*pauseOthers"),
        (404, "conversation.error.not.conversation.participant", "not on the call any more"),
        (400, "conversation.error.call.disconnected", "is over"),
    ],
)
def test_a_code_says_what_to_do_instead(face: Face, quirky: Quirky, status: int, code: str, words: str) -> None:
    """More than its status does."""
    quirky.play(shown(), reply(status, {"message": "no", "code": code}), shown())
    with pytest.raises(gcrec.ApiError) as caught:
        call(face, quirky, "start", CONVERSATION)
    assert (caught.value.code, caught.value.status_code, caught.value.maybe_sent) == (code, status, False)
    with pytest.raises(gcrec.ApiError, match=words):
        raise caught.value


def test_where_only_users_may_start_a_client_is_told_so(face: Face) -> None:
    """The documents allow for that."""
    with Simulator(1, clock="manual", start_needs_user=True) as sim:
        with pytest.raises(gcrec.BadRequestError, match="log in as a user") as caught:
            call(face, sim, "start", sim.calls[0])
        assert caught.value.code == "not.a.user"
        there = sim.add_call(user=sim.users[0])
        call(face, sim, "start", there, client={"access_token": sim.user_token(sim.users[0])})
        call(face, sim, "pause", there)


# -- limits ----------------------------------------------------------------------------------------------------------


def test_a_429_without_the_header_says_it_in_words(face: Face, quirky: Quirky) -> None:
    """ "Retry the request in [N] seconds"."""
    words = "Rate limit exceeded the maximum. Retry the request in [17] seconds"
    quirky.play(reply(429, {"message": words, "code": "too.many.requests"}))
    with pytest.raises(gcrec.RateLimitError) as caught:
        call(face, quirky, "status", CONVERSATION, client={"max_retries": 0})
    assert caught.value.retry_after == 17.0


@pytest.mark.parametrize("header", [True, False])
def test_a_429_is_waited_out(face: Face, header: bool) -> None:
    """By the header, or by the words where there is none."""
    with Simulator(1, clock="manual", rate_limit=3, retry_after_header=header) as sim:
        for _ in range(3):
            with sim.client(api="platform") as other:
                other.status(sim.calls[0])
        assert call(face, sim, "status", sim.calls[0]).state == "stopped"


def test_the_headers_of_the_limit_are_obeyed_before_a_429() -> None:
    """`inin-ratelimit-*`: the limiter learns it with the first answer, and nobody is refused."""
    with Simulator(0, clock="manual", rate_limit=20, propagation=0.2) as sim:
        ids = [sim.add_call() for _ in range(30)]
        with sim.client(api="platform") as client:
            report = client.ensure_many(ids, "recording").run()
        assert report.counts["proven"] == 30
        assert {seen.status_code for seen in sim.requests} <= {200, 202}
        assert max(seen.at for seen in sim.requests) > 60.0, "it took more than a window"


def test_a_limit_that_others_use_up_is_seen_in_the_headers(quirky: Quirky) -> None:
    """A call that cannot finish in time fails at once, with nothing sent."""
    used = [("inin-ratelimit-allowed", "180"), ("inin-ratelimit-count", "180"), ("inin-ratelimit-reset", "61")]
    quirky.play(reply(200, {"id": CONVERSATION, "participants": []}, used))
    with gcrec.Client(quirky.url, access_token="token", api="platform", timeout=5.0) as client:
        client.status(CONVERSATION)
        with pytest.raises(gcrec.RateLimitError) as caught:
            client.status(CONVERSATION)
    assert (caught.value.status_code, len(quirky.requests)) == (None, 1)
    assert caught.value.retry_after is not None
    assert caught.value.retry_after > 50
