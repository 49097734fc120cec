"""The agenda of one meeting: put together, ordered and timed by people; nothing adds itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import db.agenda
import db.case_reading
import db.panel_cases
from kingshurst_tui.acts import Reason
from kingshurst_tui.casework.profiles_found import written_out
from kingshurst_tui.casework.words_needed import HINT, is_a_reason
from kingshurst_tui.clock import stamp
from kingshurst_tui.counting import some
from kingshurst_tui.errors import InputRejected, NotFound, StaleRecord, differing
from kingshurst_tui.intake.text import clean
from kingshurst_tui.panels.records import BROUGHT_BY, CASE_STATUSES, MOST_MINUTES, ON_THE_AGENDA, USUAL_MINUTES, Case
from kingshurst_tui.panels.running import BUSINESS, must_run, panel_facts, running, still_open
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

if TYPE_CHECKING:
    from db.case_reading import MaskedRow
    from db.panel_cases import CaseRow
    from kingshurst_tui.acts import Act
    from kingshurst_tui.panels.records import Panel
    from kingshurst_tui.session import Session

LONGEST_QUESTION = 500


def cases(act: Act, panel_id: int) -> tuple[Case, ...]:
    """Return a meeting's cases: the agenda in order, then what is proposed, put off or taken off; the act names them.

    Raises: NotFound.
    """
    panel = panel_facts(act, panel_id)
    rows = act.read(db.panel_cases.of_panel, panel_id)
    brought = act.read(db.panel_cases.brought_ids, panel_id)
    names = act.read(db.agenda.names, [row.profile_id for row in rows])
    act.concerns(row.pseudonym for row in rows)
    return tuple(_in_slots((_case(row, names, brought) for row in rows), panel.begins_at))


def case(act: Act, case_id: int) -> Case:
    """Return one case of a meeting; the act names it. Raises: NotFound."""
    found = next((each for each in cases_beside(act, case_id) if each.number == case_id), None)
    if found is None:
        raise _no_such_case()
    act.concerns([found.pseudonym])
    return found


def read(session: Session, case_id: int) -> Case:
    """Return one case of a meeting, in an act of its own. Raises: NotFound, Refused."""
    with session.act(Operation.CONSULT, Thing.PANEL, reason=BUSINESS) as act:
        found = case(act, case_id)
        act.note(masked=not found.is_open)
    return found


def cases_beside(act: Act, case_id: int) -> tuple[Case, ...]:
    """Return the cases of the meeting that a case is on, without naming any in the entry. Raises: NotFound."""
    row = row_of(act, case_id)
    panel = panel_facts(act, row.panel_id)
    rows = act.read(db.panel_cases.of_panel, row.panel_id)
    brought = act.read(db.panel_cases.brought_ids, row.panel_id)
    names = act.read(db.agenda.names, [row.profile_id])
    return tuple(_in_slots((_case(each, names, brought) for each in rows), panel.begins_at))


def of_profile(act: Act, profile_id: int) -> tuple[Case, ...]:
    """Return every agenda on which somebody stands or stood, the latest meeting first; without slots."""
    rows = act.read(db.panel_cases.of_profile, profile_id)
    names = act.read(db.agenda.names, [profile_id])
    return tuple(_case(row, names, {}) for row in rows)


def row_of(act: Act, case_id: int) -> CaseRow:
    """Return a case's row, for what changes it; of a meeting for the acting purpose. Raises: NotFound."""
    row = act.read(db.panel_cases.by_id, case_id)
    if row is None:
        raise _no_such_case()
    panel_facts(act, row.panel_id)
    return row


