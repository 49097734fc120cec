"""Which consents are there, as far as the reader may see whom they name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import db.case_reading
import db.consents
from db.consents import ConsentRow, MaskedConsentRow
from kingshurst_tui.acts import Reason
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Operation, Thing


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
