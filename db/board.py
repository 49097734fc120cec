"""What the Board's report counts across everybody: incidents by day, and what panels did. Ids and codes only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from db.bare_rows import bare

# --- under sight ``combine`` -----------------------------------------------------------------------------------------


def met_on(connection: Connection, first: str, last: str) -> Sequence[tuple[Any, ...]]:
    """Return (profile, agency, incident, priority area, day) of every contact between two days, distinct.

    The day is a number, and the first on which that agency tells of that person's part in that incident.
    """
    rows: Sequence[tuple[Any, ...]] = (
        bare(connection)
        .execute(
            "SELECT profile_id, agency_code, coalesce(incident_id, -contact_id), min(priority_area), "
            "CAST(julianday(min(occurred_on)) + 0.5 AS INTEGER) FROM open_contact "
            "WHERE occurred_on BETWEEN ? AND ? AND profile_id IS NOT NULL GROUP BY 1, 2, 3",
            (first, last),
        )
        .fetchall()
    )
    return rows


_PANEL_COUNTS = {
    "panels held": "SELECT count(*) FROM panel WHERE purpose = ?1 AND status IN ('open', 'closed')",
    "people discussed": "SELECT count(DISTINCT c.profile_id) FROM open_panel_case c JOIN panel p ON p.id = c.panel_id "
    "WHERE p.purpose = ?1 AND (c.status = 'discussed' OR c.decision_id IS NOT NULL)",
    "decisions signed": "SELECT count(*) FROM open_decision WHERE purpose = ?1 "
    "AND status IN ('signed', 'superseded', 'reopened')",
    "decisions with a dissent": "SELECT count(DISTINCT d.decision_id) FROM open_dissent d "
    "JOIN open_decision e ON e.id = d.decision_id WHERE e.purpose = ?1",
    "urgent decisions": "SELECT count(*) FROM open_urgent_decision u JOIN open_decision e ON e.id = u.decision_id "
    "WHERE e.purpose = ?1",
    "referrals sent": "SELECT count(*) FROM combined_referral WHERE purpose = ?1 AND status <> 'revoked'",
}
_ACTIONS = (
    "SELECT a.owner_agency, CASE WHEN a.status = 'done' THEN 'done' WHEN a.status <> 'open' THEN 'not done' "
    "WHEN a.due_on < (SELECT today FROM acting) THEN 'overdue' ELSE 'open' END, count(*) FROM open_action a "
    "JOIN open_decision d ON d.id = a.decision_id WHERE d.purpose = ? GROUP BY 1, 2"
)


def panel_counts(connection: Connection, purpose: str) -> dict[str, int]:
    """Return how much panels did for a purpose, by what."""
    return {
        name: int(connection.exec_driver_sql(query, (purpose,)).scalar_one()) for name, query in _PANEL_COUNTS.items()
    }


def actions(connection: Connection, purpose: str) -> dict[tuple[str, str], int]:
    """Return how many actions each agency has, by whether they are done, overdue, open or will not be done."""
    return {(row[0], row[1]): row[2] for row in connection.exec_driver_sql(_ACTIONS, (purpose,))}
