"""Per-person salts: what a pseudonym is made from, in a file with a backup life of its own."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterable
from pathlib import Path

import sqlcipher3.dbapi2 as driver

from db import keys
from db.connecting import connect, translated

SALT_BYTES = 32
_TAG_BYTES = 5
#: Crockford's base 32: no I, L, O or U, so that a pseudonym read aloud is not misheard.
_CROCKFORD = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789ABCDEFGHJKMNPQRSTVWXYZ")


def person_keys_file(folder: Path, generation: int) -> Path:
    """Return where a generation's per-person keys lie."""
    return folder / f"person-keys.{generation}.db"


def pseudonym_of(salt: bytes) -> str:
    """Return the pseudonym that stands for the holder of ``salt``: ``KH-`` and eight letters and figures.

    It is an HMAC under the person's own salt, so it outlives a rotation of the store's keys and means nothing once
    the salt is destroyed.
    """
    tag = keys.mac(salt, b"kingshurst/subject/1")[:_TAG_BYTES]
    text = base64.b32encode(tag).translate(_CROCKFORD).decode()
    return f"KH-{text[:4]}-{text[4:8]}"


class PersonKeys:
    """The open file of per-person salts."""

    def __init__(self, folder: Path, generation: int, key: bytearray) -> None:
        self._connection = connect(person_keys_file(folder, generation), key)
        try:
            self._connection.execute(
                "CREATE TABLE IF NOT EXISTS person_salt (pseudonym TEXT PRIMARY KEY, salt BLOB NOT NULL) WITHOUT ROWID"
            )
        except driver.Error as failed:
            self._connection.close()
            raise translated(failed) from failed

    def new_pseudonyms(self, count: int) -> list[str]:
        """Make ``count`` new salts and return their pseudonyms, none of which was ever used in this store.

        A salt whose profile is never written is harmless. Raises: StoreUnavailable.
        """
        made: list[str] = []
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            while len(made) < count:
                salt = os.urandom(SALT_BYTES)
                pseudonym = pseudonym_of(salt)
                taken = self._connection.execute(
                    "INSERT OR IGNORE INTO person_salt VALUES (?, ?)", (pseudonym, salt)
                ).rowcount
                if taken:
                    made.append(pseudonym)
            self._connection.execute("COMMIT")
        except driver.Error as failed:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise translated(failed) from failed
        return made

    def destroy(self, pseudonyms: Iterable[str]) -> None:
        """Destroy the salts of these pseudonyms, in the file and in its log; those already gone are passed over.

        Raises: StoreUnavailable.
        """
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany(
                "DELETE FROM person_salt WHERE pseudonym = ?", [(pseudonym,) for pseudonym in pseudonyms]
            )
            self._connection.execute("COMMIT")
            # The log still holds the page as it was; freed cells are zeroed (secure_delete).
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        except driver.Error as failed:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise translated(failed) from failed

    def mixed(self, pseudonym: str, secret: bytes, purpose: str) -> bytes:
        """Return a key that takes both a secret and this person's salt; the salt itself is shown to nobody.

        What lies under it is gone from every copy once the salt is destroyed, whoever holds the secret.
        Raises: keys.SealBroken (there is no salt, or no longer), StoreUnavailable.
        """
        try:
            row = self._connection.execute("SELECT salt FROM person_salt WHERE pseudonym = ?", (pseudonym,)).fetchone()
        except driver.Error as failed:
            raise translated(failed) from failed
        if row is None:
            raise keys.SealBroken("the person's salt is gone")
        # The secret is of fixed length, so no other pair of salt and secret reads the same.
        return keys.derive(bytes(row[0]) + secret, purpose)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
