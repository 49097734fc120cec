"""Links between source records: the evidence as scored, and what people decided about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from db.picking import pick

BY_PEOPLE = ("linked-by-person", "kept-apart-by-person")
"""States that a person set; no run changes them."""

_BY_PEOPLE = "('linked-by-person', 'kept-apart-by-person')"
_COLUMNS = "id, left_record_id, right_record_id, weight, comparison_vector, model_version, guards, rival_weight, state"


class LinkRecord(NamedTuple):
    """One link as kept; ``left`` is the lower record id."""

    link_id: int
    left: int
    right: int
    weight: float
    vector: str
    model_version: str
    guards: str
    rival_weight: float | None
    state: str


class NewLink(NamedTuple):
    """One link as a run scored it."""

    left: int
    right: int
    weight: float
    vector: str
    model_version: str
    guards: str
    rival_weight: float | None
    state: str


class DecidedLink(NamedTuple):
    """A link with who decided about it, when and why."""

    link: LinkRecord
    decided_by: str | None
    decided_at: str | None


def every(connection: Connection) -> list[LinkRecord]:
    """Return all links; an act that combines."""
    found = connection.exec_driver_sql(f"SELECT {_COLUMNS} FROM masked_link")
    return [LinkRecord(*row) for row in found]


def touching(connection: Connection, records: Iterable[int]) -> list[LinkRecord]:
    """Return the links with at least one end among these source records."""
    pick(connection, records)
    found = connection.exec_driver_sql(
        f"SELECT {_COLUMNS} FROM masked_link WHERE left_record_id IN (SELECT id FROM picked) "
        f"UNION SELECT {_COLUMNS} FROM masked_link WHERE right_record_id IN (SELECT id FROM picked)"
    )
    return [LinkRecord(*row) for row in found]


def by_id(connection: Connection, link_id: int) -> DecidedLink | None:
    """Return one link, or None."""
    row = connection.exec_driver_sql(
        f"SELECT {_COLUMNS}, decided_by, decided_at FROM masked_link WHERE id = ?", (link_id,)
    ).fetchone()
    return None if row is None else DecidedLink(LinkRecord(*row[:9]), row[9], row[10])


def between(connection: Connection, left: int, right: int) -> LinkRecord | None:
    """Return the link of two records in either order, or None."""
    row = connection.exec_driver_sql(
        f"SELECT {_COLUMNS} FROM masked_link WHERE left_record_id = ? AND right_record_id = ?",
        (min(left, right), max(left, right)),
    ).fetchone()
    return None if row is None else LinkRecord(*row)


_WAITING = (
    "FROM masked_link l JOIN profile_member a ON a.source_record_id = l.left_record_id "
    "JOIN profile_member b ON b.source_record_id = l.right_record_id "
    "WHERE l.state IN ('review', 'undone') AND a.profile_id <> b.profile_id"
)


def waiting(connection: Connection, limit: int, offset: int = 0) -> list[LinkRecord]:
    """Return pairs that wait for people, strongest first: of every two profiles the strongest pair.

    A pair whose two records came together by other links needs nobody's decision and is not among them. What
    somebody has looked at and left comes last.
    """
    found = connection.exec_driver_sql(
        f"SELECT {_COLUMNS} FROM (SELECT l.*, row_number() OVER (PARTITION BY min(a.profile_id, b.profile_id), "
        "max(a.profile_id, b.profile_id) ORDER BY l.weight DESC, l.id) AS place "
        f"{_WAITING}) WHERE place = 1 ORDER BY decided_at IS NOT NULL, weight DESC, id LIMIT ? OFFSET ?",
        (limit, offset),
    )
    return [LinkRecord(*row) for row in found]


def count_waiting(connection: Connection) -> int:
    """Return how many pairs of profiles wait for people."""
    return int(
        connection.exec_driver_sql(
            "SELECT count(*) FROM (SELECT DISTINCT min(a.profile_id, b.profile_id), max(a.profile_id, b.profile_id) "
            f"{_WAITING})"
        ).scalar_one()
    )


def put(connection: Connection, links: Sequence[NewLink]) -> None:
    """Write links as scored; one that a person decided about keeps its decision and its evidence."""
    if links:
        connection.exec_driver_sql(
            "INSERT INTO link (left_record_id, right_record_id, weight, comparison_vector, model_version, guards, "
            "rival_weight, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (left_record_id, right_record_id) DO UPDATE SET weight = excluded.weight, "
            "comparison_vector = excluded.comparison_vector, model_version = excluded.model_version, "
            "guards = excluded.guards, rival_weight = excluded.rival_weight, state = excluded.state "
            f"WHERE link.state NOT IN {_BY_PEOPLE}",
            [tuple(link) for link in links],
        )


def drop(connection: Connection, link_ids: Sequence[int]) -> None:
    """Delete links that the model no longer proposes; never one that a person decided about or proposes."""
    if link_ids:
        connection.exec_driver_sql(
            f"DELETE FROM link WHERE id = ? AND state NOT IN {_BY_PEOPLE} AND proposed_by IS NULL",
            [(link_id,) for link_id in link_ids],
        )


def drop_touching(connection: Connection, records: Iterable[int]) -> None:
    """Delete every link of source records that are leaving the store, decided or not."""
    pick(connection, records)
    connection.exec_driver_sql(
        "DELETE FROM link WHERE left_record_id IN (SELECT id FROM picked) OR right_record_id IN (SELECT id FROM picked)"
    )


def decide(connection: Connection, link_id: int, state: str, user: str, at: str, why: str) -> None:
    """Record a person's decision about a pair; one that parts it ends what somebody proposed."""
    connection.exec_driver_sql(
        "UPDATE link SET state = ?, decided_by = ?, decided_at = ?, decided_why = ?, proposed_by = CASE WHEN ? "
        "IN ('kept-apart-by-person', 'undone') THEN NULL ELSE proposed_by END WHERE id = ?",
        (state, user, at, why, state, link_id),
    )


