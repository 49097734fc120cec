"""What somebody is to do, by when, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import db.actions
import db.case_reading
import db.case_writing
import db.decisions
import db.users
from db.actions import NewAction, StepRow
from db.decisions import ActionRow
from kingshurst_tui.acts import Reason
from kingshurst_tui.casework.profiles_found import open_row
from kingshurst_tui.clock import stamp
from kingshurst_tui.dates import say_date
from kingshurst_tui.errors import InputRejected, NotFound, StaleRecord, differing
from kingshurst_tui.intake.text import clean
from kingshurst_tui.permissions import SPEAKS_FOR_EVERY_AGENCY
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Intervention, Operation, Thing

if TYPE_CHECKING:
    from db.case_reading import MaskedRow
    from kingshurst_tui.acts import Act

NOT_DONE_BECAUSE = {
    "circumstances-changed": "circumstances changed",
    "agency-did-not-act": "the agency did not act",
    "person-declined": "the person declined",
    "no-resource": "there was no resource",
}
"""Why an action was not done; the second is the one that somebody should follow up."""

LONGEST = 2_000

OVERDUE, DECLINED, DID_NOT_ACT = "overdue", "declined", "agency-did-not-act"
"""Why an action comes back by itself."""

LISTS = {
    "ours": "what your agency is to do",
    "mine": "what you are to do yourself",
    "asked": "what your agency has not answered",
    "back": "what comes back: overdue, refused, or left undone by an agency",
    "every": "what every agency is to do",
    "closed": "what came of your agency's",
    "all-closed": "what came of every agency's",
}
"""The lists of actions there are, and how each is called."""


@dataclass(frozen=True, slots=True)
class ActionShown:
    """One action.

    Attributes:
        status: "open", "done" or "not-done".
        because: why it was not done, a key of NOT_DONE_BECAUSE; else empty.
        overdue: it is open and its day has passed.
        accepted: what its owner said: "asked" (nothing yet), "accepted" or "declined".
        declined_why: in the owner's words.
        evidence: what shows that it was done.
        panel_case: the case of the panel that gave it.
        owner_reference: what the owner's own system calls it.
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
    outcome_sought: str = ""
    accepted: str = "asked"
    declined_why: str = ""
    evidence: str = ""
    panel_case: int | None = None
    owner_reference: str = ""
    version: int = 1
    closed_at: str = ""
    profile_id: int = 0

    def stands(self) -> str:
        """Return where it stands, in a few words."""
        if self.status != "open":
            return _came_of(self.status, self.because)
        said = {"asked": "not answered", "accepted": "accepted", "declined": "refused"}[self.accepted]
        return f"{said}, overdue" if self.overdue else said


@dataclass(frozen=True, slots=True)
class ComingBack:
    """An action that the next panel has to look at, whether anybody thinks of it or not.

    Attributes:
        because: OVERDUE, DECLINED or DID_NOT_ACT.
        words: the same for a person, with the day.
    """

    action: int
    profile_id: int
    pseudonym: str
    owner_agency: str
    because: str
    words: str
    due_on: date


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
            part for part in (_came_of(found.status, found.not_done_because), found.closing_note) if part
        )
        words = f"{words}\nBefore, by {found.closed_by}: {earlier}".strip()
    at = stamp(session.clock.now())
    status = "done" if done else "not-done"
    act.write(db.actions.close, number, status, because or None, words, session.user.name, at)
    if shows:
        act.write(db.actions.put_evidence, number, shows)
        act.write(
            db.actions.add_step, number, found.profile_id, "evidence", shows, session.user.name, entered_for, at
        )
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


def listed(session: Session, reason: Reason, which: str = "ours") -> tuple[ActionShown, ...]:
    """Return one of LISTS, what is to be done first first; actions about open profiles only.

    Raises: InputRejected (no such list), Refused.
    """
    if which not in LISTS:
        raise InputRejected("There is no such list of actions.", "Nothing was shown.", f"One of: {', '.join(LISTS)}.")
    with session.act(Operation.CONSULT, Thing.ACTION, reason=reason) as act:
        found = _one_list(act, which)
        act.concerns(each.pseudonym for each in found)
        act.note(actions=len(found), list=which)
    return found


