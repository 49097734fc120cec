"""Where a case stands, each change with its reason; who leads it now; whose review has come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import db.case_reading
import db.case_writing
import db.cases
import db.decisions
from db.cases import NewState, StateRow
from kingshurst_tui.casework.case_access import Restriction, restriction
from kingshurst_tui.casework.profiles_found import found, open_row, written_out
from kingshurst_tui.casework.words_needed import HINT, is_a_reason
from kingshurst_tui.clock import stamp
from kingshurst_tui.dates import say_date
from kingshurst_tui.errors import InputRejected, StaleRecord, differing
from kingshurst_tui.intake.text import clean
from kingshurst_tui.vocabulary import Operation, Thing

if TYPE_CHECKING:
    from kingshurst_tui.acts import Act, Reason
    from kingshurst_tui.session import Session

OPEN, MONITORING, CLOSED, REOPENED, STOOD_DOWN = "open", "monitoring", "closed", "reopened", "stood-down"
STATES = {
    OPEN: "open: agencies work with the person",
    MONITORING: "monitoring: nothing is to be done, and somebody keeps an eye on it",
    CLOSED: "closed: what was to be done is done, or can be done no more",
    REOPENED: "reopened: it was closed, and something has come up again",
    STOOD_DOWN: "stood down: it is no case for the panel after all",
}
"""Where a case can stand, and what that means."""

NEXT = {
    "": (OPEN, MONITORING, STOOD_DOWN),
    OPEN: (MONITORING, CLOSED, STOOD_DOWN),
    MONITORING: (OPEN, CLOSED, STOOD_DOWN),
    CLOSED: (REOPENED,),
    REOPENED: (MONITORING, CLOSED, STOOD_DOWN),
    STOOD_DOWN: (REOPENED,),
}
"""What a case that stands so can become; the first is one that nobody ever said anything of."""

WITHOUT_OPENING = (CLOSED, STOOD_DOWN)
"""What may be said of somebody masked too: it only ends things."""

LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class CaseState:
    """Where a case stands since a change.

    Attributes:
        why: as it was written; empty on a mask.
        lead_agency: who led then; empty on a mask, or where nobody did.
    """

    state: str
    why: str
    lead_agency: str
    panel: int | None
    changed_by: str
    changed_at: str

    def in_words(self) -> str:
        """Return it in a line."""
        day = say_date(date.fromisoformat(self.changed_at[:10]))
        why = f": {self.why}" if self.why else ""
        lead = f", {self.lead_agency} leads" if self.lead_agency else ""
        return f"{self.state.replace('-', ' ')} since {day}, by {self.changed_by}{lead}{why}"


@dataclass(frozen=True, slots=True)
class Lead:
    """Who leads a case now.

    Attributes:
        because: the signed decision, or the handover beside it ("handover 3 of decision 12").
    """

    agency: str
    because: str
    since: str


@dataclass(frozen=True, slots=True)
class CaseShown:
    """One case, as far as it may be seen.

    Attributes:
        states: how it stood, the latest first; none where nobody ever said anything of it.
        lead: who leads it now; None on a mask too.
    """

    pseudonym: str
    is_open: bool
    states: tuple[CaseState, ...]
    lead: Lead | None
    restriction: Restriction | None
    profile_id: int

    @property
    def state(self) -> str:
        """Where it stands; empty where nobody said anything of it."""
        return self.states[0].state if self.states else ""


def read(session: Session, pseudonym: str, reason: Reason) -> CaseShown:
    """Return where a case stands and stood; on a mask without the words. Raises: NotFound, Refused."""
    with session.act(Operation.CONSULT, Thing.CASE, reason=reason) as act:
        row = found(act, written_out(pseudonym))
        act.concerns([row.pseudonym])
        act.note(masked=not row.is_open)
        shown = CaseShown(
            row.pseudonym,
            bool(row.is_open),
            history(act, row.profile_id),
            lead_now(act, row.profile_id),
            restriction(act, row.profile_id),
            row.profile_id,
        )
    return shown


def listed(session: Session, reason: Reason, state: str = "") -> tuple[CaseShown, ...]:
    """Return every case of the acting purpose, what changed last first; those that stand so, or all.

    Raises: InputRejected (no such state), Refused.
    """
    if state and state not in STATES:
        raise InputRejected("A case cannot stand so.", "Nothing was shown.", f"One of: {', '.join(STATES)}.")
    with session.act(Operation.CONSULT, Thing.CASE, reason=reason) as act:
        rows = [row for row in act.read(db.cases.latest, session.purpose) if state in ("", row.state)]
        people = act.read(db.case_reading.by_ids, {row.profile_id for row in rows})
        shown = tuple(
            CaseShown(
                people[row.profile_id].pseudonym,
                bool(people[row.profile_id].is_open),
                (_state(row),),
                lead_now(act, row.profile_id),
                restriction(act, row.profile_id),
                row.profile_id,
            )
            for row in rows
            if row.profile_id in people
        )
        act.concerns(each.pseudonym for each in shown)
        act.note(cases=len(shown))
    return shown


def set_state(
    session: Session,
    pseudonym: str,
    state: str,
    why: str,
    reason: Reason,
    *,
    panel: int | None = None,
    over: str | int | None = None,
) -> None:
    """Say where a case stands from now on.

    Args:
        session: who says so.
        pseudonym: whose case.
        state: one of STATES that NEXT allows.
        why: in words that somebody else can weigh.
        reason: why one acts.
        panel: the panel that said so.
        over: the state that was seen, where it is to be minded; what a StaleRecord handed over.

    Raises: InputRejected, NotFound, StaleRecord (it stands otherwise than was seen), Refused (masked).
    """
    if state not in STATES:
        raise InputRejected("A case cannot stand so.", "Nothing was changed.", f"One of: {', '.join(STATES)}.")
    if not is_a_reason(why):
        raise InputRejected("Why the case stands so is missing.", "Nothing was changed.", HINT)
    with session.act(Operation.ALTER, Thing.CASE, reason=reason) as act:
        row = found(act, written_out(pseudonym))
        act.concerns([row.pseudonym])
        if not row.is_open and state not in WITHOUT_OPENING:
            row = open_row(act, pseudonym, "made a case")
        now = state_of(act, row.profile_id)
        stands = now.state if now is not None else ""
        if over is not None and over != stands:
            raise StaleRecord(
                "Somebody said meanwhile where this case stands.",
                "Nothing was changed.",
                "Over it, yours stands; theirs is kept.",
                differing({"state": "Where it stands"}, theirs={"state": stands}, mine={"state": state},
                          began={"state": str(over)}),
                by=now.changed_by if now is not None else "",
                over=stands,
            )  # fmt: skip
        if state not in NEXT[stands]:
            can = ", ".join(each.replace("-", " ") for each in NEXT[stands])
            raise InputRejected(
                f"A case that is {stands.replace('-', ' ') or 'none yet'} does not become {state.replace('-', ' ')}.",
                "Nothing was changed.",
                f"It can become: {can}.",
            )
        lead = lead_now(act, row.profile_id)
        record_state(act, row.profile_id, state, why, lead_agency=lead.agency if lead else "", panel=panel)


def record_state(
    act: Act, profile_id: int, state: str, why: str, *, lead_agency: str = "", panel: int | None = None
) -> None:
    """Keep where a case stands, inside an act under way; nothing where it stands so already with the same lead."""
    now = state_of(act, profile_id)
    if now is not None and (now.state, now.lead_agency) == (state, lead_agency):
        return
    if state == OPEN and now is not None and now.state in (CLOSED, STOOD_DOWN):
        state = REOPENED
    session = act.session
    act.write(
        db.cases.add_state,
        NewState(
            profile_id,
            session.purpose,
            state,
            clean(why)[:LONGEST],
            lead_agency,
            panel,
            session.user.name,
            stamp(session.clock.now()),
        ),
    )
    act.write(db.case_writing.raise_version, [profile_id])
    act.note(case=state)


def state_of(act: Act, profile_id: int) -> CaseState | None:
    """Return where a case stands for the acting purpose; None where nobody ever said anything of it."""
    rows = history(act, profile_id)
    return rows[0] if rows else None


def history(act: Act, profile_id: int) -> tuple[CaseState, ...]:
    """Return how a case stood, the latest first; on a mask without the words."""
    return tuple(_state(row) for row in act.read(db.cases.states, profile_id, act.session.purpose))


def _state(row: StateRow) -> CaseState:
    return CaseState(row.state, row.why, row.lead_agency, row.panel_id, row.changed_by, row.changed_at)


def lead_now(act: Act, profile_id: int) -> Lead | None:
    """Return who leads an open case: the signed decision's agency, or whoever took it over since.

    A handover edits no decision: it is a record beside it, and a later decision goes before it.
    """
    purpose = act.session.purpose
    decision = next(
        (
            row
            for row in act.read(db.decisions.of_profile, profile_id)
            if row.purpose == purpose and row.status in ("signed", "reopened")
        ),
        None,
    )
    if decision is None:
        return None
    for row in act.read(db.cases.transfers_of, profile_id, purpose):
        if row.status == "accepted" and (row.answered_at or "") >= decision.signed_at:
            return Lead(row.to_agency, f"handover {row.id} of decision {decision.id}", row.answered_at or "")
    return Lead(decision.lead_agency, f"decision {decision.id}", decision.signed_at)
