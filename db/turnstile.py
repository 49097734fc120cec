"""Whose turn it is to write: file locks that keep one import from starving everybody else.

Take the turn, take the write lock, release the turn. Pieces of a large work first let everybody go who is there, and
are as short as whoever comes in their middle can bear (kingshurst_tui/giving_way.py); measured by
benchmarks/fairness.py.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import portalocker

from db.errors import disk_refused

LETS_GO_FIRST = 0.25
"""Seconds that a piece of a large work lets others go first, at most: the work is to come to an end too."""

LOOKS_AGAIN = 0.0005
"""Seconds after which it looks again whether they have gone."""

EXCLUSIVE, SHARED = portalocker.LockFlags.EXCLUSIVE, portalocker.LockFlags.SHARED
EXCLUSIVE_IF_FREE = EXCLUSIVE | portalocker.LockFlags.NON_BLOCKING

if sys.platform == "win32":
    _take, _let_go = portalocker.lock, portalocker.unlock
else:
    # What portalocker calls here, without what it asks first: an act takes three locks, and a tenth of its time so.
    import fcntl

    def _take(file: BinaryIO, how: portalocker.LockFlags) -> None:
        fcntl.flock(file, how.value)

    def _let_go(file: BinaryIO) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn that is over.

    Attributes:
        worked: seconds of processor time; what the disk and other programs took makes no smaller piece quicker.
        kept_waiting: whether anybody waited for its end.
    """

    worked: float
    kept_waiting: bool


class Turnstile:
    """The queue of writers of one vault, over every process on this host.

    Attributes:
        watched: the latest turn that was watched.
    """

    def __init__(self, folder: Path) -> None:
        self._turn = lock_file(folder / "turn.lock")
        self._write = lock_file(folder / "write.lock")
        # Shared by whoever is not in pieces, from coming to going. Looked at through a file of its own: over one and
        # the same, a look would take what this process holds.
        self._there = lock_file(folder / "there.lock")
        self._look = lock_file(folder / "there.lock")
        self._in_process = threading.Lock()
        self._counting = threading.Lock()
        self._count = 0
        self.watched = Turn(0.0, False)

    @contextmanager
    def coming(self, *, piece: bool = False) -> Iterator[None]:
        """Be there to write until the block ends, so that pieces of large works let one go first.

        Args:
            piece: this is one of them; it waits here until nobody else is there, for ``LETS_GO_FIRST`` at most.
        """
        if piece:
            until = time.monotonic() + LETS_GO_FIRST
            while self.somebody_is_there() and time.monotonic() < until:
                time.sleep(LOOKS_AGAIN)
            yield
            return
        self._one_more()
        try:
            yield
        finally:
            self._one_less()

    @contextmanager
    def hold(self, *, watching: bool = False) -> Iterator[None]:
        """Wait for the turn, then hold the right to write until the block ends.

        Args:
            watching: note how much work it was and whether anybody waited; for work that comes in pieces of any size.
        """
        with self._in_process:
            _take(self._turn, EXCLUSIVE)
            try:
                _take(self._write, EXCLUSIVE)
            finally:
                _let_go(self._turn)
            began = time.thread_time() if watching else 0.0
            try:
                yield
            finally:
                if watching:
                    self.watched = Turn(time.thread_time() - began, self.somebody_is_there())
                _let_go(self._write)

    def _one_more(self) -> None:
        with self._counting:
            if not self._count:
                _take(self._there, SHARED)
            self._count += 1

    def _one_less(self) -> None:
        with self._counting:
            self._count -= 1
            if not self._count:
                _let_go(self._there)

    def somebody_is_there(self) -> bool:
        """Say whether anybody who is not in pieces waits for a turn or has it, in this process or another.

        A piece asks in its middle too, and ends where somebody waits for it.
        """
        try:
            _take(self._look, EXCLUSIVE_IF_FREE)
        except (BlockingIOError, portalocker.LockException):
            return True
        _let_go(self._look)
        return False

    def close(self) -> None:
        """Let go of the lock files."""
        for file in (self._turn, self._write, self._there, self._look):
            file.close()


def lock_file(path: Path) -> BinaryIO:
    """Open a file that is only there to be locked. Raises: StoreUnavailable."""
    try:
        return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
    except OSError as failed:
        raise disk_refused(failed) from failed


@contextmanager
def lock_if_free(path: Path) -> Iterator[bool]:
    """Hold a lock if nobody on this host has it; yield whether it was to be had. Raises: StoreUnavailable."""
    with lock_file(path) as file:
        try:
            portalocker.lock(file, EXCLUSIVE_IF_FREE)
        except portalocker.LockException:
            yield False
            return
        try:
            yield True
        finally:
            portalocker.unlock(file)
