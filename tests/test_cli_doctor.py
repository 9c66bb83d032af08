"""``gcrec doctor`` as a process, against servers that are broken in each way."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING, Any

import pytest
from answers import CLOSE, NEVER, message, raw, reply
from certificates import HOST, Authority, tls_server
from cli_support import gcrec as command
from login_support import decide, request
from quirky import Behaviour, Exchange, Quirky
from test_login_cli import Login

import gcrec
from gcrec.testing import PERMISSIONS, Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMES = [
    "variables",
    "base_url",
    "dns",
    "proxy",
    "connection",
    "tls",
    "clock",
    "api",
    "login",
    "token",
    "permission",
    "recording",
    "rate_limit",
    "latency",
    "notifications",
]
SECRET = "hunter22-the-secret"


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with Simulator(calls=1) as simulator:
        yield simulator


class Told:
    """What a checkup said."""

    def __init__(self, *arguments: str, env: dict[str, str]) -> None:
        self.done = command("doctor", "--json", *arguments, env=env)
        assert self.done.stdout, self.done.stderr
        document = json.loads(self.done.stdout)
        self.ok: bool = document["ok"]
        self.checks: list[dict[str, str]] = document["checks"]
        assert self.done.returncode == (0 if self.ok else 1)
        assert self.ok is ("failed" not in self.verdicts)
        assert all(check["mend"] for check in self.checks if check["verdict"] in ("failed", "warning"))
        secrets = [env.get("GENESYS_CLIENT_SECRET"), env.get("GENESYS_ACCESS_TOKEN"), SECRET]
        assert not [secret for secret in secrets if secret and secret in self.done.stdout + self.done.stderr]

    @property
    def verdicts(self) -> list[str]:
        return [check["verdict"] for check in self.checks]

    def all(self, name: str) -> list[dict[str, str]]:
        return [check for check in self.checks if check["name"] == name]

    def one(self, name: str) -> tuple[str, str]:
        """The verdict, and all that is said."""
        [check] = self.all(name)
        return check["verdict"], f"{check['says']} {check['mend']}"

    def failed(self) -> list[str]:
        return [check["name"] for check in self.checks if check["verdict"] == "failed"]


@pytest.mark.parametrize("api", ["events", "platform"])
def test_all_is_well(sim: Simulator, api: Any) -> None:
    told = Told(env=sim.env(api))
    assert (told.ok, told.done.stderr) == (True, ""), told.checks
    assert list(dict.fromkeys(check["name"] for check in told.checks)) == NAMES
    assert told.one("variables")[1].count("GENESYS_CLIENT_SECRET") == 2
    assert "GCREC_API" in told.one("base_url")[1]
    assert told.one("tls")[0] == "skipped"
    for name in ("dns", "proxy", "connection", "clock", "api", "login", "token", "rate_limit", "latency"):
        assert told.one(name)[0] == "ok", told.one(name)
    published = "ok" if api == "platform" else "skipped"
    assert (told.one("recording")[0], told.one("notifications")[0]) == (published, published)


def test_one_line_each(sim: Simulator) -> None:
    done = command("doctor", env=sim.env("platform"))
    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    assert all(re.match(r"(ok|skipped|warning|failed) +[a-z_]+ +\S", line) for line in lines)
    assert list(dict.fromkeys(line.split()[1] for line in lines)) == NAMES
    bad = command("doctor", env={**sim.env("platform"), "GENESYS_CLIENT_SECRET": SECRET})
    [line] = [line for line in bad.stdout.splitlines() if line.startswith("failed")]
    assert bad.returncode == 1 and " login " in line and "Mend: Check the client id and secret" in line
    assert SECRET not in bad.stdout + bad.stderr


def test_it_changes_nothing(sim: Simulator) -> None:
    assert Told(env=sim.env("platform")).ok
    sent = {(request.method, request.path.split("?")[0]) for request in sim.requests}
    posts = {path for method, path in sent if method not in ("GET", "DELETE")}
    assert posts == {"/oauth/token", "/api/v2/analytics/conversations/details/query", "/api/v2/notifications/channels"}
    assert all(path.endswith("/subscriptions") for method, path in sent if method == "DELETE")
    assert sim.commands(sim.calls[0]) == []


@pytest.mark.parametrize("api", ["events", "platform"])
def test_a_bad_secret(sim: Simulator, api: Any) -> None:
    told = Told(env={**sim.env(api), "GENESYS_CLIENT_SECRET": SECRET})
    assert told.failed() == ["login"]
    assert "401" in told.one("login")[1] and "GENESYS_CLIENT_SECRET" in told.one("login")[1]
    for name in NAMES[NAMES.index("token") :]:
        assert told.one(name) == ("skipped", "The login failed. "), name


def test_a_token_that_was_given(sim: Simulator) -> None:
    env = {"GENESYS_BASE_URL": sim.base_url, "GCREC_API": "platform"}
    told = Told(env={**env, "GENESYS_ACCESS_TOKEN": SECRET})
    assert told.failed() == ["token"] and told.one("login")[0] == "skipped"
    assert "401" in told.one("token")[1]
    assert told.one("latency") == ("skipped", "The server refuses the token. ")


@pytest.mark.parametrize(
    "lacking",
    [
        "conversation:communication:view",
        "recording:recording:view",
        "analytics:conversationDetail:view",
    ],
)
def test_a_missing_permission(lacking: str) -> None:
    """The one, and those that would do in its place."""
    room = lacking.split(":")[0]
    others = [
        name for name in PERMISSIONS if name != lacking and (room == "conversation" or name.split(":")[0] != room)
    ]
    with Simulator(permissions=others) as sim:
        told = Told(env=sim.env("platform"))
    assert told.failed() == ["permission"]
    [bad] = [check for check in told.all("permission") if check["verdict"] == "failed"]
    assert lacking in bad["says"] and "403" in bad["says"] and lacking in bad["mend"]
    assert told.one("recording")[0] == ("skipped" if room == "analytics" else "ok")


@pytest.mark.parametrize(("scope", "failed"), [("conversation:read", 0), ("conversation:recording:read", 1)])
def test_a_missing_scope(scope: str, failed: int) -> None:
    scopes = {"conversation:read", "conversation:recording:read", "conversation:recording:write"} - {scope}
    with Simulator(scopes=scopes) as sim:
        told = Told(env=sim.env("events"))
    assert [check["verdict"] == "failed" for check in told.all("permission")] == [n == failed for n in range(3)]
    assert scope in told.all("permission")[failed]["mend"]


def test_commands_are_probed_only_when_asked_for() -> None:
    with Simulator(calls=1, permissions=[name for name in PERMISSIONS if "pauseOthers" not in name]) as sim:
        told = Told(env=sim.env("platform"))
        assert [check["verdict"] for check in told.all("permission")][3:] == ["skipped"] * 3
        assert not [request for request in sim.requests if request.method in ("PATCH", "PUT")]
        told = Told("--probe-commands", env=sim.env("platform"))
        assert [check["verdict"] for check in told.all("permission")][3:] == ["failed", "ok", "ok"]
        assert "conversation:recording:pauseOthers" in told.all("permission")[3]["mend"]
        assert not [request for request in sim.requests if request.method == "PATCH" and sim.calls[0] in request.path]
        told = Told("--probe-commands", env=sim.env("events"))
        assert [check["verdict"] for check in told.all("permission")] == ["ok"] * 3
        assert sim.commands(sim.calls[0]) == []


def by_path(*there: str, otherwise: bytes = b'{"code": "not.found"}', media: str = "application/json") -> Behaviour:
    """A server that wants a token at these paths, and has no others."""

    def act(exchange: Exchange) -> None:
        path = exchange.request.target.decode().split("?")[0]
        if path in there:
            exchange.send(message(401, {"code": "authentication.required"}))
        else:
            exchange.send(message(404, otherwise, media=media))

    return Behaviour(act)


PAGE = b"<!doctype html><title>It works</title>"
SERVERS = {
    "the published API": ("events", by_path("/api/v2/tokens/me"), "GCREC_API=platform"),
    "the tutorial's API": ("platform", by_path("/api/v2/communications"), "GCREC_API=events"),
    "the tutorial's, with pages": ("platform", by_path("/api/v2/communications", otherwise=PAGE), "GCREC_API=events"),
    "a login": ("platform", by_path("/oauth/token"), "is where one logs in"),
    "404 to everything": ("events", by_path(), "404 to everything"),
    "a web server": ("platform", by_path(otherwise=PAGE, media="text/html"), "is a web server"),
    "a web application": ("events", reply(200, PAGE, media="text/html"), "is a web server"),
    "a redirect": ("events", reply(301, {}, [("Location", "https://a.example/")]), "leads elsewhere"),
    "a gateway": ("platform", reply(502, {}), "answered 502"),
}


@pytest.mark.parametrize(("api", "behaviour", "words"), SERVERS.values(), ids=SERVERS.keys())
def test_a_server_is_named_for_what_it_is(quirky: Quirky, api: str, behaviour: Behaviour, words: str) -> None:
    quirky.play(behaviour)
    env = {"GENESYS_BASE_URL": quirky.url, "GENESYS_CLIENT_ID": "me", "GENESYS_CLIENT_SECRET": SECRET, "GCREC_API": api}
    told = Told(env=env)
    verdict, says = told.one("api")
    assert (verdict, words in says) == ("failed", True), says
    assert told.one("login")[0] == "failed"  # it was tried all the same


def test_of_an_api_that_is_not_there_no_permission_is_said_to_be_held(quirky: Quirky) -> None:
    """Everything is a 404 there, of which elsewhere one would say: not 403."""
    quirky.play(by_path("/api/v2/communications"))
    told = Told(env={"GENESYS_BASE_URL": quirky.url, "GENESYS_ACCESS_TOKEN": SECRET, "GCREC_API": "platform"})
    assert told.failed() == ["api"]
    assert told.one("permission") == ("skipped", "The server does not have this API. ")


def test_a_404_that_only_a_token_brings_out(quirky: Quirky) -> None:
    """As where a gateway asks everybody for a token first."""

    def act(exchange: Exchange) -> None:
        known = exchange.request.header("Authorization") is not None
        exchange.send(message(404 if known else 401, {}))

    quirky.play(Behaviour(act))
    told = Told(env={"GENESYS_BASE_URL": quirky.url, "GENESYS_ACCESS_TOKEN": SECRET, "GCREC_API": "platform"})
    assert told.failed() == ["api"] and [check["verdict"] for check in told.all("api")] == ["ok", "failed"]
    assert "404 to everything" in told.all("api")[1]["says"]


def test_a_dead_port(sim: Simulator) -> None:
    told = Told(env={**sim.env("platform"), "GENESYS_BASE_URL": "http://127.0.0.1:9"})
    assert told.failed() == ["connection"]
    assert told.one("login") == ("skipped", "The server does not answer. ")


def test_a_login_elsewhere_that_is_dead(sim: Simulator) -> None:
    """Who has a token need not go there."""
    token = gcrec.get_access_token(sim.client_id, sim.client_secret, sim.base_url)
    where = ("--base-url", sim.base_url, "--login-url", "http://localhost:9", "--api", "platform")
    told = Told(*where, env={"GENESYS_ACCESS_TOKEN": token})
    assert told.failed() == ["connection"] and told.all("token")[0]["verdict"] == "ok"
    told = Told(*where, env={"GENESYS_CLIENT_ID": sim.client_id, "GENESYS_CLIENT_SECRET": sim.client_secret})
    assert told.failed() == ["connection"] and told.one("login") == ("skipped", "The server does not answer. ")
    assert [check["verdict"] for check in told.all("connection")] == ["ok", "failed"]


def test_a_name_that_does_not_exist() -> None:
    told = Told("--base-url", f"https://{HOST}", env={"GENESYS_ACCESS_TOKEN": SECRET})
    assert told.failed() == ["dns", "connection"]
    assert HOST in told.one("dns")[1]


def test_a_certificate_that_is_not_trusted_and_one_that_is(tmp_path: Path) -> None:
    with Simulator(tls=True) as sim:
        told = Told(env=sim.env("platform"))
        assert told.failed() == ["tls"] and told.one("connection")[0] == "ok"
        assert "UnknownIssuer" in told.one("tls")[1] and "--ca-bundle" in told.one("tls")[1]
        ca = tmp_path / "ca.pem"
        ca.write_text(sim.ca_pem or "")
        told = Told(env={**sim.env("platform"), "GCREC_CA_BUNDLE": str(ca)})
        assert told.ok, told.checks
        verdict, says = told.one("tls")
        assert verdict == "ok" and "gcrec simulator CA" in says and "2099-12-31" in says and "GCREC_CA_BUNDLE" in says


def test_an_expired_certificate(authority: Authority) -> None:
    with tls_server(authority, expired=True) as server:
        told = Told(
            env={"GENESYS_BASE_URL": server.url, "GENESYS_ACCESS_TOKEN": SECRET, "SSL_CERT_FILE": str(authority.pem)}
        )
    assert told.failed() == ["tls"] and "expired" in told.one("tls")[1].lower()


def test_a_clock_that_is_wrong() -> None:
    """A simulator's own clock stands still, long ago."""
    with Simulator(clock="manual") as sim:
        told = Told(env=sim.env("platform"))
    assert told.failed() == ["clock"]
    assert re.search(r"is \d+ s ahead of the server's", told.one("clock")[1]) and "NTP" in told.one("clock")[1]


