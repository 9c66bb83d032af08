"""The exceptions: their family, their facts, their text, and that they survive a pickle."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from answers import CLOSE, NEVER, reply
from faces import CONVERSATION, Face
from quirky import Behaviour, Quirky

import gcrec
from gcrec import _exceptions, _gcrec

FAMILY: dict[str, tuple[type, ...]] = {
    "GcrecError": (Exception,),
    "ConfigError": (gcrec.GcrecError, ValueError),
    "InvalidActionError": (gcrec.ConfigError, ValueError),
    "InvalidIdError": (gcrec.ConfigError, ValueError),
    "TransportError": (gcrec.GcrecError,),
    "ConnectError": (gcrec.TransportError, ConnectionError, OSError),
    "RequestTimeoutError": (gcrec.TransportError, TimeoutError),
    "TlsError": (gcrec.TransportError,),
    "ApiError": (gcrec.GcrecError,),
    "AuthenticationError": (gcrec.ApiError,),
    "BadRequestError": (gcrec.ApiError,),
    "PermissionDeniedError": (gcrec.ApiError,),
    "NotFoundError": (gcrec.ApiError,),
    "RecordingConflictError": (gcrec.ApiError,),
    "RateLimitError": (gcrec.ApiError,),
    "ServerError": (gcrec.ApiError,),
    "DecodeError": (gcrec.GcrecError,),
}


@pytest.mark.parametrize(("name", "parents"), FAMILY.items())
def test_the_family(name: str, parents: tuple[type, ...]) -> None:
    """Who writes `except TimeoutError` or `except ValueError` today must not change a line."""
    cls = getattr(gcrec, name)
    assert all(issubclass(cls, parent) for parent in parents)
    assert name in gcrec.__all__


@pytest.mark.parametrize("stranger", [gcrec.ApiError, gcrec.TransportError, gcrec.DecodeError])
def test_what_is_not_related(stranger: type) -> None:
    """A server's answer is no ValueError, and a broken line is no answer."""
    assert not issubclass(stranger, (ValueError, OSError))
    others = {gcrec.ApiError, gcrec.TransportError, gcrec.DecodeError, gcrec.ConfigError} - {stranger}
    assert not any(issubclass(stranger, other) for other in others)


def test_both_languages_know_the_same_kinds() -> None:
    """A kind without a class would surface as a RuntimeError in production only."""
    assert sorted(_exceptions.BY_KIND) == sorted(_gcrec._error_kinds())
    assert all(issubclass(cls, gcrec.GcrecError) for cls in _exceptions.BY_KIND.values())
    public = {name for name, value in vars(gcrec).items() if isinstance(value, type) and issubclass(value, Exception)}
    assert public == {cls.__name__ for cls in _exceptions.BY_KIND.values()} | {"GcrecError", "ProofError"}


BODY = {
    "message": "The conversation is not recorded",
    "code": "conversation.not.recorded",
    "messageParams": {"id": "x", "n": 3},
    "contextId": "ctx-1",
    "details": [{"errorCode": "e1", "fieldName": "type"}],
}
TRACED = [("ININ-Correlation-Id", "corr-77"), ("Retry-After", "9")]

RAISED: dict[str, tuple[Behaviour, str, dict[str, Any]]] = {
    "conflict": (reply(409, BODY, TRACED), "RecordingConflictError", {}),
    "not found": (reply(404, BODY, TRACED), "NotFoundError", {}),
    "rate limit": (reply(429, BODY, TRACED), "RateLimitError", {}),
    "server": (reply(500, BODY, TRACED), "ServerError", {}),
    "authentication": (reply(401, BODY, TRACED), "AuthenticationError", {}),
    "decode": (reply(202, b"[]", TRACED), "DecodeError", {}),
    "cut": (CLOSE, "TransportError", {}),
    "timeout": (NEVER, "RequestTimeoutError", {"timeout": 0.2}),
    "config": (CLOSE, "ConfigError", {"timeout": -1}),
    "connect": (CLOSE, "ConnectError", {"port": 1}),
}


