"""What SQL may be run at all: everything is denied but what this page allows.

Class of control: client-enforced. It stops a wrong statement of ours, an injected one and a curious colleague at a
prompt inside the program; whoever holds the data key and their own Python can go round it (SECURITY.md).
"""

from __future__ import annotations

from collections.abc import Callable

import sqlcipher3.dbapi2 as driver

from db.commitments import trigger_names
from db.schema import metadata, table_class
from db.views import VIEWS

KEY_COLUMN_NAMES = frozenset(
    {
        "version",
        "status",
        "state",
        "triage",
        "superseded_by",
        "basis",
        "basis_id",
        "purpose",
        "thing",
        "thing_id",
        "ruling",
        "user_name",
        "rule_code",
        "rule_version",
        "pseudonym",
        "person_key",
        "record_mark",
        "contact_key",
        "agreement_ref",
        "agency_code",
        "detail_digest",
        "row_digest",
        "do_not_approach",
        "raised_on",
        "lapses_on",
        "opens",
        "closes",
        "unless_confirmed_by",
        "recorded_by",
        "proposed_by",
        "from_day",
    }
)
"""Columns that statements need to find and count rows by. They name no one: person_key and contact_key are digests,
and record_mark is drawn at random."""

READ_PRAGMAS = frozenset({"data_version", "read_uncommitted", "query_only"})
WRITES_BACK = frozenset({"NOOP", "PASSIVE"})
"""How the log may be asked for its length and written back: these wait for nobody and change no row."""
DENIED_FUNCTIONS = frozenset({"load_extension", "sqlcipher_export", "readfile", "writefile", "edit", "fts3_tokenizer"})
APPEND_ONLY = frozenset({"audit_entry", "audit_node", "audit_subject"})
TEMP_TABLES = frozenset({"acting", "picked"})
#: A list that a statement was given as one bound JSON value; it reads nothing that is kept.
GIVEN_LISTS = frozenset({"json_each"})

#: The triggers that add up what changes; they hand what they read to a hash and to nothing else.
COUNTING = trigger_names()

OK: int = driver.SQLITE_OK
DENY: int = driver.SQLITE_DENY

Authorizer = Callable[[int, str | None, str | None, str | None, str | None], int]


def readable_columns() -> dict[str, frozenset[str] | None]:
    """Return, for each table, the columns any statement may read; None means all of them.

    Raises: KeyError where a table declares no class, so a new table without a rule fails at once.
    """
    readable: dict[str, frozenset[str] | None] = dict.fromkeys((*VIEWS, *TEMP_TABLES, *GIVEN_LISTS))
    for table in metadata.tables.values():
        if table_class(table) == "personal":
            readable[table.name] = frozenset(
                column.name
                for column in table.columns
                if column.primary_key or column.foreign_keys or column.name in KEY_COLUMN_NAMES
            )
        else:
            readable[table.name] = None
    return readable


def authorizer(read_only: bool) -> Authorizer:
    """Return the callback for a connection that acts, or for one that only reads."""
    readable = readable_columns()
    always = {
        driver.SQLITE_SELECT,
        driver.SQLITE_TRANSACTION,
        driver.SQLITE_SAVEPOINT,
        driver.SQLITE_RECURSIVE,
    }

    def decide(action: int, first: str | None, second: str | None, base: str | None, source: str | None) -> int:
        if action in always:
            return OK
        if action == driver.SQLITE_READ:
            return _may_read(readable, first, second, base, source)
        if action == driver.SQLITE_FUNCTION:
            return DENY if second in DENIED_FUNCTIONS else OK
        if action == driver.SQLITE_PRAGMA:
            if first == "wal_checkpoint":
                return OK if second in WRITES_BACK and not read_only else DENY
            return OK if first in READ_PRAGMAS and second is None else DENY
        if read_only and first not in TEMP_TABLES:
            return DENY
        if action == driver.SQLITE_INSERT:
            return OK if first in readable else DENY
        if action in (driver.SQLITE_UPDATE, driver.SQLITE_DELETE):
            return OK if first in readable and first not in APPEND_ONLY else DENY
        return DENY

    return decide


def _may_read(
    readable: dict[str, frozenset[str] | None],
    table: str | None,
    column: str | None,
    base: str | None,
    source: str | None,
) -> int:
    if source in VIEWS or source in COUNTING:
        return OK
    if table not in readable:
        return DENY
    allowed = readable[table]
    if allowed is None or column in allowed:
        return OK
    # An outer query that only counts a view reads no column of the tables inside it, and says no database.
    if column == "" and base is None:
        return OK
    return DENY
