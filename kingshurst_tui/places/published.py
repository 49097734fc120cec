"""What of the counts for places is shown: published cells, and nothing that is finer than they are.

Exact counts are worked with in publishing.py alone. Whoever draws, compares or reports reads them here, where they
are rounded, hidden or not known, and where a sum of cells is an interval.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import db.published
from kingshurst_tui.acts import Reason
from kingshurst_tui.places.found import Gap, Share
from kingshurst_tui.places.vocabulary import ALL, HIDDEN, NOT_KNOWN, Level
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

if TYPE_CHECKING:
    from kingshurst_tui.session import Session

AREA_EXTRACT = "area extract"
"""A data set that came in as counts."""
PEOPLES_CONTACTS = "people's contacts, as distinct incidents"
"""A data set about people, counted by place here."""
UNPLACED = "unplaced"
"""The code of what has no place that can be read."""


class Range(NamedTuple):
    """What can be told of a count from what is shown: no less than ``low``, no more than ``high``.

    Attributes:
        high: None where nothing that is shown bounds it.
    """

    low: int
    high: int | None


class Year(NamedTuple):
    """The newest twelve months in a row that are known of a place, told from published cells.

    Attributes:
        periods: the blocks that it was put together from ("2025-Q3"), oldest first; empty where there is none.
        total: their sum.
    """

    periods: tuple[str, ...]
    total: Range


@dataclass(frozen=True, slots=True)
class PublishedSet:
    """What is shown of one data set, for the places that were asked for.

    Attributes:
        periods: months "2024-05", quarters "2024-Q2" and years "2024" of the calendar, sorted by their first month,
            then smallest first; a block is known only where all its months are.
        categories: as the agreement's code list names them; the first is ``ALL``.
        priority: the priority area of each category that has one.
        under: counts below it are hidden, nought too.
        base: others are rounded to a multiple of it.
        leaves: the level at which the counts come in.
        places: for each code that has cells, the shown counts by period, then by category; HIDDEN, NOT_KNOWN.
        incomplete: the months that did not come in whole, or not at all between others that did, and why.
        positive_only: the source lists only counts above nought.
        kind: ``AREA_EXTRACT`` or ``PEOPLES_CONTACTS``.
        made_at: when these were published.
        beside: categories that are other numbers of the same rows, and are no part of all together.
        shares: which category is told as a share of which.
        gaps: for each organisation the months in which it was not there, or did not report.
        span: what the counts are of: "month", or a kind of year.
        levels: of the places that may be shown under the agreement.
        drawn_on: ISO day on which the newest extract was drawn; empty where that was not kept.
    """

    agreement_ref: str
    title: str
    agency_code: str
    agency_name: str
    periods: tuple[str, ...]
    categories: tuple[str, ...]
    priority: Mapping[str, str]
    under: int
    base: int
    leaves: Level
    places: Mapping[str, list[list[int]]]
    incomplete: Mapping[str, str] = field(default_factory=dict)
    positive_only: bool = False
    kind: str = AREA_EXTRACT
    made_at: str = ""
    beside: frozenset[str] = frozenset()
    shares: tuple[Share, ...] = ()
    gaps: Mapping[str, tuple[Gap, ...]] = field(default_factory=dict)
    span: str = "month"
    levels: tuple[str, ...] = ()
    drawn_on: str = ""

    @property
    def months(self) -> tuple[str, ...]:
        """Return the months among the periods, oldest first."""
        return tuple(period for period in self.periods if is_month(period))

    def cell(self, code: str, period: str, category: str = ALL) -> int:
        """Return one shown count, HIDDEN, or NOT_KNOWN where there is none."""
        if code not in self.places or period not in self.periods or category not in self.categories:
            return NOT_KNOWN
        return self.places[code][self.periods.index(period)][self.categories.index(category)]

    def bounds(self, code: str, period: str, category: str = ALL) -> Range | None:
        """Return what one published cell tells of its count; None where it is not known."""
        return self.range_of(self.cell(code, period, category))

    def range_of(self, shown: int) -> Range | None:
        """Return what a shown count tells; None for NOT_KNOWN."""
        if shown == NOT_KNOWN:
            return None
        if shown == HIDDEN:
            return Range(0, None)
        return Range(max(shown - self.base // 2, self.under), shown + (self.base - 1) // 2)

    def total(self, code: str, periods: Collection[str], category: str = ALL) -> Range | None:
        """Return what is told of the sum over periods; None where one is not known.

        Larger blocks stand for the months in them where these are all asked for: a year that is shown tells more than
        twelve months that are hidden.
        """
        low, high = 0, 0
        unbounded = False
        for period in self._blocks(code, frozenset(periods), category):
            found = self.bounds(code, period, category)
            if found is None:
                return None
            low += found.low
            unbounded = unbounded or found.high is None
            high += found.high or 0
        return Range(low, None if unbounded else high)

    def latest_year(self, code: str, category: str = ALL, *, ending: str = "") -> Year:
        """Return the newest twelve known months in a row of a place, no later than ``ending``, and their sum."""
        months = [month for month in self.months if not ending or month <= ending]
        known = [month for month in months if self.cell(code, month, category) != NOT_KNOWN]
        for last in reversed(known):
            run = months_back(last, 12)
            if set(run) <= set(known):
                total = self.total(code, run, category)
                if total is not None:
                    return Year(tuple(self._blocks(code, frozenset(run), category)), total)
        return Year((), Range(0, None))

    def _blocks(self, code: str, months: frozenset[str], category: str) -> list[str]:
        """Return the months as the largest blocks of which all months are asked for and something is shown."""
        left = set(months)
        found = [period for period in months if not is_month(period)]
        left -= set(found)
        for size in (12, 3):
            for block in self.periods:
                parts = months_in(block)
                if len(parts) == size and left.issuperset(parts) and self.cell(code, block, category) >= 0:
                    found.append(block)
                    left.difference_update(parts)
        return sorted(found + list(left))


def is_month(period: str) -> bool:
    """Say whether a period is a month, not a block of several.

    Example:
        >>> is_month("2024-05"), is_month("2024-Q2"), is_month("2024")
        (True, False, False)
    """
    return len(period) == len("2024-05") and period[4] == "-" and period[5] != "Q"


def months_in(period: str) -> list[str]:
    """Return the months of a period; a year across two calendar years is taken for a financial one, from April on.

    Example:
        >>> months_in("2024-Q2")
        ['2024-04', '2024-05', '2024-06']
        >>> months_in("2019/20")[0], months_in("2019/20")[-1]
        ('2019-04', '2020-03')
    """
    if is_month(period):
        return [period]
    if "/" in period:
        return months_back(f"{int(period[:4]) + 1}-03", 12)
    year = period[:4]
    first, count = (3 * int(period[6]) - 2, 3) if "Q" in period else (1, 12)
    return [f"{year}-{month:02d}" for month in range(first, first + count)]


def months_back(last: str, count: int) -> list[str]:
    """Return so many months in a row, the newest last.

    Example:
        >>> months_back("2024-02", 3)
        ['2023-12', '2024-01', '2024-02']
    """
    number = int(last[:4]) * 12 + int(last[5:]) - 1
    return [f"{each // 12:04d}-{each % 12 + 1:02d}" for each in range(number - count + 1, number + 1)]


def shown(session: Session, codes: Collection[str], *, agreement: str | None = None) -> list[PublishedSet]:
    """Return what is shown of these places, by data set whose gate is live today for the session's purpose and agency.

    What came in since it was last published is published first.

    Args:
        session: who looks.
        codes: of any level; those a data set does not know are not in its ``places``.
        agreement: one data set.

    Raises: Refused (the role sees no area measures), StoreUnavailable.
    """
    ours = _live(session, agreement)
    cells = session.look(db.published.cells_of, ours, codes)
    return [_set(one, [found[1:] for found in cells if found[0] == one.id]) for one in ours.values()]


def codes_shown(session: Session, agreement: str | None = None) -> dict[str, str]:
    """Return the code of every place that something is published for, with its level. Raises: as `shown`."""
    ours = _live(session, agreement)
    allowed = {number: json.loads(one.details)["levels"] for number, one in ours.items()}
    return {code: level for number, level, code in session.look(db.published.codes, ours) if level in allowed[number]}


def _live(session: Session, agreement: str | None) -> dict[int, db.published.Publication]:
    """Publish what is newer; return the publications that may be looked at, by id."""
    from kingshurst_tui.places.publishing import refresh

    if not session.may(Operation.CONSULT, Thing.AREA_MEASURE):
        with session.act(Operation.CONSULT, Thing.AREA_MEASURE, reason=Reason(ReasonCode.MAINTENANCE)):
            pass  # never reached: the act is refused, and that is entered
    refresh(session, agreement)
    today = session.clock.today().isoformat()
    live = session.look(db.published.sources, session.purpose, today, session.user.agency, agreement)
    newest = session.look(db.published.newest)
    return {found.id: found for source in live if (found := newest.get(source.agreement_ref)) is not None}


def _set(one: db.published.Publication, places: list[tuple[str, str, bytes]]) -> PublishedSet:
    said = json.loads(one.details)
    periods, categories = json.loads(one.periods), json.loads(one.categories)
    gone = [periods.index(period) for period in said["gone"]]
    found: dict[str, list[list[int]]] = {}
    for level, code, packed in places:
        if level not in said["levels"]:
            continue  # an earlier version of the agreement let finer ones in
        # Cells are little-endian, as every machine is that this runs on.
        cells: Any = memoryview(zlib.decompress(packed)).cast("i", (len(periods), len(categories)))
        rows: list[list[int]] = cells.tolist()
        for at in gone:
            rows[at] = [NOT_KNOWN] * len(categories)
        found[code] = rows
    gaps = {
        code: tuple(Gap(kind, tuple(months), words) for kind, months, words in every)
        for code, every in said.get("gaps", {}).items()
    }
    for code in gaps.keys() & found.keys():
        absent = {month for gap in gaps[code] for month in gap.months}
        for at, period in enumerate(periods):
            if not absent.isdisjoint(months_in(period)):
                found[code][at] = [NOT_KNOWN] * len(categories)
    return PublishedSet(
        agreement_ref=one.agreement_ref,
        title=said["title"],
        agency_code=said["agency_code"],
        agency_name=said["agency_name"],
        periods=tuple(periods),
        categories=tuple(categories),
        priority=said["priority"],
        under=one.hidden_under,
        base=one.rounded_to,
        leaves=Level(said["leaves"]),
        places=found,
        incomplete=said["incomplete"],
        positive_only=said["positive_only"],
        kind=said["kind"],
        made_at=one.made_at,
        beside=frozenset(said.get("beside", ())),
        shares=tuple(Share(*each) for each in said.get("shares", ())),
        gaps=gaps,
        span=said.get("span", "month"),
        levels=tuple(said["levels"]),
        drawn_on=said.get("drawn_on", ""),
    )
