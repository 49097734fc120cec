"""Works out what of the counts for places may be shown, and keeps it: the one way by which counts go out."""

from __future__ import annotations

import json
import secrets
import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import db.agreements
import db.areas
import db.published
import db.users
from kingshurst_tui.acts import Fact, Reason
from kingshurst_tui.agreements.document import Agreement, from_text
from kingshurst_tui.clock import stamp
from kingshurst_tui.leaving.suppression import BASE, UNDER
from kingshurst_tui.leaving.suppression_terms import Terms
from kingshurst_tui.places import counts
from kingshurst_tui.places.by_organisation import protected_by_organisation
from kingshurst_tui.places.category_lines import lined, rest_of, shares, within
from kingshurst_tui.places.coverage import NO_DAY, Coverage, coverage
from kingshurst_tui.places.found import Gap
from kingshurst_tui.places.geography import geography
from kingshurst_tui.places.organisation_months import gaps
from kingshurst_tui.places.protecting import Side, never_shown, protected, summed
from kingshurst_tui.places.protecting_postcodes import Postcodes, protected_postcodes
from kingshurst_tui.places.published import UNPLACED, is_month, months_in
from kingshurst_tui.places.vocabulary import ALL, BESIDE, HIDDEN, MONTH, NOT_KNOWN, ORGANISATIONS, Level
from kingshurst_tui.vocabulary import Granularity, Operation, ReasonCode, Thing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kingshurst_tui.places.geography import Geography
    from kingshurst_tui.session import Session

MONTHS_OF_A_YEAR = 12
POSTCODE = Level.POSTCODE.value
UNKNOWN_LEVEL = "unknown"
"""The level of UNPLACED."""


