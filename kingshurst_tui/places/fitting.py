"""Look-ups between levels and vintages: LSOAs to wards, LSOAs to LSOAs, output areas to LSOAs, names of wards."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from itertools import pairwise
from typing import TypeVar

from kingshurst_tui.counting import some
from kingshurst_tui.places.drafts import (
    FIRST_LOOK_UP,
    Draft,
    Known,
    boroughs_of,
    check_vintage,
    code_in,
    inside,
    place_name,
    rejected,
    said_missing,
)
from kingshurst_tui.places.reading import SHOWN, Columns, Published, Row
from kingshurst_tui.places.strangers import check_strangers, said_unlisted
from kingshurst_tui.places.vocabulary import Fit, Level, SourceKind

Key = TypeVar("Key", str, tuple[str, str])
Value = TypeVar("Value")

LSOA, WARD, AUTHORITY = Level.LSOA, Level.WARD, Level.LOCAL_AUTHORITY

_CHANGES = {
    "U": Fit.UNCHANGED, "S": Fit.SPLIT, "M": Fit.MERGED, "X": Fit.IRREGULAR,
    "UNCHANGED": Fit.UNCHANGED, "SPLIT": Fit.SPLIT, "MERGED": Fit.MERGED, "IRREGULAR": Fit.IRREGULAR,
}  # fmt: skip
"""Change indicators of the Office for National Statistics; X is for changes that are neither."""


def lsoa_to_ward(file: Published, known: Known, asked: Collection[str], vintage: str) -> Draft:
    """Return the ward that each LSOA fits best. Raises: InputRejected."""
    columns = file.columns
    wards, lsoas = vintage or columns.vintage("ward"), columns.vintage("lsoa")
    if not wards or not lsoas:
        raise rejected("No column says of which year the wards are.", "Say it with --vintage YEAR.")
    rows, boroughs, left_out = of_borough(file, known, asked, "lsoa", LSOA, lsoas)
    draft = Draft(SourceKind.LSOA_WARD, f"LSOAs of {lsoas} to wards of {wards}, best fit", wards, left_out=left_out)
    found: dict[str, tuple[str, str]] = {}
    for row, authority in rows:
        code, ward = code_in(columns, row, "lsoa", LSOA), code_in(columns, row, "ward", WARD)
        once(found, code, (ward, authority), row)
        draft.add(LSOA, code, place_name(columns.cell(row, "lsoa-name")), lsoas)
        draft.add(WARD, ward, place_name(columns.cell(row, "ward-name")), wards)
        draft.lies((LSOA, code, lsoas), (WARD, ward, wards), Fit.BEST_FIT)
        if authority:
            draft.lies((LSOA, code, lsoas), (AUTHORITY, authority, columns.vintage("authority")), Fit.EXACT)
    add_boroughs(draft, boroughs, columns)
    check_vintage(found, known, LSOA, lsoas)
    _check_wards({ward for ward, _ in found.values()}, known, wards)
    check_strangers(file, boroughs, {ward for ward, _ in found.values()}, known, wards)
    draft.rows = len(rows)
    draft.said = [
        f"{len(found):,} LSOAs in {len({ward for ward, _ in found.values()}):,} wards, each in its best fit.",
        *said_missing(found, known, LSOA, lsoas),
    ]
    draft.said += said_unlisted({ward for ward, _ in found.values()}, known)
    if ended := sorted({known.years[ward][1] for ward, _ in found.values() if known.years.get(ward, ("", ""))[1]}):
        draft.said.append(f"Wards among them end in {', '.join(ended)}.")
    return draft


def lsoa_to_lsoa(file: Published, known: Known, asked: Collection[str], vintage: str) -> Draft:
    """Return what became of each LSOA from one census to the next. Raises: InputRejected."""
    columns = file.columns
    if len(columns.vintages.get("lsoa", ())) != 2:
        raise rejected("A look-up between LSOAs has two columns of codes, each with its year.", "Use it as published.")
    before, after = columns.vintages["lsoa"]
    rows, boroughs, left_out = of_borough(file, known, asked, f"lsoa {after}", LSOA, after)
    draft = Draft(SourceKind.LSOA_LSOA, f"LSOAs of {before} to {after}", f"{before}-{after}", left_out=left_out)
    pairs: dict[tuple[str, str], str] = {}
    authorities: dict[str, str] = {}
    for row, authority in rows:
        old, new = code_in(columns, row, "lsoa", LSOA, before), code_in(columns, row, "lsoa", LSOA, after)
        fit = _CHANGES.get(columns.cell(row, "change").upper())
        if fit is None and columns.has("change"):
            raise rejected(
                f"Row {row.number:,} has the change {columns.cell(row, 'change')[:20]!r}: it is none of U, S, M, X.",
                "Use the file as published.",
            )
        once(pairs, (old, new), authority, row)
        draft.add(LSOA, old, place_name(columns.cell(row, "lsoa-name", before)), before)
        draft.add(LSOA, new, place_name(columns.cell(row, "lsoa-name", after)), after)
        draft.lies((LSOA, old, before), (LSOA, new, after), fit or Fit.UNKNOWN)
        if authority:
            authorities[new] = authority
    for new, authority in authorities.items():
        draft.lies((LSOA, new, after), (AUTHORITY, authority, columns.vintage("authority")), Fit.EXACT)
    _check_changes(draft, bool(columns.has("change")))
    add_boroughs(draft, boroughs, columns)
    check_vintage({old for old, _ in pairs}, known, LSOA, before)
    check_vintage({new for _, new in pairs}, known, LSOA, after)
    draft.rows = len(rows)
    fits = Counter(part.fit for part in draft.parts if part.to_level == LSOA)
    draft.said = [
        f"{len({old for old, _ in pairs}):,} LSOAs of {before}, {len({new for _, new in pairs}):,} of {after}: "
        + ", ".join(f"{number:,} {fit}" for fit, number in sorted(fits.items()))
    ]
    return draft


def _check_changes(draft: Draft, stated: bool) -> None:
    """Compare what the file says became of LSOAs with its own rows; work it out where it says nothing."""
    ups: dict[str, set[str]] = defaultdict(set)
    downs: dict[str, set[str]] = defaultdict(set)
    steps = [part for part in draft.parts if part.to_level == LSOA]
    for part in steps:
        ups[part.from_code].add(part.to_code)
        downs[part.to_code].add(part.from_code)
    made, wrong = [], []
    for part in draft.parts:
        if part.to_level != LSOA:
            made.append(part)
            continue
        to, fro = len(ups[part.from_code]), len(downs[part.to_code])
        fit = {(True, True): Fit.UNCHANGED, (False, True): Fit.SPLIT, (True, False): Fit.MERGED}.get(
            (to == 1, fro == 1), Fit.IRREGULAR
        )
        if stated and part.fit != fit and part.fit != Fit.IRREGULAR:
            wrong.append(
                f"{part.from_code} is said to be {part.fit}, and lies in {to} of the new; {fro} lie in that one"
            )
        made.append(part if stated else part._replace(fit=fit.value))
    if wrong:
        raise rejected(
            "The look-up maps LSOAs otherwise than its change codes say.",
            "A code may be there twice; use the file as published.",
            wrong,
        )
    draft.parts = made


def output_area_to_lsoa(file: Published, known: Known, asked: Collection[str], vintage: str) -> Draft:
    """Return the LSOA in which each output area lies. Raises: InputRejected."""
    columns = file.columns
    year = columns.vintage("oa")
    lsoas = year if year in columns.vintages.get("lsoa", ()) else columns.vintage("lsoa")
    rows, boroughs, left_out = of_borough(file, known, asked, "lsoa", LSOA, lsoas)
    title = f"Output areas to LSOAs, {year}, exact"
    draft = Draft(SourceKind.OUTPUT_AREA_LSOA, title, year, left_out=left_out)
    found: dict[str, str] = {}
    for row, authority in rows:
        area, lsoa = code_in(columns, row, "oa", Level.OUTPUT_AREA), code_in(columns, row, "lsoa", LSOA, lsoas)
        once(found, area, lsoa, row)
        draft.add(Level.OUTPUT_AREA, area, "", year)
        if (LSOA.value, lsoa, lsoas) not in draft.places and authority:
            draft.lies((LSOA, lsoa, lsoas), (AUTHORITY, authority, columns.vintage("authority")), Fit.EXACT)
        draft.add(LSOA, lsoa, place_name(columns.cell(row, "lsoa-name")), lsoas)
        draft.lies((Level.OUTPUT_AREA, area, year), (LSOA, lsoa, lsoas), Fit.EXACT)
    add_boroughs(draft, boroughs, columns)
    check_vintage(found.values(), known, LSOA, lsoas)
    draft.rows = len(rows)
    draft.said = [f"{len(found):,} output areas in {len(set(found.values())):,} LSOAs."]
    return draft


def ward_names(file: Published, known: Known, asked: Collection[str], vintage: str) -> Draft:
    """Return wards with their names and the year from which each stands. Raises: InputRejected."""
    columns = file.columns
    if not columns.has("authority"):
        raise rejected("The file does not say in which local authority each ward lies.", "Use it as published.")
    rows, boroughs, left_out = of_borough(file, known, asked, "ward", WARD, "")
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for row, authority in rows:
        code, name = code_in(columns, row, "ward", WARD), place_name(columns.cell(row, "ward-name"))
        year = columns.cell(row, "from-year").removesuffix(".0") or vintage or columns.vintage("ward")
        if not (year.isdigit() and len(year) == 4):
            raise rejected(f"Row {row.number:,} does not say of which year the ward is.", "Say it with --vintage YEAR.")
        once(found, (code, year), (name, authority), row)
    years = sorted({year for _, year in found})
    title = f"Names of wards of {' and '.join(years)}"
    draft = Draft(SourceKind.WARD_NAMES, title, "-".join(years), rows=len(rows), left_out=left_out)
    lists = {year: {code: name for (code, of), (name, _) in found.items() if of == year} for year in years}
    for (code, year), (name, authority) in found.items():
        first = min(of for each, of in found if each == code)
        draft.add(WARD, code, name, year, first if len(years) > 1 else "", _last_year(code, year, lists))
        if year == first:
            draft.lies((WARD, code, year), (AUTHORITY, authority, columns.vintage("authority")), Fit.EXACT)
    add_boroughs(draft, boroughs, columns)
    draft.said = _what_ends(lists)
    standing = {
        ward for (level, of), codes in known.codes.items() if level == WARD for ward in codes if of <= years[-1]
    }
    if strange := sorted(standing - {code for code, _ in found}):
        draft.said.append(
            f"{some(len(strange), 'ward of a look-up that stands is', 'wards of look-ups that stand are')} not on it: "
            f"{', '.join(strange[:SHOWN])}. If it is another borough's, take the look-up back (places take-back)."
        )
    return draft


_WHOLE = 0.75
"""A list of a year is taken for whole, so that who is not on it has ended, if it has this share of the wards before."""


def _last_year(code: str, year: str, lists: dict[str, dict[str, str]]) -> str:
    """Return the last year of a ward: the one before the first later list, if whole, that it is not on."""
    size = len(lists[year])
    missing = [of for of, listed in lists.items() if of > year and code not in listed and len(listed) >= _WHOLE * size]
    return str(int(min(missing)) - 1) if missing else ""


def _what_ends(lists: dict[str, dict[str, str]]) -> list[str]:
    said = []
    for before, after in pairwise(sorted(lists)):
        old, new = lists[before], lists[after]
        gone = {code: name for code, name in old.items() if code not in new}
        if len(new) < _WHOLE * len(old):
            said.append(f"The list of {after} is not whole: which wards of {before} go on is not known.")
            continue
        come = len(new.keys() - old.keys())
        said.append(
            f"{some(len(gone), 'ward ends', 'wards end')} in {int(after) - 1}; "
            f"{some(come, 'ward begins', 'wards begin')} in {after}, with codes of their own."
        )
        names = {name.replace("&", "and") for name in new.values()}
        nameless = [f"{name} ({code})" for code, name in gone.items() if name.replace("&", "and") not in names]
        if nameless:
            said.append(f"No ward of {after} has the name of: {', '.join(sorted(nameless))}.")
        if gone:
            said.append("Figures from before and after are not set side by side, unless rebuilt from LSOAs.")
    return said


def of_borough(
    file: Published, known: Known, asked: Collection[str], role: str, level: Level, vintage: str
) -> tuple[list[tuple[Row, str]], dict[str, str], int]:
    """Return the rows about the borough with its code, the boroughs, and how many rows are about others."""
    columns = file.columns
    every = list(file.rows())
    if columns.has("authority"):
        codes = [columns.cell(row, "authority") for row in every]
        names = {code: place_name(columns.cell(row, "authority-name")) for row, code in zip(every, codes, strict=True)}
        boroughs = boroughs_of(asked, known, Counter(codes), names)
        rows = [(row, code) for row, code in zip(every, codes, strict=True) if code in boroughs]
        return rows, boroughs, len(every) - len(rows)
    if not known.boroughs:
        raise rejected("The file names no local authority, and no borough is known yet.", FIRST_LOOK_UP)
    at = columns.at[role]
    ours = inside({str(row.cells[at]).strip() for row in every}, known, level, vintage)
    rows = [(row, "") for row in every if str(row.cells[at]).strip() in ours]
    return rows, {}, len(every) - len(rows)


def once(found: dict[Key, Value], key: Key, value: Value, row: Row) -> None:
    """Add what a row maps. Raises: InputRejected: an earlier row mapped it."""
    if key in found:
        said = " with ".join(key) if isinstance(key, tuple) else str(key)
        raise rejected(
            f"Row {row.number:,} maps {said} a second time.",
            "A look-up names each place once; use the file as published.",
        )
    found[key] = value


def add_boroughs(draft: Draft, boroughs: dict[str, str], columns: Columns) -> None:
    """Add the local authorities that a file names."""
    for code, name in boroughs.items():
        draft.add(AUTHORITY, code, name, columns.vintage("authority"))


def _check_wards(wards: Collection[str], known: Known, vintage: str) -> None:
    """Make sure that wards of a year are wards in that year, as far as the names of wards say."""
    wrong = [
        f"{ward} begins in {known.years[ward][0]}" if known.years[ward][0] > vintage else
        f"{ward} ends in {known.years[ward][1]}"
        for ward in sorted(wards)
        if ward in known.years
        and (known.years[ward][0] > vintage or (known.years[ward][1] and known.years[ward][1] < vintage))
    ]  # fmt: skip
    if wrong:
        raise rejected(
            f"The file says wards of {vintage}, and has codes of another vintage.",
            "Use the look-up for that year, or say which it is with --vintage YEAR.",
            wrong,
        )
