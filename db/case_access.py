"""Restricted cases and who is on their lists; what is read here is there on a mask too."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection


class RestrictionRow(NamedTuple):
    """A case that only those on its list may open; why is empty for whoever may not open it."""

    id: int
    profile_id: int
    why: str
    made_by: str
    made_at: str
    ended_by: str | None
    ended_at: str | None
    ended_why: str
    status: str


class AccessRow(NamedTuple):
    """One user on a list; why is empty for whoever may not open the case."""

    id: int
    profile_id: int
    user_name: str
    why: str
    given_by: str
    given_at: str
    ended_by: str | None
    ended_at: str | None
    status: str


_RESTRICTION = f"SELECT {', '.join(RestrictionRow._fields)} FROM masked_case_restriction"
_ACCESS = f"SELECT {', '.join(AccessRow._fields)} FROM masked_case_access"


def standing(connection: Connection, profile_id: int) -> RestrictionRow | None:
    """Return the restriction that a case is under, if any."""
    row = connection.exec_driver_sql(f"{_RESTRICTION} WHERE profile_id = ? AND status = 'standing'", (profile_id,))
    found = row.fetchone()
    return RestrictionRow(*found) if found else None


def every_standing(connection: Connection) -> list[RestrictionRow]:
    """Return every restriction that stands, the oldest first."""
    return [
        RestrictionRow(*row)
        for row in connection.exec_driver_sql(f"{_RESTRICTION} WHERE status = 'standing' ORDER BY id")
    ]


def on_list(connection: Connection, profile_id: int) -> list[AccessRow]:
    """Return who is on a case's list, by name."""
    rows = connection.exec_driver_sql(
        f"{_ACCESS} WHERE profile_id = ? AND status = 'standing' ORDER BY user_name", (profile_id,)
    )
    return [AccessRow(*row) for row in rows]


def restrict(connection: Connection, profile_id: int, why: str, made_by: str, made_at: str) -> int:
    """Close a case to everybody but its list; return the restriction's number."""
    return int(
        connection.exec_driver_sql(
            "INSERT INTO case_restriction (profile_id, why, made_by, made_at, ended_why) VALUES (?,?,?,?,'')",
            (profile_id, why, made_by, made_at),
        ).lastrowid
    )


def carry(connection: Connection, from_profile: int, to_profile: int) -> None:
    """Put a profile that was part of a restricted one under the same restriction, with the same list.

    Needs the sight of a matching act.
    """
    connection.exec_driver_sql(
        "INSERT INTO case_restriction (profile_id, why, made_by, made_at, ended_why) "
        "SELECT ?, why, made_by, made_at, '' FROM masked_case_restriction WHERE profile_id = ? AND status = 'standing'",
        (to_profile, from_profile),
    )
    connection.exec_driver_sql(
        "INSERT INTO case_access (profile_id, user_name, why, given_by, given_at) "
        "SELECT ?, user_name, why, given_by, given_at FROM masked_case_access WHERE profile_id = ? "
        "AND status = 'standing'",
        (to_profile, from_profile),
    )


def lift(connection: Connection, profile_id: int, ended_by: str, ended_at: str, why: str) -> None:
    """End a restriction, and the list with it."""
    connection.exec_driver_sql(
        "UPDATE case_restriction SET status = 'ended', ended_by = ?, ended_at = ?, ended_why = ? "
        "WHERE profile_id = ? AND status = 'standing'",
        (ended_by, ended_at, why, profile_id),
    )
    connection.exec_driver_sql(
        "UPDATE case_access SET status = 'ended', ended_by = ?, ended_at = ? "
        "WHERE profile_id = ? AND status = 'standing'",
        (ended_by, ended_at, profile_id),
    )


def let_in(
    connection: Connection, profile_id: int, names: Iterable[str], why: str, given_by: str, given_at: str
) -> None:
    """Put users on a case's list."""
    rows = [(profile_id, name, why, given_by, given_at) for name in names]
    if rows:
        connection.exec_driver_sql(
            "INSERT INTO case_access (profile_id, user_name, why, given_by, given_at) VALUES (?,?,?,?,?)", rows
        )


def take_off(connection: Connection, profile_id: int, name: str, ended_by: str, ended_at: str) -> None:
    """Take a user off a case's list."""
    connection.exec_driver_sql(
        "UPDATE case_access SET status = 'ended', ended_by = ?, ended_at = ? "
        "WHERE profile_id = ? AND user_name = ? AND status = 'standing'",
        (ended_by, ended_at, profile_id, name),
    )
