"""Which copies were made of this store, and which of them were restored in test."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, insert, select, update

from db.schema.oversight import backup_copy

MADE, VERIFIED, DRILLED = "made", "verified", "drilled"


class CopyMade(NamedTuple):
    """One copy.

    Attributes:
        entries: how many entries of the trail it holds; ``root`` is the tree's over them.
        verified_at: when it was last restored in test and found whole; None where it never was.
        status: made, verified (as it was made) or drilled (later, by somebody who opened it).
    """

    made_at: str
    made_by: str
    file_digest: str
    entries: int
    root: str
    verified_at: str | None
    status: str


_COLUMNS = [backup_copy.c[name] for name in CopyMade._fields]


def add(connection: Connection, copy: CopyMade) -> None:
    """Enter a copy."""
    connection.execute(insert(backup_copy), copy._asdict())


def drilled(connection: Connection, copy: CopyMade) -> None:
    """Enter that a copy was tried; one that this store does not know of is entered as a whole."""
    known = connection.execute(
        update(backup_copy)
        .where(backup_copy.c.file_digest == copy.file_digest)
        .values(verified_at=copy.verified_at, status=DRILLED)
    ).rowcount
    if not known:
        add(connection, copy)


def every(connection: Connection) -> list[CopyMade]:
    """Return every copy, the newest first."""
    rows = connection.execute(select(*_COLUMNS).order_by(backup_copy.c.made_at.desc(), backup_copy.c.id.desc()))
    return [CopyMade(*row) for row in rows]


def last_act_at(connection: Connection) -> str:
    """Return when the last entry of the trail was written, ISO text in UTC; empty where there is none."""
    found = connection.exec_driver_sql("SELECT at FROM audit_entry ORDER BY seq DESC LIMIT 1").scalar()
    return str(found or "")
