"""The register of consents as it was received, and whose records it withholds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection

from db.picking import pick


def register_version(connection: Connection) -> int:
    """Return the version of the register of confidentiality consents; 0 before the first."""
    found = connection.exec_driver_sql("SELECT max(version) FROM consent_register").scalar()
    return int(found or 0)


def register_seen(connection: Connection, file_digest: str) -> bool:
    """Return whether a register file was received before."""
    found = connection.exec_driver_sql(
        "SELECT EXISTS (SELECT 1 FROM consent_register WHERE file_digest = ?)", (file_digest,)
    ).scalar()
    return bool(found)


def add_register(connection: Connection, version: int, file_digest: str, received_at: str, rows: int) -> None:
    """Keep that the register changed: its version is part of a "consented only" batch's digest."""
    connection.exec_driver_sql(
        "INSERT INTO consent_register (version, file_digest, received_at, rows) VALUES (?,?,?,?)",
        (version, file_digest, received_at, rows),
    )


def known_data_sets(connection: Connection) -> frozenset[str]:
    """Return the references of all agreements; about no person."""
    return frozenset(connection.exec_driver_sql("SELECT DISTINCT reference FROM agreement").scalars())


def agency_of(connection: Connection, agreement_ref: str) -> str:
    """Return whose data set this is; empty where there is none. About no person."""
    found = connection.exec_driver_sql(
        "SELECT agency_code FROM agreement WHERE reference = ? ORDER BY version DESC LIMIT 1", (agreement_ref,)
    ).scalar()
    return str(found or "")


class RegisteredRecord(NamedTuple):
    """Who one record of a "consented only" data set says it is of."""

    record_id: int
    profile_id: int | None
    forename: str | None
    surname: str | None
    born: str | None
    nhs_number: str | None


_REGISTERED = "SELECT r.record_id, r.profile_id, r.forename, r.surname, r.born, r.nhs_number FROM registered_record r"


def registered_like(
    connection: Connection, agreement_ref: str, born: str | None, nhs_number: str | None
) -> list[RegisteredRecord]:
    """Return the records of a data set born on a day or with an NHS number. Needs the sight of a matching act."""
    rows = connection.exec_driver_sql(
        f"{_REGISTERED} WHERE r.agreement_ref = ? AND (r.born = ? OR r.nhs_number = ?)",
        (agreement_ref, born, nhs_number),
    )
    return [RegisteredRecord(*row) for row in rows]


def registered_of(connection: Connection, agreement_ref: str, profile_ids: Iterable[int]) -> list[RegisteredRecord]:
    """Return the records of a data set that belong to these profiles. Needs the sight of a matching act."""
    pick(connection, profile_ids)
    # From the members on: the view reaches a record's profile last, and would be read whole for every profile.
    members = "FROM picked k CROSS JOIN profile_member pm ON pm.profile_id = k.id CROSS JOIN"
    rows = connection.exec_driver_sql(
        _REGISTERED.replace("FROM", members) + " ON r.record_id = pm.source_record_id WHERE r.agreement_ref = ?",
        (agreement_ref,),
    )
    return [RegisteredRecord(*row) for row in rows]


def withhold(connection: Connection, agreement_ref: str, from_days: Iterable[tuple[int, str | None]]) -> None:
    """Say from which day each of these records is seen by nobody; None lets it be seen."""
    pairs = list(from_days)
    connection.exec_driver_sql(
        "DELETE FROM withheld_record WHERE source_record_id = ?", [(record,) for record, _ in pairs] or [(0,)]
    )
    rows = [(record, agreement_ref, day) for record, day in pairs if day is not None]
    if rows:
        connection.exec_driver_sql(
            "INSERT INTO withheld_record (source_record_id, agreement_ref, from_day) VALUES (?,?,?)", rows
        )


def withheld(connection: Connection, record_ids: Iterable[int]) -> dict[int, str]:
    """Return from which day those of these records that are withheld, or will be, are."""
    pick(connection, record_ids)
    rows = connection.exec_driver_sql(
        "SELECT source_record_id, from_day FROM withheld_record WHERE source_record_id IN (SELECT id FROM picked)"
    )
    return {row[0]: row[1] for row in rows}
