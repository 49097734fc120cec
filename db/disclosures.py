"""What left the store: to whom, under which mark, until when, and about whom."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection


class NewDisclosure(NamedTuple):
    """One leaving, before it has a number."""

    kind: str
    form: str
    panel_id: int | None
    purpose: str
    why: str
    data_sets: str
    made_by: str
    made_at: str
    expires_on: str


class DisclosureRow(NamedTuple):
    """One leaving as it is kept."""

    id: int
    kind: str
    form: str
    panel_id: int | None
    purpose: str
    why: str
    data_sets: str
    made_by: str
    made_at: str
    expires_on: str
    status: str
    called_back_by: str | None
    called_back_at: str | None
    called_back_why: str


class CopyRow(NamedTuple):
    """One recipient's copy."""

    disclosure_id: int
    name: str
    agency_code: str
    mark: str
    digest: str


_ROW = f"SELECT {', '.join(DisclosureRow._fields)} FROM disclosure"
_COPY = f"SELECT {', '.join(CopyRow._fields)} FROM disclosure_recipient"


def add(connection: Connection, new: NewDisclosure, copies: Iterable[CopyRow], profile_ids: Iterable[int]) -> int:
    """Keep a leaving with its copies and whom it is about; return its number. The copies' own number is not looked at.

    Raises: sqlalchemy.exc.IntegrityError (a mark was given before).
    """
    marks = ",".join("?" * len(NewDisclosure._fields))
    number = int(
        connection.exec_driver_sql(
            f"INSERT INTO disclosure ({', '.join(NewDisclosure._fields)}) VALUES ({marks})", tuple(new)
        ).lastrowid
    )
    for copy in copies:
        connection.exec_driver_sql(
            f"INSERT INTO disclosure_recipient ({', '.join(CopyRow._fields)}) VALUES (?,?,?,?,?)",
            (number, *copy[1:]),
        )
    for profile_id in sorted(set(profile_ids)):
        connection.exec_driver_sql(
            "INSERT INTO disclosure_subject (disclosure_id, profile_id) VALUES (?,?)", (number, profile_id)
        )
    return number


def listed(connection: Connection, limit: int = 500, *, panel_id: int | None = None) -> list[DisclosureRow]:
    """Return what left for the acting purpose, the latest first; of one panel, if it is named."""
    where, given = ("AND panel_id = ?", (panel_id,)) if panel_id is not None else ("", ())
    rows = connection.exec_driver_sql(
        f"{_ROW} WHERE purpose = (SELECT purpose FROM acting) {where} ORDER BY id DESC LIMIT ?", (*given, limit)
    )
    return [DisclosureRow(*row) for row in rows]


def last_of(connection: Connection, kind: str, purpose: str) -> str | None:
    """Return when the newest of a kind left for a purpose and was not called back; None where none did."""
    row = connection.exec_driver_sql(
        "SELECT max(made_at) FROM disclosure WHERE kind = ? AND purpose = ? AND status = 'standing'", (kind, purpose)
    ).fetchone()
    return row[0] if row else None


def by_id(connection: Connection, number: int) -> DisclosureRow | None:
    """Return one leaving, or None."""
    row = connection.exec_driver_sql(f"{_ROW} WHERE id = ?", (number,)).fetchone()
    return DisclosureRow(*row) if row else None


def copies(connection: Connection, number: int) -> list[CopyRow]:
    """Return the copies of one leaving, in the order in which they were made."""
    rows = connection.exec_driver_sql(f"{_COPY} WHERE disclosure_id = ? ORDER BY id", (number,))
    return [CopyRow(*row) for row in rows]


def by_mark(connection: Connection, mark: str) -> CopyRow | None:
    """Return the copy that bears a mark, or None."""
    row = connection.exec_driver_sql(f"{_COPY} WHERE mark = ?", (mark,)).fetchone()
    return CopyRow(*row) if row else None


