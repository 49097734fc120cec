"""The last filter before the terminal: whatever a widget drew, no control reaches the screen."""

from __future__ import annotations

import re

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from screens.widgets.text import REPLACEMENT, UNSAFE_ON_SCREEN


class GuardFilter(LineFilter):
    """Takes controls, bidirectional overrides, zero-width characters, tags and surrogates out of every segment.

    The text boundary already replaces them; this holds when a widget was handed raw text by mistake. What a
    character occupied on screen stays occupied, so that columns do not move.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments with harmless text."""
        if not any(UNSAFE_ON_SCREEN.search(segment.text) for segment in segments):
            return segments
        return [
            segment if segment.control else Segment(UNSAFE_ON_SCREEN.sub(_harmless, segment.text), segment.style)
            for segment in segments
        ]


def _harmless(match: re.Match[str]) -> str:
    return REPLACEMENT if cell_len(match[0]) == 1 else " " * cell_len(match[0])
