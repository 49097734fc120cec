"""Where each agreement stands today, and whether data may come in under it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, NoReturn

import db.agreements
from db.agreements import AgreementRow, SignatureRow
from kingshurst_tui.agreements.document import Agreement, from_text
from kingshurst_tui.clock import plain_date
from kingshurst_tui.errors import NotFound

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from kingshurst_tui.acts import Act
    from kingshurst_tui.session import Session

LIVE, WAITING, SUSPENDED, SUPERSEDED = "live", "waiting", "suspended", "superseded"
LAPSED = "lapsed"
"""What the dates make of an agreement; it is not kept, because it comes by itself."""
WHO_OPENS = "The information governance officer can open it."


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one agreement stands today.

    Attributes:
        state: ``live``, ``waiting``, ``suspended``, ``superseded``, ``not yet`` or ``lapsed``.
        why: why it is not live; empty where it is.
    """

    row: AgreementRow
    agreement: Agreement
    signatures: tuple[SignatureRow, ...]
    state: str
    why: str


def newest_of(rows: list[AgreementRow], reference: str) -> AgreementRow:
    """Return the newest version of an agreement. Raises: NotFound."""
    if not rows:
        raise NotFound(
            f"There is no agreement {reference!r}.",
            "Nothing was changed.",
            "List them with: kingshurst agreement list STORE",
        )
    return rows[-1]


def row_that_counts(rows: list[AgreementRow], reference: str) -> AgreementRow:
    """Return the version that counts: the live or suspended one, else the newest."""
    newest = newest_of(rows, reference)
    return next((row for row in reversed(rows) if row.status in (LIVE, SUSPENDED)), newest)


def _state(row: AgreementRow, today: date) -> tuple[str, str]:
    day = today.isoformat()
    if row.status in (LIVE, WAITING) and day > row.closes:
        return LAPSED, f"it lapsed on {plain_date(row.closes)}"
    if row.status != LIVE:
        return row.status, row.status_why
    if day < row.opens:
        return "not yet", f"it starts on {plain_date(row.opens)}"
    return LIVE, ""


def _standing(connection: Connection, row: AgreementRow, today: date) -> Standing:
    state, why = _state(row, today)
    signatures = tuple(db.agreements.signatures(connection, row.id))
    return Standing(row, from_text(row.document, []), signatures, state, why)


def show(session: Session, reference: str) -> Standing:
    """Return the version of an agreement that counts, with its ALGO-CARE answers. Raises: NotFound."""

    def read(connection: Connection) -> Standing:
        row = row_that_counts(db.agreements.versions(connection, reference), reference)
        return _standing(connection, row, session.clock.today())

    return session.look(read)


def listed(session: Session, *, every_version: bool = False) -> list[Standing]:
    """Return all agreements as they stand today: what counts of each, and what waits to replace it."""

    def read(connection: Connection) -> list[Standing]:
        rows = [row for row in db.agreements.every(connection) if every_version or row.status != SUPERSEDED]
        return [_standing(connection, row, session.clock.today()) for row in rows]

    return session.look(read)


def newest_id(connection: Connection, reference: str, version: int) -> int:
    """Return the id of one version of an agreement."""
    return next(row.id for row in db.agreements.versions(connection, reference) if row.version == version)


def live_agreement(act: Act, reference: str) -> Agreement:
    """Return the agreement under which data may come in now, for this session's purpose.

    Raises: Refused: there is none; it says why and who can open it.
    """
    rows = act.read(db.agreements.versions, reference)
    if not rows:
        act.refuse(
            f"There is no agreement {reference!r}: no gate, no data.",
            "Nothing was stored.",
            "The information governance officer adds one with: kingshurst agreement add STORE FILE",
        )
    row = row_that_counts(rows, reference)
    state, why = _state(row, act.session.clock.today())
    if state != LIVE:
        _shut(act, reference, why or state)
    found = act.read(db.agreements.gates, reference)
    purpose = act.session.purpose
    if not any(gate.purpose == purpose and gate.status == LIVE for gate in found):
        _shut(act, reference, f"it does not name the purpose {purpose!r}")
    return from_text(row.document)


def _shut(act: Act, reference: str, why: str) -> NoReturn:
    act.refuse(f"The gate of {reference} is shut: {why}.", "Nothing was stored.", WHO_OPENS)
