"""What stood on a panel's screen, sealed with the person's salt: whoever is erased takes it along."""

from __future__ import annotations

import os
from typing import NamedTuple

from sqlalchemy import Connection

from db import keys
from db.restricted_notes import Mix

_PURPOSE = "kingshurst/panel-seen/1"


class SeenRow(NamedTuple):
    """One picture as it lies."""

    id: int
    panel_case_id: int
    profile_id: int
    digest: str
    sealed: bytes
    pseudonym: str
    shown_by: str
    shown_at: str


_SEEN = f"SELECT {', '.join(SeenRow._fields)} FROM open_panel_seen"


def add(
    connection: Connection,
    *,
    panel_case_id: int,
    profile_id: int,
    digest: str,
    sealed: bytes,
    pseudonym: str,
    shown_by: str,
    shown_at: str,
) -> int:
    """Keep a picture and return its number."""
    return int(
        connection.exec_driver_sql(
            "INSERT INTO panel_seen (panel_case_id, profile_id, digest, sealed, pseudonym, shown_by, shown_at) "
            "VALUES (?,?,?,?,?,?,?)",
            (panel_case_id, profile_id, digest, sealed, pseudonym, shown_by, shown_at),
        ).lastrowid
    )


def of_case(connection: Connection, panel_case_id: int) -> list[SeenRow]:
    """Return the pictures of a case whose person's profile is open, the latest first."""
    rows = connection.exec_driver_sql(f"{_SEEN} WHERE panel_case_id = ? ORDER BY id DESC", (panel_case_id,))
    return [SeenRow(*row) for row in rows]


def sealed_for(pseudonym: str, plain: bytes, mix: Mix) -> bytes:
    """Return a picture sealed under a key of a person's salt and a secret that lies beside it.

    The secret hides nothing from whoever holds the store's key; the salt, destroyed, hides it from everybody.
    """
    secret = os.urandom(keys.KEY_BYTES)
    return secret + keys.close_box(mix(pseudonym, secret, _PURPOSE), plain, pseudonym.encode())


def opened(pseudonym: str, sealed: bytes, mix: Mix) -> bytes:
    """Return what ``sealed_for`` sealed. Raises: keys.SealBroken (the person was erased, or it was altered)."""
    key = mix(pseudonym, sealed[: keys.KEY_BYTES], _PURPOSE)
    return keys.open_box(key, sealed[keys.KEY_BYTES :], pseudonym.encode())
