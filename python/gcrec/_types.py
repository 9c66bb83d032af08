"""The words that arguments take. Imported by type checkers and by who asks for them, not by ``import gcrec``."""

from __future__ import annotations

from typing import Literal

Api = Literal["auto", "events", "platform"]
"""Which API is spoken: the tutorial's ("events"), the published one ("platform"), or by the host ("auto")."""

Action = Literal["start", "stop"]
"""What can be done to a recording on the tutorial's wire."""
