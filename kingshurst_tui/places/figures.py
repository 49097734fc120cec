"""Published figures of places: how many live there, how deprived they are. Blank is suppressed, and never nought."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection

from db.places import FigureRow
from kingshurst_tui.counting import some
from kingshurst_tui.places.drafts import (
    FIRST_LOOK_UP,
    Draft,
    Known,
    boroughs_of,
    check_vintage,
    inside,
    place_name,
    rejected,
    said_missing,
)
from kingshurst_tui.places.reading import SHOWN, Column, Published, Row, level_of, number
from kingshurst_tui.places.vocabulary import IN_WORDS, Figure, Fit, Level, SourceKind

LSOAS_OF_ENGLAND = 32_844
"""LSOAs of 2011 in England: the last rank of the Indices of Deprivation 2019. Those of 2021 are 33,755."""

_MOST_RANK = {"2011": LSOAS_OF_ENGLAND, "2021": 33_755}
_PARTS = ("dependent-children-aged-0-15", "population-aged-16-59", "older-population-aged-60-and-over")
"""Ages that together are everybody (Indices of Deprivation, File 6)."""


def population(file: Published, known: Known, asked: Collection[str], vintage: str) -> Draft:
    """Return how many live in each place. Raises: InputRejected."""
    draft = _figures(file, known, asked, vintage, SourceKind.POPULATION)
    residents = [each for each in draft.figures if each.figure == Figure.RESIDENTS]
    if not residents or not all(year for _, year in draft.figures_of):
        raise rejected("No column says of which year the residents are.", "Say it with --year, such as mid-2022.")
    by_level = Counter(IN_WORDS[Level(each.level)] for each in residents)
    year = residents[0].year
    draft.title = f"Residents, {year}, by {' and '.join(sorted(by_level))} of {draft.vintage}"
    live = sum(each.value or 0 for each in residents if IN_WORDS[Level(each.level)] == min(by_level))
    draft.said.insert(0, f"{live:,.0f} residents in {by_level[min(by_level)]:,} places ({year}).")
    return draft


def deprivation(file: Published, known: Known, asked: Collection[str], vintage: str) -> Draft:
    """Return ranks and deciles of deprivation, and what else the Indices give. Raises: InputRejected."""
    draft = _figures(file, known, asked, vintage, SourceKind.DEPRIVATION)
    years = sorted({year for figure, year in draft.figures_of if figure != Figure.RESIDENTS})
    names = sorted({figure for figure, _ in draft.figures_of})
    draft.title = f"Indices of Deprivation {' '.join(years)} by LSOA of {draft.vintage}: {_what(names)}"
    deciles = Counter(int(each.value or 0) for each in draft.figures if each.figure == Figure.IMD_DECILE)
    if deciles:
        draft.said.insert(0, f"{some(deciles[1], 'LSOA is', 'LSOAs are')} among the most deprived tenth of England.")
    else:
        draft.said.insert(0, "It has no overall rank or decile (those are in Files 1, 2 and 7).")
    return draft


def _what(names: list[str]) -> str:
    if set(names) == {Figure.IMD_RANK.value, Figure.IMD_DECILE.value}:
        return "rank and decile"
    return f"{len(names)} figures"


def _figures(file: Published, known: Known, asked: Collection[str], vintage: str, kind: SourceKind) -> Draft:
    columns = file.columns
    at = columns.at.get("lsoa", columns.at.get("code"))
    every = list(file.rows())
    if at is None or not columns.figures:
        raise rejected("The file has no column of codes with figures beside it.", "Use the file as published.")
    codes = [str(row.cells[at]).strip() for row in every]
    draft = Draft(kind, "", vintage or columns.vintage("lsoa") or columns.vintage("lsoa-name"))
    draft.vintage = draft.vintage or _vintage_by_codes(codes, known)
    wanted = _wanted(file, every, codes, known, asked, draft)
    seen: set[str] = set()
    suppressed: Counter[str] = Counter()
    for row, code in zip(every, codes, strict=True):
        if code not in wanted:
            continue
        if code in seen:
            raise rejected(
                f"Row {row.number:,} has {code} a second time.", "Each place stands once; use it as published."
            )
        seen.add(code)
        level = level_of(code) or Level.LSOA
        draft.add(level, code, place_name(columns.cell(row, "lsoa-name")), draft.vintage)
        values: dict[str, float | None] = {}
        for column in columns.figures:
            values[column.figure] = value = _value(row, column, columns.header, draft.vintage)
            suppressed[column.figure] += value is None
            draft.figures.append(FigureRow(level.value, code, column.figure, column.year, value))
        _add_up(row, values)
    draft.rows, draft.left_out = len(seen), len(every) - len(seen)
    draft.said += said_missing(seen, known, Level.LSOA, draft.vintage)
    if hidden := {figure: count for figure, count in suppressed.items() if count}:
        first = [f"{figure} for {count:,}" for figure, count in list(hidden.items())[:SHOWN]]
        draft.said.append(
            f"{sum(hidden.values()):,} cells are suppressed by the publisher, and not known: {', '.join(first)}"
        )
    return draft


def _wanted(
    file: Published, every: list[Row], codes: list[str], known: Known, asked: Collection[str], draft: Draft
) -> frozenset[str]:
    """Return the codes of the borough's places in a file of figures."""
    columns, vintage = file.columns, draft.vintage
    if columns.has("authority"):
        authorities = [columns.cell(row, "authority") for row in every]
        names = {code: columns.cell(row, "authority-name") for row, code in zip(every, authorities, strict=True)}
        boroughs = boroughs_of(asked, known, Counter(authorities), names)
        ours = frozenset(code for code, authority in zip(codes, authorities, strict=True) if authority in boroughs)
        for code in sorted(ours):
            if level_of(code) is None:
                raise rejected(f"{code[:20]!r} is no code of a place.", "Use the file as published.")
        check_vintage((code for code in ours if level_of(code) == Level.LSOA), known, Level.LSOA, vintage)
        for code, name in boroughs.items():
            draft.add(Level.LOCAL_AUTHORITY, code, place_name(name), columns.vintage("authority"))
        for code, authority in dict(zip(codes, authorities, strict=True)).items():
            if code in ours:
                part = (level_of(code) or Level.LSOA, code, vintage)
                draft.lies(part, (Level.LOCAL_AUTHORITY, authority, columns.vintage("authority")), Fit.EXACT)
        return ours
    lsoas = [code for code in codes if level_of(code) == Level.LSOA]
    others = frozenset(code for code in codes if code in known.boroughs or code in known.years)
    if not lsoas and others:
        return others
    if not lsoas:
        raise rejected("No code in it is a code of an LSOA.", FIRST_LOOK_UP, codes)
    return inside(lsoas, known, Level.LSOA, vintage) | others


