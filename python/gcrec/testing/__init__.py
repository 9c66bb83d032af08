"""The simulator of Genesys Cloud, for tests and demos: a real server on loopback, in this process or another."""

from __future__ import annotations

from gcrec.testing._simulator import Simulator
from gcrec.testing._values import (
    ALL,
    PERMISSIONS,
    SCOPES,
    SimChannel,
    SimCommand,
    SimQueue,
    SimRequest,
    SimulatorError,
    SimUser,
)

__all__ = [
    "ALL",
    "PERMISSIONS",
    "SCOPES",
    "SimChannel",
    "SimCommand",
    "SimQueue",
    "SimRequest",
    "SimUser",
    "Simulator",
    "SimulatorError",
]
