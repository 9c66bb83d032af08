"""Trials of the promises that take a storm, a kill or a crowd to see. Each prints what it measured, and may fail.

``python scripts/trials.py [memory] [kill] [storm] [latency] [tokens] [watch]``; without a name all of them.
"""

from __future__ import annotations

import asyncio
import functools
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import gcrec
from gcrec.testing import Simulator

WORKER = """
import sys, gcrec
base_url, client_id, client_secret, journal, settle, *ids = sys.argv[1:]
ids = open(ids[0]).read().split()
client = gcrec.Client(base_url, client_id=client_id, client_secret=client_secret, settle=float(settle))
report = client.ensure_many(ids, "stopped", journal=journal, timeout=30.0).run()
print(report.counts, flush=True)
sys.exit(0 if sum(report.counts.get(kind, 0) for kind in ("failed", "unknown")) == 0 else 1)
"""


def trial_kill(commands: int = 2_000, seed: int = 1) -> None:
    """``kill -9`` at random moments of a journaled run with 1 % lost answers and 1 % 500s, resumed until it is done."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder, Simulator(calls=0, propagation=(0.05, 0.4), seed=seed) as sim:
        ids = [sim.add_call(state="recording") for _ in range(commands)]
        listing, journal = Path(folder, "ids"), Path(folder, "journal.db")
        listing.write_text("\n".join(ids))
        sim.fail("control", times=None, probability=0.01, reset="after")
        sim.fail("control", times=None, probability=0.01, status_code=500)
        arguments = [sim.base_url, sim.client_id, sim.client_secret, str(journal), "2.0", str(listing)]
        kills, began = 0, time.monotonic()
        while True:
            worker = subprocess.Popen([sys.executable, "-c", WORKER, *arguments], stdout=subprocess.PIPE, text=True)
            try:
                worker.wait(rng.uniform(0.1, 1.2) if kills < 12 else None)
            except subprocess.TimeoutExpired:
                os.kill(worker.pid, signal.SIGKILL)
                worker.wait()
                kills += 1
                continue
            told = worker.stdout.read() if worker.stdout else ""
            print(f"  after {kills} kills: exit {worker.returncode} {told.strip()}")
            if worker.returncode == 0:
                break
        effects = Counter(len(sim.commands(id)) for id in ids)
        states = Counter(sim.state(id) for id in ids)
        pending, runs = gcrec.Journal(journal).pending(), gcrec.Journal(journal).runs()
        print(
            f"kill: {commands} calls, {kills} kills, {time.monotonic() - began:.1f} s; effective commands a call: "
            f"{dict(effects)}; states: {dict(states)}; open rows: {len(pending)}; "
            f"unfinished runs: {sum(run.finished_at is None for run in runs)}"
        )
        assert effects == {1: commands} and states == {"stopped": commands} and not pending


def trial_storm(conversations: int = 300, limit: int = 1_200, window: float = 60.0) -> None:
    """Hundreds of conversations under a limit, with 500s, resets and a revoked token."""
    for given in (float(limit) * 60 / window, None):
        with Simulator(calls=0, propagation=0.5, rate_limit=limit, rate_window=window) as sim:
            ids = [sim.add_call(state="recording") for _ in range(conversations)]
            sim.fail("control", times=None, probability=0.01, status_code=500)
            sim.fail("control", times=None, probability=0.01, reset="after")
            sim.fail("status", times=None, probability=0.01, reset="before")
            client = sim.client(rate_limit=given)
            timer = threading.Timer(5.0, sim.revoke_tokens)
            timer.start()
            began = time.monotonic()
            report = client.ensure_many(ids, "stopped").run()
            elapsed = time.monotonic() - began
            timer.cancel()
            requests = [request for request in sim.requests if request.path.startswith("/api/")]
            refused = sum(request.status_code == 429 for request in requests)
            bound = 1.1 * (3 * conversations / limit * window) + 10.0
            effects = Counter(len(sim.commands(id)) for id in ids)
            counts = {kind: count for kind, count in report.counts.items() if count}
            print(
                f"storm, {'given' if given else 'learned'} limit of {limit} in {window:.0f} s: {counts}; "
                f"{len(requests) / conversations:.2f} requests a conversation, {refused} answered 429 "
                f"({refused / len(requests):.2%}), {elapsed:.1f} s (bound {bound:.1f} s); effects {dict(effects)}"
            )
            assert counts == {"proven": conversations} and effects == {1: conversations}
            assert refused <= 0.01 * len(requests) and len(requests) <= 3.5 * conversations


def trial_latency(rounds: int = 30) -> None:
    """One ``ensure`` with quota to spare: how long after the change it returns, and how many reads that took."""
    with Simulator(calls=0, propagation=(0.2, 3.0)) as sim:
        client = sim.client()
        lags = []
        for _ in range(rounds):
            id = sim.add_call(state="recording")
            client.ensure(id, "stopped")
            changed_at = sim.commands(id)[-1].at
            lags.append(sim.requests[-1].at - changed_at)
    with Simulator(calls=0, propagation=3.0) as sim:
        id = sim.add_call(state="recording")
        proof = sim.client().ensure(id, "stopped")
    print(f"latency: median {statistics.median(lags):.3f} s, longest {max(lags):.3f} s; {proof.polls} reads for 3 s")
    assert statistics.median(lags) <= 0.3 and proof.polls <= 13


def trial_tokens() -> None:
    """64 threads, then 1,000 tasks, share a client over a revoked token: one refresh each time."""

    def refreshes(sim: Any) -> int:
        return sum(request.path.startswith("/oauth/token") for request in sim.requests)

    with Simulator(calls=1, propagation=0.0) as sim:
        client, id = sim.client(), sim.calls[0]
        client.status(id)
        sim.revoke_tokens()
        before, gate = refreshes(sim), threading.Barrier(64)

        def look() -> None:
            gate.wait()
            client.status(id)

        threads = [threading.Thread(target=look) for _ in range(64)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        by_threads = refreshes(sim) - before

        async def tasks() -> int:
            async with sim.async_client() as client:
                await client.status(id)
                sim.revoke_tokens()
                before = refreshes(sim)
                await asyncio.gather(*(client.status(id) for _ in range(1_000)))
                return refreshes(sim) - before

        by_tasks = asyncio.run(tasks())
    print(f"tokens: {by_threads} refresh for 64 threads, {by_tasks} for 1,000 tasks")
    assert by_threads == by_tasks == 1


MEMORY = """
import sys, gcrec
base_url, client_id, client_secret, ids = sys.argv[1:]
peak = lambda: int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
before = peak()
client = gcrec.Client(base_url, client_id=client_id, client_secret=client_secret)
report = client.control_many((line.strip() for line in open(ids)), "start").run(progress=False)
assert report.counts["accepted"] == report.total, report
print((peak() - before) / 1024)
"""


def trial_memory(sizes: tuple[int, ...] = (10_000, 100_000)) -> None:
    """Peak memory above the import while commands go to ever more conversations: under 40 MiB. Linux only."""
    with tempfile.TemporaryDirectory() as folder, Simulator(calls=0, propagation=0.0) as sim:
        ids = [sim.add_call() for _ in range(sum(sizes))]
        for size in sizes:
            listing = Path(folder, "ids")
            listing.write_text("\n".join(ids[:size]))
            del ids[:size]
            command = [sys.executable, "-c", MEMORY, sim.base_url, sim.client_id, sim.client_secret, str(listing)]
            grown = float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
            print(f"memory: {grown:.1f} MiB above the import for {size:,} conversations")
            assert grown < 40


def at(text: str) -> float:
    """A moment of a line."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def _matched(
    seen: list[dict[str, Any]], true: list[tuple[float, str]], gaps: list[tuple[float, float]]
) -> tuple[int, list[int]]:
    """How many changes were passed over outside of a gap, at least; and which change each line tells then."""

    def uncovered(passed: list[tuple[float, str]]) -> int:
        # The reads after a gap take a moment.
        return sum(not any(since - 0.5 <= when <= until + 2.5 for since, until in gaps) for when, _state in passed)

    @functools.cache
    def best(line: int, place: int) -> tuple[float, tuple[int, ...]]:
        if line == len(seen):
            return uncovered(true[place:]), ()
        choices = []
        for n in range(place, len(true)):
            if true[n][1] == seen[line]["state"] and true[n][0] - 1.0 <= at(seen[line]["at"]):
                lost, found = best(line + 1, n + 1)
                choices.append((uncovered(true[place:n]) + lost, (n, *found)))
        return min(choices, default=(float("inf"), ()))

    lost, found = best(0, 0)
    assert found or not seen, f"what never was so was told: {seen} of {true}"
    return int(lost), list(found)


