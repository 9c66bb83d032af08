"""The vendor's words: the golden bodies hold by the SDK's models, and the wire reads and writes no word of its own."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from judge import DICT, LIST, SIMPLE, allowed_values, faults
from official import _Text
from published import operation_of

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).parent.parent.parent
GOLDEN = ROOT / "tests" / "wire"
WIRE = ROOT / "src" / "wire" / "platform"

# The golden bodies of the published API, by the beginning of their names; what begins otherwise is the tutorial's.
MODELS = {
    "activity_query": "ConversationActivityResponse",
    "call_conversation_": "CallConversation",
    "channel": "Channel",
    "calls_listing": "CallConversationEntityListing",
    "conversation_": "Conversation",
    "conversations_listing": "ConversationEntityListing",
    "details_query": "AnalyticsConversationQueryResponse",
    "error": "ErrorBody",
    "event_call": "QueueConversationCallEventTopicCallConversation",
    "event_conversation": "QueueConversationEventTopicConversation",
    "recording_list": "list[Recording]",
    "recording_metadata": "list[RecordingMetadata]",
    "subscriptions": "ChannelTopicEntityListing",
}
# In a case that the vendor's models do not have: what real organisations were seen to send, and the client must read.
OTHER_CASE = {"conversation_lower_case", "conversation_upper_case"}
# Of an event the SDK knows the body alone; of those of the service itself, nothing.
UNKNOWN = {"event_closing", "event_heartbeat", "event_pong"}
TUTORIAL = {"accepted", "active_calls", "recordings", "token"}

# The types that the wire takes apart, and those that it sends.
SPOKEN = (
    "Conversation",
    "CallConversationEntityListing",
    "AnalyticsConversationQueryResponse",
    "Recording",
    "TokenInfo",
    "UserMe",
    "ErrorBody",
    "Channel",
    "ChannelTopicEntityListing",
    "ConversationCallEventTopicCallConversation",
    "QueueConversationCallEventTopicCallConversation",
    "ConversationEventTopicConversation",
    "QueueConversationEventTopicConversation",
    "SetRecordingState",
    "MediaParticipantRequest",
    "SnippetRecordingRequest",
    "ConversationQuery",
)
# What the vendor says elsewhere: the codes of its errors, and the envelope of its events.
ELSEWHERE = {"not.a.user", "topicName", "eventBody", "metadata", "CorrelationId", "channel.metadata", "result"}
# Answers in the tutorial's form are gcrec's own words, on purpose.
NOT_OF_THE_WIRE = {"tutorial.rs"}


def kind_of(name: str) -> str:
    """The model of a golden body."""
    kinds = [model for start, model in MODELS.items() if name.startswith(start)]
    assert kinds, f"{name}.json is of no model: name it in MODELS, or in TUTORIAL"
    return kinds[0]


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
def test_a_golden_body_is_as_the_sdk_declares_it(sdk: ModuleType, path: Path) -> None:
    if path.stem in TUTORIAL | UNKNOWN:
        return
    raw = json.loads(path.read_text())
    text = json.dumps(raw["eventBody"] if path.stem.startswith("event_") else raw)
    value = sdk.ApiClient().deserialize(_Text(text), kind_of(path.stem))
    found = list(faults(sdk.models, kind_of(path.stem), json.loads(text), value))
    if path.stem in OTHER_CASE:
        assert found
        found = [fault for fault in found if not re.search(r"[sS]tate: '\w+' is none of", fault)]
    assert not found


def vocabulary(sdk: ModuleType, *kinds: str) -> set[str]:
    """Every field of these models and of all within them, and every word of their enums, in lower case too."""
    words: set[str] = set()
    seen: set[str] = set()

    def visit(kind: str) -> None:
        if (inner := LIST.fullmatch(kind) or DICT.fullmatch(kind)) is not None:
            visit(inner[1])
        elif kind not in seen and kind not in {*SIMPLE, "datetime", "date", "object", "LocalDateTime"}:
            seen.add(kind)
            model: Any = getattr(sdk.models, kind)
            blank = model()
            words.update(blank.attribute_map.values())
            for attribute, inside in blank.swagger_types.items():
                for word in allowed_values(model, attribute) or ():
                    words.update((word, word.lower()))
                visit(inside)

    for kind in kinds:
        visit(kind)
    return words


def source(path: Path) -> str:
    """A Rust file without its comments and its tests."""
    text = path.read_text().split("#[cfg(test)]")[0]
    return re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE)


def spoken(text: str) -> set[str]:
    """Every string in a piece of Rust that is one word: the names and the words of JSON are among them, little else.

    A renamed field of a struct is such a string; one that is not renamed is a field's own name, in camel case.
    """
    text = re.sub(r'(rename_all|deserialize_with|reason|path) = "[^"]*"', "", text)
    text = re.sub(r'debug_struct\("\w+"\)', "", text)
    text = re.sub(r"operations: &\[[^\]]*\]", "", text)  # gcrec's own, for its documents
    words = {word for word in re.findall(r'"((?:[^"\\]|\\.)*)"', text) if re.fullmatch(r"[A-Za-z_.]+", word)}
    for match in re.finditer(r"#\[derive\([^)]*Deserialize[^)]*\)\](.*?)\n\}", text, re.DOTALL):
        for line in re.finditer(r"((?:^\s*#\[.*\]\n)*)^ {4}(?:pub(?:\([a-z]+\))? )?(\w+): ", match[1], re.MULTILINE):
            if "rename = " not in line[1]:
                head, *tail = line[2].split("_")
                words.add(head + "".join(part.title() for part in tail))
    return words


def test_every_word_of_the_wire_is_the_vendors(sdk: ModuleType) -> None:
    known = vocabulary(sdk, *SPOKEN) | ELSEWHERE
    words = {path.name: spoken(source(path)) for path in sorted(WIRE.glob("**/*.rs")) if "tests" not in path.name}
    every = set().union(*words.values())
    assert every >= {"recordingState", "securePause", "recordersState", "adhocState", "participants", "conversationEnd"}
    assert every >= {"active", "paused", "none", "disconnected", "terminated", "notExists", "voice"}
    strange = {name: found - known for name, found in words.items()}
    assert {name: found for name, found in strange.items() if found and name not in NOT_OF_THE_WIRE} == {}


def test_a_word_that_the_wire_makes_up_would_be_found(sdk: ModuleType) -> None:
    text = (
        '#[derive(Debug, Deserialize)]\nstruct Leg {\n    #[serde(default)]\n    is_loud: bool,\n}\nraw.string("shoe")'
    )
    assert spoken(text) == {"isLoud", "shoe"}
    assert {"isLoud", "shoe", "mediaSubType"}.isdisjoint(vocabulary(sdk, *SPOKEN) | ELSEWHERE)


def test_every_path_of_the_wire_is_published(sdk: ModuleType) -> None:
    text = source(WIRE / "permissions.rs")
    table = re.findall(r'verb: Verb::(\w+),\s+template: "([^"]+)"', text)
    assert len(table) == text.count('template: "') > 5
    for verb, template in table:
        assert operation_of(sdk, verb.upper(), re.sub(r"\{\w+\}", "1", template)), f"{verb} {template}"
