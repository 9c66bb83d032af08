"""The SDK's request bodies, made as its users make them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import ModuleType


def body(sdk: ModuleType, kind: str, **values: Any) -> Any:
    """A model of the SDK with these attributes; one that it does not have is an error, and so is an unknown enum."""
    made = getattr(sdk, kind)()
    for attribute, value in values.items():
        assert attribute in made.swagger_types, f"{kind} has no {attribute}"
        setattr(made, attribute, value)
        assert getattr(made, attribute) == value
    return made


def set_recording_state(sdk: ModuleType, state: str) -> Any:
    """A secure pause (``PAUSED``) or its end (``ACTIVE``)."""
    return body(sdk, "SetRecordingState", recording_state=state)


def ad_hoc(sdk: ModuleType, recording: bool) -> Any:
    """Starts or stops the ad-hoc recording of a participant."""
    return body(sdk, "MediaParticipantRequest", recording=recording)


def snippet(sdk: ModuleType, record: bool, kind: str = "snippet") -> Any:
    """Starts or stops a snippet, or an ad-hoc recorder."""
    return body(sdk, "SnippetRecordingRequest", type=kind, record=record)


def active_voice(sdk: ModuleType, interval: str, *, size: int = 100, number: int = 1, ended: bool = False) -> Any:
    """The search for the voice conversations that have not ended (or have)."""
    operator = "exists" if ended else "notExists"
    end = body(
        sdk, "ConversationDetailQueryPredicate", type="dimension", dimension="conversationEnd", operator=operator
    )
    voice = body(sdk, "SegmentDetailQueryPredicate", type="dimension", dimension="mediaType", value="voice")
    return body(
        sdk,
        "ConversationQuery",
        interval=interval,
        conversation_filters=[body(sdk, "ConversationDetailQueryFilter", type="and", predicates=[end])],
        segment_filters=[body(sdk, "SegmentDetailQueryFilter", type="and", predicates=[voice])],
        paging=body(sdk, "PagingSpec", page_size=size, page_number=number),
    )
