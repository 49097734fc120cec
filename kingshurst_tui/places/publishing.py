"""Works out what of the counts for places may be shown, and keeps it: the one way by which counts go out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import db.agreements
import db.areas
import db.published
import db.users
from kingshurst_tui.acts import Fact, Reason
from kingshurst_tui.agreements.document import Agreement, from_text
from kingshurst_tui.clock import stamp
from kingshurst_tui.leaving.suppression import BASE, UNDER
from kingshurst_tui.leaving.suppression_terms import LOT_KEY, Terms, new_lot_key
from kingshurst_tui.places import counts
from kingshurst_tui.places.by_organisation import protected_by_organisation
from kingshurst_tui.places.category_lines import lined, shares
from kingshurst_tui.places.coverage import NO_DAY, Coverage, coverage
from kingshurst_tui.places.found import Gap
from kingshurst_tui.places.geography import geography
from kingshurst_tui.places.kept_cells import Kept, ToKeep, aligned, beside_of, is_same, kept_of, packed, together
from kingshurst_tui.places.organisation_months import gaps
from kingshurst_tui.places.protecting import protected, summed
from kingshurst_tui.places.protecting_postcodes import Postcodes, protected_postcodes
from kingshurst_tui.places.published import UNPLACED, months_in
from kingshurst_tui.places.same_counts import Other, others_of, with_the_same
from kingshurst_tui.places.sides import UNKNOWN_LEVEL, fill_beside, period_side, place_side
from kingshurst_tui.places.vocabulary import ALL, HIDDEN, MONTH, NOT_KNOWN, ORGANISATIONS, Level
from kingshurst_tui.vocabulary import Granularity, Operation, ReasonCode, Thing

if TYPE_CHECKING:
    from kingshurst_tui.places.geography import Geography
    from kingshurst_tui.session import Session

MONTHS_OF_A_YEAR = 12
POSTCODE = Level.POSTCODE.value


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
        kept = kept_of(session, last)
        terms = Terms(one.suppress_under or UNDER, one.round_to or BASE)
        if last is not None:
            # What was hidden under stricter terms would be told by counts shown under looser ones.
            terms = Terms(max(terms.under, last.hidden_under), max(terms.base, last.rounded_to))
        whole = _covered(found, one, lands, source.drawn_on, kept)
        absent = _gaps(found, whole, lands, kept)
        others = others_of(session, reference, _largest(found, lands))
        made = published(found, whole, terms, lands, kept, key, absent, others)
        more = {"beside": beside_of(made, found, kept), "shares": shares(found.measures), "gaps": absent}
        new = _publication(session, source, one, found, whole, terms, made, kept.number + 1, more)
        if last is not None and (last.hidden_under, last.rounded_to) == terms and is_same(made, kept):
            session.stage(*_STAGE, db.published.renew, last.id, new.basis, new.details)
            continue
        places = [db.published.PlaceCells(made.levels[code], code, packed(cells)) for code, cells in made.cells.items()]
        done += session.stage(*_STAGE, db.published.publish, new, places)
    return done


def _lot_key(session: Session) -> bytes:
    """Return the store's own secret with which it is drawn what is hidden beside small counts; made once."""
    found = session.look(db.users.get_setting, LOT_KEY)
    if found is None:  # a store that is older than lots
        session.stage(*_STAGE, db.users.add_setting, LOT_KEY, new_lot_key())
        found = session.look(db.users.get_setting, LOT_KEY)
    return bytes.fromhex(found or "")


_STAGE = (Operation.COMBINE, Thing.AREA_MEASURE)


def published(
    found: counts.Counts,
    whole: Coverage,
    terms: Terms,
    lands: Geography | None,
    kept: Kept,
    key: bytes = b"",
    absent: Mapping[str, Sequence[Gap]] | None = None,
    others: Sequence[Other] = (),
) -> ToKeep:
    """Return what is to be shown of counts, given what was shown until now.

    Args:
        found: exact counts.
        whole: which of their months are known.
        terms: of the agreement.
        lands: how places lie in one another.
        kept: what was shown until now.
        key: the store's own, with which it is drawn what is hidden beside small counts.
        absent: months in which an organisation was not there.
        others: what is shown of other data sets, which may be of the same counts.
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
        fill_beside(leaves, sides, found.cells, name, found.measures[name], cells)
    before = aligned(kept, sides)
    for code, every in (absent or {}).items():
        # Neither these months nor their quarters and years are shown of it, and they hide nothing else.
        out = {month for gap in every for month in gap.months}
        rows = [at for period, at in periods.place.items() if not out.isdisjoint(months_in(period))]
        mine = before[places.place[code], rows]
        before[places.place[code], rows] = np.where(mine == NOT_KNOWN, HIDDEN, mine)
    exact = summed(leaves, sides)
    before = with_the_same(before, exact, sides, others)
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
    return _with_postcodes(together(shown, sides, levels, kept), found.postcodes, large, terms, kept, key)


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


def _largest(found: counts.Counts, lands: Geography | None) -> list[str]:
    """Return the places of a data set that are part of no other: the borough, where one is known."""
    codes = sorted({code for code, _, _ in found.cells} - {UNPLACED})
    side, _ = place_side(codes, found.leaves, lands)
    parts = {part for each in side.parts.values() for part in each}
    return [code for code in side.names if code not in parts]


def _others(codes: Collection[str], leaves: Level, lands: Geography | None) -> frozenset[str]:
    """Return the borough's other places: that none is counted at one, over all the years, is not told either."""
    vintages = lands.vintages(leaves) if lands is not None else ()
    of = [frozenset(lands.codes(leaves, vintage)) for vintage in vintages] if lands is not None else []
    best = max(of, key=lambda places: len(places.intersection(codes)), default=frozenset[str]())
    return best if best.intersection(codes) else frozenset()


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
        places = {"every organisation": every}
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
