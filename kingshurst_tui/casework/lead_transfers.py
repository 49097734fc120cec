"""The lead passes from one agency to another: asked with a handover, taken or refused by the agency that is to lead.

The signed decision stays as it was signed; who leads now is said beside it (cases.lead_now).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import db.case_reading
import db.case_writing
import db.cases
import db.users
from db.cases import TransferRow
from kingshurst_tui.casework import cases
from kingshurst_tui.casework.profiles_found import open_row
from kingshurst_tui.casework.words_needed import HINT, is_a_reason
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import InputRejected, NotFound, StaleRecord, differing
from kingshurst_tui.intake.text import clean
from kingshurst_tui.permissions import SPEAKS_FOR_EVERY_AGENCY
from kingshurst_tui.vocabulary import Operation, Thing

if TYPE_CHECKING:
    from kingshurst_tui.acts import Act, Reason
    from kingshurst_tui.session import Session

ASKED, ACCEPTED, DECLINED, WITHDRAWN = "asked", "accepted", "declined", "withdrawn"
LONGEST = 4_000


@dataclass(frozen=True, slots=True)
class TransferShown:
    """One lead that passes, or is asked to.

    Attributes:
        handover: what the other agency must know: what was done, what is promised, who the person trusts.
        status: "asked", "accepted", "declined" or "withdrawn".
        answer: in the words of the agency that was asked.
    """

    number: int
    pseudonym: str
    from_agency: str
    to_agency: str
    why: str
    handover: str
    asked_by: str
    asked_at: str
    status: str
    answer: str
    answered_by: str
    answered_at: str
    version: int


def ask(session: Session, pseudonym: str, to_agency: str, why: str, handover: str, reason: Reason) -> int:
    """Ask another agency to take the lead over; return the number.

    Args:
        session: somebody of the agency that leads now, or a coordinator.
        pseudonym: whose case; its profile is open.
        to_agency: who is to lead.
        why: in words that somebody else can weigh.
        handover: what they must know.
        reason: why one acts.

    Raises: InputRejected, NotFound, StaleRecord (it is asked for already), Refused.
    """
    with session.act(Operation.ALTER, Thing.CASE, reason=reason) as act:
        row = open_row(act, pseudonym, "handed over")
        lead = cases.lead_now(act, row.profile_id)
        if lead is None:
            raise InputRejected(
                "Nobody leads this case yet.", "Nothing was changed.", "Who leads is a decision: sign one first."
            )
        if session.user.agency != lead.agency and session.user.role not in SPEAKS_FOR_EVERY_AGENCY:
            act.refuse(f"{lead.agency} leads this case, and hands it over.")
        wrong = []
        if to_agency not in act.read(db.users.agencies):
            wrong.append("to_agency: is no partner agency")
        elif to_agency == lead.agency:
            wrong.append("to_agency: leads already")
        wrong += [
            f"{name}: in words that somebody else can weigh"
            for name, words in (("why", why), ("handover", handover))
            if not is_a_reason(words)
        ]
        if wrong:
            raise InputRejected(
                "The lead was not handed over.",
                "Nothing was changed.\n" + "\n".join(wrong),
                "Correct these.",
                tuple(wrong),
            )
        waiting = [each for each in act.read(db.cases.transfers_of, row.profile_id, session.purpose)
                   if each.status == ASKED]  # fmt: skip
        if waiting:
            raise StaleRecord(
                "Another agency is asked already.",
                "Nothing was changed.",
                "Take that back first, or wait for the answer.",
                differing({"to": "To"}, theirs={"to": waiting[0].to_agency}, mine={"to": to_agency}),
                by=waiting[0].asked_by,
            )
        number = act.write(
            db.cases.ask_transfer,
            profile_id=row.profile_id,
            purpose=session.purpose,
            from_agency=lead.agency,
            to_agency=to_agency,
            why=clean(why)[:LONGEST],
            handover=clean(handover)[:LONGEST],
            asked_by=session.user.name,
            asked_at=stamp(session.clock.now()),
        )
        act.write(db.case_writing.raise_version, [row.profile_id])
        act.note(handover=number, to=to_agency)
    return number


def answer(session: Session, number: int, *, accepted: bool, words: str, reason: Reason) -> None:
    """Take the lead over, or say no with a reason.

    Args:
        session: somebody of the agency that was asked; a coordinator may enter its answer, but for one they asked for.
        number: the handover's.
        accepted: whether the agency leads from now on.
        words: what it says; needed where it says no.
        reason: why one acts.

    Raises: InputRejected, NotFound, StaleRecord (it is answered), Refused.
    """
    if not accepted and not is_a_reason(words):
        raise InputRejected("Why the lead is not taken over is missing.", "Nothing was changed.", HINT)
    with session.act(Operation.ALTER, Thing.CASE, reason=reason) as act:
        row = _asked(act, number, ACCEPTED if accepted else DECLINED)
        user = session.user
        said = clean(words)[:LONGEST]
        if user.agency != row.to_agency:
            if user.role not in SPEAKS_FOR_EVERY_AGENCY or row.asked_by == user.name:
                act.refuse(f"{row.to_agency} is asked, and answers.")
            said = f"{said} (entered for {row.to_agency})".strip()
        at = stamp(session.clock.now())
        act.write(db.cases.settle_transfer, number, ACCEPTED if accepted else DECLINED, said, user.name, at)
        if accepted:
            now = cases.state_of(act, row.profile_id)
            state = now.state if now is not None else cases.OPEN
            cases.record_state(act, row.profile_id, state, f"handover {number}: {row.why}", lead_agency=row.to_agency)
        act.write(db.case_writing.raise_version, [row.profile_id])
        act.note(handover=number, accepted=accepted)


def withdraw(session: Session, number: int, why: str, reason: Reason) -> None:
    """Take back what was asked. Raises: InputRejected, NotFound, StaleRecord (it is answered), Refused."""
    if not is_a_reason(why):
        raise InputRejected("Why it is taken back is missing.", "Nothing was changed.", HINT)
    with session.act(Operation.ALTER, Thing.CASE, reason=reason) as act:
        row = _asked(act, number, WITHDRAWN)
        user = session.user
        if user.agency != row.from_agency and user.name != row.asked_by and user.role not in SPEAKS_FOR_EVERY_AGENCY:
            act.refuse("What an agency asked for, it takes back itself.")
        at = stamp(session.clock.now())
        act.write(db.cases.settle_transfer, number, WITHDRAWN, clean(why)[:LONGEST], user.name, at)
        act.write(db.case_writing.raise_version, [row.profile_id])
        act.note(handover=number, withdrawn=True)


def of_profile(act: Act, profile_id: int) -> tuple[TransferShown, ...]:
    """Return the handovers of an open case, the latest first."""
    return _shown(act, act.read(db.cases.transfers_of, profile_id, act.session.purpose))


def waiting(act: Act) -> tuple[TransferShown, ...]:
    """Return the handovers that wait for the acting user's answer, the oldest first."""
    user = act.session.user
    rows = [
        row
        for row in act.read(db.cases.transfers, act.session.purpose, ASKED)
        if row.to_agency == user.agency or (user.role in SPEAKS_FOR_EVERY_AGENCY and row.asked_by != user.name)
    ]
    return _shown(act, rows)


