"""A file written anew, so that the unused parts of its pages hold nothing of what was deleted.

SQLite zeroes what it deletes (secure_delete), but not what it leaves behind where it moves rows from page to page: of
30,539 pages of indexes over a million contacts 24,144 held bytes of rows that lie elsewhere, 1.3 MB of them (measured).
"""

from __future__ import annotations

import shutil
from pathlib import Path

import sqlcipher3.dbapi2 as driver

from db.connecting import connect, translated
from db.errors import StoreUnavailable

ROOM = 1.1
"""So many times the file's size must be free: all of it goes through its log."""

READERS_HAVE = 3_000
"""Milliseconds for whoever reads to end, so that the log can be emptied; nobody writes meanwhile."""


def write_anew(path: Path, key: bytearray) -> None:
    """Write every page of a file anew, and empty its log; whoever reads meanwhile goes on reading.

    Called by somebody who has the turn at writing. A million contacts are 402 MB: 4 s, and as much memory while it
    lasts, since nothing of it may lie on the disk in the clear. Cut off at any moment, the file is as it was or anew.

    Raises: StoreUnavailable (no room, or somebody went on reading for too long); what was deleted stays deleted.
    """
    size, free = path.stat().st_size, shutil.disk_usage(path.parent).free
    if free < size * ROOM:
        raise StoreUnavailable(
            "There is not enough room to write the store anew.",
            f"It needs {size * ROOM / 1e6:,.0f} MB free and there are {free / 1e6:,.0f} MB. What was deleted stays "
            "deleted; some of its bytes may still lie, encrypted, in unused parts of the file.",
            "Free some space.",
        )
    connection = None
    try:
        connection = connect(path, key)
        connection.execute("VACUUM")
        connection.execute(f"PRAGMA busy_timeout={READERS_HAVE}")
        is_read = bool(connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])
    except driver.Error as failed:
        raise translated(failed) from failed
    finally:
        if connection is not None:
            connection.close()
    if is_read:
        raise StoreUnavailable(
            "Somebody went on reading for too long.",
            "What was deleted stays deleted; some of its bytes may still lie, encrypted, in the file or its log.",
            "It is done when nobody reads.",
        )