def test_a_rate_limit_that_is_nearly_used_up_and_one_that_is() -> None:
    """A checkup sends nine requests with its token before it looks at the limit."""
    with Simulator(rate_limit=9) as sim:
        told = Told(env=sim.env("platform"))
        assert (told.ok, told.one("rate_limit")[0]) == (True, "warning")
        assert told.one("rate_limit")[1].startswith("0 of 9 requests are left")
        assert told.one("notifications")[0] == "skipped"
    with Simulator(rate_limit=3) as sim:
        told = Told(env=sim.env("platform"))
        assert told.failed() == ["rate_limit"] and "429" in told.one("rate_limit")[1]


REFUSALS = {
    "407": raw(message(407, {}, [("Proxy-Authenticate", "Basic")]), "close"),
    "403": raw(message(403, b"<html>blocked</html>"), "close"),
    "hang-up": CLOSE,
}


@pytest.mark.parametrize("behaviour", REFUSALS.values(), ids=REFUSALS.keys())
def test_a_proxy_that_refuses(quirky: Quirky, behaviour: Behaviour) -> None:
    quirky.play(behaviour)
    proxy = quirky.url.replace("//", f"//alice:{SECRET}@")
    told = Told(env={"GENESYS_BASE_URL": f"https://{HOST}", "GENESYS_ACCESS_TOKEN": SECRET, "HTTPS_PROXY": proxy})
    assert told.failed() == ["connection"]
    assert told.one("proxy") == ("ok", f"{quirky.url}, from HTTPS_PROXY. ")
    assert quirky.url in told.one("connection")[1] and "NO_PROXY" in told.one("connection")[1]
    assert told.one("dns")[0] == "skipped"  # the proxy looks names up


