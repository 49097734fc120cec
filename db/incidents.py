"""Which contacts are one incident: what tells, what is kept, what people ruled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from sqlalchemy import Connection

from db.bare_rows import bare_pieces
from db.picking import pick


class Telling(NamedTuple):
    """What a contact says of its event; the columns in which the incident rule compares."""

    contact_id: int
    profile_id: int | None
    occurred_on: str
    occurred_at: str | None
    agreement_ref: str
    contact_key: str
    partner_reference: str | None
    shared_reference: str | None
    place_address: str | None
    place_postcode: str | None
    category: str


class KeptIncident(NamedTuple):
    """An incident as it is kept."""

    id: int
    first_day: str
    evidence: str


_TELLING = (
    "SELECT contact_id, profile_id, occurred_on, occurred_at, agreement_ref, contact_key, partner_reference, "
    "shared_reference, place_address, place_postcode, category FROM open_contact"
)
_TELLING_OF_PICKED = _TELLING + " WHERE contact_id IN (SELECT id FROM picked)"


def contacts_of(connection: Connection, profile_ids: Iterable[int], most: int) -> set[int]:
    """Return every contact of these people, those taken back included, for what rested on them.

    Never more than one over ``most``: who asks wants to know only that there are too many.
    """
    pick(connection, profile_ids)
    rows = connection.exec_driver_sql(
        "SELECT c.id FROM picked p CROSS JOIN profile_member m ON m.profile_id = p.id "
        "CROSS JOIN contact c ON c.source_record_id = m.source_record_id LIMIT ?",
        (most + 1,),
    )
    return set(rows.scalars())


def tellings(connection: Connection, contact_ids: Iterable[int] | None) -> Iterator[list[tuple[Any, ...]]]:
    """Yield pieces of rows of Telling, what the gated contacts tell: these, or (None) all."""
    if contact_ids is None:
        return bare_pieces(connection, _TELLING)
    pick(connection, contact_ids)
    return bare_pieces(connection, _TELLING_OF_PICKED)


def rulings(connection: Connection) -> list[tuple[int, int, str]]:
    """Return what people ruled of pairs of contacts: left, right, "same" or "separate"."""
    rows = connection.exec_driver_sql("SELECT left_contact_id, right_contact_id, ruling FROM incident_ruling")
    return [(left, right, ruling) for left, right, ruling in rows]


def rulings_on(connection: Connection, pairs: Iterable[tuple[int, int]]) -> list[tuple[str, str, str, str]]:
    """Return what people ruled of these pairs: "same" or "separate", why, by whom, when; the latest first."""
    found: set[tuple[Any, ...]] = set()
    for left, right in pairs:
        found.update(
            tuple(row)
            for row in connection.exec_driver_sql(
                "SELECT ruling, why, ruled_by, ruled_at FROM open_incident_ruling "
                "WHERE left_contact_id = ? AND right_contact_id = ?",
                (left, right),
            )
        )
    return [(row[0], row[1], row[2], row[3]) for row in sorted(found, key=lambda row: row[3], reverse=True)]


def put_ruling(
    connection: Connection, left: int, right: int, ruling: str, why: str, ruled_by: str, ruled_at: str
) -> None:
    """Keep a person's word on two contacts; a later one replaces it."""
    connection.exec_driver_sql(
        "INSERT INTO incident_ruling (left_contact_id, right_contact_id, ruling, why, ruled_by, ruled_at) "
        "VALUES (?,?,?,?,?,?) ON CONFLICT (left_contact_id, right_contact_id) DO UPDATE SET "
        "ruling = excluded.ruling, why = excluded.why, ruled_by = excluded.ruled_by, ruled_at = excluded.ruled_at",
        (min(left, right), max(left, right), ruling, why, ruled_by, ruled_at),
    )


def profiles_of(connection: Connection, contact_ids: Iterable[int]) -> set[int]:
    """Return whose contacts these are."""
    pick(connection, contact_ids)
    rows = connection.exec_driver_sql(
        "SELECT DISTINCT m.profile_id FROM picked p CROSS JOIN contact c ON c.id = p.id "
        "CROSS JOIN profile_member m ON m.source_record_id = c.source_record_id"
    )
    return set(rows.scalars())


