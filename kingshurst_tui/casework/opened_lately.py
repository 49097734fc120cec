"""Which profiles consents of the last days opened: by whom, for which agency, and who agreed as a second person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import db.case_reading
import db.openings
import db.users
from kingshurst_tui.dates import say_date
from kingshurst_tui.vocabulary import Operation, Thing

if TYPE_CHECKING:
    from kingshurst_tui.acts import Act, Reason
    from kingshurst_tui.session import Session

DAYS = 7
"""How far back the list goes."""


@dataclass(frozen=True, slots=True)
class OpenedShown:
    """One profile that a consent opened.

    Attributes:
        number: the consent's.
        recorded_by: the user who handed it in.
        agency: that user's agency.
        second_person: who agreed to it, where it waited for somebody; empty where it took effect at once.
        opened_on: since when the profile is open on it.
        is_open: whether it is open today, on whatever.
    """

    number: int
    pseudonym: str
    recorded_by: str
    agency: str
    recorded_on: date
    second_person: str
    opened_on: date
    is_open: bool

    def in_words(self) -> str:
        """Return who opened it, when and with whom."""
        second = f"{self.second_person} agreed" if self.second_person else "nobody else was asked"
        closed = "" if self.is_open else "; closed since"
        return (
            f"consent {self.number}, handed in by {self.recorded_by} ({self.agency}) on {say_date(self.recorded_on)}; "
            f"{second}{closed}"
        )


def opened(act: Act) -> tuple[OpenedShown, ...]:
    """Return what consents handed in, or brought into effect, in the last days opened; the latest first."""
    since = (act.session.clock.today() - timedelta(days=DAYS)).isoformat()
    rows = act.read(db.openings.opened_since, since)
    people = act.read(db.case_reading.by_ids, {row.profile_id for row in rows})
    agencies = {user.name: user.agency_code for user in act.read(db.users.every)}
    return tuple(
        OpenedShown(
            row.consent_id,
            people[row.profile_id].pseudonym,
            row.recorded_by,
            agencies.get(row.recorded_by, "no agency"),
            date.fromisoformat(row.recorded_at[:10]),
            row.settled_by or "",
            date.fromisoformat(row.opens),
            bool(people[row.profile_id].is_open),
        )
        for row in rows
        if row.profile_id in people
    )


def listed(session: Session, reason: Reason) -> tuple[OpenedShown, ...]:
    """Return the same as a list of its own, entered. Raises: Refused."""
    with session.act(Operation.CONSULT, Thing.CONSENT, reason=reason) as act:
        found = opened(act)
        act.concerns(each.pseudonym for each in found)
        act.note(opened=len(found))
    return found
