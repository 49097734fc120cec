"""Referrals: one agency asks another, or the panel, to take somebody on, and hears what came of it.

Who is meant may be unknown here, or masked: the referrer writes what they know, and nothing is compared while they do.
Whose it is a coordinator finds out later (reconciling.py), and no answer to the referrer says so.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import db.case_reading
import db.referrals
import db.users
from db.referrals import NewReferral, ReferralRow
from db.sight import combining
from kingshurst_tui.casework.profiles_found import open_row
from kingshurst_tui.casework.referral_form import PANEL, checked
from kingshurst_tui.casework.words_needed import HINT, is_a_reason
from kingshurst_tui.clock import stamp
from kingshurst_tui.dates import say_date
from kingshurst_tui.errors import InputRejected, NotFound, StaleRecord, differing
from kingshurst_tui.intake.text import clean
from kingshurst_tui.permissions import SPEAKS_FOR_EVERY_AGENCY
from kingshurst_tui.vocabulary import Operation, Thing

if TYPE_CHECKING:
    from kingshurst_tui.acts import Act, Reason
    from kingshurst_tui.session import Session

SENT, RECEIVED, ACCEPTED, REJECTED, DONE, REVOKED = "sent", "received", "accepted", "rejected", "done", "revoked"
NEXT = {
    SENT: (RECEIVED, ACCEPTED, REJECTED, REVOKED),
    RECEIVED: (ACCEPTED, REJECTED, REVOKED),
    ACCEPTED: (DONE, REVOKED),
    REJECTED: (),
    DONE: (),
    REVOKED: (),
}
"""What may become of a referral that stands so."""

LONGEST = 2_000
NOTHING_SAID = "The referrer reads these words: say nothing of whether the person is known to anybody here."
"""What whoever answers is told before they write."""


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


def send(session: Session, fields: Mapping[str, str], reason: Reason, *, pseudonym: str = "") -> int:
    """Send a referral and return its number; the same answer whoever is meant.

    Args:
        session: who sends it, for their own agency; a coordinator also for another (``from_agency``).
        fields: as referral_form.FIELDS asks for them.
        reason: why one acts.
        pseudonym: the profile it is about, where that is open to the referrer anyway.

    Raises: InputRejected with everything that is wrong, NotFound, Refused.
    """
    with session.act(Operation.COLLECT, Thing.REFERRAL, reason=reason) as act:
        agencies = act.read(db.users.agencies)
        from_agency = clean(fields.get("from_agency", "")) or session.user.agency
        if from_agency != session.user.agency and session.user.role not in SPEAKS_FOR_EVERY_AGENCY:
            act.refuse("A referral is sent in the name of one's own agency.")
        given, wrong = checked(fields, agencies, from_agency, session.clock.today())
        if from_agency not in (*agencies, session.user.agency):
            given, wrong = None, ["from_agency: is no partner agency", *wrong]
        if given is None:
            raise InputRejected(
                "The referral was not sent.", "Nothing was stored.\n" + "\n".join(wrong), "Correct these.", tuple(wrong)
            )
        row = open_row(act, pseudonym, "referred by what is known here") if pseudonym else None
        at = stamp(session.clock.now())
        profile_id = row.profile_id if row else None
        number = act.write(
            db.referrals.add,
            NewReferral(
                profile_id=profile_id,
                purpose=session.purpose,
                from_agency=from_agency,
                to_agency=given.to_agency,
                forename=given.forename or None,
                surname=given.surname or None,
                born=given.born.isoformat() if given.born else None,
                postcode=given.postcode or None,
                own_reference=given.own_reference or None,
                document=json.dumps(
                    {"why": given.why, "asked": given.asked, "person_knows": given.person_knows}, ensure_ascii=False
                ),
                urgency=given.urgency,
                lawful_basis=given.lawful_basis,
                disclosed=given.disclosed,
                sent_by=session.user.name,
                sent_at=at,
                reconciled="matched" if row else "waiting",
            ),
        )
        words = f"entered for {from_agency}" if from_agency != session.user.agency else ""
        act.write(db.referrals.add_step, number, profile_id, SENT, words, session.user.name, at)
        act.note(referral=number, to=given.to_agency or PANEL, urgency=given.urgency)
    return number


def listed(session: Session, reason: Reason) -> tuple[ReferralShown, ...]:
    """Return what one's own agency sent or was sent, the latest first; for coordinators, the panel's too."""
    with session.act(Operation.CONSULT, Thing.REFERRAL, reason=reason) as act:
        found = tuple(shown_referral(act, row) for row in _mine(act))
        act.note(referrals=len(found))
    return found


def read(session: Session, number: int, reason: Reason) -> ReferralShown:
    """Return one referral with everything that was said of it. Raises: NotFound, Refused."""
    with session.act(Operation.CONSULT, Thing.REFERRAL, reason=reason) as act:
        row = _row(act, number)
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


def receive(session: Session, number: int, reason: Reason) -> None:
    """Say that a referral has arrived and will be answered. Raises: NotFound, StaleRecord, Refused."""
    with session.act(Operation.ALTER, Thing.REFERRAL, reason=reason) as act:
        row = _to_answer(act, number)
        _may_become(row, RECEIVED)
        act.write(db.referrals.set_status, number, RECEIVED)
        _step(act, row, RECEIVED, "")


def accept(session: Session, number: int, words: str, feedback_by: date, reason: Reason) -> None:
    """Take the person on; the referrer hears by a day what came of it.

    Args:
        session: somebody of the receiving agency, or a coordinator; for the panel, a coordinator.
        number: the referral's.
        words: what the referrer is told (NOTHING_SAID).
        feedback_by: by when they hear what came of it.
        reason: why one acts.

    Raises: InputRejected, NotFound, StaleRecord, Refused.
    """
    if feedback_by <= session.clock.today():
        raise InputRejected(
            "By when the referrer hears what came of it lies in the past.",
            "Nothing was changed.",
            "Choose a day after today.",
        )
    with session.act(Operation.ALTER, Thing.REFERRAL, reason=reason) as act:
        row = _to_answer(act, number)
        _may_become(row, ACCEPTED)
        _answer(act, row, ACCEPTED, words, feedback_by.isoformat())


def reject(session: Session, number: int, why: str, reason: Reason) -> None:
    """Say no to a referral, with a reason. Raises: InputRejected, NotFound, StaleRecord, Refused."""
    if not is_a_reason(why):
        raise InputRejected("Why the referral is not taken on is missing.", "Nothing was changed.", HINT)
    with session.act(Operation.ALTER, Thing.REFERRAL, reason=reason) as act:
        row = _to_answer(act, number)
        _may_become(row, REJECTED)
        _answer(act, row, REJECTED, why, None)


def feed_back(session: Session, number: int, words: str, reason: Reason, *, is_done: bool = False) -> None:
    """Tell the referrer what came of it; with ``is_done`` that is all.

    Raises: InputRejected, NotFound, StaleRecord, Refused.
    """
    if not is_a_reason(words):
        raise InputRejected("What came of it is missing.", "Nothing was changed.", HINT)
    with session.act(Operation.ALTER, Thing.REFERRAL, reason=reason) as act:
        row = _to_answer(act, number)
        if row.status != ACCEPTED:
            raise _stale(row, "feedback")
        said, at = clean(words)[:LONGEST], stamp(session.clock.now())
        act.write(db.referrals.feed_back, number, said, session.user.name, at)
        _step(act, row, "feedback", said)
        if is_done:
            act.write(db.referrals.set_status, number, DONE)
            _step(act, row, DONE, "")


def revoke(session: Session, number: int, why: str, reason: Reason) -> None:
    """Take back what one's own agency sent. Raises: InputRejected, NotFound, StaleRecord, Refused."""
    if not is_a_reason(why):
        raise InputRejected("Why the referral is taken back is missing.", "Nothing was changed.", HINT)
    with session.act(Operation.ALTER, Thing.REFERRAL, reason=reason) as act:
        row = _row(act, number)
        if session.user.agency != row.from_agency and session.user.role not in SPEAKS_FOR_EVERY_AGENCY:
            act.refuse("A referral is taken back by the agency that sent it.")
        _may_become(row, REVOKED)
        act.write(db.referrals.set_status, number, REVOKED)
        _step(act, row, REVOKED, why)


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
    waiting = [row for row in _mine(act) if row.status in (SENT, RECEIVED) and _may_answer(act, row)]
    return tuple(shown_referral(act, row) for row in reversed(waiting))


