"""The pool: one connection serves call after call, on both faces, and its end harms nobody."""

from __future__ import annotations

import concurrent.futures
import threading
from typing import Any

import pytest
from answers import OPERATIONS, close_delimited, good, message, raw, reply
from faces import Face
from quirky import Behaviour, Exchange, Quirky

import gcrec

# A connection becomes free a moment after its answer was read; on a busy machine a quick next call may miss it and open
# another. Without keep-alive there would be as many connections as calls, which are 40 or more in each test.
FEW = 10


@pytest.mark.parametrize("operation", OPERATIONS)
def test_calls_share_one_connection(face: Face, quirky: Quirky, operation: str) -> None:
    """With asyncio each call here has a loop of its own, and still the connection is kept."""
    quirky.play(good(operation))
    for _ in range(40):
        face.run(operation, quirky.url)
    assert len(quirky.requests) == 40
    assert quirky.connections <= FEW


def test_the_faces_share_it_too(quirky: Quirky) -> None:
    """One pool for the process, whoever asks."""
    rounds = 10
    quirky.play(*(good(operation) for _ in range(2 * rounds) for operation in OPERATIONS))
    for name in ("sync", "asyncio") * rounds:
        for operation in OPERATIONS:
            Face(name).run(operation, quirky.url)
    assert len(quirky.requests) == 2 * rounds * len(OPERATIONS)
    assert quirky.connections <= FEW


@pytest.mark.parametrize("status", [400, 404, 409, 500])
def test_a_refusal_keeps_the_connection(face: Face, quirky: Quirky, status: int) -> None:
    """The body of an error is read to its end, so the connection stays usable."""
    quirky.play(reply(status, {"message": "x" * 5_000}))
    for _ in range(40):
        with pytest.raises(gcrec.ApiError):
            face.run("control", quirky.url, max_retries=0)
    assert quirky.connections <= FEW


@pytest.mark.parametrize("polite", [True, False], ids=["Connection: close", "silent FIN"])
def test_a_server_that_closes_after_each_answer(face: Face, quirky: Quirky, polite: bool) -> None:
    """A command after the FIN goes over a new connection, once; nothing is lost and nothing doubled."""
    hung_up = threading.Event()

    def act(exchange: Exchange) -> None:
        headers = [("Connection", "close")] if polite else []
        exchange.send(message(202, {"n": len(quirky.requests)}, headers))
        exchange.close()
        hung_up.set()

    quirky.play(Behaviour(act))
    for turn in range(1, 6):
        hung_up.clear()
        assert face.run("control", quirky.url) == {"n": turn}
        assert hung_up.wait(5)
    assert (len(quirky.requests), quirky.connections) == (5, 5)


def test_http_1_0_is_not_kept(face: Face, quirky: Quirky) -> None:
    """Its connection is spent; the next call has its own."""
    quirky.play(close_delimited(202, {"a": 1}))
    for _ in range(3):
        face.run("control", quirky.url)
    assert quirky.connections == 3


def test_parallel_calls_do_not_wait_for_each_other(quirky: Quirky) -> None:
    """Every answer waits until all requests are there: a serialising client would hang."""
    crowd = 16
    gate = threading.Barrier(crowd)

    def act(exchange: Exchange) -> None:
        gate.wait(10)
        exchange.send(message(200, {"items": [{"id": "x"}]}))

    quirky.play(Behaviour(act))
    with concurrent.futures.ThreadPoolExecutor(crowd) as pool:
        found = list(pool.map(lambda n: Face("sync" if n % 2 else "asyncio").run("status", quirky.url), range(crowd)))
    assert found == [{"id": "x"}] * crowd


def test_answers_reach_their_own_callers(quirky: Quirky) -> None:
    """Concurrent calls over kept connections must never swap answers."""

    def act(exchange: Exchange) -> None:
        identity = exchange.request.target.rpartition(b"/")[2].decode()
        exchange.send(message(200, {"items": [{"id": identity}]}))

    quirky.play(Behaviour(act))

    def ask(n: int) -> Any:
        return Face("sync" if n % 2 else "asyncio").check_recording_status("token", quirky.url, f"call-{n}")

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        found = list(pool.map(ask, range(200)))
    assert found == [{"id": f"call-{n}"} for n in range(200)]


def test_two_servers_are_two_pools(face: Face, quirky: Quirky, bystander: Quirky) -> None:
    """A token for one origin never travels to another."""
    quirky.play(good("status"))
    bystander.play(good("status"))
    face.check_recording_status("token-a", quirky.url, "x")
    face.check_recording_status("token-b", bystander.url, "x")
    face.check_recording_status("token-a", quirky.url, "x")
    assert [seen.header("Authorization") for seen in quirky.requests] == ["Bearer token-a"] * 2
    assert [seen.header("Authorization") for seen in bystander.requests] == ["Bearer token-b"]


def test_cookies_are_not_kept(face: Face, quirky: Quirky) -> None:
    """A pool shared by all callers must carry nothing from one to the next."""
    quirky.play(reply(202, {}, [("Set-Cookie", "session=secret; Path=/")]))
    face.run("control", quirky.url)
    face.run("control", quirky.url)
    assert quirky.requests[1].header("Cookie") is None


def test_answers_out_of_thin_air_are_dropped(face: Face, quirky: Quirky) -> None:
    """Bytes beyond the announced length must not answer the next command."""
    poison = message(202, {"n": "poison"})
    quirky.play(raw(message(202, {"n": 1}) + poison), good("control"))
    assert face.run("control", quirky.url) == {"n": 1}
    assert face.run("control", quirky.url) != {"n": "poison"}
