"""The cases on a meeting's agenda: in which order, for what, how they came there and where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from db.panels import changed


class CaseRow(NamedTuple):
    """One case on an agenda; what it is asked and whence it came are empty while the profile is masked."""

    id: int
    panel_id: int
    profile_id: int
    place: int
    minutes: int
    question: str
    brought_by: str
    proposed_by: str
    proposed_at: str
    status: str
    status_why: str
    opened_at: str | None
    seconds: int
    revealed_at: str | None
    revealed_by: str | None
    decision_id: int | None
    version: int
    pseudonym: str
    is_open: int
    under_18: int | None
    do_not_approach: int


class NewCase(NamedTuple):
    """One case to be put on an agenda."""

    panel_id: int
    profile_id: int
    place: int
    minutes: int
    question: str
    brought_by: str
    brought_id: int | None
    proposed_by: str
    proposed_at: str
    status: str
    status_why: str


_CASE = (
    "SELECT c.id, c.panel_id, c.profile_id, c.place, c.minutes, c.question, c.brought_by, c.proposed_by, "
    "c.proposed_at, c.status, c.status_why, c.opened_at, c.seconds, c.revealed_at, c.revealed_by, c.decision_id, "
    "c.version, p.pseudonym, p.is_open, p.under_18, p.do_not_approach FROM masked_panel_case c "
    # Where two profiles on one agenda became one, the kept one's place stands for both; what was held stays as it was.
    "JOIN masked_profile p ON p.profile_id = c.profile_id AND (p.status IN ('open', 'empty') OR EXISTS (SELECT 1 "
    "FROM panel s WHERE s.id = c.panel_id AND s.status IN ('closed', 'called-off')))"
)


def of_panel(connection: Connection, panel_id: int) -> list[CaseRow]:
    """Return the cases of a meeting: those on the agenda in order, then what is proposed, put off or taken off."""
    rows = connection.exec_driver_sql(
        f"{_CASE} WHERE c.panel_id = ? ORDER BY c.status NOT IN ('listed', 'discussed'), c.place, c.id", (panel_id,)
    )
    return [CaseRow(*row) for row in rows]


def by_id(connection: Connection, case_id: int) -> CaseRow | None:
    """Return one case, or None."""
    row = connection.exec_driver_sql(f"{_CASE} WHERE c.id = ?", (case_id,)).fetchone()
    return CaseRow(*row) if row else None


def of_profile(connection: Connection, profile_id: int) -> list[CaseRow]:
    """Return every agenda on which somebody stands or stood, the latest meeting first."""
    rows = connection.exec_driver_sql(
        f"{_CASE} JOIN panel m ON m.id = c.panel_id WHERE c.profile_id = ? ORDER BY m.held_on DESC, c.id DESC",
        (profile_id,),
    )
    return [CaseRow(*row) for row in rows]


def brought_ids(connection: Connection, panel_id: int) -> dict[int, int]:
    """Return by what row each case of an open profile came onto an agenda, by case."""
    rows = connection.exec_driver_sql(
        "SELECT id, brought_id FROM open_panel_case WHERE panel_id = ? AND brought_id IS NOT NULL", (panel_id,)
    )
    return {row[0]: row[1] for row in rows}


def add(connection: Connection, case: NewCase) -> int:
    """Put a case on an agenda and return its number; one that was there before has its place again."""
    names = NewCase._fields
    connection.exec_driver_sql(
        f"INSERT INTO panel_case ({', '.join(names)}) VALUES ({','.join('?' * len(names))}) "
        "ON CONFLICT (panel_id, profile_id) DO UPDATE SET "
        + ", ".join(f"{name} = excluded.{name}" for name in names[2:])
        + ", version = panel_case.version + 1",
        tuple(case),
    )
    changed(connection, case.panel_id)
    number = connection.exec_driver_sql(
        "SELECT id FROM panel_case WHERE panel_id = ? AND profile_id = ?", (case.panel_id, case.profile_id)
    ).scalar_one()
    return int(number)


def put_places(connection: Connection, panel_id: int, in_order: Sequence[int]) -> None:
    """Number the cases of an agenda in this order, from 1."""
    rows = [(place, number) for place, number in enumerate(in_order, 1)]
    if rows:
        connection.exec_driver_sql("UPDATE panel_case SET place = ? WHERE id = ?", rows)
    changed(connection, panel_id)


def put_status(connection: Connection, row: CaseRow, status: str, why: str) -> None:
    """Say where a case stands, and why; its version rises."""
    connection.exec_driver_sql(
        "UPDATE panel_case SET status = ?, status_why = ?, version = version + 1 WHERE id = ?", (status, why, row.id)
    )
    changed(connection, row.panel_id)


def put_words(connection: Connection, row: CaseRow, question: str, minutes: int) -> None:
    """Change what the panel is asked about a case and for how long; its version rises."""
    connection.exec_driver_sql(
        "UPDATE panel_case SET question = ?, minutes = ?, version = version + 1 WHERE id = ?",
        (question, minutes, row.id),
    )
    changed(connection, row.panel_id)


def put_minutes(connection: Connection, row: CaseRow, minutes: int) -> None:
    """Change for how long a case is planned; its version rises."""
    connection.exec_driver_sql(
        "UPDATE panel_case SET minutes = ?, version = version + 1 WHERE id = ?", (minutes, row.id)
    )
    changed(connection, row.panel_id)


def put_decision(connection: Connection, row: CaseRow, decision_id: int) -> None:
    """Keep what was decided about a case at this meeting."""
    connection.exec_driver_sql(
        "UPDATE panel_case SET decision_id = ?, status = 'discussed', version = version + 1 WHERE id = ?",
        (decision_id, row.id),
    )
    changed(connection, row.panel_id)


def put_revealed(connection: Connection, row: CaseRow, by: str, at: str) -> None:
    """Keep that everybody's first view of a case is shown to all, since when and by whom."""
    connection.exec_driver_sql(
        "UPDATE panel_case SET revealed_at = ?, revealed_by = ?, version = version + 1 WHERE id = ?", (at, by, row.id)
    )
    changed(connection, row.panel_id)


