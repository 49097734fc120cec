"""Meetings, and who is asked to them: about no person of the partnership's cases."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import Connection

import db.users


class PanelRow(NamedTuple):
    """One meeting."""

    id: int
    held_on: str
    title: str
    purpose: str
    kind: str
    areas: str
    place: str
    begins_at: str
    chair: str
    minute_taker: str
    quorum: str
    lock_minutes: int
    information_by: str | None
    status: str
    opened_at: str | None
    closed_at: str | None
    confidentiality: str
    made_by: str
    version: int


class MemberRow(NamedTuple):
    """Somebody who is asked to a meeting."""

    id: int
    panel_id: int
    agency_code: str
    display_name: str
    user_name: str | None
    standing: str
    deputy_for: str
    attendance: str
    information_on: str | None
    confidentiality_at: str | None
    confidentiality_by: str
    version: int
    attendance_why: str
    named_by: str
    vouched_by: str


class Counts(NamedTuple):
    """What a line of the list of meetings says of one: cases by status, who is asked, from how many agencies."""

    cases: int
    discussed: int
    proposed: int
    members: int
    agencies: int


_PANEL = f"SELECT {', '.join(PanelRow._fields)} FROM panel"
_MEMBER = f"SELECT {', '.join(MemberRow._fields)} FROM panel_member"
_WRITTEN = frozenset(PanelRow._fields) - {"id", "version"}
_MEMBER_WRITTEN = frozenset(MemberRow._fields) - {"id", "panel_id", "version"}


def every(connection: Connection) -> list[PanelRow]:
    """Return the meetings for the acting purpose, the latest first."""
    rows = connection.exec_driver_sql(
        f"{_PANEL} WHERE purpose = (SELECT purpose FROM acting) ORDER BY held_on DESC, id DESC"
    )
    return [PanelRow(*row) for row in rows]


def by_id(connection: Connection, panel_id: int) -> PanelRow | None:
    """Return one meeting for the acting purpose, or None."""
    row = connection.exec_driver_sql(
        f"{_PANEL} WHERE id = ? AND purpose = (SELECT purpose FROM acting)", (panel_id,)
    ).fetchone()
    return PanelRow(*row) if row else None


def counts(connection: Connection) -> dict[int, Counts]:
    """Return how much is on each meeting; it counts rows and names nobody."""
    cases = {
        row[0]: row[1:]
        for row in connection.exec_driver_sql(
            "SELECT panel_id, sum(status IN ('listed', 'discussed')), sum(status = 'discussed'), "
            "sum(status = 'proposed') FROM panel_case GROUP BY panel_id"
        )
    }
    members = {
        row[0]: row[1:]
        for row in connection.exec_driver_sql(
            "SELECT panel_id, count(*), count(DISTINCT agency_code) FROM panel_member GROUP BY panel_id"
        )
    }
    return {
        panel: Counts(*cases.get(panel, (0, 0, 0)), *members.get(panel, (0, 0))) for panel in cases.keys() | members
    }


def add(connection: Connection, fields: Mapping[str, object]) -> int:
    """Keep a new meeting and return its number."""
    names = sorted(fields.keys() & _WRITTEN)
    number = connection.exec_driver_sql(
        f"INSERT INTO panel ({', '.join(names)}) VALUES ({','.join('?' * len(names))})",
        tuple(fields[name] for name in names),
    ).lastrowid
    changed(connection, int(number))
    return int(number)


def put(connection: Connection, panel_id: int, fields: Mapping[str, object]) -> None:
    """Change what is written of a meeting; its version rises."""
    names = sorted(fields.keys() & _WRITTEN)
    connection.exec_driver_sql(
        f"UPDATE panel SET {', '.join(f'{name} = ?' for name in names)}, version = version + 1 WHERE id = ?",
        (*(fields[name] for name in names), panel_id),
    )
    changed(connection, panel_id)


def counter_of(panel_id: int) -> str:
    """Return the name of the counter that rises with every change of a meeting or of anything on it."""
    return f"panel/{panel_id}"


def changed(connection: Connection, panel_id: int) -> None:
    """Tell other terminals that something of a meeting is not as they hold it."""
    db.users.bump(connection, counter_of(panel_id))


def members(connection: Connection, panel_id: int) -> list[MemberRow]:
    """Return who is asked to a meeting, by agency; observers last."""
    rows = connection.exec_driver_sql(
        f"{_MEMBER} WHERE panel_id = ? ORDER BY standing = 'observer', agency_code, id", (panel_id,)
    )
    return [MemberRow(*row) for row in rows]


def member(connection: Connection, member_id: int) -> MemberRow | None:
    """Return one of those who are asked, or None."""
    row = connection.exec_driver_sql(f"{_MEMBER} WHERE id = ?", (member_id,)).fetchone()
    return MemberRow(*row) if row else None


def add_member(connection: Connection, panel_id: int, fields: Mapping[str, object]) -> int:
    """Keep that somebody is asked to a meeting and return their number there."""
    names = sorted(fields.keys() & _MEMBER_WRITTEN)
    number = connection.exec_driver_sql(
        f"INSERT INTO panel_member (panel_id, {', '.join(names)}) VALUES (?,{','.join('?' * len(names))})",
        (panel_id, *(fields[name] for name in names)),
    ).lastrowid
    changed(connection, panel_id)
    return int(number)


def put_member(connection: Connection, row: MemberRow, fields: Mapping[str, object]) -> None:
    """Change what is written of somebody who is asked; their version rises."""
    names = sorted(fields.keys() & _MEMBER_WRITTEN)
    connection.exec_driver_sql(
        f"UPDATE panel_member SET {', '.join(f'{name} = ?' for name in names)}, version = version + 1 WHERE id = ?",
        (*(fields[name] for name in names), row.id),
    )
    changed(connection, row.panel_id)


def put_confidentiality(connection: Connection, row: MemberRow, at: str | None, by: str) -> None:
    """Keep that somebody confirms confidentiality, or with None that they did not.

    Whoever writes down whether they came has no need to see it: the version stays.
    """
    connection.exec_driver_sql(
        "UPDATE panel_member SET confidentiality_at = ?, confidentiality_by = ? WHERE id = ?", (at, by, row.id)
    )
    changed(connection, row.panel_id)


def drop_member(connection: Connection, row: MemberRow) -> None:
    """Take somebody off the list of those who are asked."""
    connection.exec_driver_sql("DELETE FROM panel_member WHERE id = ?", (row.id,))
    changed(connection, row.panel_id)


def agencies_with_users(connection: Connection, roles: Iterable[str]) -> frozenset[str]:
    """Return the agencies that have somebody of one of these roles who may sign in."""
    rows = connection.exec_driver_sql(
        "SELECT DISTINCT agency_code FROM \"user\" WHERE status = 'active' "
        "AND role IN (SELECT value FROM json_each(?))",
        (json.dumps(list(roles)),),
    )
    return frozenset(rows.scalars())


def is_named(connection: Connection, member_id: int) -> bool:
    """Return whether somebody who is asked declared an interest or signed something."""
    return bool(
        connection.exec_driver_sql(
            "SELECT EXISTS (SELECT 1 FROM conflict_of_interest WHERE panel_member_id = ?) "
            "OR EXISTS (SELECT 1 FROM manifest_signature WHERE panel_member_id = ?)",
            (member_id, member_id),
        ).scalar()
    )
