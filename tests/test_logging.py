"""What gcrec tells Python's ``logging``: silent unless asked, told by the time a call returns, and never a secret."""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
import threading
import time
from typing import Any

import pytest
from answers import NEVER, RESET, good, reply
from bridge_support import forked
from faces import CLIENT_ID, CONVERSATION, SECRET, TOKEN, Face
from log_support import LATER, levels, listen  # noqa: F401
from quirky import Behaviour, Exchange, Quirky, serving

import gcrec

EXCHANGE = "8d0c2f8e-6f1f-4c53-9a5f-1b6f0f1a2b3c"


# -- what is told -----------------------------------------------------------------------------------------------------


def test_an_attempt(face: Face, quirky: Quirky) -> None:
    """Everything that a search in a log platform needs, as attributes and in the sentence."""
    told = listen()
    quirky.play(good("control", [("ININ-Correlation-Id", EXCHANGE)]))
    before = time.time()
    face.run("control", quirky.url)
    after = time.time()
    [record] = told.records
    facts: Any = record
    assert (record.name, record.levelno) == ("gcrec.http", logging.DEBUG)
    assert (facts.method, facts.path_template, facts.status_code) == ("POST", facts.path_template, 202)
    assert "{" in facts.path_template
    assert (facts.attempt, facts.correlation_id, facts.wire) == (1, EXCHANGE, "events")
    assert 0 < facts.elapsed_ms < (after - before) * 1000 + 1
    assert before - 0.001 <= record.created <= after
    words = record.getMessage()
    assert words.startswith(f"POST {facts.path_template} answered 202 in ")
    assert words.endswith(" ms (attempt 1, wire events, correlation id " + EXCHANGE + ")")


def test_a_repeat_is_a_warning(face: Face, quirky: Quirky) -> None:
    told = listen()
    quirky.play(LATER, LATER, good("status"))
    face.run("status", quirky.url)
    facts: Any = told.records
    assert [(r.levelname, r.status_code, r.attempt) for r in facts] == [
        ("WARNING", 503, 1),
        ("WARNING", 503, 2),
        ("DEBUG", 200, 3),
    ]
    assert told.records[0].getMessage().endswith("; it is repeated after 0.00 s")


def test_a_failure_that_is_raised_is_no_warning(face: Face, quirky: Quirky) -> None:
    """The exception says it already."""
    told = listen()
    quirky.play(RESET)
    with pytest.raises(gcrec.TransportError):
        face.run("control", quirky.url)
    [record] = told.records
    assert record.levelno == logging.DEBUG
    assert " failed (transport) in " in record.getMessage()
    assert not hasattr(record, "status_code")


def test_a_renewal(quirky: Quirky) -> None:
    told = listen(logging.INFO)
    quirky.play(
        good("token"),
        good("status"),
        reply(401, {}),
        reply(200, {"access_token": "second-token", "expires_in": 600}),
        good("status"),
    )
    with gcrec.Client(quirky.url, client_id=CLIENT_ID, client_secret=SECRET) as client:
        client.status(CONVERSATION)
        client.status(CONVERSATION)
    facts: Any = told.named("gcrec.auth")
    assert [(r.levelname, r.expires_in) for r in facts] == [("INFO", 86399), ("INFO", 600)]
    refused: Any
    [refused] = told.named("gcrec.http")
    assert (refused.levelname, refused.status_code) == ("WARNING", 401)


def test_a_renewal_that_fails(quirky: Quirky) -> None:
    told = listen(logging.INFO)
    quirky.play(reply(401, {"error": "invalid_client", "description": f"no {SECRET}"}))
    client = gcrec.Client(quirky.url, client_id=CLIENT_ID, client_secret=SECRET)
    with client, pytest.raises(gcrec.AuthenticationError):
        client.status(CONVERSATION)
    facts: Any
    [facts] = told.named("gcrec.auth")
    assert (facts.levelname, facts.kind, facts.status_code) == ("WARNING", "authentication", 401)


def test_a_token_cache_that_others_can_read(quirky: Quirky, tmp_path: Any) -> None:
    told = listen(logging.WARNING)
    cache = tmp_path / "tokens.json"
    cache.write_text("{}")
    cache.chmod(0o644)
    quirky.play(good("token"), good("status"))
    with gcrec.Client(quirky.url, client_id=CLIENT_ID, client_secret=SECRET, token_cache=cache) as client:
        client.status(CONVERSATION)
    assert "others can read it" in told.named("gcrec.auth")[0].getMessage()


