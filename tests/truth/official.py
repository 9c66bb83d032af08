"""The unmodified official Python SDK, pointed at a simulator by its own settings, with each of its answers judged."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Callable

import pytest
from judge import LIST, faults
from typings import MISSING, PACKAGE, Typings

if TYPE_CHECKING:
    from types import ModuleType

    from gcrec.testing import Simulator

JSON = "application/json"
CORRELATION_ID = "ININ-Correlation-Id"
RATE_HEADERS = ("inin-ratelimit-allowed", "inin-ratelimit-count", "inin-ratelimit-reset")


class Refused(Exception):
    """An answer with an error, as the SDK raised it and as its ``ErrorBody`` reads it."""

    def __init__(self, status: int, body: Any, headers: Any) -> None:
        super().__init__(f"{status} {body.code}: {body.message}")
        self.status: int = status
        self.body = body
        self.headers = headers


class Official:
    """What one user of the SDK holds: an ``ApiClient`` and the APIs on it.

    Each answer is judged as it comes; an error is judged as the ``ErrorBody`` that it must be. ``log`` has the
    answers.
    """

    def __init__(self, sdk: ModuleType, base_url: str, *, patient: bool = False) -> None:
        """
        Args:
            sdk: The module.
            base_url: Where the simulator listens.
            patient: Leave the SDK its eleven tries and its sleeping through every ``Retry-After``.
        """
        self.sdk = sdk
        # The Python models do not say which fields are always there; the other SDK's typings do.
        self.typings = Typings(PACKAGE / "index.d.ts") if PACKAGE.is_dir() else None
        self.log: list[tuple[int, Any]] = []
        sdk.configuration.host = base_url
        self.client = _judging(sdk, self._judge)
        assert self.client.host == base_url
        http = sdk.api_client.DefaultHttpClient()
        if not patient:
            http.rest_client.pool_manager.connection_pool_kw["retries"] = False
        self.client.set_http_client(http)
        self.conversations = sdk.ConversationsApi(self.client)
        self.analytics = sdk.AnalyticsApi(self.client)
        self.recording = sdk.RecordingApi(self.client)
        self.notifications = sdk.NotificationsApi(self.client)
        self.tokens = sdk.TokensApi(self.client)
        self.users = sdk.UsersApi(self.client)

    def login(self, sim: Simulator) -> Official:
        """Client credentials, as the SDK's readme does it."""
        self.client.get_client_credentials_token(sim.client_id, sim.client_secret)
        return self

    def holding(self, token: str) -> Official:
        """A token from elsewhere."""
        self.client.access_token = token
        return self

    def refused(self, call: Callable[..., Any], *arguments: Any, **options: Any) -> Refused:
        """Makes a call that must be refused, and gives the refusal."""
        with pytest.raises(self.sdk.rest.ApiException) as caught:
            call(*arguments, **options)
        raised = caught.value
        assert raised.headers["Content-Type"] == JSON, raised
        assert raised.headers.get(CORRELATION_ID), raised
        body = self.understood(raised.body, "ErrorBody")
        assert body.status == raised.status
        assert body.code and body.message and body.context_id == raised.headers[CORRELATION_ID]
        return Refused(raised.status, body, raised.headers)

    def understood(self, text: str, kind: str) -> Any:
        """What the SDK makes of a text that did not come by one of its calls: an error, an event."""
        value = self.client.deserialize(_Text(text), kind)
        found = list(faults(self.sdk.models, kind, json.loads(text), value))
        assert not found, "\n".join(found)
        return value

    def event(self, body: Any, kind: str) -> Any:
        """The body of an event as the SDK's model of its topic."""
        return self.understood(json.dumps(body), kind)

    def _judge(self, answer: Any, kind: str | None, value: Any) -> None:
        text = answer.data
        raw = json.loads(text) if text else None
        self.log.append((answer.status, raw))
        assert answer.getheader(CORRELATION_ID), "an answer without a correlation id"
        for name in RATE_HEADERS:
            assert int(answer.getheader(name)) >= 0
        if not text:
            # A 202, or a HEAD: nothing that a model could be made of.
            return
        assert answer.getheader("Content-Type") == JSON
        found = list(faults(self.sdk.models, kind, raw, value))
        if self.typings and kind and kind != "str":
            many = LIST.fullmatch(kind)
            promised = f"Array<Models.{many[1]}>" if many else f"Models.{kind}"
            found += [one for one in self.typings.faults(promised, raw) if one.endswith(MISSING)]
        assert not found, "\n".join(found)


class _Text:
    """The least that the SDK's deserialiser wants of an answer."""

    def __init__(self, text: str) -> None:
        self.data = text

    def getheader(self, name: str) -> str:
        return JSON


def _judging(sdk: ModuleType, judge: Callable[[Any, str | None, Any], None]) -> Any:
    """An ``ApiClient`` that hands over each answer with what was declared and what was understood."""

    class Judging(sdk.ApiClient):
        def call_api(self, *arguments: Any, **options: Any) -> Any:
            value = super().call_api(*arguments, **options)
            judge(self.last_response, options["response_type"], value)
            return value

    return Judging()
