"""Which referrals are there, and how each stands, as its sender and its receiver see it.

What was written is shown, never whose it was found to be.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import db.case_reading
import db.referrals
from db.referrals import ReferralRow
from db.sight import combining
from kingshurst_tui.dates import say_date
from kingshurst_tui.errors import NotFound
from kingshurst_tui.permissions import SPEAKS_FOR_EVERY_AGENCY
from kingshurst_tui.vocabulary import Operation, Thing

if TYPE_CHECKING:
    from kingshurst_tui.acts import Act, Reason
    from kingshurst_tui.session import Session

SENT, RECEIVED, ACCEPTED, REJECTED, DONE, REVOKED = "sent", "received", "accepted", "rejected", "done", "revoked"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was said of a referral."""

    step: str
    words: str
    made_by: str
    made_at: str

    def in_words(self) -> str:
        """Return it in a line, with who and when."""
        said = f": {self.words}" if self.words else ""
        return f"{say_date(date.fromisoformat(self.made_at[:10]))}, {self.made_by}: {self.step}{said}"


@dataclass(frozen=True, slots=True)
class ReferralShown:
    """One referral, as its sender and its receiver see it: what was written, never whose it was found to be.

    Attributes:
        to_agency: a partner's code; empty for the panel.
        why: why somebody should take the person on.
        asked: what is asked for.
        person_knows: what the person knows of it, a key of referral_form.KNOWS.
        urgency: "routine", "soon" or "today".
        lawful_basis: on which basis what stands here was disclosed.
        disclosed: what was disclosed besides who is meant.
        status: "sent", "received", "accepted", "rejected", "done" or "revoked".
        overdue: the referrer was to have heard what came of it by now.
    """

    number: int
    from_agency: str
    to_agency: str
    forename: str
    surname: str
    born: date | None
    postcode: str
    own_reference: str
    why: str
    asked: str
    person_knows: str
    urgency: str
    lawful_basis: str
    disclosed: str
    sent_by: str
    sent_at: str
    status: str
    answer: str
    answered_by: str
    answered_at: str
    feedback_due_on: date | None
    feedback: str
    feedback_by: str
    feedback_at: str
    version: int
    overdue: bool
    steps: tuple[Step, ...] = ()

    @property
    def to(self) -> str:
        """To whom, in a word."""
        return self.to_agency or "the panel"

    @property
    def who(self) -> str:
        """Whom it names, as it was written."""
        return " ".join(part for part in (self.forename, self.surname) if part)


@dataclass(frozen=True, slots=True)
class ReferralForPanel:
    """Somebody whom an accepted referral puts before the panel, by pseudonym; for whoever prepares it, nobody else."""

    number: int
    profile_id: int
    pseudonym: str
    urgency: str
    accepted_at: str
    is_open: bool


def listed(session: Session, reason: Reason) -> tuple[ReferralShown, ...]:
    """Return what one's own agency sent or was sent, the latest first; for coordinators, the panel's too."""
    with session.act(Operation.CONSULT, Thing.REFERRAL, reason=reason) as act:
        found = tuple(shown_referral(act, row) for row in _mine(act))
        act.note(referrals=len(found))
    return found


def read(session: Session, number: int, reason: Reason) -> ReferralShown:
    """Return one referral with everything that was said of it. Raises: NotFound, Refused."""
    with session.act(Operation.CONSULT, Thing.REFERRAL, reason=reason) as act:
        row = row_of(act, number)
        if act.read(db.referrals.own_by_id, number) is not None:
            steps = act.read(db.referrals.steps, number)
        else:
            with combining(act.connection):
                steps = act.read(db.referrals.every_step, number)
        act.note(referral=number)
        said = tuple(Step(each.step, each.words, each.made_by, each.made_at) for each in steps)
        shown = shown_referral(act, row, said)
    return shown


def of_profile(act: Act, profile_id: int) -> tuple[ReferralShown, ...]:
    """Return the referrals of an open profile, the latest first."""
    return tuple(shown_referral(act, row) for row in act.read(db.referrals.of_profile, profile_id))


