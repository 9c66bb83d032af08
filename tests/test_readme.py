"""Every Python snippet of README and docs/ runs as it stands, with the environment leading to a simulator.

What their tables and screens say is what the code says.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import gcrec
from gcrec import _gcrec
from gcrec.testing import Simulator

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCS = {page.name: page.read_text(encoding="utf-8") for page in sorted((ROOT / "docs").glob("*.md"))}
PAGES = {"README.md": README, **DOCS}
PLATFORM = DOCS["platform.md"]
SNIPPETS = [
    pytest.param(snippet, id=f"{page}-{number}")
    for page, text in PAGES.items()
    for number, snippet in enumerate(re.findall(r"^```python\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL))
]


def rows(page: str, head: str) -> list[list[str]]:
    """The cells of the table with this head."""
    body = page.split(head, 1)[1].split("\n", 2)[2].split("\n\n", 1)[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in body.splitlines()]


def words(cell: str) -> list[str]:
    """What stands in it as code."""
    return re.findall(r"`([^`]+)`", cell)


def shape(text: str) -> list[str]:
    """Its lines, but for what differs from run to run."""
    changing = (
        r"[0-9a-f]{8}-[0-9a-f-]{27}|[\d.]+ (?:ms|s)\b|\(\d+ looks\)|(?<=127\.0\.0\.1):\d+|\d+ of (?:the newest )?\d+"
    )
    return [re.sub(r" +", " ", re.sub(changing, "*", line)) for line in text.splitlines()]


def test_there_are_snippets() -> None:
    assert len(SNIPPETS) == sum(text.count("```python\n") for text in PAGES.values()) >= 15


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_the_snippet_runs(snippet: str, genesys_cloud: Simulator, tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", snippet], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert genesys_cloud.client_secret not in done.stdout


def test_the_permissions_of_the_page_are_those_of_the_wire() -> None:
    told = [
        (*words(endpoint)[0].split(), words(any_of), words(operations))
        for endpoint, any_of, operations in rows(PLATFORM, "| endpoint | any one of | used by |")
    ]
    assert told == [tuple(row) for row in _gcrec._permissions()]


def test_the_role_is_made_of_permissions_that_the_wire_takes() -> None:
    known = {permission for *_, any_of, _ in _gcrec._permissions() for permission in any_of}
    told = {word for _, cell in rows(DOCS["oauth.md"], "| for | permission |") for word in words(cell)}
    assert told <= known
    # One of each endpoint's, so that a role of these is enough.
    assert all(told & set(any_of) for *_, any_of, _ in _gcrec._permissions() if any_of)


def test_the_regions_of_the_page_are_those_of_the_code() -> None:
    source = (ROOT / "src" / "config" / "regions.rs").read_text(encoding="utf-8")
    known = re.findall(r'^    region\("([^"]+)", "([^"]+)"\)', source, flags=re.MULTILINE)
    assert known
    assert [tuple(words(name) + words(domain)) for name, domain in rows(PLATFORM, "| AWS name | domain |")] == known


def test_the_two_wires_side_by_side_send_what_the_code_sends() -> None:
    known = {f"{method} {path}" for method, path, *_ in _gcrec._permissions()}
    tutorial = (ROOT / "src" / "wire" / "events.rs").read_text(encoding="utf-8")
    for operation, left, right in rows(PLATFORM, "| operation | tutorial's wire"):
        for request in [word for word in words(right) if re.match(r"[A-Z]+ /api/", word)]:
            assert request in known, operation
        for request in [word for word in words(left) if re.match(r"[A-Z]+ /api/", word)]:
            assert request.split()[1].split("?")[0] in tutorial, operation


def test_the_events_of_the_page_are_those_of_the_code() -> None:
    source = (ROOT / "src" / "model" / "event.rs").read_text(encoding="utf-8")
    reasons = source.split("impl GapReason", 1)[1].split("\n}\n", 1)[0]
    told = [words(reason)[0] for reason, _ in rows(DOCS["events.md"], "| `reason` | what happened |")]
    assert sorted(told) == sorted(re.findall(r'"(\w+)"', reasons))
    names = {name for cell, _ in rows(DOCS["events.md"], "| event | means |") for name in words(cell)}
    classes = {name for name, kind in vars(gcrec).items() if isinstance(kind, type) and issubclass(kind, gcrec.Event)}
    assert names == classes - {"Event", "CallEvent"}


def test_what_is_unknown_stays_marked() -> None:
    assert all(row[0].startswith("(?) ") for row in rows(PLATFORM, "| not known (?) | what gcrec does |"))


def test_links_between_pages_lead_somewhere() -> None:
    for page, text in PAGES.items():
        for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)", text):
            place = (ROOT / page if page == "README.md" else ROOT / "docs" / page).parent / target
            assert not target or place.exists(), (page, target)
            if anchor:
                there = place.read_text(encoding="utf-8") if target else text
                heads = re.findall(r"^#+ (.*)$", there, flags=re.MULTILINE)
                assert anchor in [re.sub(r"[^\w -]", "", head).lower().replace(" ", "-") for head in heads], (
                    page,
                    anchor,
                )


def test_the_checkup_of_the_page_is_what_the_doctor_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = DOCS["oauth.md"].split("Against `gcrec sim`:", 1)[1].split("$ gcrec doctor\n", 1)[1].split("```", 1)[0]
    with Simulator() as sim:
        for name, value in sim.env(api="platform").items():
            monkeypatch.setenv(name, value)
        done = subprocess.run([sys.executable, "-m", "gcrec", "doctor"], capture_output=True, text=True, check=True)
    assert shape(done.stdout) == shape(shown)


def test_the_demo_in_the_readme_is_what_the_demo_prints() -> None:
    """The same lines, but for times, port and id."""
    shown = README.split("$ make demo\n", 1)[1].split("```", 1)[0]
    done = subprocess.run([sys.executable, "-m", "gcrec", "demo"], capture_output=True, text=True, check=True)
    assert shape(done.stdout) == shape(shown)
