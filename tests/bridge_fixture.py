"""The fixture of the bridge's tests."""

from __future__ import annotations

import pytest
from bridge_server import running


@pytest.fixture
def server():
    """A server that can hang on purpose."""
    with running() as server:
        yield server
