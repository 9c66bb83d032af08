"""The official SDK's models as judge: of what its own deserialiser made of an answer, and of the JSON that it read.

The SDK forgives: ``bool("false")`` is True, a number becomes a string, an enum in the wrong case passes, an unknown
field is dropped. So each value is held against what the model declares, as it was sent and as it was understood.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from datetime import datetime, timezone
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

LIST = re.compile(r"list\[(.*)\]")
DICT = re.compile(r"dict\(str, (.*)\)")
INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{3})?Z")
# What JSON gives for each of the SDK's simple types. (`bool` is an `int` in Python, and must not pass for one.)
SIMPLE = {"str": (str,), "bool": (bool,), "int": (int,), "float": (int, float)}


@cache
def allowed_values(model: type, attribute: str) -> tuple[str, ...] | None:
    """The words that the setter of an enum knows; None where any string will do."""
    setter = getattr(model, attribute).fset
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(setter)))):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "allowed_values":
            return tuple(ast.literal_eval(node.value))
    return None


def faults(models: ModuleType, kind: str | None, raw: Any, value: Any, where: str = "$") -> Iterator[str]:
    """Everything about an answer that is not as the SDK declares it.

    Args:
        models: The SDK's module of models.
        kind: The declared type, in the SDK's words: ``"Conversation"``, ``"list[Recording]"``; None is no body at all.
        raw: The JSON as it was sent.
        value: What the SDK made of it.
        where: The path to it.
    """
    if kind is None:
        if raw is not None:
            yield f"{where}: there is a body where the SDK expects none"
    elif raw is None:
        yield f"{where}: null (fields without a value are left out)"
    elif kind in SIMPLE:
        yield from _simple(kind, raw, value, where)
    elif kind in ("datetime", "LocalDateTime"):
        yield from _instant(raw, value, where)
    elif match := LIST.fullmatch(kind):
        yield from _list(models, match[1], raw, value, where)
    elif match := DICT.fullmatch(kind):
        yield from _dict(models, match[1], raw, value, where)
    elif kind != "object":
        yield from _model(models, kind, raw, value, where)


def _simple(kind: str, raw: Any, value: Any, where: str) -> Iterator[str]:
    if not isinstance(raw, SIMPLE[kind]) or (isinstance(raw, bool) and kind != "bool"):
        yield f"{where}: {raw!r} was sent where {kind} is declared"
    elif value != raw or type(value).__name__ != kind:
        yield f"{where}: {raw!r} was understood as {value!r}"


def _instant(raw: Any, value: Any, where: str) -> Iterator[str]:
    if not isinstance(raw, str) or INSTANT.fullmatch(raw) is None:
        yield f"{where}: {raw!r} is no instant of the form yyyy-MM-ddTHH:mm:ss[.mmm]Z"
    elif not isinstance(value, datetime) or value.utcoffset() != timezone.utc.utcoffset(None):
        yield f"{where}: {raw!r} was understood as {value!r}"


def _list(models: ModuleType, kind: str, raw: Any, value: Any, where: str) -> Iterator[str]:
    if not isinstance(raw, list) or not isinstance(value, list) or len(raw) != len(value):
        yield f"{where}: {type(raw).__name__} was sent where a list is declared"
        return
    for index, (sent, understood) in enumerate(zip(raw, value)):
        yield from faults(models, kind, sent, understood, f"{where}[{index}]")


def _dict(models: ModuleType, kind: str, raw: Any, value: Any, where: str) -> Iterator[str]:
    if not isinstance(raw, dict) or not isinstance(value, dict) or raw.keys() != value.keys():
        yield f"{where}: {type(raw).__name__} was sent where a map is declared"
        return
    for key, sent in raw.items():
        yield from faults(models, kind, sent, value[key], f"{where}[{key!r}]")


def _model(models: ModuleType, kind: str, raw: Any, value: Any, where: str) -> Iterator[str]:
    model = getattr(models, kind)
    if not isinstance(raw, dict) or not isinstance(value, model):
        yield f"{where}: {type(raw).__name__} was sent, {type(value).__name__} understood where {kind} is declared"
        return
    attributes = {name: attribute for attribute, name in value.attribute_map.items()}
    for name, sent in raw.items():
        inside = f"{where}.{name}"
        if name not in attributes:
            yield f"{inside}: {kind} has no such field"
            continue
        attribute = attributes[name]
        understood = getattr(value, attribute)
        if (words := allowed_values(model, attribute)) is not None and sent not in words:
            yield f"{inside}: {sent!r} is none of {', '.join(words)} (understood as {understood!r})"
        else:
            yield from faults(models, value.swagger_types[attribute], sent, understood, inside)
