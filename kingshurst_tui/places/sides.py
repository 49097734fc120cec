"""The sides of the cube of a data set's counts: its places, periods and categories, and what is the sum of what."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from kingshurst_tui.places.category_lines import rest_of, within
from kingshurst_tui.places.protecting import Side
from kingshurst_tui.places.published import UNPLACED, is_month, months_in
from kingshurst_tui.places.vocabulary import ALL, BESIDE, ORGANISATIONS, Level

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kingshurst_tui.places.counts import Cells
    from kingshurst_tui.places.geography import Geography

UNKNOWN_LEVEL = "unknown"
"""The level of UNPLACED."""


def place_side(codes: Collection[str], leaves: Level, lands: Geography | None) -> tuple[Side, dict[str, str]]:
    """Return places with the larger ones that they make up, and the level of each.

    Args:
        codes: of the smallest places.
        leaves: their level.
        lands: without it, no place is part of another.
    """
    levels = {code: UNKNOWN_LEVEL if code == UNPLACED else leaves.value for code in sorted(codes)}
    parts: dict[str, list[str]] = {}
    within = [code for code in levels if code != UNPLACED]
    # An LSOA is not added up to its MSOA besides: wards and MSOAs cross, and each tells of what the other hides.
    if lands is not None and lands.is_known and leaves not in ORGANISATIONS:
        for larger in (Level.WARD, Level.LOCAL_AUTHORITY):
            if larger == leaves:
                continue
            inside = [(code, found.code) for code in within if (found := lands.parent(code, larger))]
            if leaves == Level.LOCAL_AUTHORITY or not inside:
                continue
            for code, total in inside:
                parts.setdefault(total, []).append(code)
                levels[total] = larger.value
            within = sorted({total for _, total in inside})
    return Side(tuple(levels), parts), levels


def period_side(months: Sequence[str]) -> Side:
    """Return months with the quarters and years of the calendar that they make up whole; years as they are."""
    if not all(map(is_month, months)):
        return Side(tuple(months), {})
    parts: dict[str, list[str]] = {}
    for year in sorted({month[:4] for month in months}):
        quarters = [f"{year}-Q{number}" for number in range(1, 5)]
        whole = [quarter for quarter in quarters if set(months_in(quarter)) <= set(months)]
        parts |= {quarter: months_in(quarter) for quarter in whole}
        if whole == quarters:
            parts[year] = quarters
    return Side((*months, *parts), parts)


def category_side(categories: Iterable[str]) -> Side:
    """Return the categories with all of them together, which comes first."""
    names = sorted(categories, key=lambda name: (name.casefold(), name))
    return Side((ALL, *names), {ALL: names} if names else {})


def fill_beside(
    leaves: NDArray[np.int32],
    sides: tuple[Side, Side, Side],
    cells: Cells,
    name: str,
    relation: str,
    numbers: Cells,
) -> None:
    """Fill in another number of the same rows, and what is left of the whole beside its part."""
    places, periods, categories = sides
    rest = rest_of(name, relation)
    for (code, month, category), number in numbers.items():
        if month not in periods.place:
            continue
        at = (places.place[code], periods.place[month])
        leaves[(*at, categories.place[within(category, name)])] += number
        if relation != BESIDE:
            left = abs(cells[code, month, category] - number)
            leaves[(*at, categories.place[within(category, rest)])] += left
