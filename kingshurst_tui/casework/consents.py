"""Consents: received alike whoever they are for, matched exactly or left to a reviewer, withdrawn from that day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import db.case_reading
import db.case_writing
import db.consents
import db.profiles
import db.users
from db.consents import ConsentRow, MaskedConsentRow, NewConsent, OpeningRow
from db.profiles import Resting
from db.sight import combining
from kingshurst_tui.acts import Act, Reason
from kingshurst_tui.casework import consent_giving
from kingshurst_tui.casework.confidentiality import NO_END, after_consent, after_linking, on_register
from kingshurst_tui.casework.matching import match
from kingshurst_tui.casework.register import ConsentGiven, Known, checked, read_register
from kingshurst_tui.clock import stamp
from kingshurst_tui.dates import say_date
from kingshurst_tui.errors import Changed, InputRejected, NotFound, Refused, StaleRecord
from kingshurst_tui.permissions import WITHDRAWS_ANY_CONSENT
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import ConsentKind, Operation, Thing

if TYPE_CHECKING:
    from collections.abc import Mapping

MATCHED_AT_ONCE = 200
"""Consents that one transaction matches; nobody waits longer than that takes."""

_COUNTER = "sight"


class NoSuchConsent(NotFound, Refused):
    """There is no such consent, or none that this user may withdraw: it reads like none, and is entered as refused."""

    code = NotFound.code
    exit_code = NotFound.exit_code


@dataclass(frozen=True, slots=True)
class Received:
    """The answer to every consent, whoever it is for.

    Attributes:
        number: the consent's number, by which it is withdrawn.
    """

    number: int

    def in_words(self) -> str:
        """Return the answer as a person reads it."""
        return f"Received. Its number is {self.number}."


@dataclass(frozen=True, slots=True)
class RegisterReceived:
    """The answer to a register file.

    Attributes:
        version: the register's version from now on; "consented only" data sets may be handed in again.
        rows: consents in the file.
        known: how many of them were on the register already, word for word.
    """

    version: int
    rows: int
    known: int


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


@dataclass(frozen=True, slots=True)
class ConsentShown:
    """A consent of an open profile."""

    number: int
    pseudonym: str
    kind: str
    purpose: str
    agreement: str
    given_by: str
    authority: str
    given_on: date
    expires_on: date | None
    evidence: str
    status: str
    withdrawn_on: date | None


@dataclass(frozen=True, slots=True)
class OnMask:
    """An agreement or a refusal of somebody who is masked, so that it can be found by its number and withdrawn.

    Attributes:
        pseudonym: empty for whoever handed it in: they know whom they named, and the mask would be named by it.
        status: "effective", "refused" or "reopened".
    """

    number: int
    pseudonym: str
    kind: str
    given_on: date
    status: str
    recorded_by: str


@dataclass(frozen=True, slots=True)
class ConsentList:
    """Consents of open profiles, what stands of masked ones, and how many wait; whom those name is a reviewer's."""

    consents: tuple[ConsentShown, ...]
    waiting: int
    on_masks: tuple[OnMask, ...] = ()


def known_to(session: Session) -> Known:
    """Return what a consent may refer to."""
    return Known(
        frozenset(session.look(db.users.purposes)),
        session.look(db.consents.known_data_sets),
        session.clock.today(),
    )


def add(session: Session, fields: Mapping[str, str], reason: Reason) -> Received:
    """Receive one consent, given as text by the names of register.COLUMNS.

    The answer is the same whether the person is open, masked or not there.

    Raises: InputRejected with everything that is wrong, Refused (a role, or another agency's confidentiality).
    """
    given, wrong = checked(fields, known_to(session))
    if given is None:
        raise InputRejected(
            "The consent was not accepted.", "Nothing was stored.\n" + "\n".join(wrong), "Correct these.", tuple(wrong)
        )
    with session.act(Operation.COLLECT, Thing.CONSENT, reason=reason, combine=True) as act:
        consent_giving.check_registers(act, [given.agreement] if given.kind == ConsentKind.CONFIDENTIALITY else ())
        version = act.read(db.consents.register_version)
        number = act.write(db.consents.add, _row(session, given, version))
        act.note(consent=number, kind=given.kind)
        if given.kind == ConsentKind.CONFIDENTIALITY:
            _next_version(act, f"consent {number}", 1)
            _lift(act, [number])
        else:
            _match(act, [number])
    return Received(number)


