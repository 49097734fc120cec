"""What becomes of an action between being asked for and being closed; every word of it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import db.actions
import db.case_reading
import db.case_writing
import db.decisions
from kingshurst_tui.casework.action_shown import ActionShown, shown_action
from kingshurst_tui.casework.actions import LONGEST, found_to_change, wrong_owner
from kingshurst_tui.casework.words_needed import HINT, is_a_reason
from kingshurst_tui.clock import stamp
from kingshurst_tui.dates import say_date
from kingshurst_tui.errors import InputRejected, NotFound, StaleRecord, differing
from kingshurst_tui.intake.text import clean
from kingshurst_tui.permissions import SPEAKS_FOR_EVERY_AGENCY
from kingshurst_tui.vocabulary import Operation, Thing

if TYPE_CHECKING:
    from db.decisions import ActionRow
    from kingshurst_tui.acts import Act, Reason
    from kingshurst_tui.session import Session

ACCEPTED, DECLINED = "accepted", "declined"
STEPS = {
    "accepted": "accepted",
    "declined": "refused",
    "progress": "in hand",
    "evidence": "evidence",
    "done": "done",
    "not-done": "not done",
    "brought-back": "brought before the panel again",
    "changed": "changed",
}
"""How each step reads."""

LONGEST_REFERENCE = 60


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was said of an action.

    Attributes:
        step: a key of STEPS.
        made_by: who entered it.
        entered_for: for which agency, where it was not their own.
    """

    step: str
    words: str
    made_by: str
    entered_for: str
    made_at: str

    def in_words(self) -> str:
        """Return it in a line, with who and when."""
        who = f"{self.made_by} for {self.entered_for}" if self.entered_for else self.made_by
        said = f": {self.words}" if self.words else ""
        return f"{say_date(date.fromisoformat(self.made_at[:10]))}, {who}: {STEPS.get(self.step, self.step)}{said}"


@dataclass(frozen=True, slots=True)
class ActionInFull:
    """One action with everything that was said of it, in order."""

    action: ActionShown
    steps: tuple[Step, ...]


def read(session: Session, number: int, reason: Reason) -> ActionInFull:
    """Return one action about an open profile, with its history. Raises: NotFound, Refused."""
    with session.act(Operation.CONSULT, Thing.ACTION, reason=reason) as act:
        row = act.read(db.decisions.action_by_id, number)
        person = act.read(db.case_reading.by_id, row.profile_id) if row is not None else None
        if row is None or person is None:
            raise NotFound("There is no such open action.", "Nothing was shown.", "Check its number.")
        act.concerns([person.pseudonym])
        act.note(action=number)
        steps = act.read(db.actions.steps, [number])
        shown = shown_action(row, person.pseudonym, session.clock.today(), steps)
    said = tuple(Step(each.step, each.words, each.made_by, each.entered_for, each.made_at) for each in steps)
    return ActionInFull(shown, said)


def accept(
    session: Session,
    number: int,
    *,
    owner_user: str = "",
    owner_reference: str = "",
    words: str = "",
    reason: Reason,
    over: str | int | None = None,
) -> None:
    """Take an action on for the agency whose it is.

    Args:
        session: somebody of that agency, or a coordinator for it.
        number: the action's.
        owner_user: who does it; who is named already, if nobody.
        owner_reference: what the agency's own system calls it.
        words: what else is to be said.
        reason: why one acts.
        over: the version that a StaleRecord handed over.

    Raises: InputRejected, NotFound, StaleRecord (a colleague has answered), Refused.
    """
    with session.act(Operation.ALTER, Thing.ACTION, reason=reason) as act:
        found = found_to_change(act, number)[0]
        _not_answered(found, ACCEPTED, over)
        accept_in(act, number, owner_user=owner_user, owner_reference=owner_reference, words=words)


def accept_in(act: Act, number: int, *, owner_user: str = "", owner_reference: str = "", words: str = "") -> None:
    """Do so inside an act under way, whatever was answered before. Raises: InputRejected, NotFound, Refused."""
    reference = clean(owner_reference)
    found, entered_for = _open_action(act, number)
    who = owner_user.strip() or found.owner_user or ""
    wrong = wrong_owner(act, found.owner_agency, who)
    if len(reference) > LONGEST_REFERENCE:
        wrong.append(f"owner_reference: at most {LONGEST_REFERENCE} letters")
    _none_wrong(wrong)
    act.write(db.actions.answer, number, ACCEPTED, who or None, reference or found.owner_reference)
    _step(act, found, ACCEPTED, words, entered_for)


def decline(session: Session, number: int, why: str, *, reason: Reason, over: str | int | None = None) -> None:
    """Refuse an action for the agency whose it is; it comes back to the next panel by itself.

    Raises: InputRejected (no reason that somebody could weigh), NotFound, StaleRecord, Refused.
    """
    if not is_a_reason(why):
        raise InputRejected("Why the action is refused is missing.", "Nothing was changed.", HINT)
    with session.act(Operation.ALTER, Thing.ACTION, reason=reason) as act:
        found = found_to_change(act, number)[0]
        _not_answered(found, DECLINED, over)
        decline_in(act, number, why)


def decline_in(act: Act, number: int, why: str) -> None:
    """Do so inside an act under way, whatever was answered before. Raises: InputRejected, NotFound, Refused."""
    found, entered_for = _open_action(act, number)
    act.write(db.actions.answer, number, DECLINED, found.owner_user, found.owner_reference)
    _step(act, found, DECLINED, why, entered_for)


