"""Processes and the cores that they run on: clients share one, the server has another."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Callable

from lab.setup import HERE, PYTHON

# A round of the slowest contestant takes some seconds. Longer than this it hangs.
PATIENCE = 120.0


def cores() -> tuple[int, int] | None:
    """The server's core and the clients', where they can be chosen."""
    if not hasattr(os, "sched_getaffinity"):
        return None
    allowed = sorted(os.sched_getaffinity(0))
    return (allowed[0], allowed[-1]) if len(allowed) > 1 else None


def pinned(core: int) -> Callable[[], None] | None:
    """To be run in a new process before its program."""
    both = cores()
    return (lambda: os.sched_setaffinity(0, {both[core]})) if both else None


def environment() -> dict[str, str]:
    """Without proxies: they would stand between some of the clients and the server."""
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return {**kept, "PYTHONPATH": str(HERE)}


@contextmanager
def server(program: Path) -> Iterator[str]:
    """The server's base URL, while it runs."""
    pipe = subprocess.PIPE
    process = subprocess.Popen([str(program)], stdin=pipe, stdout=pipe, text=True, preexec_fn=pinned(0))
    assert process.stdin and process.stdout
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.stdin.close()  # which ends it
        process.wait(PATIENCE)
        process.stdout.close()


def client(face: str, peer: str, base_url: str, seconds: float) -> dict[str, float]:
    """One measurement by a Python client."""
    return figures([str(PYTHON), str(HERE / "client.py"), face, peer, base_url, str(seconds)])


def figures(command: list[str]) -> dict[str, float]:
    """The line of JSON that a program prints, run on the clients' core."""
    pipe = subprocess.PIPE
    done = subprocess.run(
        command, stdout=pipe, stderr=pipe, text=True, env=environment(), timeout=PATIENCE, preexec_fn=pinned(1)
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise RuntimeError(lines[-1])
    result: dict[str, Any] = json.loads(done.stdout)
    return result
