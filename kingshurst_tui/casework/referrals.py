"""Referrals: one agency asks another, or the panel, to take somebody on, and hears what came of it.

Who is meant may be unknown here, or masked: the referrer writes what they know, and nothing is compared while they do.
Whose it is a coordinator finds out later (reconciling.py), and no answer to the referrer says so.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

import db.referrals
import db.users
from db.referrals import NewReferral, ReferralRow
from db.sight import combining
from kingshurst_tui.casework.profiles_found import open_row
from kingshurst_tui.casework.referral_form import PANEL, checked
from kingshurst_tui.casework.referrals_shown import (
    ACCEPTED,
    DONE,
    RECEIVED,
    REJECTED,
    REVOKED,
    SENT,
    may_answer,
    row_of,
)
from kingshurst_tui.casework.words_needed import HINT, is_a_reason
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import InputRejected, StaleRecord, differing
from kingshurst_tui.intake.text import clean
from kingshurst_tui.permissions import SPEAKS_FOR_EVERY_AGENCY
from kingshurst_tui.vocabulary import Operation, Thing

if TYPE_CHECKING:
    from kingshurst_tui.acts import Act, Reason
    from kingshurst_tui.session import Session

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
        row = row_of(act, number)
        if session.user.agency != row.from_agency and session.user.role not in SPEAKS_FOR_EVERY_AGENCY:
            act.refuse("A referral is taken back by the agency that sent it.")
        _may_become(row, REVOKED)
        act.write(db.referrals.set_status, number, REVOKED)
        _step(act, row, REVOKED, why)


def _to_answer(act: Act, number: int) -> ReferralRow:
    row = row_of(act, number)
    if not may_answer(act, row):
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
