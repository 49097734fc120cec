"""Import batches: staged, accepted, recalled."""

from __future__ import annotations

from sqlalchemy import Connection, update

from db.schema.intake import import_batch


def sweep_abandoned(connection: Connection) -> None:
    """Mark every batch that was being staged as abandoned; nothing of it was ever visible."""
    connection.execute(update(import_batch).where(import_batch.c.status == "staging").values(status="abandoned"))