# -- to whom ----------------------------------------------------------------------------------------------------------


def run(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=15, check=True)


CALL = "gcrec.check_recording_status('token', sys.argv[1], 'call-1', timeout=10)"


def test_who_does_not_import_logging_pays_nothing_for_it(quirky: Quirky) -> None:
    quirky.play(LATER, good("status"))
    done = run(
        f"import sys, gcrec; had = 'logging' in sys.modules; {CALL}; print(had or 'logging' not in sys.modules)",
        quirky.url,
    )
    assert (done.stdout, done.stderr) == ("True\n", "")


@pytest.mark.parametrize("face", ["sync", "asyncio"])
def test_silent_unless_configured(quirky: Quirky, face: str) -> None:
    """Python itself prints warnings of loggers without handlers to standard error."""
    quirky.play(LATER, good("status"))
    twin = CALL if face == "sync" else f"asyncio.run({CALL.replace('status(', 'status_async(')})"
    # asyncio.run wants a coroutine, which the twin is.
    done = run(f"import asyncio, logging, sys, gcrec; {twin}", quirky.url)
    assert (done.stdout, done.stderr) == ("", "")


def test_a_configuration_counts_from_the_next_call_on(quirky: Quirky) -> None:
    """Made before `logging` was imported, by the usual line, in the usual place: after the client."""
    quirky.play(good("status"))
    code = (
        "import sys, gcrec\nclient = gcrec.Client(sys.argv[1], access_token='token')\nclient.status('call-1')\n"
        "import logging\nclient.status('call-1')\n"
        "logging.basicConfig(level=logging.DEBUG, format='%(name)s %(levelname)s', stream=sys.stdout)\n"
        "client.status('call-1')\nprint('back')\n"
        "logging.getLogger().setLevel(logging.INFO)\nclient.status('call-1')"
    )
    assert run(code, quirky.url).stdout == "gcrec.http DEBUG\nback\n"


def test_each_logger_has_its_level(face: Face, quirky: Quirky) -> None:
    quirky.play(good("status"))
    told = listen(name="gcrec.http")
    logging.getLogger("gcrec").setLevel(logging.ERROR)
    face.run("status", quirky.url)
    logging.getLogger("gcrec.http").setLevel(logging.INFO)
    face.run("status", quirky.url)
    logging.getLogger("gcrec.http").setLevel(logging.DEBUG)
    logging.disable(logging.DEBUG)
    face.run("status", quirky.url)
    logging.disable(logging.NOTSET)
    face.run("status", quirky.url)
    assert len(told.records) == 2


def test_a_logger_that_is_disabled(face: Face, quirky: Quirky) -> None:
    """As `logging.config.dictConfig` does it to loggers that it does not name."""
    quirky.play(good("status"))
    told = listen()
    logging.getLogger("gcrec.http").disabled = True
    face.run("status", quirky.url)
    assert told.records == []


# -- when, and on which thread ----------------------------------------------------------------------------------------


def test_many_threads_and_tasks(quirky: Quirky) -> None:
    """Each call's record, once."""
    told = listen()
    quirky.play(good("status"))

    async def gather() -> None:
        calls = [gcrec.check_recording_status_async(TOKEN, quirky.url, CONVERSATION) for _ in range(50)]
        await asyncio.gather(*calls)
        assert len(told.records) == 50

    asyncio.run(gather())
    face = Face("sync")
    threads = [threading.Thread(target=lambda: [face.run("status", quirky.url) for _ in range(10)]) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told.records) == 100


def test_a_long_call_is_told_while_it_lasts(quirky: Quirky) -> None:
    """By the thread that waits for it."""
    repeated = threading.Event()
    told = listen(then=lambda _: repeated.set())
    quirky.play(LATER, NEVER)
    face = Face("sync")

    def call() -> None:
        with pytest.raises(gcrec.TransportError):
            face.run("status", quirky.url, max_retries=1)

    thread = threading.Thread(target=call)
    thread.start()
    assert repeated.wait(10)
    assert told.records[0].thread == thread.ident
    quirky.close()
    thread.join()


def test_a_long_call_on_a_loop_is_told_while_it_lasts(quirky: Quirky) -> None:
    """By the courier: nothing else happens on the loop."""
    repeated = threading.Event()
    told = listen(then=lambda _: repeated.set())
    quirky.play(LATER, NEVER)

    async def main() -> None:
        call = asyncio.ensure_future(gcrec.check_recording_status_async(TOKEN, quirky.url, CONVERSATION))
        await asyncio.get_running_loop().run_in_executor(None, repeated.wait, 10)
        assert not call.done()
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)

    asyncio.run(main())
    assert repeated.is_set()
    assert told.records[0].thread != threading.get_ident()


