"""What the rows add up to: the total each altering entry commits to, so that an old page put back is found.

SQLCipher authenticates a page and its number, not its age: an older copy of a page pasted into the file opens cleanly
and reverts its rows (STORE.md, finding 4, measured). Here every row of every table counts towards its table's total, a
sum of keyed hashes that grows and shrinks with each row that comes or goes. The entry of an act that changed rows says
what the totals of their tables now are, salted; only the latest salt is kept, so earlier entries tell nothing about
single rows. Comparing the rows with the latest entries finds every row that is not what was last written.

Class of control: cryptographic against whoever lacks the store's keys; whoever holds them can compute a total, and then
needs the signature of the entry that states it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from operator import mul
from typing import Any

import sqlcipher3.dbapi2 as driver
from sqlalchemy import Connection, text

from db import keys
from db.bare_rows import bare
from db.schema import metadata

UNCOUNTED = frozenset(
    {"audit_entry", "audit_node", "audit_subject", "audit_block", "alembic_version", "committed_total"}
)
"""Tables whose rows verifying the tree covers, and the one that holds the totals."""

STATED = "rows"
"""Where an entry says the totals: {table: commitment}."""

BY_DIGEST = {"source_record": "person_key", "record_detail": "detail_digest", "contact": "row_digest"}
"""Tables that an import fills by the million: the keyed digest that it has made of each row stands for the row.

They count by it, by the row's id and by what replaced it, which costs a third of hashing every column again. A page
put back brings back its rows' digests, so it is found all the same; a column changed by whoever holds the store's keys,
with the digest left as it was, is not.
"""

_MODULUS = 1 << 256
_SALT_BYTES = 16
_SAID_BYTES = 16


def counted() -> dict[str, list[str]]:
    """Return the tables whose rows count, with the columns they count by, in order."""
    return {
        table.name: _by(table.name) or [column.name for column in table.columns]
        for table in metadata.sorted_tables
        if table.name not in UNCOUNTED
    }


def _by(table: str) -> list[str]:
    if table not in BY_DIGEST:
        return []
    replaced = "superseded_by" if "superseded_by" in metadata.tables[table].columns else "first_batch_id"
    return ["id", BY_DIGEST[table], replaced]


def trigger_names() -> frozenset[str]:
    """Return the names of the triggers that count; they may read what they count (db/authorizer.py)."""
    return frozenset(f"{table}_rows_{verb}" for table in counted() for verb in ("came", "went", "changed"))


def hash_with(key: bytes) -> Callable[..., int]:
    """Return the function from a table's name and a row's values to the number that the row counts for."""
    keyed = hashlib.blake2b(key=key, digest_size=32)

    def number(*row: Any) -> int:
        hashed = keyed.copy()
        hashed.update(repr(row).encode("utf-8", "surrogatepass"))
        return int.from_bytes(hashed.digest(), "little")

    return number


@dataclass
class Tally:
    """What one connection's transaction has added and taken away so far, a table."""

    key: bytes = field(repr=False)
    totals: dict[str, int] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)

    def attach(self, connection: driver.Connection) -> None:
        """Make the triggers that count on a new acting connection."""
        number, totals, rows = hash_with(self.key), self.totals, self.rows

        def came(table: str, *row: Any) -> None:
            totals[table] = totals.get(table, 0) + number(table, *row)
            rows[table] = rows.get(table, 0) + 1

        def went(table: str, *row: Any) -> None:
            totals[table] = totals.get(table, 0) - number(table, *row)
            rows[table] = rows.get(table, 0) - 1

        def digest_came(table: str, number: int, digest: str, replaced_by: int | None) -> None:
            totals[table] = totals.get(table, 0) + counts_for(number, digest, replaced_by)
            rows[table] = rows.get(table, 0) + 1

        def digest_went(table: str, number: int, digest: str, replaced_by: int | None) -> None:
            totals[table] = totals.get(table, 0) - counts_for(number, digest, replaced_by)
            rows[table] = rows.get(table, 0) - 1

        connection.create_function("row_came", -1, came)
        connection.create_function("row_went", -1, went)
        connection.create_function("digest_came", 4, digest_came)
        connection.create_function("digest_went", 4, digest_went)
        for statement in _triggers():
            connection.execute(statement)

    def clear(self) -> None:
        """Forget what a transaction counted: it begins, or was rolled back."""
        self.totals.clear()
        self.rows.clear()


