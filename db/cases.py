"""Where a case stands for a purpose, and who leads it now: every change is a row, the latest holds."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection


class StateRow(NamedTuple):
    """One change of a case's state; why and the lead agency are empty on a mask."""

    id: int
    profile_id: int
    purpose: str
    state: str
    why: str
    lead_agency: str
    panel_id: int | None
    changed_by: str
    changed_at: str


class NewState(NamedTuple):
    """One change to be kept."""

    profile_id: int
    purpose: str
    state: str
    why: str
    lead_agency: str
    panel_id: int | None
    changed_by: str
    changed_at: str


class TransferRow(NamedTuple):
    """A lead that passes, or is asked to pass, from one agency to another."""

    id: int
    profile_id: int
    purpose: str
    from_agency: str
    to_agency: str
    why: str
    handover: str
    asked_by: str
    asked_at: str
    status: str
    answer: str
    answered_by: str | None
    answered_at: str | None
    version: int


_STATE = f"SELECT {', '.join(StateRow._fields)} FROM masked_case_state"
_TRANSFER = f"SELECT {', '.join(TransferRow._fields)} FROM open_lead_transfer"


def add_state(connection: Connection, state: NewState) -> int:
    """Keep a change of a case's state and return its number."""
    marks = ",".join("?" * len(NewState._fields))
    return int(
        connection.exec_driver_sql(
            f"INSERT INTO case_state ({', '.join(NewState._fields)}) VALUES ({marks})", tuple(state)
        ).lastrowid
    )


def states(connection: Connection, profile_id: int, purpose: str) -> list[StateRow]:
    """Return how a case stood, the latest first."""
    rows = connection.exec_driver_sql(
        f"{_STATE} WHERE profile_id = ? AND purpose = ? ORDER BY id DESC", (profile_id, purpose)
    )
    return [StateRow(*row) for row in rows]


def latest(connection: Connection, purpose: str) -> list[StateRow]:
    """Return where every case of a purpose stands, what changed last first."""
    rows = connection.exec_driver_sql(
        f"{_STATE} WHERE purpose = ? AND id IN (SELECT max(id) FROM masked_case_state WHERE purpose = ? "
        "GROUP BY profile_id) ORDER BY id DESC",
        (purpose, purpose),
    )
    return [StateRow(*row) for row in rows]


def ask_transfer(
    connection: Connection,
    *,
    profile_id: int,
    purpose: str,
    from_agency: str,
    to_agency: str,
    why: str,
    handover: str,
    asked_by: str,
    asked_at: str,
) -> int:
    """Keep that the lead is to pass to another agency; return the number."""
    return int(
        connection.exec_driver_sql(
            "INSERT INTO lead_transfer (profile_id, purpose, from_agency, to_agency, why, handover, asked_by, "
            "asked_at) VALUES (?,?,?,?,?,?,?,?)",
            (profile_id, purpose, from_agency, to_agency, why, handover, asked_by, asked_at),
        ).lastrowid
    )


def settle_transfer(
    connection: Connection, number: int, status: str, answer: str, answered_by: str, answered_at: str
) -> None:
    """Keep the answer: "accepted", "declined" or "withdrawn"."""
    connection.exec_driver_sql(
        "UPDATE lead_transfer SET status = ?, answer = ?, answered_by = ?, answered_at = ?, version = version + 1 "
        "WHERE id = ?",
        (status, answer, answered_by, answered_at, number),
    )


def transfer(connection: Connection, number: int) -> TransferRow | None:
    """Return one transfer of an open profile, or None."""
    row = connection.exec_driver_sql(f"{_TRANSFER} WHERE id = ?", (number,)).fetchone()
    return TransferRow(*row) if row else None


def transfers_of(connection: Connection, profile_id: int, purpose: str) -> list[TransferRow]:
    """Return the transfers of a case, the latest first."""
    rows = connection.exec_driver_sql(
        f"{_TRANSFER} WHERE profile_id = ? AND purpose = ? ORDER BY id DESC", (profile_id, purpose)
    )
    return [TransferRow(*row) for row in rows]


def transfers(connection: Connection, purpose: str, status: str) -> list[TransferRow]:
    """Return the transfers of open profiles that stand so, the oldest first."""
    rows = connection.exec_driver_sql(f"{_TRANSFER} WHERE purpose = ? AND status = ? ORDER BY id", (purpose, status))
    return [TransferRow(*row) for row in rows]
