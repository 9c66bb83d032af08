"""Rules of proof, section 5: the intent is durable before the command leaves."""

from __future__ import annotations

import os
import re
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing, contextmanager

import pytest
from answers import reply
from quirky import Behaviour
from staging import raises

import gcrec

CALL = "2f6e1a34-8c5b-4a7e-9d10-b1c2d3e4f506"


def rows(journal):
    return list(gcrec.Journal(journal).entries())


def table(journal, query):
    """What SQLite itself reads, once nobody has the journal."""
    with closing(sqlite3.connect(journal)) as connection:
        return connection.execute(query).fetchall()


def spoilt(journal):
    """Another process ruins the journal while this one has it: from now on nothing can be written."""
    script = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('DROP TABLE entries')"
    subprocess.run([sys.executable, "-c", script, str(journal)], check=True)


@contextmanager
def full_disk(journal):
    """While it lasts the journal's log cannot grow, nor any file beyond it."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = journal.with_name(f"{journal.name}-wal").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


# -- the order -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("api", "found", "call", "operation"),
    [
        ("events", None, lambda client: client.start(CALL), "start"),
        ("platform", None, lambda client: client.pause(CALL), "pause"),
        ("events", "recording", lambda client: client.ensure(CALL, "stopped"), "ensure"),
        ("platform", "recording", lambda client: client.start(CALL), "start"),
        ("platform", "recording", lambda client: client.ensure(CALL, "stopped"), "ensure"),
        ("platform", "recording", lambda client: client.paused(CALL).__enter__(), "block"),
    ],
    ids=["start", "pause", "ensure", "published start", "published ensure", "block"],
)
def test_rule_5_the_intent_is_durable_before_the_command_leaves(face, quirky, journal, api, found, call, operation):
    """The intent is durable (SQLite, WAL, `synchronous=FULL`) before the command leaves."""
    at_arrival = []

    def arrived(exchange):
        at_arrival.extend(rows(journal))
        reply(403, {}).act(exchange)

    leg = {"state": "connected", "recording": True, "recordingState": "active", "securePause": False}
    agent = {"id": "agent", "purpose": "agent", "calls": [leg]}
    body = {"id": CALL, "participants": [agent], "items": [{"status": "recording"}]}
    quirky.play(*([reply(200, body)] if found else []), Behaviour(arrived))
    client = face.client(quirky.url, access_token="token", api=api, journal=journal)
    with pytest.raises(gcrec.PermissionDeniedError):
        call(client)
    [row] = at_arrival
    assert (row.operation, row.conversation_id, row.outcome, row.outcome_at) == (operation, CALL, None, None)
    client.close()


@pytest.mark.parametrize(
    ("fault", "outcome"), [({}, "accepted"), ({"status_code": 403}, "failed"), ({"reset": "after"}, "unknown")]
)
def test_rule_5_the_outcome_comes_after(staged, journal, fault, outcome):
    """... the outcome after."""
    stage = staged(client={"journal": journal})
    if fault:
        stage.sim.fail("control", **fault)
        with pytest.raises(gcrec.GcrecError):
            stage.client.pause(stage.call)
    else:
        stage.client.pause(stage.call)
    [row] = rows(journal)
    assert (row.outcome, row.outcome_at is not None) == (outcome, True)


@pytest.mark.parametrize(("begin", "outcome"), [("recording", "proven"), ("paused", "already")])
def test_rule_5_the_outcome_of_a_wish_tells_proven_from_already(staged, journal, begin, outcome):
    """... the outcome after. Section 8: never called proven what was only accepted."""
    stage = staged(state=begin, client={"journal": journal})
    stage.client.ensure(stage.call, "paused")
    assert [(row.operation, row.target, row.outcome) for row in rows(journal)] == [("ensure", "paused", outcome)]


# -- where it cannot be written --------------------------------------------------------------------------------------

CALLS = [
    lambda stage: stage.client.pause(stage.call),
    lambda stage: stage.client.ensure(stage.call, "paused"),
    lambda stage: stage.client.paused(stage.call).__enter__(),
]


@pytest.mark.parametrize("call", CALLS, ids=["command", "ensure", "block"])
def test_rule_5_if_it_cannot_be_written_nothing_is_sent(staged, journal, call):
    """If it cannot be written (disk full, read-only, corrupt, locked), nothing is sent."""
    stage = staged(client={"journal": journal})
    spoilt(journal)
    with pytest.raises(gcrec.JournalError) as raised:
        call(stage)
    assert (raised.value.maybe_sent, stage.sent()) == (False, [])


@pytest.mark.parametrize("call", CALLS, ids=["command", "ensure", "block"])
def test_rule_5_if_the_disk_is_full_nothing_is_sent(staged, journal, call):
    """If it cannot be written (disk full, ...), nothing is sent."""
    stage = staged(client={"journal": journal})
    with full_disk(journal), pytest.raises(gcrec.JournalError):
        call(stage)
    assert stage.sent() == []


@pytest.mark.parametrize("call", CALLS, ids=["command", "ensure", "block"])
@pytest.mark.parametrize("replaced", [False, True], ids=["removed", "replaced"])
def test_rule_5_if_the_file_is_gone_nothing_is_sent(staged, journal, call, replaced):
    """The intent is durable before the command leaves: not in a file that nobody can find again."""
    stage = staged(client={"journal": journal})
    journal.rename(journal.with_name("moved.db"))
    if replaced:
        journal.write_bytes(journal.with_name("moved.db").read_bytes())
    with pytest.raises(gcrec.JournalError, match="moved or removed") as raised:
        call(stage)
    assert (raised.value.maybe_sent, stage.sent()) == (False, [])


@pytest.mark.parametrize("content", [b"no journal, but somebody's notes\n" * 99, b"SQLite format 3\0" + b"\xff" * 4096])
def test_rule_5_a_file_that_is_no_journal_is_refused_and_left_alone(staged, journal, content):
    """If it cannot be written (... corrupt ...), nothing is sent."""
    journal.write_bytes(content)
    stage = staged()
    with pytest.raises(gcrec.JournalError):
        stage.another_client(journal=journal)
    assert journal.read_bytes() == content


def test_rule_5_a_blocks_resume_is_sent_all_the_same(staged, journal):
    """... except a block's resume, which is sent (its open pause row covers it), and the exit raises JournalError."""
    stage = staged(client={"journal": journal})
    with raises(gcrec.JournalError), stage.client.paused(stage.call):
        spoilt(journal)
    assert (stage.acted, stage.state) == (["pause", "resume"], "recording")


