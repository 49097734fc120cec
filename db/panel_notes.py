"""What is written in the room, a field a row, and the counter by which terminals of one meeting hear of each other."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection

import db.users


class NoteRow(NamedTuple):
    """One field of the notes on one case; its id is 0 before it is first kept."""

    id: int
    field: str
    words: str
    written_by: str
    written_at: str
    version: int


_NOTE = f"SELECT {', '.join(NoteRow._fields)} FROM open_panel_note"


def counter_of(panel_id: int) -> str:
    """Return the name of the counter that every change of a meeting raises."""
    return f"panel/{panel_id}"


def counter(connection: Connection, panel_id: int) -> int:
    """Return how often anything of a meeting was changed."""
    return db.users.counter(connection, counter_of(panel_id))


def changed(connection: Connection, panel_id: int) -> int:
    """Say to the other terminals that something of a meeting was changed; return the counter now."""
    db.users.bump(connection, counter_of(panel_id))
    return counter(connection, panel_id)


def of_case(connection: Connection, case_id: int) -> list[NoteRow]:
    """Return what was written on a case of an open profile."""
    rows = connection.exec_driver_sql(f"{_NOTE} WHERE panel_case_id = ? ORDER BY field", (case_id,))
    return [NoteRow(*row) for row in rows]


def earlier(connection: Connection, profile_id: int, field: str, case_id: int) -> list[NoteRow]:
    """Return what earlier meetings wrote in a field about the same person, the latest first."""
    rows = connection.exec_driver_sql(
        f"{_NOTE} WHERE profile_id = ? AND field = ? AND panel_case_id < ? AND words <> '' ORDER BY panel_case_id DESC",
        (profile_id, field, case_id),
    )
    return [NoteRow(*row) for row in rows]


def write(connection: Connection, case_id: int, profile_id: int, note: NoteRow) -> None:
    """Keep a field; the version says over which one it was written, and the caller has compared."""
    if note.id:
        connection.exec_driver_sql(
            "UPDATE panel_note SET words = ?, written_by = ?, written_at = ?, version = ? WHERE id = ?",
            (note.words, note.written_by, note.written_at, note.version, note.id),
        )
    else:
        connection.exec_driver_sql(
            "INSERT INTO panel_note (panel_case_id, profile_id, field, words, written_by, written_at, version) "
            "VALUES (?,?,?,?,?,?,?)",
            (case_id, profile_id, *note[1:]),
        )


class Pulse(NamedTuple):
    """What a terminal in the room asks every second."""

    counter: int
    status: str
    seconds: int


def pulse(connection: Connection, panel_id: int, case_id: int) -> Pulse:
    """Return the counter of a meeting, how it stands, and for how long a case was before it."""
    row = connection.exec_driver_sql(
        "SELECT coalesce((SELECT value FROM change_counter WHERE name = ?), 0), "
        "coalesce((SELECT status FROM panel WHERE id = ?), ''), "
        "coalesce((SELECT seconds FROM masked_panel_case WHERE id = ?), 0)",
        (counter_of(panel_id), panel_id, case_id),
    ).one()
    return Pulse(*row)


def set_seconds(connection: Connection, case_id: int, seconds: int) -> None:
    """Keep for how long a case was before the panel."""
    connection.exec_driver_sql("UPDATE panel_case SET seconds = ? WHERE id = ?", (seconds, case_id))
