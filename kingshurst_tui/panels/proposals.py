"""Anybody of the panel may propose somebody for it; whoever prepares it lists them or says why not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import db.panel_cases
from kingshurst_tui.acts import Reason
from kingshurst_tui.casework.words_needed import HINT, is_a_reason
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import InputRejected
from kingshurst_tui.intake.text import clean
from kingshurst_tui.panels import cases
from kingshurst_tui.panels.records import CASE_STATUSES, USUAL_MINUTES
from kingshurst_tui.panels.running import BUSINESS, still_open
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

if TYPE_CHECKING:
    from db.panel_cases import CaseRow
    from kingshurst_tui.acts import Act
    from kingshurst_tui.session import Session


def propose(session: Session, panel_id: int, pseudonym: str, why: str) -> int:
    """Propose somebody for a meeting, saying what it should be asked; return the case's number.

    Raises: InputRejected, NotFound, Refused (on its agenda or proposed already, or taken off it).
    """
    with session.act(Operation.COLLECT, Thing.PANEL, reason=BUSINESS, facts={"step": "proposed"}) as act:
        still_open(act, panel_id)
        person = cases.person_to_discuss(act, pseudonym)
        act.concerns([person.pseudonym])
        words = cases.check_words(why, USUAL_MINUTES)
        for row in act.read(db.panel_cases.of_panel, panel_id):
            if row.profile_id == person.profile_id:
                act.refuse(
                    f"{person.pseudonym} is {CASE_STATUSES[row.status]} at this panel already.",
                    "Nothing was changed.",
                    "The coordinator can put them back." if row.status in ("deferred", "taken-off") else "",
                )
        new = db.panel_cases.NewCase(
            panel_id,
            person.profile_id,
            0,
            USUAL_MINUTES,
            words,
            "proposal",
            None,
            session.user.name,
            stamp(session.clock.now()),
            "proposed",
            "",
        )
        number = act.write(db.panel_cases.add, new)
        act.note(panel=panel_id, case=number)
    return number


def accept(session: Session, case_id: int, *, minutes: int | None = None, why_over_cap: str = "") -> None:
    """Put what was proposed on the agenda, last.

    Raises: InputRejected (over the panel's load without a reason), NotFound, Refused (it is not a proposal).
    """
    with session.act(Operation.ALTER, Thing.PANEL, reason=BUSINESS, facts={"step": "accepted"}) as act:
        row = _proposed(act, case_id)
        if minutes is not None:
            act.write(db.panel_cases.put_minutes, row, cases.checked_minutes(minutes))
        cases.list_again(act, row, why_over_cap)


def decline(session: Session, case_id: int, why: str) -> None:
    """Leave what was proposed off the agenda, saying why. Raises: InputRejected (no reason), NotFound, Refused."""
    words = clean(why)
    if not is_a_reason(words):
        raise InputRejected("A reason is missing.", "Nothing was changed.", HINT, (f"why: {HINT}",))
    with session.act(
        Operation.ALTER, Thing.PANEL, reason=Reason(ReasonCode.PANEL, words), facts={"step": "declined"}
    ) as act:
        act.write(db.panel_cases.put_status, _proposed(act, case_id), "taken-off", words)


def _proposed(act: Act, case_id: int) -> CaseRow:
    row = cases.row_of(act, case_id)
    act.concerns([row.pseudonym])
    act.note(panel=row.panel_id, case=case_id)
    still_open(act, row.panel_id)
    if row.status != "proposed":
        act.refuse(f"The case is {CASE_STATUSES[row.status]}.", "Nothing was changed.")
    return row
