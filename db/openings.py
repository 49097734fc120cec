"""Openings: from when until when a profile is open for a purpose, by which consent or ground."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection

from db.bare_rows import bare


class OpeningRow(NamedTuple):
    """From when until when a profile is open for a purpose, and why."""

    profile_id: int
    purpose: str
    opens: str
    closes: str
    basis: str
    basis_id: int


def put_opening(connection: Connection, opening: OpeningRow, *, unless_confirmed_by: str | None = None) -> None:
    """Open a profile for a purpose; a later word on the same basis replaces the earlier."""
    connection.exec_driver_sql(
        "INSERT INTO opening (profile_id, purpose, opens, closes, basis, basis_id, unless_confirmed_by) "
        "VALUES (?,?,?,?,?,?,?) ON CONFLICT (basis, basis_id) DO UPDATE SET profile_id = excluded.profile_id, "
        "purpose = excluded.purpose, opens = excluded.opens, closes = excluded.closes, "
        "unless_confirmed_by = excluded.unless_confirmed_by",
        (*opening, unless_confirmed_by),
    )


def close_opening(connection: Connection, basis: str, basis_id: int, last_day: str) -> None:
    """End an opening: that day is its last. It never gets longer."""
    connection.exec_driver_sql(
        "UPDATE opening SET closes = min(closes, ?), unless_confirmed_by = NULL WHERE basis = ? AND basis_id = ?",
        (last_day, basis, basis_id),
    )


def close_unconfirmed(connection: Connection, now: str, yesterday: str) -> None:
    """Close what was opened for vital interests and has had no second person in time."""
    due = bare(connection).execute(
        "SELECT basis_id FROM opening WHERE unless_confirmed_by IS NOT NULL AND unless_confirmed_by < ?", (now,)
    )
    for (ground_id,) in due.fetchall():
        close_opening(connection, "ground", ground_id, yesterday)
        connection.exec_driver_sql("UPDATE ground SET status = 'ended' WHERE id = ?", (ground_id,))


def openings(connection: Connection, profile_id: int) -> list[OpeningRow]:
    """Return when and why a profile is or was open, the latest first."""
    rows = connection.exec_driver_sql(
        "SELECT profile_id, purpose, opens, closes, basis, basis_id FROM masked_opening WHERE profile_id = ? "
        "ORDER BY opens DESC, basis_id DESC",
        (profile_id,),
    )
    return [OpeningRow(*row) for row in rows]


class ConsentOpening(NamedTuple):
    """A profile that a consent opened, by numbers and users."""

    consent_id: int
    profile_id: int
    recorded_by: str
    recorded_at: str
    settled_by: str | None
    opens: str


def opened_since(connection: Connection, day: str) -> list[ConsentOpening]:
    """Return what consents opened for the acting purpose that were handed in, or took effect, since a day."""
    rows = connection.exec_driver_sql(
        "SELECT c.id, o.profile_id, c.recorded_by, c.recorded_at, c.settled_by, o.opens FROM masked_opening o "
        "JOIN masked_consent c ON c.id = o.basis_id, acting a WHERE o.basis = 'consent' AND o.purpose = a.purpose "
        "AND (c.recorded_at >= ? OR o.opens >= ?) ORDER BY o.opens DESC, c.id DESC",
        (day, day),
    )
    return [ConsentOpening(*row) for row in rows]
