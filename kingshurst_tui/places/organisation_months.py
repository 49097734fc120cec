"""Months in which an organisation was not there, or in which nothing came in from it: never nought.

An organisation that has ended is missing in no month after it. Where no list says that it ended, one that always
reported and then does not **stops**: its later months are incomplete, and it is said.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from statistics import median

from kingshurst_tui.places.between import month_in_words
from kingshurst_tui.places.coverage import FEWEST_BESIDE, NEVER_NONE
from kingshurst_tui.places.found import ENDED, MISSING, NOT_YET, STOPS, Gap
from kingshurst_tui.places.geography import Geography
from kingshurst_tui.places.organisations import named, plain_day


def gaps(
    by_place: Mapping[str, Mapping[str, int]],
    months: Sequence[str],
    known: Geography,
    shown: Mapping[str, Collection[str]],
) -> dict[str, list[Gap]]:
    """Return the gaps of each organisation among the months that came in.

    Args:
        by_place: for each organisation the counts of its months.
        months: that came in whole, oldest first.
        known: the lists of organisations.
        shown: of each organisation the months whose counts were published, hidden ones too: that nothing came in then
            is not told later, unless a list says that it had ended.
    """
    found = {code: _of(code, counts, months, known, shown.get(code, ())) for code, counts in by_place.items()}
    return {code: each for code, each in found.items() if each}


def _of(
    code: str, counts: Mapping[str, int], months: Sequence[str], known: Geography, shown: Collection[str]
) -> list[Gap]:
    one = known.organisations.get(code)
    opened, closed = (one.opened[:7], one.closed[:7]) if one else ("", "")
    came = [month for month in months if month in counts]
    if not came:
        return []
    first, last = came[0], came[-1]
    usual = len(came) >= FEWEST_BESIDE and median(counts[month] for month in came) >= NEVER_NONE
    name = named(known, code)
    ended = [month for month in months if month > last and closed and month > closed]
    before = [month for month in months if month < first and opened and month < opened]
    absent = [
        month
        for month in months
        if month not in counts and month not in {*ended, *before} and usual and month not in shown
    ]
    stops = [month for month in absent if month > last]
    missing = [month for month in absent if month < last]
    said = []
    if before and one:
        words = f"{name} opened on {plain_day(one.opened)}: no month before it counts."
        said.append(Gap(NOT_YET, tuple(before), words))
    if missing:
        said.append(Gap(MISSING, tuple(missing), f"Nothing came in from {name} in {_months(missing)}: not known."))
    if ended and one:
        on = f"{name} ended on {plain_day(one.closed)}"
        into = " and ".join(named(known, step.code) for step in one.became)
        on += f" and went into {into}" if into else ""
        late = f"; it is counted under its own code until {month_in_words(last)}" if last > closed else ""
        words = f"{on}{late}. Its later months are neither missing nor nought: there is no {code} in them."
        said.append(Gap(ENDED, tuple(ended), words))
    if stops:
        words = (
            f"{name} stops: nothing has come in from it after {month_in_words(last)}, "
            f"{'though it often reported' if missing else 'where it always reported'} before. "
            "No list says that it ended, so its later months are incomplete and not known; they are not nought."
        )
        said.append(Gap(STOPS, tuple(stops), words))
    return said


def _months(months: Sequence[str]) -> str:
    first = month_in_words(months[0])
    return first if len(months) == 1 else f"{len(months)} months from {first} to {month_in_words(months[-1])}"