def add(
    session: Session,
    panel_id: int,
    pseudonym: str,
    *,
    question: str,
    brought_by: str = "proposal",
    brought_id: int | None = None,
    minutes: int = USUAL_MINUTES,
    why_over_cap: str = "",
) -> int:
    """Put somebody on a meeting's agenda, last; return the case's number.

    Args:
        session: who puts them there.
        panel_id: the meeting's number.
        pseudonym: whose case; a masked one is discussed by pseudonym and cannot be decided about.
        question: what the panel is asked, and why now.
        brought_by: one of BROUGHT_BY.
        brought_id: by what of that kind.
        minutes: for how long.
        why_over_cap: in words, where the agenda is longer than the panel's load.

    Raises: InputRejected, NotFound (erased, or nobody), Refused (merged into another; on it already).
    """
    with session.act(Operation.ALTER, Thing.PANEL, reason=BUSINESS, facts={"panel": panel_id, "step": "added"}) as act:
        panel = still_open(act, panel_id)
        person = person_to_discuss(act, pseudonym)
        act.concerns([person.pseudonym])
        words = check_words(question, minutes, brought_by)
        rows = act.read(db.panel_cases.of_panel, panel_id)
        if any(row.profile_id == person.profile_id and row.status in ON_THE_AGENDA for row in rows):
            act.refuse(f"{person.pseudonym} is on this panel's agenda already.", "Nothing was changed.")
        over = within_load(act, panel, rows, why_over_cap)
        proposed = next((row for row in rows if row.profile_id == person.profile_id and row.status == "proposed"), None)
        new = db.panel_cases.NewCase(
            panel_id,
            person.profile_id,
            sum(row.status in ON_THE_AGENDA for row in rows) + 1,
            minutes,
            words,
            brought_by,
            brought_id,
            # Whoever thought of it first is said to have.
            proposed.proposed_by if proposed else session.user.name,
            proposed.proposed_at if proposed else stamp(session.clock.now()),
            "listed",
            over,
        )
        number = act.write(db.panel_cases.add, new)
        # Not by what it was brought: a supervisor of an agency that referred somebody blind would read it there.
        act.note(case=number, over_load=bool(over))
    return number


def person_to_discuss(act: Act, pseudonym: str) -> MaskedRow:
    """Return the profile that is to come before a panel. Raises: NotFound, Refused (it is another's by now)."""
    wanted = written_out(pseudonym)
    row = act.read(db.case_reading.by_pseudonym, wanted) if wanted else None
    if row is None or row.status not in ("open", "empty"):
        raise NotFound("There is no such profile.", "Nothing was changed.", "Check the pseudonym.")
    if row.pseudonym != wanted:
        act.refuse(
            f"{wanted} was found to be the same person as {row.pseudonym}.",
            "Nobody was put on the agenda.",
            f"Look at {row.pseudonym} first, then add that one.",
        )
    if row.status == "empty":
        act.refuse("Nothing is held of this person any more.", "Nobody was put on the agenda.")
    return row


def check_words(question: str, minutes: int, brought_by: str = "proposal") -> str:
    """Return what the panel is asked as it is kept. Raises: InputRejected."""
    words = clean(question)
    wrong = []
    if not is_a_reason(words) or len(words) > LONGEST_QUESTION:
        wrong.append(f"question: say what the panel is asked and why now, in at most {LONGEST_QUESTION} letters")
    if not 1 <= minutes <= MOST_MINUTES:
        wrong.append(f"minutes: from 1 to {MOST_MINUTES}")
    if brought_by not in BROUGHT_BY:
        wrong.append(f"brought by: one of {', '.join(BROUGHT_BY)}")
    if wrong:
        raise InputRejected(
            "The case cannot be kept so.", "Nothing was changed.\n" + "\n".join(wrong), "Correct these.", tuple(wrong)
        )
    return words


def within_load(act: Act, panel: Panel, rows: Iterable[CaseRow], why: str) -> str:
    """Return the reason for going over the panel's load, empty where it is not gone over. Raises: InputRejected."""
    listed = sum(row.status in ON_THE_AGENDA for row in rows)
    cap = panel.quorum.cap
    if listed < cap:
        return ""
    words = clean(why)
    if not is_a_reason(words):
        raise InputRejected(
            f"The panel's load is {some(cap, 'case')}, and {listed} are on its agenda.",
            "Nobody was put on the agenda.",
            f"Say why this one is to be heard all the same. {HINT}",
            (f"why_over_cap: {HINT}",),
        )
    act.reason = Reason(ReasonCode.PANEL, words)
    return f"Over the load of {some(cap, 'case')}: {words}"


