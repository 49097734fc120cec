"""A generation copied to the next under new keys, and compared; nothing that stands is touched.

`PRAGMA rekey` is never used: it can say "ok" without having done it, and can leave a file that no key opens
(STORE.md, findings 1 and 2, measured).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import sqlcipher3.dbapi2 as driver

from db import merkle
from db.connecting import connect, translated
from db.errors import IntegrityFailure, StoreUnavailable, disk_refused
from db.person_keys import person_keys_file
from db.store import data_file
from db.vault import HEADER, StoreKeys, sync_folder

ROOM = 2.2
"""So many times the store's size must be free: the copy, and the log it is checked through."""

PAGES_AT_ONCE = 4096
NOT_CHANGED = "The store is as it was, under its old keys."

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Copied:
    """What was copied, and found the same on both sides.

    Attributes:
        rows: rows by table of the data.
        entries: how many entries the trail has.
        root: the trail's root, hex.
        size: bytes of both files.
    """

    rows: dict[str, int]
    entries: int
    root: str
    size: int


def check_room(folder: Path, generation: int) -> None:
    """Refuse to begin what the disk has no room for. Raises: StoreUnavailable."""
    size = sum(path.stat().st_size for path in files_of(folder, generation))
    needed, free = int(size * ROOM), shutil.disk_usage(folder).free
    if free < needed:
        raise StoreUnavailable(
            "There is not enough room to copy the store.",
            f"It needs {megabytes(needed)} free and there are {megabytes(free)}. {NOT_CHANGED}",
            "Free some space and try again.",
        )


def copy_generation(folder: Path, generation: int, old: StoreKeys, new: StoreKeys, tell: Tell | None = None) -> Copied:
    """Copy both files of a generation to the next one under other keys, check the copies and compare them.

    Called by somebody who has the vault alone. What an earlier try left behind is removed first.

    Raises: StoreUnavailable, IntegrityFailure; the copies are then removed.
    """
    say = tell or (lambda _: None)
    discard(folder, generation + 1)
    try:
        compared: list[tuple[dict[str, int], list[tuple[object, ...]], tuple[int, str]]] = []
        for name, key, other in ((data_file, old.data, new.data), (person_keys_file, old.person, new.person)):
            source, copy = name(folder, generation), name(folder, generation + 1)
            say(f"Copying {source.name}")
            _copy(source, key, copy, other)
            say(f"Checking {copy.name}")
            compared.append(_same(source, key, copy, other))
            sync_file(copy)
        sync_folder(folder)
    except BaseException:
        discard(folder, generation + 1)
        raise
    rows, _, (entries, root) = compared[0]
    return Copied(rows, entries, root, sum(path.stat().st_size for path in files_of(folder, generation + 1)))


def settle(path: Path, key: bytearray) -> None:
    """Write a file's log back into it and make it last; the file alone is then all of it. Raises: StoreUnavailable."""
    try:
        connection = connect(path, key)
        try:
            write_log_back(connection)
        finally:
            connection.close()
    except driver.Error as failed:
        raise translated(failed) from failed
    sync_file(path)


def keep_header(folder: Path, generation: int) -> Path:
    """Keep a copy of the header as it stands, until the one that follows it was opened. Raises: StoreUnavailable."""
    kept = kept_header(folder, generation)
    try:
        handle = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write((folder / HEADER).read_bytes())
            out.flush()
            os.fsync(out.fileno())
        sync_folder(folder)
    except OSError as failed:
        kept.unlink(missing_ok=True)
        raise disk_refused(failed) from failed
    return kept


def kept_header(folder: Path, generation: int) -> Path:
    """Return where a generation's header is kept while the next one has not been opened."""
    return folder / f"vault.{generation}.json"


def discard(folder: Path, generation: int) -> None:
    """Remove both files of a generation that no header names. Raises: StoreUnavailable."""
    try:
        for path in files_of(folder, generation):
            path.unlink(missing_ok=True)
    except OSError as failed:
        raise disk_refused(failed) from failed


