"""3xx: never followed, so that no credential and no command ends up where nobody sent it."""

from __future__ import annotations

import pytest
from answers import OPERATIONS, good, reply
from faces import Face
from quirky import Quirky

import gcrec

STATUSES = [300, 301, 302, 303, 304, 305, 307, 308, 399]


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("status", STATUSES)
def test_another_host_hears_nothing(face: Face, quirky: Quirky, bystander: Quirky, operation: str, status: int) -> None:
    """Not a request, not even a connection: the other host must not learn that we exist."""
    bystander.play(good(operation))
    quirky.play(reply(status, {}, [("Location", f"{bystander.url}/stolen")]), good(operation))
    with pytest.raises(gcrec.ApiError) as caught:
        face.run(operation, quirky.url)
    assert (bystander.connections, len(quirky.requests)) == (0, 1)
    assert caught.value.status_code == status
    assert caught.value.maybe_sent is False
    assert caught.value.attempts == 1


@pytest.mark.parametrize(
    "location", ["/elsewhere", "", "?again", "//127.0.0.1/x", "javascript:alert(1)", "ht!tp://[", None]
)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_not_even_to_the_same_origin(face: Face, quirky: Quirky, operation: str, location: str | None) -> None:
    """A 307 repeats a POST; the retry rule, and not the server, decides about that."""
    headers = [("Location", location)] if location is not None else []
    quirky.play(reply(307, b"<html>moved</html>", headers, media="text/html"), good(operation))
    with pytest.raises(gcrec.ApiError) as caught:
        face.run(operation, quirky.url)
    assert len(quirky.requests) == 1
    assert caught.value.status_code == 307


def test_a_redirect_with_retry_after_is_no_invitation(face: Face, quirky: Quirky) -> None:
    """One request, whatever else the answer says."""
    quirky.play(reply(302, {}, [("Location", "/x"), ("Retry-After", "0")]), good("status"))
    with pytest.raises(gcrec.ApiError):
        face.run("status", quirky.url)
    assert len(quirky.requests) == 1
