"""Urgent cases between panels: two agencies decide, the next panel ratifies it or not."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import db.case_reading
import db.case_writing
import db.decisions
import db.manifests
import db.panel_room
import db.urgent
import db.users
from db.keys import canonical, signature_holds
from kingshurst_tui.casework.decision_signing import (
    SIGNED,
    THING,
    case_is_open,
    cleaned,
    current_of,
    digest_of,
    facts_of,
    signed_in,
    tell_superseded,
)
from kingshurst_tui.casework.profiles_found import open_row
from kingshurst_tui.casework.reopenings import dealt_with
from kingshurst_tui.casework.words_needed import HINT, is_a_reason
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import Changed, InputRejected, NotFound, StaleRecord
from kingshurst_tui.intake.text import clean
from kingshurst_tui.vocabulary import AgencyKind, Operation, Thing

if TYPE_CHECKING:
    from db.decisions import DecisionRow
    from db.urgent import UrgentRow
    from kingshurst_tui.acts import Act, Reason
    from kingshurst_tui.casework.drafts import Kept
    from kingshurst_tui.session import Session

WAITING, AGREED, REFUSED, RATIFIED, NOT_RATIFIED = "waiting", "agreed", "refused", "ratified", "not-ratified"

STATUSES = {
    WAITING: "waits for a second agency, and is not in force",
    AGREED: "in force; the next panel ratifies it or not",
    REFUSED: "the second agency did not agree; it is not in force",
    RATIFIED: "in force; the panel ratified it",
    NOT_RATIFIED: "the panel did not ratify it; it is to be decided anew",
}
LONGEST = 2_000
"""Letters of a reason."""


@dataclass(frozen=True, slots=True)
class Urgent:
    """One urgent decision.

    Attributes:
        second_holds: whether the second agency's signature verifies; None while there is none.
        panel: at which panel it was ratified or not.
    """

    number: int
    profile_id: int
    pseudonym: str
    decision: int
    lead_agency: str
    why_urgent: str
    first_agency: str
    first_by: str
    second_agency: str
    second_by: str
    second_at: str
    second_holds: bool | None
    status: str
    panel: int | None
    ratified_why: str
    ratified_by: str


def decide(
    session: Session,
    pseudonym: str,
    fields: Mapping[str, Any],
    not_discussed: Sequence[str],
    why_urgent: str,
    *,
    version: int,
    reason: Reason,
    begun: Sequence[Kept] = (),
) -> Urgent:
    """Sign an urgent decision for the first agency; it is not in force before somebody of a second one agrees.

    Raises: InputRejected, StaleRecord, going_on.Stopped, NotFound, Refused (masked; one waits already; one is of the
        partnership itself).
    """
    why = _words("why it cannot wait", why_urgent)
    written = cleaned(fields)
    with session.act(Operation.ALTER, Thing.DECISION, reason=reason) as act:
        _is_an_agency(act)
        row = open_row(act, pseudonym, "decided about")
        for each in act.read(db.urgent.all_open):
            if each.profile_id == row.profile_id and each.status == WAITING:
                act.refuse(f"Urgent decision {each.id} waits for a second agency already.", "Nothing was signed.")
        made = signed_in(act, row, written, not_discussed, version, begun=begun, urgent=True)
        number = act.write(
            db.urgent.add,
            profile_id=row.profile_id,
            decision_id=made.id,
            why_urgent=why,
            first_agency=session.user.agency,
            first_by=session.user.name,
        )
        act.note(urgent=number)
        shown = _kept(act, number)
    return shown


def second(session: Session, number: int, agree: bool, reason: Reason) -> Urgent:
    """Sign an urgent decision for a second agency, or say no; only with two agencies is it in force.

    Raises: NotFound, Refused (the same agency), StaleRecord (answered already; another decision was signed since).
    """
    with session.act(Operation.COLLECT, Thing.DECISION, reason=reason) as act:
        row, decision = _found(act, number)
        if row.status != WAITING:
            raise _answered(row)
        _is_an_agency(act)
        if session.user.agency == row.first_agency:
            act.refuse(
                "The second signature is another agency's.",
                f"{row.first_agency} decided first. Nothing was signed.",
                "Somebody of another agency signs.",
            )
        at = stamp(session.clock.now())
        if agree:
            current = current_of(act, row.profile_id)
            if (current.id if current else None) != decision.supersedes_id:
                raise StaleRecord(
                    "Another decision was signed meanwhile.",
                    "Nothing was signed.",
                    "Look at both; say no to this one, or decide anew.",
                    by=current.signed_by if current else "",
                )
            _, signature = session.sign(_word(row.id, decision, session.user.agency, session.user.name, at))
            act.write(db.urgent.second, number, AGREED, session.user.agency, session.user.name, signature, at)
            act.write(db.decisions.put_status, decision.id, SIGNED)
            case_is_open(act, row.profile_id, decision.id, decision.lead_agency, None)
            if current is not None:
                act.write(db.decisions.supersede, current.id)
                dealt_with(act, THING, current.id)
                tell_superseded(act, current)
        else:
            act.write(db.urgent.second, number, REFUSED, session.user.agency, session.user.name, None, at)
            act.write(db.decisions.put_status, decision.id, REFUSED)
        act.write(db.case_writing.raise_version, [row.profile_id])
        act.note(urgent=number, decision=decision.id, agreed=agree)
        shown = _kept(act, number)
    return shown


def ratify(session: Session, number: int, panel_id: int, yes: bool, why: str, reason: Reason) -> Urgent:
    """Record that a panel stands behind an urgent decision, or does not: then it is to be decided anew.

    Saying yes is held to what stops a panel's own decision; a case on its agenda may go on as any other.

    Raises: InputRejected (no reason for saying no), NotFound, Refused (the panel is not open, has no quorum, or one is
        neither its chair nor its minute-taker, or stepped out of the case), going_on.Stopped, StaleRecord.
    """
    from kingshurst_tui.panels import attendance, cases

    words = clean(why) if yes else _words("why the panel does not ratify it", why)
    with session.act(Operation.COLLECT, Thing.DECISION, reason=reason) as act:
        row, decision = _found(act, number)
        if row.status != AGREED:
            raise _answered(row)
        panel = act.read(db.manifests.panel, panel_id)
        if panel is None or panel.purpose != session.purpose:
            raise NotFound("There is no such panel.", "Nothing was changed.", "Check its number.")
        if panel.status != "open":
            act.refuse("The panel is not open.", "A panel ratifies while it meets. Nothing was changed.")
        if session.user.name not in (panel.chair, panel.minute_taker):
            act.refuse("Its chair or its minute-taker records what a panel says.", "Nothing was changed.")
        if act.read(db.panel_room.steps_out, panel_id, row.profile_id, session.user.name):
            act.refuse("You stepped out of this case.", "Nothing was changed.", "The other of the two records it.")
        quorum = attendance.quorum(act, panel_id)
        if not quorum.met:
            act.refuse(
                "A panel without quorum ratifies nothing.", f"{'; '.join(quorum.problems)}. Nothing was changed."
            )
        if yes:
            _not_stopped(act, row.profile_id, decision.lead_agency, panel_id)
        at = stamp(session.clock.now())
        status = RATIFIED if yes else NOT_RATIFIED
        act.write(db.urgent.ratify, number, status, panel_id, words, session.user.name, at)
        for case in act.read(db.manifests.cases, panel_id):
            # A panel that stands behind it has decided the case thereby; its manifest lists the decision.
            if yes and case.profile_id == row.profile_id and case.status == "listed":
                cases.set_decision(act, case.id, decision.id)
        if not yes and decision.status == SIGNED:
            act.write(db.decisions.put_status, decision.id, "reopened")
        act.write(db.case_writing.raise_version, [row.profile_id])
        act.note(urgent=number, decision=decision.id, panel=panel_id, ratified=yes)
        shown = _kept(act, number)
    return shown


def listed(session: Session, reason: Reason) -> tuple[Urgent, ...]:
    """Return urgent decisions about open profiles, the latest first."""
    with session.act(Operation.CONSULT, Thing.DECISION, reason=reason) as act:
        found = all_of_them(act)
        act.concerns(each.pseudonym for each in found)
        act.note(urgent=len(found))
    return found


def all_of_them(act: Act) -> tuple[Urgent, ...]:
    """Return urgent decisions for the acting purpose about open profiles inside an act, the latest first."""
    rows = act.read(db.urgent.all_open)
    people = act.read(db.case_reading.by_ids, {row.profile_id for row in rows})
    shown = []
    for row in rows:
        decision = act.read(db.decisions.by_id, row.decision_id)
        if decision is not None and decision.purpose == act.session.purpose and row.profile_id in people:
            shown.append(_one(act, row, decision, people[row.profile_id].pseudonym))
    return tuple(shown)


def to_ratify(act: Act) -> tuple[Urgent, ...]:
    """Return what the next panel ratifies or not, the oldest first."""
    return tuple(each for each in reversed(all_of_them(act)) if each.status == AGREED)


def to_second(act: Act) -> tuple[Urgent, ...]:
    """Return what waits for somebody of the acting user's agency, or of another that is not the first."""
    return tuple(
        each
        for each in reversed(all_of_them(act))
        if each.status == WAITING and each.first_agency != act.session.user.agency
    )


