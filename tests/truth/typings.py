"""The official JavaScript SDK's ``index.d.ts`` as judge: which fields there are, their types, and which are required.

At run time that SDK hands over whatever JSON came; what it promises its users stands in this file.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parent / "javascript"
PACKAGE = FOLDER / "node_modules" / "purecloud-platform-client-v2"
MISSING = "is always there"
# Required of whoever updates a user, says the other SDK; a user who is only named has none.
OF_REQUESTS = {("User", "version")}

FIELD = re.compile(r'^\t\t"(?P<name>[^"]+)"(?P<optional>\??): (?P<kind>.*);$')
ARRAY = re.compile(r"Array<(.*)>")
MAP = re.compile(r"\{ \[key: string\]: (.*); \}")
SIMPLE = {"string": (str,), "number": (int, float), "boolean": (bool,)}


@cache
def _text(path: Path) -> str:
    """The whole file: two megabytes."""
    return path.read_text()


class Typings:
    """The declarations of one version of the SDK."""

    def __init__(self, path: Path) -> None:
        self.text = _text(path)

    def promised(self, api: str, method: str) -> str:
        """What a method promises: ``"Models.Conversation"``, ``"void"``."""
        here = self.text.index(f"declare class {api} {{")
        promise = re.compile(rf"^\s+{method}\(.*\): Promise<(.*)>;$", re.MULTILINE).search(self.text, here)
        assert promise, f"{api} has no {method}"
        return promise[1]

    def faults(self, kind: str, value: Any, where: str = "$") -> Iterator[str]:
        """Everything about a value that is not as declared."""
        if kind == "void":
            if value not in (None, ""):
                yield f"{where}: there is a body where nothing is promised"
        elif kind in SIMPLE:
            if not isinstance(value, SIMPLE[kind]) or (isinstance(value, bool) and kind != "boolean"):
                yield f"{where}: {value!r} is no {kind}"
        elif match := ARRAY.fullmatch(kind):
            if not isinstance(value, list):
                yield f"{where}: {type(value).__name__} is no array"
                return
            for index, inner in enumerate(value):
                yield from self.faults(match[1], inner, f"{where}[{index}]")
        elif match := MAP.fullmatch(kind):
            if not isinstance(value, dict):
                yield f"{where}: {type(value).__name__} is no map"
                return
            for key, inner in value.items():
                yield from self.faults(match[1], inner, f"{where}[{key!r}]")
        elif kind.startswith("Models."):
            yield from self._model(kind.removeprefix("Models."), value, where)

    def _model(self, name: str, value: Any, where: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{where}: {type(value).__name__} is no {name}"
            return
        fields = self._fields(name)
        for field, inner in value.items():
            if field not in fields:
                yield f"{where}.{field}: {name} has no such field"
            else:
                yield from self.faults(fields[field][0], inner, f"{where}.{field}")
        for field, (_, optional) in fields.items():
            if not optional and field not in value and (name, field) not in OF_REQUESTS:
                yield f"{where}.{field}: in {name} it {MISSING}"

    def _fields(self, name: str) -> dict[str, tuple[str, bool]]:
        """The fields of a model: type, and whether it may be missing."""
        opening = f"\texport interface {name} {{"
        assert opening in self.text, f"there is no model {name}"
        start = self.text.index(opening)
        lines = self.text[start : self.text.index("\n\t}", start)].splitlines()
        found = [match for line in lines if (match := FIELD.match(line))]
        return {each["name"]: (each["kind"], bool(each["optional"])) for each in found}
