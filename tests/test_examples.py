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

FOLDER = Path(__file__).parent.parent / "examples"
TUTORIAL = sorted(FOLDER.glob("tutorial_*.py"))
PLATFORM = FOLDER / "platform_card_payment.py"


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    """``gcrec sim`` as its own process, as the README shows it."""
    command = [sys.executable, "-m", "gcrec", "sim", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        facts = json.loads(process.stdout.readline())
        yield {f"GENESYS_{name.upper()}": value for name, value in facts.items()}
        process.terminate()


@pytest.mark.parametrize("example", TUTORIAL, ids=lambda path: path.stem)
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


def test_a_card_payment_is_paused_resumed_and_in_the_evidence(environment: dict[str, str], tmp_path: Path) -> None:
    env = {**os.environ, **environment, "GCREC_API": "platform"}

    def run(*arguments: str) -> list[str]:
        line = [sys.executable, str(PLATFORM), *arguments]
        done = subprocess.run(line, env=env, capture_output=True, text=True, check=False, cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout.splitlines()

    listed = run()
    assert len(listed) == 3
    told = run(listed[-1].split()[0])
    assert told[0].startswith("1. Recording:") and told[0].endswith("-> recording")
    assert told[1:5] == [
        "2. Paused, and proven so; whose pause: self",
        "   (here the customer says a card number)",
        "3. Resumed: recording",
        "4. Stopped: stopped",
    ]
    assert any(line.startswith("5. Evidence: SecurePause from ") for line in told[5:])
