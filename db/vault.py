"""The vault's header: which store this is, whose passphrase opens it, and a MAC over all of it."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from db import keys
from db.errors import IntegrityFailure, StoreLocked, StoreUnavailable, WrongPassphrase, disk_refused

FORMAT = 1
HEADER = "vault.json"
NOT_CHANGED = "Nothing was changed."


@dataclass(frozen=True, slots=True)
class Slot:
    """One user's way in. The passphrase opens the key pairs; the key pairs unseal the store's keys."""

    user: str
    role: str
    agency: str
    status: str
    salt: str
    time: int
    memory_kib: int
    parallelism: int
    signing_public: str
    sealing_public: str
    sealed_pairs: str
    sealed_store_keys: str

    def about(self, vault: str) -> bytes:
        """Return what the slot's seal is bound to: every field that must not be altered."""
        return keys.canonical(
            {
                "vault": vault,
                "user": self.user,
                "role": self.role,
                "agency": self.agency,
                "salt": self.salt,
                "kdf": [self.time, self.memory_kib, self.parallelism],
                "public": [self.signing_public, self.sealing_public],
            }
        )


@dataclass(frozen=True, slots=True)
class StoreKeys:
    """The keys of one generation.

    Attributes:
        data: opens the database.
        person: opens the per-person keys.
        lasting: outlives a rotation; row digests, typed words and commitments derive from it. It opens no file.
    """

    data: bytearray = field(repr=False)
    person: bytearray = field(repr=False)
    lasting: bytearray = field(repr=False)

    @classmethod
    def generate(cls) -> StoreKeys:
        """Return new random keys."""
        return cls(keys.random_key(), keys.random_key(), keys.random_key())

    def commitment_key(self) -> bytes:
        """Return the key of the hashes that rows count for (db/commitments.py)."""
        return keys.derive(self.lasting, "kingshurst/commitments/1")

    def rotated(self) -> StoreKeys:
        """Return the keys of the next generation: new ones, and the one that lasts."""
        return StoreKeys(keys.random_key(), keys.random_key(), bytearray(self.lasting))

    def packed(self) -> bytes:
        """Return the keys, 96 bytes, to be sealed."""
        return bytes(self.data + self.person + self.lasting)

    @classmethod
    def unpacked(cls, packed: bytes) -> StoreKeys:
        """Return the keys ``packed`` holds; where it holds two (format 1), the data key is the one that lasts."""
        data, person, lasting = (packed[at : at + keys.KEY_BYTES] for at in (0, keys.KEY_BYTES, 2 * keys.KEY_BYTES))
        return cls(bytearray(data), bytearray(person), bytearray(lasting or data))

    def wipe(self) -> None:
        """Overwrite every key."""
        for key in (self.data, self.person, self.lasting):
            keys.wipe(key)


@dataclass(frozen=True, slots=True)
class Header:
    """What vault.json says."""

    vault: str
    generation: int
    slots: tuple[Slot, ...]
    demonstration: bool = False
    mac: str = field(default="", repr=False)

    def slot(self, user: str) -> Slot | None:
        """Return the user's slot, or None."""
        return next((slot for slot in self.slots if slot.user == user), None)

    def with_slot(self, slot: Slot) -> Header:
        """Return the header with this slot added or replaced."""
        others = tuple(each for each in self.slots if each.user != slot.user)
        return replace(self, slots=(*others, slot))

    def _macked(self) -> bytes:
        document = asdict(self)
        del document["mac"]
        return keys.canonical({"format": FORMAT, **document})

    def signed(self, store_keys: StoreKeys) -> Header:
        """Return the header with its MAC, keyed from the data key."""
        return replace(self, mac=keys.mac(_mac_key(store_keys), self._macked()).hex())

    def check(self, store_keys: StoreKeys) -> None:
        """Compare the MAC. Raises: IntegrityFailure where any leaf of the header was altered."""
        expected = keys.mac(_mac_key(store_keys), self._macked())
        if not keys.macs_equal(expected, bytes.fromhex(self.mac)):
            raise _altered()


def _altered() -> IntegrityFailure:
    return IntegrityFailure(
        "The store's header is not what was written.",
        f"Somebody altered {HEADER} outside the program. {NOT_CHANGED}",
        "Keep the folder as it is, and go back to the latest copy of it that verifies.",
    )


def _mac_key(store_keys: StoreKeys) -> bytes:
    return keys.derive(store_keys.data, "kingshurst/header/1")


def new_slot(
    vault: str, user: str, role: str, agency: str, passphrase: str, store_keys: StoreKeys
) -> tuple[Slot, keys.UserKeys]:
    """Return a slot for a new user and the key pairs it seals."""
    pairs = keys.UserKeys.generate()
    return seal_slot(vault, user, role, agency, passphrase, pairs, store_keys), pairs


