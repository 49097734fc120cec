"""Small multiples: a little picture for each of several counts by month, side by side, each to its own highest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rich.console import RenderableType
from textual.content import Content
from textual.visual import VisualType
from textual.widget import Widget

from kingshurst_tui.places.vocabulary import HIDDEN, NOT_KNOWN
from screens.widgets.heat_strip import HIDDEN_SIGN, UNKNOWN_SIGN, ruler
from screens.widgets.text import one_line
from screens.widgets.virtual_table import fit

BLOCKS: Final = "▁▂▃▄▅▆▇█"
GAP: Final = 3
LEAST_WIDE: Final = 24
"""Cells of a picture at least, so that its title can be read."""
WIDEST: Final = 48
FEWEST_BARS, MOST_BARS = 3, 9
"""Lines of bars of a picture; as many as there is room for."""
_AROUND = 4
"""Lines of a picture besides its bars, and the empty one under it."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture.

    Attributes:
        title: what is counted.
        note: the line under it: the figure over all its months.
        months: "2024-05", oldest first.
        counts: published, one a month; HIDDEN or NOT_KNOWN.
    """

    title: str
    note: str
    months: tuple[str, ...]
    counts: tuple[int, ...]


def drawn(panel: Panel, bars: int, width: int = LEAST_WIDE) -> list[str]:
    """Return the lines of one picture: title, note, bars, and the line of Januaries under them.

    Example:
        >>> drawn(Panel("theft", "to 40", ("2025-12", "2026-01", "2026-02", "2026-03"), (20, 40, -1, -2)), 2, 5)
        ['theft', 'to 40', ' █   ', '██#? ', " '26 "]
    """
    counts = panel.counts[-width:]
    highest = max((count for count in counts if count > 0), default=1)
    steps = len(BLOCKS) * bars
    lines = [fit(one_line(panel.title), width), fit(one_line(panel.note), width)]
    for line in reversed(range(bars)):
        cells = [_cell(count, -(-count * steps // highest), line) for count in counts]
        lines.append("".join(cells).ljust(width))
    years = ruler(panel.months[-width:], len(counts))
    return [*lines, years.ljust(width)]


def _cell(count: int, high: int, line: int) -> str:
    if count < 0:
        return " " if line else {HIDDEN: HIDDEN_SIGN, NOT_KNOWN: UNKNOWN_SIGN}.get(count, UNKNOWN_SIGN)
    over = min(max(high - line * len(BLOCKS), 0), len(BLOCKS))
    return BLOCKS[over - 1] if over else " "


class SmallMultiples(Widget):
    """Pictures side by side, as many as fit."""

    HELP = "A picture for each count, each to its own highest month. # is hidden, ? is not known; neither is nought."

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id)
        self._panels: tuple[Panel, ...] = ()

    def show(self, panels: Sequence[Panel]) -> None:
        """Draw these."""
        self._panels = tuple(panels)
        self.styles.height = max(1, len(self.lines(self._wide)))
        self.refresh(layout=True)

    def on_resize(self) -> None:
        """Set them out anew."""
        self.show(self._panels)

    @property
    def _wide(self) -> int:
        return max(self.size.width or 76, LEAST_WIDE)

    @property
    def _high(self) -> int:
        parent = self.parent
        return parent.size.height if isinstance(parent, Widget) else 0

    def render(self) -> RenderableType | VisualType:
        """Draw the pictures."""
        rows = self._rows(self._wide)
        parts: list[Content] = []
        for row in rows:
            for number, line in enumerate(row):
                style = "bold" if number == 0 else "$muted" if number in (1, len(row) - 1) else ""
                parts.append(Content.styled(line, style) if style else Content(line))
            parts.append(Content(""))
        return Content("\n").join(parts[:-1]) if parts else Content("")

    def lines(self, width: int) -> list[str]:
        """Return the lines for that many cells; tests read them."""
        rows = [[*row, ""] for row in self._rows(width)]
        return [line.rstrip() for row in rows for line in row][:-1]

    def _rows(self, width: int) -> list[list[str]]:
        across = max(1, min((width + GAP) // (LEAST_WIDE + GAP), len(self._panels)))
        each = min((width - GAP * (across - 1)) // across, WIDEST)
        rows = -(-len(self._panels) // across)
        bars = min(max(self._high // max(rows, 1) - _AROUND, FEWEST_BARS), MOST_BARS)
        found = []
        for at in range(0, len(self._panels), across):
            pictures = [drawn(panel, bars, each) for panel in self._panels[at : at + across]]
            found.append([(" " * GAP).join(cells) for cells in zip(*pictures, strict=True)])
        return found
