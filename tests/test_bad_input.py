"""What gcrec refuses before any request: the server must not even see a connection."""

from __future__ import annotations

from typing import Any

import pytest
from answers import OPERATIONS, good, reply
from faces import CLIENT_ID, CONVERSATION, SECRET, TOKEN, Face
from quirky import Quirky

import gcrec

WRONG_TYPES = [None, 1, 1.5, True, b"start", ["start"], {"type": "start"}, object()]


@pytest.mark.parametrize(
    "action", ["", "START", "Start", " start", "start ", "stop\n", "pause", "resume", "restart", "sta\0rt", "ｓtart"]
)
def test_an_action_other_than_start_or_stop(face: Face, quirky: Quirky, action: str) -> None:
    """No trimming, no folding: a command that acts on calls is spelled right or not sent."""
    quirky.play(good("control"))
    with pytest.raises(gcrec.InvalidActionError) as caught:
        face.control_recording(TOKEN, quirky.url, CONVERSATION, action)
    assert isinstance(caught.value, ValueError)
    assert caught.value.maybe_sent is False
    assert quirky.connections == 0


@pytest.mark.parametrize("value", WRONG_TYPES, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("position", range(4))
def test_an_argument_that_is_no_string(face: Face, quirky: Quirky, position: int, value: Any) -> None:
    """A number is not quietly turned into a conversation id."""
    quirky.play(good("control"))
    arguments: list[Any] = [TOKEN, quirky.url, CONVERSATION, "start"]
    arguments[position] = value
    with pytest.raises((TypeError, ValueError)):
        face.control_recording(*arguments)
    assert quirky.connections == 0


@pytest.mark.parametrize("token", ["", "a\nb", "a\r\nX-Injected: 1", "nul\0", "tab\x7f", "\x1b[0m"])
@pytest.mark.parametrize("operation", ["call", "control", "status"])
def test_a_token_that_no_header_may_hold(face: Face, quirky: Quirky, operation: str, token: str) -> None:
    """A token with a line break could smuggle a header; it is refused and not shown."""
    quirky.play(good(operation))
    call: Any = {
        "call": face.get_active_voice_call,
        "control": lambda *args: face.control_recording(*args, CONVERSATION, "start"),
        "status": lambda *args: face.check_recording_status(*args, CONVERSATION),
    }[operation]
    with pytest.raises(gcrec.ConfigError) as caught:
        call(token, quirky.url)
    assert quirky.connections == 0
    if token:
        assert token not in str(caught.value)
        assert repr(token)[1:-1] not in repr(caught.value)


@pytest.mark.parametrize(("client_id", "secret"), [("", SECRET), (CLIENT_ID, ""), ("", "")])
def test_an_empty_client_id_or_secret(face: Face, quirky: Quirky, client_id: str, secret: str) -> None:
    """An unset variable passed on as an empty string must be told as such, not as a 401."""
    quirky.play(good("token"))
    with pytest.raises(gcrec.ConfigError) as caught:
        face.get_access_token(client_id, secret, quirky.url)
    assert SECRET not in str(caught.value)
    assert quirky.connections == 0


OPTIONS: dict[str, list[Any]] = {
    "timeout": [0, -1, -0.5, float("nan"), float("-inf"), "5", None, [1]],
    "max_retries": [-1, 1.5, "3", None, 2**70],
    "api": ["", "Events", "rest", None, 5],
    "ca_bundle": [5, ["a"]],
}
CASES = [(name, value) for name, values in OPTIONS.items() for value in values]


@pytest.mark.parametrize(("name", "value"), CASES)
def test_an_option_that_makes_no_sense(face: Face, quirky: Quirky, name: str, value: Any) -> None:
    """Options are checked before anything is sent, with Python's own error families."""
    quirky.play(good("control"))
    with pytest.raises((ValueError, TypeError, OverflowError)):
        face.run("control", quirky.url, **{name: value})
    assert quirky.connections == 0


@pytest.mark.parametrize("timeout", [1e9, 1e18, 1e300])
def test_a_timeout_beyond_all_clocks(face: Face, quirky: Quirky, timeout: float) -> None:
    """Larger than any clock can count: it works or is refused, but never panics."""
    quirky.play(good("control"))
    try:
        face.run("control", quirky.url, timeout=timeout)
    except ValueError:
        assert quirky.connections == 0
    else:
        assert len(quirky.requests) == 1


@pytest.mark.parametrize("timeout", [5, 5.0])
def test_whole_numbers_are_durations_too(face: Face, quirky: Quirky, timeout: float) -> None:
    """Durations are float seconds, and an int is a fine float."""
    quirky.play(good("control"))
    face.run("control", quirky.url, timeout=timeout, max_retries=0)
    assert len(quirky.requests) == 1


def test_an_unknown_option_is_a_type_error(face: Face, quirky: Quirky) -> None:
    """A misspelt option must not be swallowed."""
    quirky.play(good("control"))
    with pytest.raises(TypeError):
        face.run("control", quirky.url, time_out=3)
    assert quirky.connections == 0


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("region", ["api.mypurecloud.com", "api.euw2.pure.cloud"])
def test_the_tutorials_wire_on_a_region_is_allowed_with_a_warning(
    face: Face, monkeypatch: pytest.MonkeyPatch, operation: str, region: str
) -> None:
    """The host is known not to have those endpoints; whoever asks for them all the same has a reason."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")  # so that nothing leaves this machine
    told = rf"(?s){region}.*not part of the published API"
    with pytest.warns(UserWarning, match=told) as warned, pytest.raises(gcrec.ConnectError):
        face.run(operation, f"https://{region}", api="events", max_retries=0)
    assert len(warned) == 1
    if face.name == "sync":
        assert warned[0].filename.endswith("faces.py"), "it points at the line that calls the function"


@pytest.mark.parametrize("client", [gcrec.Client, gcrec.AsyncClient])
def test_a_client_warns_when_it_is_made(client: Any) -> None:
    """Once, and not with each call."""
    with pytest.warns(UserWarning, match="not part of the published API") as warned:
        client("https://api.mypurecloud.ie", access_token=TOKEN, api="events")
    assert len(warned) == 1


@pytest.mark.filterwarnings("error")
def test_on_a_region_the_published_api_is_meant(face: Face, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever cannot be reached, its path says which API was spoken."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    with pytest.raises(gcrec.ConnectError) as raised:
        face.run("control", "https://api.mypurecloud.ie", max_retries=0)
    assert (raised.value.path, raised.value.maybe_sent) == (f"/api/v2/conversations/{CONVERSATION}", False)


def test_gcrec_api_chooses_the_wire(face: Face, quirky: Quirky, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable counts where the argument says auto, and an argument beats it."""
    monkeypatch.setenv("GCREC_API", "nonsense")
    quirky.play(good("control"))
    with pytest.raises(gcrec.ConfigError):
        face.run("control", quirky.url)
    assert quirky.connections == 0
    monkeypatch.setenv("GCREC_API", "platform")
    quirky.play(reply(404, {}))
    assert face.run("status", quirky.url) is None
    assert quirky.paths == [f"/api/v2/conversations/{CONVERSATION}"]
    quirky.play(good("control"))
    face.run("control", quirky.url, api="events")
    assert quirky.requests[0].method == "POST"


@pytest.mark.parametrize(
    ("operation", "arguments", "variable"),
    [
        ("get_access_token", (None, "secret", "http://127.0.0.1:9"), "GENESYS_CLIENT_ID"),
        ("get_access_token", ("id", None, "http://127.0.0.1:9"), "GENESYS_CLIENT_SECRET"),
        ("get_access_token", ("id", "secret", None), "GENESYS_BASE_URL"),
        ("get_active_voice_call", (None, "http://127.0.0.1:9"), "token"),
    ],
)
def test_what_the_environment_lacks_is_named(
    face: Face, operation: str, arguments: tuple[str, ...], variable: str
) -> None:
    """The tutorial's style is os.getenv, which gives None: the error says which variable is missing."""
    with pytest.raises(gcrec.ConfigError, match=variable):
        getattr(face, operation)(*arguments)
