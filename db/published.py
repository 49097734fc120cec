"""What of the counts for places was published: publications as they are kept, and what new ones are made from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import Connection


class Source(NamedTuple):
    """A data set whose gate is live for a purpose, and what a publication of it rests on today.

    Attributes:
        basis: a digest of the batches that stand, the agreement's version, the look-ups of places, what was ruled of
            incidents and whose records are withheld; another digest means that something newer came in.
        drawn_on: the newest day on which one of its batches was drawn or received.
    """

    agreement_ref: str
    title: str
    agency_code: str
    agency_name: str
    basis: str
    drawn_on: str


class Publication(NamedTuple):
    """One publication, without its cells; ``periods``, ``categories`` and ``details`` are JSON."""

    id: int
    agreement_ref: str
    number: int
    periods: str
    categories: str
    details: str
    basis: str
    hidden_under: int
    rounded_to: int
    made_by: str
    made_at: str


class PlaceCells(NamedTuple):
    """The cells of one place, packed."""

    level: str
    code: str
    cells: bytes


class IncidentsThere(NamedTuple):
    """How many incidents one data set met at a place in a month; ``lsoa`` is empty where that is not known."""

    agreement_ref: str
    month: str
    category: str
    priority_area: str
    lsoa: str
    no_postcode: int
    incidents: int


# An agreement names the agencies that it may go to; what is counted from it goes no further.
_SOURCES = """
SELECT g.agreement_ref, a.title, g.agency_code, coalesce(p.name, g.agency_code), a.document_digest,
    (SELECT group_concat(b.id) FROM import_batch b WHERE b.agreement_ref = g.agreement_ref AND b.status = 'accepted'),
    (SELECT max(coalesce(b.as_at, substr(b.received_at, 1, 10))) FROM import_batch b
        WHERE b.agreement_ref = g.agreement_ref AND b.status = 'accepted'),
    (SELECT group_concat(s.id) FROM place_source s WHERE s.status = 'accepted'),
    CASE a.granularity WHEN 'individual' THEN (SELECT max(r.id) FROM incident_ruling r) END,
    (SELECT count(*) FROM withheld_record w WHERE w.agreement_ref = g.agreement_ref AND w.from_day <= ?2)
FROM gate g
JOIN agreement a ON a.reference = g.agreement_ref AND a.status = 'live'
LEFT JOIN partner_agency p ON p.code = g.agency_code
WHERE g.purpose = ?1 AND g.status = 'live' AND ?2 BETWEEN g.opens AND g.closes
    AND (g.agency_code = ?3 OR g.agreement_ref IN (SELECT x.agreement_ref FROM gate_recipient x
        WHERE x.agency_code = ?3))
    AND (?4 IS NULL OR g.agreement_ref = ?4)
    AND EXISTS (SELECT 1 FROM import_batch b WHERE b.agreement_ref = g.agreement_ref AND b.status = 'accepted')
ORDER BY g.agreement_ref
"""

EVERY_PURPOSE = ""
"""What stands for the purpose of a publication: the same counts, hidden in another way for another purpose, would tell
what either hides."""

_NEWEST = f"""
SELECT {", ".join(f"t.{name}" for name in Publication._fields)} FROM publication t
WHERE t.purpose = ?1 AND t.number = (SELECT max(o.number) FROM publication o
    WHERE o.agreement_ref = t.agreement_ref AND o.purpose = t.purpose) ORDER BY t.agreement_ref
