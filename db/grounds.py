"""Grounds for going on without a person's agreement."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection


class GroundRow(NamedTuple):
    """One ground for going on without the person's agreement."""

    id: int
    profile_id: int
    purpose: str
    kind: str
    why: str
    until: str
    recorded_by: str
    recorded_at: str
    second_person: str | None
    second_at: str | None
    status: str


_GROUND_COLUMNS = ", ".join(GroundRow._fields)


def add(
    connection: Connection,
    *,
    profile_id: int,
    purpose: str,
    kind: str,
    why: str,
    until: str,
    recorded_by: str,
    recorded_at: str,
    status: str,
) -> int:
    """Keep a ground and return its number."""
    return int(
        connection.exec_driver_sql(
            "INSERT INTO ground (profile_id, purpose, kind, why, until, recorded_by, recorded_at, status) "
            "VALUES (?,?,?,?,?,?,?,?)",
            (profile_id, purpose, kind, why, until, recorded_by, recorded_at, status),
        ).lastrowid
    )


def by_id(connection: Connection, ground_id: int) -> GroundRow | None:
    """Return one ground, open or masked: whoever confirms it must be able to read it."""
    row = connection.exec_driver_sql(
        f"SELECT {_GROUND_COLUMNS} FROM waiting_ground WHERE id = ?",
        (ground_id,),
    ).fetchone()
    return GroundRow(*row) if row else None


def waiting(connection: Connection) -> list[GroundRow]:
    """Return the grounds that need a second person, the oldest first."""
    rows = connection.exec_driver_sql(
        f"SELECT {_GROUND_COLUMNS} FROM waiting_ground "
        "WHERE status IN ('proposed', 'unconfirmed', 'reopened') ORDER BY id"
    )
    return [GroundRow(*row) for row in rows]


def of_profile(connection: Connection, profile_id: int) -> list[GroundRow]:
    """Return the grounds of one profile."""
    rows = connection.exec_driver_sql(
        f"SELECT {_GROUND_COLUMNS} FROM waiting_ground WHERE profile_id = ? ORDER BY id",
        (profile_id,),
    )
    return [GroundRow(*row) for row in rows]


def of_kind_since(connection: Connection, kind: str, since: str) -> list[GroundRow]:
    """Return the grounds of one kind recorded since a moment, the latest first."""
    rows = connection.exec_driver_sql(
        f"SELECT {_GROUND_COLUMNS} FROM waiting_ground WHERE kind = ? AND recorded_at >= ? ORDER BY id DESC",
        (kind, since),
    )
    return [GroundRow(*row) for row in rows]


def set_status(connection: Connection, ground_id: int, status: str) -> None:
    """Set where a ground stands."""
    connection.exec_driver_sql("UPDATE ground SET status = ? WHERE id = ?", (status, ground_id))


def put_second_person(connection: Connection, ground_id: int, second_person: str, second_at: str) -> None:
    """Keep who looked at a ground besides the person who recorded it."""
    connection.exec_driver_sql(
        "UPDATE ground SET second_person = ?, second_at = ? WHERE id = ?", (second_person, second_at, ground_id)
    )
