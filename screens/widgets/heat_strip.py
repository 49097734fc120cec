"""Published counts of months, one sign a month: how much by shade, what is hidden or not known by a sign of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kingshurst_tui.places.vocabulary import HIDDEN

SHADES: Final = "░▒▓█"
"""From the lowest to the highest quarter of what is shown in the strip."""
HIDDEN_SIGN: Final = "#"
UNKNOWN_SIGN: Final = "?"
LEGEND: Final = "░▒▓█ by quarter of the highest month shown · # hidden · ? not known (not in, not whole, no place)"


def strip(counts: Sequence[int], width: int) -> str:
    """Return the newest months that fit, oldest first; of published cells, so a hidden nought is not told apart.

    Example:
        >>> strip([20, 40, -1, -2, 80], 5)
        '░▒#?█'
    """
    shown = list(counts[-width:])
    highest = max((count for count in shown if count > 0), default=0)
    return "".join(_sign(count, highest) for count in shown).rjust(width)


def _sign(count: int, highest: int) -> str:
    if count < 0:
        return HIDDEN_SIGN if count == HIDDEN else UNKNOWN_SIGN
    return SHADES[min(len(SHADES) - 1, (count * len(SHADES) - 1) // max(highest, 1))] if count else SHADES[0]


def ruler(months: Sequence[str], width: int) -> str:
    """Return the line over a strip: each January by its year, so that a month can be found.

    Example:
        >>> ruler(["2023-11", "2023-12", "2024-01", "2024-02", "2024-03"], 5)
        "  '24"
    """
    shown = list(months[-width:])
    line = [" "] * width
    begin = width - len(shown)
    for at, month in enumerate(shown):
        if month.endswith("-01") and begin + at + 3 <= width:
            line[begin + at : begin + at + 3] = f"'{month[2:4]}"
    return "".join(line)
