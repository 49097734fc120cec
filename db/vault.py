"""The vault's header: which store this is, whose passphrase opens it, and a MAC over all of it."""

from __future__ import annotations

import contextlib
import json
import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import portalocker

from db import keys
from db.errors import IntegrityFailure, StoreLocked, StoreUnavailable, WrongPassphrase, disk_refused
from db.second_factor import keyring_secret
from db.slots import (
    FACTORS,
    KEYRING,
    RECOVERY,
    Slot,
    StoreKeys,
    cost_of,
    factor_check,
    new_slot,
    seal_slot,
    unlock_slot,
    with_store_keys,
)
from db.turnstile import lock_file

__all__ = [
    "HEADER",
    "Header",
    "HeaderDraft",
    "Slot",
    "StoreKeys",
    "changing_header",
    "check_opens",
    "new_header",
    "new_slot",
    "open_recovery_slot",
    "open_slot",
    "read_header",
    "seal_slot",
    "write_header",
]

FORMAT = 2
"""What is written. Format 1, whose slots were users' alone and had no second factor, is read as well."""

HEADER = "vault.json"
HEADER_LOCK = "header.lock"
NOT_CHANGED = "Nothing was changed."

SecretOf = Callable[[str, str], bytes]
"""Returns what the keyring of this login holds for a user (vault, user). Raises: StoreLocked."""


@dataclass(frozen=True, slots=True)
class Header:
    """What vault.json says."""

    vault: str
    generation: int
    slots: tuple[Slot, ...]
    demonstration: bool = False
    mac: str = field(default="", repr=False)
    format: int = FORMAT

    def slot(self, user: str) -> Slot | None:
        """Return the user's slot, or None; the recovery slot is nobody's."""
        return next((slot for slot in self.slots if slot.user == user and slot.kind != RECOVERY), None)

    @property
    def recovery(self) -> Slot | None:
        """The slot that the printed key opens, or None."""
        return next((slot for slot in self.slots if slot.kind == RECOVERY), None)

    @property
    def users(self) -> tuple[Slot, ...]:
        """The slots of people."""
        return tuple(slot for slot in self.slots if slot.kind != RECOVERY)

    def with_slot(self, slot: Slot) -> Header:
        """Return the header with this slot added or replaced; there is one recovery slot at most."""
        others = tuple(
            each
            for each in self.slots
            if each.user != slot.user and not (each.kind == RECOVERY and slot.kind == RECOVERY)
        )
        return replace(self, slots=(*others, slot))

    def without_slot(self, user: str) -> Header:
        """Return the header without this user's slot."""
        return replace(self, slots=tuple(slot for slot in self.slots if slot.kind == RECOVERY or slot.user != user))

    def for_generation(self, generation: int, store_keys: StoreKeys) -> Header:
        """Return the header of another generation, its keys sealed to everybody who has a slot."""
        slots = tuple(with_store_keys(slot, self.vault, store_keys) for slot in self.slots)
        return replace(self, generation=generation, slots=slots)

    def document(self) -> dict[str, Any]:
        """Return what is written, in the header's own format."""
        return {
            "format": self.format,
            "vault": self.vault,
            "generation": self.generation,
            "slots": [slot.leaves(self.format) for slot in self.slots],
            "demonstration": self.demonstration,
            "mac": self.mac,
        }

    def _macked(self) -> bytes:
        document = self.document()
        del document["mac"]
        return keys.canonical(document)

    def signed(self, store_keys: StoreKeys) -> Header:
        """Return the header in the newest format with its MAC, keyed from the data key."""
        newest = replace(self, format=FORMAT)
        return replace(newest, mac=keys.mac(_mac_key(store_keys), newest._macked()).hex())

    def check(self, store_keys: StoreKeys) -> None:
        """Compare the MAC. Raises: IntegrityFailure where any leaf of the header was altered."""
        try:
            expected, given = keys.mac(_mac_key(store_keys), self._macked()), bytes.fromhex(self.mac)
        except ValueError:  # no hex, or text that has no canonical form
            raise _altered() from None
        if not keys.macs_equal(expected, given):
            raise _altered()


def _altered() -> IntegrityFailure:
    return IntegrityFailure(
        "The store's header is not what was written.",
        f"Somebody altered {HEADER} outside the program. {NOT_CHANGED}",
        "Keep the folder as it is, and go back to the latest copy of it that verifies.",
    )