def test_a_host_that_the_proxy_is_not_for(sim: Simulator, quirky: Quirky) -> None:
    told = Told(env={**sim.env("platform"), "HTTP_PROXY": quirky.url, "NO_PROXY": "127.0.0.1"})
    assert told.ok and told.one("proxy")[1].startswith("None: HTTP_PROXY")


def test_nothing_is_set() -> None:
    told = Told(env={})
    assert told.failed() == ["variables", "base_url"]
    assert "GENESYS_REGION" in told.one("base_url")[1] and "--base-url or --region" in told.one("base_url")[1]
    assert set(told.verdicts[2:]) == {"skipped"}


def test_a_region_that_is_not_one() -> None:
    told = Told(env={"GENESYS_REGION": "eu-west-9", "GENESYS_ACCESS_TOKEN": SECRET})
    assert "base_url" in told.failed() and "eu-west-1" in told.one("base_url")[1]
    done = command("doctor", "--region", "eu-west-9")
    assert done.returncode == 2 and "eu-west-1" in done.stderr


def test_where_is_looked_at_although_nobody_is_named(sim: Simulator) -> None:
    told = Told(env={"GENESYS_BASE_URL": sim.base_url})
    assert told.failed() == ["variables"]
    assert told.one("connection")[0] == "ok" and told.one("api")[0] == "ok"
    assert told.one("login") == ("skipped", "Nobody is named who could log in. ")


