"""Slots of the vault's header: whose passphrase opens which key pairs, and these the store's keys."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from db import keys

USER, RECOVERY = "user", "recovery"
"""Kinds of slot: a person's, and the printed key's."""

KEYRING = "keyring"
"""A factor besides the passphrase: a secret in the keyring of the system's login."""

FACTORS = frozenset({"", KEYRING})
_LATER_LEAVES = ("kind", "factor", "factor_check")
"""Leaves that format 1 did not have. A slot where they are as in format 1 is bound as it was there: nobody but its
owner could bind it anew."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One way in. The passphrase opens the key pairs; the key pairs unseal the store's keys.

    Attributes:
        kind: ``user`` or ``recovery``.
        factor: what the passphrase needs beside it: nothing, or ``keyring``.
        factor_check: tells a changed keyring from a wrong passphrase; says nothing about the secret (256 random bits).
    """

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
    kind: str = USER
    factor: str = ""
    factor_check: str = ""

    def about(self, vault: str) -> bytes:
        """Return what the slot's seals are bound to: every field that must not be altered."""
        bound: dict[str, Any] = {
            "vault": vault,
            "user": self.user,
            "role": self.role,
            "agency": self.agency,
            "salt": self.salt,
            "kdf": [self.time, self.memory_kib, self.parallelism],
            "public": [self.signing_public, self.sealing_public],
        }
        later = self.later_leaves()
        return keys.canonical(bound | later if later != _AS_IN_FORMAT_1 else bound)

    def later_leaves(self) -> dict[str, str]:
        """Return the leaves that format 1 did not have."""
        return {name: getattr(self, name) for name in _LATER_LEAVES}

    def leaves(self, header_format: int) -> dict[str, Any]:
        """Return the slot as a header of that format writes it."""
        written = asdict(self)
        if header_format == 1:
            for name in _LATER_LEAVES:
                del written[name]
        return written


_AS_IN_FORMAT_1 = {"kind": USER, "factor": "", "factor_check": ""}


@dataclass(frozen=True, slots=True)
class StoreKeys:
    """The keys of one generation.

    Attributes:
        data: opens the database.
        person: opens the per-person keys.
        lasting: outlives a rotation; row digests, typed words and commitments derive from it. It opens no file.
    """

    data: keys.Key = field(repr=False)
    person: keys.Key = field(repr=False)
    lasting: keys.Key = field(repr=False)

    @classmethod
    def generate(cls) -> StoreKeys:
        """Return new random keys."""
        return cls(keys.random_key(), keys.random_key(), keys.random_key())

    def commitment_key(self) -> bytes:
        """Return the key of the hashes that rows count for (db/commitments.py)."""
        return keys.derive(self.lasting, "kingshurst/commitments/1")

    def rotated(self) -> StoreKeys:
        """Return the keys of the next generation: new ones, and the one that lasts."""
        return StoreKeys(keys.random_key(), keys.random_key(), keys.Key(self.lasting))

    def another(self) -> StoreKeys:
        """Return the same keys for a second holder, who wipes them too."""
        return StoreKeys(keys.Key(self.data), keys.Key(self.person), keys.Key(self.lasting))

    def packed(self) -> keys.Key:
        """Return the keys, 96 bytes, to be sealed and then wiped."""
        packed = keys.Key(3 * keys.KEY_BYTES)
        for at, key in enumerate((self.data, self.person, self.lasting)):
            packed[at * keys.KEY_BYTES : (at + 1) * keys.KEY_BYTES] = key
        return packed

    @classmethod
    def unpacked(cls, packed: keys.Key) -> StoreKeys:
        """Return the keys ``packed`` holds; where it holds two (format 1), the data key is the one that lasts."""
        with memoryview(packed) as view:
            data, person, lasting = (view[at : at + keys.KEY_BYTES] for at in range(0, 96, keys.KEY_BYTES))
            return cls(keys.Key(data), keys.Key(person), keys.Key(lasting or data))

    def wipe(self) -> None:
        """Overwrite every key."""
        for key in (self.data, self.person, self.lasting):
            keys.wipe(key)


def factor_check(secret: bytes, vault: str, user: str) -> str:
    """Return what a slot keeps of a keyring's secret to know it again."""
    return keys.mac(secret, keys.canonical(["kingshurst/factor/1", vault, user]))[: keys.SALT_BYTES].hex()


def new_slot(
    vault: str, user: str, role: str, agency: str, passphrase: str, store_keys: StoreKeys, *, kind: str = USER
) -> tuple[Slot, keys.UserKeys]:
    """Return a slot with new key pairs, and the pairs it seals."""
    pairs = keys.UserKeys.generate()
    return seal_slot(vault, user, role, agency, passphrase, pairs, store_keys, kind=kind), pairs


def seal_slot(
    vault: str,
    user: str,
    role: str,
    agency: str,
    passphrase: str,
    pairs: keys.UserKeys,
    store_keys: StoreKeys,
    *,
    kind: str = USER,
    secret: bytes = b"",
) -> Slot:
    """Return the slot that this passphrase opens to these key pairs and store keys.

    Args:
        secret: what the keyring holds, where the slot needs it beside the passphrase.
    """
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
        kind=kind,
        factor=KEYRING if secret else "",
        factor_check=factor_check(secret, vault, user) if secret else "",
    )
    about = slot.about(vault)
    sealed_pairs = keys.close_box(_opening_key(slot, passphrase, secret), pairs.secret(), about)
    return with_store_keys(replace(slot, sealed_pairs=sealed_pairs.hex()), vault, store_keys)


def with_store_keys(slot: Slot, vault: str, store_keys: StoreKeys) -> Slot:
    """Return the slot with other store keys sealed to its holder; nobody's passphrase is needed for it."""
    packed = store_keys.packed()
    sealed = keys.seal_to(bytes.fromhex(slot.sealing_public), packed, slot.about(vault))
    keys.wipe(packed)
    return replace(slot, sealed_store_keys=sealed.hex())


def unlock_slot(slot: Slot, vault: str, passphrase: str, secret: bytes = b"") -> tuple[keys.UserKeys, StoreKeys]:
    """Return what a slot opens to. Raises: keys.SealBroken, ValueError (text that is no hex)."""
    about = slot.about(vault)
    opening = _opening_key(slot, passphrase, secret)
    pairs = keys.UserKeys.from_secret(keys.open_box(opening, bytes.fromhex(slot.sealed_pairs), about))
    packed = keys.unseal_keys(pairs, bytes.fromhex(slot.sealed_store_keys), about)
    store_keys = StoreKeys.unpacked(packed)
    keys.wipe(packed)
    return pairs, store_keys


def cost_of(slot: Slot) -> keys.KdfCost:
    """Return what one guess at the slot's passphrase costs."""
    return keys.KdfCost(slot.time, slot.memory_kib, slot.parallelism)


def _opening_key(slot: Slot, passphrase: str, secret: bytes) -> bytes:
    stretched = keys.stretch(passphrase, bytes.fromhex(slot.salt), cost_of(slot))
    if slot.factor == "":
        return stretched
    # Both halves are of fixed length, so no other pair of them reads the same.
    return keys.derive(stretched + secret, "kingshurst/two-factor/1")
