"""The ``gcrec`` command as a process. What a user has set does not reach it: ``conftest.py`` takes it away."""

from __future__ import annotations

import os
import subprocess
import sys

COMMAND = [sys.executable, "-m", "gcrec"]
MEASURE = """
import os, sys
discard = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
_, status, usage = os.wait4(os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=discard), 0)
print(usage.ru_maxrss, os.waitstatus_to_exitcode(status))
"""


def gcrec(*arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Runs the command without a terminal, with no settings but the given ones."""
    return subprocess.run(
        [*COMMAND, *arguments],
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def peak_memory(*arguments: str, env: dict[str, str] | None = None) -> tuple[int, int]:
    """How much memory the command takes at most (KiB), and its exit code."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, *COMMAND, *arguments],
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        check=True,
    )
    memory, code = done.stdout.split()
    return int(memory), int(code)
