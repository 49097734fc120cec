"""How a consent is withdrawn from that day, and what had rested on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import db.case_reading
import db.case_writing
import db.consents
import db.openings
import db.profiles
import db.users
from db.consents import ConsentRow
from db.profiles import Resting
from db.sight import combining
from kingshurst_tui.acts import Act, Reason
from kingshurst_tui.casework import consent_giving
from kingshurst_tui.casework.confidentiality import NO_END, after_consent
from kingshurst_tui.casework.consent_effects import SIGHT_COUNTER, ended_by, next_version, recompute_flags, take_effect
from kingshurst_tui.clock import stamp
from kingshurst_tui.dates import say_date
from kingshurst_tui.errors import Changed, InputRejected, NotFound, Refused, StaleRecord
from kingshurst_tui.permissions import WITHDRAWS_ANY_CONSENT
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import ConsentKind, Operation, Thing


class NoSuchConsent(NotFound, Refused):
    """There is no such consent, or none that this user may withdraw: it reads like none, and is entered as refused."""

    code = NotFound.code
    exit_code = NotFound.exit_code


@dataclass(frozen=True, slots=True)
class Rests:
    """Something that rested on a consent or a profile, and is kept."""

    thing: str
    number: int
    status: str


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What a withdrawal ended, and what stays and must be looked at."""

    number: int
    from_day: date
    rested_on_it: tuple[Rests, ...]


def withdraw(session: Session, number: int, why: str, reason: Reason) -> Withdrawn:
    """Withdraw a consent from today: the profile closes today unless something else holds it open.

    Decisions are kept; what rested on the consent is listed, as far as this user could see it until now. What a
    refusal had ended stands again when whoever handed the refusal in withdraws it; withdrawn by anybody else, it
    waits for a second person, or one alone would open what somebody declined.

    Raises: InputRejected (no reason), StaleRecord (it is withdrawn already), NoSuchConsent (there is none, or it is not
        this user's to withdraw: both read alike and leave a refusal in the audit trail), Refused.
    """
    if not why.strip():
        raise InputRejected("A reason is missing.", "Nothing was changed.", "Say why the consent is withdrawn.")
    today = session.clock.today()
    with session.act(Operation.ALTER, Thing.CONSENT, reason=reason, typed=why.strip()) as act:
        with combining(act.connection):
            row = act.read(db.consents.by_id, number)
        person = act.read(db.case_reading.by_id, row.profile_id) if row is not None and row.profile_id else None
        act.concerns([person.pseudonym] if person is not None else ())
        if row is not None and row.status == "withdrawn" and consent_giving.may_withdraw(act, row):
            raise _withdrawn_already(row, why.strip())
        if row is None or row.status in ("withdrawn", "set-aside") or not consent_giving.may_withdraw(act, row):
            raise NoSuchConsent("There is no such consent.", "Nothing was changed.", "Check its number.")
        rested: tuple[Rests, ...] = ()
        if row.profile_id is not None:
            rested = _seen_resting(act, row.profile_id, number)
            act.write(db.case_writing.raise_version, [row.profile_id])
            if row.kind == ConsentKind.DECLINED:
                rested += _given_back(act, row, row.profile_id)
        act.write(db.consents.withdraw, number, today.isoformat(), why.strip())
        act.write(db.openings.close_opening, "consent", number, (today - timedelta(days=1)).isoformat())
        if row.kind == ConsentKind.CONFIDENTIALITY:
            next_version(act, f"withdrawal {number}", 1)
            recompute_flags(act, after_consent(act, row))
        act.write(db.users.bump, SIGHT_COUNTER)
        act.note(consent=number, kind=row.kind, rested=len(rested))
    return Withdrawn(number, today, rested)


def _withdrawn_already(row: ConsentRow, why: str) -> StaleRecord:
    on = say_date(date.fromisoformat(row.withdrawn_on)) if row.withdrawn_on else "an earlier day"
    return StaleRecord(
        f"Consent {row.id} is withdrawn already.",
        "Nothing was changed; a consent is withdrawn once, and stays so.",
        "",
        [Changed("why", "Why", "", f"{row.withdrawn_why} ({on})", why)],
    )


def _seen_resting(act: Act, profile_id: int, number: int) -> tuple[Rests, ...]:
    person = act.read(db.case_reading.by_id, profile_id)
    if person is None or not person.is_open:
        return ()
    found = act.read(db.profiles.resting, [profile_id]).get(profile_id, [])
    return tuple(
        Rests(each.thing, each.thing_id, each.status)
        for each in found
        if (each.thing, each.thing_id) != ("consent", number)
    )


def _given_back(act: Act, declined: ConsentRow, profile_id: int) -> tuple[Rests, ...]:
    """Bring back what a refusal had ended, or put it before a reviewer; list it for whoever may know of it."""
    why = f"the refusal that ended it was withdrawn: consent {declined.id}"
    with combining(act.connection):
        ended = [
            row
            for row in act.read(db.consents.of_profiles, [profile_id])
            if row.status == "withdrawn" and row.withdrawn_why == ended_by(declined.id)
        ]
    user = act.session.user
    ended = [row for row in ended if (row.expires_on or NO_END) >= act.session.clock.today().isoformat()]
    if declined.recorded_by == user.name:
        for row in ended:
            take_effect(act, row, profile_id)
        act.note(restored=len(ended))
        return tuple(Rests("consent", row.id, "stands again") for row in ended)
    for row in ended:
        act.write(db.consents.reopen, row.id, why, user.name)
    things = [Resting("consent", row.id, "reopened") for row in ended]
    act.write(db.profiles.note_reopened, profile_id, things, why, stamp(act.session.clock.now()))
    act.note(reopened=len(ended))
    if user.role not in WITHDRAWS_ANY_CONSENT and not consent_giving.works_with(act, profile_id):
        return ()
    return tuple(Rests(each.thing, each.thing_id, "waits for a reviewer") for each in things)