@dataclass(frozen=True)
class Kept:
    """What was shown of one data set until now.

    Attributes:
        cells: for each place, shown counts by period and category.
        beside: categories that are other numbers of the same rows.
        gaps: months in which an organisation was not there.
    """

    periods: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    cells: Mapping[str, NDArray[np.int32]] | None = None
    levels: Mapping[str, str] | None = None
    number: int = 0
    beside: frozenset[str] = frozenset()
    gaps: Mapping[str, Collection[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class ToKeep:
    """What is shown of it from now on; periods and places that came in no more are kept, so that nothing is unsaid.

    Attributes:
        gone: periods that were published and are not known any more.
    """

    periods: tuple[str, ...]
    categories: tuple[str, ...]
    cells: Mapping[str, NDArray[np.int32]]
    levels: Mapping[str, str]
    gone: tuple[str, ...] = ()


def refresh(session: Session, agreement: str | None = None) -> int:
    """Publish what has come in since it was last published; return of how many data sets something else is shown now.

    Counting is one act, with one entry. The rest is worked out outside of any turn at writing; where two people do so
    at once, the first to end is kept.

    Args:
        session: who looks; of the data sets that may go to their agency for their purpose.
        agreement: one data set.

    Raises: Refused (the role sees no area measures), StoreUnavailable.
    """
    today = session.clock.today().isoformat()
    before = session.look(db.published.newest)
    stale = {
        source.agreement_ref: source
        for source in session.look(db.published.sources, session.purpose, today, session.user.agency, agreement)
        if source.agreement_ref not in before or before[source.agreement_ref].basis != source.basis
    }
    if not stale:
        return 0
    lands = geography(session)
    facts: dict[str, Fact] = {"data_sets": len(stale), "first": min(stale)}
    with session.act(
        Operation.COMBINE, Thing.AREA_MEASURE, reason=Reason(ReasonCode.MAINTENANCE), combine=True, facts=facts
    ) as act:
        signed = {
            row.reference: from_text(row.document)
            for row in act.read(db.agreements.every)
            if row.status == "live" and row.reference in stale
        }
        people = [reference for reference, one in signed.items() if one.format.shape == "contacts"]
        met = act.read(db.published.incidents_there, people) if people else []
    key = _lot_key(session)
    done = 0
    for reference, one in signed.items():
        source, last = stale[reference], before.get(reference)
        if one.format.shape == "areas":
            rows = session.look(db.areas.current, session.purpose, today, reference)
            found = counts.from_extract(one, rows, lands)
        else:
            found = counts.from_contacts([row for row in met if row.agreement_ref == reference], lands)
        kept = _kept(session, last)
        terms = Terms(one.suppress_under or UNDER, one.round_to or BASE)
        if last is not None:
            # What was hidden under stricter terms would be told by counts shown under looser ones.
            terms = Terms(max(terms.under, last.hidden_under), max(terms.base, last.rounded_to))
        whole = _covered(found, one, lands, source.drawn_on, kept)
        absent = _gaps(found, whole, lands, kept)
        made = published(found, whole, terms, lands, kept, key, absent)
        more = {"beside": _beside(made, found, kept), "shares": shares(found.measures), "gaps": absent}
        new = _publication(session, source, one, found, whole, terms, made, kept.number + 1, more)
        if last is not None and (last.hidden_under, last.rounded_to) == terms and _same(made, kept):
            session.stage(*_STAGE, db.published.renew, last.id, new.basis, new.details)
            continue
        places = [db.published.PlaceCells(made.levels[code], code, packed(cells)) for code, cells in made.cells.items()]
        done += session.stage(*_STAGE, db.published.publish, new, places)
    return done


def _lot_key(session: Session) -> bytes:
    """Return the store's own secret with which it is drawn what is hidden beside small counts; made once."""
    found = session.look(db.users.get_setting, _LOT_KEY)
    if found is None:
        session.stage(*_STAGE, db.users.add_setting, _LOT_KEY, secrets.token_hex(32))
        found = session.look(db.users.get_setting, _LOT_KEY)
    return bytes.fromhex(found or "")


_LOT_KEY = "places.lots"
_STAGE = (Operation.COMBINE, Thing.AREA_MEASURE)


def _same(made: ToKeep, kept: Kept) -> bool:
    """Say whether nothing is to be shown but what is shown."""
    import numpy as np

    return (
        (made.periods, made.categories, dict(made.levels)) == (kept.periods, kept.categories, dict(kept.levels or {}))
        and kept.cells is not None
        and all(np.array_equal(cells, kept.cells[code]) for code, cells in made.cells.items())
    )


def published(
    found: counts.Counts,
    whole: Coverage,
    terms: Terms,
    lands: Geography | None,
    kept: Kept,
    key: bytes = b"",
    absent: Mapping[str, Sequence[Gap]] | None = None,
) -> ToKeep:
    """Return what is to be shown of counts, given what was shown until now.

    Args:
        found: exact counts.
        whole: which of their months are known.
        terms: of the agreement.
        lands: how places lie in one another.
        kept: what was shown until now.
        key: the store's own, with which it is drawn what is hidden beside small counts.
    """
    import numpy as np

    codes = {code for code, _, _ in found.cells}
    codes |= _others(codes, found.leaves, lands)
    codes |= {code for code, level in (kept.levels or {}).items() if level in (found.leaves, UNKNOWN_LEVEL)}
    places, levels = place_side(codes, found.leaves, lands)
    periods = period_side(whole.whole)
    gone = kept.beside - {ALL}
    categories = lined({*found.categories, *kept.categories} - gone - {ALL}, found.measures, gone)
    sides = (places, periods, categories)
    leaves = np.zeros([len(side.names) for side in sides], np.int32)
    for (code, month, category), count in found.cells.items():
        if month in periods.place:
            leaves[places.place[code], periods.place[month], categories.place[category]] += count
    for name, cells in found.beside.items():
        _fill_beside(leaves, sides, found.cells, name, found.measures[name], cells)
    before = _aligned(kept, sides)
    for code, every in (absent or {}).items():
        # Neither these months nor their quarters and years are shown of it, and they hide nothing else.
        out = {month for gap in every for month in gap.months}
        rows = [at for period, at in periods.place.items() if not out.isdisjoint(months_in(period))]
        mine = before[places.place[code], rows]
        before[places.place[code], rows] = np.where(mine == NOT_KNOWN, HIDDEN, mine)
    exact = summed(leaves, sides)
    if found.own_categories:
        shown = protected_by_organisation(exact, sides, found.cells, found.measures, gone, terms, before, key)
    else:
        shown = protected(exact, sides, under=terms.under, base=terms.base, before=before, key=key)
    large = {
        (code, year): int(exact[places.place[code], periods.place[year], 0])
        for code, level in levels.items()
        for year in periods.names
        if level == Level.LSOA and len(months_in(year)) == MONTHS_OF_A_YEAR and found.postcodes.counts
        if shown[places.place[code], periods.place[year], 0] >= 0
    }
    return _with_postcodes(_together(shown, sides, levels, kept), found.postcodes, large, terms, kept, key)


def _fill_beside(
    leaves: NDArray[np.int32],
    sides: tuple[Side, Side, Side],
    cells: counts.Cells,
    name: str,
    relation: str,
    numbers: counts.Cells,
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


def _with_postcodes(
    made: ToKeep, exact: Postcodes, large: Mapping[tuple[str, str], int], terms: Terms, kept: Kept, key: bytes
) -> ToKeep:
    """Return what is shown with what is shown of postcodes: of those of which anything is, all else is hidden."""
    import numpy as np

    was = {code: kept.cells[code] for code, level in (kept.levels or {}).items() if level == POSTCODE and kept.cells}
    before = {
        (code, period): int(cells[at, 0])
        for code, cells in was.items()
        for at, period in enumerate(kept.periods)
        if cells[at, 0] >= 0
    }
    shown = protected_postcodes(exact, large, terms, before, kept.periods, key)
    cells = dict(made.cells)
    for code in {code for code, _ in shown} | set(was):
        cells[code] = np.full((len(made.periods), len(made.categories)), HIDDEN, np.int32)
    # A year that is not known any more keeps what was shown of it.
    for (code, period), count in ({cell: n for cell, n in before.items() if cell[1] in made.gone} | shown).items():
        cells[code][made.periods.index(period), 0] = count
    return replace(made, cells=cells, levels={**made.levels, **dict.fromkeys(cells.keys() - made.levels, POSTCODE)})


def _others(codes: Collection[str], leaves: Level, lands: Geography | None) -> frozenset[str]:
    """Return the borough's other places: that none is counted at one, over all the years, is not told either."""
    vintages = lands.vintages(leaves) if lands is not None else ()
    of = [frozenset(lands.codes(leaves, vintage)) for vintage in vintages] if lands is not None else []
    best = max(of, key=lambda places: len(places.intersection(codes)), default=frozenset[str]())
    return best if best.intersection(codes) else frozenset()


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


def packed(cells: NDArray[np.int32]) -> bytes:
    """Return the cells of a place as the store keeps them."""
    return zlib.compress(cells.astype("<i4").tobytes(), 6)


def _aligned(kept: Kept, sides: tuple[Side, Side, Side]) -> NDArray[np.int32]:
    """Return what was shown of the cells of a cube."""
    import numpy as np

    places, periods, categories = sides
    before = never_shown(tuple(len(side.names) for side in sides))
    was = [at for at, period in enumerate(kept.periods) if period in periods.place]
    now = [periods.place[kept.periods[at]] for at in was]
    columns = [categories.place[category] for category in kept.categories]
    for code, cells in (kept.cells or {}).items():
        if code in places.place and was:
            before[np.ix_([places.place[code]], now, columns)] = cells[was]
    return before


def _together(
    shown: NDArray[np.int32], sides: tuple[Side, Side, Side], levels: Mapping[str, str], kept: Kept
) -> ToKeep:
    """Return what is shown now with what was shown of periods and places that are not in it."""
    import numpy as np

    places, periods, categories = sides
    gone = tuple(period for period in kept.periods if period not in periods.place)
    every = tuple(sorted({*periods.names, *gone}, key=lambda period: (months_in(period)[0], len(months_in(period)))))
    at = {period: number for number, period in enumerate(every)}
    cells: dict[str, NDArray[np.int32]] = {}
    for code in {**dict.fromkeys(places.names), **dict.fromkeys(kept.cells or {})}:
        made = np.full((len(every), len(categories.names)), NOT_KNOWN, np.int32)
        if kept.cells and code in kept.cells:
            rows = [at[period] for period in kept.periods]
            made[np.ix_(rows, [categories.place[category] for category in kept.categories])] = kept.cells[code]
        if code in places.place:
            made[[at[period] for period in periods.names]] = shown[places.place[code]]
        cells[code] = made
    return ToKeep(every, categories.names, cells, {**(kept.levels or {}), **levels}, gone)


def _covered(
    found: counts.Counts, agreement: Agreement, lands: Geography | None, drawn_on: str, kept: Kept
) -> Coverage:
    places = {code: months for code, months in found.by_place().items() if code != UNPLACED}
    if found.span != MONTH:
        return Coverage(tuple(sorted({period for months in places.values() for period in months})), {})
    if found.leaves in ORGANISATIONS:
        # Whose figures are missing is told of each organisation by itself; here it is whether the return came in.
        every: Counter[str] = Counter()
        for months in places.values():
            every.update(months)
        places = {"": every}
    if lands is not None and lands.is_known and found.leaves == Level.LSOA:
        wards: dict[str, dict[str, int]] = {}
        for code, months in places.items():
            parent = lands.parent(code, Level.WARD)
            into = wards.setdefault(parent.code if parent else code, {})
            for month, count in months.items():
                into[month] = into.get(month, 0) + count
        places = wards
    name = lands.name if lands is not None else str
    begins = agreement.coverage_from.isoformat() if agreement.coverage_from else ""
    shown = [
        period
        for at, period in enumerate(kept.periods)
        if any(int(cells[at].max(initial=HIDDEN)) >= 0 for cells in (kept.cells or {}).values())
    ]
    return coverage(
        places or found.by_place(),
        name=name,
        drawn_on=drawn_on or NO_DAY,
        begins=begins,
        published=kept.periods,
        shown=shown,
    )


def _gaps(found: counts.Counts, whole: Coverage, lands: Geography, kept: Kept) -> dict[str, list[Gap]]:
    """Return the months in which organisations were not there."""
    if found.leaves not in ORGANISATIONS or found.span != MONTH:
        return {}
    seen = {code: set(kept.periods) - set(kept.gaps.get(code, ())) for code in kept.cells or {}}
    return gaps(found.by_place(), whole.whole, lands, seen)


def _beside(made: ToKeep, found: counts.Counts, kept: Kept) -> list[str]:
    """Return which of the categories are other numbers of the same rows."""
    own = {ALL, *found.categories, *(set(kept.categories) - kept.beside)}
    return [category for category in made.categories if category not in own]


def _kept(session: Session, last: db.published.Publication | None) -> Kept:
    import numpy as np

    if last is None:
        return Kept()
    periods, categories = tuple(json.loads(last.periods)), tuple(json.loads(last.categories))
    rows = session.look(db.published.cells, last.id)
    cells = {
        row.code: np.frombuffer(zlib.decompress(row.cells), "<i4").reshape(len(periods), len(categories))
        for row in rows
    }
    said = json.loads(last.details)
    out = {code: [month for _, of, _ in every for month in of] for code, every in said.get("gaps", {}).items()}
    levels = {row.code: row.level for row in rows}
    return Kept(periods, categories, cells, levels, last.number, frozenset(said.get("beside", ())), out)


def _levels(agreement: Agreement, leaves: Level) -> list[str]:
    """Return the levels for which cells may be shown under the agreement that is live."""
    finest = Level.POSTCODE if agreement.granularity is Granularity.POSTCODE else leaves
    return [level.value for level in list(Level)[list(Level).index(finest) :]] + [UNKNOWN_LEVEL]


def _publication(
    session: Session,
    source: db.published.Source,
    agreement: Agreement,
    found: counts.Counts,
    whole: Coverage,
    terms: Terms,
    made: ToKeep,
    number: int,
    more: Mapping[str, Any],
) -> db.published.Publication:
    details: dict[str, Any] = {
        "title": agreement.title,
        "agency_code": source.agency_code,
        "agency_name": source.agency_name,
        "priority": dict(found.priority),
        "leaves": found.leaves.value,
        "levels": _levels(agreement, found.leaves),
        "incomplete": dict(whole.incomplete),
        "gone": made.gone,
        "positive_only": found.positive_only,
        "kind": found.kind,
        "span": found.span,
        **more,
        "drawn_on": source.drawn_on,
    }
    return db.published.Publication(
        0,
        source.agreement_ref,
        number,
        json.dumps(made.periods),
        json.dumps(made.categories, ensure_ascii=False),
        json.dumps(details, ensure_ascii=False),
        source.basis,
        terms.under,
        terms.base,
        session.user.name,
        stamp(session.clock.now()),
    )
