"""An agency's actions as a table that comes back filled in, and as tasks and days for a calendar.

A calendar is read on telephones and by whoever shares it: it names nobody and says nothing of what is to be done, but
a pseudonym and "action 12".
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from kingshurst_tui.casework.action_lists import of_agency
from kingshurst_tui.casework.action_shown import ActionShown
from kingshurst_tui.errors import InputRejected
from kingshurst_tui.vocabulary import Operation, Thing

if TYPE_CHECKING:
    from pathlib import Path

    from kingshurst_tui.acts import Reason
    from kingshurst_tui.leaving.gate import Copy, Recipient
    from kingshurst_tui.session import Session

ANSWERS = ("accepted", "declined", "in-hand", "done", "not-done")
"""What an agency may say of its action in a table that comes back."""

REPLY = ("action", "answer", "because", "words", "evidence", "your_reference")
"""Columns of a table that comes back."""

TABLE = (
    "action", "person", "what", "sought", "agency", "owner", "due", "stands",
    "answer", "because", "words", "evidence", "your_reference", "copy",
)  # fmt: skip
"""Columns of a table that goes out: the same can come back, its answers filled in."""

FORMS = {"csv": "actions", "ics": "calendar"}
"""The forms there are, and what each is to the gate."""

UID_DOMAIN = "kingshurst"
_STATUS = {"open": "NEEDS-ACTION", "done": "COMPLETED", "not-done": "CANCELLED"}


def csv_bytes(actions: Sequence[ActionShown], mark: str = "") -> bytes:
    """Return a table of actions, its answers empty but for the reference; no cell is a formula.

    Args:
        actions: in the order of the rows.
        mark: of the copy; in every row.
    """
    from kingshurst_tui.leaving import formula_guard

    rows = (
        (
            each.number, each.pseudonym, each.text, each.outcome_sought, each.owner_agency, each.owner_user,
            each.due_on.isoformat(), each.stands(), "", "", "", "", each.owner_reference, mark,
        )
        for each in actions
    )  # fmt: skip
    # An empty table says whose copy it is as well.
    return formula_guard.csv_bytes(TABLE, rows if actions else [("",) * (len(TABLE) - 1) + (mark,)])


def uid(number: int, pseudonym: str) -> str:
    """Return the name that an action has in calendars for ever; another store's action 12 has another."""
    digest = hashlib.sha256(f"{pseudonym}/{number}".encode()).hexdigest()
    return f"action-{number}-{digest[:16]}@{UID_DOMAIN}"


def ics_bytes(actions: Sequence[ActionShown], *, now: datetime, mark: str = "") -> bytes:
    """Return open actions as tasks, and their days as events for calendars that know no tasks.

    Args:
        actions: whose; those that are closed are left out.
        now: when the calendar is made, in UTC.
        mark: of the copy.
    """
    from icalendar import Calendar, Event, Todo

    calendar = Calendar()
    calendar.add("prodid", "-//Kingshurst//Actions//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", f"Actions {mark}".strip())
    for each in actions:
        if each.status != "open":
            continue
        for part, name in ((Todo(), ""), (Event(), "day-")):
            part.add("uid", name + uid(each.number, each.pseudonym))
            part.add("dtstamp", now)
            part.add("summary", f"Action {each.number} · {each.pseudonym}")
            part.add("class", "CONFIDENTIAL")
            if isinstance(part, Todo):
                part.add("due", each.due_on)
                part.add("status", _STATUS[each.status])
            else:
                part.add("dtstart", each.due_on)
                part.add("dtend", each.due_on + timedelta(days=1))
                part.add("transp", "TRANSPARENT")
            if mark:
                part.add("comment", f"Copy {mark}")
            calendar.add_component(part)
    made: bytes = calendar.to_ical()
    return made


def release(
    session: Session,
    form: str,
    *,
    agency: str,
    recipients: Sequence[Recipient],
    why: str,
    into: Path,
    reason: Reason,
    expires_on: date | None = None,
    panel: int | None = None,
) -> tuple[Copy, ...]:
    """Let an agency's open actions leave, a copy for each recipient, through the gate.

    Args:
        session: who lets them leave.
        form: "csv" or "ics".
        agency: whose actions; a recipient belongs to it.
        recipients: whom it is for, by name.
        why: in words, for supervisors.
        into: the folder.
        reason: why one acts.
        expires_on: the last day on which copies may be kept.
        panel: only what the cases of one panel gave.

    Raises: Refused, InputRejected.
    """
    from kingshurst_tui.leaving import gate

    if form not in FORMS:
        raise InputRejected("Actions do not leave in that form.", "Nothing was written.", f"One of: {', '.join(FORMS)}")
    strangers = [each.name for each in recipients if each.agency != agency]
    if strangers:
        raise InputRejected(
            f"{', '.join(strangers)}: not of {agency}.",
            "Nothing was written.",
            "An agency's actions go to its own people.",
        )
    with session.act(Operation.CONSULT, Thing.ACTION, reason=reason) as act:
        found = of_agency(act, agency, panel=panel)
        act.concerns(each.pseudonym for each in found)
        act.note(actions=len(found), list="leaving")
    now = session.clock.now()

    def body_for(recipient: Recipient) -> bytes:
        if form == "csv":
            return csv_bytes(found, recipient.mark)
        return ics_bytes(found, now=now, mark=recipient.mark)

    return gate.release(
        session,
        kind=FORMS[form],
        form=form,
        body_for=body_for,
        recipients=recipients,
        why=why,
        subjects=frozenset(each.pseudonym for each in found),
        # The panel's own words: no row of a partner's data set is in them.
        data_sets=(),
        into=into,
        name=f"actions-{agency.lower()}",
        expires_on=expires_on,
        panel=panel,
        reason=reason,
    )
