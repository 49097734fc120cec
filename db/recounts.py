"""Whose incidents and flags are still to be counted anew, after a batch or a rule changed what they rest on.

What changes is shown by one short act; counting everybody it concerns takes far longer than anybody should wait for
their turn, so it follows in pieces. Each piece says how far it has come: who is killed in between leaves the rest to
the next.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection

from db.bare_rows import bare
from db.batches import touched_by
from db.turnstile import lock_if_free


class RecountRow(NamedTuple):
    """One recount under way.

    Attributes:
        because: "accepted", "recalled", "rules" or "flags".
        batch_id: the batch whose people it is about; None for everybody.
        after: the last profile that was counted.
    """

    id: int
    because: str
    batch_id: int | None
    after: int
    begun_at: str


_SHOWN = f"SELECT {', '.join(RecountRow._fields)} FROM recount"


def begin(connection: Connection, because: str, batch_id: int | None, at: str) -> int:
    """Keep that people are to be counted anew; return its number."""
    return int(
        connection.exec_driver_sql(
            "INSERT INTO recount (because, batch_id, begun_at) VALUES (?,?,?)", (because, batch_id, at)
        ).lastrowid
    )


def pending(connection: Connection) -> list[RecountRow]:
    """Return the recounts that are not at their end, the oldest first."""
    return [RecountRow(*row) for row in connection.exec_driver_sql(f"{_SHOWN} ORDER BY id")]


def any_pending(connection: Connection) -> bool:
    """Say whether there is one that is not at its end."""
    return bare(connection).execute("SELECT 1 FROM recount LIMIT 1").fetchone() is not None


def by_number(connection: Connection, number: int) -> RecountRow | None:
    """Return one that is not at its end."""
    row = connection.exec_driver_sql(f"{_SHOWN} WHERE id = ?", (number,)).fetchone()
    return RecountRow(*row) if row else None


def advance(connection: Connection, number: int, after: int) -> None:
    """Keep up to which profile it has come."""
    connection.exec_driver_sql('UPDATE recount SET "after" = max("after", ?) WHERE id = ?', (after, number))


def end(connection: Connection, number: int) -> None:
    """Forget one that is at its end."""
    connection.exec_driver_sql("DELETE FROM recount WHERE id = ?", (number,))


def people(connection: Connection, row: RecountRow) -> list[int]:
    """Return the profiles that are still to be counted, in order; fills ``picked``."""
    if row.batch_id is None:
        found = connection.exec_driver_sql("SELECT id FROM profile WHERE id > ? ORDER BY id", (row.after,))
    else:
        touched_by(connection, row.batch_id)
        found = connection.exec_driver_sql(
            "SELECT DISTINCT m.profile_id FROM picked p CROSS JOIN profile_member m ON m.source_record_id = p.id "
            "WHERE m.profile_id > ? ORDER BY m.profile_id",
            (row.after,),
        )
    return list(found.scalars())


_OF_BATCH = " UNION ALL ".join(
    f"SELECT 1 FROM profile_member m CROSS JOIN {table} t ON t.{column} = m.source_record_id "
    "WHERE m.profile_id = :profile AND (t.batch_id = :batch OR t.superseded_by = :batch)"
    for table, column in (
        ("record_detail", "source_record_id"),
        ("contact", "source_record_id"),
        ("contact", "counterpart_id"),
        ("relationship", "from_record_id"),
        ("relationship", "to_record_id"),
    )
)


def waits(connection: Connection, row: RecountRow, profile_id: int) -> bool:
    """Say whether one profile is still to be counted."""
    if profile_id <= row.after:
        return False
    if row.batch_id is None:
        return True
    found = connection.exec_driver_sql(f"SELECT EXISTS ({_OF_BATCH})", {"profile": profile_id, "batch": row.batch_id})
    return bool(found.scalar())


def alone(folder: Path) -> AbstractContextManager[bool]:
    """Hold the right to go on with what others left; it yields whether it was to be had, or somebody is at it."""
    return lock_if_free(folder / "recount.lock")
