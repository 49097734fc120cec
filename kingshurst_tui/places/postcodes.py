"""Where each postcode lies: by its point (ONS Postcode Directory) or by best fit (National Statistics one)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from db.places import PostcodeRow
from kingshurst_tui.counting import some
from kingshurst_tui.places.drafts import Draft, Known, boroughs_of, check_vintage, rejected
from kingshurst_tui.places.reading import SHOWN, Published, Row, is_code, number
from kingshurst_tui.places.vocabulary import Fit, Level, SourceKind

NO_GRID = "9"
"""The grid indicator of a postcode without a place."""
MOST_OUTSIDE = 0.01
"""Share of a borough's postcodes that may lie in LSOAs of another: edges move by a few homes. More is a mistake."""

_EAST, _NORTH = 700_000, 1_300_000
"""Metres of the British national grid."""


def postcodes(file: Published, known: Known, asked: Collection[str], vintage: str) -> Draft:
    """Return the postcodes of the borough, and those of others in the same postcode districts (B37).

    Raises: InputRejected.
    """
    columns = file.columns
    if not columns.has("authority"):
        raise rejected("The file does not say in which local authority a postcode lies.", "Use it as published.")
    counts: Counter[str] = Counter()
    for row in file.rows():
        counts[columns.cell(row, "authority")] += 1
    counts.pop("", None)
    boroughs = boroughs_of(asked, known, counts, {})
    of = vintage or columns.vintage("ward") or columns.vintage("authority") or _year_in(file.path.name)
    if not of:
        raise rejected("Neither a column nor the file's name says of which year it is.", "Say it with --vintage YEAR.")
    best_fit = "nspl" in file.path.name.lower() or "laua" in {name.lower() for name in columns.header}
    reader = _Reader(file, of, Fit.BEST_FIT if best_fit else Fit.EXACT)
    ours = [reader.read(row) for row in file.rows() if columns.cell(row, "authority") in boroughs]
    districts = {_district(row.postcode) for row in ours}
    others = [
        row
        for row in file.rows()
        if columns.cell(row, "authority") not in boroughs and _district(columns.cell(row, "postcode")) in districts
    ]
    beyond = [reader.read(row) for row in others]
    draft = Draft(SourceKind.POSTCODES, f"Postcodes, {of}, {reader.fit}", of)
    draft.rows, draft.left_out = len(ours) + len(beyond), sum(counts.values()) - len(ours) - len(beyond)
    outside = _check(ours, known, of)
    shared = {row.postcode[:-2] for row in ours} & {row.postcode[:-2] for row in beyond}
    draft.postcodes = [
        row._replace(straddles=int(row.postcode[:-2] in shared or row.postcode in outside)) for row in (*ours, *beyond)
    ]
    for code in boroughs:
        draft.add(Level.LOCAL_AUTHORITY, code, known.boroughs.get(code, ""), columns.vintage("authority") or of)
    draft.said = list(_said(ours, beyond, known, outside))
    return draft


def _year_in(name: str) -> str:
    found = re.search(r"(?<!\d)(20[0-3]\d)(?!\d)", name)
    return found[1] if found else ""


def _district(text: str) -> str:
    return text.strip().upper()[:-3].strip()


class _Reader:
    """Reads rows into postcodes, each once."""

    def __init__(self, file: Published, vintage: str, fit: Fit) -> None:
        self._columns, self._vintage, self.fit = file.columns, vintage, fit
        self._seen: dict[str, int] = {}

    def read(self, row: Row) -> PostcodeRow:
        from kingshurst_tui.intake.values import postcode

        columns = self._columns
        found = postcode(columns.cell(row, "postcode"))
        if found is None:
            raise rejected(
                f"Row {row.number:,}: {columns.cell(row, 'postcode')[:20]!r} is no postcode.",
                "Use the file as published.",
            )
        if found in self._seen:
            raise rejected(
                f"{found} is mapped twice: in row {self._seen[found]:,} and in row {row.number:,}.",
                "A postcode lies in one place; use the file as published.",
            )
        self._seen[found] = row.number
        lsoa11, lsoa21 = self._code(row, "lsoa 2011", Level.LSOA), self._code(row, "lsoa 2021", Level.LSOA)
        east, north = self._metres(row, "east", _EAST), self._metres(row, "north", _NORTH)
        if columns.cell(row, "grid") == NO_GRID:
            east = north = None
        ended = columns.cell(row, "ended").removesuffix(".0")
        return PostcodeRow(
            found,
            self._code(row, "oa 2021", Level.OUTPUT_AREA),
            lsoa11,
            lsoa21,
            self._code(row, "ward", Level.WARD),
            self._vintage,
            self._code(row, "authority", Level.LOCAL_AUTHORITY),
            east,
            north,
            self.fit.value if lsoa11 or lsoa21 else Fit.UNKNOWN.value,
            0,
            f"{ended[:4]}-{ended[4:6]}" if len(ended) == 6 and ended.isdigit() else None,
        )

    def _code(self, row: Row, role: str, level: Level) -> str | None:
        text = self._columns.cell(row, role)
        if not text or text.endswith("99999999"):
            # E99999999 stands for "no such place" in every column of the directory.
            return None
        if not is_code(text, level) and text[:1] in "EW":
            raise rejected(
                f"Row {row.number:,}: {text[:20]!r} is no code of the level {level}.", "Use the file as published."
            )
        return text if is_code(text, level) else None

    def _metres(self, row: Row, role: str, most: int) -> int | None:
        text = self._columns.cell(row, role)
        try:
            value = number(text)
        except ValueError:
            value = -1
        if value is not None and not 0 <= value <= most:
            raise rejected(
                f"Row {row.number:,}: {text[:20]!r} is no place on the national grid.", "Use it as published."
            )
        return None if value is None else round(value)


