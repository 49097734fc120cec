"""Who was met by which agencies, for counting across everybody: ids and codes, to be counted and shown to nobody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection

from db.bare_rows import bare
from db.picking import pick


class WaitingPair(NamedTuple):
    """Two profiles of which a pair of records waits for people: their strongest pair."""

    left: int
    right: int
    weight: float
    guards: str


class JudgedPair(NamedTuple):
    """A pair of records that a person decided about, and whether they say that it is one person."""

    weight: float
    guards: str
    is_one: bool


class Decided(NamedTuple):
    """A decision about somebody: who sat and decided, and when the person was first flagged before it."""

    decision_id: int
    profile_id: int
    agency: str
    flagged_on: str


# --- under sight ``combine`` -----------------------------------------------------------------------------------------


def met(connection: Connection, first: str, last: str) -> Sequence[tuple[Any, ...]]:
    """Return (profile, agency, incident, priority area) of every contact between two days, distinct.

    A contact that is part of no incident is one by itself, under its own negative number.
    """
    rows: Sequence[tuple[Any, ...]] = (
        bare(connection)
        .execute(
            "SELECT DISTINCT profile_id, agency_code, coalesce(incident_id, -contact_id), priority_area "
            "FROM open_contact WHERE occurred_on BETWEEN ? AND ? AND profile_id IS NOT NULL",
            (first, last),
        )
        .fetchall()
    )
    return rows


_TWO = (
    "FROM masked_link l JOIN profile_member a ON a.source_record_id = l.left_record_id "
    "JOIN profile_member b ON b.source_record_id = l.right_record_id"
)


def waiting(connection: Connection) -> list[WaitingPair]:
    """Return every two profiles of which a pair of records waits for people, by their strongest pair."""
    rows = connection.exec_driver_sql(
        "SELECT p, q, weight, guards FROM (SELECT min(a.profile_id, b.profile_id) AS p, "
        "max(a.profile_id, b.profile_id) AS q, l.weight AS weight, l.guards AS guards, row_number() OVER ("
        "PARTITION BY min(a.profile_id, b.profile_id), max(a.profile_id, b.profile_id) ORDER BY l.weight DESC, l.id"
        f") AS place {_TWO} WHERE l.state IN ('review', 'undone') AND a.profile_id <> b.profile_id) "
        "WHERE place = 1 ORDER BY p, q"
    )
    return [WaitingPair(*row) for row in rows]


def judged(connection: Connection) -> list[JudgedPair]:
    """Return the pairs that people decided about, links taken back among them."""
    rows = connection.exec_driver_sql(
        "SELECT weight, guards, state = 'linked-by-person' FROM masked_link WHERE state IN ('linked-by-person', "
        "'kept-apart-by-person') OR state = 'undone' AND decided_by IS NOT NULL ORDER BY id"
    )
    return [JudgedPair(row[0], row[1], bool(row[2])) for row in rows]


def deciders(connection: Connection, purpose: str) -> list[Decided]:
    """Return who decided about flagged people: every agency that sat there, or spoke in an urgent decision.

    Only first decisions, and only agencies of which a data set has a gate for the purpose: others can know nobody.
    """
    rows = connection.exec_driver_sql(
        "WITH first AS (SELECT profile_id, min(id) AS id FROM open_decision WHERE purpose = ?1 "
        "AND status IN ('signed', 'superseded', 'reopened') GROUP BY profile_id), "
        "flagged AS (SELECT f.profile_id AS profile_id, min(f.raised_on) AS day FROM combined_flag f "
        "WHERE f.status IN ('standing', 'superseded') GROUP BY f.profile_id), "
        "sat AS (SELECT k.decision_id AS id, m.agency_code AS agency FROM open_panel_case k "
        "JOIN panel_member m ON m.panel_id = k.panel_id WHERE m.attendance = 'present' AND m.standing <> 'observer' "
        "UNION SELECT u.decision_id, u.first_agency FROM open_urgent_decision u "
        "UNION SELECT u.decision_id, u.second_agency FROM open_urgent_decision u WHERE u.second_agency <> '') "
        "SELECT DISTINCT d.id, d.profile_id, sat.agency, flagged.day FROM first "
        "JOIN open_decision d ON d.id = first.id "
        "JOIN flagged ON flagged.profile_id = d.profile_id AND flagged.day <= substr(d.signed_at, 1, 10) "
        "JOIN sat ON sat.id = d.id WHERE sat.agency IN (SELECT agency_code FROM gate WHERE purpose = ?1) "
        "ORDER BY d.id, sat.agency",
        (purpose,),
    )
    return [Decided(*row) for row in rows]


def first_met(connection: Connection, profile_ids: Sequence[int]) -> dict[tuple[int, str], str]:
    """Return the first day on which each agency met each of these people."""
    pick(connection, profile_ids)
    rows = connection.exec_driver_sql(
        "SELECT c.profile_id, c.agency_code, min(c.occurred_on) FROM picked k "
        "CROSS JOIN open_contact c ON c.profile_id = k.id GROUP BY c.profile_id, c.agency_code"
    )
    return {(row[0], row[1]): row[2] for row in rows}
