"""One file opened with its raw key, hardened: the only place that does; and what the driver's errors mean."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import sqlcipher3.dbapi2 as driver

from db import keys, runaway, versions
from db.errors import Contradicted, IntegrityFailure, KingshurstError, StoreUnavailable, disk_refused

#: A ceiling: pages are taken as they are touched, so a small store holds a small cache, and one that an import makes
#: large need not be opened again. Below the store's size every read decrypts (three times as slow).
CACHE_BUDGET_KIB = 256 * 1024
BUSY_SECONDS = 30.0
#: Pages that many transactions change go to the file once; the log grows to about 32 MB before it is written back.
LOG_PAGES = 8000
#: Making the views and counters of a connection alone prepares over a hundred statements; the driver keeps no more by
#: default, and then prepares those of every act anew each time.
KEPT_STATEMENTS = 1000
NOT_CHANGED = "Nothing was changed."
_DIGITS = b"0123456789abcdef"


def connect(path: Path, key: bytearray) -> driver.Connection:
    """Open one database file with its raw key, hardened; the only place that does.

    Args:
        path: a file of mode 0600 owned by this user; made when it is not there.
        key: 32 bytes.

    Raises: IntegrityFailure (wrong key or damaged file), StoreUnavailable.
    """
    _check_file(path)
    try:
        connection = driver.connect(
            str(path),
            isolation_level=None,
            timeout=BUSY_SECONDS,
            check_same_thread=False,
            cached_statements=KEPT_STATEMENTS,
            factory=runaway.CountedConnection,
        )
    except driver.Error as failed:
        raise StoreUnavailable("The store cannot be opened.", f"{failed}. {NOT_CHANGED}", "Check the disk.") from failed
    try:
        raw = _spelled(key)
        connection.execute("PRAGMA cipher_log_level=NONE")
        connection.set_key(raw)
        keys.wipe(raw)
        connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
        _check_versions(connection)
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "trusted_schema=OFF",
            "cell_size_check=ON",
            "temp_store=MEMORY",
            "secure_delete=ON",
            "recursive_triggers=ON",
            "mmap_size=0",
            # Written back between turns (Store.acting); this is for a log that nobody came to between two of them.
            f"wal_autocheckpoint={4 * LOG_PAGES}",
            f"cache_size=-{CACHE_BUDGET_KIB}",
        ):
            connection.execute(f"PRAGMA {pragma}").fetchall()
        connection.enable_load_extension(False)
    except driver.Error as failed:
        connection.close()
        raise translated(failed) from failed
    except BaseException:
        connection.close()
        raise
    return connection


def _spelled(key: bytearray) -> keys.Key:
    """Return ``x'...'``, digit by digit: ``hex()`` would leave a copy that cannot be wiped."""
    if len(key) != keys.KEY_BYTES:
        raise ValueError("a raw key is 32 bytes")
    raw = keys.Key(b"x'" + b"0" * 64 + b"'")
    for at, byte in enumerate(key):
        raw[2 + 2 * at], raw[3 + 2 * at] = _DIGITS[byte >> 4], _DIGITS[byte & 15]
    return raw


def _check_file(path: Path) -> None:
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except OSError as failed:
            raise disk_refused(failed) from failed
        return
    if stat.S_ISLNK(found.st_mode) or found.st_nlink > 1:
        raise IntegrityFailure(
            "The store's file is a link.",
            f"Somebody else may hold the same file under another name. {NOT_CHANGED}",
            "Copy the vault to a folder of your own and open it there.",
        )


def _check_versions(connection: driver.Connection) -> None:
    wanting = versions.too_old(versions.carried(connection))
    if wanting:
        raise StoreUnavailable(
            "What encrypts the store is too old on this machine.",
            f"{'; '.join(wanting)}. {NOT_CHANGED}",
            "Install Kingshurst with the versions in requirements.lock.",
        )


def translated(failed: Exception) -> KingshurstError:
    """Return what a driver's error means to a person."""
    words = str(getattr(failed, "orig", failed))
    if "not a database" in words or "malformed" in words or "hmac" in words.lower():
        return IntegrityFailure(
            "The store's file is damaged, or is not of this vault.",
            f"It does not read with this vault's key. {NOT_CHANGED}",
            "Keep the files as they are, and go back to the latest copy of the folder that verifies.",
        )
    if "full" in words:
        return StoreUnavailable(
            "The disk is full.",
            "The change was rolled back; everything earlier is kept.",
            "Free some space and retry.",
        )
    if "disk i/o" in words.lower():
        # What a log's index that finds no room is called.
        return StoreUnavailable(
            "The disk is full, or fails.",
            f"It gave an error. {NOT_CHANGED}",
            "Nobody's record is shown until an entry can be written. See whether it has space left, then retry.",
        )
    if "readonly" in words or "read-only" in words or "unable to open" in words:
        return StoreUnavailable(
            "The disk cannot be written.",
            NOT_CHANGED,
            "Nobody's record is shown until an entry can be written.",
        )
    if "disk i/o error" in words.lower():
        return StoreUnavailable(
            "The disk gave an error.",
            "The change was rolled back; everything earlier is kept.",
            "Try again. Where it comes back, check the disk before anything else is written to it.",
        )
    if words == "interrupted":
        return StoreUnavailable(
            "A question to the store went on for too long, and was stopped.",
            f"Nothing was shown. {NOT_CHANGED}",
            "Ask for less at once. Where it comes back, tell whoever looks after the program what was asked.",
        )
    if "locked" in words or "busy" in words:
        return StoreUnavailable("Somebody else is writing.", NOT_CHANGED, "Try again in a moment.")
    kind = Contradicted if isinstance(getattr(failed, "orig", failed), driver.IntegrityError) else StoreUnavailable
    return kind("The store gave an error.", f"{type(failed).__name__}. {NOT_CHANGED}", "Try again.")
