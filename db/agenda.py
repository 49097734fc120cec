"""The agenda: who is flagged as far as may be shown, what may be counted of them, how they were triaged."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection

from db.picking import pick


class FlaggedRow(NamedTuple):
    """A standing flag; its rule is empty where the rule's name alone would tell."""

    flag_id: int
    profile_id: int
    rule_code: str
    rule_version: int
    raised_on: str
    lapses_on: str


class ContactMark(NamedTuple):
    """A contact as a mask counts it."""

    profile_id: int
    agency_shown: str
    month: str
    incident: int


class ItemRow(NamedTuple):
    """How a profile was triaged for the acting purpose."""

    id: int
    profile_id: int
    triage: str
    triage_why: str
    triaged_by: str | None
    triaged_at: str | None
    version: int
    back_on: str | None


def flagged(connection: Connection, raised_by: str, lapsing_after: str) -> list[FlaggedRow]:
    """Return the standing flags raised by a day that do not lapse before another."""
    rows = connection.exec_driver_sql(
        "SELECT id, profile_id, rule_code, rule_version, raised_on, lapses_on FROM masked_flag "
        "WHERE status = 'standing' AND raised_on <= ? AND lapses_on > ? ORDER BY id",
        (raised_by, lapsing_after),
    )
    return [FlaggedRow(*row) for row in rows]


def named_flags(connection: Connection) -> dict[int, tuple[str, int]]:
    """Return (rule, version) of every flag of an open profile, where nothing is hidden, by flag."""
    rows = connection.exec_driver_sql("SELECT id, rule_code, rule_version FROM open_flag WHERE status = 'standing'")
    return {row[0]: (row[1], row[2]) for row in rows}


def contact_marks(connection: Connection, profile_ids: Iterable[int], first: str, last: str) -> list[ContactMark]:
    """Return the contacts of these people in these months (YYYY-MM), as a mask counts them, or an open profile."""
    pick(connection, profile_ids)
    masked = connection.exec_driver_sql(
        "SELECT contact_id, profile_id, agency_shown, month, coalesce(incident_id, -contact_id) FROM picked k "
        "CROSS JOIN masked_contact c ON c.profile_id = k.id WHERE month BETWEEN ? AND ?",
        (first, last),
    )
    named = connection.exec_driver_sql(
        "SELECT contact_id, agency_code FROM picked k CROSS JOIN open_contact c ON c.profile_id = k.id "
        "WHERE substr(occurred_on, 1, 7) BETWEEN ? AND ?",
        (first, last),
    )
    agencies: dict[int, str] = {row[0]: row[1] for row in named}
    return [
        ContactMark(profile, agencies.get(contact, shown), month, incident)
        for contact, profile, shown, month, incident in masked
    ]


def names(connection: Connection, profile_ids: Iterable[int]) -> dict[int, str]:
    """Return the name of each of these profiles that is open, by its latest record."""
    pick(connection, profile_ids)
    rows = connection.exec_driver_sql(
        "SELECT profile_id, forename, surname FROM picked k CROSS JOIN open_record r ON r.profile_id = k.id "
        "WHERE surname IS NOT NULL ORDER BY batch_id, record_id"
    )
    return {profile: " ".join(part for part in (forename, surname) if part) for profile, forename, surname in rows}


# "Not now" is over on its day, whoever looks.
_ITEM = (
    "SELECT t.id, t.profile_id, CASE WHEN t.triage = 'not-now' AND coalesce(t.back_on, '') <= a.today "
    "THEN 'untriaged' ELSE t.triage END, t.triage_why, t.triaged_by, t.triaged_at, t.version, t.back_on "
    "FROM masked_agenda_item t, acting a WHERE t.purpose = a.purpose"
)


def items(connection: Connection) -> dict[int, ItemRow]:
    """Return how profiles were triaged for the acting purpose, by profile."""
    return {row[1]: ItemRow(*row) for row in connection.exec_driver_sql(_ITEM)}


def item(connection: Connection, profile_id: int) -> ItemRow | None:
    """Return how one profile was triaged for the acting purpose."""
    row = connection.exec_driver_sql(f"{_ITEM} AND t.profile_id = ?", (profile_id,)).fetchone()
    return ItemRow(*row) if row else None


def put_item(
    connection: Connection, profile_id: int, triage: str, why: str, by: str, at: str, back_on: str | None = None
) -> None:
    """Keep how a profile is triaged for the acting purpose; its version rises."""
    connection.exec_driver_sql(
        "INSERT INTO agenda_item (profile_id, purpose, triage, triage_why, triaged_by, triaged_at, back_on) "
        "SELECT ?, purpose, ?, ?, ?, ?, ? FROM acting WHERE true "
        "ON CONFLICT (profile_id, purpose) DO UPDATE SET triage = excluded.triage, triage_why = excluded.triage_why, "
        "triaged_by = excluded.triaged_by, triaged_at = excluded.triaged_at, back_on = excluded.back_on, "
        "version = agenda_item.version + 1",
        (profile_id, triage, why, by, at, back_on),
    )
