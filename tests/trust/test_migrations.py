"""A store's tables are those of db/schema, and a step that fails leaves it as it was."""

from __future__ import annotations

import os
import random
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, event

import db.schema
from db.errors import IntegrityFailure
from db.migrations import running
from db.store import administering
from db.vault import open_slot, read_header
from kingshurst_tui import vaults
from kingshurst_tui.errors import StoreUnavailable
from tests.faults.rig.checking import digest
from tests.trust.conftest import PASSPHRASES, Open
from tests.trust.test_upgrade import older

__all__ = ["older"]


@contextmanager
def _administering(folder: Path) -> Iterator[Connection]:
    header = read_header(folder)
    _, _, store_keys = open_slot(header, "administrator", PASSPHRASES["administrator"])
    with administering(folder, header.generation, store_keys.data) as connection:
        yield connection


def _made(connection: Connection) -> list[tuple[str, str]]:
    rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name")
    return [(row[0], row[1]) for row in rows]


def test_a_new_store_has_the_tables_that_the_schema_says(folder: Path) -> None:
    engine = create_engine("sqlite://")
    with engine.connect() as said:
        db.schema.metadata.create_all(said)
        wanted = {name: sql for name, sql in _made(said) if name not in ("alembic_version", "sqlite_sequence")}
    engine.dispose()
    with _administering(folder) as connection:
        made = dict(_made(connection))
    assert {name: _squeezed(made.get(name, "")) for name in wanted} == {
        name: _squeezed(sql) for name, sql in wanted.items()
    }


def _squeezed(sql: str) -> list[str]:
    """The parts of a statement; the order in which constraints stand does not matter."""
    head, _, inside = " ".join(sql.split()).partition("(")
    body, _, tail = inside.rpartition(")")
    return [head, *sorted(part.strip() for part in re.split(r",(?![^()]*\))", body)), tail]


def test_the_newest_step_is_the_one_the_program_expects() -> None:
    script = ScriptDirectory(str(Path(running.__file__).parent))
    assert script.get_current_head() == running.NEWEST


def test_migrating_a_store_that_is_up_to_date_changes_nothing(folder: Path) -> None:
    with _administering(folder) as connection:
        before = _made(connection)
        running.migrate(connection)
        assert sorted(_made(connection)) == sorted(before)


def test_a_step_that_loses_rows_is_taken_back_whole(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with _administering(folder) as connection:
        before = _made(connection)
        users = connection.exec_driver_sql('SELECT count(*) FROM "user"').scalar()
        connection.rollback()

        def careless(_config: object, _target: str) -> None:
            connection.exec_driver_sql("ALTER TABLE flag ADD COLUMN half TEXT")
            connection.exec_driver_sql('DELETE FROM "user"')

        monkeypatch.setattr("alembic.command.upgrade", careless)
        with pytest.raises(IntegrityFailure, match="could not be brought"):
            running.migrate(connection)
        assert _made(connection) == before
        assert connection.exec_driver_sql('SELECT count(*) FROM "user"').scalar() == users


def _whole(connection: Connection) -> tuple[object, ...]:
    """Everything a store is made of and holds."""
    found = _made(connection), digest(connection.connection.dbapi_connection)
    connection.rollback()
    return found


def test_a_fault_in_any_statement_of_any_step_leaves_tables_and_rows_as_they_were(older: Path) -> None:
    """From the first version to the newest; MIGRATION_FAULTS=all tries every statement instead of some."""
    failing, asked = 0, 0

    def count(*_: object) -> None:
        nonlocal asked
        asked += 1
        if asked == failing:
            raise RuntimeError("this statement fails")

    with _administering(Path(shutil.copytree(older, older.with_name("counted")))) as connection:
        event.listen(connection, "before_cursor_execute", count)
        running.migrate(connection)
    statements = asked
    assert statements > 100
    tried: Sequence[int] = range(1, statements + 1)
    if os.environ.get("MIGRATION_FAULTS") != "all":
        tried = sorted(random.Random(20260504).sample(tried, 16))
    with _administering(older) as connection:
        before = _whole(connection)
        event.listen(connection, "before_cursor_execute", count)
        for failing in tried:
            asked = 0
            with pytest.raises(RuntimeError):
                running.migrate(connection)
            asked = -statements
            assert _whole(connection) == before, failing
        failing, asked = 0, 0
        running.migrate(connection)
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == running.NEWEST


def test_a_store_of_a_newer_version_is_not_opened(folder: Path, opened: Open) -> None:
    with _administering(folder) as connection, connection.begin():
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreUnavailable, match="newer version"):
        opened("coordinator")
    with _administering(folder) as connection, connection.begin():
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = ?", (running.NEWEST,))
    vaults.open_session(folder, "coordinator", PASSPHRASES["coordinator"]).close()