def _one_list(act: Act, which: str) -> tuple[ActionShown, ...]:
    user = act.session.user
    if which == "back":
        return _shown(act, act.read(db.actions.left_undone, act.session.clock.today().isoformat()))
    if which in ("closed", "all-closed"):
        shown = of_agency(act, user.agency if which == "closed" else "", with_closed=True)
        return tuple(sorted((each for each in shown if each.status != "open"), key=_lately, reverse=True))
    found = of_agency(act, "" if which == "every" else user.agency)
    if which == "mine":
        return tuple(each for each in found if each.owner_user == user.name)
    return tuple(each for each in found if which != "asked" or each.accepted == "asked")


def _lately(each: ActionShown) -> tuple[str, int]:
    return each.closed_at, each.number


def previous(act: Act, profile_id: int) -> tuple[ActionShown, ...]:
    """Return the actions about an open profile, those to be done first."""
    return _shown(act, act.read(db.decisions.actions_of, profile_id))


def of_agency(
    act: Act, agency: str = "", *, panel: int | None = None, with_closed: bool = False
) -> tuple[ActionShown, ...]:
    """Return the actions of one agency, or of every one, about open profiles.

    Args:
        act: the act under way.
        agency: a partner's code; empty for every one.
        panel: those alone that the cases of one panel gave.
        with_closed: what was closed too.
    """
    if panel is None:
        return _shown(act, act.read(db.actions.every, agency, with_closed=with_closed))
    rows = act.read(db.actions.of_panel, panel)
    return _shown(
        act,
        [row for row in rows if agency in ("", row.owner_agency) and (with_closed or row.status == "open")],
    )


def coming_back(act: Act) -> tuple[ComingBack, ...]:
    """Return what comes back by itself: overdue, refused, not done because the agency did not act; the oldest first."""
    today = act.session.clock.today()
    rows = act.read(db.actions.left_undone, today.isoformat())
    people = act.read(db.case_reading.by_ids, {row.profile_id for row in rows})
    found = []
    for row in rows:
        person, due = people.get(row.profile_id), date.fromisoformat(row.due_on)
        if person is None:
            continue
        because, said = _why_back(row)
        words = f"action {row.id} of {row.owner_agency}, due {say_date(due)}: {said}"
        found.append(ComingBack(row.id, row.profile_id, person.pseudonym, row.owner_agency, because, words, due))
    return tuple(found)


def _why_back(row: ActionRow) -> tuple[str, str]:
    if row.status != "open":
        return DID_NOT_ACT, "the agency did not act"
    if row.accepted == "declined":
        return DECLINED, "the agency refused it"
    return OVERDUE, "overdue" if row.accepted == "accepted" else "overdue and never answered"


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


def _shown(act: Act, rows: Iterable[ActionRow]) -> tuple[ActionShown, ...]:
    wanted, today = list(rows), act.session.clock.today()
    people = act.read(db.case_reading.by_ids, {row.profile_id for row in wanted})
    refused = act.read(db.actions.steps, [row.id for row in wanted if row.accepted == "declined"])
    return tuple(
        shown_action(row, people[row.profile_id].pseudonym, today, refused)
        for row in wanted
        if row.profile_id in people
    )


def shown_action(row: ActionRow, pseudonym: str, today: date, steps: Iterable[StepRow] = ()) -> ActionShown:
    """Return an action as it is shown.

    Args:
        row: as it is kept.
        pseudonym: about whom.
        today: for whether it is overdue.
        steps: where they say why it was refused.
    """
    due = date.fromisoformat(row.due_on)
    refusals = [each.words for each in steps if each.action_id == row.id and each.step == "declined"]
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
        row.outcome_sought,
        row.accepted,
        refusals[-1] if refusals and row.accepted == "declined" else "",
        row.evidence,
        row.panel_case_id,
        row.owner_reference,
        row.version,
        row.closed_at or "",
        row.profile_id,
    )
