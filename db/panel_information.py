"""What agencies are asked for a case, what they think of it first, and who has an interest in it."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection

from db.panels import changed


class RequestRow(NamedTuple):
    """What an agency is asked to find out, of an open profile."""

    id: int
    panel_case_id: int
    panel_id: int
    profile_id: int
    pseudonym: str
    agency_code: str
    question: str
    due_on: str
    asked_by: str
    asked_at: str
    status: str
    answer: str
    answered_by: str | None
    entered_for: str
    answered_at: str | None
    version: int


class ViewRow(NamedTuple):
    """An agency's first view of an open profile; its document is empty until the acting user may read it."""

    id: int
    panel_case_id: int
    panel_id: int
    profile_id: int
    agency_code: str
    document: str
    written_by: str
    entered_for: str
    written_at: str
    version: int


class InterestRow(NamedTuple):
    """An interest that somebody declared."""

    id: int
    panel_id: int
    panel_member_id: int
    profile_id: int | None
    interest: str
    step: str
    declared_by: str
    declared_at: str
    display_name: str
    agency_code: str
    pseudonym: str | None
    panel_case_id: int | None


_REQUEST = (
    "SELECT r.id, r.panel_case_id, c.panel_id, r.profile_id, p.pseudonym, r.agency_code, r.question, r.due_on, "
    "r.asked_by, r.asked_at, r.status, r.answer, r.answered_by, r.entered_for, r.answered_at, r.version "
    "FROM open_information_request r JOIN panel_case c ON c.id = r.panel_case_id "
    "JOIN masked_profile p ON p.profile_id = r.profile_id"
)
_VIEW = (
    "SELECT v.id, v.panel_case_id, c.panel_id, v.profile_id, v.agency_code, v.document, v.written_by, v.entered_for, "
    "v.written_at, v.version FROM open_first_view v JOIN panel_case c ON c.id = v.panel_case_id"
)
_INTEREST = (
    "SELECT i.id, i.panel_id, i.panel_member_id, i.profile_id, i.interest, i.step, i.declared_by, i.declared_at, "
    "m.display_name, m.agency_code, p.pseudonym, c.id FROM masked_conflict_of_interest i "
    "JOIN panel_member m ON m.id = i.panel_member_id LEFT JOIN masked_profile p ON p.profile_id = i.profile_id "
    "LEFT JOIN panel_case c ON c.panel_id = i.panel_id AND c.profile_id = i.profile_id"
)


def requests_of_panel(connection: Connection, panel_id: int) -> list[RequestRow]:
    """Return what was asked for a meeting about open profiles, the soonest due first."""
    rows = connection.exec_driver_sql(f"{_REQUEST} WHERE c.panel_id = ? ORDER BY r.due_on, r.id", (panel_id,))
    return [RequestRow(*row) for row in rows]


def requests_of_agency(connection: Connection, agency: str) -> list[RequestRow]:
    """Return what an agency is still asked for, for meetings that are to come, the soonest due first."""
    rows = connection.exec_driver_sql(
        f"{_REQUEST} JOIN panel m ON m.id = c.panel_id AND m.status IN ('preparing', 'open') "
        "AND m.purpose = (SELECT purpose FROM acting) "
        "WHERE r.agency_code = ? AND r.status = 'asked' ORDER BY r.due_on, r.id",
        (agency,),
    )
    return [RequestRow(*row) for row in rows]


def request(connection: Connection, request_id: int) -> RequestRow | None:
    """Return one request about an open profile, or None."""
    row = connection.exec_driver_sql(f"{_REQUEST} WHERE r.id = ?", (request_id,)).fetchone()
    return RequestRow(*row) if row else None


def add_request(
    connection: Connection,
    *,
    case_id: int,
    panel_id: int,
    profile_id: int,
    agency: str,
    question: str,
    due_on: str,
    by: str,
    at: str,
) -> int:
    """Keep what an agency is asked and return the request's number."""
    number = connection.exec_driver_sql(
        "INSERT INTO information_request (panel_case_id, profile_id, agency_code, question, due_on, asked_by, "
        "asked_at) VALUES (?,?,?,?,?,?,?)",
        (case_id, profile_id, agency, question, due_on, by, at),
    ).lastrowid
    changed(connection, panel_id)
    return int(number)


def put_answer(
    connection: Connection, row: RequestRow, status: str, answer: str, by: str, entered_for: str, at: str
) -> None:
    """Keep what an agency sent, or that it will not or cannot, or that it is asked no more; its version rises."""
    connection.exec_driver_sql(
        "UPDATE information_request SET status = ?, answer = ?, answered_by = ?, entered_for = ?, answered_at = ?, "
        "version = version + 1 WHERE id = ?",
        (status, answer, by, entered_for, at, row.id),
    )
    changed(connection, row.panel_id)


def views_of_panel(connection: Connection, panel_id: int) -> list[ViewRow]:
    """Return the first views of open profiles on a meeting's agenda, by case and agency."""
    rows = connection.exec_driver_sql(
        f"{_VIEW} WHERE c.panel_id = ? ORDER BY v.panel_case_id, v.agency_code", (panel_id,)
    )
    return [ViewRow(*row) for row in rows]


def views_of_case(connection: Connection, case_id: int) -> list[ViewRow]:
    """Return the first views of one case by agency, where its profile is open."""
    rows = connection.exec_driver_sql(f"{_VIEW} WHERE v.panel_case_id = ? ORDER BY v.agency_code", (case_id,))
    return [ViewRow(*row) for row in rows]


def add_view(
    connection: Connection,
    *,
    case_id: int,
    panel_id: int,
    profile_id: int,
    agency: str,
    document: str,
    by: str,
    entered_for: str,
    at: str,
) -> None:
    """Keep an agency's first view, the only one it has of a case."""
    connection.exec_driver_sql(
        "INSERT INTO first_view (panel_case_id, profile_id, agency_code, document, written_by, entered_for, "
        "written_at) VALUES (?,?,?,?,?,?,?)",
        (case_id, profile_id, agency, document, by, entered_for, at),
    )
    changed(connection, panel_id)


def put_view(connection: Connection, row: ViewRow, document: str, by: str, entered_for: str, at: str) -> None:
    """Change an agency's first view; its version rises."""
    connection.exec_driver_sql(
        "UPDATE first_view SET document = ?, written_by = ?, entered_for = ?, written_at = ?, version = version + 1 "
        "WHERE id = ?",
        (document, by, entered_for, at, row.id),
    )
    changed(connection, row.panel_id)


def interests(connection: Connection, panel_id: int) -> list[InterestRow]:
    """Return the interests that were declared for a meeting, in order."""
    rows = connection.exec_driver_sql(f"{_INTEREST} WHERE i.panel_id = ? ORDER BY i.id", (panel_id,))
    return [InterestRow(*row) for row in rows]


def add_interest(
    connection: Connection,
    *,
    panel_id: int,
    member_id: int,
    profile_id: int | None,
    interest: str,
    step: str,
    by: str,
    at: str,
) -> int:
    """Keep an interest that somebody declares and return its number."""
    number = connection.exec_driver_sql(
        "INSERT INTO conflict_of_interest (panel_id, panel_member_id, profile_id, interest, step, declared_by, "
        "declared_at) VALUES (?,?,?,?,?,?,?)",
        (panel_id, member_id, profile_id, interest, step, by, at),
    ).lastrowid
    changed(connection, panel_id)
    return int(number)
