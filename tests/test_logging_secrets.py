"""No secret, no call and no caller in any record, whatever the server says."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Any

import pytest
from answers import CLOSE, OPERATIONS, RESET, cut, good, reply
from faces import CLIENT_ID, CONVERSATION, SECRET, TOKEN, Face
from log_support import LATER, NOW, Told, levels, listen  # noqa: F401
from quirky import Behaviour, Quirky

import gcrec

NUMBER = "+15557654321"
MINE = (TOKEN, SECRET, "fresh-token", CONVERSATION, NUMBER, NUMBER[1:], "tel:", "call-1", "Bearer", "Basic", CLIENT_ID)
IDS = [TOKEN, SECRET, CONVERSATION, NUMBER, NUMBER[1:], f"tel:{NUMBER}", f"{CONVERSATION.upper()}-0", "Bearer x"]
WORDS = {"message": f"{TOKEN} {SECRET} {CONVERSATION} {NUMBER}", "id": CONVERSATION, "address": f"tel:{NUMBER}"}


def outcomes(operation: str, headers: list[tuple[str, str]]) -> list[Behaviour]:
    status, value = 200, {"items": [], "id": CONVERSATION, "access_token": TOKEN, "ani": NUMBER}
    refusals = [reply(code, WORDS, [*headers, *NOW]) for code in (302, 400, 401, 403, 404, 409, 429, 500, 503)]
    return [good(operation, headers), reply(status, value, headers), *refusals, RESET, CLOSE, cut(200, WORDS)]


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("echoed", IDS)
def test_no_secret_and_no_caller_in_any_record(face: Face, quirky: Quirky, operation: str, echoed: str) -> None:
    """Whatever the server says, in whatever it says it; at every level that there is, in every attribute."""
    if CONVERSATION in echoed.lower() and operation in ("token", "call"):
        pytest.skip("a UUID that the request did not name is the id of an exchange for all that we can know")
    told = Told()
    root, before = logging.getLogger(), logging.getLogger().level
    root.addHandler(told)
    root.setLevel(1)
    try:
        for header in ("ININ-Correlation-Id", "X-Request-Id"):
            for behaviour in outcomes(operation, [(header, echoed)]):
                quirky.play(behaviour)
                with contextlib.suppress(gcrec.GcrecError):
                    face.run(operation, quirky.url, max_retries=1)
    finally:
        root.removeHandler(told)
        root.setLevel(before)
    records = [record for record in told.records if record.name != "asyncio"]
    assert len(records) >= 28
    assert {record.name for record in records} == {"gcrec.http"}
    for record in records:
        shown = repr(vars(record)) + record.getMessage()
        assert not [secret for secret in MINE if secret.lower() in shown.lower()]


def test_no_secret_of_a_client(quirky: Quirky, tmp_path: Any) -> None:
    """With renewals, a cache and an ensure; on both faces."""
    told = listen(1)
    moved = reply(200, {"items": [{"id": NUMBER, "status": "recording"}], "who": f"tel:{NUMBER}"})

    def options(n: int) -> dict[str, Any]:
        return {"client_id": CLIENT_ID, "client_secret": SECRET, "token_cache": tmp_path / f"t{n}" / "tokens.json"}

    async def main() -> None:
        async with gcrec.AsyncClient(quirky.url, **options(1)) as client:
            await client.ensure(CONVERSATION, "recording", timeout=5)
            await client.status(CONVERSATION)

    script = (good("token"), reply(401, WORDS), good("token"), LATER, moved)
    quirky.play(*script)
    with gcrec.Client(quirky.url, **options(2)) as client:
        client.ensure(CONVERSATION, "recording", timeout=5)
        client.status(CONVERSATION)
    sync = len(told.records)
    quirky.play(*script)
    asyncio.run(main())
    records = [record for record in told.records if record.name != "asyncio"]
    assert sync >= 6
    assert len(records) == 2 * sync
    assert {record.name for record in records} >= {"gcrec.http", "gcrec.auth"}
    for record in records:
        shown = repr(vars(record)) + record.getMessage()
        assert not [secret for secret in MINE if secret.lower() in shown.lower()]