def _mac_key(store_keys: StoreKeys) -> bytes:
    return keys.derive(store_keys.data, "kingshurst/header/1")


def open_slot(
    header: Header, user: str, passphrase: str, *, secret_of: SecretOf = keyring_secret
) -> tuple[Slot, keys.UserKeys, StoreKeys]:
    """Open one user's slot and check the header with what it held.

    Args:
        secret_of: asked only where the slot needs a keyring's secret beside the passphrase.

    Raises:
        WrongPassphrase: no such user, or not their passphrase; the two read alike.
        StoreLocked: the user is suspended, or the keyring does not give what the slot needs.
        IntegrityFailure: the header was altered.
    """
    slot = header.slot(user)
    wrong = WrongPassphrase(
        "That name and passphrase do not open this store.",
        NOT_CHANGED,
        "Check the name, the keyboard's language and Caps Lock, then try again.",
    )
    if slot is None:
        with contextlib.suppress(keys.SealBroken):
            keys.stretch(passphrase, b"\0" * keys.SALT_BYTES, keys.FLOOR)  # as slow as a real slot
        raise wrong
    pairs, store_keys = _unlocked(header, slot, passphrase, wrong, secret_of)
    if slot.status != "active":
        raise StoreLocked(
            "This user may not open the store.",
            f"The user is {slot.status}. {NOT_CHANGED}",
            "An administrator can say why and make it active again.",
        )
    return slot, pairs, store_keys


def open_recovery_slot(header: Header, secret: str) -> tuple[Slot, keys.UserKeys, StoreKeys]:
    """Open the recovery slot with the printed key (db/recovery_key.py reads what was typed).

    Raises: WrongPassphrase, StoreLocked (there is none), IntegrityFailure.
    """
    slot = header.recovery
    if slot is None:
        raise StoreLocked(
            "This store has no recovery key.",
            NOT_CHANGED,
            "An administrator who can still sign in makes one: kingshurst user recovery STORE",
        )
    wrong = WrongPassphrase(
        "That is not this store's recovery key.",
        NOT_CHANGED,
        "A newer one may have been made since; only the newest opens.",
    )
    return slot, *_unlocked(header, slot, secret, wrong, keyring_secret)


def check_opens(header: Header, user: str, pairs: keys.UserKeys, store_keys: StoreKeys) -> None:
    """Compare what a user's slot holds with the store's keys. Raises: IntegrityFailure."""
    slot = header.slot(user)
    try:
        held = (
            keys.Key()
            if slot is None
            else keys.unseal_keys(pairs, bytes.fromhex(slot.sealed_store_keys), slot.about(header.vault))
        )
    except (keys.SealBroken, ValueError):
        held = keys.Key()
    packed = store_keys.packed()
    same = keys.macs_equal(held, packed)
    keys.wipe(held)
    keys.wipe(packed)
    if not same:
        raise _altered()
    header.check(store_keys)


def _unlocked(
    header: Header, slot: Slot, passphrase: str, wrong: WrongPassphrase, secret_of: SecretOf
) -> tuple[keys.UserKeys, StoreKeys]:
    if not keys.allowed(cost_of(slot)) or slot.factor not in FACTORS:
        raise _altered()
    secret = secret_of(header.vault, slot.user) if slot.factor == KEYRING else b""
    try:
        if slot.factor == KEYRING and factor_check(secret, header.vault, slot.user) != slot.factor_check:
            raise _another_keyring()
        pairs, store_keys = unlock_slot(slot, header.vault, passphrase, secret)
    except (keys.SealBroken, ValueError) as broken:
        raise wrong from broken
    header.check(store_keys)
    return pairs, store_keys


def _another_keyring() -> StoreLocked:
    return StoreLocked(
        "The keyring of this login holds another secret than the one this user was bound to.",
        f"The passphrase was not tried. {NOT_CHANGED}",
        "Sign in where the keyring is the one of before, or let an administrator use the printed recovery key: "
        "kingshurst recover STORE --user NAME",
    )


def new_header(demonstration: bool) -> Header:
    """Return the header of a new vault, without slots."""
    return Header(vault=str(uuid.uuid4()), generation=1, slots=(), demonstration=demonstration)


