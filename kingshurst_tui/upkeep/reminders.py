"""When a copy was last verified, when one was last tried, whether the next is due; and what a restored copy lacks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import db.backups
import db.users
from db.backups import DRILLED, CopyMade
from kingshurst_tui.acts import Fact, Reason
from kingshurst_tui.casework.home_parts import HomeItem, HomeSection, section
from kingshurst_tui.clock import plain_date
from kingshurst_tui.oversight.held_checkpoints import gap_of
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Operation, ReasonCode, Role, Thing

BACKUP_DAYS, DRILL_DAYS = "backup-reminder-days", "drill-reminder-days"
USUAL_DAYS = {BACKUP_DAYS: 7, DRILL_DAYS: 92}
"""Weekly copies and quarterly drills, until the partnership sets its own days."""


@dataclass(frozen=True, slots=True)
class Copies:
    """The copies made of this store.

    Attributes:
        copies: the newest first.
        due: what should be done, in sentences; empty where nothing is due.
    """

    copies: tuple[CopyMade, ...]
    backup_days: int
    drill_days: int
    due: tuple[str, ...]


def standing(session: Session) -> Copies:
    """Return the copies made and what is due; it is about nobody and needs no entry."""
    made = session.look(db.backups.every)
    days = {name: int(session.look(db.users.get_setting, name) or usual) for name, usual in USUAL_DAYS.items()}
    today = session.clock.today()
    verified = max((copy.verified_at for copy in made if copy.verified_at), default="")
    drilled = max((copy.verified_at for copy in made if copy.status == DRILLED and copy.verified_at), default="")
    due = []
    if _older(verified, today, days[BACKUP_DAYS]):
        due.append(f"{_last('verified backup', verified)} Make one: kingshurst backup STORE FILE")
    if made and _older(drilled, today, days[DRILL_DAYS]):
        due.append(f"{_last('drill', drilled)} Try a copy: kingshurst backup STORE FILE --drill")
    return Copies(tuple(made), days[BACKUP_DAYS], days[DRILL_DAYS], tuple(due))


REMINDED = frozenset({Role.ADMINISTRATOR, Role.SUPERVISOR})


def missing(session: Session) -> HomeSection | None:
    """Return the alarm about entries that a restored copy does not have, until a supervisor has confirmed it."""
    gap = gap_of(session)
    if gap is None:
        return None
    words = f"{gap.in_words()} A supervisor confirms that: kingshurst audit cosign STORE --confirm-gap"
    items = [HomeItem(Thing.AUDIT, 0, "", words, warning="Entries are missing")]
    return section("missing", "A copy of the store was brought back", "", items)


def due(session: Session) -> HomeSection | None:
    """Return which copies are due, for those who see to it."""
    if session.user.role not in REMINDED:
        return None
    items = [HomeItem(Thing.STORE, 0, "", words) for words in standing(session).due]
    return section("copies", "Copies of the store", "Copies were made and tried in time.", items)


def _older(when: str, today: date, days: int) -> bool:
    return not when or (today - date.fromisoformat(when[:10])).days > days


def _last(what: str, when: str) -> str:
    return f"The last {what} was on {plain_date(when[:10])}." if when else f"There was no {what} yet."


def set_days(session: Session, backup_days: int | None, drill_days: int | None) -> None:
    """Set after how many days home reminds. Raises: Refused."""
    given: dict[str, int] = {
        name: days for name, days in ((BACKUP_DAYS, backup_days), (DRILL_DAYS, drill_days)) if days
    }
    facts: dict[str, Fact] = dict(given)
    with session.act(Operation.ADMINISTER, Thing.STORE, reason=Reason(ReasonCode.MAINTENANCE), facts=facts) as act:
        for name, days in given.items():
            act.write(db.users.put_setting, name, str(days))
