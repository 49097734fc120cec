"""An agency disagrees with a decision: on what grounds, what the chair answers, how far it goes up.

A dissent is signed by whoever makes it, over the digest of the decision; the decision stands as it was signed.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import db.case_reading
import db.decisions
import db.dissents
import db.manifests
import db.users
from kingshurst_tui.casework.decision_signing import digest_of
from kingshurst_tui.casework.dissent_shown import (
    ANSWERED,
    CLOSED,
    ESCALATED,
    FIELDS,
    OPEN,
    STANDS,
    DissentShown,
    shown_dissent,
)
from kingshurst_tui.casework.escalation import LEVELS, TOP, due, due_after
from kingshurst_tui.casework.words_needed import HINT, is_a_reason
from kingshurst_tui.clock import stamp
from kingshurst_tui.dates import show_time
from kingshurst_tui.errors import Changed, InputRejected, NotFound, StaleRecord
from kingshurst_tui.intake.text import clean
from kingshurst_tui.vocabulary import Operation, Role, Thing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from db.decisions import DecisionRow
    from db.dissents import DissentRow
    from db.manifests import PanelRow
    from kingshurst_tui.acts import Act, Reason
    from kingshurst_tui.session import Session

LONGEST = 4_000
"""Letters of one field."""


def dissent(
    session: Session,
    decision: int,
    position: str,
    grounds: str,
    missing: str,
    alternative: str,
    reason: Reason,
    *,
    agency: str = "",
    entered_for: str = "",
) -> DissentShown:
    """Sign a dissent from a decision for one's own agency; the chair is to answer it, by a clock.

    A coordinator may enter one for an agency whose member has no account: ``agency`` and ``entered_for`` say whose.

    Raises: InputRejected, NotFound (no such decision, or its profile is closed), Refused (another agency's; one is open
        already).
    """
    words = _words({"position": position, "grounds": grounds, "missing": missing, "alternative": alternative})
    with session.act(Operation.ALTER, Thing.DISSENT, reason=reason) as act:
        row, pseudonym = _decision(act, decision)
        whose = _whose(act, agency.strip(), clean(entered_for))
        for each in act.read(db.dissents.of_decision, row.id):
            if each.agency_code == whose and each.status == OPEN:
                act.refuse(f"{whose} dissents from this decision already, as dissent {each.id}.", "Nothing was signed.")
        at = stamp(session.clock.now())
        document, signature = session.sign(
            {
                "kind": "dissent/1",
                "decision": row.id,
                "digest": digest_of(row.document.encode()),
                "pseudonym": pseudonym,
                "agency": whose,
                **words,
                "signed_by": session.user.name,
                "entered_for": clean(entered_for),
                "signed_at": at,
            }
        )
        number = act.write(
            db.dissents.add,
            profile_id=row.profile_id,
            decision_id=row.id,
            agency_code=whose,
            document=document.decode(),
            signature=signature,
            made_by=session.user.name,
            entered_for=clean(entered_for),
            made_at=at,
            due_at=stamp(due(act, 0)),
        )
        act.note(dissent=number, decision=row.id, agency=whose, digest=digest_of(document))
        shown = _kept(act, number)
    return shown


def answer(session: Session, number: int, words: str, *, version: int, reason: Reason) -> DissentShown:
    """Answer a dissent as the chair of the panel that decided; outside a panel, as a coordinator.

    It stays open until it is resolved, withdrawn or stands.

    Raises: InputRejected, NotFound, Refused (not the chair; or the chair made it), StaleRecord.
    """
    said = _one("words", words)
    with session.act(Operation.ALTER, Thing.DISSENT, reason=reason) as act:
        row = _to_change(act, number, version)
        _chairs(act, row)
        _step(act, row, ANSWERED, said, row.level, row.due_at, OPEN)
        shown = _kept(act, number)
    return shown


def escalate(session: Session, number: int, words: str, *, version: int, reason: Reason) -> DissentShown:
    """Take a dissent one level up, with a new clock; anybody of its agency may, and a coordinator.

    Raises: InputRejected, NotFound, Refused (at the top; another agency's), StaleRecord.
    """
    said = _one("words", words)
    with session.act(Operation.ALTER, Thing.DISSENT, reason=reason) as act:
        row = _to_change(act, number, version)
        if row.level >= TOP:
            act.refuse(
                f"It is with {LEVELS[TOP].name} already, and nobody is above.",
                "Nothing was changed.",
                "There it is resolved, or it stands.",
            )
        _of_its_agency(act, row)
        level = row.level + 1
        _step(act, row, ESCALATED, said, level, stamp(due(act, level)), OPEN)
        shown = _kept(act, number)
    return shown


def close(session: Session, number: int, how: str, words: str, *, version: int, reason: Reason) -> DissentShown:
    """End a dissent: resolved or withdrawn by its own agency, which may say as well that it stands.

    Of one that was entered for somebody without an account, a coordinator enters that as well. The chair or a
    coordinator says that it stands only where the agency had its way up: the highest level answered, or it let the time
    pass in which it could have taken an answer further.

    Raises: InputRejected, NotFound, Refused (whose word it is not, or it may still be taken up), StaleRecord.
    """
    if how not in CLOSED:
        raise InputRejected(f"That is none of {', '.join(CLOSED)}.", "Nothing was changed.", "Choose one.")
    said = _one("words", words)
    with session.act(Operation.ALTER, Thing.DISSENT, reason=reason) as act:
        row = _to_change(act, number, version)
        if how == STANDS and not _speaks_for_it(act, row):
            _chairs(act, row)
            _had_its_way_up(act, row)
        else:
            _of_its_agency(act, row, or_a_coordinator=bool(row.entered_for))
        _step(act, row, how, said, row.level, row.due_at, how)
        shown = _kept(act, number)
    return shown


def listed(session: Session, reason: Reason, *, with_closed: bool = False) -> tuple[DissentShown, ...]:
    """Return the dissents about open profiles for the acting purpose, those due first."""
    with session.act(Operation.CONSULT, Thing.DISSENT, reason=reason) as act:
        found = _all(act, act.read(db.dissents.listed, session.purpose, with_closed=with_closed))
        act.concerns(each.pseudonym for each in found)
        act.note(dissents=len(found))
    return found


def of_one_decision(session: Session, decision: int, reason: Reason) -> tuple[DissentShown, ...]:
    """Return the dissents from one decision. Raises: NotFound, Refused."""
    with session.act(Operation.CONSULT, Thing.DISSENT, reason=reason) as act:
        _decision(act, decision)
        found = of_decision(act, decision)
        act.note(decision=decision, dissents=len(found))
    return found


def open_ones(act: Act) -> tuple[DissentShown, ...]:
    """Return the dissents that are not closed, inside an act, those due first."""
    return _all(act, act.read(db.dissents.listed, act.session.purpose, with_closed=False))


def of_decision(act: Act, decision: int) -> tuple[DissentShown, ...]:
    """Return the dissents from one decision about an open profile, inside an act."""
    return _all(act, act.read(db.dissents.of_decision, decision))


def of_panel(act: Act, panel_id: int) -> tuple[DissentShown, ...]:
    """Return the dissents from the decisions of a panel about open profiles, in the order of its cases."""
    found: list[DissentShown] = []
    for case in act.read(db.manifests.cases, panel_id):
        if case.decision_id is not None:
            found += of_decision(act, case.decision_id)
    return tuple(found)


# --- who may ----------------------------------------------------------------------------------------------------------


def _whose(act: Act, agency: str, entered_for: str) -> str:
    user = act.session.user
    if agency in ("", user.agency):
        return user.agency
    if agency not in act.read(db.users.agencies):
        raise InputRejected(f"{agency} is no partner agency.", "Nothing was signed.", "Check its code.")
    if user.role is not Role.COORDINATOR or not entered_for:
        act.refuse(
            "A dissent is its own agency's.",
            "Nothing was signed.",
            "A coordinator may enter one for somebody without an account, and says for whom.",
        )
    return agency


def _chairs(act: Act, row: DissentRow) -> None:
    """Let the chair of the panel that decided go on; where there was none, a coordinator who did not make it."""
    user = act.session.user
    panel = _panel_of(act, row)
    if panel is not None and panel.chair:
        if user.name != panel.chair and not (row.level > 0 and user.role is Role.COORDINATOR):
            act.refuse(f"The chair, {panel.chair}, answers it.", "Nothing was changed.")
    elif user.role is not Role.COORDINATOR:
        act.refuse("A coordinator answers for a decision outside a panel.", "Nothing was changed.")
    if user.name == row.made_by and not row.entered_for:
        act.refuse("Nobody answers their own dissent.", "Nothing was changed.", "Somebody else answers it.")


def _panel_of(act: Act, row: DissentRow) -> PanelRow | None:
    case = act.read(db.manifests.case_of_decision, row.decision_id)
    return act.read(db.manifests.panel, case.panel_id) if case else None


def _speaks_for_it(act: Act, row: DissentRow) -> bool:
    """Say whether the acting user accepts for the agency that a decision it dissents from is carried out.

    Whoever chaired the panel answers it, and speaks for nobody who dissents.
    """
    user = act.session.user
    panel = _panel_of(act, row)
    return user.agency == row.agency_code and (panel is None or user.name != panel.chair)


def _had_its_way_up(act: Act, row: DissentRow) -> None:
    """Stop whoever answers a dissent from ending it before its agency could have taken the answer further.

    Raises: Refused.
    """
    level = min(row.level, TOP)
    answers = [
        each.made_at for each in act.read(db.dissents.steps_of, row.id) if (each.step, each.level) == (ANSWERED, level)
    ]
    if answers and level == TOP:
        return
    until = due_after(act, level, datetime.fromisoformat(answers[0])) if answers else None
    if until is not None and until <= act.session.clock.now():
        return
    said = (
        f"It was answered by {LEVELS[level].name}, and {row.agency_code} may take it further until "
        f"{show_time(until.astimezone())}"
        if until
        else f"It is with {LEVELS[level].name}, and no answer was given there"
    )
    act.refuse(
        "This dissent cannot be ended as standing yet.",
        f"{said}. Nothing was changed.",
        f"{row.agency_code} may say now that it stands; or answer it, and wait whether they take it up.",
    )


def _of_its_agency(act: Act, row: DissentRow, *, or_a_coordinator: bool = True) -> None:
    user = act.session.user
    if user.agency != row.agency_code and not (or_a_coordinator and user.role is Role.COORDINATOR):
        act.refuse(f"This is for {row.agency_code} to say.", "Nothing was changed.")


# --- kept and shown ---------------------------------------------------------------------------------------------------


def _words(fields: dict[str, str]) -> dict[str, str]:
    cleaned = {name: _in_lines(text) for name, text in fields.items()}
    wrong = [f"{FIELDS[name]}: {HINT}" for name in ("position", "grounds") if not is_a_reason(cleaned[name])]
    wrong += [
        f"{FIELDS[name]}: say it, or that there is nothing" for name in ("missing", "alternative") if not cleaned[name]
    ]
    wrong += [f"{FIELDS[name]}: is longer than {LONGEST:,} letters" for name in FIELDS if len(cleaned[name]) > LONGEST]
    if wrong:
        raise InputRejected(
            "The dissent was not signed.", "Nothing was changed.\n" + "\n".join(wrong), "Fill these in.", tuple(wrong)
        )
    return cleaned


def _one(field: str, text: str) -> str:
    words = _in_lines(text)
    if not is_a_reason(words) or len(words) > LONGEST:
        raise InputRejected("Words are missing.", f"Nothing was changed. {HINT}", "", (f"{field}: {HINT}",))
    return words


def _in_lines(text: str) -> str:
    return "\n".join(clean(line) for line in text.split("\n")).strip()


def _decision(act: Act, number: int) -> tuple[DecisionRow, str]:
    row = act.read(db.decisions.by_id, number)
    person = act.read(db.case_reading.by_id, row.profile_id) if row else None
    if row is None or person is None or row.purpose != act.session.purpose:
        raise NotFound("There is no such decision.", "Nothing was changed.", "Check its number.")
    act.concerns([person.pseudonym])
    return row, person.pseudonym


def _to_change(act: Act, number: int, version: int) -> DissentRow:
    row = act.read(db.dissents.by_id, number)
    if row is None:
        raise _no_such()
    _decision(act, row.decision_id)
    if row.version == version and row.status == OPEN:
        return row
    shown = shown_dissent(act, row, "")
    latest = shown.steps[-1] if shown.steps else None
    now = f"{latest.step} by {latest.made_by}: {latest.words}" if latest else shown.status
    raise StaleRecord(
        "Somebody went on with this dissent meanwhile." if row.status == OPEN else "This dissent is closed.",
        "Nothing was changed.",
        "Look at it again.",
        [Changed("", f"Dissent {number}", "", now, "your word")],
        by=latest.made_by if latest else "",
        over=row.version if row.status == OPEN else None,
    )


def _step(act: Act, row: DissentRow, step: str, words: str, level: int, due_at: str, status: str) -> None:
    at = stamp(act.session.clock.now())
    act.write(db.dissents.add_step, row, step, level, words, act.session.user.name, at)
    act.write(db.dissents.put, row.id, level=level, due_at=due_at, status=status)
    act.note(dissent=row.id, decision=row.decision_id, step=step, level=level)


def _all(act: Act, rows: Iterable[DissentRow]) -> tuple[DissentShown, ...]:
    rows = list(rows)
    people = act.read(db.case_reading.by_ids, {row.profile_id for row in rows})
    return tuple(shown_dissent(act, row, people[row.profile_id].pseudonym) for row in rows if row.profile_id in people)


def _kept(act: Act, number: int) -> DissentShown:
    row = act.read(db.dissents.by_id, number)
    person = act.read(db.case_reading.by_id, row.profile_id) if row else None
    if row is None or person is None:
        raise _no_such()
    return shown_dissent(act, row, person.pseudonym)


def _no_such() -> NotFound:
    return NotFound("There is no such dissent.", "Nothing was shown or changed.", "Check its number.")
