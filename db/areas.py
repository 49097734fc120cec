"""Area measures: counts for a place and a month, of data sets whose gate is live."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection


class AreaMeasure(NamedTuple):
    """One count, as the newest accepted batch states it."""

    agreement_ref: str
    area_level: str
    area_code: str
    month: str
    category: str
    counted: int
    completeness: str
    batch_id: int = 0


# A later extract that repeats a place, month and category states it anew; the newest that stands counts.
_CURRENT = """
SELECT a.agreement_ref, a.area_level, a.area_code, a.month, a.category, a.count, a.completeness, a.batch_id
FROM area_measure a
WHERE a.agreement_ref IN (SELECT g.agreement_ref FROM gate g WHERE g.purpose = ?1 AND g.status = 'live'
        AND ?2 BETWEEN g.opens AND g.closes)
    AND (?3 IS NULL OR a.agreement_ref = ?3) AND (?4 IS NULL OR a.area_code = ?4)
    AND a.batch_id = (SELECT max(o.batch_id) FROM area_measure o
        WHERE o.agreement_ref = a.agreement_ref AND o.area_code = a.area_code AND o.month = a.month
        AND o.category = a.category AND +o.batch_id IN (SELECT id FROM import_batch WHERE status = 'accepted'))
ORDER BY a.agreement_ref, a.area_code, a.month, a.category
"""


def current(
    connection: Connection, purpose: str, today: str, agreement_ref: str | None = None, area_code: str | None = None
) -> list[AreaMeasure]:
    """Return the counts that stand for a purpose on a day, of all data sets and places or of one.

    Args:
        connection: any; nobody is in these rows.
        purpose: the gate must name it.
        today: ISO day; the gate must be open on it.
        agreement_ref: one data set.
        area_code: one place.
    """
    rows = connection.exec_driver_sql(_CURRENT, (purpose, today, agreement_ref, area_code))
    return [AreaMeasure(*row) for row in rows]


class AreaCount(NamedTuple):
    """A count for a place and a month."""

    area_code: str
    month: str
    category: str
    counted: int


def stage_areas(
    connection: Connection,
    batch_id: int,
    agreement_ref: str,
    level: str,
    counts: Sequence[AreaCount],
    incomplete: frozenset[str],
) -> None:
    """Write a piece of area measures, invisible until their batch is accepted."""
    connection.exec_driver_sql(
        "INSERT INTO area_measure "
        "(batch_id, agreement_ref, area_level, area_code, month, category, count, completeness) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (batch_id, agreement_ref, level, *each, "incomplete" if each.month in incomplete else "complete")
            for each in counts
        ],
    )
