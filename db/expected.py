"""What was expected of places and months, as it was shown: kept once, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection


class ForecastRow(NamedTuple):
    """One count that was expected; ``record`` is JSON.

    Attributes:
        known_to: the newest month that it knew.
        expected: as shown, and so are ``low`` and ``high``; -2 where a plain figure has no interval.
        beats: 1 where a model stands behind it, 0 where a plain figure does.
    """

    agreement_ref: str
    level: str
    code: str
    category: str
    month: str
    ahead: int
    known_to: str
    method: str
    expected: int
    low: int
    high: int
    beats: int
    record: str
    made_by: str
    made_at: str


_COLUMNS = ", ".join(ForecastRow._fields)


def keep(connection: Connection, purpose: str, rows: Sequence[ForecastRow]) -> int:
    """Keep what was expected, unless the same was expected before from the same months; return how many were new."""
    found = connection.exec_driver_sql(
        "SELECT agreement_ref, level, code, category, month, known_to FROM forecast WHERE purpose = ?", (purpose,)
    )
    before = {tuple(row) for row in found}
    new = [
        row
        for row in rows
        if (row.agreement_ref, row.level, row.code, row.category, row.month, row.known_to) not in before
    ]
    if new:
        connection.exec_driver_sql(
            f"INSERT INTO forecast (purpose, {_COLUMNS}) VALUES ({', '.join('?' * (len(ForecastRow._fields) + 1))})",
            [(purpose, *row) for row in new],
        )
    return len(new)


def forecasts(
    connection: Connection, purpose: str, today: str, agency: str, code: str | None = None
) -> list[ForecastRow]:
    """Return what was expected for a purpose, of data sets whose gate is open today and that may go to an agency.

    Args:
        connection: any; nobody is in these rows.
        purpose: the gate must name it.
        today: ISO day.
        agency: that looks.
        code: of one place.
    """
    rows = connection.exec_driver_sql(
        f"SELECT {', '.join(f'f.{name}' for name in ForecastRow._fields)} FROM forecast f WHERE f.purpose = ?1 "
        "AND (?4 IS NULL OR f.code = ?4) AND f.agreement_ref IN (SELECT g.agreement_ref FROM gate g "
        "WHERE g.purpose = ?1 AND g.status = 'live' AND ?2 BETWEEN g.opens AND g.closes AND (g.agency_code = ?3 "
        "OR g.agreement_ref IN (SELECT x.agreement_ref FROM gate_recipient x WHERE x.agency_code = ?3))) "
        "ORDER BY f.agreement_ref, f.level, f.code, f.category, f.known_to, f.ahead",
        (purpose, today, agency, code),
    )
    return [ForecastRow(*row) for row in rows]
