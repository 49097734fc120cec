"""Restricted notes: sealed under a key that takes the compartment's private half and the person's own salt together."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy import Connection

from db import keys
from db.compartments import Epoch, Holding

Mix = Callable[[str, bytes, str], bytes]
"""Makes a key of a person's salt and a secret, for a purpose (db/person_keys.py); the session's."""

_PURPOSE = "kingshurst/restricted-note/1"
_SEALED_SECRET = keys.KEY_BYTES + keys.NONCE_BYTES + keys.KEY_BYTES + 16
"""Bytes of a secret sealed to a compartment: the passing public half, the nonce, the secret and its tag."""


class NoteRow(NamedTuple):
    """One note as it lies."""

    id: int
    profile_id: int
    compartment: str
    epoch: int
    sealed: bytes
    written_by: str
    written_at: str
    status: str
    superseded_by: int | None
    pseudonym: str


_NOTE = f"SELECT {', '.join(NoteRow._fields)} FROM open_note"


def of_profile(connection: Connection, profile_id: int) -> list[NoteRow]:
    """Return the notes about an open profile as they lie, the latest first."""
    rows = connection.exec_driver_sql(f"{_NOTE} WHERE profile_id = ? ORDER BY id DESC", (profile_id,))
    return [NoteRow(*row) for row in rows]


def by_id(connection: Connection, number: int) -> NoteRow | None:
    """Return one note about an open profile, or None."""
    row = connection.exec_driver_sql(f"{_NOTE} WHERE id = ?", (number,)).fetchone()
    return NoteRow(*row) if row else None


def add(
    connection: Connection,
    *,
    profile_id: int,
    epoch: Epoch,
    sealed: bytes,
    written_by: str,
    written_at: str,
    pseudonym: str,
) -> int:
    """Keep a note and return its number."""
    return int(
        connection.exec_driver_sql(
            "INSERT INTO restricted_note (profile_id, compartment, epoch, sealed, written_by, written_at, pseudonym) "
            "VALUES (?,?,?,?,?,?,?)",
            (profile_id, epoch.name, epoch.epoch, sealed, written_by, written_at, pseudonym),
        ).lastrowid
    )


def supersede(connection: Connection, number: int, by: int) -> None:
    """Mark a note as replaced by a later one; it stays as it was written."""
    connection.exec_driver_sql(
        "UPDATE restricted_note SET status = 'superseded', superseded_by = ? WHERE id = ?", (by, number)
    )


def sealed_for(epoch: Epoch, pseudonym: str, plain: bytes, about: bytes, mix: Mix) -> bytes:
    """Return a text sealed to a compartment and to a person: to open it takes both. Raises: keys.SealBroken."""
    secret = os.urandom(keys.KEY_BYTES)
    box = keys.close_box(mix(pseudonym, secret, _PURPOSE), plain, about)
    return keys.seal_to(epoch.sealing_public, secret, about) + box


def opened(holding: Holding, name: str, epoch: int, pseudonym: str, sealed: bytes, about: bytes, mix: Mix) -> bytes:
    """Return what ``sealed_for`` sealed.

    Raises: keys.SealBroken (the compartment is not held, the person was erased, or it was altered).
    """
    secret = holding.open(name, epoch, sealed[:_SEALED_SECRET], about)
    return keys.open_box(mix(pseudonym, secret, _PURPOSE), sealed[_SEALED_SECRET:], about)
