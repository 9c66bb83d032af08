"""The vendor's words: the golden bodies hold by the SDK's models, and the wire reads and writes no word of its own."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from judge import DICT, LIST, SIMPLE, allowed_values, faults
from official import _Text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

ROOT = Path(__file__).parent.parent.parent
GOLDEN = ROOT / "tests" / "wire"
WIRE = ROOT / "src" / "wire" / "platform"

# The golden bodies of the published API, by the beginning of their names; what begins otherwise is the tutorial's.
MODELS = {"conversation_": "Conversation", "error": "ErrorBody"}
# In a case that the vendor's models do not have: what real organisations were seen to send, and the client must read.
OTHER_CASE = {"conversation_lower_case", "conversation_upper_case"}
TUTORIAL = {"accepted", "active_calls", "recordings", "token"}

# The types that the wire takes apart.
READ = ("Conversation", "ErrorBody")


def kind_of(name: str) -> str:
    """The model of a golden body."""
    [kind] = [model for start, model in MODELS.items() if name.startswith(start)]
    return kind


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
def test_a_golden_body_is_as_the_sdk_declares_it(sdk: ModuleType, path: Path) -> None:
    if path.stem in TUTORIAL:
        return
    text = path.read_text()
    value = sdk.ApiClient().deserialize(_Text(text), kind_of(path.stem))
    found = list(faults(sdk.models, kind_of(path.stem), json.loads(text), value))
    if path.stem in OTHER_CASE:
        assert found
        found = [fault for fault in found if not re.search(r"[sS]tate: '\w+' is none of", fault)]
    assert not found


def vocabulary(sdk: ModuleType, *kinds: str) -> set[str]:
    """Every field and every enum's word of these models and of all within them, in lower case."""
    words: set[str] = set()
    seen: set[str] = set()

    def visit(kind: str) -> None:
        if (inner := LIST.fullmatch(kind) or DICT.fullmatch(kind)) is not None:
            visit(inner[1])
        elif kind not in seen and kind not in {*SIMPLE, "datetime", "date", "object", "LocalDateTime"}:
            seen.add(kind)
            model: Any = getattr(sdk.models, kind)
            blank = model()
            words.update(name.lower() for name in blank.attribute_map.values())
            for attribute, inside in blank.swagger_types.items():
                words.update(word.lower() for word in allowed_values(model, attribute) or ())
                visit(inside)

    for kind in kinds:
        visit(kind)
    return words


def source(path: Path) -> str:
    """A Rust file without its comments and its tests."""
    text = path.read_text().split("#[cfg(test)]")[0]
    return re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE)


def fields(text: str) -> Iterator[str]:
    """The names of JSON that the deserialised structs of a file have."""
    for match in re.finditer(r"#\[derive\([^)]*Deserialize[^)]*\)\](.*?)\n\}", text, re.DOTALL):
        for line in re.finditer(r"((?:^\s*#\[.*\]\n)*)^ {4}(?:pub(?:\([a-z]+\))? )?(\w+): ", match[1], re.MULTILINE):
            renamed = re.search(r'rename = "(\w+)"', line[1])
            head, *tail = line[2].split("_")
            yield renamed[1] if renamed else head + "".join(part.title() for part in tail)


def asked_for(text: str) -> Iterator[str]:
    """The names of JSON that a file asks a document for."""
    yield from re.findall(r'\.(?:string|member|list_of|pointer|get)\("(\w+)"\)', text)
    yield from re.findall(r'\["(\w+)"\]', text)


def test_every_name_that_the_wire_reads_is_the_vendors(sdk: ModuleType) -> None:
    known = vocabulary(sdk, *READ)
    read = {name for path in WIRE.glob("**/*.rs") if "tests" not in path.name
            for name in (*fields(source(path)), *asked_for(source(path)))}  # fmt: skip
    assert read >= {"recordingState", "securePause", "recordersState", "adhocState", "participants", "purpose", "held"}
    assert {name for name in read if name.lower() not in known} == set()


def test_every_word_that_the_wire_compares_is_the_vendors(sdk: ModuleType) -> None:
    known = vocabulary(sdk, *READ)
    compared: set[str] = set()
    for path in WIRE.glob("**/*.rs"):
        if "tests" not in path.name:
            text = source(path)
            compared.update(word for arm in re.findall(r'((?:"[^"]+"\s*\|?\s*)+)=>', text) for word in literals(arm))
            compared.update(word for same in re.findall(r'(?:==|!=) "[^"]+"', text) for word in literals(same))
            compared.update(
                word for same in re.findall(r'eq_ignore_ascii_case\("[^"]+"', text) for word in literals(same)
            )
            compared.update(word for many in re.findall(r'\[((?:"[^"]+",?\s*)+)\]\.', text) for word in literals(many))
    assert compared >= {"active", "paused", "none", "disconnected", "terminated"}
    assert {word for word in compared if word.lower() not in known} == set()


def literals(text: str) -> list[str]:
    """The strings in a piece of Rust."""
    return re.findall(r'"([^"]+)"', text)


def test_a_word_that_the_wire_makes_up_would_be_found(sdk: ModuleType) -> None:
    text = (
        '#[derive(Debug, Deserialize)]\nstruct Leg {\n    #[serde(default)]\n    is_loud: bool,\n}\nraw.string("shoe")'
    )
    assert [*fields(text), *asked_for(text)] == ["isLoud", "shoe"]
    assert {"isloud", "shoe"}.isdisjoint(vocabulary(sdk, *READ))
