"""Consents that matching left to a person: compared field by field with masked candidates, by somebody else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import db.case_reading
import db.consents
import db.users
from db.consents import ConsentRow, Sighting
from db.sight import combining
from kingshurst_tui.acts import Act, Reason
from kingshurst_tui.casework.consent_effects import take_effect
from kingshurst_tui.casework.consent_giving import HELD, is_sensitive, takes_effect
from kingshurst_tui.casework.consent_receiving import MATCHED_AT_ONCE
from kingshurst_tui.casework.matching import fold, match
from kingshurst_tui.casework.profiles_found import written_out
from kingshurst_tui.casework.reopenings import dealt_with
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import Changed, InputRejected, NotFound, StaleRecord
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import ConsentKind, Operation, Thing

if TYPE_CHECKING:
    from kingshurst_tui.casework.matching import Sought

WAITS = ("waiting", "reopened")
NOT_HELD = "not held"
NOT_SHARED = "not shared with your agency"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A profile whose consent it may be, masked: how fields compare, never what they hold.

    Attributes:
        compared: (field, how it compares), such as ("surname", "nearly the same").
    """

    pseudonym: str
    under_18: bool | None
    is_open: bool
    compared: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class WaitingConsent:
    """One consent for a reviewer, as it was given.

    Attributes:
        kind: "engage" or "declined".
        because: why it waits.
    """

    number: int
    kind: str
    forename: str
    surname: str
    born: date
    postcode: str
    nhs_number: str
    purpose: str
    given_by: str
    authority: str
    given_on: date
    expires_on: date | None
    evidence: str
    because: str
    candidates: tuple[Candidate, ...]


def review_queue(session: Session, reason: Reason) -> tuple[WaitingConsent, ...]:
    """Return the consents that wait, the oldest first, without those this user handed in.

    A consent with a candidate that only records not shared with the reviewer's agency could show waits for another
    reviewer: that somebody is known there is theirs to know, and whoever sees half of the candidates takes a wrong one.

    Raises: Refused.
    """
    with session.act(Operation.CONSULT, Thing.CONSENT, reason=reason) as act:
        with combining(act.connection):
            rows = [
                row
                for row in act.read(db.consents.with_status, "waiting", "reopened")
                if row.kind != ConsentKind.CONFIDENTIALITY
                and session.user.name not in (row.recorded_by, row.reopened_by)
                and _may_compare(act, row)
            ]
            queue = tuple(_waiting(act, row) for row in rows)
        act.note(waiting=len(queue), masked=True)
        act.concerns(candidate.pseudonym for each in queue for candidate in each.candidates)
    return queue


def settle(session: Session, number: int, pseudonym: str | None, why: str, reason: Reason) -> None:
    """Say whose consent it is, or set it aside with a reason.

    Args:
        session: the reviewer.
        number: the consent's number.
        pseudonym: one of its candidates; None to set it aside.
        why: in words; asked for when it is set aside.
        reason: for the audit trail.

    Raises: NotFound, StaleRecord (somebody else settled it), InputRejected (no candidate of that name, no reason),
        Refused (the giver settles nothing).
    """
    if pseudonym is None and not why.strip():
        raise InputRejected("A reason is missing.", "Nothing was changed.", "Say why the consent is set aside.")
    with session.act(Operation.ALTER, Thing.CONSENT, reason=reason, typed=why.strip()) as act:
        if not session.may(Operation.CONSULT, Thing.CONSENT):
            act.refuse("Only a reviewer settles waiting consents.", "Nothing was changed.")
        with combining(act.connection):
            row = act.read(db.consents.by_id, number)
            if row is None or row.kind == ConsentKind.CONFIDENTIALITY or row.status == "withdrawn":
                raise NotFound("There is no such consent waiting.", "Nothing was changed.", "Check its number.")
            if row.recorded_by == session.user.name:
                act.refuse("Whoever handed a consent in does not settle it.", "Nothing was changed.")
            if row.reopened_by == session.user.name:
                act.refuse("Whoever brought a consent back does not settle it.", "Nothing was changed.")
            if not _may_compare(act, row):
                raise NotFound("There is no such consent waiting.", "Nothing was changed.", "Check its number.")
            if row.status not in WAITS:
                mine = "set aside" if pseudonym is None else "somebody's"
                said = [Changed("", f"Consent {number}", "waiting", row.status, mine)]
                raise StaleRecord("Somebody else settled this consent.", "Nothing was changed.", "", said)
            act.note(consent=number, matched=pseudonym is not None)
            if pseudonym is None:
                act.write(db.consents.set_match, number, None, "set-aside")
                dealt_with(act, "consent", number)
                return
            candidates = _candidates(act, row)[0]
            people = act.read(db.case_reading.by_ids, candidates)
            wanted = written_out(pseudonym)
            profile_id = next((each.profile_id for each in people.values() if each.pseudonym == wanted), None)
            if profile_id is None:
                raise InputRejected(
                    "That profile is none of the candidates.", "Nothing was changed.", "Choose one of those shown."
                )
            _agreed(act, row, profile_id)