def then_silence(arrived: threading.Event) -> list[Behaviour]:
    """An answer that is repeated after, and none to the repeat: when that has arrived, the first is a record."""

    def act(exchange: Exchange) -> None:
        arrived.set()
        exchange.hold()

    return [LATER, Behaviour(act)]


def test_a_record_has_the_time_at_which_it_happened(quirky: Quirky) -> None:
    """Not that at which it was told: the loop stood still in between."""
    arrived = threading.Event()
    told = listen()
    quirky.play(*then_silence(arrived))

    async def main() -> float:
        call = asyncio.ensure_future(gcrec.check_recording_status_async(TOKEN, quirky.url, CONVERSATION))
        await asyncio.sleep(0)
        arrived.wait()
        by_then = time.time()
        assert told.records == []
        call.cancel()
        await gcrec.check_recording_status_async(TOKEN, other.url, CONVERSATION)
        return by_then

    with serving() as other:
        other.play(good("status"))
        by_then = asyncio.run(main())
    repeated, _ = told.named("gcrec.http")
    assert repeated.created <= by_then
    assert repeated.msecs == int(repeated.created % 1 * 1000)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_child_tells_nothing_of_its_parents(quirky: Quirky) -> None:
    arrived = threading.Event()
    told = listen()
    quirky.play(*then_silence(arrived))

    def child(url: str) -> None:
        told.records.clear()
        gcrec.control_recording(TOKEN, url, CONVERSATION, "start")
        assert [record.levelname for record in told.named("gcrec.http")] == ["DEBUG"]

    async def main() -> int:
        call = asyncio.ensure_future(gcrec.check_recording_status_async(TOKEN, quirky.url, CONVERSATION))
        await asyncio.sleep(0)
        arrived.wait()
        code = forked(lambda: child(other.url))
        call.cancel()
        return code

    with serving() as other:
        other.play(good("control"))
        assert asyncio.run(main()) == 0


def test_what_waits_at_the_exit_is_told(quirky: Quirky) -> None:
    arrived = threading.Event()
    quirky.play(*then_silence(arrived))
    script = (
        "import asyncio, logging, sys, gcrec\n"
        "logging.basicConfig(level=1, format='%(name)s %(levelname)s', stream=sys.stdout)\n"
        "logging.getLogger('asyncio').disabled = True\n"
        "loop = asyncio.new_event_loop()\n"
        "task = loop.create_task(gcrec.check_recording_status_async('token', sys.argv[1], 'call-1'))\n"
        "loop.run_until_complete(asyncio.sleep(0))\n"
        "sys.stdin.readline()"
    )
    pipe = subprocess.PIPE
    command = [sys.executable, "-W", "ignore", "-c", script, quirky.url]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        assert arrived.wait(10)
        output, errors = process.communicate("\n")
    assert (output, errors, process.returncode) == ("gcrec.http WARNING\n", "", 0)


# -- handlers that misbehave ------------------------------------------------------------------------------------------


def test_a_handler_that_fails_does_not_fail_the_call(
    face: Face, quirky: Quirky, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was asked of the server counts more than the log."""
    ignored: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", ignored.append)

    def fail(_: logging.LogRecord) -> None:
        raise LookupError("mine")

    listen(then=fail)
    quirky.play(good("control"))
    assert face.run("control", quirky.url)["status"] == "accepted"
    assert [type(error.exc_value) for error in ignored] == [LookupError]


def test_an_interrupt_in_a_handler_comes_out(face: Face, quirky: Quirky) -> None:
    def interrupt(_: logging.LogRecord) -> None:
        raise KeyboardInterrupt

    told = listen(then=interrupt)
    quirky.play(good("control"))
    with pytest.raises(KeyboardInterrupt):
        face.run("control", quirky.url)
    assert len(told.records) == 1
    logging.getLogger("gcrec").removeHandler(told)
    assert face.run("control", quirky.url)["status"] == "accepted"


def test_a_handler_that_makes_calls_itself(face: Face, quirky: Quirky) -> None:
    """Its calls have records too: they are for the next one to tell, or this would not end."""
    quirky.play(good("status"))
    told = listen(then=lambda _: Face("sync").run("status", quirky.url))
    face.run("status", quirky.url)
    before = len(told.records)
    logging.getLogger("gcrec").removeHandler(told)
    assert before < 20
