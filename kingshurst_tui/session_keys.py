"""What the keys of a session are used for; the keys themselves are handed to few (tests/hygiene/test_one_door.py)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import Connection

import db.audit
from db import keys
from db.person_keys import PersonKeys
from db.vault import StoreKeys


@dataclass(kw_only=True)
class KeysInUse:
    """One person's own keys and the store's, from signing in to closing."""

    _pairs: keys.UserKeys = field(repr=False)
    _store_keys: StoreKeys = field(repr=False)
    _person_keys: PersonKeys = field(repr=False)

    def __post_init__(self) -> None:
        self._words_key = keys.derive(self._store_keys.lasting, "kingshurst/words/1")
        self.digest_key = keys.derive(self._store_keys.lasting, "kingshurst/row-keys/1")

    def sign(self, document: object) -> tuple[bytes, bytes]:
        """Return the canonical JSON of a document and this user's signature of it."""
        canonical = keys.canonical(document)
        return canonical, self._pairs.sign(canonical)

    def new_pseudonyms(self, count: int) -> list[str]:
        """Return pseudonyms for new profiles, each under a salt of its own."""
        return self._person_keys.new_pseudonyms(count)

    def destroy_salts(self, pseudonyms: Iterable[str]) -> None:
        """Destroy the salts of people who are being erased: their pseudonyms mean nothing from here on."""
        self._person_keys.destroy(pseudonyms)

    @property
    def sealing_public(self) -> bytes:
        """The public half that others seal to, of the pair that opened the store."""
        return self._pairs.sealing_public

    def unsealed(self, sealed: bytes, about: bytes) -> bytes:
        """Return what was sealed to this user's own pair. Raises: db.keys.SealBroken."""
        return keys.unseal(self._pairs, sealed, about)

    def key_with_person(self, pseudonym: str, secret: bytes, purpose: str) -> bytes:
        """Return a key that takes a secret and a person's salt; the salt is shown to nobody.

        Raises: db.keys.SealBroken (the salt was destroyed), StoreUnavailable.
        """
        return self._person_keys.mixed(pseudonym, secret, purpose)

    def typed_words(self, connection: Connection, seq: int) -> str | None:
        """Return what was typed for an audit entry; for rooms of oversight, inside an act on the trail."""
        return db.audit.typed_words(connection, seq, self._words_key)

    def seal_words(self, words: str, place: str) -> bytes:
        """Return words that somebody typed, sealed for the place in the store where they are kept."""
        return keys.close_box(self._words_key, words.encode(), place.encode())

    def open_words(self, sealed: bytes, place: str) -> str:
        """Return words sealed for that place; for rooms, inside an act on what they belong to."""
        return keys.open_box(self._words_key, sealed, place.encode()).decode()

    @property
    def signing_public(self) -> bytes:
        """The public half of the pair that this user signs with."""
        return self._pairs.signing_public

    def keys_for_upkeep(self) -> StoreKeys:
        """Return the store's keys to a room that keeps files (checking, copying); after ``act`` has let it in."""
        return self._store_keys

    def crash_key(self) -> bytes:
        """Return the key that reports of crashes are sealed under; it outlives a rotation."""
        return keys.derive(self._store_keys.lasting, "kingshurst/crash/1")

    def wipe_keys(self) -> None:
        """Overwrite what can be overwritten, and close the file of people's salts."""
        self._person_keys.close()
        self._store_keys.wipe()