def move(session: Session, case_id: int, by: int) -> None:
    """Move a case up (below 0) or down its agenda by so many places; at an end it stays.

    Raises: NotFound, Refused.
    """
    with session.act(running(session), Thing.PANEL, reason=BUSINESS, facts={"step": "moved"}) as act:
        row, order = _order(act, case_id)
        at = order.index(case_id)
        order.insert(max(0, min(len(order) - 1, at + by)), order.pop(at))
        act.write(db.panel_cases.put_places, row.panel_id, order)


def place_at(session: Session, case_id: int, place: int) -> None:
    """Give a case this place of its agenda, from 1. Raises: NotFound, Refused."""
    with session.act(running(session), Thing.PANEL, reason=BUSINESS, facts={"step": "moved"}) as act:
        row, order = _order(act, case_id)
        order.remove(case_id)
        order.insert(max(0, place - 1), case_id)
        act.write(db.panel_cases.put_places, row.panel_id, order)


def _order(act: Act, case_id: int) -> tuple[CaseRow, list[int]]:
    row = _to_change(act, case_id)
    must_run(act, panel_facts(act, row.panel_id))
    if row.status not in ON_THE_AGENDA:
        act.refuse(f"The case is {CASE_STATUSES[row.status]}; it has no place on the agenda.", "Nothing was changed.")
    rows = act.read(db.panel_cases.of_panel, row.panel_id)
    return row, [each.id for each in rows if each.status in ON_THE_AGENDA]


def reword(session: Session, case_id: int, *, question: str, minutes: int, over: int) -> None:
    """Change what the panel is asked about a case, and for how long.

    Raises: InputRejected, StaleRecord (somebody else changed the case meanwhile), NotFound, Refused (masked).
    """
    with session.act(Operation.ALTER, Thing.PANEL, reason=BUSINESS, facts={"step": "reworded"}) as act:
        row = _to_change(act, case_id)
        if not row.is_open:
            # What was asked is not shown on a mask, so it cannot be changed from one either; its time can.
            act.write(db.panel_cases.put_minutes, row, checked_minutes(minutes))
            return
        words = check_words(question, minutes)
        if row.version != over:
            raise StaleRecord(
                "Somebody else changed this case meanwhile.",
                "Nothing was changed.",
                "Look at both, then decide.",
                differing(
                    {"question": "What the panel is asked", "minutes": "Minutes", "status": "Status"},
                    theirs={"question": row.question, "minutes": str(row.minutes), "status": CASE_STATUSES[row.status]},
                    mine={"question": words, "minutes": str(minutes), "status": CASE_STATUSES[row.status]},
                ),
                over=row.version,
            )
        act.write(db.panel_cases.put_words, row, words, minutes)


def set_minutes(session: Session, case_id: int, minutes: int) -> None:
    """Give a case so many minutes. Raises: InputRejected, NotFound, Refused."""
    with session.act(Operation.ALTER, Thing.PANEL, reason=BUSINESS, facts={"step": "timed"}) as act:
        row = _to_change(act, case_id)
        act.write(db.panel_cases.put_minutes, row, checked_minutes(minutes))


def checked_minutes(minutes: int) -> int:
    """Return how long a case is planned for, if it can be. Raises: InputRejected."""
    if not 1 <= minutes <= MOST_MINUTES:
        raise InputRejected("That is no time for a case.", "Nothing was changed.", f"From 1 to {MOST_MINUTES} minutes.")
    return minutes


def take_off(session: Session, case_id: int, why: str) -> None:
    """Take a case off the agenda, saying why. Raises: InputRejected, NotFound, Refused (it was discussed)."""
    _leave(session, case_id, "taken-off", why)


def defer(session: Session, case_id: int, why: str) -> None:
    """Put a case off; it is offered to the next meeting. Raises: InputRejected, NotFound, Refused."""
    _leave(session, case_id, "deferred", why)


