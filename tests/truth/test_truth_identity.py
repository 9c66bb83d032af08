"""Where gcrec logs in and how, held against the official SDKs: regions, the login page, the grant, the logout."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from browser import get, sent_on
from official import Official
from typings import PACKAGE
from wiretap import Wiretap

from gcrec import Client

if TYPE_CHECKING:
    from types import ModuleType

    from gcrec.testing import Simulator

REGIONS = Path(__file__).parent.parent.parent / "src" / "config" / "regions.rs"
REDIRECT = "http://localhost:8085/callback"


def ours() -> dict[str, str]:
    """gcrec's table of regions: the names of AWS, and the domains."""
    return dict(re.findall(r'region\("([\w-]+)", "([\w.-]+)"\)', REGIONS.read_text()))


def test_the_regions_are_those_of_the_python_sdk(sdk: ModuleType) -> None:
    hosts = {one.name.replace("_", "-"): one.get_api_host() for one in sdk.PureCloudRegionHosts}
    assert {name: f"https://api.{domain}" for name, domain in ours().items()} == hosts


def test_the_regions_are_those_of_the_javascript_sdk() -> None:
    if not PACKAGE.is_dir():
        pytest.skip(
            "the official JavaScript SDK is not installed: npm install in tests/truth/javascript, or make truth"
        )
    table = (PACKAGE / "src" / "purecloud-platform-client-v2" / "PureCloudRegionHosts.js").read_text()
    theirs = {name.replace("_", "-"): domain for name, domain in re.findall(r"(\w+): '([\w.-]+)'", table)}
    assert ours() == theirs


def log_in(tap: Wiretap, sim: Simulator, **options: Any) -> str:
    """Has the first user log in with gcrec, by a browser that only knows forms; gives the address of the page."""
    opened: list[str] = []

    def browse(address: str) -> None:
        opened.append(address)
        threading.Thread(target=lambda: get(sent_on(address, "allow"))).start()

    where = {"base_url": tap.base_url, "api": "platform", "redirect_port": 0, "open_browser": False}
    with Client.login(sim.client_id, on_address=browse, **where, **options) as client:
        client.active_calls().collect()
    [address] = opened
    return address


def test_the_address_of_the_login_page_is_the_javascript_sdks(sim: Simulator) -> None:
    with Wiretap(sim.base_url) as tap:
        page = urlsplit(log_in(tap, sim, token_cache=False))
    asked = dict(parse_qsl(page.query))
    assert page.path == "/oauth/authorize"
    # As its `loginPKCEGrant` builds it, with a state of its own.
    assert asked.keys() == {
        "client_id",
        "redirect_uri",
        "response_type",
        "code_challenge_method",
        "code_challenge",
        "state",
    }
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")


def test_the_code_is_exchanged_as_the_sdk_does(sdk: ModuleType, sim: Simulator) -> None:
    with Wiretap(sim.base_url) as tap:
        address = log_in(tap, sim, token_cache=False)
        [mine] = [one for one in tap.sent if one.path == "/oauth/token"]
    with Wiretap(sim.base_url) as tap:
        api = Official(sdk, tap.base_url)
        verifier = api.client.generate_pkce_code_verifier(64)
        challenge = api.client.compute_pkce_code_challenge(verifier)
        page = (
            f"{sim.base_url}/oauth/authorize?client_id={sim.client_id}&response_type=code&redirect_uri={REDIRECT}"
            f"&code_challenge={challenge}&code_challenge_method=S256"
        )
        given = dict(parse_qsl(urlsplit(sent_on(page, "allow")).query))["code"]
        api.client.get_pkce_token(sim.client_id, verifier, given, REDIRECT)
        [theirs] = tap.sent
    assert (mine.method, mine.path, mine.query, mine.scheme) == (theirs.method, theirs.path, theirs.query, "")
    assert theirs.scheme == ""
    assert mine.body.keys() == theirs.body.keys()
    for name in ("grant_type", "client_id"):
        assert mine.body[name] == theirs.body[name]
    assert 43 <= len(mine.body["code_verifier"]) <= 128
    assert mine.body["redirect_uri"] == dict(parse_qsl(urlsplit(address).query))["redirect_uri"]


def test_a_logout_is_the_sdks(sdk: ModuleType, sim: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with Wiretap(sim.base_url) as tap:
        log_in(tap, sim)
        before = len(tap.sent)
        subprocess.run([sys.executable, "-m", "gcrec", "logout"], check=True, capture_output=True)
        mine = tap.sent[before:]
    with Wiretap(sim.base_url) as tap:
        api = Official(sdk, tap.base_url).login(sim)
        api.tokens.delete_tokens_me()
        [_, theirs] = tap.sent
    assert mine == [theirs]