def feedback_due(act: Act) -> tuple[ReferralShown, ...]:
    """Return what was taken on and whose referrer has heard nothing since; the soonest first."""
    rows = [row for row in _mine(act) if row.status == ACCEPTED and not row.feedback and _may_answer(act, row)]
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


def _row(act: Act, number: int) -> ReferralRow:
    row = act.read(db.referrals.own_by_id, number)
    if row is None and act.session.user.role in SPEAKS_FOR_EVERY_AGENCY:
        with combining(act.connection):
            row = act.read(db.referrals.by_id, number)
    if row is None:
        raise NotFound("There is no such referral of your agency.", "Nothing was changed.", "Check its number.")
    return row


def _may_answer(act: Act, row: ReferralRow) -> bool:
    user = act.session.user
    return user.role in SPEAKS_FOR_EVERY_AGENCY or (bool(row.to_agency) and row.to_agency == user.agency)


def _to_answer(act: Act, number: int) -> ReferralRow:
    row = _row(act, number)
    if not _may_answer(act, row):
        act.refuse("A referral is answered by whoever it was sent to.")
    return row


def _may_become(row: ReferralRow, status: str) -> None:
    if status not in NEXT[row.status]:
        raise _stale(row, status)


def _stale(row: ReferralRow, mine: str) -> StaleRecord:
    return StaleRecord(
        f"The referral is {row.status} already.",
        "Nothing was changed.",
        "What was said of it is kept.",
        differing({"status": "Where it stands"}, theirs={"status": row.status}, mine={"status": mine}),
        by=row.answered_by or "",
    )


def _answer(act: Act, row: ReferralRow, status: str, words: str, feedback_due_on: str | None) -> None:
    said, user = clean(words)[:LONGEST], act.session.user.name
    act.write(db.referrals.answer, row.id, status, said, user, stamp(act.session.clock.now()), feedback_due_on)
    _step(act, row, status, said)


def _step(act: Act, row: ReferralRow, step: str, words: str) -> None:
    session, said = act.session, clean(words)[:LONGEST]
    with combining(act.connection):
        found = act.read(db.referrals.found, row.purpose).get(row.id)
    whose = found.profile_id if found else None
    act.write(db.referrals.add_step, row.id, whose, step, said, session.user.name, stamp(session.clock.now()))
    act.note(referral=row.id, step=step)


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
