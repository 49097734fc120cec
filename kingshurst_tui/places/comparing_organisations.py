"""An organisation beside itself a year before, and a part of what it counts as a share of the whole.

Nobody lives there: there is no rate for every so many residents, no rest of a borough and no place of like deprivation.
Where another organisation went into it between the two years, both years are put together from both of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from kingshurst_tui.places import between, intervals
from kingshurst_tui.places.comparing import Compared, Proportion, Ratio, in_words, verdict_of
from kingshurst_tui.places.found import STOPS
from kingshurst_tui.places.organisations import named, plain_day
from kingshurst_tui.places.published import Range
from kingshurst_tui.places.vocabulary import ALL, MONTH, NOT_KNOWN

if TYPE_CHECKING:
    from kingshurst_tui.places.geography import Geography
    from kingshurst_tui.places.published import PublishedSet

SPANS_IN_WORDS = {
    "financial-year": "the financial year",
    "academic-year": "the academic year",
    "calendar-year": "the year",
}


class _Merged(NamedTuple):
    """An organisation that went into another: its code, and the last month in which it is counted."""

    code: str
    last: str


def compare_organisation(
    sets: Sequence[PublishedSet], geography: Geography, code: str, *, category: str = ALL, area: str = ""
) -> list[Compared]:
    """Compare each data set's counts at an organisation with the year before; tell shares.

    Args:
        sets: what is shown, of ``codes_of`` at least.
        geography: the lists of organisations.
        code: the organisation.
        category: one category; all together by default.
        area: the categories of one priority area together, instead of a category.
    """
    return [_one(published, geography, code, category, area) for published in sets]


def codes_of(geography: Geography, code: str) -> list[str]:
    """Return the organisations whose published cells a comparison of one reads: one that stops may be in it now."""
    level = geography.level(code)
    came_of = [step.code for step in geography.organisations[code].came_of]
    alike = sorted(each for each in geography.counted if geography.level(each) == level)
    return list(dict.fromkeys([code, *came_of, *alike]))


def _one(published: PublishedSet, geography: Geography, code: str, category: str, area: str) -> Compared:
    chosen = between.chosen(published, category, area)
    gaps = [gap.words for gap in published.gaps.get(code, ())]
    title = f"{published.title} ({published.agency_name})"
    months = between.windows(published, code).months if published.span == MONTH else ()
    year = _newest_year(published, code) if published.span != MONTH else ""
    if code not in published.places or not chosen or not (months or year):
        return _compared(published, code, category or area, (), None, None, [f"{title}: not known here.", *gaps], ())
    periods = months or (year,)
    count = _total(published, code, periods, chosen)
    when = f"{SPANS_IN_WORDS.get(published.span, 'the year')} {year}" if year else _span(months)
    told = between.in_words(count) if count is not None else "not known"
    shares = tuple(_shares(published, code, periods)) if category == ALL and not area else ()
    words = [f"{title}: {told} in {when}.", *(each.words for each in shares)]
    change = None
    if months and count is not None:
        change, said = _change(published, geography, code, chosen)
        words += said
    return _compared(published, code, category or area, months, count, change, [*words, *gaps], shares)


def _compared(
    published: PublishedSet, code: str, of: str, months: Sequence[str], count: Range | None, change: Ratio | None,
    words: Sequence[str], shares: tuple[Proportion, ...],
) -> Compared:  # fmt: skip
    return Compared(
        published.agreement_ref, published.title, published.agency_code, code, of, tuple(months), count, None, None,
        intervals.NOT_TELLING, None, None, change, tuple(words), shares,
    )  # fmt: skip


def _newest_year(published: PublishedSet, code: str) -> str:
    known = [period for period in published.periods if published.cell(code, period) != NOT_KNOWN]
    return known[-1] if known else ""


def _total(published: PublishedSet, code: str, periods: Sequence[str], chosen: Sequence[int]) -> Range | None:
    if published.span != MONTH:
        found = [published.bounds(code, periods[0], published.categories[at]) for at in chosen]
        return _added([each for each in found if each is not None]) if None not in found else None
    bounds = between.bounds([published], [code], None if tuple(chosen) == (0,) else [tuple(chosen)])
    low, high, known = between.over(published.periods, bounds, periods)
    return between.as_range(float(low[0, 0]), float(high[0, 0])) if known[0, 0] else None


def _added(ranges: Sequence[Range]) -> Range:
    unbounded = any(each.high is None for each in ranges)
    return Range(sum(each.low for each in ranges), None if unbounded else sum(each.high or 0 for each in ranges))


# --- shares -----------------------------------------------------------------------------------------------


def _shares(published: PublishedSet, code: str, periods: Sequence[str]) -> Iterator[Proportion]:
    for share in published.shares:
        at = [published.categories.index(name) for name in share if name in published.categories]
        if len(at) != len(share):
            continue
        part, whole = (_total(published, code, periods, [each]) for each in at)
        if part is not None and whole is not None:
            name = share.part or f"Share of {share.whole[:1].lower()}{share.whole[1:]}"
            yield proportion(name, share.whole or published.title, part, whole)


def proportion(name: str, of: str, part: Range, whole: Range) -> Proportion:
    """Return a part as a share of its whole, with the interval of Clopper and Pearson at 95 per cent.

    Rounding and hiding are in it: its lower end takes the least part of the largest whole, its upper end the most of
    the smallest.

    Args:
        name: of the part.
        of: of the whole.
        part: what is told of it.
        whole: what is told of it.
    """
    from scipy.stats import beta

    if part.high is None or whole.high is None or not whole.low:
        return Proportion(name, of, part, whole, None, f"{name}: what share it is {CANNOT_BE_TOLD}.")
    low = float(beta.ppf(0.025, part.low, whole.high - part.low + 1)) if part.low else 0.0
    most = min(part.high, whole.low)
    high = float(beta.ppf(0.975, most + 1, whole.low - most)) if most < whole.low else 1.0
    low, high = math.floor(low * 1000) / 10, math.ceil(high * 1000) / 10
    told = f"{between.in_words(part)} of {between.in_words(whole)}"
    words = f"{name}: {told}, {low:.1f} to {high:.1f} in 100 (95 % interval)."
    return Proportion(name, of, part, whole, (low, high), words)


CANNOT_BE_TOLD = "cannot be told from what is shown"

# --- a year before ----------------------------------------------------------------------------------------


def _change(
    published: PublishedSet, geography: Geography, code: str, chosen: Sequence[int]
) -> tuple[Ratio | None, list[str]]:
    windows = between.windows(published, code)
    if not windows.again:
        return None, ["The same months of last year did not come in: no change is told."]
    first, last = windows.before[0], windows.again[-1]
    merged, said = [], []
    one = geography.organisations.get(code)
    for step in one.came_of if one else ():
        before = _last_month(published, step.code)
        day = step.day or geography.organisations[step.code].closed
        name = named(geography, step.code)
        if not before:
            if not day or first < day[:7] <= last:
                when = f" on {plain_day(day)}" if day else ", on which day is not said,"
                said.append(
                    f"{name} went into it{when} and is not in this data set: figures from before and after that are "
                    "not compared."
                )
                return None, said
            continue
        if before < first or before >= last:
            continue  # both years lie on one side of it
        merged.append(_Merged(step.code, before))
        until = f"until {between.month_in_words(before)}"
        said.append(
            f"{name} went into it{f' on {plain_day(day)}' if day else ''}, and is counted under its own code {until}. "
            f"So that the two years are of the same hospitals, schools or practices, the months {until} are put "
            f"together from {step.code} and {code}."
        )
    now = _with(published, code, merged, windows.again, chosen)
    then = _with(published, code, merged, windows.before, chosen)
    if now is None or then is None:
        return None, [*said, "Not all months of both years are known: no change is told."]
    if explained := _explained_by_a_stop(published, geography, code, windows, now, then, chosen):
        return None, [*said, explained]
    ratio = _ratio(now, then, _year_before(windows))
    if merged:
        both = " and ".join([code, *(each.code for each in merged)])
        said.append(
            f"{both} together: {between.in_words(now)} in {_span(windows.again)}, {between.in_words(then)} in the same "
            "months of the year before."
        )
    return ratio, [*said, ratio.words]


def _with(
    published: PublishedSet, code: str, merged: Sequence[_Merged], months: Sequence[str], chosen: Sequence[int]
) -> Range | None:
    """Return the count over months, with what went into the organisation while it still was counted by itself."""
    found = [_total(published, code, months, chosen)]
    for each in merged:
        own = [month for month in months if month <= each.last]
        if own:
            found.append(_total(published, each.code, own, chosen))
    known = [each for each in found if each is not None]
    return _added(known) if len(known) == len(found) else None


def _last_month(published: PublishedSet, code: str) -> str:
    return max((month for month in published.months if published.cell(code, month) != NOT_KNOWN), default="")


def _ratio(now: Range, then: Range, against: str) -> Ratio:
    import numpy as np

    pairs = [
        (np.array([float(each.low)]), np.array([float(each.high) if each.high is not None else math.inf]))
        for each in (now, then)
    ]
    ends = intervals.ratio_interval(pairs[0], pairs[1], [1.0], [intervals.NOT_TELLING])
    low, high = float(ends[0][0]), float(ends[1][0])
    middle = None
    if now.high is not None and then.high is not None and then.low:
        middle = (now.low + now.high) / (then.low + then.high)
    verdict = verdict_of(low, high)
    words = f"Against {against}: {in_words(middle, low, high)}: {verdict}."
    return Ratio(against, then, middle, low, high if math.isfinite(high) else None, verdict, words)


def _explained_by_a_stop(
    published: PublishedSet,
    geography: Geography,
    code: str,
    windows: between.Windows,
    now: Range,
    then: Range,
    chosen: Sequence[int],
) -> str:
    """Say which other organisation stops between the two years, without a list that says why, and may be in this one.

    It may be where this one has grown by half or more of what that one had in the same months of the year before.
    """
    if now.high is None or then.high is None:
        return ""
    for other, every in published.gaps.items():
        for gap in every:
            if gap.kind != STOPS or other == code:
                continue
            lost = [between.a_year_before(month) for month in windows.again if month in gap.months]
            had = _total(published, other, lost, chosen) if set(lost) <= set(published.months) and lost else None
            if had is not None and had.low and 2 * (now.high - then.low) >= had.low:
                stops = f"{named(geography, other)} stops before {between.month_in_words(gap.months[0])}"
                return (
                    f"{stops}, no list says what it went into, and {named(geography, code)} has grown by half or more "
                    "of what it had: the two years may not be of the same thing, and are not compared. A list of what "
                    "went into what settles it (kingshurst places import)."
                )
    return ""


def _year_before(windows: between.Windows) -> str:
    count = len(windows.again)
    return f"the same {count} months of the year before" if count > 1 else "the same month of the year before"


def _span(months: Sequence[str]) -> str:
    first, last = between.month_in_words(months[0]), between.month_in_words(months[-1])
    return first if len(months) == 1 else f"{len(months)} months from {first} to {last}"
