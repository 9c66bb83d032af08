"""Measures gcrec against its peers. One command does all: ``make bench``. See README.md for how to read the result.

It reports and never judges: no figure makes it fail.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from pathlib import Path
from subprocess import SubprocessError
from typing import Any

from contests import Bench, Contest, Rounds
from contests.bulk import BULK
from contests.imports import IMPORT
from contests.throughput import ASYNCIO, BRIDGE, SEQUENTIAL
from lab.processes import cores, server
from lab.setup import Setup, prepare, say

CONTESTS = {"asyncio": ASYNCIO, "sequential": SEQUENTIAL, "bridge": BRIDGE, "bulk": BULK, "import": IMPORT}


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="Measures gcrec against its peers.")
    parser.add_argument("--only", action="append", choices=CONTESTS, help="this contest; may be repeated")
    parser.add_argument("--rounds", type=int, default=7, help="rounds of each contest (7)")
    parser.add_argument("--quick", action="store_true", help="2 short rounds: does it work?")
    parser.add_argument("--wheel", type=Path, help="the wheel of gcrec; by default the newest in dist/")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the raw figures")
    options = parser.parse_args()
    if options.quick:
        options.rounds = 2
    return options


def play(contest: Contest, bench: Bench, rounds: int) -> tuple[Rounds, dict[str, str]]:
    """All rounds of one contest, and why some contestants dropped out.

    Round robin: what the machine does besides hits everybody alike. The order rotates: nobody always follows the same.
    """
    contestants = contest.contestants(bench)
    results: Rounds = {name: [] for name in contestants}
    failed: dict[str, str] = {}
    for number in range(rounds * contest.rounds_factor):
        names = list(contestants)
        shift = number % len(names)
        for name in names[shift:] + names[:shift]:
            if name not in failed:
                try:
                    results[name].append(contestants[name]())
                except (RuntimeError, OSError, ValueError, SubprocessError) as error:
                    failed[name] = str(error)
    return {name: measured for name, measured in results.items() if name not in failed}, failed


def report(contest: Contest, rounds: Rounds, failed: dict[str, str]) -> None:
    """Prints one contest."""
    print(f"\n{contest.title}\n")
    print("\n".join(contest.table(dict(rounds))))
    for name, reason in failed.items():
        print(f"{name}: not measured ({reason})")


def machine(setup: Setup) -> dict[str, Any]:
    """What the figures depend on."""
    where = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, CPython {platform.python_version()}"
    pinned = "clients on one core, the server on another" if cores() else "nothing pinned to a core"
    return {"machine": where, "pinned": pinned, "versions": setup.versions, "missing": setup.missing}


def main() -> None:
    """Runs the contests that were asked for."""
    options = arguments()
    chosen = options.only or list(CONTESTS)
    setup = prepare(options.wheel, chosen)
    about = machine(setup)
    print(f"{about['machine']}; {about['pinned']}")
    print(", ".join(f"{name} {version}" for name, version in setup.versions.items()))
    for name in setup.missing:
        print(f"{name}: cannot be installed here")
    raw: dict[str, Any] = {}
    with server(setup.programs["server"]) as base_url:
        bench = Bench(base_url, 0.3 if options.quick else 1.0, setup.programs)
        for name in chosen:
            say(name)
            rounds, failed = play(CONTESTS[name], bench, options.rounds)
            report(CONTESTS[name], rounds, failed)
            raw[name] = rounds
    if options.json:
        options.json.write_text(json.dumps({**about, "contests": raw}, indent=1) + "\n")


if __name__ == "__main__":
    main()
