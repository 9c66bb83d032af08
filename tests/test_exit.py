"""Interpreters end as their scripts ask: with the right exit code, in silence, without an abort or a hang."""

from __future__ import annotations

import subprocess

import pytest
from exit_scripts import SCRIPTS, command, complaint

pytest_plugins = ("bridge_fixture",)

# More of the same: scripts/exits.py.
RUNS = 2


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", SCRIPTS)
def test_exit(server, name):
    for _ in range(RUNS):
        script = subprocess.run(command(name, server.url), capture_output=True, text=True, check=False)
        assert complaint(name, script.returncode, script.stderr) == ""
