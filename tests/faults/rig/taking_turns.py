"""Two threads at a watched disk: one asks for the program's lock in each call, one holds it while it closes files.

test_failing_disk.py runs it with the library preloaded.
"""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path
from threading import Thread

import sqlcipher3.dbapi2 as driver

from tests.faults.rig.worker import watch

WRITES, CLOSINGS = 20_000, 1_000
"""Enough that two threads which can wait for one another do."""


def main(root: Path) -> None:
    """Write from one thread and open and close a database from another."""
    library = ctypes.CDLL(None)
    library.rig_root(str(root).encode())
    watch(library, root.with_name("trace"))
    threads = [Thread(target=_write, args=(root / "written",)), Thread(target=_close, args=(root / "closed.db",))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _write(path: Path) -> None:
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
    for _ in range(WRITES):
        os.pwrite(descriptor, b"written", 0)
    os.close(descriptor)


def _close(path: Path) -> None:
    for _ in range(CLOSINGS):
        connection = driver.connect(str(path))
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE IF NOT EXISTS closed (at INTEGER)")
        connection.execute("INSERT INTO closed VALUES (1)")
        connection.commit()
        connection.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
