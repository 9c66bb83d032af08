"""The words that arguments take. Imported by type checkers and by who asks for them, not by ``import gcrec``."""

from __future__ import annotations

from typing import Literal

Api = Literal["auto", "events", "platform"]
"""Which API is spoken: the tutorial's ("events"), the published one ("platform"), or by the host ("auto")."""

Action = Literal["start", "stop", "pause", "resume"]
"""What can be done to a recording. The tutorial's wire has only the first two."""

TutorialAction = Literal["start", "stop"]
"""What can be done to a recording on the tutorial's wire."""

Recorder = Literal["participant", "adhoc", "snippet"]
"""Which of a participant's recorders is started or stopped on the published API."""

State = Literal["recording", "paused", "held", "stopped", "unknown"]
"""What is recorded now. "held": suppressed while the call is on hold. "unknown" proves nothing."""

Target = Literal["recording", "paused", "stopped"]
"""What a recording can be made to be."""

CallSource = Literal["communications", "user", "analytics"]
"""Where a list of active calls comes from: the tutorial's list, the user's own, a search over the organisation."""

MediaFormat = Literal["WAV", "WEBM", "WAV_ULAW", "OGG_VORBIS", "OGG_OPUS", "MP3"]
"""A form in which the media of a recording can be had."""

OutcomeKind = Literal["accepted", "proven", "already", "ended", "failed", "unknown", "skipped"]
"""What became of one of many conversations."""
