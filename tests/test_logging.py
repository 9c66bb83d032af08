"""What gcrec tells Python's ``logging``: silent unless asked, told by the time a call returns, and never a secret."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from answers import CLOSE, NEVER, OPERATIONS, RESET, cut, good, reply
from bridge_support import forked
from conftest import CLIENT_ID, CONVERSATION, SECRET, TOKEN, Face
from quirky import Behaviour, Exchange, Quirky, serving

import gcrec

EXCHANGE = "8d0c2f8e-6f1f-4c53-9a5f-1b6f0f1a2b3c"
NOW = [("Retry-After", "0")]
LATER = reply(503, {"message": "later"}, NOW)


class Told(logging.Handler):
    """Keeps what it is told, and calls back."""

    def __init__(self, then: Any = None) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []
        self._then = then

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)
        if self._then is not None:
            self._then(record)

    def named(self, name: str) -> list[logging.LogRecord]:
        return [record for record in self.records if record.name == name]


@pytest.fixture(autouse=True)
def levels() -> Iterator[None]:
    """Each test begins with nothing left to tell, and ends with loggers as nobody has touched them."""
    with contextlib.suppress(gcrec.ConnectError):
        gcrec.check_recording_status(TOKEN, "http://127.0.0.1:1", CONVERSATION, max_retries=0)
    names = ["gcrec", "gcrec.http", "gcrec.auth"]
    yield
    for name in names:
        logger = logging.getLogger(name)
        logger.setLevel(logging.NOTSET)
        logger.disabled = False
        for handler in [h for h in logger.handlers if isinstance(h, Told)]:
            logger.removeHandler(handler)
    logging.disable(logging.NOTSET)


def listen(level: int = logging.DEBUG, name: str = "gcrec", then: Any = None) -> Told:
    told = Told(then)
    logging.getLogger(name).addHandler(told)
    logging.getLogger(name).setLevel(level)
    return told


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


# -- secrets ----------------------------------------------------------------------------------------------------------

NUMBER = "+15557654321"
MINE = (TOKEN, SECRET, "fresh-token", CONVERSATION, NUMBER, NUMBER[1:], "tel:", "call-1", "Bearer", "Basic", CLIENT_ID)
IDS = [TOKEN, SECRET, CONVERSATION, NUMBER, NUMBER[1:], f"tel:{NUMBER}", f"{CONVERSATION.upper()}-0", "Bearer x"]
WORDS = {"message": f"{TOKEN} {SECRET} {CONVERSATION} {NUMBER}", "id": CONVERSATION, "address": f"tel:{NUMBER}"}


def outcomes(operation: str, headers: list[tuple[str, str]]) -> list[Behaviour]:
    status, value = 200, {"items": [], "id": CONVERSATION, "access_token": TOKEN, "ani": NUMBER}
    refusals = [reply(code, WORDS, [*headers, *NOW]) for code in (302, 400, 401, 403, 404, 409, 429, 500, 503)]
    return [good(operation, headers), reply(status, value, headers), *refusals, RESET, CLOSE, cut(200, WORDS)]


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("echoed", IDS)
def test_no_secret_and_no_caller_in_any_record(face: Face, quirky: Quirky, operation: str, echoed: str) -> None:
    """Whatever the server says, in whatever it says it; at every level that there is, in every attribute."""
    if CONVERSATION in echoed.lower() and operation in ("token", "call"):
        pytest.skip("a UUID that the request did not name is the id of an exchange for all that we can know")
    told = Told()
    root, before = logging.getLogger(), logging.getLogger().level
    root.addHandler(told)
    root.setLevel(1)
    try:
        for header in ("ININ-Correlation-Id", "X-Request-Id"):
            for behaviour in outcomes(operation, [(header, echoed)]):
                quirky.play(behaviour)
                with contextlib.suppress(gcrec.GcrecError):
                    face.run(operation, quirky.url, max_retries=1)
    finally:
        root.removeHandler(told)
        root.setLevel(before)
    records = [record for record in told.records if record.name != "asyncio"]
    assert len(records) >= 28
    assert {record.name for record in records} == {"gcrec.http"}
    for record in records:
        shown = repr(vars(record)) + record.getMessage()
        assert not [secret for secret in MINE if secret.lower() in shown.lower()]


def test_no_secret_of_a_client(quirky: Quirky, tmp_path: Any) -> None:
    """With renewals, a cache and an ensure; on both faces."""
    told = listen(1)
    moved = reply(200, {"items": [{"id": NUMBER, "status": "recording"}], "who": f"tel:{NUMBER}"})

    def options(n: int) -> dict[str, Any]:
        return {"client_id": CLIENT_ID, "client_secret": SECRET, "token_cache": tmp_path / f"t{n}" / "tokens.json"}

    async def main() -> None:
        async with gcrec.AsyncClient(quirky.url, **options(1)) as client:
            await client.ensure(CONVERSATION, "recording", timeout=5)
            await client.status(CONVERSATION)

    script = (good("token"), reply(401, WORDS), good("token"), LATER, moved)
    quirky.play(*script)
    with gcrec.Client(quirky.url, **options(2)) as client:
        client.ensure(CONVERSATION, "recording", timeout=5)
        client.status(CONVERSATION)
    sync = len(told.records)
    quirky.play(*script)
    asyncio.run(main())
    records = [record for record in told.records if record.name != "asyncio"]
    assert sync >= 6
    assert len(records) == 2 * sync
    assert {record.name for record in records} >= {"gcrec.http", "gcrec.auth"}
    for record in records:
        shown = repr(vars(record)) + record.getMessage()
        assert not [secret for secret in MINE if secret.lower() in shown.lower()]
