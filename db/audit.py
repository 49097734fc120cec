"""What was done, by whom, for what purpose: entries that are signed, hashed into a tree and never changed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import Any

from sqlalchemy import Connection, delete, text

from db import keys, merkle
from db.bare_rows import bare
from db.schema import trust

SIGNATURE_BYTES = 64
COMMITMENT_SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it is stored; ``leaf`` is what the tree hashes."""

    seq: int
    body: bytes
    signature: bytes

    @property
    def leaf(self) -> bytes:
        """The signature, then the canonical JSON of the body."""
        return self.signature + self.body


SET_BACK = "clock_set_back_seconds"
"""The fact that says by how much an entry's time is before that of the entry before it. The act goes on."""

FORGIVEN_SECONDS = 2
"""A clock that a time service puts right moves by less."""

BLOCK = 4096
"""Entries that are counted together, once there are so many."""

ANY = "*"
"""What stands in a count for whoever acted, whatever was done, however it ended, whatever it was for."""


def block_of(seq: int) -> int:
    """Return the block an entry is counted in."""
    return (seq - 1) // BLOCK


def size(connection: Connection) -> int:
    """Return how many entries there are; the last one's number."""
    return int(bare(connection).execute("SELECT max(seq) FROM audit_entry").fetchone()[0] or 0)


def append(
    connection: Connection,
    actor_keys: keys.UserKeys,
    body: dict[str, Any],
    *,
    typed: str = "",
    words_key: bytes,
) -> int:
    """Add one entry inside the act's own transaction and return its number.

    Args:
        body: time, actor, role, agency, session, operation, thing, subjects (pseudonyms), purpose, reason, result and
            facts. Never a name, a date of birth or free text.
        typed: what was typed (a reason, a search); sealed beside the tree, which holds a salted commitment to it.
    """
    driver = bare(connection)
    last = driver.execute("SELECT seq, at FROM audit_entry ORDER BY seq DESC LIMIT 1").fetchone()
    seq = last[0] + 1 if last else 1
    sealed: bytes | None = None
    document = {"v": 1, "seq": seq, **body}
    if last and (behind := _behind(last[1], document["time"])):
        document["facts"] = {**document["facts"], SET_BACK: behind}
    if typed:
        salt = os.urandom(COMMITMENT_SALT_BYTES)
        document["words"] = keys.mac(salt, typed.encode()).hex()
        sealed = keys.close_box(words_key, salt + typed.encode(), f"words/{seq}".encode())
    canonical = keys.canonical(document)
    entry = Entry(seq, canonical, actor_keys.sign(canonical))
    driver.execute(
        "INSERT INTO audit_entry (seq, body, signature, at, actor, operation, thing, result, purpose) "
        "VALUES (?,?,?,?,?,?,?,?,?)",
        (
            seq,
            canonical,
            entry.signature,
            document["time"],
            document["actor"],
            document["operation"],
            document["thing"],
            document["result"],
            document["purpose"],
        ),
    )
    grown = list(merkle.appended(seq - 1, entry.leaf, lambda level, at: node(connection, level, at)))
    driver.executemany("INSERT INTO audit_node (level, position, hash) VALUES (?,?,?)", grown)
    subjects = sorted(set(document["subjects"]))
    if subjects:
        driver.executemany(
            "INSERT INTO audit_subject (pseudonym, seq) VALUES (?,?)", [(subject, seq) for subject in subjects]
        )
    if sealed is not None:
        driver.execute("INSERT INTO audit_words (seq, sealed) VALUES (?,?)", (seq, sealed))
    if seq % BLOCK == 0:
        _count_block(driver, block_of(seq))
    return seq


def _behind(last: str, at: str) -> int:
    """Return how many seconds the clock was set back by since the last entry; 0 where it was not."""
    if at >= last:  # one form for all of them, so text compares as times do
        return 0
    behind = (datetime.fromisoformat(last) - datetime.fromisoformat(at)).total_seconds()
    return int(behind) if behind > FORGIVEN_SECONDS else 0


def count_again(connection: Connection) -> None:
    """Count every complete block anew, after entries were put in otherwise than by ``append``."""
    connection.exec_driver_sql("DELETE FROM audit_block")
    for block in range(size(connection) // BLOCK):
        _count_block(bare(connection), block)


def _count_block(driver: Any, block: int) -> None:
    kinds = driver.execute(
        "SELECT actor, operation, result, purpose, count(*), min(at), max(at) FROM audit_entry NOT INDEXED "
        "WHERE seq > ? AND seq <= ? GROUP BY 1, 2, 3, 4",
        (block * BLOCK, (block + 1) * BLOCK),
    )
    driver.executemany(
        "INSERT INTO audit_block (actor, operation, result, purpose, block, entries, first_at, last_at) "
        "VALUES (?,?,?,?,?,?,?,?)",
        counts(block, kinds),
    )


def counts(block: int, kinds: Iterable[tuple[str, str, str, str, int, str, str]]) -> list[tuple[Any, ...]]:
    """Return the rows that count one block, from how many entries of each kind it holds, from when to when."""
    found: dict[tuple[str, ...], tuple[int, str, str]] = {}
    for *kind, entries, first, last in kinds:
        for chosen in product((False, True), repeat=4):
            shown = tuple(value if is_chosen else ANY for value, is_chosen in zip(kind, chosen, strict=True))
            had, earliest, latest = found.get(shown, (0, first, last))
            found[shown] = (had + entries, min(earliest, first), max(latest, last))
    return [(*shown, block, *row) for shown, row in sorted(found.items())]


def node(connection: Connection, level: int, position: int) -> bytes:
    """Return the stored hash of one complete subtree. Raises: KeyError where it is missing."""
    found = (
        bare(connection)
        .execute("SELECT hash FROM audit_node WHERE level = ? AND position = ?", (level, position))
        .fetchone()
    )
    if found is None:
        raise KeyError((level, position))
    return bytes(found[0])


def root(connection: Connection) -> bytes:
    """Return the root of the tree over all entries."""
    return merkle.root(size(connection), lambda level, at: node(connection, level, at))


def last_of(connection: Connection, operation: str, thing: str) -> int:
    """Return the number of the last such entry that was not refused; 0 where there is none."""
    found = connection.exec_driver_sql(
        "SELECT max(seq) FROM audit_entry WHERE operation = ? AND thing = ? AND result = 'done'", (operation, thing)
    ).scalar()
    return int(found or 0)


def entries(connection: Connection, first: int = 1, last: int | None = None) -> Iterator[Entry]:
    """Yield entries from ``first`` to ``last``, in order."""
    rows = connection.execute(
        text("SELECT seq, body, signature FROM audit_entry WHERE seq >= :first AND seq <= :last ORDER BY seq"),
        {"first": first, "last": last if last is not None else size(connection)},
    )
    for seq, body, signature in rows:
        yield Entry(seq, bytes(body), bytes(signature))


def typed_words(connection: Connection, seq: int, words_key: bytes) -> str | None:
    """Return what was typed for an entry; None where nothing was, or where it was erased."""
    sealed = connection.exec_driver_sql("SELECT sealed FROM audit_words WHERE seq = ?", (seq,)).scalar()
    if sealed is None:
        return None
    return keys.open_box(words_key, bytes(sealed), f"words/{seq}".encode())[COMMITMENT_SALT_BYTES:].decode()


def erase_words(connection: Connection, seq: int) -> None:
    """Erase what was typed for one entry; the commitment in the tree stays."""
    connection.execute(delete(trust.audit_words).where(trust.audit_words.c.seq == seq))