def for_panel(act: Act) -> tuple[ReferralForPanel, ...]:
    """Return whom accepted referrals put before the panel: found here, by pseudonym, the oldest first.

    Masked people are among them. Never show it to anybody but whoever prepares the panel: a referrer must not learn
    that the person is known.
    """
    with combining(act.connection):
        found = act.read(db.referrals.found, act.session.purpose)
        rows = [
            (row, whose)
            for row in act.read(db.referrals.every, act.session.purpose)
            if row.to_agency == "" and row.status == ACCEPTED and (whose := found[row.id].profile_id) is not None
        ]
    people = act.read(db.case_reading.by_ids, {whose for _, whose in rows})
    return tuple(
        ReferralForPanel(
            row.id, whose, people[whose].pseudonym, row.urgency, row.answered_at or "", bool(people[whose].is_open)
        )
        for row, whose in rows
        if whose in people
    )


def to_answer(act: Act) -> tuple[ReferralShown, ...]:
    """Return what the acting user's agency, or the panel, was sent and has not answered; the oldest first."""
    waiting = [row for row in _mine(act) if row.status in (SENT, RECEIVED) and may_answer(act, row)]
    return tuple(shown_referral(act, row) for row in reversed(waiting))


def feedback_due(act: Act) -> tuple[ReferralShown, ...]:
    """Return what was taken on and whose referrer has heard nothing since; the soonest first."""
    rows = [row for row in _mine(act) if row.status == ACCEPTED and not row.feedback and may_answer(act, row)]
    return tuple(shown_referral(act, row) for row in sorted(rows, key=lambda row: (row.feedback_due_on or "", row.id)))


def heard(act: Act, since: str) -> tuple[ReferralShown, ...]:
    """Return what the acting user's agency sent and was answered since a day, the latest first."""
    agency = act.session.user.agency
    return tuple(
        shown_referral(act, row)
        for row in act.read(db.referrals.own, act.session.purpose)
        if row.from_agency == agency
        and row.status != REVOKED
        and max(row.answered_at or "", row.feedback_at or "") >= since
    )


def _mine(act: Act) -> list[ReferralRow]:
    own = act.read(db.referrals.own, act.session.purpose)
    if act.session.user.role not in SPEAKS_FOR_EVERY_AGENCY:
        return own
    with combining(act.connection):
        return sorted(act.read(db.referrals.every, act.session.purpose), key=lambda row: row.id, reverse=True)


def row_of(act: Act, number: int) -> ReferralRow:
    """Return one that the acting user may see. Raises: NotFound."""
    row = act.read(db.referrals.own_by_id, number)
    if row is None and act.session.user.role in SPEAKS_FOR_EVERY_AGENCY:
        with combining(act.connection):
            row = act.read(db.referrals.by_id, number)
    if row is None:
        raise NotFound("There is no such referral of your agency.", "Nothing was changed.", "Check its number.")
    return row


def may_answer(act: Act, row: ReferralRow) -> bool:
    """Say whether it is the acting user's to answer: of their agency, or for the panel of who prepares it."""
    user = act.session.user
    return user.role in SPEAKS_FOR_EVERY_AGENCY or (bool(row.to_agency) and row.to_agency == user.agency)


def shown_referral(act: Act, row: ReferralRow, steps: tuple[Step, ...] = ()) -> ReferralShown:
    """Return a referral as its sender and its receiver see it."""
    written: dict[str, str] = json.loads(row.document or "{}")
    due = date.fromisoformat(row.feedback_due_on) if row.feedback_due_on else None
    waits = row.status == ACCEPTED and not row.feedback
    return ReferralShown(
        number=row.id,
        from_agency=row.from_agency,
        to_agency=row.to_agency,
        forename=row.forename or "",
        surname=row.surname or "",
        born=date.fromisoformat(row.born) if row.born else None,
        postcode=row.postcode or "",
        own_reference=row.own_reference or "",
        why=written.get("why", ""),
        asked=written.get("asked", ""),
        person_knows=written.get("person_knows", ""),
        urgency=row.urgency,
        lawful_basis=row.lawful_basis,
        disclosed=row.disclosed,
        sent_by=row.sent_by,
        sent_at=row.sent_at,
        status=row.status,
        answer=row.answer,
        answered_by=row.answered_by or "",
        answered_at=row.answered_at or "",
        feedback_due_on=due,
        feedback=row.feedback,
        feedback_by=row.feedback_by or "",
        feedback_at=row.feedback_at or "",
        version=row.version,
        overdue=due is not None and waits and due < act.session.clock.today(),
        steps=steps,
    )
