"""The rules of proof, sentence by sentence: a file a section, each test on both faces and on a clock that nobody
waits for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Callable

import pytest
from staging import FACES, Face, Stage


@pytest.fixture(params=FACES)
def face(request: pytest.FixtureRequest) -> Iterator[Face]:
    """The test runs once with ``Client``, once with ``AsyncClient``."""
    face = Face(request.param)
    yield face
    face.close()


@pytest.fixture
def staged(face: Face) -> Iterator[Callable[..., Stage]]:
    """Makes simulators with a manual clock, each with a call and a client; they end with the test."""
    stages: list[Stage] = []

    def staged(**options: Any) -> Stage:
        stages.append(Stage(face, **options))
        return stages[-1]

    yield staged
    for stage in stages:
        stage.close()


@pytest.fixture
def journal() -> Iterator[Path]:
    """Where a journal may be made: in memory where that can be, for its many syncs cost most of the time otherwise."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder) / "journal.db"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The first block without a journal warns, whichever test that is in; one test is about that."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings("ignore:this pause block has no journal:UserWarning"))