def _leave(session: Session, case_id: int, status: str, why: str) -> None:
    words = clean(why)
    if not is_a_reason(words):
        raise InputRejected("A reason is missing.", "Nothing was changed.", HINT, (f"why: {HINT}",))
    with session.act(
        running(session), Thing.PANEL, reason=Reason(ReasonCode.PANEL, words), facts={"step": status}
    ) as act:
        row = _to_change(act, case_id)
        must_run(act, panel_facts(act, row.panel_id))
        if row.decision_id is not None or row.status == "discussed":
            act.refuse("The panel has discussed this case.", "Nothing was changed.", "It stays in the minutes.")
        act.write(db.panel_cases.put_status, row, status, words)
        _renumber(act, row.panel_id)


def put_back(session: Session, case_id: int, why_over_cap: str = "") -> None:
    """List a case again that was proposed, put off or taken off; it comes last.

    Raises: InputRejected (over the panel's load without a reason), NotFound, Refused.
    """
    with session.act(Operation.ALTER, Thing.PANEL, reason=BUSINESS, facts={"step": "put-back"}) as act:
        row = _to_change(act, case_id)
        if row.status in ON_THE_AGENDA:
            act.refuse("The case is on the agenda.", "Nothing was changed.")
        list_again(act, row, why_over_cap)


def list_again(act: Act, row: CaseRow, why_over_cap: str) -> None:
    """Give a case the last place of its agenda. Raises: InputRejected, NotFound, Refused."""
    panel = still_open(act, row.panel_id)
    rows = act.read(db.panel_cases.of_panel, row.panel_id)
    over = within_load(act, panel, rows, why_over_cap)
    act.write(db.panel_cases.put_status, row, "listed", over)
    order = [each.id for each in rows if each.status in ON_THE_AGENDA]
    act.write(db.panel_cases.put_places, row.panel_id, [*order, row.id])


# What the room and the signing of decisions do inside acts of their own.


def set_decision(act: Act, case_id: int, decision_id: int) -> None:
    """Keep what was decided about a case, which is discussed thereby. Raises: NotFound."""
    act.write(db.panel_cases.put_decision, row_of(act, case_id), decision_id)


def _renumber(act: Act, panel_id: int) -> None:
    rows = act.read(db.panel_cases.of_panel, panel_id)
    act.write(db.panel_cases.put_places, panel_id, [each.id for each in rows if each.status in ON_THE_AGENDA])


def _to_change(act: Act, case_id: int) -> CaseRow:
    row = row_of(act, case_id)
    act.concerns([row.pseudonym])
    act.note(panel=row.panel_id, case=case_id)
    still_open(act, row.panel_id)
    return row


def _no_such_case() -> NotFound:
    return NotFound("There is no such case on a panel's agenda.", "Nothing was shown or changed.", "Check its number.")


def _in_slots(found: Iterable[Case], begins_at: str) -> Iterator[Case]:
    at = int(begins_at[:2]) * 60 + int(begins_at[3:]) if begins_at else None
    for each in found:
        if at is None or not each.is_listed:
            yield each
            continue
        ends = at + each.minutes
        yield replace(each, slot=_time(at), slot_ends=_time(ends))
        at = ends


def _time(minutes: int) -> str:
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"


def _case(row: CaseRow, names: dict[int, str], brought: dict[int, int]) -> Case:
    return Case(
        number=row.id,
        panel=row.panel_id,
        profile_id=row.profile_id,
        pseudonym=row.pseudonym,
        name=names.get(row.profile_id, ""),
        is_open=bool(row.is_open),
        under_18=None if row.under_18 is None else bool(row.under_18),
        do_not_approach=bool(row.do_not_approach),
        place=row.place,
        minutes=row.minutes,
        slot="",
        slot_ends="",
        question=row.question,
        brought_by=row.brought_by,
        brought_id=brought.get(row.id),
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        status=row.status,
        status_why=row.status_why,
        opened_at=row.opened_at or "",
        seconds=row.seconds,
        revealed_at=row.revealed_at or "",
        revealed_by=row.revealed_by or "",
        decision=row.decision_id,
        version=row.version,
    )
