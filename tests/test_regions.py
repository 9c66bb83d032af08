"""Regions by any of their names, gateways with a login of their own, and who gets which credential."""

from __future__ import annotations

import asyncio
import importlib.util
import re
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from answers import reply
from faces import CONVERSATION
from login_support import Logins, gateway
from quirky import Quirky

import gcrec
from gcrec.testing import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

BOTH = pytest.mark.parametrize("kind", [gcrec.Client, gcrec.AsyncClient])
IRELAND = ["eu-west-1", "EU-WEST-1", "mypurecloud.ie", "api.mypurecloud.ie", "https://login.mypurecloud.ie/"]
TABLE = (Path(__file__).parents[1] / "src/config/regions.rs").read_text()
KNOWN = dict(re.findall(r'region\("([\w-]+)", "([\w.-]+)"\)', TABLE))


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with Simulator(calls=1) as simulator:
        yield simulator


def test_the_regions_are_those_of_the_official_sdk() -> None:
    """Its own list, read and not imported: that would take 2 s and 218 MiB."""
    spec = importlib.util.find_spec("PureCloudPlatformClientV2")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("the official SDK (PureCloudPlatformClientV2) is not installed")
    folder = Path(next(iter(spec.submodule_search_locations)))
    listed = "".join(path.read_text() for path in folder.glob("*.py") if "PureCloudRegionHosts" in path.read_text())
    theirs = dict(re.findall(r"^\s+(\w+)\s*=\s*[\"']https://api\.([\w.-]+)[\"']", listed, flags=re.MULTILINE))
    assert len(theirs) > 10
    assert {name.replace("_", "-"): domain for name, domain in theirs.items()} == KNOWN


@BOTH
@pytest.mark.parametrize("region", IRELAND)
def test_a_region_by_any_of_its_names(kind: Any, region: str) -> None:
    shown = repr(kind(region=region, access_token="t"))
    assert "https://api.mypurecloud.ie, " in shown and 'region="eu-west-1"' in shown
    assert "login_url=https://login.mypurecloud.ie" in shown and 'api="platform"' in shown


@BOTH
@pytest.mark.parametrize("name", sorted(KNOWN))
def test_every_region_has_its_two_hosts(kind: Any, name: str) -> None:
    shown = repr(kind(region=name, access_token="t"))
    assert f"https://api.{KNOWN[name]}, " in shown and f"login_url=https://login.{KNOWN[name]}," in shown
    assert repr(kind(f"https://login.{KNOWN[name]}", access_token="t")) == shown


@BOTH
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"region": "eu-west-3"}, "eu-west-[12]"),
        ({"region": "mypurecloud.it"}, "mypurecloud.ie"),
        ({"region": ""}, "empty"),
        ({"region": "https://api.mypurecloud.ie.evil.example"}, "no region"),
        ({"region": "eu-west-1", "base_url": "https://a.example"}, "not both"),
        ({"base_url": "https://evil.mypurecloud.ie"}, 'region="eu-west-1"'),
        ({"login_url": "https://a.example"}, "pass both"),
        ({"base_url": "https://a.example", "login_url": "http://a.example"}, "login URL"),
        ({"base_url": "https://a.example", "login_url": "https://u:p@a.example"}, "login URL"),
    ],
)
def test_what_is_no_place_is_refused_at_once(kind: Any, options: dict[str, Any], words: str) -> None:
    with pytest.raises(gcrec.ConfigError, match=words) as caught:
        kind(access_token="t", **options)
    assert caught.value.maybe_sent is False


