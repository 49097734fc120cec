"""Statements that must not run, for showing that they do not: the refusals page and its test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection

from db.audit_verification import Verification, verify
from db.store import administering
from db.vault import open_slot, read_header

STATEMENTS = {
    "read names past the views": "SELECT forename, surname FROM record_detail",
    "read what was typed in a search": "SELECT sealed FROM audit_words",
    "read the master table": "SELECT sql FROM sqlite_master",
    "change an audit entry": "UPDATE audit_entry SET actor = 'nobody'",
    "delete the audit trail": "DELETE FROM audit_entry",
    "attach another database": "ATTACH DATABASE ':memory:' AS other",
    "export a plain copy": "SELECT sqlcipher_export('other')",
    "change the key": "PRAGMA rekey = 'x'",
    "turn off the journal": "PRAGMA journal_mode = OFF",
    "drop the views and make others": "DROP VIEW open_record",
    "load a library": "SELECT load_extension('evil')",
    "give an area count to a person": "SELECT a.count FROM area_measure a JOIN masked_profile p "
    "ON a.profile_id = p.profile_id",
    "edit a signed decision": "UPDATE decision SET lead_agency = 'WMP' WHERE id IN (SELECT id FROM open_decision)",
}
"""By what each tries to do."""


def run(connection: Connection, name: str) -> int:
    """Run one of STATEMENTS; return how many rows it gave or changed."""
    found = connection.exec_driver_sql(STATEMENTS[name])
    return len(found.fetchall()) if found.returns_rows else found.rowcount


def what_stopped(failed: BaseException) -> str:
    """Return what the database said when it stopped a statement, without the statement."""
    cause: BaseException | None = failed
    while cause is not None:
        words = str(getattr(cause, "orig", "") or "")
        if words:
            return words
        cause = cause.__cause__
    return str(failed)


def names_in_the_open(folder: Path, words: list[str]) -> list[str]:
    """Return which of these words lie readable in any file of a store."""
    files = [path.read_bytes().lower() for path in folder.rglob("*") if path.is_file()]
    return [word for word in words if any(word.lower().encode() in content for content in files)]


def rewrite_history(folder: Path, user: str, passphrase: str) -> Verification:
    """Rewrite an entry of a store with its data key in hand, past every trigger, and verify the trail.

    Only ever for a copy that is thrown away.
    """
    header = read_header(folder)
    _, _, store_keys = open_slot(header, user, passphrase)
    anchors = {slot.user: bytes.fromhex(slot.signing_public) for slot in header.slots}
    with administering(folder, header.generation, store_keys.data) as connection:
        with connection.begin():
            connection.exec_driver_sql("DROP TRIGGER audit_entry_no_update")
            connection.exec_driver_sql(
                "UPDATE audit_entry SET body = CAST(replace(CAST(body AS TEXT), "
                '\'"reason":"panel-business"\', \'"reason":"safeguarding"\') AS BLOB) WHERE seq = '
                '(SELECT max(seq) FROM audit_entry WHERE CAST(body AS TEXT) LIKE \'%"reason":"panel-business"%\')'
            )
        with connection.begin():
            found = verify(connection, anchors)
    store_keys.wipe()
    return found


def forge_grant(folder: Path, user: str, passphrase: str, name: str) -> Callable[[], None]:
    """Write another role into the row and the document of a user's grant; return what puts it back.

    Only ever for a copy that is thrown away.
    """
    header = read_header(folder)
    _, _, store_keys = open_slot(header, user, passphrase)

    def write(*values: str) -> tuple[str, ...]:
        with administering(folder, header.generation, store_keys.data) as connection, connection.begin():
            found = connection.exec_driver_sql(
                "SELECT role, document FROM role_grant WHERE user_name = ? AND status = 'effective'", (name,)
            ).one()
            new = values or ("supervisor", found[1].replace(f'"role":"{found[0]}"', '"role":"supervisor"'))
            connection.exec_driver_sql(
                "UPDATE role_grant SET role = ?, document = ? WHERE user_name = ? AND status = 'effective'",
                (*new, name),
            )
            return tuple(found)

    before = write()

    def put_back() -> None:
        write(*before)
        store_keys.wipe()

    return put_back


def rows_dropped(connection: Connection, data_sets: str) -> int:
    """Return how many rows agreements kept out at the door, for data sets LIKE a pattern."""
    found = connection.exec_driver_sql(
        "SELECT sum(rows_dropped) FROM import_batch WHERE agreement_ref LIKE ? AND status = 'accepted'", (data_sets,)
    ).scalar()
    return int(found or 0)


def shared_incidents(connection: Connection) -> int:
    """Return how many incidents more than one agency was told of. Needs sight of all gated rows."""
    found = connection.exec_driver_sql(
        "SELECT count(*) FROM (SELECT incident_id FROM open_contact WHERE incident_id IS NOT NULL "
        "GROUP BY incident_id HAVING count(DISTINCT agency_code) > 1)"
    ).scalar()
    return int(found or 0)