def _not_stopped(act: Act, profile_id: int, lead_agency: str, panel_id: int) -> None:
    """Hold a panel that would ratify to what stops a decision of its own. Raises: going_on.Stopped."""
    from kingshurst_tui.panels import going_on

    person = act.read(db.case_reading.by_id, profile_id)
    if person is None:
        return
    on_agenda = (each for each in act.read(db.manifests.cases, panel_id) if each.profile_id == profile_id)
    case = next((each.id for each in on_agenda if each.status in ("listed", "discussed")), None)
    facts, _ = facts_of(act, person)
    found = going_on.stops(act, facts, lead_agency, panel=panel_id, case=case)
    # That police lead was stopped, or agreed by two people, when it was signed.
    found = tuple(each for each in found if each.code != going_on.POLICE_ON_CRISIS)
    if found and case is None:
        raise going_on.Stopped(found)
    going_on.spend(act, going_on.agreed(act, profile_id, found, case=case))


def _words(what: str, text: str) -> str:
    words = "\n".join(clean(line) for line in text.split("\n")).strip()
    if not is_a_reason(words) or len(words) > LONGEST:
        raise InputRejected("A reason is missing.", "Nothing was signed.", HINT, (f"{what}: {HINT}",))
    return words


def _is_an_agency(act: Act) -> None:
    agency = act.session.user.agency
    # The partnership's own staff may be of a code that is no partner's.
    kind = act.read(db.users.agencies).get(agency, ("", AgencyKind.PARTNERSHIP))[1]
    if kind == AgencyKind.PARTNERSHIP:
        act.refuse(
            "The partnership itself decides nothing between panels.",
            "Two agencies do. Nothing was signed.",
            "Somebody of a partner agency signs.",
        )