def _check(ours: list[PostcodeRow], known: Known, vintage: str) -> frozenset[str]:
    """Return the few postcodes that lie in LSOAs of another borough; refuse a file with many."""
    found: set[str] = set()
    for name, year in (("lsoa11", "2011"), ("lsoa21", "2021")):
        standing = known.of(Level.LSOA, year)
        if not standing:
            continue
        strange = {row.postcode: code for row in ours if (code := getattr(row, name)) and code not in standing}
        if len(strange) > MOST_OUTSIDE * len(ours) or any(
            known.other_vintage(code, Level.LSOA, year) for code in strange.values()
        ):
            check_vintage(strange.values(), known, Level.LSOA, year)
        found.update(strange)
    wards = {row.ward for row in ours if row.ward}
    wrong = {
        ward: (first, last)
        for ward, (first, last) in known.years.items()
        if ward in wards and (first > vintage or (last and last < vintage))
    }
    if wrong:
        named = [
            f"{ward}: from {first}" + (f" to {last}" if last else "") for ward, (first, last) in sorted(wrong.items())
        ]
        raise rejected(
            f"The file is of {vintage}, and has wards of another vintage.", "Say its year with --vintage YEAR.", named
        )
    return frozenset(found)


def _said(ours: list[PostcodeRow], beyond: list[PostcodeRow], known: Known, outside: frozenset[str]) -> list[str]:
    said = [f"{some(len(ours), 'postcode')} of {known.names}."]
    if nowhere := sum(1 for row in ours if not (row.lsoa11 or row.lsoa21)):
        said.append(
            f"{nowhere:,} of them lie in no LSOA that the file knows: what is counted there counts for no place."
        )
    for name, year in (("lsoa21", "2021"), ("lsoa11", "2011")):
        without = sorted(known.of(Level.LSOA, year) - {getattr(row, name) for row in ours})
        if without:
            listed = ", ".join(without[:SHOWN]) + (
                f" and {len(without) - SHOWN:,} more" if len(without) > SHOWN else ""
            )
            said.append(
                f"{some(len(without), 'LSOA of the borough has', 'LSOAs of the borough have')} no postcode in it: "
                f"{listed}. "
                "The file is not whole."
            )
            break
    if beyond:
        here = Counter(row.postcode[:-2] for row in ours)
        there = Counter(row.postcode[:-2] for row in beyond)
        shared = sorted(here.keys() & there.keys())
        boroughs = ", ".join(sorted({row.local_authority or "elsewhere" for row in beyond}))
        said.append(
            f"{some(len(beyond), 'postcode')} of {boroughs} in the same postcode districts: kept too, so that what is "
            "counted there is known to be elsewhere."
        )
        said += [f"{sector} lies across the edge: {here[sector]:,} here, {there[sector]:,} there." for sector in shared]
    if outside:
        said.append(f"{len(outside):,} lie by their point in the borough and by their LSOA outside of it.")
    apart, compared = disagreement(((row.lsoa21 or row.lsoa11, row.ward) for row in ours), known.wards)
    if compared:
        said.append(
            "The ward by the postcode's point and the ward that its LSOA fits best differ for "
            f"{apart:,} of {compared:,} ({100 * apart / compared:.1f} %): they are kept apart."
        )
    return said


def disagreement(places: Iterable[tuple[str | None, str | None]], wards: Mapping[str, str]) -> tuple[int, int]:
    """Return for how many postcodes two ways to a ward differ, and for how many both are known.

    Args:
        places: the LSOA of each postcode, and its ward by its point.
        wards: the ward that each LSOA fits best.
    """
    both = [(wards[lsoa], ward) for lsoa, ward in places if lsoa and ward and lsoa in wards]
    return sum(1 for fitting, ward in both if fitting != ward), len(both)
