"""When a copy was last verified or tried and the store last checked, what is due next; what a restored copy lacks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import db.backups
import db.erasing
import db.users
from db.backups import DRILLED, CopyMade
from db.damage import CHECKED
from kingshurst_tui.acts import Fact, Reason
from kingshurst_tui.casework.home_parts import HomeItem, HomeSection, section
from kingshurst_tui.clock import plain_date
from kingshurst_tui.oversight.held_checkpoints import gap_of
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Operation, ReasonCode, Role, Thing

BACKUP_DAYS, DRILL_DAYS, CHECK_DAYS = "backup-reminder-days", "drill-reminder-days", "check-reminder-days"
USUAL_DAYS = {BACKUP_DAYS: 7, DRILL_DAYS: 92, CHECK_DAYS: 3}
"""Weekly copies and quarterly drills, until the partnership sets its own days. A nightly check that failed to run on
Friday is then said on Monday."""


@dataclass(frozen=True, slots=True)
class Copies:
    """The copies made of this store, and what is due for it.

    Attributes:
        copies: the newest first.
        checked_at: when `kingshurst check` last found the store whole, ISO text in UTC; empty where it never did.
        due: what should be done, in sentences; empty where nothing is due.
    """

    copies: tuple[CopyMade, ...]
    backup_days: int
    drill_days: int
    check_days: int
    checked_at: str
    due: tuple[str, ...]


def standing(session: Session) -> Copies:
    """Return the copies made, the last check and what is due; it is about nobody and needs no entry."""
    made = session.look(db.backups.every)
    days = {name: int(session.look(db.users.get_setting, name) or usual) for name, usual in USUAL_DAYS.items()}
    today = session.clock.today()
    verified = max((copy.verified_at for copy in made if copy.verified_at), default="")
    drilled = max((copy.verified_at for copy in made if copy.status == DRILLED and copy.verified_at), default="")
    checked = session.look(db.users.get_setting, CHECKED) or ""
    due = []
    if _older(checked, today, days[CHECK_DAYS]):
        due.append(f"{_last('check that found the store whole', checked)} Check it: kingshurst check STORE")
    if _older(verified, today, days[BACKUP_DAYS]):
        due.append(f"{_last('verified backup', verified)} Make one: kingshurst backup STORE FILE")
    if made and _older(drilled, today, days[DRILL_DAYS]):
        due.append(f"{_last('drill', drilled)} Try a copy: kingshurst backup STORE FILE --drill")
    return Copies(tuple(made), days[BACKUP_DAYS], days[DRILL_DAYS], days[CHECK_DAYS], checked, tuple(due))


REMINDED = frozenset({Role.ADMINISTRATOR, Role.SUPERVISOR})


def missing(session: Session) -> HomeSection | None:
    """Return the alarm about entries that a restored copy does not have, until a supervisor has confirmed it."""
    gap = gap_of(session)
    if gap is None:
        return None
    words = f"{gap.in_words()} A supervisor confirms that: kingshurst audit cosign STORE --confirm-gap"
    items = [HomeItem(Thing.AUDIT, 0, "", words, warning="Entries are missing")]
    return section("missing", "A copy of the store was brought back", "", items)


def bytes_due(session: Session) -> HomeSection | None:
    """Return that an erasure is not at its end yet, for those who see to it; opening the store tried and could not."""
    if session.user.role not in {*REMINDED, Role.GOVERNANCE} or not session.look(db.erasing.bytes_due):
        return None
    words = (
        "All rows went, but the files could not be written anew: some bytes of what was erased may still lie, "
        "encrypted, in unused parts of them. Free some space; whoever opens the store next finishes it."
    )
    items = [HomeItem(Thing.STORE, 0, "", words, warning="An erasure is not at its end")]
    return section("erased", "Erasures", "", items)


def due(session: Session) -> HomeSection | None:
    """Return which copies and checks are due, for those who see to it."""
    if session.user.role not in REMINDED:
        return None
    items = [HomeItem(Thing.STORE, 0, "", words) for words in standing(session).due]
    return section("copies", "Copies and checks", "Copies were made and tried, and the store checked, in time.", items)


def _older(when: str, today: date, days: int) -> bool:
    return not when or (today - date.fromisoformat(when[:10])).days > days


def _last(what: str, when: str) -> str:
    return f"The last {what} was on {plain_date(when[:10])}." if when else f"There was no {what} yet."


def set_days(session: Session, backup_days: int | None, drill_days: int | None, check_days: int | None = None) -> None:
    """Set after how many days home reminds. Raises: Refused."""
    asked = ((BACKUP_DAYS, backup_days), (DRILL_DAYS, drill_days), (CHECK_DAYS, check_days))
    given: dict[str, int] = {name: days for name, days in asked if days}
    facts: dict[str, Fact] = dict(given)
    with session.act(Operation.ADMINISTER, Thing.STORE, reason=Reason(ReasonCode.MAINTENANCE), facts=facts) as act:
        for name, days in given.items():
            act.write(db.users.put_setting, name, str(days))