"""


def sources(
    connection: Connection, purpose: str, today: str, agency: str, agreement: str | None = None
) -> list[Source]:
    """Return the data sets with batches whose gate is live and that may go to an agency.

    Args:
        connection: any; nobody is in these rows.
        purpose: the gate must name it.
        today: ISO day.
        agency: that looks: a recipient of the data set, or whose own it is.
        agreement: one data set.
    """
    rows = connection.exec_driver_sql(_SOURCES, (purpose, today, agency, agreement))
    return [
        Source(
            row[0],
            row[1],
            row[2],
            row[3],
            hashlib.sha256(json.dumps([str(each) for each in row[4:]]).encode()).hexdigest(),
            row[6] or "",
        )
        for row in rows
    ]


def newest(connection: Connection) -> dict[str, Publication]:
    """Return the newest publication of each data set."""
    rows = connection.exec_driver_sql(_NEWEST, (EVERY_PURPOSE,))
    return {row[1]: Publication(*row) for row in rows}


def cells(connection: Connection, publication: int) -> list[PlaceCells]:
    """Return the cells of all places of a publication."""
    rows = connection.exec_driver_sql(
        "SELECT level, code, cells FROM published_place WHERE publication_id = ?", (publication,)
    )
    return [PlaceCells(*row) for row in rows]


def cells_of(
    connection: Connection, publications: Collection[int], codes: Collection[str]
) -> list[tuple[int, str, str, bytes]]:
    """Return publication, level, code and packed cells of these places in these publications."""
    rows = connection.exec_driver_sql(
        "SELECT t.publication_id, t.level, t.code, t.cells FROM json_each(?1) p CROSS JOIN json_each(?2) l CROSS JOIN "
        "json_each(?3) c CROSS JOIN published_place t ON t.publication_id = p.value AND t.level = l.value "
        "AND t.code = c.value",
        (json.dumps(sorted(publications)), json.dumps(LEVELS), json.dumps(sorted(set(codes)))),
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def organisations(connection: Connection) -> list[tuple[str, str]]:
    """Return level and code of each organisation of which anything was published."""
    rows = connection.exec_driver_sql(
        # By the key of published_place, two steps a publication: there are many places that are none.
        "SELECT DISTINCT t.level, t.code FROM publication p CROSS JOIN published_place t ON t.publication_id = p.id "
        "AND t.level IN ('organisation', 'school') ORDER BY t.code"
    )
    return [(row[0], row[1]) for row in rows]


LEVELS = ("postcode", "lsoa", "msoa", "ward", "local-authority", "organisation", "school", "unknown")
"""Of the places that cells are kept for."""


def codes(connection: Connection, publications: Collection[int]) -> list[tuple[int, str, str]]:
    """Return publication, level and code of every place that these publications have cells for."""
    rows = connection.exec_driver_sql(
        "SELECT t.publication_id, t.level, t.code FROM json_each(?1) p "
        "JOIN published_place t ON t.publication_id = p.value ORDER BY t.publication_id, t.level, t.code",
        (json.dumps(sorted(publications)),),
    )
    return [(row[0], row[1], row[2]) for row in rows]


def publish(connection: Connection, made: Publication, places: Sequence[PlaceCells]) -> bool:
    """Keep a publication and its cells; say whether it was, or somebody else's of the same number came first."""
    done = connection.exec_driver_sql(
        "INSERT INTO publication (agreement_ref, purpose, number, periods, categories, details, basis, hidden_under, "
        "rounded_to, made_by, made_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (made.agreement_ref, EVERY_PURPOSE, *made[2:]),
    )
    if not done.rowcount:
        return False
    number = done.lastrowid
    if places:
        connection.exec_driver_sql(
            "INSERT INTO published_place (publication_id, level, code, cells) VALUES (?, ?, ?, ?)",
            [(number, *each) for each in places],
        )
    return True


def renew(connection: Connection, publication: int, basis: str, details: str) -> bool:
    """Let a publication stand for what came in since, which changed no cell."""
    connection.exec_driver_sql(
        "UPDATE publication SET basis = ?, details = ? WHERE id = ?", (basis, details, publication)
    )
    return True


def incidents_there(connection: Connection, agreements: Collection[str]) -> list[IncidentsThere]:
    """Return how many incidents these data sets met, by month, category and place; with a machine's sight only."""
    rows = connection.exec_driver_sql(
        "SELECT v.agreement_ref, v.month, v.category, v.priority_area, v.lsoa, v.no_postcode, v.incidents "
        "FROM combined_incident_place v WHERE v.agreement_ref IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(agreements)),),
    )
    return [IncidentsThere(*row) for row in rows]