def test_rule_5_what_covers_that_resume_is_the_row_of_the_pause(staged, journal):
    """... its open pause row covers it."""
    stage = staged(client={"journal": journal})
    block = stage.client.paused(stage.call)
    block.__enter__()
    with full_disk(journal), pytest.raises(gcrec.JournalError):
        block.__exit__(None, None, None)
    [row] = gcrec.Journal(journal).pending()
    assert (stage.state, row.action, row.phase) == ("recording", "pause", "paused")


def test_rule_5_the_watch_pauses_nothing_that_it_cannot_write_down(staged, journal):
    """If it cannot be written, nothing is sent."""
    stage = staged(client={"journal": journal})
    with raises(gcrec.PauseBrokenError), stage.client.paused(stage.call):
        before = len(stage.sent())
        spoilt(journal)
        stage.sim.by_hand(stage.call, "resume")
        stage.sim.advance(7.0)
        assert len(stage.sent()) == before


# -- what it holds ---------------------------------------------------------------------------------------------------


def test_rule_5_what_a_row_holds(staged, journal):
    """A row holds who (client id), what, target, conversation, state before, when (UTC and monotonic), status code,
    error code, correlation id, reason, outcome."""
    stage = staged(client={"journal": journal})
    stage.client.ensure(stage.call, "paused")
    [row] = rows(journal)
    assert (row.client_id, row.action, row.target) == (stage.sim.client_id, "pause", "paused")
    assert (row.conversation_id, row.state_before, row.basis) == (stage.call, "recording", "securePause")
    assert (row.status_code, row.error_code, row.outcome, row.pid) == (202, None, "proven", os.getpid())
    assert row.intent_at.utcoffset().total_seconds() == 0 and row.intent_at < row.outcome_at
    assert row.correlation_id == stage.sim.commands(stage.call)[0].request_id
    stage.client.close()
    [(before, after)] = table(journal, "SELECT intent_monotonic, outcome_monotonic FROM entries")
    assert 0 <= before < after


