"""The borough's small areas side by side on a map: what is told of each, and between which numbers its rate lies."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from kingshurst_tui.places import between, intervals
from kingshurst_tui.places.comparing import A_YEAR, PER, borough_of, verdict_of
from kingshurst_tui.places.geography import Geography, geography
from kingshurst_tui.places.published import Range, shown
from kingshurst_tui.places.spread import dispersions_of
from kingshurst_tui.places.vocabulary import ALL, HIDDEN, NOT_KNOWN, Level

if TYPE_CHECKING:
    from kingshurst_tui.places.intervals import Numbers
    from kingshurst_tui.places.published import PublishedSet
    from kingshurst_tui.session import Session


@dataclass(frozen=True, slots=True)
class Area:
    """One small area on the map.

    Attributes:
        column: from the west, in tiles.
        row: from the north.
        rate: a year for every thousand residents, of the newest months; None where it is hidden or not known.
        state: 0, HIDDEN or NOT_KNOWN.
        words: the count as it may be told, and between which two numbers the rate lies.
        count: the same, short; ``interval`` is of the rate, at 95 per cent, None where there is none.
        beside: "more", "fewer" or "no clear difference" beside the rest of the borough; empty where it is not told.
    """

    code: str
    name: str
    column: int
    row: int
    rate: float | None
    state: int
    words: str
    count: str = ""
    interval: tuple[float, float] | None = None
    beside: str = ""


def areas(session: Session, agreement: str, *, category: str = ALL, area: str = "") -> list[Area]:
    """Return the LSOAs of the borough with one data set's newest months, the same as a comparison counts.

    Args:
        session: who looks.
        agreement: the data set.
        category: one category; all together by default.
        area: the categories of one priority area together, instead of a category.

    Raises: Refused.
    """
    known = geography(session)
    codes = [*known.codes(Level.LSOA), borough_of(known, ""), *known.codes(Level.WARD)]
    sets = shown(session, codes, agreement=agreement)
    return areas_of(sets[0], known, category=category, area=area) if sets else []


def areas_of(published: PublishedSet, known: Geography, *, category: str = ALL, area: str = "") -> list[Area]:
    """Return the same of a data set that was read already: with the cells of the LSOAs, the wards and the borough."""
    codes, borough, tiles = known.codes(Level.LSOA), borough_of(known, ""), known.tiles()
    here = [code for code in codes if code in tiles and code in published.places]
    months = between.windows(published, borough).months
    categories = between.chosen(published, category, area)
    if not (here and months and categories):
        return [_area(known, code, tiles[code], None, None, 0) for code in codes if code in tiles]
    low, high, told = between.over(
        published.periods, between.bounds([published], [*here, borough], [categories]), months
    )
    spread = dispersions_of([published], known, None if category == ALL and not area else [categories])[0]
    rates = _rates(known, here, borough, low[0], high[0], spread, len(months))
    ranges = {
        code: between.as_range(float(low[0, at]), float(high[0, at])) for at, code in enumerate(here) if told[0, at]
    }
    return [
        _area(known, code, tiles[code], ranges.get(code), rates.get(code), len(months))
        for code in codes
        if code in tiles
    ]


class _Told(NamedTuple):
    """A rate's interval, and what it is beside the rest of the borough."""

    low: float
    high: float
    beside: str


def _rates(
    known: Geography, codes: Sequence[str], borough: str, low: Numbers, high: Numbers, spread: float, months: int
) -> dict[str, _Told]:
    """Return what is told of each place's rate; ``low`` and ``high`` are of the codes, and last of the borough."""
    import numpy as np

    live = np.array([found.number if (found := known.residents(code)) else 0 for code in codes], dtype=float)
    whole = known.residents(borough)
    rest = (whole.number if whole else 0) - live
    usable = (live > 0) & (rest > 0)
    scale = PER * A_YEAR / months / np.where(live > 0, live, 1)
    least, most = intervals.count_interval(low[:-1], high[:-1], spread)
    other = (np.maximum(low[-1] - high[:-1], 0.0), high[-1] - low[:-1])
    exposure = np.where(usable, live / np.where(usable, rest, 1), 1.0)
    under, over = intervals.ratio_interval((low[:-1], high[:-1]), other, exposure, spread)
    return {
        code: _Told(
            float(least[at] * scale[at]),
            float(most[at] * scale[at]),
            verdict_of(float(under[at]), float(over[at])) if usable[at] and np.isfinite(over[at]) else "",
        )
        for at, code in enumerate(codes)
        if live[at] > 0
    }


def _area(
    known: Geography, code: str, tile: tuple[int, int], told: Range | None, rates: _Told | None, months: int
) -> Area:
    name = known.name(code)
    if told is None:
        return Area(code, name, *tile, None, NOT_KNOWN, "not known", "not known")
    if told.high is None:
        count = f"hidden, {told.low:,} or more" if told.low else "hidden"
        return Area(code, name, *tile, None, HIDDEN, count, count)
    count = between.in_words(told)
    words = f"{count} in {months} months"
    residents = known.residents(code)
    if residents is None or not residents.number or rates is None:
        return Area(code, name, *tile, None, NOT_KNOWN, f"{words}; how many live there is not known", count)
    rate = (told.low + told.high) / 2 / residents.number * PER * A_YEAR / months
    words += f", {rate_in_words(rates.low, rates.high)} a year for every {PER:,} residents (95 % interval)"
    return Area(code, name, *tile, rate, 0, words, count, (rates.low, rates.high), rates.beside)


def rate_in_words(low: float, high: float) -> str:
    """Return a rate's interval, rounded outward so that what is written is never surer than what was found.

    Example:
        >>> rate_in_words(12.34, 15.61), rate_in_words(0.42, 1.01)
        ('12 to 16', '0.4 to 1.1')
    """
    places = 0 if low >= 10 else 1
    step = 10**places
    return f"{math.floor(low * step) / step:,.{places}f} to {math.ceil(high * step) / step:,.{places}f}"
