"""What type checkers must conclude from the four functions. Checked, never run."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Optional

import gcrec

if TYPE_CHECKING:
    from typing_extensions import assert_type

    from gcrec import Api


def sync_face() -> None:
    token = gcrec.get_access_token("id", "secret", "https://a.example")
    assert_type(token, str)
    call = gcrec.get_active_voice_call(token, "https://a.example", timeout=5, ca_bundle=Path("ca.pem"))
    assert_type(call, Optional[dict[str, Any]])
    action: Literal["start", "stop"] = "start"
    api: Api = "events"
    assert_type(gcrec.control_recording(token, "https://a.example", "id", action, api=api), dict[str, Any])
    assert_type(gcrec.check_recording_status(token, "https://a.example", "id"), Optional[dict[str, Any]])
    gcrec.control_recording(token, "https://a.example", "id", "pause")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def async_face(token: str) -> None:
    assert_type(await gcrec.get_access_token_async("id", "secret", "https://a.example"), str)
    task = asyncio.create_task(gcrec.control_recording_async(token, "https://a.example", "id", "stop"))
    assert_type(await task, dict[str, Any])
    assert_type(await gcrec.get_active_voice_call_async(token, "https://a.example"), Optional[dict[str, Any]])


def errors() -> None:
    try:
        sync_face()
    except gcrec.RateLimitError as error:
        assert_type(error.retry_after, Optional[float])
        assert_type(error.attempts, int)
        assert_type(error.status_code, Optional[int])
    except gcrec.GcrecError as error:
        assert_type(error.maybe_sent, bool)
        assert_type(error.hint, str)