def read_header(folder: Path) -> Header:
    """Return the header of the vault in ``folder``. Raises: StoreUnavailable, IntegrityFailure."""
    try:
        text = (folder / HEADER).read_bytes()
    except FileNotFoundError as missing:
        raise StoreUnavailable(
            "There is no store here.",
            f"{folder} holds no {HEADER}. {NOT_CHANGED}",
            "Check the path, or make a store with: kingshurst init STORE --user NAME --agency CODE",
        ) from missing
    except OSError as unreadable:
        raise StoreUnavailable(
            "The store cannot be read.", f"{unreadable.strerror}. {NOT_CHANGED}", "Check who owns the folder."
        ) from unreadable
    try:
        document: dict[str, Any] = json.loads(text)
        written = document.pop("format")
        if type(written) is not int or written > FORMAT:
            raise StoreUnavailable(
                "This store was made by a newer version of Kingshurst.",
                NOT_CHANGED,
                "Install the newer version on this machine.",
            )
        slots = tuple(Slot(**slot) for slot in document.pop("slots"))
        header = Header(slots=slots, format=written, **document)
        if written < 1 or not (_well_typed(header) and all(map(_well_typed, slots))):
            raise ValueError("a leaf of another type")
        return header
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as broken:
        raise IntegrityFailure(
            "The store's header cannot be understood.",
            f"{HEADER} is damaged. {NOT_CHANGED}",
            "Keep the folder as it is, and go back to the latest copy of it that verifies.",
        ) from broken


_TYPES = {"str": str, "int": int, "bool": bool}
_LARGEST = 2**53 - 1
"""The largest number canonical JSON writes."""


def _well_typed(part: Header | Slot) -> bool:
    for each in fields(part):
        wanted, found = _TYPES.get(str(each.type)), getattr(part, each.name)
        if wanted is not None and type(found) is not wanted:
            return False
        if type(found) is int and abs(found) > _LARGEST:
            return False
    return True


class HeaderDraft:
    """A header being changed; nobody else changes it meanwhile.

    Attributes:
        header: what stands, or what was written last.
    """

    def __init__(self, folder: Path, store_keys: StoreKeys) -> None:
        self._folder, self._store_keys = folder, store_keys
        self.before = self.header = read_header(folder)
        self.before.check(store_keys)  # a new MAC must never be put over what somebody altered
        self.written = False

    def write(self, header: Header) -> None:
        """Write another header under a new MAC. Raises: StoreUnavailable."""
        self.replace(header.signed(self._store_keys))

    def replace(self, header: Header) -> None:
        """Write the header of another generation, signed under its own keys. Raises: StoreUnavailable."""
        self.header = header
        self.written = True
        write_header(self._folder, header)


@contextmanager
def changing_header(folder: Path, store_keys: StoreKeys) -> Iterator[HeaderDraft]:
    """Hold the right to change the header; where the block raises, what it wrote is put back.

    Raises: IntegrityFailure (it was altered), StoreUnavailable, and what the block raises.
    """
    with lock_file(folder / HEADER_LOCK) as file:
        portalocker.lock(file, portalocker.LockFlags.EXCLUSIVE)
        try:
            draft = HeaderDraft(folder, store_keys)
            try:
                yield draft
            except BaseException:
                if draft.written:
                    with contextlib.suppress(StoreUnavailable):  # why the block failed is what matters
                        write_header(folder, draft.before)
                raise
        finally:
            portalocker.unlock(file)


def write_header(folder: Path, header: Header) -> None:
    """Write the header so that a reader sees the old one or the new one, never neither. Raises: StoreUnavailable."""
    temporary = folder / f".{HEADER}.{os.getpid()}"
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            json.dump(header.document(), out, indent=1)
            out.flush()
            os.fsync(out.fileno())
        os.replace(temporary, folder / HEADER)
        sync_folder(folder)
    except OSError as failed:
        temporary.unlink(missing_ok=True)
        raise disk_refused(failed) from failed


def sync_folder(folder: Path) -> None:
    """Make a rename in ``folder`` last through a power cut, where the system can. Raises: StoreUnavailable."""
    if os.name != "posix":
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as failed:
        raise disk_refused(failed) from failed
