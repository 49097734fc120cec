"""What was measured of people after a decision, and what is counted across cases."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection

from db.picking import pick


class OutcomeRow(NamedTuple):
    """One outcome as it was recorded."""

    id: int
    profile_id: int
    purpose: str
    decision_id: int
    domain: str
    months: int
    measured_on: str
    baseline: str
    now: str
    effect: str
    person_view: str
    source: str
    recorded_by: str
    recorded_at: str
    status: str
    version: int


class NewOutcome(NamedTuple):
    """One outcome to be kept."""

    profile_id: int
    purpose: str
    decision_id: int
    domain: str
    months: int
    measured_on: str
    baseline: str
    now: str
    effect: str
    person_view: str
    source: str
    recorded_by: str
    recorded_at: str
    version: int


class DecidedRow(NamedTuple):
    """Of one profile, a decision for the acting purpose as far as figures go."""

    profile_id: int
    decision_id: int
    lead_agency: str
    decided_on: str


_OUTCOME = f"SELECT {', '.join(OutcomeRow._fields)} FROM open_outcome"


def of_profile(connection: Connection, profile_id: int) -> list[OutcomeRow]:
    """Return the outcomes of an open profile that stand, the earliest month first."""
    rows = connection.exec_driver_sql(
        f"{_OUTCOME} WHERE profile_id = ? AND status = 'standing' ORDER BY decision_id, months, domain", (profile_id,)
    )
    return [OutcomeRow(*row) for row in rows]


def standing(connection: Connection, decision_id: int, domain: str, months: int) -> OutcomeRow | None:
    """Return what stands of one domain at one month after a decision, or None."""
    row = connection.exec_driver_sql(
        f"{_OUTCOME} WHERE decision_id = ? AND domain = ? AND months = ? AND status = 'standing'",
        (decision_id, domain, months),
    ).fetchone()
    return OutcomeRow(*row) if row else None


def recorded_months(connection: Connection) -> set[tuple[int, int]]:
    """Return (decision, months) of every outcome that stands and may be read."""
    rows = connection.exec_driver_sql("SELECT DISTINCT decision_id, months FROM open_outcome WHERE status = 'standing'")
    return {(row[0], row[1]) for row in rows}


def every_effect(connection: Connection, purpose: str) -> list[tuple[int, str, int, str]]:
    """Return (decision, domain, months, effect) of every outcome for a purpose that stands."""
    rows = connection.exec_driver_sql(
        "SELECT decision_id, domain, months, effect FROM open_outcome WHERE purpose = ? AND status = 'standing'",
        (purpose,),
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def replace(connection: Connection, outcome_id: int) -> None:
    """Mark an outcome as replaced by a later word; it stays as it was recorded."""
    connection.exec_driver_sql("UPDATE outcome SET status = 'replaced' WHERE id = ?", (outcome_id,))


def add(connection: Connection, outcome: NewOutcome) -> int:
    """Keep an outcome and return its number."""
    marks = ",".join("?" * len(NewOutcome._fields))
    return int(
        connection.exec_driver_sql(
            f"INSERT INTO outcome ({', '.join(NewOutcome._fields)}) VALUES ({marks})", tuple(outcome)
        ).lastrowid
    )


# --- across cases: under sight ``combine`` ---------------------------------------------------------------------------


def first_decisions(connection: Connection, purpose: str) -> list[DecidedRow]:
    """Return the first signed decision about each profile for a purpose."""
    rows = connection.exec_driver_sql(
        "SELECT profile_id, id, lead_agency, substr(signed_at, 1, 10) FROM open_decision d WHERE purpose = ? "
        "AND status IN ('signed', 'superseded', 'reopened') AND id = (SELECT min(e.id) FROM open_decision e "
        "WHERE e.profile_id = d.profile_id AND e.purpose = d.purpose "
        "AND e.status IN ('signed', 'superseded', 'reopened')) ORDER BY profile_id",
        (purpose,),
    )
    return [DecidedRow(*row) for row in rows]


def latest_leads(connection: Connection, purpose: str) -> list[tuple[int, str]]:
    """Return (profile, lead agency) of every standing decision for a purpose."""
    rows = connection.exec_driver_sql(
        "SELECT profile_id, lead_agency FROM open_decision WHERE purpose = ? AND status IN ('signed', 'reopened')",
        (purpose,),
    )
    return [(row[0], row[1]) for row in rows]


def interventions(connection: Connection) -> list[tuple[int, str]]:
    """Return (decision, kind of intervention) of every action that names one."""
    rows = connection.exec_driver_sql(
        "SELECT DISTINCT decision_id, intervention FROM open_action "
        "WHERE decision_id IS NOT NULL AND intervention <> '' ORDER BY decision_id, intervention"
    )
    return [(row[0], row[1]) for row in rows]


def flag_runs(connection: Connection) -> list[tuple[int, str, str, str]]:
    """Return (profile, rule, raised on, lapses on) of every standing flag."""
    rows = connection.exec_driver_sql(
        "SELECT profile_id, rule_code, raised_on, lapses_on FROM combined_flag WHERE status = 'standing' "
        "ORDER BY profile_id, id"
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def ever_before_a_panel(connection: Connection) -> set[int]:
    """Return the profiles that stood on any panel's agenda or were decided about, for whatever purpose."""
    rows = connection.exec_driver_sql(
        "SELECT profile_id FROM open_panel_case WHERE status <> 'taken-off' UNION SELECT profile_id FROM open_decision"
    )
    return set(rows.scalars())


