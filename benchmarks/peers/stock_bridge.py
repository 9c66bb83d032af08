"""gcrec's own Rust core over the stock ``pyo3_async_runtimes::tokio::future_into_py``: another bridge, nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any, Callable

from gcrec_stock_bridge import Stock

from peers import Target


@asynccontextmanager
async def open_async(target: Target) -> AsyncIterator[Callable[[], Awaitable[Any]]]:
    """One call."""
    stock = Stock(target.base_url)
    yield lambda: stock.control_recording(target.token, target.conversation, "start")
