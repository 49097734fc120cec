"""Counts for places and months as lines, from published cells alone: small ones hidden, incomplete months said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kingshurst_tui.places.found import ENDED
from kingshurst_tui.places.published import PublishedSet, codes_shown, shown
from kingshurst_tui.places.vocabulary import ALL, HIDDEN, NOT_KNOWN

if TYPE_CHECKING:
    from kingshurst_tui.session import Session

HIDDEN_WORD = "hidden"
"""What stands for a count under the line and for one that would give such a count away; they are not told apart."""
NOT_KNOWN_WORD = "not known"
EVERYTHING = "all"
"""The category of all together."""


@dataclass(frozen=True, slots=True)
class AreaLine:
    """One place in one month, or a quarter or year of the calendar: a category's count as it is shown.

    Attributes:
        shown: rounded, `HIDDEN_WORD` or `NOT_KNOWN_WORD`.
        complete: whether the source covered the period; where it did not, why stands in ``why``.
    """

    agreement: str
    level: str
    area: str
    month: str
    category: str
    shown: str
    complete: bool
    why: str = ""


def measures(session: Session, *, agreement: str | None = None, area: str | None = None) -> list[AreaLine]:
    """Return what this session's purpose may see today, by data set, place, period and category.

    Raises: Refused: the role sees none.
    """
    return _lines(session, agreement, area, totals=False)


def totals(session: Session, *, agreement: str | None = None, area: str | None = None) -> list[AreaLine]:
    """Return the same, all categories of a place and period together. Raises: Refused."""
    return _lines(session, agreement, area, totals=True)


def _lines(session: Session, agreement: str | None, area: str | None, *, totals: bool) -> list[AreaLine]:
    levels = codes_shown(session, agreement)
    codes = sorted(code for code in levels if area in (None, code))
    return [
        line
        for one in shown(session, codes, agreement=agreement)
        for code in codes
        if code in one.places
        for line in _of(one, code, levels[code], totals)
    ]


def _of(one: PublishedSet, code: str, level: str, totals: bool) -> list[AreaLine]:
    found = []
    for period in sorted({*one.periods, *one.incomplete}):
        absent = (gap.words for gap in one.gaps.get(code, ()) if period in gap.months and gap.kind != ENDED)
        why = one.incomplete.get(period, "") or next(absent, "")
        for category in one.categories:
            if (category == ALL) != totals:
                continue
            count = one.cell(code, period, category)
            if why and count != NOT_KNOWN:
                why = ""
            if count == NOT_KNOWN and not why:
                continue
            word = {HIDDEN: HIDDEN_WORD, NOT_KNOWN: NOT_KNOWN_WORD}.get(count, str(count))
            found.append(AreaLine(one.agreement_ref, level, code, period, category or EVERYTHING, word, not why, why))
    return found
