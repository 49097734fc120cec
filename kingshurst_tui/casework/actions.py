"""What somebody is to do, by when, and what came of it; its lists are in action_lists.py."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import db.actions
import db.case_reading
import db.case_writing
import db.decisions
import db.users
from db.actions import NewAction
from db.decisions import ActionRow
from kingshurst_tui.acts import Reason
from kingshurst_tui.casework.action_shown import NOT_DONE_BECAUSE, came_of
from kingshurst_tui.casework.profiles_found import open_row
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import InputRejected, NotFound, StaleRecord, differing
from kingshurst_tui.intake.text import clean
from kingshurst_tui.permissions import SPEAKS_FOR_EVERY_AGENCY
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Intervention, Operation, Thing

if TYPE_CHECKING:
    from db.case_reading import MaskedRow
    from kingshurst_tui.acts import Act

LONGEST = 2_000


def add(
    session: Session,
    pseudonym: str,
    text: str,
    *,
    owner_agency: str,
    due_on: date,
    owner_user: str = "",
    decision: int | None = None,
    outcome_sought: str = "",
    panel_case: int | None = None,
    intervention: str = "",
    reason: Reason,
) -> int:
    """Record an action about an open profile and return its number.

    Args:
        session: who records it.
        pseudonym: about whom.
        text: what is to be done.
        owner_agency: whose it is, a partner's code.
        due_on: by when.
        owner_user: who of the agency does it, where that is known.
        decision: the decision that it follows from.
        outcome_sought: what is to be better for the person when it is done.
        panel_case: the case of the panel that gave it.
        intervention: what kind of thing it does (vocabulary.Intervention), to tell across cases what came of it.
        reason: why one acts.

    Raises: InputRejected, NotFound, Refused.
    """
    with session.act(Operation.ALTER, Thing.ACTION, reason=reason) as act:
        row = open_row(act, pseudonym, "acted for")
        number = add_in(
            act,
            row,
            text,
            owner_agency=owner_agency,
            due_on=due_on,
            owner_user=owner_user,
            decision=decision,
            outcome_sought=outcome_sought,
            panel_case=panel_case,
            intervention=intervention,
        )
    return number


def add_in(
    act: Act,
    row: MaskedRow,
    text: str,
    *,
    owner_agency: str,
    due_on: date,
    owner_user: str = "",
    decision: int | None = None,
    outcome_sought: str = "",
    panel_case: int | None = None,
    intervention: str = "",
) -> int:
    """Do so inside an act under way; the profile is open. Raises: InputRejected."""
    words, sought = clean(text), clean(outcome_sought)
    wrong = []
    if not words or len(words) > LONGEST:
        wrong.append(f"text: say what is to be done in 1 to {LONGEST} letters")
    if len(sought) > LONGEST:
        wrong.append(f"outcome_sought: say it in at most {LONGEST} letters")
    if intervention and intervention not in list(Intervention):
        wrong.append(f"kind: one of {', '.join(Intervention)}")
    wrong += wrong_owner(act, owner_agency, owner_user)
    if due_on < act.session.clock.today():
        wrong.append("due_on: lies in the past")
    if decision is not None and decision not in {each.id for each in act.read(db.decisions.of_profile, row.profile_id)}:
        wrong.append("decision: is not about this profile")
    if wrong:
        raise InputRejected(
            "The action was not recorded.",
            "Nothing was changed.\n" + "\n".join(wrong),
            "Correct these.",
            tuple(wrong),
        )
    number = act.write(
        db.actions.add,
        NewAction(
            row.profile_id,
            decision,
            words,
            owner_agency,
            owner_user or None,
            due_on.isoformat(),
            sought,
            panel_case,
            intervention,
        ),
    )
    if owner_user == act.session.user.name:
        # What somebody takes on themselves they need not be asked.
        act.write(db.actions.answer, number, "accepted", owner_user, "")
    act.write(db.case_writing.raise_version, [row.profile_id])
    act.note(action=number)
    return number


def wrong_owner(act: Act, agency: str, user: str) -> list[str]:
    """Return what is wrong with an owner, in sentences."""
    if agency not in act.read(db.users.agencies):
        return ["owner_agency: is no partner agency"]
    found = act.read(db.users.by_name, user) if user else None
    if user and found is None:
        return ["owner_user: is no user of this store"]
    if found is not None and found.agency_code != agency:
        return ["owner_user: belongs to another agency"]
    return []


def close(
    session: Session,
    number: int,
    *,
    done: bool,
    because: str = "",
    note: str = "",
    evidence: str = "",
    reason: Reason,
    over: str | int | None = None,
) -> None:
    """Say that an action was done, or was not and why.

    Args:
        session: who says so: somebody of the agency whose it is, or a coordinator for it.
        number: the action's.
        done: whether it was done.
        because: why not, a key of NOT_DONE_BECAUSE.
        note: in words.
        evidence: what shows it.
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
        close_in(act, number, done=done, because=because, note=note, evidence=evidence, over=over)