def test_where_no_call_is_found_nothing_is_said_of_recordings() -> None:
    """The one call that was recorded ended an hour ago: a search that lags by two does not know it."""
    with Simulator(search_lag=7200.0) as sim:
        assert Told(env=sim.env("platform")).one("recording")[0] == "skipped"


def test_notifications_that_do_not_come(sim: Simulator) -> None:
    sim.fail("channels", times=None, status_code=500)
    told = Told(env=sim.env("platform"))
    assert told.failed() == ["notifications"] and "WebSocket" in told.one("notifications")[1]


def test_no_channel_is_made_that_would_end_another(sim: Simulator) -> None:
    token = gcrec.get_access_token(sim.client_id, sim.client_secret, sim.base_url)
    for _ in range(20):
        url = f"{sim.base_url}/api/v2/notifications/channels"
        assert request("POST", url, Authorization=f"Bearer {token}")[0] == 200
    before = sim.channels
    told = Told(env=sim.env("platform"))
    assert (told.ok, told.one("notifications")[0], sim.channels) == (True, "warning", before)
    assert "would end the oldest" in told.one("notifications")[1]


def test_a_users_login_that_is_kept(sim: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    login = Login(sim, "--no-browser")
    request("GET", decide(login.address()))
    assert login.end()[0] == 0
    told = Told(env={})
    assert told.ok, told.checks
    assert "user" in told.one("variables")[1] and "login that is kept" in told.one("base_url")[1]
    assert "as a user's" in told.one("token")[1] and told.one("login")[0] == "ok"
    sim.revoke_tokens(refresh_tokens=True)
    told = Told(env={})
    assert told.failed() == ["login"] and "gcrec login" in told.one("login")[1]


def test_it_is_bounded_in_time(quirky: Quirky) -> None:
    quirky.play(NEVER)
    env = {"GENESYS_BASE_URL": quirky.url, "GENESYS_CLIENT_ID": "me", "GENESYS_CLIENT_SECRET": SECRET}
    began = time.monotonic()
    told = Told("--timeout", "1", env=env)
    assert time.monotonic() - began < 5  # a look alone may take 6
    assert told.failed() == ["connection"]
