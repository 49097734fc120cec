"""Sealed reports of what went wrong in the program."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection

from db import keys

MOST_KEPT = 500
"""Reports; with one more the oldest goes. A fault that repeats itself does not fill the disk."""
LONGEST = 60_000
"""Characters of one report."""


class CrashReport(NamedTuple):
    """That something went wrong: its reference, when, and who was signed in."""

    reference: str
    at: str
    user_name: str


def add(connection: Connection, report: CrashReport, detail: str, key: bytes) -> None:
    """Keep a report, its detail sealed under ``key`` and bound to its reference."""
    sealed = keys.close_box(key, detail[:LONGEST].encode(errors="replace"), _about(report.reference))
    connection.exec_driver_sql(
        "INSERT INTO crash_report (reference, at, user_name, sealed) VALUES (?,?,?,?)", (*report, sealed)
    )
    connection.exec_driver_sql(
        "DELETE FROM crash_report WHERE reference NOT IN"
        " (SELECT reference FROM crash_report ORDER BY at DESC, reference LIMIT ?)",
        (MOST_KEPT,),
    )


def newest_first(connection: Connection) -> list[CrashReport]:
    """Return every report, without its detail."""
    rows = connection.exec_driver_sql("SELECT reference, at, user_name FROM crash_report ORDER BY at DESC, reference")
    return [CrashReport(*row) for row in rows]


def detail(connection: Connection, reference: str, key: bytes) -> str | None:
    """Return what a report holds, or None where there is none. Raises: SealBroken."""
    sealed = connection.exec_driver_sql("SELECT sealed FROM crash_report WHERE reference = ?", (reference,)).scalar()
    return None if sealed is None else keys.open_box(key, bytes(sealed), _about(reference)).decode()


def _about(reference: str) -> bytes:
    return f"kingshurst/crash/{reference}".encode()
