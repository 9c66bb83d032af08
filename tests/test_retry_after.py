"""Retry-After in all its spellings, seen through `retry_after` and through what is sent."""

from __future__ import annotations

import datetime
from email.utils import format_datetime
from typing import Any

import pytest
from answers import OPERATIONS, good, reply
from faces import Face
from quirky import Quirky

import gcrec


def spelled(moment: datetime.datetime, style: str) -> str:
    """The three date formats that RFC 9110 asks a client to read."""
    if style == "imf":
        return format_datetime(moment, usegmt=True)
    if style == "rfc850":
        return moment.strftime("%A, %d-%b-%y %H:%M:%S GMT")
    return moment.strftime("%a %b ") + f"{moment.day:2d}" + moment.strftime(" %H:%M:%S %Y")


STYLES = ["imf", "rfc850", "asctime"]
NOW = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
SECOND = datetime.timedelta(seconds=1)


def refused(face: Face, quirky: Quirky, headers: list[tuple[str, str]], **options: Any) -> gcrec.RateLimitError:
    """Let the server answer 429 with these headers, and give the error."""
    quirky.play(reply(429, {"message": "slow down"}, headers))
    with pytest.raises(gcrec.RateLimitError) as caught:
        face.run("control", quirky.url, **options)
    return caught.value


@pytest.mark.parametrize(("value", "seconds"), [("0", 0), ("7", 7), ("0012", 12), (" 5 ", 5), ("3600", 3600)])
def test_seconds(face: Face, quirky: Quirky, value: str, seconds: int) -> None:
    """The server's wish is told even where nothing is repeated."""
    assert refused(face, quirky, [("Retry-After", value)], max_retries=0).retry_after == seconds


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("shift", [-10_000 * 86_400, 0, 3_600], ids=["decades slow", "right", "an hour fast"])
def test_a_date_is_measured_against_the_answers_own(face: Face, quirky: Quirky, style: str, shift: int) -> None:
    """A server whose clock is wrong is wrong in both headers, so the difference is right."""
    date = NOW + shift * SECOND
    headers = [("Date", spelled(date, "imf")), ("Retry-After", spelled(date + 90 * SECOND, style))]
    assert refused(face, quirky, headers, max_retries=0).retry_after == 90


@pytest.mark.parametrize("style", STYLES)
def test_a_date_without_date(face: Face, quirky: Quirky, style: str) -> None:
    """Without a Date header our own clock has to do."""
    wish = datetime.datetime.now(datetime.timezone.utc) + 3_600 * SECOND
    seconds = refused(face, quirky, [("Retry-After", spelled(wish, style))], max_retries=0).retry_after
    assert seconds is not None
    assert 3_500 < seconds <= 3_601


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("dated", [True, False])
@pytest.mark.parametrize("status", [429, 503])
def test_a_date_in_the_past_is_now(face: Face, quirky: Quirky, style: str, dated: bool, status: int) -> None:
    """0 s, neither an error nor an unreadable value."""
    headers = [("Retry-After", spelled(NOW - 60 * SECOND, style))]
    if dated:
        headers.append(("Date", spelled(NOW, "imf")))
    quirky.play(reply(status, {}, headers), good("control"))
    face.run("control", quirky.url, timeout=5)
    assert len(quirky.requests) == 2


@pytest.mark.timeout(10)
@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("wish", ["60", "date", "99999999999", "9" * 40])
def test_a_wait_beyond_the_timeout_fails_at_once(
    face: Face, quirky: Quirky, operation: str, status: int, wish: str
) -> None:
    """Sleeping first and failing then would only waste the caller's half minute."""
    value = spelled(NOW + 3_600 * SECOND, "imf") if wish == "date" else wish
    quirky.play(reply(status, {}, [("Retry-After", value)]), good(operation))
    with pytest.raises(gcrec.RateLimitError if status == 429 else gcrec.ServerError) as caught:
        face.run(operation, quirky.url, timeout=25)
    error: Any = caught.value
    assert len(quirky.requests) == 1
    assert error.attempts == 1
    assert error.maybe_sent is False


JUNK = ["", "soon", "-1", "-99999999999", "1e3", "5 seconds", "0x10", "NaN", "inf", "Mon, 99 Foo 2026", "٣", "5,5"]


@pytest.mark.parametrize("value", JUNK)
def test_an_unreadable_wish_is_as_good_as_none(face: Face, quirky: Quirky, value: str) -> None:
    """Back off as if nothing had been said, and still repeat: a 429 was not acted on."""
    quirky.play(reply(429, {}, [("Retry-After", value)]), good("control"))
    face.run("control", quirky.url, max_retries=1, timeout=5)
    assert len(quirky.requests) == 2
    assert refused(face, quirky, [("Retry-After", value)], max_retries=0).retry_after is None


def test_no_wish_at_all(face: Face, quirky: Quirky) -> None:
    """2 ** 0 seconds at most, with full jitter; the tutorial's five are only in its message."""
    quirky.play(reply(429, {}), good("control"))
    face.run("control", quirky.url, max_retries=1, timeout=5)
    assert len(quirky.requests) == 2
    assert refused(face, quirky, [], max_retries=0).retry_after is None


@pytest.mark.parametrize("value", ["0.0", "1.5"])
def test_a_fraction_is_no_crash(face: Face, quirky: Quirky, value: str) -> None:
    """Not in the standard: read as seconds or not at all, but never as something else."""
    seen = refused(face, quirky, [("Retry-After", value)], max_retries=0).retry_after
    assert seen in (None, float(value), 2)


def test_the_text_tells_attempts_and_wish(face: Face, quirky: Quirky) -> None:
    """Whoever reads the log must see how long to stay away."""
    error = refused(face, quirky, [("Retry-After", "77")], timeout=10)
    assert "77" in str(error)
    assert error.retry_after == 77


@pytest.mark.parametrize("timeout", [0.2, 0.5])
def test_the_timeout_bounds_repeats_too(face: Face, quirky: Quirky, timeout: float) -> None:
    """A server that always says 'now' must not keep a call alive for ever."""
    quirky.play(reply(429, {}, [("Retry-After", "0")]))
    with pytest.raises((gcrec.RateLimitError, gcrec.RequestTimeoutError)):
        face.run("control", quirky.url, timeout=timeout, max_retries=100_000)
    assert len(quirky.requests) >= 1
