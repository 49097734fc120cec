"""How often agencies met a person, month by month: unknown is not zero."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from kingshurst_tui.clock import plain_date
from kingshurst_tui.vocabulary import ANOTHER_AGENCY

if TYPE_CHECKING:
    from db.case_reading import MonthCount
    from kingshurst_tui.casework.sources import Source

MONTHS_SHOWN = 24
"""Months in the picture of counts, this one included."""


@dataclass(frozen=True, slots=True)
class AgencyCounts:
    """How often one agency met a person, month by month.

    Attributes:
        name: the agency as it may be shown.
        contacts: contacts a month, oldest first; None where none is seen and some data set of the agency does not
            cover the month or is not shared. Where some are seen they are what the data sets in ``coverage`` count.
        incidents: distinct incidents behind them, the same way.
        coverage: what is known from when, in words, a data set each.
    """

    name: str
    contacts: tuple[int | None, ...]
    incidents: tuple[int | None, ...]
    coverage: tuple[str, ...]


def months_until(today: date, count: int = MONTHS_SHOWN) -> tuple[str, ...]:
    """Return the months (YYYY-MM) up to and including today's, oldest first."""
    last = today.year * 12 + today.month - 1
    return tuple(f"{number // 12:04d}-{number % 12 + 1:02d}" for number in range(last - count + 1, last + 1))


def months_known(source: Source) -> tuple[str, str] | None:
    """Return the first and last month (YYYY-MM) of which a data set covers anything, or None."""
    if not source.is_live or not source.is_shared or source.known_to is None:
        return None
    begins = source.covers_from.isoformat()[:7] if source.covers_from else "0000-00"
    return begins, source.known_to.isoformat()[:7]


def in_words(source: Source, today: date) -> str:
    """Return what a data set knows from when, as at when."""
    if not source.is_live:
        return "unknown: its agreement is not live today"
    if not source.is_shared:
        return "unknown: it is not shared with your agency"
    if source.known_to is None:
        return "unknown: nothing has been imported"
    since = f"known from {plain_date(source.covers_from)}" if source.covers_from else "known"
    words = f"{since} as at {plain_date(source.known_to)}"
    return f"{words}; unknown since then" if source.stale_on(today) else words


def counted_by_month(
    counts: Iterable[MonthCount], sources: Sequence[Source], names: dict[str, str], today: date
) -> tuple[AgencyCounts, ...]:
    """Return the picture of counts.

    Args:
        counts: as the masked views give them: what an agency may not be called, they have renamed already.
        sources: the data sets of contacts.
        names: how each data set's agency is shown, by reference.
        today: the day.
    """
    months = months_until(today)
    by_agency: dict[str, dict[str, tuple[int, int]]] = {}
    for count in counts:
        by_agency.setdefault(count.agency_shown, {})[count.month] = (count.contacts, count.incidents)
    shown = []
    for name in sorted(set(by_agency) | set(names.values())):
        mine = [each for each in sources if names.get(each.reference) == name]
        seen = by_agency.get(name, {})
        spans = [months_known(each) for each in mine]
        pairs = [_known(seen.get(month), covered=_covers(spans, month)) for month in months]
        shown.append(
            AgencyCounts(
                name,
                tuple(pair[0] for pair in pairs),
                tuple(pair[1] for pair in pairs),
                _covered(name, mine, today),
            )
        )
    return tuple(shown)


def _covered(name: str, mine: Sequence[Source], today: date) -> tuple[str, ...]:
    """Say what each data set knows from when; which one is named where they differ and the agency may be named."""
    said = {each.reference: in_words(each, today) for each in mine}
    if name == ANOTHER_AGENCY or len(set(said.values())) < 2:
        return tuple(dict.fromkeys(said.values()))
    return tuple(f"{reference}: {words}" for reference, words in said.items())


def _covers(spans: Sequence[tuple[str, str] | None], month: str) -> bool:
    """Say whether nothing seen is nothing there: one data set that cannot tell is enough that nobody can."""
    return bool(spans) and all(span is not None and span[0] <= month <= span[1] for span in spans)


def _known(pair: tuple[int, int] | None, *, covered: bool) -> tuple[int | None, int | None]:
    if pair is not None:
        return pair
    return (0, 0) if covered else (None, None)
