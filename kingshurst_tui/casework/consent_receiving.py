"""How a consent comes in: alike whoever it is for, one by one or as a register."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import db.consent_register
import db.consents
import db.users
from db.consents import ConsentRow, NewConsent
from kingshurst_tui.acts import Reason
from kingshurst_tui.casework import consent_giving
from kingshurst_tui.casework.consent_effects import lift, match_now, next_version
from kingshurst_tui.casework.register import ConsentGiven, Known, checked, read_register
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import InputRejected
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import ConsentKind, Operation, Thing

if TYPE_CHECKING:
    from collections.abc import Mapping

MATCHED_AT_ONCE = 200
"""Consents that one transaction matches; nobody waits longer than that takes."""


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


def known_to(session: Session) -> Known:
    """Return what a consent may refer to."""
    return Known(
        frozenset(session.look(db.users.purposes)),
        session.look(db.consent_register.known_data_sets),
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
        version = act.read(db.consent_register.register_version)
        number = act.write(db.consents.add, _row(session, given, version))
        act.note(consent=number, kind=given.kind)
        if given.kind == ConsentKind.CONFIDENTIALITY:
            next_version(act, f"consent {number}", 1)
            lift(act, [number])
        else:
            match_now(act, [number])
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
        if act.read(db.consent_register.register_seen, digest):
            raise InputRejected(
                "This register was received before.", "Nothing was changed.", "Hand in the next one when it comes."
            )
        there = {_said(row) for row in act.read(db.consents.with_status, "waiting", "effective", "reopened")}
        version = next_version(act, digest, len(given))
        new = [_row(session, each, version) for each in given]
        fresh = list({_said(row): row for row in new if _said(row) not in there}.values())
        numbers = [act.write(db.consents.add, row) for row in fresh]
        to_match = numbers
        act.note(register=version, rows=len(given), new=len(fresh))
    for first in range(0, len(to_match), MATCHED_AT_ONCE):
        with session.act(Operation.COLLECT, Thing.CONSENT, reason=reason, combine=True) as act:
            act.note(register=version)
            lift(act, to_match[first : first + MATCHED_AT_ONCE])
            match_now(act, to_match[first : first + MATCHED_AT_ONCE])
    return RegisterReceived(version, len(given), len(given) - len(fresh))


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