def _vintage_by_codes(codes: Collection[str], known: Known) -> str:
    """Return the newest vintage of LSOAs whose codes are all in a file that does not say of which it is."""
    given = set(codes)
    for vintage in sorted((v for level, v in known.codes if level == Level.LSOA), reverse=True):
        if known.of(Level.LSOA, vintage) <= given:
            return vintage
    raise rejected("No column says of which year the LSOAs are.", "Say it with --vintage 2011 or 2021.")


def _value(row: Row, column: Column, header: Collection[str], vintage: str) -> float | None:
    text = str(row.cells[column.place])
    name = list(header)[column.place]
    try:
        value = number(text)
    except ValueError as wrong:
        raise rejected(
            f"Row {row.number:,}, column {name!r}: {str(wrong)!r} is no number.", "Use the file as published."
        ) from None
    if value is None:
        return None
    people = column.figure == Figure.RESIDENTS or "aged-" in column.figure
    whole = people or column.figure.endswith(("-rank", "-decile"))
    least, most = 0.0, float("inf")
    if column.figure.endswith("-decile"):
        least, most = 1, 10
    elif column.figure.endswith("-rank"):
        least, most = 1, _MOST_RANK.get(vintage, 40_000)
    elif not people:
        least = -float("inf")
    if not least <= value <= most or (whole and value != int(value)):
        what = "a number of people" if people else column.figure
        raise rejected(
            f"Row {row.number:,}, column {name!r}: {text.strip()[:20]} is not {what}.", "Use it as published."
        )
    return value


def _add_up(row: Row, values: dict[str, float | None]) -> None:
    parts = [values.get(part) for part in _PARTS]
    total = values.get(Figure.RESIDENTS)
    known = [part for part in parts if part is not None]
    if total is not None and len(known) == len(_PARTS) and sum(known) != total:
        raise rejected(
            f"Row {row.number:,}: the total of {total:,.0f} is not the sum of its ages, {sum(known):,.0f}.",
            "A cell was changed or cut off; use the file as published.",
        )


def years_of(figures: Collection[FigureRow]) -> dict[str, list[str]]:
    """Return the years of each figure, oldest first."""
    found: dict[str, set[str]] = defaultdict(set)
    for each in figures:
        found[each.figure].add(each.year)
    return {figure: sorted(years, key=lambda year: year.removeprefix("mid-")) for figure, years in found.items()}