def put_off(connection: Connection) -> list[CaseRow]:
    """Return the cases that a meeting of the acting purpose put off and no later one has taken up, the oldest first."""
    rows = connection.exec_driver_sql(
        f"{_CASE} JOIN panel m ON m.id = c.panel_id AND m.purpose = (SELECT purpose FROM acting) "
        "WHERE c.status = 'deferred' AND m.status IN ('closed', 'called-off') AND NOT EXISTS (SELECT 1 "
        "FROM masked_panel_case l WHERE l.profile_id = c.profile_id AND l.id > c.id) ORDER BY c.id"
    )
    return [CaseRow(*row) for row in rows]


_GOES_TO_THE_KEPT_CASE = ("information_request", "first_view", "panel_note", "going_on")


def join_cases(connection: Connection, younger: int, older: int) -> None:
    """Let the kept profile's place on an agenda to come stand for both, with what was asked and written about either.

    Where an agency wrote of both, what it wrote of the kept one stands.
    """
    pairs = connection.exec_driver_sql(
        "SELECT y.id, o.id, y.panel_id FROM panel_case y JOIN panel_case o ON o.panel_id = y.panel_id "
        "AND o.profile_id = ? JOIN panel p ON p.id = y.panel_id AND p.status IN ('preparing', 'open') "
        "WHERE y.profile_id = ?",
        (older, younger),
    ).fetchall()
    for gone, kept, panel_id in pairs:
        for table in _GOES_TO_THE_KEPT_CASE:
            connection.exec_driver_sql(
                f"UPDATE OR IGNORE {table} SET panel_case_id = ? WHERE panel_case_id = ?", (kept, gone)
            )
        connection.exec_driver_sql(
            "UPDATE action SET panel_case_id = ? WHERE id IN (SELECT id FROM open_action WHERE panel_case_id = ?)",
            (kept, gone),
        )
        connection.exec_driver_sql("UPDATE panel_case SET status = 'taken-off' WHERE id = ?", (gone,))
        changed(connection, panel_id)
