"""Whether agencies' most frequent places are the same ones: told from published cells alone.

A cell is rounded or hidden, so which places are the most frequent is itself not always certain: a place is surely among
them where fewer others can have as many, possibly where it cannot be ruled out. Both are told.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kingshurst_tui.places import between
from kingshurst_tui.places.vocabulary import Level

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kingshurst_tui.places.geography import Geography
    from kingshurst_tui.places.published import PublishedSet
    from kingshurst_tui.session import Session

PERCENTS = (1, 5, 20)
"""The most frequent so many per cent of the LSOAs; a fifth too, because 5 per cent of few places is hardly any."""
FEWEST_PLACES = 5
"""Fewer places than this are no group: what is true of them is read off the place itself."""

DEFINED = (
    "The most frequent 1, 5 or 20 per cent of the borough's LSOAs are those with the highest published counts over the "
    "newest months that are known, whole quarters where there are such. Surely among them: fewer other places can have "
    "as many. Possibly: it cannot be ruled out. It is about places; it says nothing of who lives there."
)
_TOO_WIDE = 0.5
"""A share of which no more can be told than within so much is not told."""
_NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True, slots=True)
class PlaceGroup:
    """The most frequent so many per cent of LSOAs of one data set.

    Attributes:
        size: how many places that is.
        surely: codes of those surely among them.
        possibly: how many could be, the sure ones counted.
        shared_least: of them, at least so many are surely among those of another agency's data set too.
        shared_most: at most.
        demand: least and most share of the borough's count that they can hold; None where nothing bounds it.
        words: the same in a sentence, or why nothing is told.
    """

    percent: int
    size: int
    surely: tuple[str, ...]
    possibly: int
    shared_least: int
    shared_most: int
    demand: tuple[float, float] | None
    words: str


@dataclass(frozen=True, slots=True)
class PlaceOverlap:
    """One data set's most frequent places.

    Attributes:
        months: those counted.
        places: LSOAs that the data set knows.
    """

    agreement_ref: str
    title: str
    agency_code: str
    months: tuple[str, ...]
    places: int
    groups: tuple[PlaceGroup, ...]


@dataclass(frozen=True, slots=True)
class _Ranked:
    """Least and most of each LSOA of one data set, and of the borough."""

    published: PublishedSet
    months: tuple[str, ...]
    low: dict[str, float]
    high: dict[str, float]
    least: float
    most: float

    def size(self, percent: int) -> int:
        return round(len(self.low) * percent / 100)

    def surely(self, size: int) -> frozenset[str]:
        """Return the places with more than which fewer others can be."""
        highs = sorted(self.high.values(), reverse=True)
        found = []
        for code, low in self.low.items():
            others = sum(high >= low for high in highs) - 1
            if others < size:
                found.append(code)
        return frozenset(found)

    def possibly(self, size: int) -> frozenset[str]:
        """Return the places than which fewer others surely have more."""
        lows = sorted(self.low.values(), reverse=True)
        return frozenset(
            code for code, high in self.high.items() if sum(low > high for low in lows[: size + 1]) < size and high > 0
        )

    def demand(self, size: int) -> tuple[float, float] | None:
        """Return the least and the most share of all that the places with most can hold."""
        if not self.least or not size:
            return None
        least = sum(sorted(self.low.values(), reverse=True)[:size]) / self.most if math.isfinite(self.most) else 0.0
        most = min(sum(sorted(self.high.values(), reverse=True)[:size]) / self.least, 1.0)
        return math.floor(least * 100) / 100, math.ceil(most * 100) / 100


def place_overlap(session: Session) -> tuple[PlaceOverlap, ...]:
    """Return each data set's most frequent LSOAs and how many are other agencies' too. Raises: Refused."""
    from kingshurst_tui.places.geography import geography
    from kingshurst_tui.places.one_place import found_code
    from kingshurst_tui.places.published import shown

    known = geography(session)
    borough, codes = found_code(known, ""), known.codes(Level.LSOA)
    if not borough or not codes:
        return ()
    return of_sets(shown(session, [borough, *codes]), known, borough)


def of_sets(sets: Sequence[PublishedSet], known: Geography, borough: str) -> tuple[PlaceOverlap, ...]:
    """Return the same from published sets that hold the borough's cells and its LSOAs'."""
    ranked = [found for each in sets if (found := _ranked(each, known, borough)) is not None]
    return tuple(
        PlaceOverlap(
            each.published.agreement_ref,
            each.published.title,
            each.published.agency_code,
            each.months,
            len(each.low),
            tuple(_group(each, percent, ranked) for percent in PERCENTS),
        )
        for each in ranked
    )


def _ranked(published: PublishedSet, known: Geography, borough: str) -> _Ranked | None:
    codes = [code for code in known.codes(Level.LSOA) if code in published.places]
    months = between.windows(published, borough).months
    if not codes or not months or borough not in published.places:
        return None
    found = between.bounds([published], [borough, *codes])
    one = between.Bounds(found.low[0], found.high[0], found.known[0])
    lows, highs, is_known = between.over(published.periods, one, months)
    if not is_known[0]:
        return None
    rows = [(code, float(lows[at]), float(highs[at])) for at, code in enumerate(codes, 1) if is_known[at]]
    low = {code: least for code, least, _ in rows}
    most = float(highs[0])
    # No place can have more than the borough without what the others surely have.
    rest = sum(low.values())
    high = {code: max(min(up, most - (rest - low[code])), low[code]) for code, _, up in rows}
    return _Ranked(published, months, low, high, float(lows[0]), most)


def _group(mine: _Ranked, percent: int, every: Sequence[_Ranked]) -> PlaceGroup:
    size = mine.size(percent)
    if size < FEWEST_PLACES:
        why = f"not told: {percent} % of {len(mine.low)} places is {spelled(size)}"
        return PlaceGroup(percent, size, (), 0, 0, 0, None, why)
    surely, possibly = mine.surely(size), mine.possibly(size)
    others = [each for each in every if each.published.agency_code != mine.published.agency_code]
    theirs = frozenset().union(*(each.surely(each.size(percent)) for each in others))
    perhaps = frozenset().union(*(each.possibly(each.size(percent)) for each in others))
    least, most = len(surely & theirs), min(size, len(possibly & perhaps))
    demand = mine.demand(size)
    if not surely and (demand is None or demand[1] - demand[0] > _TOO_WIDE):
        words = f"{spelled(size)} places; which, cannot be told from what is shown"
        return PlaceGroup(percent, size, (), len(possibly), 0, size, None, words)
    words = f"{spelled(size)} places, of which {spelled(len(surely))} can be told for sure; "
    if not others:
        words += "no other agency's counts to set them beside"
    elif least == 0 and most == size:
        words += "how many of them are also among another agency's most frequent cannot be told from what is shown"
    else:
        same = spelled(least) if least == most else f"at least {spelled(least)} and at most {spelled(most)}"
        words += f"{same} of them also among the most frequent of another agency's data set"
    if demand is not None:
        words += f"; they hold {demand[0]:.0%} to {demand[1]:.0%} of the borough's count"
    return PlaceGroup(percent, size, tuple(sorted(surely)), len(possibly), least, most, demand, words)


def spelled(number: int) -> str:
    """Return a number of places: in words up to nine, so that it is not taken for a count of people."""
    return _NUMBERS[number] if 0 <= number < len(_NUMBERS) else f"{number:,}"
