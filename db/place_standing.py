"""Since when a place stands out by which version of the rule, until when it did, and when somebody last looked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection


class StandingRow(NamedTuple):
    """A place as one version of the rule found it, from one agency's looks; evidence is JSON.

    Attributes:
        first_on: ISO day of the first look that found it.
        last_on: of the last.
        cleared_on: of the first look after that which did not; None while it stands.
    """

    id: int
    agency_code: str
    code: str
    rule_code: str
    rule_version: int
    first_on: str
    first_by: str
    last_on: str
    evidence_first: str
    evidence_last: str
    cleared_on: str | None
    cleared_by: str
    cleared_why: str


class NewStanding(NamedTuple):
    """A place that stands out newly."""

    code: str
    rule_code: str
    rule_version: int
    first_on: str
    first_by: str
    evidence: str


class LookRow(NamedTuple):
    """The newest look of an agency; ``basis`` is a digest of what was looked at."""

    looked_on: str
    looked_by: str
    basis: str


_COLUMNS = ", ".join(StandingRow._fields)


def standings(connection: Connection, purpose: str) -> list[StandingRow]:
    """Return what was ever found for a purpose, by any agency, oldest first."""
    rows = connection.exec_driver_sql(
        f"SELECT {_COLUMNS} FROM place_standing WHERE purpose = ? ORDER BY first_on, id", (purpose,)
    )
    return [StandingRow(*row) for row in rows]


def begin(connection: Connection, purpose: str, agency: str, today: str, new: Sequence[NewStanding]) -> None:
    """Keep places that stand out newly."""
    if not new:
        return
    connection.exec_driver_sql(
        "INSERT INTO place_standing (purpose, agency_code, code, rule_code, rule_version, first_on, first_by, last_on, "
        "evidence_first, evidence_last) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(purpose, agency, *each[:5], today, each.evidence, each.evidence) for each in new],
    )


def go_on(connection: Connection, today: str, again: Sequence[tuple[int, str]]) -> None:
    """Keep that these were found again today, each with what it was found by; what cleared today stands again."""
    connection.exec_driver_sql(
        "UPDATE place_standing SET last_on = ?, evidence_last = ?, cleared_on = NULL, cleared_by = '', "
        "cleared_why = '' WHERE id = ?",
        [(today, evidence, number) for number, evidence in again],
    )


def clear(connection: Connection, today: str, by: str, cleared: Sequence[tuple[int, str]]) -> None:
    """Keep that these stand out no more, each with why."""
    if not cleared:
        return
    connection.exec_driver_sql(
        "UPDATE place_standing SET cleared_on = ?, cleared_by = ?, cleared_why = ? WHERE id = ? AND cleared_on IS NULL",
        [(today, by, why, number) for number, why in cleared],
    )


def look_of(connection: Connection, purpose: str, agency: str) -> LookRow | None:
    """Return the newest look of an agency; None where nobody of it looked yet."""
    row = connection.exec_driver_sql(
        "SELECT looked_on, looked_by, basis FROM place_look WHERE purpose = ? AND agency_code = ?", (purpose, agency)
    ).fetchone()
    return LookRow(*row) if row is not None else None


def looked(connection: Connection, purpose: str, agency: str, look: LookRow) -> None:
    """Keep the newest look of an agency."""
    connection.exec_driver_sql(
        "INSERT INTO place_look (purpose, agency_code, looked_on, looked_by, basis) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (purpose, agency_code) DO UPDATE SET looked_on = excluded.looked_on, "
        "looked_by = excluded.looked_by, basis = excluded.basis",
        (purpose, agency, *look),
    )
