"""Which contacts are one incident: what tells, what is kept, what people ruled."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection

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

#: Contacts that may be one incident with a picked one, but for those of the same person (_PersonsDays). More than the
#: rule will join does no harm; fewer would.
_NEIGHBOURS = (
    "SELECT o.id FROM picked p CROSS JOIN contact c ON c.id = p.id "
    "CROSS JOIN contact o ON o.agreement_ref = c.agreement_ref AND o.contact_key = c.contact_key",
    "SELECT o.contact_id FROM picked p CROSS JOIN open_contact c ON c.contact_id = p.id "
    "CROSS JOIN open_contact o ON o.partner_reference = c.shared_reference",
    "SELECT o.contact_id FROM picked p CROSS JOIN open_contact c ON c.contact_id = p.id "
    "CROSS JOIN open_contact o ON o.shared_reference = c.partner_reference",
    "SELECT o.contact_id FROM picked p CROSS JOIN open_contact c ON c.contact_id = p.id "
    "CROSS JOIN open_contact o ON o.shared_reference = c.shared_reference",
    "SELECT o.contact_id FROM picked p CROSS JOIN open_contact c ON c.contact_id = p.id "
    "AND c.place_address IS NOT NULL "
    "CROSS JOIN open_contact o ON o.place_postcode = c.place_postcode AND o.place_address = c.place_address "
    "AND o.occurred_on BETWEEN date(c.occurred_on, :before) AND date(c.occurred_on, :after)",
    "SELECT r.right_contact_id FROM picked p CROSS JOIN incident_ruling r ON r.left_contact_id = p.id",
    "SELECT r.left_contact_id FROM picked p CROSS JOIN incident_ruling r ON r.right_contact_id = p.id",
    "SELECT o.contact_id FROM picked p CROSS JOIN incident_contact i ON i.contact_id = p.id "
    "CROSS JOIN incident_contact o ON o.incident_id = i.incident_id",
)


def contacts_of(connection: Connection, profile_ids: Iterable[int]) -> set[int]:
    """Return every contact of these people, those taken back included, for what rested on them."""
    pick(connection, profile_ids)
    rows = connection.exec_driver_sql(
        "SELECT c.id FROM picked p CROSS JOIN profile_member m ON m.profile_id = p.id "
        "CROSS JOIN contact c ON c.source_record_id = m.source_record_id"
    )
    return set(rows.scalars())


class _PersonsDays:
    """Whose each contact is and on which day: each person's contacts are read once, however often they are met."""

    def __init__(self, connection: Connection, whole: set[int]) -> None:
        self._connection = connection
        self._known: dict[int, list[tuple[int, int]]] = {person: [] for person in whole}

    def near(self, contact_ids: set[int], days: int) -> set[int]:
        """Return the contacts of the same people so many days around these; none for people who are in it whole."""
        pick(self._connection, contact_ids)
        rows = self._connection.exec_driver_sql(
            "SELECT o.profile_id, o.occurred_on FROM picked p CROSS JOIN open_contact o ON o.contact_id = p.id "
            "WHERE o.profile_id IS NOT NULL"
        ).fetchall()
        self._read({person for person, _ in rows} - set(self._known))
        found: set[int] = set()
        for person, day in {(person, date.fromisoformat(day).toordinal()) for person, day in rows}:
            mine = self._known[person]
            first = bisect_left(mine, (day - days, 0))
            last = bisect_left(mine, (day + days + 1, 0))
            found.update(contact for _, contact in mine[first:last])
        return found

    def _read(self, people: set[int]) -> None:
        if not people:
            return
        self._known |= {person: [] for person in people}
        pick(self._connection, people)
        for person, contact, day in self._connection.exec_driver_sql(
            "SELECT profile_id, contact_id, occurred_on FROM open_contact WHERE profile_id IN (SELECT id FROM picked)"
        ):
            self._known[person].append((date.fromisoformat(day).toordinal(), contact))
        for person in people:
            self._known[person].sort()


def within_reach(
    connection: Connection, profile_ids: set[int], contact_ids: set[int], days: int, most: int
) -> set[int] | None:
    """Return the contacts that evidence of any kind connects to these; None if they are over ``most``.

    Args:
        connection: with sight of all gated rows.
        profile_ids: people whose every contact is among ``contact_ids``.
        contact_ids: where to begin.
        days: how far apart contacts of one person or place may lie.
        most: how many are too many.
    """
    reached: set[int] = set()
    frontier = contact_ids
    span = {"before": f"-{days} days", "after": f"+{days} days"}
    persons = _PersonsDays(connection, profile_ids)
    while frontier:
        reached |= frontier
        if len(reached) > most:
            return None
        found = persons.near(frontier, days)
        pick(connection, frontier)
        for statement in _NEIGHBOURS:
            given = span if ":before" in statement else {}
            found.update(connection.exec_driver_sql(statement, given).scalars())
        frontier = found - reached
    return reached


def tellings(connection: Connection, contact_ids: Iterable[int] | None) -> list[Telling]:
    """Return what the gated contacts tell: these, or (None) all."""
    if contact_ids is None:
        return [Telling(*row) for row in connection.exec_driver_sql(_TELLING)]
    pick(connection, contact_ids)
    return [Telling(*row) for row in connection.exec_driver_sql(_TELLING_OF_PICKED)]


def rulings(connection: Connection) -> list[tuple[int, int, str]]:
    """Return what people ruled of pairs of contacts: left, right, "same" or "separate"."""
    rows = connection.exec_driver_sql("SELECT left_contact_id, right_contact_id, ruling FROM incident_ruling")
    return [(left, right, ruling) for left, right, ruling in rows]


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
