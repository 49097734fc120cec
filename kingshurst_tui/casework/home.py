"""What waits for whoever signed in: the home screen's sections, and ``kingshurst open``'s first lines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

if TYPE_CHECKING:
    from kingshurst_tui.session import Session


@dataclass(frozen=True, slots=True)
class HomeItem:
    """One thing that waits.

    Attributes:
        thing: what kind of thing it is; with ``thing_id`` it says which screen opens.
        thing_id: a profile's pseudonym, otherwise the thing's number.
        who: a pseudonym, or a name where the profile is open; empty where it is about no person.
        words: what waits, in a line ("flagged by the three-incidents rule on 3 May 2026").
        agencies: which agencies know the person, as far as they may be named.
        due: the day by which, if any.
        warning: what must be read first ("do not approach"), or nothing.
    """

    thing: Thing
    thing_id: int | str
    who: str
    words: str
    agencies: tuple[str, ...] = ()
    due: date | None = None
    warning: str = ""


@dataclass(frozen=True, slots=True)
class HomeSection:
    """Things of one kind that wait.

    Attributes:
        code: a stable word ("approach", "actions", "reviews", "links", "consents", "agenda", "reopened").
        title: its heading.
        nothing: what to say when nothing waits.
        items: the first of them.
        total: how many there are in all.
    """

    code: str
    title: str
    nothing: str
    items: tuple[HomeItem, ...]
    total: int


def what_waits(session: Session) -> tuple[HomeSection, ...]:
    """Return what waits for this user, the most pressing section first; one audit entry for the whole page.

    Raises: StoreUnavailable.
    """
    if not session.may(Operation.CONSULT, Thing.PROFILE):
        return ()
    from db import case_reading
    from kingshurst_tui.session import Reason

    with session.act(Operation.CONSULT, Thing.PROFILE, reason=Reason(ReasonCode.CASELOAD)) as act:
        mine = act.read(case_reading.caseload, session.user.name)
        known = act.read(case_reading.by_ids, mine)
        act.concerns(row.pseudonym for row in known.values())
        items = tuple(
            HomeItem(
                Thing.PROFILE,
                known[number].pseudonym,
                known[number].pseudonym,
                "in my caseload",
                warning="Do not approach" if known[number].do_not_approach else "",
            )
            for number in mine
            if number in known
        )
    return (HomeSection("caseload", "My caseload", "Nobody is in your caseload.", items, len(items)),)
