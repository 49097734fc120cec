"""Counts of single postcodes, where a partner may share them: whole years, all categories together.

Few postcodes have ten of anything in a year; a block of flats may. A year's count of a postcode lies under that of its
LSOA and in no other line, so it is enough that each LSOA's hidden postcodes are two at least and not few together.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from kingshurst_tui.leaving.suppression_terms import Terms
from kingshurst_tui.places.protecting import Side, lots

Cell = tuple[str, str]
"""A place and a year."""


class Postcodes(NamedTuple):
    """The exact counts of postcodes by year.

    Attributes:
        counts: by postcode and year.
        lsoa: in which each lies; those without one are not in it.
    """

    counts: Mapping[Cell, int]
    lsoa: Mapping[str, str]


def protected_postcodes(
    exact: Postcodes,
    large: Mapping[Cell, int],
    terms: Terms,
    before: Mapping[Cell, int],
    published: Collection[str],
    key: bytes = b"",
) -> dict[Cell, int]:
    """Return the rounded counts that may be shown; all others are hidden.

    Args:
        exact: the counts.
        large: the exact counts of LSOAs by year, of those whose count is shown.
        terms: of the agreement.
        before: what was shown of postcodes until now.
        published: the years that were published before; what was hidden of them stays hidden.
        key: the store's own, with which it is drawn which of them are hidden beside small ones.
    """
    within: dict[str, list[str]] = {}
    for postcode, lsoa in exact.lsoa.items():
        within.setdefault(lsoa, []).append(postcode)
    shown: dict[Cell, int] = {}
    postcodes, years = sorted(exact.lsoa), sorted({year for _, year in large})
    lot = lots((Side(tuple(postcodes), {}), Side(tuple(years), {})), key)
    row, column = ({name: at for at, name in enumerate(names)} for names in (postcodes, years))
    for (lsoa, year), total in large.items():
        found = {code: exact.counts.get((code, year), 0) for code in within.get(lsoa, ())}
        may = [code for code, count in found.items() if count >= terms.under]
        if year in published:
            may = [code for code in may if (code, year) in before]
        turn = {code: found[code] * lot[row[code], column[year]] for code in may}
        may.sort(key=lambda code, turn=turn: (-turn[code], code))  # type: ignore[misc]
        rest = total - sum(found[code] for code in may)
        # Beside the hidden ones lies what a postcode that no look-up has may hold: it is no reason to show more.
        while may and len(may) < len(found) and (len(found) - len(may) < 2 or rest < terms.under - 1):
            rest += found[may.pop()]
        base = terms.base
        shown |= {(code, year): (found[code] + base // 2) // base * base for code in may}
    return shown