def receive_register(session: Session, path: Path, reason: Reason) -> RegisterReceived:
    """Receive a register file: all of it or, with every problem said, nothing.

    Raises: InputRejected, Refused.
    """
    given, digest = read_register(path, known_to(session))
    with session.act(Operation.COLLECT, Thing.CONSENT, reason=reason, combine=True) as act:
        consent_giving.check_registers(
            act, (each.agreement for each in given if each.kind == ConsentKind.CONFIDENTIALITY)
        )
        if act.read(db.consents.register_seen, digest):
            raise InputRejected(
                "This register was received before.", "Nothing was changed.", "Hand in the next one when it comes."
            )
        there = {_said(row) for row in act.read(db.consents.with_status, "waiting", "effective", "reopened")}
        version = _next_version(act, digest, len(given))
        new = [_row(session, each, version) for each in given]
        fresh = list({_said(row): row for row in new if _said(row) not in there}.values())
        numbers = [act.write(db.consents.add, row) for row in fresh]
        to_match = numbers
        act.note(register=version, rows=len(given), new=len(fresh))
    for first in range(0, len(to_match), MATCHED_AT_ONCE):
        with session.act(Operation.COLLECT, Thing.CONSENT, reason=reason, combine=True) as act:
            act.note(register=version)
            _lift(act, to_match[first : first + MATCHED_AT_ONCE])
            _match(act, to_match[first : first + MATCHED_AT_ONCE])
    return RegisterReceived(version, len(given), len(given) - len(fresh))


def rematch(act: Act, profile_ids: Iterable[int] | None = None) -> int:
    """Try the waiting consents again, after linking or intake changed who is there.

    Args:
        act: the act that changed them; what takes effect is entered with it.
        profile_ids: the profiles that changed; None for all.

    Returns:
        How many took effect.
    """
    ids = None if profile_ids is None else set(profile_ids)
    if ids:
        after_linking(act, ids)
    with combining(act.connection):
        waiting = [
            row for row in act.read(db.consents.with_status, "waiting") if row.kind != ConsentKind.CONFIDENTIALITY
        ]
        if not waiting:
            return 0
        if ids is not None:
            born = {sighting.born for sighting in act.read(db.consents.sightings_of, ids)}
            waiting = [row for row in waiting if row.born in born]
        return sum(_try(act, row) for row in waiting)


def listed(session: Session, reason: Reason) -> ConsentList:
    """Return the consents of open profiles, what stands of masked ones, and how many wait for a reviewer."""
    with session.act(Operation.CONSULT, Thing.CONSENT, reason=reason) as act:
        rows = act.read(db.consents.open_consents)
        masked = act.read(db.consents.on_masks)
        ids = {row.profile_id for row in rows if row.profile_id} | {row.profile_id for row in masked}
        people = act.read(db.case_reading.by_ids, ids)
        waiting = act.read(db.consents.count_waiting)
        act.concerns(person.pseudonym for person in people.values())
        act.note(consents=len(rows), waiting=waiting)
        shown = tuple(shown_consent(row, people[row.profile_id].pseudonym) for row in rows if row.profile_id in people)
        on_masks = tuple(_on_mask(row, people[row.profile_id].pseudonym, session.user.name) for row in masked)
    return ConsentList(shown, waiting, on_masks)


def _on_mask(row: MaskedConsentRow, pseudonym: str, reader: str) -> OnMask:
    named = "" if row.recorded_by == reader else pseudonym
    return OnMask(row.id, named, row.kind, date.fromisoformat(row.given_on), row.status, row.recorded_by)


def shown_consent(row: ConsentRow, pseudonym: str) -> ConsentShown:
    """Return a consent as it is shown with its profile."""
    return ConsentShown(
        row.id,
        pseudonym,
        row.kind,
        row.purpose or "",
        row.agreement_ref or "",
        row.given_by,
        row.authority,
        date.fromisoformat(row.given_on),
        date.fromisoformat(row.expires_on) if row.expires_on else None,
        row.evidence or "",
        row.status,
        date.fromisoformat(row.withdrawn_on) if row.withdrawn_on else None,
    )


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
        act.write(db.consents.close_opening, "consent", number, (today - timedelta(days=1)).isoformat())
        if row.kind == ConsentKind.CONFIDENTIALITY:
            _next_version(act, f"withdrawal {number}", 1)
            _recompute(act, after_consent(act, row))
        act.write(db.users.bump, _COUNTER)
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
            if row.status == "withdrawn" and row.withdrawn_why == _ended_by(declined.id)
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


def _ended_by(number: int) -> str:
    return f"declined later: consent {number}"


