"""Rules for places, by version: proposed by one person, decided by another."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection


class PlaceRuleRecord(NamedTuple):
    """One version of a rule for places as it is kept; ``document`` is JSON, ``status`` proposed, live or refused."""

    code: str
    version: int
    document: str
    starts_on: str
    ends_on: str | None
    status: str
    proposed_by: str
    proposed_at: str
    decided_by: str | None = None
    decided_at: str | None = None


_COLUMNS = "code, version, document, starts_on, ends_on, status, proposed_by, proposed_at, decided_by, decided_at"


def rules(connection: Connection) -> list[PlaceRuleRecord]:
    """Return every version of every rule, oldest first."""
    rows = connection.exec_driver_sql(f"SELECT {_COLUMNS} FROM place_rule ORDER BY code, version")
    return [PlaceRuleRecord(*row) for row in rows]


def add(connection: Connection, rule: PlaceRuleRecord) -> None:
    """Keep a version."""
    connection.exec_driver_sql(f"INSERT INTO place_rule ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?)", tuple(rule))


def decide(
    connection: Connection, code: str, version: int, status: str, decided_by: str, decided_at: str, signature: bytes
) -> None:
    """Keep what somebody decided of a proposal, signed."""
    connection.exec_driver_sql(
        "UPDATE place_rule SET status = ?, decided_by = ?, decided_at = ?, signature = ? "
        "WHERE code = ? AND version = ? AND status = 'proposed'",
        (status, decided_by, decided_at, signature, code, version),
    )


def end(connection: Connection, code: str, version: int, ends_on: str) -> None:
    """Let a version end on a day, its last."""
    connection.exec_driver_sql(
        "UPDATE place_rule SET ends_on = ? WHERE code = ? AND version = ?", (ends_on, code, version)
    )
