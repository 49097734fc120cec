"""Minutes: each version of what is written down of a meeting, and its parts about people."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection


class MinutesRow(NamedTuple):
    """One version of the minutes of a meeting; its document is about no person."""

    id: int
    panel_id: int
    version: int
    document: str
    status: str
    written_by: str
    written_at: str
    approved_by: str | None
    approved_at: str | None
    signature: bytes | None
    actions_sent_at: str | None
    minutes_sent_at: str | None


class PartRow(NamedTuple):
    """What one version says of one case; there only where the profile is open to the reader."""

    id: int
    minutes_id: int
    panel_case_id: int
    profile_id: int
    document: str
    digest: str


_MINUTES = f"SELECT {', '.join(MinutesRow._fields)} FROM minutes"
_PART = f"SELECT {', '.join(f'p.{name}' for name in PartRow._fields)} FROM open_minutes_part p"


def versions(connection: Connection, panel_id: int) -> list[MinutesRow]:
    """Return every version of a meeting's minutes, the latest first."""
    rows = connection.exec_driver_sql(f"{_MINUTES} WHERE panel_id = ? ORDER BY version DESC", (panel_id,))
    return [MinutesRow(*row) for row in rows]


def by_id(connection: Connection, minutes_id: int) -> MinutesRow | None:
    """Return one version, or None."""
    row = connection.exec_driver_sql(f"{_MINUTES} WHERE id = ?", (minutes_id,)).fetchone()
    return MinutesRow(*row) if row else None


def parts(connection: Connection, minutes_id: int) -> list[PartRow]:
    """Return the parts of one version about profiles that are open to the reader, in the order of the agenda."""
    rows = connection.exec_driver_sql(
        f"{_PART} JOIN masked_panel_case k ON k.id = p.panel_case_id WHERE p.minutes_id = ? ORDER BY k.place, k.id",
        (minutes_id,),
    )
    return [PartRow(*row) for row in rows]


def add(connection: Connection, panel_id: int, version: int, document: str, by: str, at: str) -> int:
    """Keep a new version as a draft; return its number."""
    return int(
        connection.exec_driver_sql(
            "INSERT INTO minutes (panel_id, version, document, status, written_by, written_at) "
            "VALUES (?,?,?,'draft',?,?)",
            (panel_id, version, document, by, at),
        ).lastrowid
    )


def add_part(
    connection: Connection, minutes_id: int, case_id: int, profile_id: int, document: str, digest: str
) -> None:
    """Keep what a version says of one case."""
    connection.exec_driver_sql(
        "INSERT INTO minutes_part (minutes_id, panel_case_id, profile_id, document, digest) VALUES (?,?,?,?,?)",
        (minutes_id, case_id, profile_id, document, digest),
    )


def write(connection: Connection, minutes_id: int, document: str) -> None:
    """Put other words in place of what a draft says of the meeting."""
    connection.exec_driver_sql(
        "UPDATE minutes SET document = ? WHERE id = ? AND status = 'draft'", (document, minutes_id)
    )


def write_part(connection: Connection, part_id: int, document: str, digest: str) -> None:
    """Put other words in place of what a draft says of a case."""
    connection.exec_driver_sql(
        "UPDATE minutes_part SET document = ?, digest = ? WHERE id = ?", (document, digest, part_id)
    )


def digests(connection: Connection, minutes_id: int) -> dict[int, str]:
    """Return the digest of every part by its case, whoever may read it: what an approval signs."""
    rows = connection.exec_driver_sql(
        "SELECT panel_case_id, digest FROM masked_minutes_part WHERE minutes_id = ? ORDER BY panel_case_id",
        (minutes_id,),
    )
    return {int(row[0]): str(row[1]) for row in rows}


def pseudonyms(connection: Connection, panel_id: int) -> list[str]:
    """Return everybody whom the minutes of a meeting may name, by pseudonym: whoever is or was on its agenda."""
    rows = connection.exec_driver_sql(
        "SELECT DISTINCT p.pseudonym FROM masked_panel_case c JOIN masked_profile p ON p.profile_id = c.profile_id "
        "WHERE c.panel_id = ? ORDER BY p.pseudonym",
        (panel_id,),
    )
    return [str(row[0]) for row in rows]


def approve(connection: Connection, minutes_id: int, document: str, by: str, at: str, signature: bytes) -> None:
    """Approve a draft; the version that was approved before it is replaced."""
    connection.exec_driver_sql(
        "UPDATE minutes SET status = 'replaced' WHERE status = 'approved' "
        "AND panel_id = (SELECT panel_id FROM minutes WHERE id = ?)",
        (minutes_id,),
    )
    connection.exec_driver_sql(
        "UPDATE minutes SET status = 'approved', document = ?, approved_by = ?, approved_at = ?, signature = ? "
        "WHERE id = ?",
        (document, by, at, signature, minutes_id),
    )


def replace(connection: Connection, minutes_id: int) -> None:
    """Say that a draft gave way to a later one."""
    connection.exec_driver_sql("UPDATE minutes SET status = 'replaced' WHERE id = ?", (minutes_id,))


def sent(connection: Connection, minutes_id: int, what: str, at: str) -> None:
    """Keep when actions or minutes first went out."""
    column = {"actions": "actions_sent_at", "minutes": "minutes_sent_at"}[what]
    connection.exec_driver_sql(f"UPDATE minutes SET {column} = coalesce({column}, ?) WHERE id = ?", (at, minutes_id))