def listed(session: Session, reason: Reason) -> tuple[TransferShown, ...]:
    """Return the handovers that wait for an answer, whoever gives it; the oldest first. Raises: Refused."""
    with session.act(Operation.CONSULT, Thing.CASE, reason=reason) as act:
        shown = _shown(act, act.read(db.cases.transfers, session.purpose, ASKED))
        act.concerns(each.pseudonym for each in shown)
        act.note(handovers=len(shown))
    return shown


def _asked(act: Act, number: int, mine: str) -> TransferRow:
    row = act.read(db.cases.transfer, number)
    if row is None:
        raise NotFound("There is no such handover.", "Nothing was changed.", "Check its number.")
    person = act.read(db.case_reading.by_id, row.profile_id)
    act.concerns([person.pseudonym] if person else [])
    if row.status != ASKED:
        raise StaleRecord(
            f"The handover is {row.status} already.",
            "Nothing was changed.",
            "",
            differing({"status": "The answer"}, theirs={"status": row.status}, mine={"status": mine}),
            by=row.answered_by or "",
        )
    return row


def _shown(act: Act, rows: list[TransferRow]) -> tuple[TransferShown, ...]:
    people = act.read(db.case_reading.by_ids, {row.profile_id for row in rows})
    return tuple(
        TransferShown(
            row.id,
            people[row.profile_id].pseudonym,
            row.from_agency,
            row.to_agency,
            row.why,
            row.handover,
            row.asked_by,
            row.asked_at,
            row.status,
            row.answer,
            row.answered_by or "",
            row.answered_at or "",
            row.version,
        )
        for row in rows
        if row.profile_id in people
    )
