"""MSOAs: another way of putting LSOAs together, exactly, beside wards."""

from __future__ import annotations

from collections.abc import Collection

from kingshurst_tui.places.drafts import Draft, Known, check_vintage, code_in, place_name, rejected, said_missing
from kingshurst_tui.places.fitting import add_boroughs, of_borough, once
from kingshurst_tui.places.reading import Published
from kingshurst_tui.places.vocabulary import Fit, Level, SourceKind


def lsoa_to_msoa(file: Published, known: Known, asked: Collection[str], vintage: str) -> Draft:
    """Return the MSOA in which each LSOA lies, whole (Office for National Statistics).

    Raises: InputRejected.
    """
    columns = file.columns
    of, lsoas = vintage or columns.vintage("msoa"), columns.vintage("lsoa")
    if not of or not lsoas:
        raise rejected("No column says of which year the MSOAs are.", "Say it with --vintage 2011 or 2021.")
    rows, boroughs, left_out = of_borough(file, known, asked, "lsoa", Level.LSOA, lsoas)
    draft = Draft(SourceKind.LSOA_MSOA, f"LSOAs of {lsoas} to MSOAs of {of}, exact", of, left_out=left_out)
    found: dict[str, tuple[str, str]] = {}
    for row, authority in rows:
        code, msoa = code_in(columns, row, "lsoa", Level.LSOA), code_in(columns, row, "msoa", Level.MSOA)
        once(found, code, (msoa, authority), row)
        draft.add(Level.LSOA, code, place_name(columns.cell(row, "lsoa-name")), lsoas)
        draft.add(Level.MSOA, msoa, place_name(columns.cell(row, "msoa-name")), of)
        draft.lies((Level.LSOA, code, lsoas), (Level.MSOA, msoa, of), Fit.EXACT)
    # MSOAs never cross the edge of a local authority of their time.
    for msoa, authority in sorted(set(found.values())):
        if authority:
            whole = (Level.LOCAL_AUTHORITY, authority, columns.vintage("authority"))
            draft.lies((Level.MSOA, msoa, of), whole, Fit.EXACT)
    add_boroughs(draft, boroughs, columns)
    check_vintage(found, known, Level.LSOA, lsoas)
    draft.rows = len(rows)
    draft.said = [
        f"{len(found):,} LSOAs in {len({msoa for msoa, _ in found.values()}):,} MSOAs, each whole in its own.",
        "Counts that come in by MSOA are shown by MSOA and for the borough; those by LSOA are not added up to MSOAs.",
        *said_missing(found, known, Level.LSOA, lsoas),
    ]
    return draft