def provoke(face: Face, quirky: Quirky, name: str) -> gcrec.GcrecError:
    """The error of this name, raised for real."""
    behaviour, cls, options = RAISED[name]
    quirky.play(behaviour)
    options = dict(options)
    base_url = "http://127.0.0.1:1" if options.pop("port", None) else quirky.url
    with pytest.raises(gcrec.GcrecError) as caught:
        face.run("control", base_url, **{"max_retries": 0, **options})
    assert type(caught.value).__name__ == cls
    return caught.value


def facts(error: gcrec.GcrecError) -> dict[str, Any]:
    """All that a caller can ask an error for."""
    names = [name for name in dir(error) if not name.startswith("_") and not callable(getattr(error, name, print))]
    return {name: getattr(error, name) for name in names}


@pytest.mark.parametrize("name", RAISED)
@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_keeps_everything(face: Face, quirky: Quirky, name: str, protocol: int) -> None:
    """Errors come back from process pools and task queues, whole."""
    error = provoke(face, quirky, name)
    for twin in (pickle.loads(pickle.dumps(error, protocol)), copy.copy(error), copy.deepcopy(error)):
        assert type(twin) is type(error)
        assert (str(twin), repr(twin), twin.args) == (str(error), repr(error), error.args)
        assert facts(twin) == facts(error)


@pytest.mark.parametrize("name", RAISED)
def test_every_error_has_the_common_facts(face: Face, quirky: Quirky, name: str) -> None:
    """A handler may rely on them without looking at the class first."""
    error = provoke(face, quirky, name)
    assert isinstance(error.message, str)
    assert error.message
    assert error.kind in _gcrec._error_kinds()
    assert _exceptions.BY_KIND[error.kind] is type(error)
    assert isinstance(error.retryable, bool)
    assert isinstance(error.maybe_sent, bool)


@pytest.mark.parametrize("name", ["conflict", "not found", "rate limit", "server", "authentication"])
def test_an_answer_is_kept(face: Face, quirky: Quirky, name: str) -> None:
    """The server's own words, for programs as well as for people."""
    error: Any = provoke(face, quirky, name)
    assert error.code == BODY["code"]
    assert error.message_params == BODY["messageParams"]
    assert error.details == BODY["details"]
    assert error.context_id == BODY["contextId"]
    assert error.correlation_id == "corr-77"
    assert error.method == "POST"
    assert error.path == f"/api/v2/recordings/conversations/{CONVERSATION}/events"
    text = str(error)
    for part in ("POST", error.path, str(error.status_code), "corr-77", BODY["message"]):
        assert str(part) in text


@pytest.mark.parametrize("name", ["cut", "timeout", "connect", "decode"])
def test_a_failure_names_its_request(face: Face, quirky: Quirky, name: str) -> None:
    """Method, path and attempts are there although no good answer came."""
    error: Any = provoke(face, quirky, name)
    assert (error.method, error.attempts) == ("POST", 1)
    assert CONVERSATION in error.path
    assert "POST" in str(error)


@pytest.mark.parametrize("name", RAISED)
def test_the_text_is_for_people(face: Face, quirky: Quirky, name: str) -> None:
    """One line that ends like a sentence; no dump of Rust's or Python's insides."""
    text = str(provoke(face, quirky, name))
    assert text.endswith((".", "?", "!"))
    assert "\n" not in text
    for word in ("Some(", "None", "Err(", "reqwest", "hyper", "Os {", "kind:", "0x", "Traceback"):
        assert word not in text


def test_the_cause_is_chained(face: Face, quirky: Quirky) -> None:
    """The operating system's own error number is what an administrator searches for."""
    error = provoke(face, quirky, "connect")
    assert isinstance(error.__cause__, OSError)


HOSTILE = ["two\nlines", "\x1b[31mred\x1b[0m", "bell\a", "x" * 100_000, "\u202egnirts", "nul\0"]


@pytest.mark.parametrize("field", ["message", "code", "error", "description"])
@pytest.mark.parametrize("words", HOSTILE, ids=lambda words: ascii(words[:12]))
def test_the_servers_words_cannot_take_over_the_terminal(face: Face, quirky: Quirky, words: str, field: str) -> None:
    """Control characters are shown, not obeyed; a novel is cut short."""
    quirky.play(reply(400, {field: words}))
    with pytest.raises(gcrec.BadRequestError) as caught:
        face.run("control", quirky.url)
    text = str(caught.value)
    assert len(text) < 2_000
    assert text.isprintable()
