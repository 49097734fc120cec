"""Opening the store: the one connect function, its two engines, and the right to write."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import sqlcipher3.dbapi2 as driver
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from db import commitments, keys, runaway, versions, views
from db.authorizer import authorizer
from db.bare_rows import bare
from db.errors import IntegrityFailure, KingshurstError, StoreUnavailable, disk_refused
from db.holding import VaultHold
from db.turnstile import Turnstile, lock_if_free

#: A ceiling: pages are taken as they are touched, so a small store holds a small cache, and one that an import makes
#: large need not be opened again. Below the store's size every read decrypts (three times as slow).
CACHE_BUDGET_KIB = 256 * 1024
BUSY_SECONDS = 30.0
#: Pages that many transactions change go to the file once; the log grows to about 32 MB before it is written back.
LOG_PAGES = 8000
#: How many transactions of one connection go by before it asks how long the log is.
LOOKS_EVERY = 8
#: Making the views and counters of a connection alone prepares over a hundred statements; the driver keeps no more by
#: default, and then prepares those of every act anew each time.
KEPT_STATEMENTS = 1000
NOT_CHANGED = "Nothing was changed."
_DIGITS = b"0123456789abcdef"


class Acting(NamedTuple):
    """Who acts, as the views see it (db/views.py)."""

    user_name: str
    agency: str
    purpose: str
    today: str
    sight: str


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
    return StoreUnavailable("The store gave an error.", f"{type(failed).__name__}. {NOT_CHANGED}", "Try again.")


@dataclass
class Store:
    """One opened generation of a vault.

    ``acting`` is a write transaction in its turn; ``reading`` sees a snapshot and cannot write. One acting
    connection serves one session; both may be used from any one thread at a time.
    """

    folder: Path
    generation: int
    acts: Engine
    reads: Engine
    turnstile: Turnstile
    #: What the transaction under way has changed; there is one acting connection.
    tally: commitments.Tally = field(repr=False)
    #: The session's share in the vault; it ends when the store is closed.
    hold: VaultHold | None = None

    def __post_init__(self) -> None:
        self._acting_now = threading.RLock()
        self._acting_on: Connection | None = None
        self._unlooked = 0
        self._file: tuple[int, int] | None = None
        self._path = str(data_file(self.folder, self.generation))

    @contextmanager
    def acting(self, acting: Acting, *, piece: bool = False) -> Iterator[Connection]:
        """Hold one write transaction: committed when the block ends, rolled back when it raises.

        Args:
            acting: who acts.
            piece: one of many of a large work, which lets others go first, sees to the log, and is made smaller where
                somebody waits (``turnstile.watched``).

        Raises: StoreUnavailable, IntegrityFailure.
        """
        try:
            if self._acting_on is None:
                with self._acting_now:
                    self._to_act()  # before it has the turn: views and counters take 20 ms to make
            with self.turnstile.coming(piece=piece), self._acting_now:
                with self.turnstile.hold(watching=piece):
                    connection = self._to_act()
                    self.tally.clear()
                    with connection.begin():
                        self._still_there()
                        _see_as(connection, acting)
                        yield connection
                        commitments.settle(connection, self.tally)
                        self._still_there()
                self._write_back_in_time(LOG_PAGES if piece else 2 * LOG_PAGES)
        except (DBAPIError, driver.Error) as failed:
            # SQLite may have rolled back by itself; a connection in doubt is not used again.
            self._act_no_more()
            raise translated(failed) from failed

    def _to_act(self) -> Connection:
        """Return the one connection that acts; taking it from the pool for each act costs a fifteenth of the act."""
        if self._acting_on is None:
            self._acting_on = self.acts.connect()
        return self._acting_on

    def _act_no_more(self) -> None:
        kept, self._acting_on = self._acting_on, None
        if kept is not None:
            with suppress(DBAPIError, driver.Error):
                kept.close()
        self.acts.dispose()

    def _write_back_in_time(self, longest: int) -> None:
        """Write a long log back into the file, beside other writers; left to a commit, it keeps all of them waiting.

        What was committed stays so whether this succeeds or not.
        """
        self._unlooked += 1
        if self._unlooked < LOOKS_EVERY:
            return
        self._unlooked = 0
        with suppress(DBAPIError, driver.Error):
            pragma = bare(self._to_act()).execute
            _, pages, written_back = pragma("PRAGMA wal_checkpoint(NOOP)").fetchone()
            if pages - written_back > longest:
                pragma("PRAGMA wal_checkpoint(PASSIVE)").fetchone()

    def totals_to_state(self, connection: Connection) -> dict[str, str]:
        """Return what the entry of an act that changed rows says they now add up to; empty where none changed."""
        return commitments.said(connection) if commitments.settle(connection, self.tally) else {}

    @contextmanager
    def reading(self, acting: Acting) -> Iterator[Connection]:
        """Hold one read transaction on a snapshot; nothing but ``acting`` and ``picked`` can be written."""
        try:
            with self.reads.connect() as connection, connection.begin():
                self._still_there()
                _see_as(connection, acting)
                yield connection
        except (DBAPIError, driver.Error) as failed:
            raise translated(failed) from failed

    def _still_there(self) -> None:
        """Refuse to go on with a file that has no name any more: what is written there is lost when it closes.

        Raises: StoreUnavailable.
        """
        try:
            found = os.stat(self._path)
        except OSError:
            found = None
        here = (found.st_dev, found.st_ino) if found is not None else None
        if self._file is None:
            self._file = here
        if here is None or here != self._file:
            raise StoreUnavailable(
                "The store is not there any more.",
                f"Somebody moved, removed or replaced its folder while it was open. {NOT_CHANGED}",
                "Bring the folder back to where it was, then lock and sign in again.",
            )

    def alone_at_staging(self) -> AbstractContextManager[bool]:
        """Hold the right to stage a batch if nobody on this host has it; yield whether it was to be had.

        An import holds it from its first staged row to acceptance, so what is staged while nobody holds it was
        abandoned.
        """
        return lock_if_free(self.folder / "staging.lock")

    def close(self) -> None:
        """Close every connection and let go of the locks."""
        self._act_no_more()
        self.reads.dispose()
        self.turnstile.close()
        if self.hold is not None:
            self.hold.close()


def _see_as(connection: Connection, acting: Acting) -> None:
    """Tell the views who acts, each time anew: what a statement of the transaction before made of it is gone."""
    bare(connection).execute(
        "UPDATE acting SET user_name = ?, agency = ?, purpose = ?, today = ?, sight = ?", tuple(acting)
    )


def open_store(
    folder: Path, generation: int, data_key: bytearray, commitment_key: bytes, hold: VaultHold | None = None
) -> Store:
    """Return the two engines over one generation of a vault; the hold on it ends when the store is closed."""
    path = data_file(folder, generation)
    tally = commitments.Tally(commitment_key)
    return Store(
        folder,
        generation,
        acts=_engine(path, data_key, tally),
        reads=_engine(path, data_key, None),
        turnstile=Turnstile(folder),
        tally=tally,
        hold=hold,
    )


def data_file(folder: Path, generation: int) -> Path:
    """Return where a generation's data lie."""
    return folder / f"data.{generation}.db"