def _found(act: Act, number: int) -> tuple[UrgentRow, DecisionRow]:
    row = act.read(db.urgent.by_id, number)
    decision = act.read(db.decisions.by_id, row.decision_id) if row else None
    person = act.read(db.case_reading.by_id, row.profile_id) if row else None
    if row is None or decision is None or person is None or decision.purpose != act.session.purpose:
        raise NotFound("There is no such urgent decision.", "Nothing was changed.", "Check its number.")
    act.concerns([person.pseudonym])
    return row, decision


def _answered(row: UrgentRow) -> StaleRecord:
    said = STATUSES[row.status]
    by = row.ratified_by or row.second_by or row.first_by
    return StaleRecord(
        "This urgent decision is not at that point.",
        "Nothing was changed.",
        "Look at it again.",
        [Changed("", f"Urgent decision {row.id}", "", said, "your answer")],
        by=by,
    )


def _kept(act: Act, number: int) -> Urgent:
    row, decision = _found(act, number)
    return _one(act, row, decision, str(json.loads(decision.document)["pseudonym"]))


def _one(act: Act, row: UrgentRow, decision: DecisionRow, pseudonym: str) -> Urgent:
    holds = None
    if row.second_signature is not None:
        said = canonical(_word(row.id, decision, row.second_agency, row.second_by or "", row.second_at or ""))
        holds = any(
            signature_holds(public, bytes(row.second_signature), said)
            for public in act.read(db.decisions.signing_keys, row.second_by or "")
        )
    return Urgent(
        row.id,
        row.profile_id,
        pseudonym,
        row.decision_id,
        decision.lead_agency,
        row.why_urgent,
        row.first_agency,
        row.first_by,
        row.second_agency,
        row.second_by or "",
        row.second_at or "",
        holds,
        row.status,
        row.panel_id,
        row.ratified_why,
        row.ratified_by or "",
    )


def _word(number: int, decision: DecisionRow, agency: str, user: str, at: str) -> dict[str, Any]:
    return {
        "kind": "urgent-second/1",
        "urgent": number,
        "decision": decision.id,
        "digest": digest_of(decision.document.encode()),
        "agency": agency,
        "signed_by": user,
        "signed_at": at,
    }
