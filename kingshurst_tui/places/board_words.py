"""How the Board's report words what others count: quarters, months and areas as people say them, and nothing twice."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from kingshurst_tui.dates import MONTHS
from kingshurst_tui.leaving.pages import Block, Grid, Words
from kingshurst_tui.leaving.suppression import HIDDEN

_QUARTER = re.compile(r"\b(\d{4})-Q([1-4])(?: to (\d{4})-Q([1-4]))?")
_MONTH = re.compile(r"\b(\d{4})-(0[1-9]|1[0-2])\b(?!-)")
_QUARTERS = ("Jan to Mar", "Apr to Jun", "Jul to Sep", "Oct to Dec")
_AREAS = {"anti-social-behaviour": "anti-social behaviour"}
ALL_HIDDEN = "each number is small, or would tell a small one: hidden"


def plainly(text: str) -> str:
    """Return a text with its quarters and months in words: a financial year has other quarters than the calendar.

    Example:
        >>> plainly("about 95 in 2026-Q2 to 2026-Q3, none in 2025-11 and 2025-Q4 (as at 2026-11-23)")
        'about 95 in Apr to Sep 2026, none in Nov 2025 and Oct to Dec 2025 (as at 2026-11-23)'
    """
    return _MONTH.sub(_month, _QUARTER.sub(_quarter, text))


def _quarter(found: re.Match[str]) -> str:
    year, number, last_year, last = found.groups()
    if last is None:
        return f"{_QUARTERS[int(number) - 1]} {year}"
    first, until = _QUARTERS[int(number) - 1][:3], _QUARTERS[int(last) - 1][-3:]
    return f"{first} to {until} {year}" if year == last_year else f"{first} {year} to {until} {last_year}"


def _month(found: re.Match[str]) -> str:
    return f"{MONTHS[int(found[2]) - 1][:3]} {found[1]}"


def area_in_words(area: str) -> str:
    """Return a priority area as a heading has it.

    Example:
        >>> area_in_words("anti-social-behaviour"), area_in_words("hate-crime")
        ('anti-social behaviour', 'hate crime')
    """
    return _AREAS.get(area, area.replace("-", " "))


def table(what: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> Block:
    """Return a table, or one sentence where all of its cells are hidden.

    Args:
        what: it shows; the sentence begins with it.
        header: names of the columns, the first of what a row is.
        rows: the cells.
    """
    if rows and all(cell == HIDDEN for row in rows for cell in row[1:]):
        return Words(f"{what} ({', '.join(row[0] for row in rows)}): {ALL_HIDDEN}.")
    return Grid(tuple(header), tuple(tuple(row) for row in rows))


def together(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    """Return what is said with all of whom it is said, in the order in which each was said first.

    Args:
        pairs: of whom, and what.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for who, what in pairs:
        found[what].append(who)
    return list(found.items())