def profiles_facing(connection: Connection, profile_ids: Iterable[int]) -> set[int]:
    """Return who states one of these people as the other party."""
    pick(connection, profile_ids)
    rows = connection.exec_driver_sql(
        "SELECT DISTINCT m.profile_id FROM picked p CROSS JOIN profile_member o ON o.profile_id = p.id "
        "CROSS JOIN contact c ON c.counterpart_id = o.source_record_id "
        "CROSS JOIN profile_member m ON m.source_record_id = c.source_record_id"
    )
    return set(rows.scalars())


def members(connection: Connection, contact_ids: Iterable[int] | None) -> dict[int, int]:
    """Return the kept incident of each contact that has one, for whole incidents: of these contacts, or all."""
    if contact_ids is None:
        rows = connection.exec_driver_sql("SELECT contact_id, incident_id FROM incident_contact")
    else:
        pick(connection, contact_ids)
        rows = connection.exec_driver_sql(
            "SELECT o.contact_id, o.incident_id FROM incident_contact o WHERE o.incident_id IN "
            "(SELECT i.incident_id FROM picked p CROSS JOIN incident_contact i ON i.contact_id = p.id)"
        )
    return {int(row[0]): int(row[1]) for row in rows}


def kept(connection: Connection, incident_ids: Iterable[int]) -> dict[int, KeptIncident]:
    """Return these incidents as they are kept. Needs sight of all gated rows."""
    pick(connection, incident_ids)
    rows = connection.exec_driver_sql(
        "SELECT i.id, i.first_day, i.evidence FROM picked p CROSS JOIN open_incident i ON i.id = p.id"
    )
    return {row[0]: KeptIncident(*row) for row in rows}


def add(connection: Connection, incidents: list[tuple[str, str]]) -> list[int]:
    """Add incidents (first day, evidence); return their new ids in order."""
    return [
        connection.exec_driver_sql("INSERT INTO incident (first_day, evidence) VALUES (?,?)", incident).lastrowid
        for incident in incidents
    ]


def correct(connection: Connection, incidents: list[KeptIncident]) -> None:
    """Say anew what incidents rest on."""
    if incidents:
        connection.exec_driver_sql(
            "UPDATE incident SET first_day = ?, evidence = ? WHERE id = ?",
            [(incident.first_day, incident.evidence, incident.id) for incident in incidents],
        )


def put_members(connection: Connection, moved: dict[int, int], gone: Iterable[int]) -> None:
    """Put contacts into incidents, and take others out of theirs."""
    out = [(contact,) for contact in gone]
    if out:
        connection.exec_driver_sql("DELETE FROM incident_contact WHERE contact_id = ?", out)
    if moved:
        connection.exec_driver_sql(
            "INSERT INTO incident_contact (contact_id, incident_id) VALUES (?,?) "
            "ON CONFLICT (contact_id) DO UPDATE SET incident_id = excluded.incident_id",
            list(moved.items()),
        )


def drop_empty(connection: Connection, incident_ids: Iterable[int]) -> None:
    """Drop those of these incidents that hold no contact any more; their ids are never used again."""
    rows = [(number,) for number in incident_ids]
    if rows:
        connection.exec_driver_sql(
            "DELETE FROM incident WHERE id = ? AND NOT EXISTS "
            "(SELECT 1 FROM incident_contact i WHERE i.incident_id = incident.id)",
            rows,
        )


def seen(connection: Connection, contact_ids: Iterable[int]) -> dict[int, int]:
    """Return whose each of these contacts is, of those that may be seen in the open."""
    pick(connection, contact_ids)
    rows = connection.exec_driver_sql(
        "SELECT o.contact_id, o.profile_id FROM picked p CROSS JOIN open_contact o ON o.contact_id = p.id "
        "WHERE o.profile_id IS NOT NULL"
    )
    return {row[0]: row[1] for row in rows}
