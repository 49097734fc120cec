"""What somebody is to do, by when, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import db.case_reading
import db.case_writing
import db.decisions
import db.users
from db.decisions import ActionRow
from kingshurst_tui.acts import Reason
from kingshurst_tui.casework.decisions import open_row
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import InputRejected, NotFound, StaleRecord, differing
from kingshurst_tui.intake.text import clean
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Operation, Thing

NOT_DONE_BECAUSE = {
    "circumstances-changed": "circumstances changed",
    "agency-did-not-act": "the agency did not act",
    "person-declined": "the person declined",
    "no-resource": "there was no resource",
}
"""Why an action was not done; the second is the one that somebody should follow up."""

LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class ActionShown:
    """One action.

    Attributes:
        status: "open", "done" or "not-done".
        because: why it was not done, a key of NOT_DONE_BECAUSE; else empty.
        overdue: it is open and its day has passed.
    """

    number: int
    pseudonym: str
    decision: int | None
    text: str
    owner_agency: str
    owner_user: str
    due_on: date
    status: str
    because: str
    note: str
    closed_by: str
    overdue: bool


def add(
    session: Session,
    pseudonym: str,
    text: str,
    *,
    owner_agency: str,
    due_on: date,
    owner_user: str = "",
    decision: int | None = None,
    reason: Reason,
) -> int:
    """Record an action about an open profile and return its number.

    Raises: InputRejected, NotFound, Refused.
    """
    words = clean(text)
    with session.act(Operation.ALTER, Thing.ACTION, reason=reason) as act:
        row = open_row(act, pseudonym, "acted for")
        wrong = []
        if not words or len(words) > LONGEST:
            wrong.append(f"what is to be done: say it in 1 to {LONGEST} letters")
        if owner_agency not in act.read(db.users.agencies):
            wrong.append("owner agency: is no partner agency")
        if owner_user and act.read(db.users.by_name, owner_user) is None:
            wrong.append("owner: is no user of this store")
        if due_on < session.clock.today():
            wrong.append("due: lies in the past")
        if decision is not None and decision not in {
            each.id for each in act.read(db.decisions.of_profile, row.profile_id)
        }:
            wrong.append("decision: is not about this profile")
        if wrong:
            raise InputRejected(
                "The action was not recorded.",
                "Nothing was changed.\n" + "\n".join(wrong),
                "Correct these.",
                tuple(wrong),
            )
        number = act.write(
            db.decisions.add_action,
            profile_id=row.profile_id,
            decision_id=decision,
            text=words,
            owner_agency=owner_agency,
            owner_user=owner_user or None,
            due_on=due_on.isoformat(),
        )
        act.write(db.case_writing.raise_version, [row.profile_id])
        act.note(action=number)
    return number


def close(
    session: Session,
    number: int,
    *,
    done: bool,
    because: str = "",
    note: str = "",
    reason: Reason,
    over: str | int | None = None,
) -> None:
    """Say that an action was done, or was not and why.

    Args:
        session: who says so.
        number: the action's.
        done: whether it was done.
        because: why not, a key of NOT_DONE_BECAUSE.
        note: in words.
        reason: why one acts.
        over: what somebody else said of it, as their StaleRecord handed it over; it then stands in the note.

    Raises: InputRejected, NotFound (no such action of an open profile), StaleRecord (somebody has said already what
        came of it), Refused.
    """
    if done == bool(because) or (because and because not in NOT_DONE_BECAUSE):
        raise InputRejected(
            "What came of the action is not clear.",
            "Nothing was changed.",
            f"Say that it was done, or why not: {', '.join(NOT_DONE_BECAUSE)}.",
        )
    with session.act(Operation.ALTER, Thing.ACTION, reason=reason) as act:
        found = act.read(db.decisions.action_by_id, number)
        if found is None:
            raise NotFound("There is no such open action.", "Nothing was changed.", "Check its number.")
        words = clean(note)[:LONGEST]
        if found.status != "open":
            if over != _closing(found):
                raise _closed_already(found, "done" if done else "not-done", because, words)
            # What somebody else said of it is not written over.
            earlier = ": ".join(part for part in (_came_of(found.status, found.not_done_because), found.closing_note)
                                if part)
            words = f"{words}\nBefore, by {found.closed_by}: {earlier}".strip()
        person = act.read(db.case_reading.by_id, found.profile_id)
        act.concerns([person.pseudonym] if person else [])
        act.write(
            db.decisions.close_action,
            number,
            "done" if done else "not-done",
            because or None,
            words,
            session.user.name,
            stamp(session.clock.now()),
        )
        act.write(db.case_writing.raise_version, [found.profile_id])
        act.note(action=number, done=done, because=because or None)


def _closed_already(found: ActionRow, status: str, because: str, note: str) -> StaleRecord:
    titles = {"outcome": "What came of it", "note": "A note"}
    return StaleRecord(
        "Somebody said already what came of this action.",
        "Nothing was changed.",
        "Over it, yours stands and theirs goes into the note.",
        differing(
            titles,
            theirs={"outcome": _came_of(found.status, found.not_done_because), "note": found.closing_note or ""},
            mine={"outcome": _came_of(status, because), "note": note},
            began={"outcome": "open"},
        ),
        by=found.closed_by or "",
        over=_closing(found),
    )


def _closing(found: ActionRow) -> str:
    return f"{found.status} {found.closed_by} {found.closed_at}"


def _came_of(status: str, because: str | None) -> str:
    return "done" if status == "done" else f"not done: {NOT_DONE_BECAUSE.get(because or '', because)}"


def shown_action(row: ActionRow, pseudonym: str, today: date) -> ActionShown:
    """Return an action as it is shown."""
    due = date.fromisoformat(row.due_on)
    return ActionShown(
        row.id,
        pseudonym,
        row.decision_id,
        row.text,
        row.owner_agency,
        row.owner_user or "",
        due,
        row.status,
        row.not_done_because or "",
        row.closing_note or "",
        row.closed_by or "",
        row.status == "open" and due < today,
    )
