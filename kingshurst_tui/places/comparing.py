"""A place beside its borough, beside places like it and beside itself a year before: rates, ratios, how sure.

Everything is told from published cells. A word for a difference is used only where the interval has it.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kingshurst_tui.places import between, intervals
from kingshurst_tui.places.published import Range
from kingshurst_tui.places.spread import dispersions_of
from kingshurst_tui.places.vocabulary import ALL, Level

if TYPE_CHECKING:
    from kingshurst_tui.places.geography import Geography
    from kingshurst_tui.places.intervals import Numbers
    from kingshurst_tui.places.published import PublishedSet

PER = 1_000
"""Residents a rate is of, over a year."""
A_YEAR = 12

MANY = "Each interval holds what is true 95 times in 100; of twenty comparisons one is outside its interval by chance."
"""Stands beside several comparisons."""
WIDEST = 1.5
"""Where what is told of a count is wider than this, its middle says nothing, and no ratio of middles is written."""
CANNOT_TELL = "cannot be told from what is shown"
NO_DIFFERENCE = "no clear difference"


@dataclass(frozen=True, slots=True)
class Rate:
    """Counts for every thousand residents in a year, with the interval at 95 per cent; none where nothing bounds it."""

    low: float
    high: float | None


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times another rate one is.

    Attributes:
        against: what it stands against, in words.
        other: what is told of the other count.
        ratio: of the middles of what is told; None where these say nothing.
        low: lower end of its interval at 95 per cent, rounding and hiding in it.
        high: upper end; None where nothing bounds it.
        verdict: "more" where the whole interval is above one, "fewer" where it is below, else NO_DIFFERENCE or
            CANNOT_TELL.
        words: the same in a sentence.
    """

    against: str
    other: Range | None
    ratio: float | None
    low: float
    high: float | None
    verdict: str
    words: str


@dataclass(frozen=True, slots=True)
class Proportion:
    """A part as a share of its whole, at an organisation.

    Attributes:
        part: what is counted of it.
        whole: of which it is a part.
        per_cent: the interval at 95 per cent, rounding and hiding in it; None where nothing bounds it.
    """

    name: str
    of: str
    part: Range
    whole: Range
    per_cent: tuple[float, float] | None
    words: str


@dataclass(frozen=True, slots=True)
class Compared:
    """One data set at one place.

    Attributes:
        months: those counted, oldest first; empty where the set knows nothing here.
        count: what is told of the count over them.
        residents: of the place; None where no source says.
        rate: for every thousand residents in a year.
        dispersion: variance over mean of what is shown of this set's months; 1 for independent events.
        borough: against the borough without the place.
        like: against places of like deprivation.
        change: the months known in both years, this year over the last.
        words: what can be said, in sentences.
        shares: of an organisation, parts of what it counts.
    """

    agreement_ref: str
    title: str
    agency_code: str
    code: str
    category: str
    months: tuple[str, ...]
    count: Range | None
    residents: int | None
    rate: Rate | None
    dispersion: float
    borough: Ratio | None
    like: Ratio | None
    change: Ratio | None
    words: tuple[str, ...]
    shares: tuple[Proportion, ...] = ()


@dataclass(slots=True)
class _Counted:
    """One set's counts before any interval; the intervals of all sets are worked out at once."""

    published: PublishedSet
    windows: between.Windows
    categories: tuple[int, ...]
    dispersion: float = intervals.NOT_TELLING
    here: tuple[float, float] = (0.0, math.inf)
    known: bool = False
    rest: tuple[float, float] | None = None
    alike: tuple[float, float] | None = None
    alike_residents: int = 0
    alike_places: int = 0
    now: tuple[float, float] | None = None
    then: tuple[float, float] | None = None


def codes_needed(geography: Geography, code: str) -> list[str]:
    """Return the places whose published cells a comparison of one place reads."""
    if code in geography.organisations:
        from kingshurst_tui.places.comparing_organisations import codes_of

        return codes_of(geography, code)
    borough = borough_of(geography, code)
    return list(dict.fromkeys([code, borough, *geography.like(code), *geography.codes(Level.WARD)]))


def borough_of(geography: Geography, code: str) -> str:
    """Return the local authority that a place lies in; empty where no look-up says."""
    found = geography.parent(code, Level.LOCAL_AUTHORITY)
    if found is not None:
        return found.code
    known = geography.codes(Level.LOCAL_AUTHORITY)
    return known[0] if known else ""


def compare(
    published: PublishedSet, geography: Geography, code: str, *, category: str = ALL, area: str = ""
) -> Compared:
    """Compare one data set's counts at a place with the borough, with places like it, and with a year before.

    Args:
        published: what is shown of the data set; of ``codes_needed`` at least.
        geography: residents, and which places are alike.
        code: the place.
        category: one category; all together by default.
        area: the categories of one priority area together, instead of a category.
    """
    return compare_all([published], geography, code, category=category, area=area)[0]