def propose(connection: Connection, link_id: int, user: str, at: str, why: str) -> None:
    """Keep who would make a pair one person, where a second person must agree."""
    connection.exec_driver_sql(
        "UPDATE link SET proposed_by = ?, proposed_at = ?, decided_why = ? WHERE id = ?", (user, at, why, link_id)
    )


def proposed(connection: Connection, link_ids: Iterable[int]) -> dict[int, str]:
    """Return who would make these pairs one person, by link, of those that wait for a second person."""
    pick(connection, link_ids)
    rows = connection.exec_driver_sql(
        "SELECT id, proposed_by FROM masked_link WHERE proposed_by IS NOT NULL "
        "AND state NOT IN ('linked-by-person', 'kept-apart-by-person') AND id IN (SELECT id FROM picked)"
    )
    return {row[0]: row[1] for row in rows}


def settle(connection: Connection, rows: Sequence[tuple[str, int]]) -> None:
    """Set the state of links that no person decided about: (state, link id)."""
    if rows:
        connection.exec_driver_sql(f"UPDATE link SET state = ? WHERE id = ? AND state NOT IN {_BY_PEOPLE}", list(rows))


def add_by_hand(connection: Connection, link: NewLink) -> int:
    """Write a pair that no run proposed and a person decides about. Returns: its id."""
    connection.exec_driver_sql(
        "INSERT INTO link (left_record_id, right_record_id, weight, comparison_vector, model_version, guards, "
        "rival_weight, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        tuple(link),
    )
    return int(connection.exec_driver_sql("SELECT last_insert_rowid()").scalar_one())


def install_model(connection: Connection, version: str, document: str, at: str) -> None:
    """Keep a model with the links made by it, so that they can be explained for as long as they stand."""
    connection.exec_driver_sql(
        "INSERT INTO link_model (version, document, installed_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (version, document, at),
    )


def model_document(connection: Connection, version: str) -> str | None:
    """Return the document of a model that links of this store were made with, or None."""
    found: str | None = connection.exec_driver_sql(
        "SELECT document FROM link_model WHERE version = ?", (version,)
    ).scalar()
    return found


def approved(connection: Connection, subject: str, version: str) -> bool:
    """Say whether the ALGO-CARE answers of a model are approved."""
    return bool(
        connection.exec_driver_sql(
            "SELECT count(*) FROM algo_care WHERE subject = ? AND version = ? AND status = 'approved'",
            (subject, version),
        ).scalar()
    )


_SHOWN_FIELDS = (
    "forename", "middle_names", "surname", "former_surname", "born", "sex", "nhs_number", "upn", "address", "postcode",
)  # fmt: skip


def sides(connection: Connection, records: Iterable[int]) -> dict[int, tuple[str, str | None, str]]:
    """Return each record's agency as it may be shown, the acting agency's own reference, and the agency on a mask."""
    pick(connection, records)
    found = connection.exec_driver_sql(
        "SELECT r.id, CASE WHEN r.agency_code = (SELECT agency FROM acting) THEN r.agency_code "
        "WHEN r.id IN (SELECT record_id FROM open_record WHERE record_id IN (SELECT id FROM picked)) "
        "THEN r.agency_code "
        "WHEN EXISTS (SELECT 1 FROM gate g WHERE g.agreement_ref = r.agreement_ref AND g.sensitive = 1) "
        "THEN 'another agency' ELSE r.agency_code END, o.partner_reference, "
        "CASE WHEN r.agency_code <> (SELECT agency FROM acting) AND EXISTS (SELECT 1 FROM gate g "
        "WHERE g.agreement_ref = r.agreement_ref AND g.sensitive = 1) THEN 'another agency' ELSE r.agency_code END "
        "FROM picked p CROSS JOIN source_record r ON r.id = p.id LEFT JOIN own_record o ON o.record_id = r.id"
    )
    return {row[0]: (row[1], row[2], row[3]) for row in found}


def open_fields(connection: Connection, records: Iterable[int]) -> dict[int, dict[str, str | None]]:
    """Return what these records hold, of those whose profile is open to the acting user."""
    pick(connection, records)
    found = connection.exec_driver_sql(
        f"SELECT record_id, {', '.join(_SHOWN_FIELDS)} FROM open_record WHERE record_id IN (SELECT id FROM picked)"
    )
    return {row[0]: dict(zip(_SHOWN_FIELDS, row[1:], strict=True)) for row in found}
