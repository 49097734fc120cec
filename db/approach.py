"""Whether and how to approach a person, and which agency says so."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection

DO_NOT, SAFE = "do-not-approach", "safe-contact"
"""Kinds of word about approaching somebody."""


class ApproachRow(NamedTuple):
    """One agency's word, as far as it may be shown to the acting one."""

    id: int
    profile_id: int
    kind: str
    words: str
    agency_shown: str
    said_by: str
    said_at: str
    status: str
    is_own: int
    asked_by: str | None
    asked_at: str | None
    asked_why: str


_SHOWN = f"SELECT {', '.join(ApproachRow._fields)} FROM masked_approach"


def of_profile(connection: Connection, profile_id: int) -> list[ApproachRow]:
    """Return what stands about one person, warnings first."""
    rows = connection.exec_driver_sql(
        f"{_SHOWN} WHERE profile_id = ? AND status = 'standing' ORDER BY kind, id", (profile_id,)
    )
    return [ApproachRow(*row) for row in rows]


def by_id(connection: Connection, number: int) -> ApproachRow | None:
    """Return one word that stands, or None."""
    row = connection.exec_driver_sql(f"{_SHOWN} WHERE id = ? AND status = 'standing'", (number,)).fetchone()
    return ApproachRow(*row) if row else None


def asked(connection: Connection) -> list[ApproachRow]:
    """Return the words that somebody asks to be ended, the oldest request first."""
    rows = connection.exec_driver_sql(
        f"{_SHOWN} WHERE status = 'standing' AND asked_by IS NOT NULL ORDER BY asked_at, id"
    )
    return [ApproachRow(*row) for row in rows]


def say(connection: Connection, profile_id: int, kind: str, words: str, agency: str, by: str, at: str) -> int:
    """Keep an agency's word and return its number."""
    number = connection.exec_driver_sql(
        "INSERT INTO approach_word (profile_id, kind, words, agency_code, said_by, said_at) VALUES (?,?,?,?,?,?)",
        (profile_id, kind, words, agency, by, at),
    ).lastrowid
    _bring_up_to_date(connection, profile_id)
    return int(number)


def ask_to_end(connection: Connection, number: int, by: str, at: str, why: str) -> None:
    """Keep who asks that a word ends, and why; no name takes the request back."""
    connection.exec_driver_sql(
        "UPDATE approach_word SET asked_by = ?, asked_at = ?, asked_why = ? WHERE id = ?",
        (by or None, at or None, why, number),
    )


def end(connection: Connection, number: int, profile_id: int, status: str, by: str, at: str) -> None:
    """Let a word stand no longer: it was ended, or replaced by its own agency."""
    connection.exec_driver_sql(
        "UPDATE approach_word SET status = ?, ended_by = ?, ended_at = ? WHERE id = ?", (status, by, at, number)
    )
    _bring_up_to_date(connection, profile_id)


def _bring_up_to_date(connection: Connection, profile_id: int) -> None:
    connection.exec_driver_sql(
        "UPDATE profile SET version = version + 1, do_not_approach = EXISTS (SELECT 1 FROM masked_approach "
        "WHERE profile_id = ? AND kind = 'do-not-approach' AND status = 'standing') WHERE id = ?",
        (profile_id, profile_id),
    )
