"""check_recording_status, and what both reads make of `items`."""

from __future__ import annotations

import json
from typing import Any

import pytest
from answers import READS, reply
from faces import CONVERSATION, TOKEN, Face
from quirky import Quirky

import gcrec


def test_the_request(face: Face, quirky: Quirky) -> None:
    """The same path as the command without its last segment."""
    quirky.play(reply(200, {"items": [{"id": "r2", "status": "ended"}, {"id": "r1", "status": "recording"}]}))
    assert face.check_recording_status(TOKEN, quirky.url, CONVERSATION) == {"id": "r2", "status": "ended"}
    (seen,) = quirky.requests
    assert seen.method == "GET"
    assert seen.target.decode() == f"/api/v2/recordings/conversations/{CONVERSATION}"
    assert seen.header("Authorization") == f"Bearer {TOKEN}"
    assert seen.header("Content-Type") == "application/json"


@pytest.mark.parametrize("body", [{"message": "not found"}, b"", b"<html>404</html>"], ids=repr)
def test_404_is_none(face: Face, quirky: Quirky, body: Any) -> None:
    """No recordings for that id is an answer, not an error."""
    quirky.play(reply(404, body))
    assert face.check_recording_status(TOKEN, quirky.url, CONVERSATION) is None
    assert len(quirky.requests) == 1


@pytest.mark.parametrize("status", [400, 403, 405, 409, 410])
def test_only_404_is_none(face: Face, quirky: Quirky, status: int) -> None:
    """Every other refusal is raised; a lacking scope must not look like 'not recorded'."""
    quirky.play(reply(status, {"message": "no"}))
    with pytest.raises(gcrec.ApiError) as caught:
        face.check_recording_status(TOKEN, quirky.url, CONVERSATION)
    assert caught.value.status_code == status


def test_403_names_the_scope(face: Face, quirky: Quirky) -> None:
    """Whoever reads it must know what to set on the OAuth client."""
    quirky.play(reply(403, {"message": "forbidden"}))
    with pytest.raises(gcrec.PermissionDeniedError, match="conversation:recording:read"):
        face.check_recording_status(TOKEN, quirky.url, CONVERSATION)


NOTHING = ['{"items": []}', '{"items": null}', "{}", '{"total": 0}', '\ufeff{"items": []}']


@pytest.mark.parametrize("operation", READS)
@pytest.mark.parametrize("body", NOTHING)
def test_no_items_is_none(face: Face, quirky: Quirky, operation: str, body: str) -> None:
    """Empty, null and absent all say: there is none."""
    quirky.play(reply(200, body.encode()))
    assert face.run(operation, quirky.url) is None


ODD_ITEMS = ["{}", "0", "1", "true", "false", '""', '"abc"', '{"0": {"id": "x"}}']
ODD_FIRST = ["[null]", "[1]", '["id"]', "[[]]", "[true]", '[null, {"id": "x"}]', "[1.5]"]


@pytest.mark.parametrize("operation", READS)
@pytest.mark.parametrize("items", ODD_ITEMS + ODD_FIRST)
def test_items_of_an_odd_type(face: Face, quirky: Quirky, operation: str, items: str) -> None:
    """What cannot be understood is an error: `false` and `{}` are not 'no recordings'."""
    quirky.play(reply(200, f'{{"items": {items}}}'.encode()))
    with pytest.raises(gcrec.DecodeError):
        face.run(operation, quirky.url)
    assert len(quirky.requests) == 1


NO_OBJECT = [b"", b" ", b"[]", b'[{"id": "x"}]', b"null", b"5", b'"x"', b"<html></html>", b"{", b'{"items": [', b"NaN"]


@pytest.mark.parametrize("operation", READS)
@pytest.mark.parametrize("body", NO_OBJECT, ids=repr)
@pytest.mark.parametrize("media", ["application/json", "text/html"])
def test_a_2xx_that_is_no_object(face: Face, quirky: Quirky, operation: str, body: bytes, media: str) -> None:
    """A login page or an empty body must never read as None."""
    quirky.play(reply(200, body, media=media))
    with pytest.raises(gcrec.DecodeError) as caught:
        face.run(operation, quirky.url)
    assert isinstance(caught.value, gcrec.GcrecError)
    assert len(quirky.requests) == 1


@pytest.mark.parametrize("operation", READS)
@pytest.mark.parametrize("status", [200, 201, 206, 299])
def test_any_2xx_with_items(face: Face, quirky: Quirky, operation: str, status: int) -> None:
    """The class of the status decides, not its last digit."""
    quirky.play(reply(status, {"items": [{"id": "x"}]}))
    assert face.run(operation, quirky.url) == {"id": "x"}


@pytest.mark.parametrize("operation", READS)
def test_a_204_is_no_object(face: Face, quirky: Quirky, operation: str) -> None:
    """An empty body is a DecodeError for reads."""
    quirky.play(reply(204, b""))
    with pytest.raises(gcrec.DecodeError):
        face.run(operation, quirky.url)


def test_only_the_first_item_counts(face: Face, quirky: Quirky) -> None:
    """The tutorial takes items[0]; what follows may be of any shape."""
    quirky.play(reply(200, {"items": [{"id": "x"}, None, 5]}))
    assert face.run("status", quirky.url) == {"id": "x"}


def test_a_long_list(face: Face, quirky: Quirky) -> None:
    """Megabytes of history are no problem, and the first is still the first."""
    items = [{"id": f"r{n}", "status": "ended", "padding": "x" * 100} for n in range(20_000)]
    quirky.play(reply(200, json.dumps({"items": items}).encode()))
    assert face.run("status", quirky.url) == items[0]