def seal_slot(
    vault: str,
    user: str,
    role: str,
    agency: str,
    passphrase: str,
    pairs: keys.UserKeys,
    store_keys: StoreKeys,
) -> Slot:
    """Return the slot that this passphrase opens to these key pairs and store keys."""
    cost = keys.FLOOR
    salt = os.urandom(keys.SALT_BYTES)
    slot = Slot(
        user=user,
        role=role,
        agency=agency,
        status="active",
        salt=salt.hex(),
        time=cost.time,
        memory_kib=cost.memory_kib,
        parallelism=cost.parallelism,
        signing_public=pairs.signing_public.hex(),
        sealing_public=pairs.sealing_public.hex(),
        sealed_pairs="",
        sealed_store_keys="",
    )
    about = slot.about(vault)
    sealed_pairs = keys.close_box(keys.stretch(passphrase, salt, cost), pairs.secret(), about)
    sealed_keys = keys.seal_to(pairs.sealing_public, store_keys.packed(), about)
    return replace(slot, sealed_pairs=sealed_pairs.hex(), sealed_store_keys=sealed_keys.hex())


def open_slot(header: Header, user: str, passphrase: str) -> tuple[Slot, keys.UserKeys, StoreKeys]:
    """Open one user's slot and check the header with what it held.

    Raises:
        WrongPassphrase: no such user, or not their passphrase; the two read alike.
        StoreLocked: the user is suspended.
        IntegrityFailure: the header was altered.
    """
    slot = header.slot(user)
    wrong = WrongPassphrase(
        "That name and passphrase do not open this store.",
        NOT_CHANGED,
        "Check the name, the keyboard's language and Caps Lock, then try again.",
    )
    if slot is None:
        keys.stretch(passphrase, b"\0" * keys.SALT_BYTES, keys.FLOOR)  # as slow as a real slot
        raise wrong
    cost = keys.KdfCost(slot.time, slot.memory_kib, slot.parallelism)
    if not keys.allowed(cost):
        raise _altered()
    try:
        about = slot.about(header.vault)
        stretched = keys.stretch(passphrase, bytes.fromhex(slot.salt), cost)
        pairs = keys.UserKeys.from_secret(keys.open_box(stretched, bytes.fromhex(slot.sealed_pairs), about))
        store_keys = StoreKeys.unpacked(keys.unseal(pairs, bytes.fromhex(slot.sealed_store_keys), about))
    except (keys.SealBroken, ValueError) as broken:
        raise wrong from broken
    header.check(store_keys)
    if slot.status != "active":
        raise StoreLocked(
            "This user may not open the store.",
            f"The user is {slot.status}. {NOT_CHANGED}",
            "An administrator can say why and make it active again.",
        )
    return slot, pairs, store_keys


def new_header(demonstration: bool) -> Header:
    """Return the header of a new vault, without slots."""
    return Header(vault=str(uuid.uuid4()), generation=1, slots=(), demonstration=demonstration)


def read_header(folder: Path) -> Header:
    """Return the header of the vault in ``folder``. Raises: StoreUnavailable, IntegrityFailure."""
    try:
        text = (folder / HEADER).read_text(encoding="utf-8")
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
        if document.pop("format") != FORMAT:
            raise StoreUnavailable(
                "This store was made by a newer version of Kingshurst.",
                NOT_CHANGED,
                "Install the newer version on this machine.",
            )
        slots = tuple(Slot(**slot) for slot in document.pop("slots"))
        return Header(slots=slots, **document)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as broken:
        raise IntegrityFailure(
            "The store's header cannot be understood.",
            f"{HEADER} is damaged. {NOT_CHANGED}",
            "Keep the folder as it is, and go back to the latest copy of it that verifies.",
        ) from broken


def write_header(folder: Path, header: Header) -> None:
    """Write the header so that a reader sees the old one or the new one, never neither. Raises: StoreUnavailable."""
    document = {"format": FORMAT, **asdict(header)}
    temporary = folder / f".{HEADER}.{os.getpid()}"
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            json.dump(document, out, indent=1)
            out.flush()
            os.fsync(out.fileno())
        os.replace(temporary, folder / HEADER)
        sync_folder(folder)
    except OSError as failed:
        temporary.unlink(missing_ok=True)
        raise disk_refused(failed) from failed


def sync_folder(folder: Path) -> None:
    """Make a rename in ``folder`` last through a power cut, where the system can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def users(header: Header) -> Iterator[str]:
    """Yield the names of all users with a slot."""
    return (slot.user for slot in header.slots)
