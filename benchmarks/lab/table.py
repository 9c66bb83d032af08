"""Figures as text. Medians, because one bad round on a shared machine must not decide."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median as median


def spread(values: Sequence[float]) -> str:
    """The median, and how far the rounds lie apart."""
    return f"{median(values):.2f} ({min(values):.2f} - {max(values):.2f})"


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> str:
    """How many times theirs is ours, compared round by round."""
    return spread([our / their for our, their in zip(ours, theirs)]) if ours and theirs else "-"


def columns(lines: Sequence[tuple[str, ...]]) -> list[str]:
    """Names to the left, figures to the right, a rule below the head."""
    widths = [max(map(len, column)) for column in zip(*lines)]
    padded = [
        "  ".join([line[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:]))])
        for line in lines
    ]
    return [padded[0], "-" * len(padded[0]), *(line.rstrip() for line in padded[1:])]
