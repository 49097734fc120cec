"""What each agency is asked to find out for a case, by when, and who has sent what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING

import db.panel_cases
import db.panel_information
import db.panel_room
import db.users
from kingshurst_tui.acts import Reason
from kingshurst_tui.casework.words_needed import HINT, is_a_reason
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import InputRejected, NotFound, StaleRecord, UsageError, differing
from kingshurst_tui.intake.text import clean
from kingshurst_tui.panels import cases
from kingshurst_tui.panels.records import ON_THE_AGENDA, REQUEST_STATUSES, Request
from kingshurst_tui.panels.running import BUSINESS, still_open
from kingshurst_tui.permissions import SPEAKS_FOR_EVERY_AGENCY
from kingshurst_tui.vocabulary import AgencyKind, Operation, ReasonCode, Thing

if TYPE_CHECKING:
    from db.panel_cases import CaseRow
    from db.panel_information import RequestRow
    from kingshurst_tui.acts import Act
    from kingshurst_tui.panels.records import Panel
    from kingshurst_tui.session import Session

LONGEST_QUESTION = 500
LONGEST_ANSWER = 8_000

ANSWERS = ("sent", "nothing-held", "refused")
"""What an agency may answer; "nothing held" is not "nothing happened"."""


def requests(act: Act, panel_id: int) -> tuple[Request, ...]:
    """Return what was asked for a meeting about open profiles, the soonest due first.

    What was sent is empty for whoever stepped out of the case.
    """
    return _shown(act, act.read(db.panel_information.requests_of_panel, panel_id))


def requests_of_case(act: Act, case_id: int) -> tuple[Request, ...]:
    """Return what was asked about one case. Raises: NotFound."""
    row = cases.row_of(act, case_id)
    return tuple(each for each in requests(act, row.panel_id) if each.case == case_id)


def for_my_agency(session: Session) -> tuple[Request, ...]:
    """Return what the user's own agency is still asked for, the soonest due first."""
    with session.act(Operation.CONSULT, Thing.INFORMATION, reason=BUSINESS) as act:
        found = _shown(act, act.read(db.panel_information.requests_of_agency, session.user.agency))
        act.concerns(each.pseudonym for each in found)
    return found


def ask(session: Session, case_id: int, agencies: Sequence[str], question: str, due_on: date) -> tuple[int, ...]:
    """Ask agencies what they know that bears on a case, by a day; return the requests' numbers.

    An agency that is asked the same already is not asked twice.

    Raises: InputRejected, NotFound, Refused (the profile is masked: nobody is told whom it is about; the role).
    """
    with session.act(Operation.ALTER, Thing.PANEL, reason=BUSINESS, facts={"step": "information"}) as act:
        row = cases.row_of(act, case_id)
        panel = still_open(act, row.panel_id)
        act.concerns([row.pseudonym])
        if not row.is_open:
            act.refuse(
                "The profile is masked.",
                "Nobody was asked: to ask is to tell who it is.",
                "Ask for the person's agreement first, or record a ground.",
            )
        numbers = _ask(act, panel, [row], agencies, clean(question), due_on)
        act.note(case=case_id)
    return numbers


def ask_all(session: Session, panel_id: int, agencies: Sequence[str], question: str, due_on: date) -> tuple[int, ...]:
    """Ask agencies the same about every open case of a meeting's agenda, by a day; return the requests' numbers.

    Raises: InputRejected, NotFound, Refused (no case is open; the role).
    """
    with session.act(Operation.ALTER, Thing.PANEL, reason=BUSINESS, facts={"step": "information"}) as act:
        panel = still_open(act, panel_id)
        rows = [
            row for row in act.read(db.panel_cases.of_panel, panel_id) if row.is_open and row.status in ON_THE_AGENDA
        ]
        if not rows:
            act.refuse("No case of this agenda is open.", "Nobody was asked: to ask is to tell who it is.")
        act.concerns(row.pseudonym for row in rows)
        return _ask(act, panel, rows, agencies, clean(question), due_on)


def _ask(
    act: Act, panel: Panel, rows: Sequence[CaseRow], agencies: Sequence[str], words: str, due_on: date
) -> tuple[int, ...]:
    wrong = _wrong_request(act, agencies, words, due_on)
    if due_on > panel.held_on:
        wrong.append("due: is after the panel itself")
    if wrong:
        raise InputRejected(
            "Nobody was asked.", "Nothing was changed.\n" + "\n".join(wrong), "Correct these.", tuple(wrong)
        )
    asked = {
        (each.case, each.agency, each.question.casefold())
        for each in requests(act, panel.number)
        if each.status != "taken-back"
    }
    numbers = tuple(
        act.write(
            db.panel_information.add_request,
            case_id=row.id,
            panel_id=panel.number,
            profile_id=row.profile_id,
            agency=agency,
            question=words,
            due_on=due_on.isoformat(),
            by=act.session.user.name,
            at=stamp(act.session.clock.now()),
        )
        for row in rows
        for agency in dict.fromkeys(agencies)
        if (row.id, agency, words.casefold()) not in asked
    )
    act.note(panel=panel.number, asked=len(numbers))
    return numbers