def counts_for(number: int, digest: str, replaced_by: int | None) -> int:
    """Return what a row counts for by its id, its keyed digest, and the batch that replaced it."""
    return (int.from_bytes(digest.encode(), "little") + ((replaced_by or 0) << 200)) * (2 * number + 1)


def _triggers() -> Iterator[str]:
    for table, columns in counted().items():
        kind = "digest" if table in BY_DIGEST else "row"
        new = ", ".join(f'NEW."{column}"' for column in columns)
        old = ", ".join(f'OLD."{column}"' for column in columns)
        came, went = f"SELECT {kind}_came('{table}', {new});", f"SELECT {kind}_went('{table}', {old});"
        for verb, event, does in (
            ("came", "INSERT", came),
            ("went", "DELETE", went),
            ("changed", "UPDATE", went + " " + came),
        ):
            yield f'CREATE TEMP TRIGGER {table}_rows_{verb} AFTER {event} ON main."{table}" BEGIN {does} END'


_ADD = """
    INSERT INTO committed_total (table_name, total, rows, salt, said) VALUES (:table, :total, :rows, x'', 0)
    ON CONFLICT (table_name) DO UPDATE SET total = excluded.total, rows = excluded.rows, said = 0"""
_KEPT = "SELECT table_name, total, rows FROM committed_total"
_UNSAID = "SELECT table_name, total FROM committed_total WHERE said = 0 ORDER BY table_name"
_SAID = "UPDATE committed_total SET salt = :salt, said = 1 WHERE table_name = :table"


def settle(connection: Connection, tally: Tally) -> bool:
    """Put what the transaction counted into the totals; say whether anything changed."""
    if not tally.rows:
        return False
    kept = {name: (int.from_bytes(total, "little"), rows) for name, total, rows in bare(connection).execute(_KEPT)}
    changed = []
    for table, count in tally.rows.items():
        total, rows = kept.get(table, (0, 0))
        grown = (total + tally.totals[table]) % _MODULUS
        if grown != total or count:
            changed.append({"table": table, "total": grown.to_bytes(32, "little"), "rows": rows + count})
    tally.clear()
    if changed:
        bare(connection).executemany(_ADD, changed)
    return bool(changed)


def said(connection: Connection) -> dict[str, str]:
    """Return the salted commitments to every total that no entry has stated yet, for the entry about to be written."""
    stated: dict[str, str] = {}
    driven = bare(connection)
    for table, total in driven.execute(_UNSAID).fetchall():
        salt = os.urandom(_SALT_BYTES)
        stated[table] = _commitment(salt, total)
        driven.execute(_SAID, {"table": table, "salt": salt})
    return stated


