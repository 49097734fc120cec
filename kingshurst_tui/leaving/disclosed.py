"""What has left: listed for supervisors, found again by the mark of a copy, called back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date

import db.case_reading
import db.disclosures
from db.disclosures import DisclosureRow
from kingshurst_tui.acts import Act, Reason
from kingshurst_tui.casework.words_needed import HINT, is_a_reason
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import InputRejected, NotFound, StaleRecord, differing
from kingshurst_tui.intake.text import clean
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Operation, Thing

KINDS = {
    "pack": "pack for a panel",
    "minutes": "minutes",
    "actions": "actions",
    "calendar": "calendar of actions",
    "columns": "decisions and actions in a partner's columns",
    "summary": "summary for the person",
    "letter": "letter to the person",
    "report": "report of figures",
    "board-report": "report to the Board",
}
"""How each kind of leaving reads."""

STANDING, EXPIRED, CALLED_BACK = "standing", "expired", "called-back"


@dataclass(frozen=True, slots=True)
class CopyShown:
    """One named person's copy."""

    name: str
    agency: str
    mark: str
    digest: str


@dataclass(frozen=True, slots=True)
class Disclosed:
    """One leaving.

    Attributes:
        state: "standing", "expired" (its day has passed: it is to be destroyed) or "called-back".
        data_sets: whose rows are in it.
        subjects: whom it is about, by pseudonym.
    """

    number: int
    kind: str
    kind_words: str
    form: str
    panel: int | None
    why: str
    made_by: str
    made_at: str
    expires_on: date
    state: str
    called_back_by: str
    called_back_at: str
    called_back_why: str
    data_sets: tuple[str, ...]
    copies: tuple[CopyShown, ...]
    subjects: tuple[str, ...]


def listed(session: Session, reason: Reason, *, panel: int | None = None) -> tuple[Disclosed, ...]:
    """Return what left for the acting purpose, the latest first. Raises: Refused."""
    with session.act(Operation.CONSULT, Thing.DISCLOSURE, reason=reason) as act:
        rows = act.read(db.disclosures.listed, panel_id=panel)
        shown = tuple(_shown(act, row) for row in rows)
        act.note(disclosures=len(shown))
    return shown


def of_mark(session: Session, mark: str, reason: Reason) -> Disclosed:
    """Return the leaving whose copy bears a mark, however it is typed: whose copy was found? Raises: NotFound."""
    letters = "".join(letter for letter in mark.upper() if letter.isalnum())
    letters = letters.replace("O", "0").replace("I", "1").replace("L", "1")
    with session.act(Operation.CONSULT, Thing.DISCLOSURE, reason=reason, typed=mark) as act:
        copy = act.read(db.disclosures.by_mark, "-".join(letters[at : at + 4] for at in range(0, len(letters), 4)))
        shown = _shown(act, _row(act, copy.disclosure_id if copy else 0))
        act.note(disclosure=shown.number)
    return shown


def call_back(session: Session, number: int, why: str, reason: Reason) -> Disclosed:
    """Say that every copy of a leaving is to be given back or destroyed; who is told of it is for people.

    Raises: InputRejected (no reason), NotFound, StaleRecord (somebody did already), Refused.
    """
    words = clean(why)
    if not is_a_reason(words):
        raise InputRejected("Say why it is called back.", f"Nothing was changed. {HINT}")
    with session.act(Operation.ALTER, Thing.DISCLOSURE, reason=reason) as act:
        row = _row(act, number)
        if row.status != STANDING:
            raise StaleRecord(
                "It was called back already.",
                "Nothing was changed.",
                "Their word stands.",
                differing({"why": "Why"}, theirs={"why": row.called_back_why}, mine={"why": words}),
                by=row.called_back_by or "",
                over=None,
            )
        act.write(db.disclosures.call_back, number, session.user.name, stamp(session.clock.now()), words)
        shown = _shown(act, _row(act, number))
        act.note(disclosure=number, step="called back")
    return shown


def _row(act: Act, number: int) -> DisclosureRow:
    row = act.read(db.disclosures.by_id, number)
    if row is None or row.purpose != act.session.purpose:
        raise NotFound("Nothing left under that number or mark.", "Nothing was shown.", "kingshurst disclose list")
    return row


def _shown(act: Act, row: DisclosureRow) -> Disclosed:
    people = act.read(db.case_reading.by_ids, act.read(db.disclosures.subjects, row.id))
    names = tuple(sorted(each.pseudonym for each in people.values()))
    act.concerns(names)
    last = date.fromisoformat(row.expires_on)
    state = EXPIRED if row.status == STANDING and last < act.session.clock.today() else row.status
    return Disclosed(
        row.id,
        row.kind,
        KINDS.get(row.kind, row.kind),
        row.form,
        row.panel_id,
        row.why,
        row.made_by,
        row.made_at,
        last,
        state,
        row.called_back_by or "",
        row.called_back_at or "",
        row.called_back_why,
        tuple(sorted(json.loads(row.data_sets))),
        tuple(CopyShown(*copy[1:]) for copy in act.read(db.disclosures.copies, row.id)),
        names,
    )
