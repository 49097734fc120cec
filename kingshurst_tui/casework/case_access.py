"""Restricted cases: whoever is not on the list sees the mask, whatever opens the profile for others.

The views keep it (db/view_parts.py); here is who restricts a case, who keeps its list, and who ends it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import db.case_access
import db.case_reading
import db.case_writing
import db.users
from kingshurst_tui.casework.profiles_found import found, is_on_list, written_out
from kingshurst_tui.casework.words_needed import HINT, is_a_reason
from kingshurst_tui.clock import stamp
from kingshurst_tui.dates import say_date
from kingshurst_tui.errors import Changed, InputRejected, NotFound, StaleRecord
from kingshurst_tui.intake.text import clean
from kingshurst_tui.permissions import TABLE, WATCHES
from kingshurst_tui.vocabulary import Operation, Role, Thing

if TYPE_CHECKING:
    from db.case_reading import MaskedRow
    from db.users import UserRecord
    from kingshurst_tui.acts import Act, Reason
    from kingshurst_tui.session import Session

LONGEST = 2_000
KEEPERS = TABLE[Operation.ADMINISTER, Thing.CASE]
"""Roles that may keep a list they are on."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One user on a case's list; why is empty for whoever may not open the case."""

    user_name: str
    why: str
    given_by: str
    given_at: str


@dataclass(frozen=True, slots=True)
class Restriction:
    """What a restricted case says of itself, on a mask too.

    Attributes:
        why: as it was written; empty for whoever may not open the case.
        on_list: who may open it; nobody else does.
        is_mine: the acting user is on the list.
    """

    number: int
    why: str
    made_by: str
    made_at: str
    on_list: tuple[Listed, ...]
    is_mine: bool

    def in_words(self) -> str:
        """Return it in a sentence or two, for a mask."""
        from datetime import date

        day = say_date(date.fromisoformat(self.made_at[:10]))
        said = f"This case is restricted to those on its list, by {self.made_by} since {day}."
        return said if self.is_mine else f"{said} You are not on it: ask them if your work needs it."


def restriction(act: Act, profile_id: int) -> Restriction | None:
    """Return the restriction that a case is under, if any."""
    row = act.read(db.case_access.standing, profile_id)
    if row is None:
        return None
    listed = tuple(
        Listed(each.user_name, each.why, each.given_by, each.given_at)
        for each in act.read(db.case_access.on_list, profile_id)
    )
    mine = any(each.user_name == act.session.user.name for each in listed)
    return Restriction(row.id, row.why, row.made_by, row.made_at, listed, mine)


def listed(session: Session, reason: Reason) -> tuple[tuple[str, Restriction], ...]:
    """Return every restricted case by pseudonym, the oldest first. Raises: Refused."""
    with session.act(Operation.CONSULT, Thing.CASE, reason=reason) as act:
        rows = act.read(db.case_access.every_standing)
        people = act.read(db.case_reading.by_ids, {row.profile_id for row in rows})
        shown = tuple(
            (people[row.profile_id].pseudonym, each)
            for row in rows
            if row.profile_id in people and (each := restriction(act, row.profile_id)) is not None
        )
        act.concerns(pseudonym for pseudonym, _ in shown)
        act.note(restricted=len(shown))
    return shown


def restrict(session: Session, pseudonym: str, why: str, others: Sequence[str], reason: Reason) -> None:
    """Close a case to everybody but its list; whoever restricts it is on the list.

    Args:
        session: a coordinator or a supervisor.
        pseudonym: whose case; masked ones too.
        why: in words that somebody else can weigh.
        others: the users on the list besides oneself.
        reason: why one acts.

    Raises: InputRejected, NotFound, StaleRecord (it is restricted already), Refused.
    """
    if not is_a_reason(why):
        raise InputRejected("Why the case is restricted is missing.", "Nothing was changed.", HINT)
    with session.act(Operation.ADMINISTER, Thing.CASE, reason=reason) as act:
        row = _found(act, pseudonym)
        standing = act.read(db.case_access.standing, row.profile_id)
        if standing is not None:
            said = [Changed("", "This case", "", "restricted", "restricted")]
            raise StaleRecord(
                "This case is restricted already.", "Nothing was changed.", "See who is on its list.", said,
                by=standing.made_by,
            )  # fmt: skip
        names = sorted({session.user.name, *(name.strip() for name in others if name.strip())})
        _known(act, names)
        user, at, words = session.user.name, stamp(session.clock.now()), clean(why)[:LONGEST]
        act.write(db.case_access.restrict, row.profile_id, words, user, at)
        act.write(db.case_access.let_in, row.profile_id, names, words, user, at)
        _changed(act, row, "restricted", len(names))


