"""What is written about a profile itself: its version, and whose caseload it is in."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection


def raise_version(connection: Connection, profile_ids: Iterable[int]) -> None:
    """Say that something shown of these profiles changed, so that an edit over an older sight is noticed."""
    rows = [(number,) for number in set(profile_ids)]
    if rows:
        connection.exec_driver_sql("UPDATE profile SET version = version + 1 WHERE id = ?", rows)


def put_in_caseload(connection: Connection, user_name: str, profile_id: int, since: str) -> None:
    """Put a profile into a user's own caseload."""
    connection.exec_driver_sql(
        "INSERT INTO caseload (user_name, profile_id, since) VALUES (?,?,?) "
        "ON CONFLICT (user_name, profile_id) DO NOTHING",
        (user_name, profile_id, since),
    )


def take_from_caseload(connection: Connection, user_name: str, profile_id: int) -> None:
    """Take a profile out of a user's own caseload."""
    connection.exec_driver_sql("DELETE FROM caseload WHERE user_name = ? AND profile_id = ?", (user_name, profile_id))