def agree_to_exact(session: Session, reason: Reason) -> tuple[int, int]:
    """Agree, as the second person, to every agreement that matches exactly and that somebody else handed in.

    Profiles that rest on abuse or on a sensitive data set, refusals, and what is not certain are left for looking at
    one by one.

    Returns:
        How many took effect, and how many are left for this reviewer.

    Raises: Refused.
    """
    agreed = left = 0
    numbers = [each.id for each in _mine(session, reason)]
    for first in range(0, len(numbers), MATCHED_AT_ONCE):
        with session.act(Operation.ALTER, Thing.CONSENT, reason=reason) as act:
            if not session.may(Operation.CONSULT, Thing.CONSENT):
                act.refuse("Only a reviewer settles waiting consents.", "Nothing was changed.")
            with combining(act.connection):
                for number in numbers[first : first + MATCHED_AT_ONCE]:
                    row = act.read(db.consents.by_id, number)
                    profile_id = _exact_profile(act, row) if row is not None else None
                    if row is None or profile_id is None:
                        left += 1
                        continue
                    _agreed(act, row, profile_id)
                    agreed += 1
            act.note(agreed=agreed, left=left)
    return agreed, left


def _mine(session: Session, reason: Reason) -> list[ConsentRow]:
    with session.act(Operation.CONSULT, Thing.CONSENT, reason=reason) as act, combining(act.connection):
        rows = act.read(db.consents.with_status, "waiting")
        return [
            row
            for row in rows
            if row.kind != ConsentKind.CONFIDENTIALITY
            and row.recorded_by != session.user.name
            and _may_compare(act, row)
        ]


def _exact_profile(act: Act, row: ConsentRow) -> int | None:
    if row.kind == ConsentKind.DECLINED or row.status != "waiting":
        return None
    profile_id = match(row, act.read(db.consents.sightings, row.born or "")).profile_id
    return None if profile_id is None or is_sensitive(act, profile_id) else profile_id


def _agreed(act: Act, row: ConsentRow, profile_id: int) -> None:
    take_effect(act, row, profile_id)
    act.write(db.consents.put_second_person, row.id, act.session.user.name, stamp(act.session.clock.now()))
    dealt_with(act, "consent", row.id)


def _candidates(act: Act, row: ConsentRow) -> tuple[tuple[int, ...], str]:
    sightings = act.read(db.consents.sightings, row.born or "")
    found = match(row, sightings)
    chosen = found.candidates
    if row.status == "reopened" and row.profile_id is not None:
        chosen = tuple(sorted({*chosen, row.profile_id}))
        return chosen, row.withdrawn_why or "a link behind it was undone"
    if found.profile_id is not None:
        held = not takes_effect(act, row, found.profile_id)
        return chosen, HELD if held else "it is certain now and takes effect with the next linking"
    shared = _shared(act)
    said = match(row, [each for each in sightings if each.agreement_ref in shared]).because
    return chosen, said if said == found.because else f"it is not certain; part of why is {NOT_SHARED}"


