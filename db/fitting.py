"""Whether the files of a vault fit together: no file alone shows that another is older than it, or was put back.

The header says who is let in, the data who was suspended or left; one file has the people, the other their salts.

Class of control: cryptographic against whoever lacks the store's keys, found when somebody checks.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import sqlcipher3.dbapi2 as driver
from sqlalchemy import Connection

from db import users
from db.connecting import connect, translated
from db.person_keys import person_keys_file
from db.slots import StoreKeys
from db.store import data_file
from db.structure import LISTED, Finding
from db.vault import Header

_INCOMPLETE = 1
"""The ``user_version`` of a file of salts that never had everybody's: it came back from a copy that lacked some."""


def ways_in(connection: Connection, header: Header) -> Finding:
    """Compare who is let in with who was suspended or left; while nobody else changes the header.

    A kill in the middle of a change may leave somebody out who is active, or a slot without a user, and lets nobody in.
    """
    out = {user.name: _SAID[user.status] for user in users.every(connection) if user.status in _SAID}
    wrong = [
        f"the header lets in {slot.user}, who {out[slot.user]}"
        for slot in header.users
        if slot.status == "active" and slot.user in out
    ]
    return Finding("the header against the data", tuple(wrong[:LISTED]), f"{len(header.users)} users")


_SAID = {"suspended": "is suspended", "left": "has left"}


def salts(connection: Connection, folder: Path, generation: int, store_keys: StoreKeys) -> Finding:
    """Find people whose salt is gone; ``connection`` is one in whose transaction nobody else writes.

    In the middle of an erasure that is as it should be, and where a copy that came back had fewer; else an older file
    or page was put back. What that brings back is found by the check of the store itself (db/checking.py).
    """
    people, erasing = _people(connection)
    held, complete = _held(folder, generation, store_keys)
    lacking = 0 if erasing or not complete else len(people - held)
    problems = (f"{lacking} people have none: an older file or page was put back",) if lacking else ()
    return Finding("profiles against per-person keys", problems, f"{len(people)} people")


def _people(connection: Connection) -> tuple[set[str], bool]:
    """Return every profile's pseudonym, and whether an erasure is under way."""
    found = connection.exec_driver_sql("SELECT pseudonym FROM profile")
    under_way = connection.exec_driver_sql("SELECT 1 FROM erasure WHERE status = 'confirmed' LIMIT 1").first()
    return {str(row[0]) for row in found}, under_way is not None


def _held(folder: Path, generation: int, store_keys: StoreKeys) -> tuple[set[str], bool]:
    try:
        with closing(connect(person_keys_file(folder, generation), store_keys.person)) as file:
            held = {str(row[0]) for row in file.execute("SELECT pseudonym FROM person_salt")}
            return held, file.execute("PRAGMA user_version").fetchone()[0] != _INCOMPLETE
    except driver.Error as failed:
        raise translated(failed) from failed


def note_incomplete(folder: Path, generation: int, store_keys: StoreKeys) -> None:
    """Note in the file of salts where a copy brought fewer than there are people. Raises: StoreUnavailable."""
    try:
        with (
            closing(connect(data_file(folder, generation), store_keys.data)) as data,
            closing(connect(person_keys_file(folder, generation), store_keys.person)) as file,
        ):
            held = {row[0] for row in file.execute("SELECT pseudonym FROM person_salt")}
            if any(row[0] not in held for row in data.execute("SELECT pseudonym FROM profile")):
                file.execute(f"PRAGMA user_version = {_INCOMPLETE}")
    except driver.Error as failed:
        raise translated(failed) from failed
