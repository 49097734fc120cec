"""A dissent as it is shown: its signature verified, its steps, whose it is to answer and by when."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import db.decisions
import db.dissents
from db.keys import signature_holds
from kingshurst_tui.casework.decision_signing import digest_of
from kingshurst_tui.casework.escalation import LEVELS, TOP

if TYPE_CHECKING:
    from db.dissents import DissentRow
    from kingshurst_tui.acts import Act

FIELDS = {
    "position": "What the agency holds instead",
    "grounds": "On what grounds",
    "missing": "What information was missing",
    "alternative": "What it would do otherwise",
}
"""What a dissent says. The first two are always asked for; the others may say that there is nothing."""

OPEN, RESOLVED, WITHDRAWN, STANDS = "open", "resolved", "withdrawn", "stands"
CLOSED = {
    RESOLVED: "resolved: both agencies agree now",
    WITHDRAWN: "withdrawn by the agency that made it",
    STANDS: "stands: the agencies agree to differ, and the decision is carried out",
}
"""How a dissent ends."""
ANSWERED, ESCALATED = "answered", "escalated"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was done about a dissent."""

    step: str
    level: int
    words: str
    made_by: str
    made_at: str


@dataclass(frozen=True, slots=True)
class DissentShown:
    """One dissent as it was signed, and where it stands.

    Attributes:
        entered_for: for whom somebody else wrote it; empty where the agency's own user did.
        level: 0 is the chair; ``level_name`` says whose it is.
        due_at: by when it is to be answered at this level; ``overdue`` says that it was not.
        is_answered: whether it was answered at this level: then its agency says whether that settles it.
        answer: the latest answer; empty where there is none.
        signature_holds: whether the maker's key verifies it, about this decision as it was signed.
        version: hand it back when changing anything.
    """

    number: int
    pseudonym: str
    decision: int
    agency: str
    position: str
    grounds: str
    missing: str
    alternative: str
    made_by: str
    entered_for: str
    made_at: str
    level: int
    level_name: str
    due_at: datetime
    overdue: bool
    is_answered: bool
    status: str
    answer: str
    steps: tuple[Step, ...]
    signature_holds: bool
    version: int


def shown_dissent(act: Act, row: DissentRow, pseudonym: str) -> DissentShown:
    """Return a dissent as it stands."""
    said: dict[str, Any] = json.loads(row.document)
    steps = tuple(
        Step(each.step, each.level, each.words, each.made_by, each.made_at)
        for each in act.read(db.dissents.steps_of, row.id)
    )
    due_at = datetime.fromisoformat(row.due_at)
    level = min(row.level, TOP)
    answers = [each for each in steps if each.step == ANSWERED]
    is_answered = any(each.level == row.level for each in answers)
    return DissentShown(
        row.id,
        pseudonym,
        row.decision_id,
        row.agency_code,
        str(said.get("position", "")),
        str(said.get("grounds", "")),
        str(said.get("missing", "")),
        str(said.get("alternative", "")),
        row.made_by,
        row.entered_for,
        row.made_at,
        row.level,
        LEVELS[level].name,
        due_at,
        row.status == OPEN and not is_answered and due_at < act.session.clock.now(),
        is_answered,
        row.status,
        answers[-1].words if answers else "",
        steps,
        _holds(act, row, said),
        row.version,
    )


def _holds(act: Act, row: DissentRow, said: dict[str, Any]) -> bool:
    decision = act.read(db.decisions.by_id, row.decision_id)
    columns = {
        "decision": row.decision_id,
        "agency": row.agency_code,
        "signed_by": row.made_by,
        "entered_for": row.entered_for,
        "signed_at": row.made_at,
        # A decision that is not to be read here says nothing against the signature.
        "digest": digest_of(decision.document.encode()) if decision else said.get("digest"),
    }
    return all(said.get(name) == value for name, value in columns.items()) and any(
        signature_holds(public, bytes(row.signature), row.document.encode())
        for public in act.read(db.decisions.signing_keys, row.made_by)
    )