def test_rule_5_a_row_of_a_refusal_holds_the_servers_code(staged, journal):
    """... status code, error code."""
    stage = staged(client={"journal": journal})
    stage.sim.end_call(stage.call)
    with pytest.raises(gcrec.BadRequestError):
        stage.client.pause(stage.call)
    [row] = rows(journal)
    assert (row.status_code, row.error_code) == (400, "conversation.error.call.disconnected")


def test_rule_5_never_bodies_numbers_or_names_of_callers(staged, journal):
    """Never bodies, numbers or names of callers. Section 8: never a secret in a journal."""
    stage = staged(client={"journal": journal})
    stage.client.conversation(stage.call)
    stage.client.ensure(stage.call, "paused")
    stage.client.ensure(stage.call, "recording", resume_paused=True)
    with stage.client.paused(stage.call):
        pass
    stage.client.close()
    kept = b"".join(path.read_bytes() for path in journal.parent.iterdir())
    assert stage.call.encode() in kept
    for secret in (
        b"+1202",
        b"Customer",
        b"sip:",
        b'recordingState"',
        b"participants",
        stage.sim.client_secret.encode(),
    ):
        assert secret not in kept
    assert not re.search(rb"[Bb]earer", kept)


@pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX's")
def test_rule_5_file_mode_0600(staged, journal):
    """File mode 0600."""
    stage = staged(client={"journal": journal})
    stage.client.pause(stage.call)
    assert {stat.S_IMODE(path.stat().st_mode) for path in journal.parent.iterdir()} == {0o600}


# -- whose it is -----------------------------------------------------------------------------------------------------


def elsewhere(script, *arguments):
    """Runs a script in another process, and gives what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)], capture_output=True, text=True, check=True
    )
    return done.stdout


def test_rule_5_a_journal_belongs_to_one_process(staged, journal):
    """A journal belongs to one process: an OS lock for its life, an error that names the holder's pid otherwise."""
    stage = staged(client={"journal": journal})
    script = """if True:
        import gcrec, sys
        try:
            gcrec.Client("http://127.0.0.1:1", access_token="token", journal=sys.argv[1])
        except gcrec.JournalError as error:
            print(error)
    """
    assert f"process {os.getpid()}" in elsewhere(script, journal)
    stage.client.pause(stage.call)
    stage.client.close()
    assert elsewhere(script, journal) == ""


def test_rule_5_clients_of_one_process_share_it(staged, journal):
    """A journal belongs to one process."""
    stage = staged(client={"journal": journal})
    another = stage.another_client(journal=journal)
    stage.client.pause(stage.call)
    another.resume(stage.call)
    assert [row.action for row in rows(journal)] == ["pause", "resume"]
    another.close()


@pytest.mark.skipif(not hasattr(os, "fork") or sys.platform == "darwin", reason="no fork that can be relied on")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_rule_5_a_forked_child_has_none(face, quirky, journal):
    """... a forked child has none."""
    quirky.play(reply(202, {}))
    client = face.client(quirky.url, access_token="token", api="platform", journal=journal)
    client.pause(CALL)
    child = os.fork()
    if child == 0:
        try:
            face.forget()
            client.resume(CALL)
        except gcrec.JournalError:
            os._exit(0)
        finally:
            os._exit(1)
    assert (os.waitpid(child, 0)[1], len(quirky.requests)) == (0, 1)
    client.resume(CALL)
    assert [row.action for row in rows(journal)] == ["pause", "resume"]
    client.close()


@pytest.mark.parametrize("face", ["sync", "asyncio"])
def test_rule_4_without_a_journal_the_first_block_warns_once(quirky, face):
    """Section 4: without a journal the first `paused()` of a process warns once."""
    quirky.play(reply(403, {}))
    script = """if True:
        import asyncio, gcrec, sys, warnings
        def use(client):
            try:
                with client.paused("a"): pass
            except gcrec.PermissionDeniedError: pass
        async def use_async(client):
            try:
                async with client.paused("a"): pass
            except gcrec.PermissionDeniedError: pass
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            for _ in range(3):
                if sys.argv[2] == "sync":
                    use(gcrec.Client(sys.argv[1], access_token="token", api="platform"))
                else:
                    asyncio.run(use_async(gcrec.AsyncClient(sys.argv[1], access_token="token", api="platform")))
        print([str(warning.message) for warning in caught if "journal" in str(warning.message)].__len__())
    """
    assert elsewhere(script, quirky.url, face).strip() == "1"
