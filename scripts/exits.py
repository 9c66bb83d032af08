"""Ends interpreters in every way, many times, and counts those that end badly.

Run it with the interpreter to be tested: ``python scripts/exits.py --runs 50``.
"""

from __future__ import annotations

import argparse
import collections
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests"))

from bridge_server import running
from exit_scripts import SCRIPTS, command, complaint

TOO_LONG = 20.0  # seconds


def end_once(name, url):
    """How one interpreter ended: what is wrong with it, and how long it took in seconds."""
    start = time.monotonic()
    try:
        script = subprocess.run(command(name, url), capture_output=True, text=True, check=False, timeout=TOO_LONG)
    except subprocess.TimeoutExpired:
        return "hang", TOO_LONG
    return complaint(name, script.returncode, script.stderr), time.monotonic() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=50, help="how often each script is run")
    parser.add_argument("--only", default="", help="run only scripts whose name contains this")
    options = parser.parse_args()
    bad = total = 0
    print("CPython", sys.version.split()[0])
    print("{:48} {:>5} {:>5} {:>10}".format("script", "runs", "bad", "slowest s"))
    with running() as server:
        for name in SCRIPTS:
            if options.only not in name:
                continue
            ends = [end_once(name, server.url) for _ in range(options.runs)]
            wrong = collections.Counter(wrong for wrong, _ in ends if wrong)
            bad += sum(wrong.values())
            total += len(ends)
            slowest = max(took for _, took in ends)
            print(f"{name:48} {len(ends):5} {sum(wrong.values()):5} {slowest:10.2f}", flush=True)
            for what, times in wrong.most_common():
                print("    {} x {}".format(times, what.strip().replace("\n", "\n    ")))
    print(f"{total} exits, {bad} bad")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
