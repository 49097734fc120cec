"""That a panel goes on although a rule of its own said stop: who asked, who agreed, whether it was used."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection


class GoingOnRow(NamedTuple):
    """One wish to go on."""

    id: int
    panel_case_id: int | None
    panel_id: int | None
    profile_id: int
    stop: str
    why: str
    asked_by: str
    asked_at: str
    second_person: str | None
    second_at: str | None
    status: str


_ROW = f"SELECT {', '.join(GoingOnRow._fields)} FROM masked_going_on"


def add(
    connection: Connection,
    *,
    panel_case_id: int | None,
    panel_id: int | None,
    profile_id: int,
    stop: str,
    why: str,
    asked_by: str,
    asked_at: str,
) -> int:
    """Keep that somebody asks to go on, and return its number."""
    return int(
        connection.exec_driver_sql(
            "INSERT INTO going_on (panel_case_id, panel_id, profile_id, stop, why, asked_by, asked_at) "
            "VALUES (?,?,?,?,?,?,?)",
            (panel_case_id, panel_id, profile_id, stop, why, asked_by, asked_at),
        ).lastrowid
    )


def by_id(connection: Connection, number: int) -> GoingOnRow | None:
    """Return one of them, or None."""
    row = connection.exec_driver_sql(f"{_ROW} WHERE id = ?", (number,)).fetchone()
    return GoingOnRow(*row) if row else None


def of_profile(connection: Connection, profile_id: int) -> list[GoingOnRow]:
    """Return what was asked about one person, the latest first."""
    rows = connection.exec_driver_sql(f"{_ROW} WHERE profile_id = ? ORDER BY id DESC", (profile_id,))
    return [GoingOnRow(*row) for row in rows]


def of_case(connection: Connection, panel_case_id: int) -> list[GoingOnRow]:
    """Return what was asked in one case of a panel, the latest first."""
    rows = connection.exec_driver_sql(f"{_ROW} WHERE panel_case_id = ? ORDER BY id DESC", (panel_case_id,))
    return [GoingOnRow(*row) for row in rows]


def since(connection: Connection, moment: str) -> list[GoingOnRow]:
    """Return what was asked since a moment and what still waits, the latest first."""
    rows = connection.exec_driver_sql(f"{_ROW} WHERE asked_at >= ? OR status = 'asked' ORDER BY id DESC", (moment,))
    return [GoingOnRow(*row) for row in rows]


def settle(connection: Connection, number: int, status: str, second_person: str, second_at: str) -> None:
    """Keep what the second person said."""
    connection.exec_driver_sql(
        "UPDATE going_on SET status = ?, second_person = ?, second_at = ? WHERE id = ?",
        (status, second_person, second_at, number),
    )


def spend(connection: Connection, number: int) -> None:
    """Keep that a decision was signed on it: it serves no other."""
    connection.exec_driver_sql("UPDATE going_on SET status = 'spent' WHERE id = ?", (number,))
