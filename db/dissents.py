"""That an agency disagrees with a decision, and what was done about it, step by step."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection


class DissentRow(NamedTuple):
    """One dissent as it was signed, and where it stands."""

    id: int
    profile_id: int
    decision_id: int
    agency_code: str
    document: str
    signature: bytes
    made_by: str
    entered_for: str
    made_at: str
    level: int
    due_at: str
    status: str
    version: int


class StepRow(NamedTuple):
    """One step of a dissent."""

    id: int
    dissent_id: int
    step: str
    level: int
    words: str
    made_by: str
    made_at: str


_DISSENT = f"SELECT {', '.join(DissentRow._fields)} FROM open_dissent"
_STEP = f"SELECT {', '.join(StepRow._fields)} FROM open_dissent_step"


def add(
    connection: Connection,
    *,
    profile_id: int,
    decision_id: int,
    agency_code: str,
    document: str,
    signature: bytes,
    made_by: str,
    entered_for: str,
    made_at: str,
    due_at: str,
) -> int:
    """Keep a signed dissent and return its number."""
    return int(
        connection.exec_driver_sql(
            "INSERT INTO dissent (profile_id, decision_id, agency_code, document, signature, made_by, entered_for, "
            "made_at, due_at) VALUES (?,?,?,?,?,?,?,?,?)",
            (profile_id, decision_id, agency_code, document, signature, made_by, entered_for, made_at, due_at),
        ).lastrowid
    )


def by_id(connection: Connection, number: int) -> DissentRow | None:
    """Return one about an open profile, or None."""
    row = connection.exec_driver_sql(f"{_DISSENT} WHERE id = ?", (number,)).fetchone()
    return DissentRow(*row) if row else None


def of_decision(connection: Connection, decision_id: int) -> list[DissentRow]:
    """Return the dissents from one decision, in order."""
    rows = connection.exec_driver_sql(f"{_DISSENT} WHERE decision_id = ? ORDER BY id", (decision_id,))
    return [DissentRow(*row) for row in rows]


def listed(connection: Connection, purpose: str, *, with_closed: bool) -> list[DissentRow]:
    """Return the dissents from decisions of a purpose, those due first."""
    fields = ", ".join(f"d.{name}" for name in DissentRow._fields)
    rows = connection.exec_driver_sql(
        f"SELECT {fields} FROM open_dissent d JOIN open_decision o ON o.id = d.decision_id "
        "WHERE o.purpose = ? AND (? OR d.status = 'open') ORDER BY d.status <> 'open', d.due_at, d.id",
        (purpose, with_closed),
    )
    return [DissentRow(*row) for row in rows]


def steps_of(connection: Connection, number: int) -> list[StepRow]:
    """Return the steps of a dissent, in order."""
    rows = connection.exec_driver_sql(f"{_STEP} WHERE dissent_id = ? ORDER BY id", (number,))
    return [StepRow(*row) for row in rows]


def add_step(
    connection: Connection, row: DissentRow, step: str, level: int, words: str, made_by: str, made_at: str
) -> None:
    """Keep one step of a dissent."""
    connection.exec_driver_sql(
        "INSERT INTO dissent_step (dissent_id, profile_id, step, level, words, made_by, made_at) "
        "VALUES (?,?,?,?,?,?,?)",
        (row.id, row.profile_id, step, level, words, made_by, made_at),
    )


def put(connection: Connection, number: int, *, level: int, due_at: str, status: str) -> None:
    """Keep where a dissent stands now."""
    connection.exec_driver_sql(
        "UPDATE dissent SET level = ?, due_at = ?, status = ?, version = version + 1 WHERE id = ?",
        (level, due_at, status, number),
    )
