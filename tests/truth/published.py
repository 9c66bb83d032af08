"""What the official SDK publishes: each path with its methods and the model of its body, read from its own source."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from types import ModuleType

METHOD = re.compile(r"^    def \w+\(self(?P<given>.*?)\) -> .*?:$", re.MULTILINE)
BODY = re.compile(r"\bbody: (?:List\[)?'?(?P<kind>\w+)'?(?P<many>\])?")
PATH = re.compile(r"resource_path = '(?P<path>[^']+)'")
QUERY = re.compile(r"query_params\['(\w+)'\]")
VERB = re.compile(r"call_api\(resource_path, '(?P<verb>[A-Z]+)'")


class Operation(NamedTuple):
    """One operation of the published API."""

    verb: str
    path: str
    body: str | None
    """The declared type of its body; None where it has none."""
    query: frozenset[str]
    """The parameters of its query."""

    def is_of(self, verb: str, path: str) -> bool:
        """Whether a request is this operation."""
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(self.path))
        return verb == self.verb and re.fullmatch(pattern, path) is not None


@cache
def operations(sdk: ModuleType) -> list[Operation]:
    """All of them."""
    found = []
    for file in sorted((Path(sdk.__file__).parent / "apis").glob("*_api.py")):
        source = file.read_text()
        heads = [*METHOD.finditer(source), None]
        for head, following in zip(heads, heads[1:]):
            text = source[head.end() : following.start() if following else len(source)]
            path, verb, body = PATH.search(text), VERB.search(text), BODY.search(head["given"])
            if path and verb:
                kind = body and (f"list[{body['kind']}]" if body["many"] else body["kind"])
                found.append(Operation(verb["verb"], path["path"], kind, frozenset(QUERY.findall(text))))
    return found


def operation_of(sdk: ModuleType, verb: str, path: str) -> Operation | None:
    """The published operation that a request is. A path without parameters goes before one with them."""
    fitting = [one for one in operations(sdk) if one.is_of(verb, path)]
    return min(fitting, key=lambda one: one.path.count("{"), default=None)