def incident_days(connection: Connection, profile_ids: Iterable[int]) -> list[tuple[int, str, str]]:
    """Return (profile, day, agency) of every distinct incident of these profiles: its first report by each agency."""
    pick(connection, profile_ids)
    rows = connection.exec_driver_sql(
        "SELECT c.profile_id, min(c.occurred_on), min(c.agency_code) FROM picked k "
        "CROSS JOIN open_contact c ON c.profile_id = k.id "
        "GROUP BY c.profile_id, coalesce(c.incident_id, -c.contact_id) ORDER BY 1, 2"
    )
    return [(row[0], row[1], row[2]) for row in rows]


def groups(connection: Connection, profile_ids: Iterable[int]) -> dict[int, tuple[str | None, str | None, str | None]]:
    """Return (born, sex, postcode) of these profiles, each by the latest record that states it."""
    pick(connection, profile_ids)
    rows = connection.exec_driver_sql(
        "SELECT r.profile_id, r.born, r.sex, r.postcode FROM picked k CROSS JOIN open_record r ON r.profile_id = k.id "
        "ORDER BY r.batch_id, r.record_id"
    )
    found: dict[int, tuple[str | None, str | None, str | None]] = {}
    for profile, born, sex, postcode in rows:
        was = found.get(profile, (None, None, None))
        found[profile] = (born or was[0], sex or was[1], postcode or was[2])
    return found


def referred(connection: Connection, purpose: str) -> list[tuple[int, str]]:
    """Return (profile, day) of every referral for a purpose that was found to be somebody's."""
    rows = connection.exec_driver_sql(
        "SELECT profile_id, substr(sent_at, 1, 10) FROM combined_referral "
        "WHERE purpose = ? AND profile_id IS NOT NULL AND status <> 'revoked' ORDER BY id",
        (purpose,),
    )
    return [(row[0], row[1]) for row in rows]


def seen_since(connection: Connection, first: str, last: str) -> list[int]:
    """Return the profiles with a contact between two days, in order."""
    rows = connection.exec_driver_sql(
        "SELECT DISTINCT profile_id FROM open_contact WHERE occurred_on BETWEEN ? AND ? AND profile_id IS NOT NULL "
        "ORDER BY profile_id",
        (first, last),
    )
    return list(rows.scalars())
