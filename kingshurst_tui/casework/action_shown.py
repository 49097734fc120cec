"""An action as it is shown: where it stands, what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import db.actions
import db.case_reading

if TYPE_CHECKING:
    from db.actions import StepRow
    from db.decisions import ActionRow
    from kingshurst_tui.acts import Act

NOT_DONE_BECAUSE = {
    "circumstances-changed": "circumstances changed",
    "agency-did-not-act": "the agency did not act",
    "person-declined": "the person declined",
    "no-resource": "there was no resource",
}
"""Why an action was not done; the second is the one that somebody should follow up."""


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
            return came_of(self.status, self.because)
        said = {"asked": "not answered", "accepted": "accepted", "declined": "refused"}[self.accepted]
        return f"{said}, overdue" if self.overdue else said


def came_of(status: str, because: str | None) -> str:
    """Return what came of an action, in a few words."""
    return "done" if status == "done" else f"not done: {NOT_DONE_BECAUSE.get(because or '', because)}"


def shown_actions(act: Act, rows: Iterable[ActionRow]) -> tuple[ActionShown, ...]:
    """Return actions as they are shown, those about open profiles only."""
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
