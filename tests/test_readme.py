"""Every Python snippet of the README runs as it stands, with the environment leading to a simulator."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from gcrec.testing import Simulator

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"^```python\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


def test_there_are_snippets() -> None:
    assert len(SNIPPETS) >= 4


@pytest.mark.parametrize("snippet", SNIPPETS, ids=range(len(SNIPPETS)))
def test_the_snippet_runs(snippet: str, genesys_cloud: Simulator, tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", snippet], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert genesys_cloud.client_secret not in done.stdout


def test_the_demo_in_the_readme_is_what_the_demo_prints() -> None:
    """The same lines, but for times, port and id."""

    def shape(text: str) -> list[str]:
        changing = r"[0-9a-f]{8}-[0-9a-f-]{27}|[\d.]+ (?:ms|s)|\(\d+ looks\)|:\d+$"
        return [re.sub(r" +", " ", re.sub(changing, "*", line)) for line in text.splitlines()]

    shown = README.split("$ make demo\n", 1)[1].split("```", 1)[0]
    done = subprocess.run([sys.executable, "-m", "gcrec", "demo"], capture_output=True, text=True, check=True)
    assert shape(done.stdout) == shape(shown)