def _engine(path: Path, key: bytearray, tally: commitments.Tally | None) -> Engine:
    read_only = tally is None

    def dress() -> Any:
        connection = connect(path, key)
        for statement in views.statements():
            connection.execute(statement)
        if tally is not None:
            tally.attach(connection)
        connection.set_authorizer(authorizer(read_only))
        runaway.count_steps(connection)
        return connection

    engine = create_engine(
        "sqlite://",
        module=driver,
        creator=dress,
        poolclass=QueuePool,
        pool_size=1,
        max_overflow=1 if read_only else 0,
        pool_reset_on_return=None,
        hide_parameters=True,
    )
    runaway.count_each_statement(engine)
    begin = "BEGIN" if read_only else "BEGIN IMMEDIATE"

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        driven = bare(connection)
        driven.steps.calls = 0
        driven.execute(begin)

    return engine


def write_back_log(folder: Path, generation: int, data_key: bytearray) -> bool:
    """Write the log back into the data file and cut it to nothing; say whether nobody's reading stood in the way."""
    connection = connect(data_file(folder, generation), data_key)
    try:
        return not connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    except driver.Error as failed:
        raise translated(failed) from failed
    finally:
        connection.close()


@contextmanager
def administering(folder: Path, generation: int, data_key: bytearray) -> Iterator[Connection]:
    """Hold the connection that makes and migrates tables: no views, no authorizer, no other use."""
    path = data_file(folder, generation)
    engine = create_engine(
        "sqlite://",
        module=driver,
        creator=lambda: connect(path, data_key),
        poolclass=QueuePool,
        hide_parameters=True,
    )

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    try:
        with engine.connect() as connection:
            yield connection
    except (DBAPIError, driver.Error) as failed:
        raise translated(failed) from failed
    finally:
        engine.dispose()
