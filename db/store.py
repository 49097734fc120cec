"""Opening the store: its two engines, and the right to write."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import sqlcipher3.dbapi2 as driver
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from db import commitments, runaway, views
from db.authorizer import authorizer
from db.bare_rows import bare
from db.connecting import LOG_PAGES, NOT_CHANGED, connect, translated
from db.errors import StoreUnavailable
from db.holding import VaultHold
from db.turnstile import Turnstile, lock_if_free

#: How many transactions of one connection go by before it asks how long the log is.
LOOKS_EVERY = 8


class Acting(NamedTuple):
    """Who acts, as the views see it (db/views.py)."""

    user_name: str
    agency: str
    purpose: str
    today: str
    sight: str


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
        self._read_at: int | None = None
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

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold the right to write until the block ends, without a transaction: for what is done to a whole file."""
        with self.turnstile.coming(), self._acting_now, self.turnstile.hold():
            self._still_there()
            yield

    def read_ahead(self, questions: Callable[[], Iterable[tuple[str, tuple[str, ...]]]]) -> None:
        """Read what the next piece of a large work is about to change, before its turn; others go first.

        Whoever commits empties what every other connection holds of the file. A piece that comes next decrypts its
        pages again, and who comes in its middle waits for that too. Where nobody committed, nothing is read. What is
        read reaches nobody; what cannot be read the piece meets itself, and says.

        Args:
            questions: called where something is to be read: statements and what they are given.
        """
        with self.turnstile.coming(piece=True), self._acting_now, suppress(DBAPIError, driver.Error):
            ask = bare(self._to_act()).execute
            (version,) = ask("PRAGMA data_version").fetchone()
            if version != self._read_at:
                self._read_at = version
                for statement, given in questions():
                    ask(statement, given).fetchone()

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
