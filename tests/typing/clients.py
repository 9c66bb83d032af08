"""What type checkers must conclude from the two clients. Checked, never run."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Optional

import gcrec

if TYPE_CHECKING:
    from typing_extensions import assert_type


def sync_face() -> None:
    with gcrec.Client("https://a.example", access_token="token") as client:
        assert_type(client.active_calls().collect(), list[gcrec.Conversation])
        assert_type(client.active_calls(days=1).source, Optional[Literal["communications", "user", "analytics"]])
        assert_type(client.recordings("id", media="WAV")[0].start_time, Optional[datetime])
        assert_type(client.pauses("id"), list[gcrec.Pause])
        client.recordings("id", media="NONE")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        for event in client.watch(queues=["id"], max_pause=120):
            if isinstance(event, gcrec.PauseAlarm):
                assert_type(event.lasted, float)
                assert_type(event.paused_at, datetime)
        assert_type(client.status("id").observed_at, datetime)
        assert_type(client.stop("id"), gcrec.Receipt)
        assert_type(client.start("id", participant="p", recorder="snippet"), gcrec.Receipt)
        assert_type(client.ensure("id", "stopped").receipt, Optional[gcrec.Receipt])
        with client.paused("id", reason="card") as block:
            assert_type(block, gcrec.PauseBlock)
            assert_type(block.owner, Optional[Literal["self", "other"]])
        client.ensure("id", "held")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        for call in client.active_calls(limit=5):
            assert_type(call.raw, dict[str, Any])
    assert_type(gcrec.Client.from_env(timeout=5.0), gcrec.Client)
    assert_type(client.with_options(timeout=5.0), gcrec.Client)


async def async_face() -> None:
    async with gcrec.AsyncClient("https://a.example", access_token="token") as client:
        assert_type(await client.active_calls().collect(), list[gcrec.Conversation])
        assert_type(await client.recordings("id"), list[gcrec.Recording])
        assert_type(await client.status("id"), gcrec.RecordingStatus)
        assert_type(await client.ensure("id", "stopped"), gcrec.Proof)
        async with client.paused("id") as block:
            assert_type(block, gcrec.PauseBlock)
        async for call in client.active_calls():
            assert_type(call, gcrec.Conversation)
    assert_type(gcrec.AsyncClient.from_env(), gcrec.AsyncClient)
    await client.close()