def close_in(
    act: Act,
    number: int,
    *,
    done: bool,
    because: str = "",
    note: str = "",
    evidence: str = "",
    over: str | int | None = None,
) -> None:
    """Do so inside an act under way. Raises: NotFound, StaleRecord, Refused."""
    session = act.session
    found, entered_for = found_to_change(act, number)
    words, shows = clean(note)[:LONGEST], clean(evidence)[:LONGEST]
    if found.status != "open":
        if over != _closing(found):
            raise _closed_already(found, "done" if done else "not-done", because, words)
        # What somebody else said of it is not written over.
        earlier = ": ".join(
            part for part in (came_of(found.status, found.not_done_because), found.closing_note) if part
        )
        words = f"{words}\nBefore, by {found.closed_by}: {earlier}".strip()
    at = stamp(session.clock.now())
    status = "done" if done else "not-done"
    act.write(db.actions.close, number, status, because or None, words, session.user.name, at)
    if shows:
        act.write(db.actions.put_evidence, number, shows)
        act.write(db.actions.add_step, number, found.profile_id, "evidence", shows, session.user.name, entered_for, at)
    act.write(db.actions.add_step, number, found.profile_id, status, words, session.user.name, entered_for, at)
    act.write(db.case_writing.raise_version, [found.profile_id])
    act.note(action=number, done=done, because=because or None)


def found_to_change(act: Act, number: int) -> tuple[ActionRow, str]:
    """Return an action and for whom the user enters what they say: empty for their own agency's.

    Raises: NotFound, Refused (another agency's).
    """
    found = act.read(db.decisions.action_by_id, number)
    if found is None:
        raise NotFound("There is no such open action.", "Nothing was changed.", "Check its number.")
    person = act.read(db.case_reading.by_id, found.profile_id)
    act.concerns([person.pseudonym] if person else [])
    user = act.session.user
    if user.agency == found.owner_agency or user.name == found.owner_user:
        return found, ""
    if user.role not in SPEAKS_FOR_EVERY_AGENCY:
        act.refuse(
            f"Action {number} is another agency's.",
            "Nothing was changed.",
            f"{found.owner_agency} says what becomes of it; a coordinator can enter it for them.",
        )
    return found, found.owner_agency


def _closed_already(found: ActionRow, status: str, because: str, note: str) -> StaleRecord:
    titles = {"outcome": "What came of it", "note": "A note"}
    return StaleRecord(
        "Somebody said already what came of this action.",
        "Nothing was changed.",
        "Over it, yours stands and theirs goes into the note.",
        differing(
            titles,
            theirs={"outcome": came_of(found.status, found.not_done_because), "note": found.closing_note or ""},
            mine={"outcome": came_of(status, because), "note": note},
            began={"outcome": "open"},
        ),
        by=found.closed_by or "",
        over=_closing(found),
    )


def _closing(found: ActionRow) -> str:
    return f"{found.status} {found.closed_by} {found.closed_at}"
