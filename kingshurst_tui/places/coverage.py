"""Which months of a data set came in whole. A month that did not is incomplete, never low and never nought."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from kingshurst_tui.dates import day_in_words
from kingshurst_tui.intake.quality import FAR_BELOW, NEIGHBOURS
from kingshurst_tui.places.published import months_back

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Counts = NDArray[np.int64]

NO_DAY = "9999-12-31"
"""Stands for the day of an extract of which it is not known when it was drawn."""
SAME_MONTH = 12
NEVER_NONE = 20
"""A place with so many in a usual month does not have none by chance (once in 500 million months)."""
FEWEST_BESIDE = 3
"""Of fewer months nobody can say what is usual."""
RARELY_NONE = 8
"""With fewer in a usual month, one without any is nothing unusual (three in 10,000); it is hidden like other few."""
SHARE_SAID = 200
"""Of fewer in a usual month, it is not said how far below a month lies: that would tell a small number."""
FOUND_LATER = "not whole beside what has come in since"
NAMED = 3
"""So many places from which nothing came are named."""


class Coverage(NamedTuple):
    """Which months are known, and why others between them are not.

    Attributes:
        whole: months that came in whole, oldest first.
        incomplete: the other months from the first to the last for which anything came in, and why.

    Months before the first and after the last for which anything came in are whole where the agreement covers them and
    the extract could have had them, unless so many are usual that none is a sign that they did not come in: where a
    data set begins and ends is no news of what is in it.
    """

    whole: tuple[str, ...]
    incomplete: Mapping[str, str]


def coverage(
    by_place: Mapping[str, Mapping[str, int]],
    *,
    name: Callable[[str], str] = str,
    drawn_on: str = NO_DAY,
    begins: str = "",
    published: Collection[str] = (),
    shown: Collection[str] = (),
) -> Coverage:
    """Return which months came in whole.

    Args:
        by_place: for each place of one level, the counts of its months, all categories together.
        name: what a place is called.
        drawn_on: the day on which the newest extract was drawn; its month was not over.
        begins: the first day that the agreement covers, or empty; earlier months and one that it cuts are not whole.
        published: months whose counts were published already: of these it is not said what is missing, for a nought
            that was hidden then would be told now.
        shown: those of them of which any count was shown; where nothing is left of one, it is not held any more.
    """
    import numpy as np

    named = {month for months in by_place.values() for month in months}
    if not named:
        return Coverage((), {})
    every = months_between(min(named), max(named))
    before, after = _beyond(by_place, every, begins, drawn_on, shown)
    counts = np.array([[months.get(month, 0) for month in every] for months in by_place.values()], dtype=np.int64)
    places = [name(code) for code in by_place]
    why: dict[str, str] = {}
    for at, month in enumerate(every):
        if month >= drawn_on[:7]:
            why[month] = "not over when the extract was drawn"
        elif month < begins[:7] or (month == begins[:7] and begins[8:] > "01"):
            why[month] = f"the agreement covers it from {day_in_words(begins)}"
        elif said := _short(counts, at, places, is_listed=month in named):
            why[month] = FOUND_LATER if month in published else said
    return Coverage((*before, *(month for month in every if month not in why), *after), why)


def _beyond(
    by_place: Mapping[str, Mapping[str, int]], every: list[str], begins: str, drawn_on: str, shown: Collection[str]
) -> tuple[list[str], list[str]]:
    """Return the months before and after those for which anything came in that are whole all the same."""
    totals = {month: sum(months.get(month, 0) for months in by_place.values()) for month in every}
    first, last = every[0], every[-1]
    start = first if not begins else begins[:7] if begins[8:] <= "01" else _next_month(begins[:7])
    end = last if drawn_on == NO_DAY else months_back(drawn_on[:7], 2)[0]
    before = months_between(start, first)[:-1] if start < first else []
    after = months_between(last, end)[1:] if last < end else []
    # None in a month says that it did not come in where many are usual in the months next to it.
    beside = 2 * NEIGHBOURS
    if median(totals[month] for month in every[:beside]) >= RARELY_NONE:
        before = []
    if median(totals[month] for month in every[-beside:]) >= RARELY_NONE:
        after = []
    return [month for month in before if month not in shown], [month for month in after if month not in shown]


def _short(counts: Counts, at: int, places: list[str], *, is_listed: bool) -> str:
    """Say why a month did not come in whole, or nothing where it did."""
    import numpy as np

    total = counts.sum(axis=0)
    usual = _usual(total[None, :], at)[0]
    if not is_listed:
        return "missing: nothing came in" if usual >= RARELY_NONE else ""
    said = []
    if total[at] < FAR_BELOW * usual and total[at] < usual - 3 * usual**0.5:
        share = f" (about {max(10, round(10 * total[at] / usual) * 10)} %)" if usual >= SHARE_SAID else ""
        said.append(f"far below the months beside it{share}")
    none = np.nonzero((counts[:, at] == 0) & (_usual(counts, at) >= NEVER_NONE))[0]
    if len(none):
        names = sorted(places[each] for each in none)
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        said.append(f"nothing from {', '.join(names[:NAMED])}{more}")
    return "; ".join(said)


def _usual(counts: Counts, at: int) -> NDArray[np.float64]:
    """Return what is usual in a month: the median of the months beside it, or of the same month if that is lower.

    Schools report nothing in August, every August: then it is the months beside it that are no measure.
    """
    import numpy as np

    months = counts.shape[1]
    beside = [each for each in range(max(0, at - NEIGHBOURS), min(months, at + NEIGHBOURS + 1)) if each != at]
    usual = np.median(counts[:, beside], axis=1) if len(beside) >= FEWEST_BESIDE else np.zeros(len(counts))
    same = [each for each in range(at % SAME_MONTH, months, SAME_MONTH) if each != at]
    return np.minimum(usual, np.median(counts[:, same], axis=1)) if same else usual


def _next_month(month: str) -> str:
    """Return the month after another.

    Example:
        >>> _next_month("2024-12")
        '2025-01'
    """
    number = int(month[:4]) * 12 + int(month[5:])
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def months_between(first: str, last: str) -> list[str]:
    """Return the months from the first to the last.

    Example:
        >>> months_between("2023-11", "2024-01")
        ['2023-11', '2023-12', '2024-01']
    """
    count = 12 * (int(last[:4]) - int(first[:4])) + int(last[5:]) - int(first[5:]) + 1
    return months_back(last, count)
