"""Lists of organisations and of which went into which, as published; the forms are in reading_organisations.py."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from kingshurst_tui.counting import some
from kingshurst_tui.places.drafts import Draft, Known, boroughs_of, place_name, rejected
from kingshurst_tui.places.reading import Published, Row
from kingshurst_tui.places.reading_organisations import day_of, is_ods_code, is_urn
from kingshurst_tui.places.vocabulary import Fit, Level, SourceKind

MOST_LISTED = 2_000
"""A longer list that names no local authority is the whole country's: of it those near by are kept, and all trusts."""
OF_A_TRUST = 3
"""Characters of a trust's code: trusts serve the borough's people wherever they have their post."""


def organisations(file: Published, known: Known, asked: Collection[str], vintage: str) -> Draft:
    """Return schools or health organisations with their names, postcodes, and when they opened and closed.

    Raises: InputRejected.
    """
    columns = file.columns
    level = Level.SCHOOL if columns.has("urn") else Level.ORGANISATION
    role = "urn" if level is Level.SCHOOL else "organisation"
    what = "schools" if level is Level.SCHOOL else "health organisations"
    every = list(file.rows())
    rows = _near(file, every, known, asked, role)
    draft = Draft(SourceKind.ORGANISATIONS, f"{what.capitalize()}: {place_name(file.path.stem)}", vintage)
    found: dict[str, Row] = {}
    for row in rows:
        code = _code(columns.cell(row, role), level, row)
        if code in found:
            raise rejected(
                f"Row {row.number:,} has {code} a second time.",
                "A list has each once; use it as published.",
            )
        found[code] = row
        opened, closed = _day(file, row, "opened"), _day(file, row, "closed")
        if opened and closed and closed < opened:
            raise rejected(f"Row {row.number:,}: {code} closed before it opened.", "Use the list as published.")
        draft.add(level, code, place_name(columns.cell(row, "organisation-name")), vintage, opened, closed)
        if postcode := _postcode(columns.cell(row, "postcode")):
            draft.lies((level, code, vintage), (Level.POSTCODE, postcode, ""), Fit.EXACT)
    draft.rows, draft.left_out = len(rows), len(every) - len(rows)
    ends = sum(1 for place in draft.places.values() if place.ends_on)
    draft.said = [f"{len(found):,} {what}; of {len(draft.parts):,} a postcode is given."]
    if columns.has("closed"):
        draft.said.append(f"{some(ends, 'has an end', 'have an end')} in it.")
    else:
        draft.said.append("It does not say which of them have ended.")
    return draft


def successions(file: Published, known: Known, asked: Collection[str], vintage: str) -> Draft:
    """Return which organisation went into which other one, and when.

    Raises: InputRejected.
    """
    columns = file.columns
    level = Level.SCHOOL if columns.has("urn") else Level.ORGANISATION
    role = "urn" if level is Level.SCHOOL else "organisation"
    every = list(file.rows())
    standing = known.of(level, "")
    draft = Draft(SourceKind.SUCCESSIONS, f"What organisations went into: {place_name(file.path.stem)}", vintage)
    found: dict[tuple[str, str], str] = {}
    other = 0
    for row in every:
        ended, new = _code(columns.cell(row, role), level, row), _code(columns.cell(row, "link"), level, row)
        kind = columns.cell(row, "link-type").casefold()
        if columns.has("link-type") and not kind.startswith(("successor", "predecessor")):
            other += 1
            continue
        if kind.startswith("predecessor"):
            ended, new = new, ended
        near = standing & {ended, new} or (level is Level.ORGANISATION and OF_A_TRUST in (len(ended), len(new)))
        if (standing or len(every) > MOST_LISTED) and not near:
            continue
        if ended == new:
            raise rejected(
                f"Row {row.number:,}: {ended} is said to have gone into itself.", "Use the list as published."
            )
        day = _day(file, row, "link-date")
        before = found.get((ended, new))
        if before and day and before != day:
            raise rejected(
                f"Row {row.number:,} says another day for {ended} going into {new} than an earlier row.",
                "Use the list as published.",
            )
        found[ended, new] = before or day
    for (ended, new), day in found.items():
        draft.add(level, ended, "", vintage)
        draft.add(level, new, "", vintage)
        draft.lies((level, ended, vintage), (level, new, day), Fit.SUCCEEDED)
    draft.rows = len(found)
    draft.left_out = len(every) - len(found) - other
    draft.said = [f"{some(len(found), 'organisation went', 'organisations went')} into another one."]
    if without := sum(1 for day in found.values() if not day):
        draft.said.append(f"On which day is not said of {without:,}: these hold from the day on which they closed.")
    return draft


def _near(file: Published, every: Sequence[Row], known: Known, asked: Collection[str], role: str) -> list[Row]:
    """Return the rows that are kept of a list: the borough's; of the whole country's without one, those near by."""
    columns = file.columns
    if columns.has("authority"):
        authorities = [columns.cell(row, "authority") for row in every]
        counts = Counter(each for each in authorities if each)
        boroughs = boroughs_of(asked, known, counts, {})
        return [row for row, authority in zip(every, authorities, strict=True) if authority in boroughs]
    if len(every) <= MOST_LISTED:
        return list(every)
    if not known.districts:
        raise rejected(
            f"The list has {len(every):,} organisations, and which are near by is not known yet.",
            "Take in the postcodes of the borough first (ONS Postcode Directory).",
        )
    return [
        row
        for row in every
        if len(columns.cell(row, role)) == OF_A_TRUST
        or _postcode(columns.cell(row, "postcode"))[:-3].strip() in known.districts
    ]


def _code(text: str, level: Level, row: Row) -> str:
    code = text.upper().removesuffix(".0")
    if not (is_urn(code) if level is Level.SCHOOL else is_ods_code(code)):
        what = "the unique reference number of a school (URN)" if level is Level.SCHOOL else "an ODS code"
        raise rejected(f"Row {row.number:,} has {text[:20]!r} where {what} is to stand.", "Use the list as published.")
    return code


def _day(file: Published, row: Row, role: str) -> str:
    try:
        return day_of(file.columns.cell(row, role))
    except ValueError as wrong:
        raise rejected(f"Row {row.number:,}: {str(wrong)!r} is no day.", "Use the list as published.") from None


def _postcode(text: str) -> str:
    from kingshurst_tui.intake.values import postcode

    return postcode(text) or ""
