"""The exact counts of a data set by place, month and category. They go to publishing.py and nowhere else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kingshurst_tui.intake.text import plain_words
from kingshurst_tui.places.protecting_postcodes import Postcodes
from kingshurst_tui.places.published import AREA_EXTRACT, PEOPLES_CONTACTS, UNPLACED
from kingshurst_tui.places.vocabulary import MONTH, NOT_THERE, OF, ORGANISATIONS, Level
from kingshurst_tui.vocabulary import PRIORITY_OF, Category, Granularity, PriorityArea

if TYPE_CHECKING:
    from db.areas import AreaMeasure
    from db.published import IncidentsThere
    from kingshurst_tui.agreements.document import Agreement
    from kingshurst_tui.places.geography import Geography

Cells = dict[tuple[str, str, str], int]
"""Place, month and category to count."""

LEVELS = {
    Granularity.POSTCODE: Level.LSOA,
    Granularity.LSOA: Level.LSOA,
    Granularity.MSOA: Level.MSOA,
    Granularity.WARD: Level.WARD,
    Granularity.LOCAL_AUTHORITY: Level.LOCAL_AUTHORITY,
    Granularity.ORGANISATION: Level.ORGANISATION,
    Granularity.SCHOOL: Level.SCHOOL,
}
"""At which level counts of a granularity are shown: what comes in by postcode is shown by LSOA."""


@dataclass(frozen=True)
class Counts:
    """The counts of one data set, at the smallest places for which they are shown.

    Attributes:
        cells: by place (or UNPLACED), month and category; none of them is a total.
        priority: the priority area of each category that has one.
        positive_only: no nought is listed, so what is not listed is none, or did not come in.
        postcodes: of a data set that comes in by postcode, their counts by year.
        beside: other numbers of the same rows: for each its counts by place, month and category.
        measures: what each of these is to the count.
        span: what the counts are of: a month, or a kind of year.
        own_categories: an organisation has none but those that it has a row for.
    """

    leaves: Level
    cells: Cells
    priority: Mapping[str, str] = field(default_factory=dict)
    positive_only: bool = False
    kind: str = AREA_EXTRACT
    postcodes: Postcodes = field(default_factory=lambda: Postcodes({}, {}))
    beside: Mapping[str, Cells] = field(default_factory=dict)
    measures: Mapping[str, str] = field(default_factory=dict)
    span: str = MONTH
    own_categories: bool = False

    @property
    def categories(self) -> list[str]:
        """The categories, by name."""
        return sorted({category for _, _, category in self.cells})

    def by_place(self) -> dict[str, dict[str, int]]:
        """Return for each place the counts of its months, all categories together."""
        found: dict[str, dict[str, int]] = {}
        for (code, month, _), count in self.cells.items():
            months = found.setdefault(code, {})
            months[month] = months.get(month, 0) + count
        return found


def from_extract(agreement: Agreement, rows: Iterable[AreaMeasure], geography: Geography | None) -> Counts:
    """Return the counts of an area extract, its categories named as in the agreement's code list.

    Args:
        agreement: whose code list names categories and priority areas.
        rows: as they stand, of this data set.
        geography: where postcodes lie; without one they have no place.
    """
    level = LEVELS.get(agreement.granularity, Level.LOCAL_AUTHORITY)
    rows, others = _apart(agreement, rows)
    listed = {plain_words(name): name for name in agreement.category_codes}
    spelt: dict[str, Counter[str]] = {}
    taken = [(row, plain_words(row.category)) for row in rows]
    for row, key in taken:
        if key not in listed:
            spelt.setdefault(key, Counter())[row.category] += 1
    # One that no code list has is named as it is written most.
    names = listed | {key: min(found, key=lambda name: (-found[name], name)) for key, found in spelt.items()}
    placed: dict[str, str] = {}
    cells: Cells = {}
    noughts = False
    newest: dict[tuple[str, str, str], int] = {}
    for row, key in taken:
        cell = (row.area_code, row.month, key)
        newest[cell] = max(newest.get(cell, 0), row.batch_id)
    # Written another way in a later extract, it is the same category stated anew; within one extract it is added up.
    taken = [(row, key) for row, key in taken if row.batch_id == newest[row.area_code, row.month, key]]
    for row, key in taken:
        if row.area_code not in placed:
            placed[row.area_code] = _placed(row.area_code, agreement.granularity, geography)
        cell = (placed[row.area_code], row.month, names[key])
        cells[cell] = cells.get(cell, 0) + row.counted
        noughts = noughts or row.counted == 0
    postcodes = (
        _by_year((row for row, _ in taken), placed)
        if agreement.granularity is Granularity.POSTCODE
        else Postcodes({}, {})
    )
    used = {category for _, _, category in cells}
    priority = {name: area for name in used if (area := _priority(agreement, name))}
    standing = {(row.area_code, row.month, key, row.batch_id) for row, key in taken}
    beside = _beside(others, standing, cells, placed, names)
    measures = {name: relation for name, relation in agreement.measures.values() if name in beside}
    return Counts(
        level, cells, priority, positive_only=not noughts, postcodes=postcodes, beside=beside, measures=measures,
        span=agreement.format.span, own_categories=agreement.format.unlisted == NOT_THERE and level in ORGANISATIONS,
    )  # fmt: skip


def _apart(agreement: Agreement, rows: Iterable[AreaMeasure]) -> tuple[list[AreaMeasure], dict[str, list[AreaMeasure]]]:
    """Return the counts, and for each other number of their rows what it is, under the category of the count."""
    others: dict[str, list[AreaMeasure]] = {name: [] for name, _ in agreement.measures.values()}
    mine = []
    for row in rows:
        category, _, name = row.category.rpartition(OF)
        if category and name in others:
            others[name].append(row._replace(category=category))
        else:
            mine.append(row)
    return mine, others


def _beside(
    others: Mapping[str, list[AreaMeasure]],
    standing: Collection[tuple[str, str, str, int]],
    cells: Cells,
    placed: Mapping[str, str],
    names: Mapping[str, str],
) -> dict[str, Cells]:
    """Return the numbers beside the counts that every row which stands carries: of others the rest is not known."""
    found: dict[str, Cells] = {}
    for name, rows in others.items():
        made: Cells = {}
        for row in rows:
            key = plain_words(row.category)
            if (row.area_code, row.month, key, row.batch_id) in standing:
                cell = (placed[row.area_code], row.month, names[key])
                made[cell] = made.get(cell, 0) + row.counted
        if made and made.keys() >= cells.keys():
            found[name] = {cell: made[cell] for cell in cells}
    return found


def from_contacts(rows: Iterable[IncidentsThere], geography: Geography | None = None) -> Counts:
    """Return the counts of a data set about people: distinct incidents, where their first contact was.

    Those whose postcode is not known, sealed (health) or of another borough have no place here.

    Args:
        rows: of this data set.
        geography: of the borough; without one, every LSOA is of it.
    """
    cells: Cells = {}
    areas: dict[str, Counter[str]] = {}
    for row in rows:
        is_ours = row.lsoa and (geography is None or geography.level(row.lsoa) is not None)
        cell = (row.lsoa if is_ours else UNPLACED, row.month, row.category)
        cells[cell] = cells.get(cell, 0) + row.incidents
        areas.setdefault(row.category, Counter())[row.priority_area] += row.incidents
    priority = {
        category: area
        for category, found in areas.items()
        if (area := min(found, key=lambda name: (-found[name], name))) != PriorityArea.OTHER
    }
    return Counts(Level.LSOA, cells, priority, positive_only=True, kind=PEOPLES_CONTACTS)


def _by_year(rows: Iterable[AreaMeasure], placed: Mapping[str, str]) -> Postcodes:
    counts: dict[tuple[str, str], int] = {}
    for row in rows:
        cell = (row.area_code, row.month[:4])
        counts[cell] = counts.get(cell, 0) + row.counted
    return Postcodes(counts, {code: lsoa for code, lsoa in placed.items() if lsoa != UNPLACED})


def _placed(code: str, granularity: Granularity, geography: Geography | None) -> str:
    if granularity in LEVELS and granularity is not Granularity.POSTCODE:
        return code
    found = geography.postcode(code) if geography is not None and granularity is Granularity.POSTCODE else None
    return found.lsoa if found is not None and found.lsoa else UNPLACED


def _priority(agreement: Agreement, category: str) -> str:
    if category in agreement.category_codes:
        area = agreement.category_codes[category][1]
        return "" if area == PriorityArea.OTHER else area
    ours = "-".join(plain_words(category).split())
    return PRIORITY_OF[Category(ours)].value if ours in _WITH_PRIORITY else ""


_WITH_PRIORITY = frozenset(category.value for category in PRIORITY_OF)
