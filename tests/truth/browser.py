"""As much of a browser as a login page needs: it reads the one form of a page and sends it as a click would."""

from __future__ import annotations

import urllib.error
import urllib.request
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit


class Form(HTMLParser):
    """The form of a page: where it goes, its fields with their first values, its choices and its buttons."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}
        self.choices: dict[str, list[str]] = {}
        self.buttons: dict[str, tuple[str, str]] = {}
        self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        name = given.get("name", "")
        if tag == "form":
            self.action = given.get("action", "")
            assert given["method"].lower() == "post"
        elif tag == "input" and name:
            self.fields[name] = given.get("value", "")
        elif tag == "select":
            self._select = name
            self.choices[name] = []
        elif tag == "option":
            self.choices[self._select].append(given["value"])
            if len(self.choices[self._select]) == 1 or "selected" in given:
                self.fields[self._select] = given["value"]
        elif tag == "button" and name:
            self.buttons[given["id"]] = (name, given.get("value", ""))


class _Stays(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments: Any) -> None:
        """What is redirected stays where it is: the code is in the address."""


def get(url: str) -> tuple[int, str]:
    """A page, or what is said in its place."""
    try:
        with urllib.request.urlopen(url) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read().decode()


def sent_on(url: str, button: str, **filled: str) -> str:
    """Opens a login page, fills its form in, presses a button, and gives the address that the browser is sent on to.

    Args:
        url: The page.
        button: The id of the button.
        filled: Fields, and the values to choose.
    """
    status, page = get(url)
    assert status == 200, page
    form = Form(page)
    for name, value in filled.items():
        assert value in form.choices.get(name, [value])
    name, value = form.buttons[button]
    sent = urlencode({**form.fields, **filled, name: value}).encode()
    try:
        with urllib.request.build_opener(_Stays).open(urljoin(url, form.action), sent) as answer:
            raise AssertionError(f"{answer.status} in place of a redirect: {answer.read().decode()}")
    except urllib.error.HTTPError as answer:
        with answer:
            assert answer.code in (302, 303), answer.read().decode()
            return str(answer.headers["Location"])


def click(url: str, button: str, **filled: str) -> dict[str, str]:
    """The same, and gives what that address carries."""
    address = urlsplit(sent_on(url, button, **filled))
    return {key: values[0] for key, values in parse_qs(address.query).items()}
