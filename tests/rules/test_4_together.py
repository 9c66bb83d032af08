"""Rules of proof, section 4: several pause blocks on one call."""

from __future__ import annotations

import threading
from contextlib import ExitStack

import pytest
from staging import raises

import gcrec


@pytest.mark.parametrize("clients", [1, 2])
def test_rule_4_of_nested_blocks_the_last_one_resumes(staged, clients):
    """Nested and concurrent blocks on one call are counted per process, whatever the Client; the last one resumes."""
    stage = staged()
    another = stage.client if clients == 1 else stage.another_client()
    with stage.client.paused(stage.call) as outer:
        with another.paused(stage.call) as inner:
            assert (outer.owner, inner.owner, inner.proof.commands_sent) == ("self", "self", 0)
        assert (stage.state, stage.acted) == ("paused", ["pause"])
    assert (stage.state, stage.acted) == ("recording", ["pause", "resume"])


def test_rule_4_of_overlapping_blocks_the_last_one_resumes(staged):
    """Nested and concurrent blocks on one call are counted per process, whatever the Client; the last one resumes."""
    stage = staged()
    first, second = stage.client.paused(stage.call), stage.another_client().paused(stage.call)
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert (stage.state, len(stage.sent())) == ("paused", 1)
    second.__exit__(None, None, None)
    assert (stage.state, stage.acted) == ("recording", ["pause", "resume"])


def test_rule_4_a_block_that_is_entered_again_lives_on(staged):
    """Entry proves the pause before the body runs: a second entry is an error, and takes nothing from the first."""
    stage = staged()
    block = stage.client.paused(stage.call)
    with block:
        with pytest.raises(RuntimeError, match="only once"):
            block.__enter__()
        stage.sim.advance(1.0)
        assert stage.state == "paused"
    assert (stage.state, stage.acted) == ("recording", ["pause", "resume"])


def test_rule_4_nested_blocks_in_a_pause_of_somebody_elses_leave_it(staged):
    """The block resumes only its own pause."""
    stage = staged(state="paused")
    with stage.client.paused(stage.call), stage.client.paused(stage.call) as inner:
        assert inner.owner == "other"
    assert (stage.state, stage.sent()) == ("paused", [])


def test_rule_4_a_pause_that_the_watch_of_one_sent_is_lifted_by_the_last(staged):
    """... the last one resumes; a pause of the watch is ours from then on."""
    stage = staged(state="paused")
    with ExitStack() as blocks:
        for _ in range(2):
            blocks.enter_context(raises(gcrec.PauseBrokenError))
            blocks.enter_context(stage.client.paused(stage.call))
        stage.sim.by_hand(stage.call, "resume")
        stage.sim.advance(7.0)
        assert stage.state == "paused"
    assert stage.state == "recording"


def test_rule_4_blocks_on_different_calls_have_nothing_to_do_with_each_other(staged):
    """Nested and concurrent blocks on one call are counted."""
    stage = staged()
    other = stage.sim.add_call(state="recording")
    with stage.client.paused(stage.call):
        with stage.client.paused(other):
            assert stage.sim.state(other) == "paused"
        assert (stage.sim.state(other), stage.state) == ("recording", "paused")


def test_rule_4_concurrent_blocks_of_many_threads(staged):
    """Nested and concurrent blocks on one call are counted per process, whatever the Client (a thread each here; on
    event loops a loop each)."""
    stage = staged(propagation=0.25)
    clients = [stage.client, stage.another_client()]
    together, seen = threading.Barrier(6, timeout=10), []

    def use(client):
        together.wait()
        with client.paused(stage.call):
            together.wait()
            seen.append(stage.state)
            together.wait()

    threads = [threading.Thread(target=use, args=(clients[n % 2],)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (seen, stage.state, stage.acted) == (["paused"] * 6, "recording", ["pause", "resume"])


def test_rule_4_blocks_that_come_and_go(staged):
    """Nested and concurrent blocks on one call are counted: whoever is inside has a paused call."""
    stage = staged(propagation=0.25)
    seen = []

    def use():
        for _ in range(3):
            with stage.client.paused(stage.call):
                seen.append(stage.state)

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (seen, stage.state) == (["paused"] * 12, "recording")
    assert stage.acted == ["pause", "resume"] * (len(stage.acted) // 2)