@BOTH
@pytest.mark.parametrize("name", ["GENESYS_REGION", "GENESYSCLOUD_REGION"])
def test_a_region_of_the_environment(kind: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENESYS_ACCESS_TOKEN", "t")
    monkeypatch.setenv(name, "mypurecloud.com.au")
    shown = repr(kind.from_env())
    assert "https://api.mypurecloud.com.au" in shown and 'region="ap-southeast-2"' in shown
    assert "https://api.mypurecloud.jp" in repr(kind.from_env(region="ap-northeast-1"))
    monkeypatch.setenv(name, "ap-southeast-9")
    with pytest.raises(gcrec.ConfigError, match=f"{name}: .*ap-southeast-2"):
        kind.from_env()


@BOTH
def test_a_region_and_an_address_that_differ(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENESYS_ACCESS_TOKEN", "t")
    monkeypatch.setenv("GENESYS_BASE_URL", "https://a.example")
    monkeypatch.setenv("GENESYS_REGION", "eu-west-1")
    with pytest.raises(gcrec.ConfigError, match="GENESYS_BASE_URL and GENESYS_REGION"):
        kind.from_env()
    monkeypatch.delenv("GENESYS_REGION")
    monkeypatch.setenv("GENESYSCLOUD_REGION", "eu-west-1")
    assert "https://a.example" in repr(kind.from_env())


@BOTH
def test_the_tutorials_wire_in_a_region_is_a_warning(kind: Any) -> None:
    with pytest.warns(UserWarning, match="not part of the published API"):
        assert 'api="events"' in repr(kind(region="eu-west-1", access_token="t", api="events"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        kind(region="eu-west-1", access_token="t")


@pytest.mark.parametrize("face", ["sync", "asyncio"])
def test_credentials_go_to_the_regions_login_and_tokens_to_its_api(face: str, sim: Simulator, quirky: Quirky) -> None:
    """A proxy sees where a connection is to lead; this one leads nowhere."""
    kind = gcrec.Client if face == "sync" else gcrec.AsyncClient
    where = {"region": "us-west-2", "proxy": quirky.url, "max_retries": 0}
    secret = {"client_id": "x", "client_secret": "y"}
    for who, host in ((secret, b"login.usw2.pure.cloud:443"), ({"access_token": "t"}, b"api.usw2.pure.cloud:443")):
        quirky.play(*[reply(403, {})] * 9)
        with pytest.raises(gcrec.TransportError):
            Logins(face, sim).call(kind(**where, **who), "status", CONVERSATION)
        assert {(seen.method, seen.target) for seen in quirky.requests} == {("CONNECT", host)}


@BOTH
@pytest.mark.parametrize("profile", [None, "other"])
def test_the_vendors_profile(
    kind: Any, profile: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sim: Simulator
) -> None:
    (tmp_path / ".gc").mkdir()
    (tmp_path / ".gc" / "config.toml").write_text(
        f'[DEFAULT]\n  environment = "mypurecloud.ie"\n  client_credentials = "{sim.client_id}"\n'
        f'  client_secret = "{sim.client_secret}"\n[other]\nenvironment = "mypurecloud.de"\naccess_token = "t"\n'
    )
    monkeypatch.setenv("HOME", str(tmp_path))
    if profile:
        monkeypatch.setenv("GCREC_PROFILE", profile)
    assert f'region="{"eu-central-1" if profile else "eu-west-1"}"' in repr(kind.from_env())
    if profile is None and kind is gcrec.Client:
        client = gcrec.Client.from_env(base_url=sim.base_url, api="platform")
        assert client.status(sim.calls[0]).state == "stopped"
    monkeypatch.setenv("GCREC_PROFILE", "missing")
    with pytest.raises(gcrec.ConfigError, match='"missing"'):
        kind.from_env()


@pytest.mark.parametrize("face", ["sync", "asyncio"])
@pytest.mark.parametrize("named", ["options", "environment"])
def test_a_gateway_with_a_login_of_its_own(
    face: str, named: str, sim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The login sees the secret and no token, the API the token and no secret."""
    with gateway(sim.base_url, "/gw/api") as api, gateway(sim.base_url, "/gw/login") as login:
        places = {"base_url": api.url, "login_url": login.url}
        kind = gcrec.Client if face == "sync" else gcrec.AsyncClient
        if named == "environment":
            monkeypatch.setenv("GENESYS_CLIENT_ID", sim.client_id)
            monkeypatch.setenv("GENESYS_CLIENT_SECRET", sim.client_secret)
            for name, value in places.items():
                monkeypatch.setenv(f"GENESYS_{name.upper()}", value)
            client = kind.from_env(api="platform")
        else:
            secret = {"client_id": sim.client_id, "client_secret": sim.client_secret}
            client = kind(**places, **secret, api="platform")
        assert f"login_url={login.url}" in repr(client)
        assert Logins(face, sim).call(client, "status", sim.calls[0]).state == "stopped"
        assert login.seen == [("POST /gw/login/oauth/token", "Basic")]
        assert api.seen == [(f"GET /gw/api/api/v2/conversations/{sim.calls[0]}", "Bearer")]


@pytest.mark.parametrize("face", ["sync", "asyncio"])
def test_a_user_logs_in_through_a_gateway(face: str, sim: Simulator) -> None:
    logins = Logins(face, sim)
    with gateway(sim.base_url, "/gw/api") as api, gateway(sim.base_url, "/gw/login") as login:
        client = logins.login(base_url=api.url, login_url=login.url)
        logins.call(client, "status", sim.calls[0])
        assert {proof for _, proof in login.seen} == {"none"}
        assert {proof for _, proof in api.seen} == {"Bearer"}
        found = logins.from_env()
        assert api.url in repr(found) and login.url in repr(found)


def test_loops_do_not_share_a_region(sim: Simulator) -> None:
    async def regions() -> set[str]:
        return {repr(gcrec.AsyncClient(region=name, access_token="t")) for name in KNOWN}

    assert len(asyncio.run(regions())) == len(KNOWN)