def let_in(session: Session, pseudonym: str, name: str, why: str, reason: Reason) -> None:
    """Put somebody on a list: whoever is on it and may keep it, or a supervisor, who puts in others only.

    Raises: InputRejected, NotFound (no restriction, no such user), Refused.
    """
    if not is_a_reason(why):
        raise InputRejected("Why they need it is missing.", "Nothing was changed.", HINT)
    with session.act(Operation.ADMINISTER, Thing.CASE, reason=reason) as act:
        row = _restricted(act, pseudonym)
        if not is_on_list(act, row.profile_id):
            if session.user.role not in WATCHES:
                act.refuse("A list is kept by those who are on it.", hint="A supervisor can put somebody else on it.")
            if name == session.user.name:
                act.refuse("Nobody puts themselves on the list of a restricted case.")
        _known(act, [name])
        if name in {each.user_name for each in act.read(db.case_access.on_list, row.profile_id)}:
            raise InputRejected(f"{name} is on the list already.", "Nothing was changed.", "")
        at = stamp(session.clock.now())
        act.write(db.case_access.let_in, row.profile_id, [name], clean(why)[:LONGEST], session.user.name, at)
        _changed(act, row, "let-in", 1)


def take_off(session: Session, pseudonym: str, name: str, reason: Reason) -> None:
    """Take somebody off a list; somebody who may keep it stays on it.

    Raises: InputRejected, NotFound (no restriction, nobody of that name on it), Refused.
    """
    with session.act(Operation.ADMINISTER, Thing.CASE, reason=reason) as act:
        row = _restricted(act, pseudonym)
        _keeper(act, row)
        on_list = {each.user_name for each in act.read(db.case_access.on_list, row.profile_id)}
        if name not in on_list:
            raise NotFound("Nobody of that name is on the list.", "Nothing was changed.", "Check it.")
        if not any(_keeps(each) for each in _users(act, on_list - {name})):
            raise InputRejected(
                "Nobody who may keep the list would be left on it.",
                "Nothing was changed.",
                "Put another coordinator or supervisor on it first, or end the restriction.",
            )
        act.write(db.case_access.take_off, row.profile_id, name, session.user.name, stamp(session.clock.now()))
        _changed(act, row, "taken-off", 1)


def end(session: Session, pseudonym: str, why: str, reason: Reason) -> None:
    """End a restriction: the case opens again to whomever it is open otherwise. By somebody on its list.

    Raises: InputRejected, NotFound, Refused.
    """
    if not is_a_reason(why):
        raise InputRejected("Why the restriction ends is missing.", "Nothing was changed.", HINT)
    with session.act(Operation.ADMINISTER, Thing.CASE, reason=reason) as act:
        row = _restricted(act, pseudonym)
        _keeper(act, row)
        at = stamp(session.clock.now())
        act.write(db.case_access.lift, row.profile_id, session.user.name, at, clean(why)[:LONGEST])
        _changed(act, row, "ended", 0)


def _found(act: Act, pseudonym: str) -> MaskedRow:
    row = found(act, written_out(pseudonym))
    act.concerns([row.pseudonym])
    return row


def _restricted(act: Act, pseudonym: str) -> MaskedRow:
    row = _found(act, pseudonym)
    if act.read(db.case_access.standing, row.profile_id) is None:
        raise NotFound("This case is not restricted.", "Nothing was changed.", "")
    return row


def _keeper(act: Act, row: MaskedRow) -> None:
    if not is_on_list(act, row.profile_id):
        act.refuse("A list is kept by those who are on it.", hint="A supervisor can put somebody else on it.")


def _users(act: Act, names: set[str]) -> list[UserRecord]:
    return [each for name in sorted(names) if (each := act.read(db.users.by_name, name)) is not None]


def _keeps(user: UserRecord) -> bool:
    return user.status == "active" and user.role in {role.value for role in KEEPERS}


def _known(act: Act, names: Sequence[str]) -> None:
    records = {each.name: each for each in _users(act, set(names))}
    readers = {role.value for role in TABLE[Operation.CONSULT, Thing.PROFILE]}
    wrong = [f"{name}: is no user of this store" for name in names if name not in records]
    wrong += [f"{name}: is not active" for name, each in records.items() if each.status != "active"]
    wrong += [
        f"{name}: sees no case, being {Role(each.role)}" for name, each in records.items() if each.role not in readers
    ]
    if wrong:
        raise InputRejected(
            "The list was not changed.", "Nothing was changed.\n" + "\n".join(wrong), "Correct these.", tuple(wrong)
        )


def _changed(act: Act, row: MaskedRow, what: str, people: int) -> None:
    act.write(db.case_writing.raise_version, [row.profile_id])
    # What a session holds in memory of whom it may see is out of date.
    act.write(db.users.bump, "sight")
    act.note(case=what, people=people)