def _wrong_request(act: Act, agencies: Sequence[str], words: str, due_on: date) -> list[str]:
    known = act.read(db.users.agencies)
    wrong = []
    if not agencies:
        wrong.append("agencies: name at least one")
    for agency in agencies:
        if agency not in known or known[agency][1] == AgencyKind.PARTNERSHIP:
            wrong.append(f"agencies: {agency} holds nothing of its own here")
    if not words or len(words) > LONGEST_QUESTION:
        wrong.append(f"question: say what you need to know, in 1 to {LONGEST_QUESTION} letters")
    if due_on < act.session.clock.today():
        wrong.append("due: lies in the past")
    return wrong


def answer(
    session: Session,
    request_id: int,
    status: str,
    words: str = "",
    *,
    entered_for: str = "",
    over: int | None = None,
) -> None:
    """Answer what one's own agency is asked; or, as the coordinator, enter what an agency said.

    Args:
        session: who answers.
        request_id: the request's number.
        status: one of ANSWERS.
        words: what is known; why not, where the agency will not share.
        entered_for: whose word it is, where the coordinator enters it.
        over: the version that was on screen; None where nobody looked.

    Raises: InputRejected, StaleRecord, NotFound, Refused (another agency's to answer).
    """
    if status not in ANSWERS:
        raise UsageError("No such answer.", "Nothing was changed.", f"One of: {', '.join(ANSWERS)}.")
    told, whose = _tidy(words), clean(entered_for)
    with session.act(Operation.ALTER, Thing.INFORMATION, reason=BUSINESS, facts={"answer": status}) as act:
        row = _to_change(act, request_id)
        own = row.agency_code == session.user.agency
        if not own and session.user.role not in SPEAKS_FOR_EVERY_AGENCY:
            act.refuse("Another agency was asked this.", "Nothing was changed.", "They or the coordinator answer it.")
        wrong = []
        if not own and not whose:
            wrong.append("entered_for: say whose word it is")
        if len(told) > LONGEST_ANSWER:
            wrong.append(f"answer: at most {LONGEST_ANSWER} letters")
        if status == "sent" and not told:
            wrong.append("answer: say what is known")
        if status == "refused" and not is_a_reason(told):
            wrong.append(f"answer: say why it will not be shared. {HINT}")
        if wrong:
            raise InputRejected(
                "The answer was not kept.", "Nothing was changed.\n" + "\n".join(wrong), "Correct these.", tuple(wrong)
            )
        if row.version != over and (over is not None or row.status != "asked"):
            raise _stale(row, status, told)
        act.write(
            db.panel_information.put_answer,
            row,
            status,
            told,
            session.user.name,
            "" if own else whose,
            stamp(session.clock.now()),
        )


def take_back(session: Session, request_id: int, why: str) -> None:
    """Ask an agency no more. Raises: InputRejected (no reason), NotFound, Refused (it has answered)."""
    words = clean(why)
    if not is_a_reason(words):
        raise InputRejected("A reason is missing.", "Nothing was changed.", HINT, (f"why: {HINT}",))
    with session.act(
        Operation.ALTER, Thing.PANEL, reason=Reason(ReasonCode.PANEL, words), facts={"step": "taken-back"}
    ) as act:
        row = _to_change(act, request_id)
        if row.status != "asked":
            act.refuse("The agency has answered already.", "Nothing was changed.", "What it sent stays on the record.")
        now = stamp(session.clock.now())
        act.write(db.panel_information.put_answer, row, "taken-back", words, session.user.name, "", now)


def _to_change(act: Act, request_id: int) -> RequestRow:
    row = act.read(db.panel_information.request, request_id)
    if row is None:
        raise NotFound("There is no such request about an open profile.", "Nothing was changed.", "Check its number.")
    act.concerns([row.pseudonym])
    act.note(panel=row.panel_id, request=request_id)
    still_open(act, row.panel_id)
    return row


def _stale(row: RequestRow, status: str, told: str) -> StaleRecord:
    return StaleRecord(
        "Somebody has answered this already.",
        "Nothing was changed.",
        "Over it, yours stands in its place.",
        differing(
            {"status": "Answer", "answer": "What is known"},
            theirs={"status": REQUEST_STATUSES[row.status], "answer": row.answer},
            mine={"status": REQUEST_STATUSES[status], "answer": told},
        ),
        by=row.answered_by or "",
        over=row.version,
    )


def _tidy(text: str) -> str:
    return "\n".join(clean(line) for line in text.split("\n")).strip()


def _shown(act: Act, rows: Iterable[RequestRow]) -> tuple[Request, ...]:
    today, me = act.session.clock.today().isoformat(), act.session.user.name
    return tuple(
        Request(
            row.id,
            row.panel_case_id,
            row.panel_id,
            row.pseudonym,
            row.agency_code,
            row.question,
            date.fromisoformat(row.due_on),
            row.asked_by,
            row.asked_at,
            row.status,
            "" if act.read(db.panel_room.steps_out, row.panel_id, row.profile_id, me) else row.answer,
            row.answered_by or "",
            row.entered_for,
            row.answered_at or "",
            row.status == "asked" and row.due_on < today,
            row.version,
        )
        for row in rows
    )