def files_of(folder: Path, generation: int) -> list[Path]:
    """Return every file of a generation that is there."""
    stems = (data_file(folder, generation), person_keys_file(folder, generation))
    named = [stem.with_name(stem.name + suffix) for stem in stems for suffix in ("", "-wal", "-shm", "-journal")]
    return [path for path in named if path.exists()]


def _copy(source: Path, key: bytearray, copy: Path, other: bytearray) -> None:
    try:
        reading = connect(source, key)
        try:
            writing = connect(copy, other)
            try:
                reading.backup(writing, pages=PAGES_AT_ONCE)
                write_log_back(writing)
            finally:
                writing.close()
        finally:
            reading.close()
    except driver.Error as failed:
        raise translated(failed) from failed


def write_log_back(connection: driver.Connection) -> None:
    """Write a file's log back into it; the file alone is then all of it. Raises: StoreUnavailable."""
    if connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
        raise StoreUnavailable("Somebody is using the store.", NOT_CHANGED, "Try again when nobody is signed in.")


def _same(
    source: Path, key: bytearray, copy: Path, other: bytearray
) -> tuple[dict[str, int], list[tuple[object, ...]], tuple[int, str]]:
    """Return what a copy holds, after both checks, where it is what the source holds. Raises: IntegrityFailure."""
    wrong: list[str] = []
    found = []
    for path, opening in ((source, key), (copy, other)):
        connection = connect(path, opening)
        try:
            if path == copy:
                for pragma in ("cipher_integrity_check", "integrity_check", "foreign_key_check"):
                    lines = [str(row[0]) for row in connection.execute(f"PRAGMA {pragma}").fetchmany(5)]
                    wrong.extend(f"{pragma}: {line}" for line in lines if line != "ok")
            found.append((rows_of(connection), _totals(connection), trail_of(connection)))
        except driver.Error as failed:
            raise translated(failed) from failed
        finally:
            connection.close()
    if found[0] != found[1]:
        wrong.append("it does not hold what was copied")
    if wrong:
        raise IntegrityFailure(
            "The copy of the store under new keys is not sound.",
            f"{copy.name}: {'; '.join(wrong)}. {NOT_CHANGED}",
            "Run kingshurst check STORE, and look at the disk.",
        )
    return found[1]


def _tables(connection: driver.Connection) -> list[str]:
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    return [row[0] for row in connection.execute(query)]


def rows_of(connection: driver.Connection) -> dict[str, int]:
    """Return how many rows each table has."""
    return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in _tables(connection)}


def _totals(connection: driver.Connection) -> list[tuple[object, ...]]:
    """Return what the rows of each table were last said to add up to (db/commitments.py)."""
    if "committed_total" not in _tables(connection):
        return []
    return [tuple(row) for row in connection.execute("SELECT * FROM committed_total ORDER BY table_name")]


def trail_of(connection: driver.Connection) -> tuple[int, str]:
    """Return how many entries the trail has, and the root of its tree."""
    if "audit_entry" not in _tables(connection):
        return 0, ""
    size = connection.execute("SELECT coalesce(max(seq), 0) FROM audit_entry").fetchone()[0]

    def node(level: int, at: int) -> bytes:
        query = "SELECT hash FROM audit_node WHERE level = ? AND position = ?"
        row = connection.execute(query, (level, at)).fetchone()
        if row is None:
            raise IntegrityFailure(
                "The audit trail's tree has a hole.", NOT_CHANGED, "Run kingshurst check STORE before anything else."
            )
        return bytes(row[0])

    return size, merkle.root(size, node).hex()


def sync_file(path: Path) -> None:
    """Make what a file holds last through a power cut. Raises: StoreUnavailable."""
    try:
        handle = os.open(path, os.O_RDWR)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as failed:
        raise disk_refused(failed) from failed


def megabytes(size: int) -> str:
    """Say a size."""
    return f"{size / 1_000_000:,.1f} MB"