def compare_all(
    sets: Sequence[PublishedSet], geography: Geography, code: str, *, category: str = ALL, area: str = ""
) -> list[Compared]:
    """Compare several data sets at one place; the same as ``compare`` of each, in a fraction of the time."""
    if code in geography.organisations:
        from kingshurst_tui.places.comparing_organisations import compare_organisation

        return compare_organisation(sets, geography, code, category=category, area=area)
    borough = borough_of(geography, code)
    counted = _count(sets, geography, code, borough, category, area)
    here, whole = _residents(geography, code), _residents(geography, borough)
    outside = whole - here if here and whole and whole > here else None
    spread = [each.dispersion for each in counted]
    ours = _pair([each.here for each in counted])
    rates = intervals.count_interval(*ours, spread)
    against_rest = _ratios(ours, [each.rest for each in counted], [(here or 1) / (outside or 1)] * len(counted), spread)
    against_alike = _ratios(
        ours, [each.alike for each in counted], [(here or 1) / (each.alike_residents or 1) for each in counted], spread
    )
    against_then = _ratios(
        _pair([each.now or (0.0, math.inf) for each in counted]), [each.then for each in counted],
        [1.0] * len(counted), spread,
    )  # fmt: skip
    name = geography.name(borough) if borough else "the borough"
    found = []
    for at, each in enumerate(counted):
        said = [
            _said(f"the rest of {name}", each.here, each.rest, against_rest, at, (here or 0) / (outside or 1))
            if outside and each.known
            else None,
            _said(
                f"{each.alike_places} places of like deprivation", each.here, each.alike, against_alike, at,
                (here or 0) / (each.alike_residents or 1),
            )
            if here and each.alike_residents and each.known
            else None,
            _said(_year_before(each.windows), each.now, each.then, against_then, at, 1.0)
            if each.now is not None
            else None,
        ]  # fmt: skip
        one = _compared(each, code, category or area, here, (rates[0][at], rates[1][at]), said)
        found.append(replace(one, words=(*one.words, *_rebuilt(each, geography, code))))
    return found


def _compared(
    counted: _Counted, code: str, of: str, residents: int | None, interval: tuple[float, float],
    said: list[Ratio | None],
) -> Compared:  # fmt: skip
    published, months = counted.published, counted.windows.months
    told = between.as_range(*counted.here) if counted.known else None
    rate = None
    if told is not None and residents:
        scale = PER / residents * A_YEAR / len(months)
        rate = Rate(interval[0] * scale, interval[1] * scale if math.isfinite(interval[1]) else None)
    words = [_first_words(counted, told, rate)]
    words += [each.words for each in said if each is not None]
    if told is not None and counted.now is None:
        words.append("The same months of last year did not come in whole: no change is told.")
    if told is not None and residents is None:
        words.append("How many live here is not known: no rate is told.")
    return Compared(
        published.agreement_ref, published.title, published.agency_code, code, of, months if told else (), told,
        residents, rate, counted.dispersion, said[0], said[1], said[2], tuple(words),
    )  # fmt: skip


def _rebuilt(counted: _Counted, geography: Geography, code: str) -> list[str]:
    """Say where months are counted in which the place was not yet what it is, or was no more."""
    months = (*counted.windows.before, *counted.windows.months)
    began, ended = geography.begins(code), geography.ends(code)
    if not counted.known or counted.published.leaves == geography.level(code):
        return []
    said = []
    if began and min(months)[:4] < began:
        said.append(f"A ward since {began}: its earlier months are rebuilt from the LSOAs that fit it best.")
    if ended and max(months)[:4] > ended:
        said.append(f"No ward after {ended}: its later months are rebuilt from the LSOAs that fitted it best.")
    return said


def _first_words(counted: _Counted, told: Range | None, rate: Rate | None) -> str:
    published = counted.published
    if told is None:
        return f"{published.title} ({published.agency_name}): not known here."
    said = f"{published.title} ({published.agency_name}): {between.in_words(told)} in {_span(counted.windows.months)}"
    if rate is not None and rate.high is not None:
        said += f", {rate.low:.1f} to {rate.high:.1f} a year for every {PER:,} residents"
    return f"{said}."


