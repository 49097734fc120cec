"""Counts by agency and month, as a picture made of text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from rich.console import RenderableType
from textual.content import Content
from textual.visual import VisualType
from textual.widget import Widget

from kingshurst_tui.dates import MONTHS, show_month
from screens.widgets.text import one_line
from screens.widgets.virtual_table import fit

BLOCKS: Final = "▁▂▃▄▅▆▇█"
NONE_SIGN = "·"
UNKNOWN_SIGN = "?"
HIDDEN_SIGN = "#"
HIDDEN: Final = -1
"""A count that is not shown."""
NAME_WIDTH = 15


@dataclass(frozen=True, slots=True)
class MonthRow:
    """One agency's counts.

    Attributes:
        name: the agency, as it may be shown.
        counts: one a month, oldest first; nothing where the month is unknown (not covered, or out of date), HIDDEN
            where it is not to be shown.
    """

    name: str
    counts: tuple[int | None, ...]


class MonthPicture(Widget):
    """Bars over figures: a block as high as the count, the count itself beside it, ``?`` for an unknown month."""

    HELP = "Each line is an agency, each column a month. A figure is a count, · is none, ? is not known, # is hidden."

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id)
        self._first: date | None = None
        self._rows: Sequence[MonthRow] = ()
        self._totals = True

    def show_counts(self, first_month: date, rows: Sequence[MonthRow], *, totals: bool = True) -> None:
        """Show counts from that month on; the latest months stay where the terminal is too narrow for all.

        Args:
            first_month: of all rows.
            rows: a line each.
            totals: whether their sums stand beside them; of rounded counts they do not.
        """
        self._first, self._rows, self._totals = first_month, rows, totals
        self.styles.height = len(rows) + 2
        self.refresh(layout=True)

    def render(self) -> RenderableType | VisualType:
        """Draw the picture."""
        return Content("\n".join(self.lines(max(self.size.width, 30))))

    def lines(self, width: int) -> list[str]:
        """Return the picture's lines for that many cells; the test reads them, and so does the plain command."""
        if self._first is None or not self._rows:
            return []
        months = max(len(row.counts) for row in self._rows)
        shown = min(months, max(1, (width - NAME_WIDTH - 8) // 3))
        start = self._first.year * 12 + self._first.month - 1 + months - shown
        highest = max((count for row in self._rows for count in row.counts if count), default=1)
        span = range(start, start + shown)
        years = "".join(_year_mark(month) if _begins_a_year(month, start) else "   " for month in span)
        letters = "".join(f" {MONTHS[month % 12][0]} " for month in span)
        lines = [" " * NAME_WIDTH + years, " " * NAME_WIDTH + letters + ("  all" if self._totals else "")]
        for row in self._rows:
            counts = row.counts[len(row.counts) - shown :] if len(row.counts) >= shown else row.counts
            known = [count for count in counts if count is not None and count != HIDDEN]
            total = ""
            if self._totals:
                total = f"{sum(known):>5}" + ("+?" if len(known) < len(counts) else "")
            cells = "".join(_month_cell(count, highest) for count in counts)
            lines.append(fit(one_line(row.name), NAME_WIDTH - 1) + " " + cells.ljust(shown * 3) + total)
        return lines

    def in_words(self) -> str:
        """Return the same in a sentence, for those who do not see the picture."""
        if self._first is None:
            return ""
        parts = [f"{one_line(row.name)} {sum(max(count or 0, 0) for count in row.counts)}" for row in self._rows]
        return f"Contacts since {show_month(self._first)}: {', '.join(parts)}."


def _begins_a_year(month: int, start: int) -> bool:
    # A picture that begins in December names the year after only: two marks side by side would run together.
    return month % 12 == 0 or (month == start and month % 12 != 11)


def _year_mark(month: int) -> str:
    return f"'{month // 12 % 100:02d}"


def _month_cell(count: int | None, highest: int) -> str:
    if count is None or count == HIDDEN:
        return f" {UNKNOWN_SIGN if count is None else HIDDEN_SIGN} "
    if count == 0:
        return f" {NONE_SIGN} "
    figure = str(count) if count < 100 else "+"
    block = BLOCKS[min(len(BLOCKS) - 1, (count * len(BLOCKS) - 1) // max(highest, 1))]
    return f"{block}{figure}".ljust(3)[:3]
