"""Agreements as signed, version by version, and the gates they open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, insert, select, update

from db.schema.trust import agreement, agreement_signature, gate, gate_recipient


class AgreementRow(NamedTuple):
    """One version of one agreement."""

    id: int
    reference: str
    version: int
    title: str
    agency_code: str
    document: str
    document_digest: str
    rag: str
    granularity: str
    status: str
    status_why: str
    opens: str
    closes: str
    added_at: str


class SignatureRow(NamedTuple):
    """Who signed a version, and when."""

    user_name: str
    signed_at: str
    signature: bytes


class GateRow(NamedTuple):
    """A door: one data set, one purpose, from when until when."""

    agreement_ref: str
    purpose: str
    agency_code: str
    sensitive: int
    opens: str
    closes: str
    status: str


REFUSED = 0
"""The version under which it is remembered that a reference was refused as red; it is no version of an agreement."""

_COLUMNS = [agreement.c[name] for name in AgreementRow._fields]
_EVERY = select(*_COLUMNS).where(agreement.c.version > REFUSED).order_by(agreement.c.reference, agreement.c.version)
_VERSIONS = (
    select(*_COLUMNS)
    .where(agreement.c.reference == bindparam("wanted"), agreement.c.version > REFUSED)
    .order_by(agreement.c.version)
)
_WAS_RED = select(agreement.c.id).where(agreement.c.reference == bindparam("wanted"), agreement.c.version == REFUSED)
_SIGNATURES = (
    select(*[agreement_signature.c[name] for name in SignatureRow._fields])
    .where(agreement_signature.c.agreement_id == bindparam("wanted"))
    .order_by(agreement_signature.c.id)
)
_GATES = select(*[gate.c[name] for name in GateRow._fields]).order_by(gate.c.agreement_ref, gate.c.purpose)


def every(connection: Connection) -> list[AgreementRow]:
    """Return every version of every agreement."""
    return [AgreementRow(*row) for row in connection.execute(_EVERY)]


def versions(connection: Connection, reference: str) -> list[AgreementRow]:
    """Return the versions of one agreement, oldest first."""
    return [AgreementRow(*row) for row in connection.execute(_VERSIONS, {"wanted": reference})]


def signatures(connection: Connection, agreement_id: int) -> list[SignatureRow]:
    """Return the signatures under one version, in the order they came."""
    return [SignatureRow(*row) for row in connection.execute(_SIGNATURES, {"wanted": agreement_id})]


def add(connection: Connection, row: dict[str, object]) -> int:
    """Add a version and return its id."""
    return int(connection.execute(insert(agreement).values(**row)).lastrowid)


def was_red(connection: Connection, reference: str) -> bool:
    """Say whether an agreement of this reference was ever refused as red."""
    return connection.execute(_WAS_RED, {"wanted": reference}).first() is not None


def remember_red(connection: Connection, row: dict[str, object]) -> None:
    """Remember for good that this reference was refused as red."""
    if not was_red(connection, str(row["reference"])):
        add(connection, row | {"version": REFUSED, "status": "refused", "status_why": "refused as red"})


def sign(connection: Connection, agreement_id: int, user_name: str, signed_at: str, signature: bytes) -> None:
    """Put a signature under a version."""
    connection.execute(
        insert(agreement_signature).values(
            agreement_id=agreement_id, user_name=user_name, signed_at=signed_at, signature=signature
        )
    )


def set_status(connection: Connection, agreement_id: int, status: str, why: str) -> None:
    """Set where a version stands, and why."""
    connection.execute(update(agreement).where(agreement.c.id == agreement_id).values(status=status, status_why=why))


def supersede(connection: Connection, reference: str, version: int) -> None:
    """Mark the versions before a live one as superseded."""
    connection.execute(
        update(agreement)
        .where(agreement.c.reference == reference, agreement.c.version < version)
        .values(status="superseded", status_why=f"replaced by version {version}")
    )


def gates(connection: Connection, reference: str | None = None) -> list[GateRow]:
    """Return all gates, or those of one data set."""
    statement = _GATES if reference is None else _GATES.where(gate.c.agreement_ref == reference)
    return [GateRow(*row) for row in connection.execute(statement)]


def open_gates(connection: Connection, reference: str, rows: Sequence[GateRow], recipients: Iterable[str]) -> None:
    """Let these be the gates of a data set and these the agencies it may go to, and no others."""
    connection.execute(gate.delete().where(gate.c.agreement_ref == reference))
    connection.execute(insert(gate), [row._asdict() for row in rows])
    connection.execute(gate_recipient.delete().where(gate_recipient.c.agreement_ref == reference))
    named = [{"agreement_ref": reference, "agency_code": code} for code in sorted(set(recipients))]
    if named:
        connection.execute(insert(gate_recipient), named)


def set_gates(connection: Connection, reference: str, status: str) -> None:
    """Open or close every gate of a data set."""
    connection.execute(update(gate).where(gate.c.agreement_ref == reference).values(status=status))
