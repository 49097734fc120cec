"""Decisions of two agencies between panels, and whether the next panel stood behind them."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection


class UrgentRow(NamedTuple):
    """One urgent decision."""

    id: int
    profile_id: int
    decision_id: int
    why_urgent: str
    first_agency: str
    first_by: str
    second_agency: str
    second_by: str | None
    second_signature: bytes | None
    second_at: str | None
    status: str
    panel_id: int | None
    ratified_why: str
    ratified_by: str | None
    ratified_at: str | None


_URGENT = f"SELECT {', '.join(UrgentRow._fields)} FROM open_urgent_decision"


def add(
    connection: Connection, *, profile_id: int, decision_id: int, why_urgent: str, first_agency: str, first_by: str
) -> int:
    """Keep that a decision is urgent and waits for a second agency; return its number."""
    return int(
        connection.exec_driver_sql(
            "INSERT INTO urgent_decision (profile_id, decision_id, why_urgent, first_agency, first_by) "
            "VALUES (?,?,?,?,?)",
            (profile_id, decision_id, why_urgent, first_agency, first_by),
        ).lastrowid
    )


def by_id(connection: Connection, number: int) -> UrgentRow | None:
    """Return one about an open profile, or None."""
    row = connection.exec_driver_sql(f"{_URGENT} WHERE id = ?", (number,)).fetchone()
    return UrgentRow(*row) if row else None


def of_decision(connection: Connection, decision_id: int) -> UrgentRow | None:
    """Return the urgent part of a decision, or None."""
    row = connection.exec_driver_sql(f"{_URGENT} WHERE decision_id = ?", (decision_id,)).fetchone()
    return UrgentRow(*row) if row else None


def all_open(connection: Connection) -> list[UrgentRow]:
    """Return those about open profiles, the latest first."""
    return [UrgentRow(*row) for row in connection.exec_driver_sql(f"{_URGENT} ORDER BY id DESC")]


def second(
    connection: Connection, number: int, status: str, agency: str, user_name: str, signature: bytes | None, at: str
) -> None:
    """Keep what the second agency said."""
    connection.exec_driver_sql(
        "UPDATE urgent_decision SET status = ?, second_agency = ?, second_by = ?, second_signature = ?, "
        "second_at = ? WHERE id = ?",
        (status, agency, user_name, signature, at, number),
    )


def ratify(connection: Connection, number: int, status: str, panel_id: int, why: str, user_name: str, at: str) -> None:
    """Keep what the panel said."""
    connection.exec_driver_sql(
        "UPDATE urgent_decision SET status = ?, panel_id = ?, ratified_why = ?, ratified_by = ?, ratified_at = ? "
        "WHERE id = ?",
        (status, panel_id, why, user_name, at, number),
    )
