"""How a user is told where to log in."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def tell_address(address: str, opened: bool, on_address: Callable[[str], object] | None) -> None:
    """Hands the address on; without anybody to hand it to, a person must see it, or would wait for nothing."""
    if on_address is not None:
        on_address(address)
    elif not opened and sys.stderr is not None:
        print(f"Log in with a browser at {address}", file=sys.stderr, flush=True)