def subjects(connection: Connection, number: int) -> list[int]:
    """Return the profiles that one leaving is about, of whoever sees people."""
    rows = connection.exec_driver_sql(
        "SELECT profile_id FROM masked_disclosure_subject WHERE disclosure_id = ? ORDER BY profile_id", (number,)
    )
    return [int(row[0]) for row in rows]


def held(connection: Connection, today: str) -> list[tuple[str, CopyRow]]:
    """Return every copy that somebody may still hold today, with the data sets of its leaving as JSON."""
    rows = connection.exec_driver_sql(
        f"SELECT d.data_sets, {', '.join(f'r.{name}' for name in CopyRow._fields)} FROM disclosure d "
        "JOIN disclosure_recipient r ON r.disclosure_id = d.id WHERE d.status = 'standing' AND d.expires_on >= ?",
        (today,),
    )
    return [(row[0], CopyRow(*row[1:])) for row in rows]


def call_back(connection: Connection, number: int, by: str, at: str, why: str) -> None:
    """Say that every copy of one leaving is to be given back or destroyed."""
    connection.exec_driver_sql(
        "UPDATE disclosure SET status = 'called-back', called_back_by = ?, called_back_at = ?, called_back_why = ? "
        "WHERE id = ?",
        (by, at, why, number),
    )


def may_receive(connection: Connection, agency: str) -> set[str]:
    """Return the data sets with a live gate for the acting purpose that an agency owns or may receive."""
    rows = connection.exec_driver_sql(
        "SELECT g.agreement_ref FROM gate g, acting a WHERE g.purpose = a.purpose AND g.status = 'live' "
        "AND a.today BETWEEN g.opens AND g.closes AND (g.agency_code = ? OR EXISTS (SELECT 1 FROM gate_recipient x "
        "WHERE x.agreement_ref = g.agreement_ref AND x.agency_code = ?))",
        (agency, agency),
    )
    return {row[0] for row in rows}


def gate_of(connection: Connection, reference: str) -> tuple[bool, str, str] | None:
    """Return (whether it is live today, when it closes, whose it is) of a data set's gate for the acting purpose."""
    row = connection.exec_driver_sql(
        "SELECT g.status = 'live' AND a.today BETWEEN g.opens AND g.closes, g.closes, g.agency_code FROM gate g, "
        "acting a WHERE g.purpose = a.purpose AND g.agreement_ref = ?",
        (reference,),
    ).fetchone()
    return (bool(row[0]), row[1], row[2]) if row else None


def seats(connection: Connection, panel_id: int) -> set[tuple[str, str]]:
    """Return (name in folded case, agency) of everybody who is asked to a panel."""
    rows = connection.exec_driver_sql(
        "SELECT display_name, agency_code FROM panel_member WHERE panel_id = ?", (panel_id,)
    )
    return {(row[0].casefold(), row[1]) for row in rows}


def agencies(connection: Connection) -> set[str]:
    """Return the codes of every agency that contributes, may receive, or has a user here."""
    rows = connection.exec_driver_sql(
        "SELECT code FROM partner_agency UNION SELECT agency_code FROM gate_recipient "
        'UNION SELECT agency_code FROM panel_member UNION SELECT agency_code FROM "user"'
    )
    return {row[0] for row in rows}


def whole_to(connection: Connection, profile_id: int) -> set[str]:
    """Return the agencies that may receive every data set in which an open profile stands."""
    rows = connection.exec_driver_sql("SELECT agency_code FROM open_whole_to WHERE profile_id = ?", (profile_id,))
    return {row[0] for row in rows}


def is_unsafe_to_ask(connection: Connection, profile_id: int) -> bool:
    """Say whether a ground stands by which somebody cannot safely be asked."""
    found = connection.exec_driver_sql(
        "SELECT 1 FROM waiting_ground g, acting a WHERE g.profile_id = ? AND g.kind = 'cannot-safely-be-asked' "
        "AND g.status IN ('proposed', 'effective', 'unconfirmed', 'reopened') AND g.until >= a.today",
        (profile_id,),
    ).fetchone()
    return found is not None
