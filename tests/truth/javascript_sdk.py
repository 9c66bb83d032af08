"""The official JavaScript SDK in its own process, driven by lines of JSON; each of its answers is judged."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from typings import FOLDER, PACKAGE, Typings

if TYPE_CHECKING:
    from gcrec.testing import Simulator


class Rejected(Exception):
    """A promise that was rejected: with an answer of the server, or an error of the SDK's own."""

    def __init__(self, told: dict[str, Any]) -> None:
        super().__init__(str(told.get("thrown") or told.get("body")))
        self.status: int | None = told.get("status")
        self.headers: dict[str, str] = told.get("headers", {})
        self.body: Any = told.get("body")


class JavaScript:
    """The SDK under Node. Use it as a context manager."""

    def __init__(self, node: str, home: str) -> None:
        self.typings = Typings(PACKAGE / "index.d.ts")
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self.process = subprocess.Popen(
            [node, "driver.mjs"],
            cwd=FOLDER,
            env={"HOME": home},
            text=True,
            **pipes,  # type: ignore[call-overload]
        )

    def __enter__(self) -> JavaScript:
        return self

    def __exit__(self, *_: Any) -> None:
        self.process.kill()
        self.process.communicate()

    def ask(self, verb: str, **given: Any) -> Any:
        """One thing that the driver can do."""
        self.process.stdin.write(json.dumps({"verb": verb, **given}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, "the driver is gone"
        answer = json.loads(line)
        if "refused" in answer:
            raise Rejected(answer["refused"])
        return answer.get("value")

    def at(self, sim: Simulator) -> JavaScript:
        """Points it at a simulator, as a gateway."""
        address = urlsplit(sim.base_url)
        self.ask("gateway", protocol=address.scheme, host=address.hostname, port=address.port)
        self.ask("extended", on=False)
        self.ask("token", token="")
        return self

    def login(self, sim: Simulator) -> JavaScript:
        """Client credentials."""
        self.ask("login", id=sim.client_id, secret=sim.client_secret)
        return self

    def call(self, api: str, method: str, *given: Any) -> Any:
        """A method of an API; what it resolves to, judged by what it promises."""
        value = self.ask("call", api=api, method=method, given=given)
        self.judge(self.typings.promised(api, method), value)
        return value

    def conversations(self, method: str, *given: Any) -> Any:
        """A method of the ConversationsApi."""
        return self.call("ConversationsApi", method, *given)

    def judge(self, kind: str, value: Any) -> None:
        """Holds a value against a declared type."""
        found = list(self.typings.faults(kind, value))
        assert not found, "\n".join(found)