def _count(
    sets: Sequence[PublishedSet], geography: Geography, code: str, borough: str, category: str, area: str
) -> list[_Counted]:
    """Count every set; those of the same periods and months in one go."""
    groups: dict[tuple[Any, ...], list[_Counted]] = defaultdict(list)
    counted = []
    for published in sets:
        windows = between.windows(published, borough if borough in published.places else code)
        categories = between.chosen(published, category, area)
        counted.append(_Counted(published, windows, categories))
        if code in published.places and windows.months and categories:
            groups[published.periods, windows].append(counted[-1])
    alike = [(each, number) for each in geography.like(code) if (number := _residents(geography, each))]
    for (periods, windows), group in groups.items():
        mine = None if category == ALL and not area else [each.categories for each in group]
        found = between.bounds([each.published for each in group], [code, borough, *(each for each, _ in alike)], mine)
        spans = [between.over(periods, found, months) for months in (windows.months, windows.again, windows.before)]
        spread = dispersions_of([each.published for each in group], geography, mine)
        for at, each in enumerate(group):
            each.dispersion = spread[at]
            _fill(each, [tuple(part[at] for part in span) for span in spans], [number for _, number in alike])
    return counted


def _fill(counted: _Counted, spans: Sequence[tuple[Any, ...]], residents: Sequence[int]) -> None:
    (low, high, known), now, then = spans
    counted.known = bool(known[0])
    if not counted.known:
        return
    counted.here = (float(low[0]), float(high[0]))
    if known[1]:
        # The rest is smallest where the place is largest: the two ends go together.
        counted.rest = (max(float(low[1] - high[0]), 0.0), float(high[1] - low[0]))
    used = [at for at in range(len(residents)) if known[at + 2]]
    if used:
        most = sum(float(high[at + 2]) for at in used)
        if counted.rest is not None:
            most = min(most, counted.rest[1])
        counted.alike = (sum(float(low[at + 2]) for at in used), most)
        counted.alike_residents = sum(residents[at] for at in used)
        counted.alike_places = len(used)
    if counted.windows.again and now[2][0] and then[2][0]:
        counted.now = (float(now[0][0]), float(now[1][0]))
        counted.then = (float(then[0][0]), float(then[1][0]))


def _residents(geography: Geography, code: str) -> int | None:
    found = geography.residents(code) if code else None
    return found.number if found is not None and found.number > 0 else None


def _pair(pairs: Sequence[tuple[float, float]]) -> tuple[Numbers, Numbers]:
    import numpy as np

    both = np.array(pairs, dtype=float).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def _ratios(
    ours: tuple[Numbers, Numbers], others: Sequence[tuple[float, float] | None], exposure: Any, spread: Any
) -> tuple[Numbers, Numbers]:
    theirs = _pair([each or (0.0, math.inf) for each in others])
    return intervals.ratio_interval(ours, theirs, exposure, spread)


def _said(
    against: str,
    here: tuple[float, float] | None,
    other: tuple[float, float] | None,
    ends: tuple[Numbers, Numbers],
    at: int,
    exposure: float,
) -> Ratio:
    low, high = float(ends[0][at]), float(ends[1][at])
    if here is None or other is None or not (math.isfinite(high) or low > 0):
        return Ratio(against, None, None, 0.0, None, CANNOT_TELL, f"Against {against}: {CANNOT_TELL}.")
    ratio = None
    if exposure and all(most <= WIDEST * least for least, most in (here, other)):
        ratio = sum(here) / sum(other) / exposure
    verdict = verdict_of(low, high)
    return Ratio(
        against, between.as_range(*other), ratio, low, high if math.isfinite(high) else None, verdict,
        f"Against {against}: {in_words(ratio, low, high)}: {verdict}.",
    )  # fmt: skip


def verdict_of(low: float, high: float) -> str:
    """Return the word that an interval of a ratio allows, as it is written: to two places, rounded outward.

    Example:
        >>> verdict_of(1.1, 1.9), verdict_of(0.4, 0.9), verdict_of(0.9, 1.2)
        ('more', 'fewer', 'no clear difference')
    """
    low, high = _outward(low, high)
    return "more" if low > 1 else "fewer" if high < 1 else NO_DIFFERENCE


def _outward(low: float, high: float) -> tuple[float, float]:
    return math.floor(low * 100) / 100, math.ceil(high * 100) / 100 if math.isfinite(high) else high


def in_words(ratio: float | None, low: float, high: float) -> str:
    """Return a ratio and its interval, rounded outward so that what is written is never surer than what was found."""
    least, most = _outward(low, high)
    if not math.isfinite(high):
        return f"at least {least:.2f} times"
    said = f"{ratio:.2f} times, " if ratio is not None else ""
    return f"{said}95 % interval {least:.2f} to {most:.2f}"


def _year_before(windows: between.Windows) -> str:
    count = len(windows.again)
    return f"the same {count} months of the year before" if count > 1 else "the same month of the year before"


def _span(months: Sequence[str]) -> str:
    """Return which months were counted; those left out between them are said by their number."""
    first, last = between.month_in_words(months[0]), between.month_in_words(months[-1])
    if len(months) == 1:
        return first
    return f"{len(months)} months from {first} to {last}"