def progress(session: Session, number: int, words: str, *, evidence: bool = False, reason: Reason) -> None:
    """Say how far an action has come, or what shows it. Whoever says so has accepted it.

    Raises: InputRejected (nothing was said), NotFound, Refused.
    """
    with session.act(Operation.ALTER, Thing.ACTION, reason=reason) as act:
        progress_in(act, number, words, evidence=evidence)


def progress_in(act: Act, number: int, words: str, *, evidence: bool = False) -> None:
    """Do so inside an act under way. Raises: InputRejected, NotFound, Refused."""
    said = clean(words)
    if not said:
        raise InputRejected("Nothing was said of the action.", "Nothing was changed.", "Say it in a few words.")
    found, entered_for = _open_action(act, number)
    if found.accepted != ACCEPTED:
        act.write(db.actions.answer, number, ACCEPTED, found.owner_user, found.owner_reference)
        _step(act, found, ACCEPTED, "", entered_for)
    if evidence:
        act.write(db.actions.put_evidence, number, "\n".join(part for part in (found.evidence, said) if part))
    _step(act, found, "evidence" if evidence else "progress", said, entered_for)


def change(
    session: Session,
    number: int,
    *,
    owner_agency: str = "",
    owner_user: str = "",
    due_on: date | None = None,
    why: str,
    reason: Reason,
    over: str | int | None = None,
) -> None:
    """Give an open action another owner or another day; a new owner is asked anew.

    Args:
        session: a coordinator, or somebody of the agency whose it is (the agency itself only they can change).
        number: the action's.
        owner_agency: the new one; the same, if empty.
        owner_user: who of the agency does it.
        due_on: the new day; the same, if None.
        why: in words; what stood before is kept beside them.
        reason: why one acts.
        over: the version that was seen, where it is to be minded.

    Raises: InputRejected, NotFound, StaleRecord, Refused.
    """
    if not is_a_reason(why):
        raise InputRejected("Why the action is changed is missing.", "Nothing was changed.", HINT)
    with session.act(Operation.ALTER, Thing.ACTION, reason=reason) as act:
        found, entered_for = _open_action(act, number)
        agency = owner_agency or found.owner_agency
        moved = agency != found.owner_agency
        if moved and session.user.role not in SPEAKS_FOR_EVERY_AGENCY:
            act.refuse("Nobody hands their agency's action to another alone.", hint="Refuse it, or ask a coordinator.")
        who = owner_user or ("" if moved else found.owner_user or "")
        day = due_on.isoformat() if due_on is not None else found.due_on
        _as_seen(found, agency, day, over)
        wrong = wrong_owner(act, agency, who)
        if due_on is not None and due_on < session.clock.today():
            wrong.append("due_on: lies in the past")
        _none_wrong(wrong)
        before = f"{found.owner_agency} {found.owner_user or ''}".strip()
        was = f"Before: {before}, due {say_date(date.fromisoformat(found.due_on))}."
        act.write(db.actions.change, number, agency, who or None, day, "asked" if moved else found.accepted)
        _step(act, found, "changed", f"{clean(why)} {was}", entered_for)


def brought_back(session: Session, number: int, words: str, *, reason: Reason) -> None:
    """Say that what an agency left undone was put before a panel again; it then comes back no more by itself.

    Raises: InputRejected, NotFound, Refused (only whoever speaks for every agency).
    """
    if not is_a_reason(words):
        raise InputRejected("What becomes of it is missing.", "Nothing was changed.", HINT)
    with session.act(Operation.ALTER, Thing.ACTION, reason=reason) as act:
        if session.user.role not in SPEAKS_FOR_EVERY_AGENCY:
            act.refuse("A coordinator says what becomes of what was left undone.")
        found, entered_for = found_to_change(act, number)
        _step(act, found, "brought-back", words, entered_for)


def _open_action(act: Act, number: int) -> tuple[ActionRow, str]:
    found, entered_for = found_to_change(act, number)
    if found.status != "open":
        raise InputRejected(
            f"Action {number} is closed.",
            "Nothing was changed.",
            "What came of it is kept; whatever is still to be done is an action of its own.",
        )
    return found, entered_for


def _not_answered(found: ActionRow, mine: str, over: str | int | None) -> None:
    if found.accepted in ("asked", mine) or over == found.version:
        return
    raise StaleRecord(
        "Your agency has answered already.",
        "Nothing was changed.",
        "Over it, yours stands; what was said before is kept.",
        differing(
            {"answer": "The answer"},
            theirs={"answer": STEPS[found.accepted]},
            mine={"answer": STEPS[mine]},
            began={"answer": "asked"},
        ),
        over=found.version,
    )


def _as_seen(found: ActionRow, agency: str, day: str, over: str | int | None) -> None:
    if over is None or over == found.version:
        return
    raise StaleRecord(
        "Somebody changed this action meanwhile.",
        "Nothing was changed.",
        "Over it, yours stands; what was said before is kept.",
        differing(
            {"owner_agency": "Owner agency", "due_on": "Due"},
            theirs={"owner_agency": found.owner_agency, "due_on": found.due_on},
            mine={"owner_agency": agency, "due_on": day},
        ),
        over=found.version,
    )


def _none_wrong(wrong: list[str]) -> None:
    if wrong:
        raise InputRejected(
            "The action was not changed.", "Nothing was changed.\n" + "\n".join(wrong), "Correct these.", tuple(wrong)
        )


def _step(act: Act, found: ActionRow, step: str, words: str, entered_for: str) -> None:
    session = act.session
    at = stamp(session.clock.now())
    said = clean(words)[:LONGEST]
    act.write(db.actions.add_step, found.id, found.profile_id, step, said, session.user.name, entered_for, at)
    act.write(db.case_writing.raise_version, [found.profile_id])
    act.note(action=found.id, step=step)
