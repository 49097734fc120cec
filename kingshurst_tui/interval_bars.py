"""Intervals drawn in letters, for the terminal and for reports in text: colour carries nothing here."""

from __future__ import annotations

import math

WIDTH = 33
FURTHEST = 4.0
"""A ratio is drawn between a quarter and four; what lies beyond ends in an arrow."""
LEGEND = "quarter as many ¼ ─ ┊ as many ─ 4 four times"


def ratio_bar(ratio: float | None, low: float | None, high: float | None, width: int = WIDTH) -> str:
    """Return an interval of a ratio on a line, 1 in the middle; dots where there is none.

    Example:
        >>> ratio_bar(0.5, 0.3, 0.9, 21)
        '·├───●───┤┊··········'
    """
    middle = width // 2
    line = ["·"] * width
    line[middle] = "┊"
    if ratio is None or low is None or high is None:
        return "".join(line)
    first, last = _place(low, width), _place(high, width)
    for at in range(first, last + 1):
        line[at] = "─"
    line[first] = "◄" if low < 1 / FURTHEST else "├"
    line[last] = "►" if high > FURTHEST else "┤"
    if first <= middle <= last:
        line[middle] = "┼"
    line[_place(ratio, width)] = "●"
    return "".join(line)


def share_bar(share: float, low: float, high: float, width: int = WIDTH) -> str:
    """Return an interval of a share on a line from 0 to 1."""
    line = ["·"] * width
    first, last, at = (round(min(max(each, 0.0), 1.0) * (width - 1)) for each in (low, high, share))
    for place in range(first, last + 1):
        line[place] = "─"
    line[first], line[last] = "├", "┤"
    line[at] = "●"
    return "".join(line)


def along(ratio: float) -> float:
    """Return where a ratio lies on a line from 0 (a quarter or less) over 0.5 (as many) to 1 (four times or more).

    Example:
        >>> along(0.5), along(1), along(100)
        (0.25, 0.5, 1.0)
    """
    if ratio <= 0:
        return 0.0
    return min(max(0.5 + math.log(ratio) / math.log(FURTHEST) / 2, 0.0), 1.0)


def _place(ratio: float, width: int) -> int:
    return round(along(ratio) * (width - 1))