def _commitment(salt: bytes, total: bytes) -> str:
    return keys.mac(salt, total)[:_SAID_BYTES].hex()


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A table whose rows are not what was last written, and how it shows."""

    table: str
    problem: str


def compare(
    connection: Connection,
    key: bytes,
    progress: Callable[[str], None] | None = None,
    stated: dict[str, str] | None = None,
) -> list[Mismatch]:
    """Add up the rows of every table anew and compare them with the totals, and these with the trail's latest word.

    Needs a connection without authorizer (db/store.py ``administering``). Takes about 5 µs a row; of the tables that an
    import fills, half of one.

    Args:
        stated: the trail's latest word on each table, where whoever verified the trail has it; otherwise it is searched
            for.
    """
    stated = _stated(connection) if stated is None else stated
    kept = {row.table_name: row for row in connection.execute(text("SELECT * FROM committed_total")).all()}
    found: list[Mismatch] = []
    for table, columns in counted().items():
        if progress is not None:
            progress(table)
        total, rows = add_up(connection, key, table, columns)
        row = kept.get(table)
        if row is None:
            if rows:
                found.append(Mismatch(table, f"{rows} rows that no act wrote"))
            continue
        if total.to_bytes(32, "little") != bytes(row.total):
            more = "" if rows == row.rows else f"; {rows} rows where {row.rows} were written"
            found.append(Mismatch(table, "its rows are not those that were last written" + more))
        elif row.said and stated.get(table) != _commitment(bytes(row.salt), bytes(row.total)):
            found.append(Mismatch(table, "its rows and total are older than the trail's latest word on them"))
    return found


def add_up(connection: Connection, key: bytes, table: str, columns: list[str]) -> tuple[int, int]:
    """Return what the rows of one table add up to, and how many they are."""
    if table in BY_DIGEST:
        return _add_up_digests(connection, table, columns)
    number = partial(hash_with(key), table)
    total = rows = 0
    listed = ", ".join(f'"{column}"' for column in columns)
    for row in connection.exec_driver_sql(f'SELECT {listed} FROM "{table}" NOT INDEXED'):
        total += number(*row)
        rows += 1
    return total % _MODULUS, rows


def _add_up_digests(connection: Connection, table: str, columns: list[str]) -> tuple[int, int]:
    """Add up what each row counts for (``counts_for``), a piece of the table at once.

    Where no number of a piece is missing and all digests are of one length, as an import leaves them, SQLite joins the
    digests: 0.4 µs a row instead of 1.6.
    """
    number, digest, replaced = (f'"{column}"' for column in columns)
    piece = f'FROM "{table}" NOT INDEXED WHERE {number} >= ?1 AND {number} < ?2'
    joined = (
        f"SELECT count(*), max({number}), min(octet_length({digest})), max(octet_length({digest})), "
        f"sum(typeof({digest}) = 'text'), sum(coalesce({replaced}, 0)), "
        f"sum(coalesce({replaced}, 0) * (2 * ({number} - ?1) + 1)), CAST(group_concat({digest}, '') AS BLOB) "
        f"FROM (SELECT {number}, {digest}, {replaced} {piece} ORDER BY {number})"
    )
    ask = bare(connection).execute
    from_bytes = int.from_bytes
    total = rows = 0
    first = ask(f'SELECT min({number}) FROM "{table}"').fetchone()[0]
    while first is not None:
        bounds = (first, first + _AT_ONCE)
        count, last, shortest, longest, typed, replaces, weighed, text = ask(joined, bounds).fetchone()
        rows += count
        if last - first + 1 == count == typed and shortest == longest > 0:
            digests = [from_bytes(text[at : at + longest], "little") for at in range(0, len(text), longest)]
            total += sum(map(mul, digests, range(2 * first + 1, 2 * last + 2, 2)))
            total += (weighed + 2 * first * replaces) << 200
        else:
            listed = ask(f"SELECT {number}, {digest}, {replaced} {piece}", bounds)
            total += sum(counts_for(*row) for row in listed)
        first = ask(f'SELECT min({number}) FROM "{table}" WHERE {number} >= ?', (first + _AT_ONCE,)).fetchone()[0]
    return total % _MODULUS, rows


_AT_ONCE = 1 << 15
"""Rows that are added up at once; a gap in the numbers costs the rows around it no more than so many."""


def recount(connection: Connection, key: bytes) -> None:
    """Set every total from the rows as they are: after a migration, on its own connection."""
    kept = {name for name, _, _ in bare(connection).execute(_KEPT)}
    for table, columns in counted().items():
        total, rows = add_up(connection, key, table, columns)
        if rows or table in kept:  # one that was emptied adds up to nothing, and must not go on saying otherwise
            bare(connection).execute(_ADD, {"table": table, "total": total.to_bytes(32, "little"), "rows": rows})


def _stated(connection: Connection) -> dict[str, str]:
    """Return each table's latest commitment in the trail."""
    latest: dict[str, str] = {}
    wanted = {table for (table,) in bare(connection).execute("SELECT table_name FROM committed_total WHERE said = 1")}
    missing = wanted & counted().keys()
    if not missing:
        return latest
    for (body,) in connection.exec_driver_sql(
        "SELECT body FROM audit_entry WHERE instr(body, ?) > 0 ORDER BY seq DESC", (f'"{STATED}":{{'.encode(),)
    ):
        for table, commitment in json.loads(body).get(STATED, {}).items():
            latest.setdefault(table, commitment)
        missing -= latest.keys()
        if not missing:
            break
    return latest