def _may_compare(act: Act, row: ConsentRow) -> bool:
    """Return whether the reviewer's agency may read what makes each of a consent's candidates one."""
    sightings = act.read(db.consents.sightings, row.born or "")
    shared = _shared(act)
    seen = match(row, [each for each in sightings if each.agreement_ref in shared]).candidates
    return set(match(row, sightings).candidates) <= set(seen)


def _shared(act: Act) -> frozenset[str]:
    """Return the data sets that the reviewer's own agency may read; who may match is not who may compare."""
    gated = act.read(db.case_reading.gated_data_sets)
    return frozenset(each.reference for each in gated if each.is_live and each.is_shared)


def _waiting(act: Act, row: ConsentRow) -> WaitingConsent:
    chosen, because = _candidates(act, row)
    people = act.read(db.case_reading.by_ids, chosen)
    shared = _shared(act)
    records: dict[int, list[Sighting]] = {}
    hidden: set[int] = set()
    for sighting in act.read(db.consents.sightings_of, chosen):
        if sighting.agreement_ref in shared:
            records.setdefault(sighting.profile_id, []).append(sighting)
        else:
            hidden.add(sighting.profile_id)
    return WaitingConsent(
        number=row.id,
        kind=row.kind,
        forename=row.forename or "",
        surname=row.surname or "",
        born=date.fromisoformat(row.born or "1900-01-01"),
        postcode=row.postcode or "",
        nhs_number=row.nhs_number or "",
        purpose=row.purpose or "",
        given_by=row.given_by,
        authority=row.authority,
        given_on=date.fromisoformat(row.given_on),
        expires_on=date.fromisoformat(row.expires_on) if row.expires_on else None,
        evidence=row.evidence or "",
        because=because,
        candidates=tuple(
            Candidate(
                people[number].pseudonym,
                None if people[number].under_18 is None else bool(people[number].under_18),
                bool(people[number].is_open),
                compared(row, records.get(number, []), some_hidden=number in hidden),
            )
            for number in chosen
            if number in people
        ),
    )


def compared(row: Sought, records: Sequence[Sighting], *, some_hidden: bool = False) -> tuple[tuple[str, str], ...]:
    """Return how a consent, or a referral, compares with a profile's records, field by field, at its best.

    Args:
        row: the consent.
        records: what the reviewer's agency may read of the profile.
        some_hidden: there are records that it may not read; what the others lack, those may hold.
    """
    surnames = [name for each in records for name in (each.surname, each.former_surname)]
    fields = (
        ("forename", _words(row.forename, [each.forename for each in records])),
        ("surname", _words(row.surname, surnames)),
        ("date of birth", _exact(row.born, [each.born for each in records])),
        ("postcode", _exact(_squeezed(row.postcode), [_squeezed(each.postcode) for each in records])),
        ("NHS number", _exact(row.nhs_number, [each.nhs_number for each in records])),
    )
    if not some_hidden:
        return fields
    return tuple((name, NOT_SHARED if said == NOT_HELD else said) for name, said in fields)


def _words(given: str | None, held: Sequence[str | None]) -> str:
    from rapidfuzz.distance import OSA

    wanted, names = fold(given), {fold(name) for name in held} - {""}
    if not names:
        return NOT_HELD
    if wanted in names:
        return "the same"
    if any(OSA.distance(wanted, name) <= 2 for name in names):
        return "nearly the same"
    return "different"


def _exact(given: str | None, held: Sequence[str | None]) -> str:
    values = {value for value in held if value}
    if not given:
        return "not given"
    if not values:
        return NOT_HELD
    return "the same" if given in values else "different"


def _squeezed(postcode: str | None) -> str:
    return (postcode or "").replace(" ", "").upper()
