"""How much of what agencies meet comes back: quarter by quarter, and the latest quarters against a year before.

An incident is repeat demand of an agency where somebody in it took part in another incident of that agency in the 90
days before (the window of the partnership's own rule); of a priority area, in another incident of that area, told by
whichever agency.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import db.board
from kingshurst_tui.acts import Reason
from kingshurst_tui.casework.sources import Source, known_sources
from kingshurst_tui.learning.quarters import Quarter, day_number, latest, span_of
from kingshurst_tui.learning.stays_hidden import Hidden, hidden_before, keep, named
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Operation, PriorityArea, ReasonCode, Thing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kingshurst_tui.leaving.suppression import Suppressed
    from kingshurst_tui.leaving.suppression_terms import Terms

LOOKED_BACK = 90
"""Days."""
MOST_QUARTERS = 8
A_YEAR = 4
REPEAT, OTHER = "repeat", "other"
_Z = 1.959964

DEFINED = (
    f"Repeat demand: distinct incidents in which somebody took part whom the same agency (or, for a priority area, any "
    f"agency in that area) had met in another incident in the {LOOKED_BACK} days before. An incident that several "
    "agencies tell of counts once for each of them, and once in its priority area."
)
COMPARED = (
    "The latest whole quarters are set against the same quarters a year before, which is the baseline, so that seasons "
    "fall away. The interval takes people as clusters: incidents of one person do not come by chance alone."
)


@dataclass(frozen=True, slots=True)
class Trend:
    """Repeat demand of one agency or priority area.

    Attributes:
        quarters: the whole quarters that its data sets speak for, oldest first.
        table: repeat and other incidents by quarter, small ones hidden.
        now: repeat incidents of the latest quarters compared, rounded; None where hidden or nothing to compare with.
        baseline: of the same quarters a year before.
        compared: how many quarters.
        ratio: now over baseline; ``low`` and ``high`` at 95 per cent.
        words: the comparison in a sentence.
    """

    title: str
    quarters: tuple[str, ...]
    table: Suppressed
    now: int | None
    baseline: int | None
    compared: int
    ratio: float | None
    low: float | None
    high: float | None
    words: str


@dataclass(frozen=True, slots=True)
class Demand:
    """Repeat demand across the partnership.

    Attributes:
        by_area: of each agency's repeat incidents in the latest year, those of each priority area; small ones hidden.
        year: of that table; empty where no quarter is known of every data set, and then the table is too.
    """

    agencies: tuple[Trend, ...]
    areas: tuple[Trend, ...]
    by_area: Suppressed
    year: str
    said: tuple[str, ...]


def repeat_demand(session: Session) -> Demand:
    """Return repeat demand by agency and by priority area, small numbers hidden. Raises: Refused."""
    from kingshurst_tui.leaving.suppression_terms import lot_key, terms_of

    today = session.clock.today()
    quarters = latest(today, MOST_QUARTERS)
    first = quarters[0].first - timedelta(days=LOOKED_BACK)
    facts = {"first": first.isoformat(), "last": quarters[-1].last.isoformat()}
    with session.act(
        Operation.COMBINE, Thing.OUTCOME, reason=Reason(ReasonCode.OVERSIGHT), combine=True, facts={**facts}
    ) as act:
        rows = act.read(db.board.met_on, facts["first"], facts["last"])
        known, terms, before = act.read(known_sources), terms_of(act), hidden_before(act)
        key = lot_key(act)
    hidden: set[str] = set()
    made = _demand(rows, known, terms, quarters, _Hidden(before, hidden, key))
    keep(session, Thing.OUTCOME, hidden, before)
    return made


@dataclass(frozen=True, slots=True)
class _Hidden:
    """What was hidden in earlier reports, and what is hidden now."""

    before: Hidden
    now: set[str]
    key: bytes

    def suppressed(self, counts: Mapping[tuple[str, str], int], terms: Terms, period: str, what: str) -> Suppressed:
        """Return a table in which whatever was hidden before is hidden still."""
        from kingshurst_tui.leaving.suppression import TOTAL, suppressed

        rows = {TOTAL, *(row for row, _ in counts)}
        columns = {TOTAL, *(column for _, column in counts)}
        # Totals over quarters are of other quarters in the next report.
        cells = {(row, column): named(period, what, row, column) for row in rows for column in columns if column}
        before = {cell for cell, name in cells.items() if name in self.before}
        made = suppressed(counts, under=terms.under, base=terms.base, before=before, key=self.key)
        self.now.update(name for cell, name in cells.items() if made.value(*cell) is None)
        return made


def _demand(
    rows: Sequence[tuple[Any, ...]],
    known: Sequence[Source],
    terms: Terms,
    quarters: Sequence[Quarter],
    hidden: _Hidden,
) -> Demand:
    import numpy as np

    agencies, agency = _numbered([row[1] for row in rows])
    areas, area = _numbered([row[3] for row in rows])
    person, incident, day = (np.fromiter((row[n] for row in rows), np.int64, len(rows)) for n in (0, 2, 4))
    _, incident = np.unique(incident, return_inverse=True)
    live = [source for source in known if source.is_live and source.is_shared]
    missing: dict[tuple[str, ...], list[str]] = {}
    by_agency, by_area, of_year = [], [], {}
    # Of one table all cells are of the same quarters: of those for which every data set speaks, the latest four.
    senders = [source for source in live if source.agency in agencies]
    common = [each for each in quarters if not _gaps(each, senders)][-A_YEAR:]
    for number, code in enumerate(agencies):
        mine = _Met.of(agency == number, person, incident, day)
        sources = [source for source in live if source.agency == code]
        by_agency.append(_trend(code, mine, sources, terms, quarters, missing, hidden))
        year = (
            mine.repeat
            & (mine.day >= day_number(quarters[-A_YEAR].first))
            & (mine.day <= day_number(quarters[-1].last))
        )
        told = np.unique(np.stack([mine.incident[year], area[agency == number][mine.order][year]]), axis=1)
        _, once = np.unique(told[0], return_index=True)
        for place, name in enumerate(areas):
            of_year[code, name] = int((told[1][once] == place).sum())
    for name in PriorityArea:
        if name != PriorityArea.OTHER and name in areas:
            mine = _Met.of(area == areas.index(name), person, incident, day)
            sources = [each for each in live if not each.priority_areas or name in each.priority_areas]
            by_area.append(_trend(str(name), mine, sources, terms, quarters, missing, hidden))
    table = _without_totals(of_year if common else {}, by_agency, terms, common, hidden)
    said = [
        f"Not counted of {', '.join(gone)}, for which they do not speak: {'; '.join(names)}."
        for gone, names in missing.items()
    ]
    return Demand(tuple(by_agency), tuple(by_area), table, span_of(common), (DEFINED, COMPARED, *said))


def _without_totals(
    counts: Mapping[tuple[str, str], int],
    trends: Sequence[Trend],
    terms: Terms,
    quarters: Sequence[Quarter],
    hidden: _Hidden,
) -> Suppressed:
    """Return the table of agencies by priority area; a row whose total its quarters tell hides no more than that.

    Where the audit of the table would have the total hidden, the quarters of the same year may tell it: such a row is
    hidden whole.
    """
    from kingshurst_tui.leaving.suppression import TOTAL, Suppressed

    made = hidden.suppressed(counts, terms, span_of(quarters), "agencies by area")
    year = [each.title for each in quarters]
    told = {each.title for each in trends if all(each.table.value(REPEAT, title) is not None for title in year)}
    gone = {row for row in made.rows if made.value(row, TOTAL) is None and row in told}
    shown = {cell: count for cell, count in made.shown.items() if cell[0] not in gone and TOTAL not in cell}
    return Suppressed(made.rows, made.columns, shown)


def _numbered(names: Sequence[str]) -> tuple[list[str], NDArray[np.int64]]:
    import numpy as np

    every = sorted(set(names))
    place = {name: at for at, name in enumerate(every)}
    return every, np.fromiter((place[name] for name in names), np.int64, len(names))


@dataclass(frozen=True, slots=True)
class _Met:
    """People in incidents, by person and then by day; which of them are back within the days looked at."""

    person: NDArray[np.int64]
    incident: NDArray[np.int64]
    day: NDArray[np.int64]
    repeat: NDArray[np.bool_]
    order: NDArray[np.int64]

    @classmethod
    def of(
        cls,
        chosen: NDArray[np.bool_],
        person: NDArray[np.int64],
        incident: NDArray[np.int64],
        day: NDArray[np.int64],
    ) -> _Met:
        import numpy as np

        order = np.lexsort((incident[chosen], day[chosen], person[chosen]))
        who, what, when = person[chosen][order], incident[chosen][order], day[chosen][order]
        back = np.zeros(len(who), np.bool_)
        if len(who) > 1:
            same = (who[1:] == who[:-1]) & (what[1:] != what[:-1])
            back[1:] = same & (when[1:] - when[:-1] <= LOOKED_BACK)
        return cls(who, what, when, back, order)


def _trend(
    title: str,
    met: _Met,
    sources: Sequence[Source],
    terms: Terms,
    quarters: Sequence[Quarter],
    missing: dict[tuple[str, ...], list[str]],
    hidden: _Hidden,
) -> Trend:
    import numpy as np

    whole = [each for each in quarters if not _gaps(each, sources)]
    for source in sources:
        without = tuple(each.title for each in quarters if _gaps(each, [source]))
        name = f"{source.title} ({source.agency})"
        if without and name not in missing.setdefault(without, []):
            missing[without].append(name)
    of_incident: dict[str, NDArray[np.int64]] = {}
    counts: dict[tuple[str, str], int] = {}
    for each in whole:
        inside = (met.day >= day_number(each.first)) & (met.day <= day_number(each.last))
        repeat = np.unique(met.incident[inside & met.repeat])
        of_incident[each.title] = repeat
        counts[REPEAT, each.title] = len(repeat)
        counts[OTHER, each.title] = len(np.unique(met.incident[inside])) - len(repeat)
    # A quarter's number is the same one in whichever report it stands.
    table = hidden.suppressed(counts, terms, "quarters", title)
    titles = {each.title for each in whole}
    now = [each for each in whole[-A_YEAR:] if each.a_year_before.title in titles]
    told: tuple[int | None, int | None] = (None, None)
    ratio: tuple[float, float, float] | None = None
    then = [each.a_year_before for each in now]
    if not now:
        words = "Unknown: no whole quarter has the same quarter a year before to be set against."
    else:
        told = _sum(table, now), _sum(table, then)
        if None in told:
            words = f"hidden: a quarter of fewer than {terms.under}"
            told = None, None
        else:
            ratio = _ratio(met, now, then, told, terms)
            words = _words(now, then, told, ratio)
    low, high = (ratio[1], ratio[2]) if ratio else (None, None)
    return Trend(
        title,
        tuple(each.title for each in whole),
        table,
        *told,
        len(now),
        ratio[0] if ratio else None,
        low,
        high,
        words,
    )


def _gaps(quarter: Quarter, sources: Sequence[Source]) -> bool:
    first = quarter.first - timedelta(days=LOOKED_BACK)
    return not sources or any(
        source.gap(first, quarter.first) or source.known_to is None or source.known_to < quarter.last
        for source in sources
    )


def _sum(table: Suppressed, quarters: Sequence[Quarter]) -> int | None:
    found = [table.value(REPEAT, each.title) for each in quarters]
    known = [each for each in found if each is not None]
    return sum(known) if len(known) == len(found) else None


def _ratio(
    met: _Met,
    now: Sequence[Quarter],
    then: Sequence[Quarter],
    told: tuple[int | None, int | None],
    terms: Terms,
) -> tuple[float, float, float] | None:
    """Return now over then, from the rounded numbers, with the spread that people as clusters give."""
    import numpy as np

    if not told[0] or not told[1]:
        return None
    sides = []
    people = np.unique(met.person, return_inverse=True)[1]
    for quarters in (now, then):
        inside = np.zeros(len(met.day), np.bool_)
        for each in quarters:
            inside |= (met.day >= day_number(each.first)) & (met.day <= day_number(each.last))
        chosen = inside & met.repeat
        _, place, many = np.unique(met.incident[chosen], return_inverse=True, return_counts=True)
        # An incident of several people is shared out among them, so that the parts add up to the incidents.
        sides.append(np.bincount(people[chosen], 1 / many[place], minlength=int(people.max(initial=0)) + 1))
    total = [max(float(side.sum()), 1.0) for side in sides]
    spread = float(((sides[0] / total[0] - sides[1] / total[1]) ** 2).sum())
    spread += sum(len(now) * terms.base**2 / 12 / max(each or 1, 1) ** 2 for each in told)  # what rounding took away
    ratio = told[0] / told[1]
    wide = float(np.exp(_Z * np.sqrt(spread)))
    return round(ratio, 2), float(np.floor(100 * ratio / wide) / 100), float(np.ceil(100 * ratio * wide) / 100)


def _words(
    now: Sequence[Quarter],
    then: Sequence[Quarter],
    told: tuple[int | None, int | None],
    ratio: tuple[float, float, float] | None,
) -> str:
    said = f"about {told[0]:,} in {span_of(now)}, about {told[1]:,} in {span_of(then)} (baseline)"
    if ratio is None:
        return said
    value, low, high = ratio
    difference = (
        "no clear difference"
        if low <= 1 <= high
        else "fewer than a year before"
        if high < 1
        else "more than a year before"
    )
    return f"{said}: {value:.2f} times as many (95 % interval {low:.2f} to {high:.2f}), {difference}"
