"""Whatever statement somebody writes on a session's connection, people are read through the view sets only."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import DBAPIError

import db.schema
from db.authorizer import readable_columns
from db.schema import table_class
from kingshurst_tui.acts import Reason
from kingshurst_tui.errors import KingshurstError
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing
from tests.trust.conftest import Open

PANEL = Reason(ReasonCode.PANEL)

FORBIDDEN = [
    "ATTACH DATABASE ':memory:' AS other",
    "ATTACH DATABASE 'plain.db' AS plain KEY ''",
    "SELECT sqlcipher_export('main')",
    "PRAGMA rekey = 'x'",
    "EXPLAIN PRAGMA rekey = 'x'",
    "PRAGMA key = 'x'",
    "PRAGMA writable_schema = ON",
    "PRAGMA recursive_triggers = OFF",
    "PRAGMA temp_store = 1",
    "PRAGMA journal_mode = DELETE",
    "PRAGMA wal_checkpoint(TRUNCATE)",
    "PRAGMA wal_checkpoint",
    "VACUUM INTO 'copy.db'",
    "SELECT load_extension('x')",
    "SELECT * FROM sqlite_master",
    "SELECT name FROM pragma_table_info('record_detail')",
    "CREATE TEMP VIEW mine AS SELECT 1",
    "CREATE TEMP TABLE audit_entry (seq INTEGER)",
    "CREATE TABLE mine (id INTEGER)",
    "CREATE TRIGGER mine AFTER INSERT ON contact BEGIN SELECT 1; END",
    "ALTER TABLE contact ADD COLUMN mine TEXT",
    "DROP TABLE flag",
    "DROP TRIGGER audit_entry_no_update",
    "DELETE FROM audit_entry",
    "UPDATE audit_entry SET actor = 'x'",
    "INSERT OR REPLACE INTO audit_entry (seq, body, signature, at, actor, operation, thing, result) "
    "VALUES (1, x'', x'', '', '', '', '', '')",
    "DELETE FROM audit_node",
    "REINDEX",
    "ANALYZE",
    "DETACH DATABASE main",
]


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_what_could_copy_alter_or_loosen_the_store_is_denied(statement: str, opened: Open) -> None:
    session = opened("coordinator")
    with (
        pytest.raises(KingshurstError),
        session.act(Operation.CONSULT, Thing.PROFILE, reason=PANEL) as act,
    ):
        act.connection.exec_driver_sql(statement)


def _personal_columns() -> list[tuple[str, str]]:
    readable = readable_columns()
    return [
        (table.name, column.name)
        for table in db.schema.metadata.tables.values()
        if table_class(table) == "personal"
        for column in table.columns
        if column.name not in (readable[table.name] or ())
    ]


@pytest.mark.parametrize(
    "shape", ["SELECT {c} FROM {t}", "SELECT max({c}) FROM {t} t", "WITH x AS (SELECT {c} FROM {t}) SELECT * FROM x"]
)
def test_no_column_about_a_person_is_read_but_through_a_view(shape: str, opened: Open) -> None:
    session = opened("coordinator")
    columns = _personal_columns()
    assert ("record_detail", "surname") in columns
    with session.act(Operation.CONSULT, Thing.PROFILE, reason=PANEL) as act:
        for table, column in columns:
            with pytest.raises(DBAPIError):
                act.connection.exec_driver_sql(shape.format(t=table, c=column))


def test_every_table_says_its_class() -> None:
    assert {table_class(table) for table in db.schema.metadata.tables.values()} == {"plain", "personal", "audit"}


def test_a_reading_connection_cannot_write(opened: Open) -> None:
    session = opened("coordinator")
    with pytest.raises(KingshurstError):
        session.look(lambda connection: connection.exec_driver_sql("INSERT INTO setting VALUES ('a', 'b')"))


def test_what_a_connection_may_see_is_what_the_program_says(opened: Open) -> None:
    """Client-enforced: whoever runs their own program widens its sight, for as long as their act takes."""
    session = opened("practitioner")
    widen, said = "UPDATE acting SET sight = 'combine'", "SELECT sight FROM acting"
    with session.act(Operation.CONSULT, Thing.PROFILE, reason=PANEL) as act:
        act.connection.exec_driver_sql(widen)
        assert act.connection.exec_driver_sql(said).scalar() == "combine"
    # The next act begins with the sight that the role gives.
    with session.act(Operation.CONSULT, Thing.PROFILE, reason=PANEL) as act:
        assert act.connection.exec_driver_sql(said).scalar() == "person"
