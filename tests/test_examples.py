"""The examples run as they stand; the tutorial's own script, with requests, against ``gcrec sim``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.py"))


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    """``gcrec sim`` as its own process, as the README shows it."""
    command = [sys.executable, "-m", "gcrec", "sim", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        facts = json.loads(process.stdout.readline())
        yield {f"GENESYS_{name.upper()}": value for name, value in facts.items()}
        process.terminate()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_the_example_ends_with_the_stop_verified(example: Path, environment: dict[str, str]) -> None:
    """The tutorial's own script takes ten seconds: its sleeps are what the other one does without."""
    if "requests" in example.stem:
        pytest.importorskip("requests")
    done = subprocess.run(
        [sys.executable, str(example)], env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr, len(lines)) == (0, "", 8)
    assert (lines[4], lines[7]) == ("5. Status: recording", "8. Final status: ended")
