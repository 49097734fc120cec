"""What a link that was undone, or a recall, reopened, and who has looked at it since."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection


class ReopeningRow(NamedTuple):
    """One thing that somebody should look at again."""

    id: int
    profile_id: int
    thing: str
    thing_id: int
    because: str
    reopened_at: str


def waiting(connection: Connection) -> list[ReopeningRow]:
    """Return what nobody has looked at yet, the oldest first."""
    rows = connection.exec_driver_sql(
        f"SELECT {', '.join(ReopeningRow._fields)} FROM masked_reopening WHERE settled_at IS NULL ORDER BY id"
    )
    return [ReopeningRow(*row) for row in rows]


def settled(connection: Connection, reopening_id: int) -> tuple[str, str, int] | None:
    """Return who has looked at it, and at what; None where nobody has, or there is none."""
    row = connection.exec_driver_sql(
        "SELECT settled_by, thing, thing_id FROM masked_reopening WHERE id = ? AND settled_at IS NOT NULL",
        (reopening_id,),
    ).fetchone()
    return (row[0] or "", row[1], row[2]) if row else None


def settle(connection: Connection, reopening_id: int, user_name: str, at: str) -> None:
    """Keep who looked at it, and when."""
    connection.exec_driver_sql(
        "UPDATE reopening SET settled_by = ?, settled_at = ? WHERE id = ?", (user_name, at, reopening_id)
    )


def settle_thing(connection: Connection, thing: str, thing_id: int, user_name: str, at: str) -> None:
    """Keep that a thing was dealt with: matched anew, confirmed anew, decided anew."""
    waiting_for = connection.exec_driver_sql(
        "SELECT id FROM masked_reopening WHERE thing = ? AND thing_id = ? AND settled_at IS NULL", (thing, thing_id)
    ).scalars()
    for reopening_id in waiting_for.all():
        settle(connection, reopening_id, user_name, at)
