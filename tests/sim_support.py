"""Requests to a simulator that no client of ours makes."""

from __future__ import annotations

import json
from contextlib import closing
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

if TYPE_CHECKING:
    from gcrec.testing import Simulator


def ask(sim: Simulator, method: str, path: str, body: str | None, headers: dict[str, str]) -> tuple[int, Any, Any]:
    """One request: its status, its headers and its JSON, None where there is no body."""
    with closing(HTTPConnection(sim.base_url.removeprefix("http://"))) as connection:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, json.loads(answer.read() or "null")


def platform(sim: Simulator, token: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """One request on the published API: its status and its JSON."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    status, _, told = ask(sim, method, f"/api/v2/{path}", None if body is None else json.dumps(body), headers)
    return status, told


def form(sim: Simulator, path: str, **fields: str) -> tuple[int, Any, Any]:
    """One form, as a browser or an OAuth client sends it."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return ask(sim, "POST", path, urlencode(fields), headers)


def log_in(sim: Simulator) -> dict[str, Any]:
    """What the token endpoint gives for a login in which the first user presses "Allow"."""
    redirect_uri = "http://localhost:8085/"
    asked = {"client_id": sim.client_id, "response_type": "code", "redirect_uri": redirect_uri}
    status, headers, _ = form(sim, "/oauth/authorize", **asked, decision="allow")
    assert status == 302
    [code] = parse_qs(urlsplit(headers["Location"]).query)["code"]
    return tokens(sim, grant_type="authorization_code", code=code, redirect_uri=redirect_uri)


def tokens(sim: Simulator, **fields: str) -> dict[str, Any]:
    """What the token endpoint gives to the client, which names itself and its secret."""
    _, _, given = form(sim, "/oauth/token", client_id=sim.client_id, client_secret=sim.client_secret, **fields)
    return dict(given)
