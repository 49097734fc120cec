"""What somebody must be told, until they have seen it."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection


class NoticeRow(NamedTuple):
    """One thing to be told."""

    id: int
    profile_id: int
    thing: str
    thing_id: int
    what: str
    made_by: str
    made_at: str


_MINE = "seen_at IS NULL AND made_by <> ? AND (for_user = ? OR (for_user IS NULL AND for_role = ?))"


def tell(
    connection: Connection,
    profile_id: int,
    thing: str,
    thing_id: int,
    what: str,
    made_by: str,
    made_at: str,
    *,
    for_user: str | None = None,
    for_role: str | None = None,
) -> None:
    """Keep that one user, or whoever has a role, must be told."""
    connection.exec_driver_sql(
        "INSERT INTO notice (profile_id, thing, thing_id, what, made_by, made_at, for_user, for_role) "
        "VALUES (?,?,?,?,?,?,?,?)",
        (profile_id, thing, thing_id, what, made_by, made_at, for_user, for_role),
    )


def unseen(connection: Connection, user_name: str, role: str) -> list[NoticeRow]:
    """Return what this user has not seen yet, the oldest first; nobody is told what they did themselves."""
    rows = connection.exec_driver_sql(
        f"SELECT {', '.join(NoticeRow._fields)} FROM masked_notice WHERE {_MINE} ORDER BY id",
        (user_name, user_name, role),
    )
    return [NoticeRow(*row) for row in rows]


def seen(connection: Connection, profile_id: int, user_name: str, role: str, at: str) -> None:
    """Keep that this user has seen what there was to tell of one person."""
    numbers = connection.exec_driver_sql(
        f"SELECT id FROM masked_notice WHERE profile_id = ? AND {_MINE}", (profile_id, user_name, user_name, role)
    ).scalars()
    for number in numbers.all():
        connection.exec_driver_sql("UPDATE notice SET seen_by = ?, seen_at = ? WHERE id = ?", (user_name, at, number))
