"""Between which two numbers a count over some months lies, told from what is published of it and of what it is in.

A hidden month can be no more than its year less the other months; a category no more than the whole less the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from kingshurst_tui.dates import show_month
from kingshurst_tui.places.published import Range, is_month, months_back, months_in
from kingshurst_tui.places.vocabulary import ALL, NOT_KNOWN

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from kingshurst_tui.places.intervals import Numbers
    from kingshurst_tui.places.published import PublishedSet

A_YEAR = 12
QUARTER = 3


class Windows(NamedTuple):
    """The months that are counted of a data set.

    Attributes:
        months: the known ones among twelve in a row, oldest first.
        again: those of them that are known a year before too.
        before: the same months of that year.
    """

    months: tuple[str, ...]
    again: tuple[str, ...]
    before: tuple[str, ...]


class Bounds(NamedTuple):
    """The least and the most that each count can be, by data set, place and period."""

    low: Numbers
    high: Numbers
    known: npt.NDArray[np.bool_]


def windows(published: PublishedSet, code: str, length: int = A_YEAR) -> Windows:
    """Return the newest months that can be counted, whole quarters of the calendar where there are such.

    Args:
        published: the data set.
        code: the place whose cells tell which months came in: the borough.
        length: how many months in a row are looked at.
    """
    row = {period: cells[0] for period, cells in zip(published.periods, published.places.get(code, ()), strict=False)}
    known = [
        month
        for month in _months(published.periods)
        if row.get(month, NOT_KNOWN) != NOT_KNOWN and month not in published.incomplete
    ]
    if not known:
        return Windows((), (), ())
    return _window(frozenset(known), known[-1], length, blocks=len(known) < len(published.periods))


def _window(known: frozenset[str], newest: str, length: int, *, blocks: bool) -> Windows:
    """Choose whole quarters where there are some: their blocks are shown where their months are hidden."""
    # The newest month that ends a quarter, if it is one of the newest three.
    ends = [month for month in months_back(newest, QUARTER) if month in known and int(month[5:]) % QUARTER == 0]
    last = ends[-1] if ends and blocks and length >= QUARTER else newest
    months = [month for month in months_back(last, length) if month in known]
    again = [month for month in months if a_year_before(month) in known]
    if not again:
        again = [month for month in months_back(newest, length) if {month, a_year_before(month)} <= known]
    if blocks:
        months, again = _quarters(months) or months, _quarters(again) or again
    return Windows(tuple(months), tuple(again), tuple(map(a_year_before, again)))


def _quarters(months: Sequence[str]) -> list[str]:
    """Return the months that make up whole quarters of the calendar."""
    held = Counter((month[:4], (int(month[5:]) - 1) // QUARTER) for month in months)
    return [month for month in months if held[month[:4], (int(month[5:]) - 1) // QUARTER] == QUARTER]


@lru_cache(maxsize=64)
def _months(periods: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(period for period in periods if is_month(period))


def a_year_before(month: str) -> str:
    """Return the same month of the year before.

    Example:
        >>> a_year_before("2024-05")
        '2023-05'
    """
    return f"{int(month[:4]) - 1:04d}{month[4:]}"


@lru_cache(maxsize=64)
def _tree(periods: tuple[str, ...]) -> tuple[tuple[int, tuple[int, ...]], ...]:
    """Return the blocks, smallest first, with what they consist of: quarters of months, years of quarters or months."""
    at = {period: number for number, period in enumerate(periods)}
    found = []
    for period in sorted((each for each in periods if not is_month(each)), key=lambda each: -len(each)):
        months = months_in(period)
        quarters = [f"{period}-Q{number}" for number in (1, 2, 3, 4)]
        parts = quarters if len(months) == A_YEAR and all(each in at for each in quarters) else months
        if all(each in at for each in parts):
            found.append((at[period], tuple(at[each] for each in parts)))
    return tuple(found)


def chosen(published: PublishedSet, category: str = ALL, area: str = "") -> tuple[int, ...]:
    """Return the numbers of the categories that are asked for: one, or those of a priority area; empty for none."""
    if area:
        return tuple(
            number for number, each in enumerate(published.categories) if each and published.priority.get(each) == area
        )
    return (published.categories.index(category),) if category in published.categories else ()


def bounds(
    sets: Sequence[PublishedSet], codes: Sequence[str], categories: Sequence[tuple[int, ...]] | None = None
) -> Bounds:
    """Return what is told of each place and period, of some categories together.

    Args:
        sets: data sets of the same periods.
        codes: places; one that a set does not know is not known in any period.
        categories: for each set the numbers of those that are asked for; all together by default.
    """
    import numpy as np

    if categories is None:
        blank = [(NOT_KNOWN,)] * len(sets[0].periods)
        cells = np.array(
            [[[row[0] for row in each.places.get(code, blank)] for code in codes] for each in sets], dtype=float
        )
        low, high, known = _told(sets, cells)
        _over_time(low, high, _tree(sets[0].periods))
        return Bounds(low, high, known)
    # Sets of as many categories are worked out at once.
    found: list[tuple[Any, Any, Any]] = [(None, None, None)] * len(sets)
    for width in {len(each.categories) for each in sets}:
        which = [at for at, each in enumerate(sets) if len(each.categories) == width]
        parts = _of_categories([sets[at] for at in which], codes, [categories[at] for at in which])
        for place, at in enumerate(which):
            found[at] = (parts[0][place], parts[1][place], parts[2][place])
    return Bounds(*(np.array(part) for part in zip(*found, strict=True)))


def _told(sets: Sequence[PublishedSet], cells: Numbers) -> tuple[Numbers, Numbers, npt.NDArray[np.bool_]]:
    """Return the least and the most that each cell says by itself; the first axis is that of the sets."""
    import numpy as np

    under, down, up = (
        np.array(each, dtype=float).reshape(-1, *[1] * (cells.ndim - 1))
        for each in zip(*((one.under, one.base // 2, (one.base - 1) // 2) for one in sets), strict=True)
    )
    shown = cells >= 0
    low = np.where(shown, np.maximum(cells - down, under), 0.0)
    return low, np.where(shown, cells + up, np.inf), cells != NOT_KNOWN


def _of_categories(
    sets: Sequence[PublishedSet], codes: Sequence[str], categories: Sequence[tuple[int, ...]]
) -> tuple[Any, Any, Any]:
    """Return the same of some categories, whose sum is no more than the whole less the others."""
    import numpy as np

    width = len(sets[0].categories)
    blank = [[NOT_KNOWN] * width] * len(sets[0].periods)
    cells = np.array([[each.places.get(code, blank) for code in codes] for each in sets], dtype=float)
    low, high, known = _told(sets, np.moveaxis(cells, 3, 1))
    _over_time(low, high, _tree(sets[0].periods))
    mine = np.zeros((len(sets), width, 1, 1), dtype=bool)
    for at, numbers in enumerate(categories):
        mine[at, list(numbers)] = True
    least, most = np.where(mine, low, 0.0).sum(axis=1), np.where(mine, high, 0.0).sum(axis=1)
    whole = mine[:, 0]
    # Other numbers of the same rows are no part of the whole: it bounds neither them nor by them.
    parts = np.array([[each not in one.beside for each in one.categories] for one in sets])[:, :, None, None]
    parts[:, 0] = False
    others = high[:, 0] - (np.where(parts & ~mine, low, 0.0).sum(axis=1))
    others = np.where((mine & ~parts)[:, 1:].any(axis=1), np.inf, others)
    most = np.where(whole, most, np.maximum(np.minimum(most, others), least))
    return least, most, (known | ~mine).all(axis=1)


def _over_time(low: Numbers, high: Numbers, tree: tuple[tuple[int, tuple[int, ...]], ...]) -> None:
    """Tighten in place, along the last axis: a block is its parts together. Upwards, then down from the largest."""
    import numpy as np

    for block, parts in tree:
        least, most = low[..., parts].sum(axis=-1), high[..., parts].sum(axis=-1)
        low[..., block] = np.maximum(low[..., block], np.minimum(least, high[..., block]))
        high[..., block] = np.maximum(np.minimum(high[..., block], most), low[..., block])
    for block, parts in reversed(tree):
        mine = low[..., parts]
        most = high[..., block, None] - (mine.sum(axis=-1, keepdims=True) - mine)
        high[..., parts] = np.maximum(np.minimum(high[..., parts], most), mine)


def over(
    periods: tuple[str, ...], found: Bounds, months: Sequence[str]
) -> tuple[Numbers, Numbers, npt.NDArray[np.bool_]]:
    """Return of each place the least and the most over some months, and whether all of them are known of it."""
    import numpy as np

    wanted, picked = set(months), []
    for block, parts in reversed(_tree(periods)):
        if not wanted.issuperset(months_in(periods[block])):
            continue
        # A block that was not published though its parts were says nothing.
        if not (found.known[..., parts].all(axis=-1) & ~found.known[..., block]).any():
            picked.append(block)
            wanted.difference_update(months_in(periods[block]))
    at = [number for number, period in enumerate(periods) if period in wanted]
    picked += at
    known = found.known[..., picked].all(axis=-1) & (len(at) == len(wanted))
    return found.low[..., picked].sum(axis=-1), found.high[..., picked].sum(axis=-1), np.asarray(known, dtype=np.bool_)


def as_range(low: float, high: float) -> Range:
    """Return two numbers as what is told of a count."""
    return Range(int(low), int(high) if high != float("inf") else None)


def in_words(told: Range) -> str:
    """Return what is told of a count, for people.

    Example:
        >>> in_words(Range(12, 12)), in_words(Range(118, 132)), in_words(Range(0, None))
        ('12', '118 to 132', 'hidden')
    """
    if told.high is None:
        return f"{told.low:,} or more" if told.low else "hidden"
    return f"{told.low:,}" if told.low == told.high else f"{told.low:,} to {told.high:,}"


def month_in_words(month: str) -> str:
    """Return a month for people.

    Example:
        >>> month_in_words("2024-05")
        'May 2024'
    """
    return show_month(date.fromisoformat(f"{month}-01"))
