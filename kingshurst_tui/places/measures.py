"""Counts for areas and months, small ones hidden, incomplete months said.

A small count may be one household. Counts under ten are not shown (the threshold of the ONS Longitudinal Study) and
others are rounded to five, so that no difference of two of them tells a small one. A zero is shown as a zero, and a
month that the source did not cover whole is called incomplete, never low.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import db.areas
from kingshurst_tui.errors import Refused
from kingshurst_tui.vocabulary import Operation, Thing

if TYPE_CHECKING:
    from kingshurst_tui.session import Session

SMALLEST_SHOWN = 10
ROUNDED_TO = 5
HIDDEN = "fewer than 10"


@dataclass(frozen=True, slots=True)
class AreaLine:
    """One place in one month: a category's count as it may be shown.

    Attributes:
        shown: rounded, or `HIDDEN`.
        complete: whether the source covered the month; where it did not, the count is no fall.
    """

    agreement: str
    level: str
    area: str
    month: str
    category: str
    shown: str
    complete: bool


def as_shown(count: int) -> str:
    """Return a count as it may be shown.

    Example:
        >>> [as_shown(0), as_shown(9), as_shown(12), as_shown(13)]
        ['0', 'fewer than 10', '10', '15']
    """
    if count == 0:
        return "0"
    if count < SMALLEST_SHOWN:
        return HIDDEN
    return str(ROUNDED_TO * ((count + ROUNDED_TO // 2) // ROUNDED_TO))


def measures(session: Session, *, agreement: str | None = None, area: str | None = None) -> list[AreaLine]:
    """Return the area measures that this session's purpose may see today, by data set, place, month and category.

    Raises: Refused: the role sees none.
    """
    return [
        AreaLine(
            each.agreement_ref,
            each.area_level,
            each.area_code,
            each.month,
            each.category,
            as_shown(each.counted),
            each.completeness == "complete",
        )
        for each in _current(session, agreement, area)
    ]


def totals(session: Session, *, agreement: str | None = None, area: str | None = None) -> list[AreaLine]:
    """Return the same, all categories of a place and month together. Raises: Refused."""
    sums: dict[tuple[str, str, str, str], int] = defaultdict(int)
    complete: dict[tuple[str, str, str, str], bool] = {}
    for each in _current(session, agreement, area):
        place = (each.agreement_ref, each.area_level, each.area_code, each.month)
        sums[place] += each.counted
        complete[place] = complete.get(place, True) and each.completeness == "complete"
    return [AreaLine(*place, "all", as_shown(count), complete[place]) for place, count in sums.items()]


def _current(session: Session, agreement: str | None, area: str | None) -> list[db.areas.AreaMeasure]:
    if not session.may(Operation.CONSULT, Thing.AREA_MEASURE):
        waits = session.user.is_waiting
        why = "Your role waits for a second person." if waits else f"A {session.user.role} may not see area measures."
        raise Refused(why, "Nothing was shown.", "The table of roles (docs/roles.md) says who may.")
    today = session.clock.today().isoformat()
    return session.look(db.areas.current, session.purpose, today, agreement, area)
