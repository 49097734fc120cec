"""Plain facts of people who were decided about, for comparing one case with earlier ones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection

from db.picking import pick


class FactRow(NamedTuple):
    """One category of one person's contacts, at one agency."""

    profile_id: int
    category: str
    agency_code: str


def contact_facts(connection: Connection, profile_ids: Iterable[int]) -> list[FactRow]:
    """Return which categories of contact these people had at which agencies."""
    pick(connection, profile_ids)
    rows = connection.exec_driver_sql(
        "SELECT DISTINCT profile_id, category, agency_code FROM open_contact "
        "WHERE profile_id IN (SELECT id FROM picked)"
    )
    return [FactRow(*row) for row in rows]


def born(connection: Connection, profile_ids: Iterable[int]) -> dict[int, str]:
    """Return one date of birth of each of these people, where a record has one."""
    pick(connection, profile_ids)
    rows = connection.exec_driver_sql(
        "SELECT profile_id, min(born) FROM open_record WHERE born IS NOT NULL "
        "AND profile_id IN (SELECT id FROM picked) GROUP BY profile_id"
    )
    return {int(profile_id): str(day) for profile_id, day in rows}
