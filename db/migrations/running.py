"""Bringing a store's tables to this program's version: all of it, or nothing."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import sqlcipher3.dbapi2 as driver
from sqlalchemy import Connection, text

from db import triggers
from db.errors import IntegrityFailure
from db.schema.trust import alembic_version

NEWEST = "0007"
"""The migration this program's tables are at; a test compares it with the newest file in versions/."""


def current_and_newest(connection: Connection) -> tuple[str | None, str]:
    """Return the migration the store is at, and the one this program knows as its newest."""
    return connection.execute(alembic_version.select()).scalar(), NEWEST


def migrate(connection: Connection) -> None:
    """Run every step the store has not seen, in one transaction.

    Foreign keys are off before it begins (a rebuilt parent would otherwise delete its children), triggers are dropped
    and made anew, and nothing commits before foreign keys and row counts have been checked.

    Raises: IntegrityFailure; the store is then as it was.
    """
    # Alembic takes a fifth of a second to import, and only an administrator's connection needs it.
    from alembic.command import upgrade
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    connection.rollback()
    raw = cast("driver.Connection", connection.connection.dbapi_connection)
    raw.execute("PRAGMA foreign_keys=OFF")  # outside a transaction, or it does nothing
    try:
        with connection.begin():
            before = _counts(connection)
            for name in triggers.names():
                connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
            upgrade(config, "head")
            for statement in triggers.statements():
                connection.exec_driver_sql(statement)
            _check(connection, before)
    finally:
        raw.execute("PRAGMA foreign_keys=ON")


def _counts(connection: Connection) -> dict[str, int]:
    names = connection.execute(
        text("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    ).scalars()
    return {name: connection.exec_driver_sql(f'SELECT count(*) FROM "{name}"').scalar() or 0 for name in names.all()}


def _check(connection: Connection, before: dict[str, int]) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    after = _counts(connection)
    lost = [name for name, rows in before.items() if name != "alembic_version" and after.get(name, 0) < rows]
    if broken or lost:
        raise IntegrityFailure(
            "The store could not be brought to this version.",
            f"Rows would have been lost in {', '.join(lost) or broken[0][0]}. Nothing was changed.",
            "Keep using the version that made it, and report this.",
        )