def trial_watch(calls: int = 200, seconds: float = 120.0, cuts: int = 10, max_pause: float = 30.0) -> None:
    """``gcrec watch`` over many calls, its socket cut: what happened is told once, or lies in a declared gap."""
    rng = random.Random(1)
    nexts = {"recording": ("pause", "stop"), "paused": ("resume",), "stopped": ("start",)}
    states = {"pause": "paused", "resume": "recording", "start": "recording", "stop": "stopped"}
    lines: list[dict[str, Any]] = []
    with Simulator(calls=0, propagation=0.02) as sim:
        ids = [sim.add_call(state="recording") for _ in range(calls)]
        forgotten, lively = ids[:3], ids[3:]
        arguments = ["watch", "--queue", sim.queues[0].id, "--jsonl", "--max-pause", str(max_pause)]
        command = [sys.executable, "-m", "gcrec", *arguments]
        with subprocess.Popen(
            command,
            env={**os.environ, **sim.env("platform")},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as watch:
            assert watch.stdout and watch.stderr
            stdout = watch.stdout
            reader = threading.Thread(target=lambda: lines.extend(json.loads(line) for line in stdout))
            reader.start()
            while len(lines) < calls:
                time.sleep(0.05)
            truth: dict[str, list[tuple[float, str]]] = {id: [(time.time(), "recording")] for id in ids}

            def act(id: str, action: str) -> None:
                sim.by_hand(id, action)  # type: ignore[arg-type]
                truth[id].append((time.time(), states[action]))

            began, cut = time.monotonic(), 0
            for id in forgotten:
                act(id, "pause")
            while (passed := time.monotonic() - began) < seconds:
                if passed > (cut + 1) * seconds / (cuts + 1) and cut < cuts:
                    # In the middle of changes: those right before and after it are the ones that could be lost.
                    sim.drop_sockets()
                    cut += 1
                for id in rng.sample(lively, 3):
                    # No pause of these is forgotten.
                    act(id, rng.choice(nexts[truth[id][-1][1]]))
                for id in lively:
                    if truth[id][-1][1] == "paused" and time.time() - truth[id][-1][0] > max_pause / 2:
                        act(id, "resume")
                time.sleep(0.05)
            time.sleep(3.0)
            watch.send_signal(signal.SIGTERM)
            code, told = watch.wait(), watch.stderr.read()
            reader.join()

    gaps = [(at(line["since"]), at(line["until"])) for line in lines if line["event"] == "EventsGap"]
    alarms = Counter(line["conversation_id"] for line in lines if line["event"] == "PauseAlarm")
    changes = [line for line in lines if line["event"] not in ("EventsGap", "PauseAlarm")]
    twice = lost = hidden = 0
    lags: list[float] = []
    for id, true in truth.items():
        seen = [line for line in changes if line["conversation_id"] == id]
        twice += sum(before["state"] == after["state"] for before, after in zip(seen, seen[1:]))
        passed_over, found = _matched(seen, true, gaps)
        lags += [at(line["at"]) - true[n][0] for line, n in zip(seen, found) if line["seen_by"] == "event"]
        skipped = len(true) - len(seen)
        lost, hidden = lost + passed_over, hidden + skipped - passed_over
    total, away = sum(len(true) for true in truth.values()), sum(until - since for since, until in gaps)
    print(
        f"watch: {calls} calls, {seconds:.0f} s, {cuts} cuts; {total} changes, {len(changes)} told, {lost} lost, "
        f"{twice} told twice, {hidden} passed over in {len(gaps)} declared gaps ({away:.2f} s in all); "
        f"alarms a forgotten pause: {list(alarms.values())}; median lag {statistics.median(lags):.3f} s; "
        f"exit {code}, {told.strip()}"
    )
    assert lost == twice == 0 and len(gaps) == cuts and alarms == Counter(forgotten) and code == 1


TRIALS = {
    "watch": trial_watch,
    "memory": trial_memory,
    "kill": trial_kill,
    "storm": trial_storm,
    "latency": trial_latency,
    "tokens": trial_tokens,
}


def main() -> None:
    """Runs the trials that are named, or all."""
    for name in sys.argv[1:] or TRIALS:
        TRIALS[name]()


if __name__ == "__main__":
    main()