def take_effect(act: Act, row: ConsentRow, profile_id: int) -> None:
    """Let an agreement open a profile from today until it expires; let a refusal end the agreements before it."""
    today = act.session.clock.today()
    if row.kind == ConsentKind.DECLINED:
        act.write(db.consents.set_match, row.id, profile_id, "refused")
        _end_earlier(act, row, profile_id)
    else:
        act.write(db.consents.set_match, row.id, profile_id, "effective")
        until = row.expires_on or NO_END
        opening = OpeningRow(profile_id, row.purpose or "", today.isoformat(), until, "consent", row.id)
        act.write(db.consents.put_opening, opening)
    act.write(db.case_writing.raise_version, [profile_id])
    act.write(db.users.bump, _COUNTER)
    person = act.read(db.case_reading.by_id, profile_id)
    if person is not None:
        act.concerns([person.pseudonym])


def _end_earlier(act: Act, declined: ConsentRow, profile_id: int) -> None:
    today = act.session.clock.today()
    with combining(act.connection):
        ended = consent_giving.standing_against(act, declined, profile_id)
    for row in ended:
        act.write(db.consents.withdraw, row.id, today.isoformat(), _ended_by(declined.id))
        act.write(db.consents.close_opening, "consent", row.id, (today - timedelta(days=1)).isoformat())
    if ended:
        # The giver reads "received" and nothing else: what rested on the agreement is listed where links are looked at.
        resting = act.read(db.profiles.resting, [profile_id]).get(profile_id, [])
        kept = [each for each in resting if each.thing in ("decision", "action")]
        at = stamp(act.session.clock.now())
        act.write(db.profiles.note_reopened, profile_id, kept, f"the person declined: consent {declined.id}", at)


def _match(act: Act, numbers: Iterable[int]) -> int:
    return sum(_try(act, row) for row in _kept(act, numbers) if row.kind != ConsentKind.CONFIDENTIALITY)


def _lift(act: Act, numbers: Iterable[int]) -> None:
    changed: set[int] = set()
    for row in _kept(act, numbers):
        if row.kind == ConsentKind.CONFIDENTIALITY:
            changed |= after_consent(act, row)
    _recompute(act, changed)


def _recompute(act: Act, profile_ids: set[int]) -> None:
    if profile_ids:
        from kingshurst_tui.casework import recompute

        recompute.recompute(act, profile_ids)


def _kept(act: Act, numbers: Iterable[int]) -> list[ConsentRow]:
    return [row for number in numbers if (row := act.read(db.consents.by_id, number)) is not None]


def _try(act: Act, row: ConsentRow) -> bool:
    found = match(row, act.read(db.consents.sightings, row.born or ""))
    if found.profile_id is None or not consent_giving.takes_effect(act, row, found.profile_id):
        return False
    take_effect(act, row, found.profile_id)
    return True


def _row(session: Session, given: ConsentGiven, version: int) -> NewConsent:
    return NewConsent(
        kind=given.kind,
        purpose=given.purpose or None,
        agreement_ref=given.agreement or None,
        forename=given.forename,
        surname=given.surname,
        born=given.born.isoformat(),
        postcode=given.postcode or None,
        nhs_number=given.nhs_number or None,
        given_by=given.given_by,
        authority=given.authority,
        given_on=given.given_on.isoformat(),
        expires_on=given.expires_on.isoformat() if given.expires_on else None,
        evidence=given.evidence or None,
        # Lifting confidentiality concerns a data set: it waits for nobody, and names nobody to anyone but intake.
        status="effective" if given.kind == ConsentKind.CONFIDENTIALITY else "waiting",
        register_version=version,
        recorded_by=session.user.name,
        recorded_at=stamp(session.clock.now()),
    )


def _said(row: ConsentRow | NewConsent) -> tuple[str | None, ...]:
    return (
        row.kind, row.purpose, row.agreement_ref, row.forename, row.surname, row.born, row.postcode, row.nhs_number,
        row.given_by, row.authority, row.given_on, row.expires_on, row.evidence,
    )  # fmt: skip


def _next_version(act: Act, digest: str, rows: int) -> int:
    version = act.read(db.consents.register_version) + 1
    act.write(db.consents.add_register, version, digest, stamp(act.session.clock.now()), rows)
    return version


__all__ = ["ConsentList", "ConsentShown", "NoSuchConsent", "Received", "RegisterReceived", "Rests", "Withdrawn", "add"]
__all__ += ["known_to", "listed", "on_register", "receive_register", "rematch", "shown_consent", "take_effect"]
__all__ += ["withdraw"]
