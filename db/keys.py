"""Which key opens what: passphrase slots, users' own key pairs, the store's keys, seals and signatures."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from dataclasses import dataclass, field
from typing import NoReturn

import rfc8785
from argon2.exceptions import HashingError
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
NONCE_BYTES = 12
SALT_BYTES = 16
TAG_BYTES = 16
#: What the cipher wants beyond the length of what it opens: a block less one byte.
_ROOM = 15


@dataclass(frozen=True, slots=True)
class KdfCost:
    """What one guess at a passphrase costs: Argon2id, RFC 9106's second recommended option."""

    time: int = 3
    memory_kib: int = 64 * 1024
    parallelism: int = 4


FLOOR = KdfCost()
"""A slot below this cost is refused: a weakened header must not weaken the store."""


DEAREST = KdfCost(time=16, memory_kib=4 * 1024 * 1024, parallelism=16)
"""A slot above this cost is refused too: an altered header must not hang the terminal."""


class SealBroken(Exception):
    """What was sealed does not open: wrong key, or it was altered."""


_SHOWN = "<key>"


class Key(bytearray):
    """A key that its holder wipes. It is not shown, in a traceback with its locals neither, nor pickled, nor copied."""

    __slots__ = ()

    def __repr__(self) -> str:
        return _SHOWN

    def __str__(self) -> str:
        return _SHOWN

    def __format__(self, spec: str) -> str:
        return _SHOWN

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise _not_handed_on()


class DerivedKey(bytes):
    """A key for one purpose, as long-lived as what it opens: neither shown nor pickled nor copied."""

    __slots__ = ()

    def __repr__(self) -> str:
        return _SHOWN

    def __str__(self) -> str:
        return _SHOWN

    def __format__(self, spec: str) -> str:
        return _SHOWN

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise _not_handed_on()


def _not_handed_on() -> TypeError:
    return TypeError("a key is neither pickled nor copied")


def random_key() -> Key:
    """Return 256 random bits that the holder can wipe; what the system gave, which cannot be wiped, is not they."""
    return Key(one ^ other for one, other in zip(os.urandom(KEY_BYTES), os.urandom(KEY_BYTES), strict=True))


def wipe(key: bytearray) -> None:
    """Overwrite a key. Python may hold copies elsewhere; SECURITY.md says so."""
    for index in range(len(key)):
        key[index] = 0


def derive(key: bytes | bytearray, purpose: str) -> DerivedKey:
    """Return the key for one purpose derived from another (HKDF-SHA256)."""
    return DerivedKey(HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=purpose.encode()).derive(key))


def allowed(cost: KdfCost) -> bool:
    """Say whether a guess costs enough, and not so much that opening would never end."""
    numbers = (cost.time, cost.memory_kib, cost.parallelism)
    return (
        all(type(number) is int for number in numbers)
        and FLOOR.time <= cost.time <= DEAREST.time
        and FLOOR.memory_kib <= cost.memory_kib <= DEAREST.memory_kib
        and 1 <= cost.parallelism <= DEAREST.parallelism
    )


def stretch(passphrase: str, salt: bytes, cost: KdfCost) -> bytes:
    """Return the key a passphrase stands for. Takes about 0.14 s at the floor cost."""
    if not allowed(cost):
        raise SealBroken("the slot's key derivation costs less or more than is allowed")
    try:
        return hash_secret_raw(
            passphrase.encode(), salt, cost.time, cost.memory_kib, cost.parallelism, KEY_BYTES, Type.ID
        )
    except (HashingError, UnicodeEncodeError) as broken:  # a salt cut short; a passphrase that is no text
        raise SealBroken("the slot's key cannot be derived") from broken


def close_box(key: bytes, plain: bytes | bytearray, about: bytes) -> bytes:
    """Return nonce and ciphertext of ``plain`` under ``key`` (AES-256-GCM), bound to ``about``."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, about)


def open_box(key: bytes, box: bytes, about: bytes) -> bytes:
    """Return what ``close_box`` closed. Raises: SealBroken."""
    try:
        return AESGCM(key).decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], about)
    except (InvalidTag, ValueError) as broken:  # altered, or cut shorter than a nonce
        raise SealBroken("the seal does not open") from broken


def open_box_of_keys(key: bytes, box: bytes, about: bytes) -> Key:
    """Return what ``close_box`` closed where the holder can wipe it. Raises: SealBroken."""
    nonce, sealed, tag = box[:NONCE_BYTES], box[NONCE_BYTES:-TAG_BYTES], box[-TAG_BYTES:]
    if len(box) < NONCE_BYTES + TAG_BYTES:
        raise SealBroken("the seal does not open")
    opened = Key(len(sealed) + _ROOM)
    decryptor = Cipher(algorithms.AES(key), modes.GCM(nonce, tag)).decryptor()
    decryptor.authenticate_additional_data(about)
    try:
        decryptor.update_into(sealed, opened)
        decryptor.finalize()
    except InvalidTag as broken:
        wipe(opened)
        raise SealBroken("the seal does not open") from broken
    del opened[len(sealed) :]
    return opened


@dataclass(frozen=True)
class UserKeys:
    """One user's own key pairs: Ed25519 to sign, X25519 to be sealed to."""

    signing: Ed25519PrivateKey = field(repr=False)
    sealing: X25519PrivateKey = field(repr=False)

    @classmethod
    def generate(cls) -> UserKeys:
        """Return new key pairs."""
        return cls(Ed25519PrivateKey.generate(), X25519PrivateKey.generate())

    @classmethod
    def from_secret(cls, secret: bytes) -> UserKeys:
        """Return the key pairs ``secret`` holds."""
        return cls(
            Ed25519PrivateKey.from_private_bytes(secret[:KEY_BYTES]),
            X25519PrivateKey.from_private_bytes(secret[KEY_BYTES:]),
        )

    def secret(self) -> bytes:
        """Return both private keys, 64 bytes."""
        return self.signing.private_bytes_raw() + self.sealing.private_bytes_raw()

    @property
    def signing_public(self) -> bytes:
        """The public half that verifies this user's signatures, 32 bytes."""
        return self.signing.public_key().public_bytes_raw()

    @property
    def sealing_public(self) -> bytes:
        """The public half that others seal to, 32 bytes."""
        return self.sealing.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte Ed25519 signature of ``message``."""
        return self.signing.sign(message)


def signature_holds(public: bytes, signature: bytes, message: bytes) -> bool:
    """Say whether ``signature`` is that of ``message`` by the holder of ``public``."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def seal_to(public: bytes, plain: bytes | bytearray, about: bytes) -> bytes:
    """Return ``plain`` sealed so that only the holder of the X25519 key opens it."""
    passing = X25519PrivateKey.generate()
    passing_public = passing.public_key().public_bytes_raw()
    shared = passing.exchange(X25519PublicKey.from_public_bytes(public))
    key = derive(shared, "kingshurst/seal/1/" + (passing_public + public).hex())
    return passing_public + close_box(key, plain, about)


def unseal(keys: UserKeys, sealed: bytes, about: bytes) -> bytes:
    """Return what ``seal_to`` sealed. Raises: SealBroken."""
    return open_box(_unsealing_key(keys, sealed), sealed[KEY_BYTES:], about)


def unseal_keys(keys: UserKeys, sealed: bytes, about: bytes) -> Key:
    """Return what ``seal_to`` sealed where the holder can wipe it. Raises: SealBroken."""
    return open_box_of_keys(_unsealing_key(keys, sealed), sealed[KEY_BYTES:], about)


def _unsealing_key(keys: UserKeys, sealed: bytes) -> bytes:
    passing_public = sealed[:KEY_BYTES]
    try:
        shared = keys.sealing.exchange(X25519PublicKey.from_public_bytes(passing_public))
    except ValueError as broken:
        raise SealBroken("the seal does not open") from broken
    return derive(shared, "kingshurst/seal/1/" + (passing_public + keys.sealing_public).hex())


def mac(key: bytes, message: bytes) -> bytes:
    """Return the HMAC-SHA256 of ``message``."""
    return hmac.new(key, message, hashlib.sha256).digest()


def macs_equal(left: bytes | bytearray, right: bytes | bytearray) -> bool:
    """Compare two MACs in constant time."""
    return hmac.compare_digest(left, right)


def canonical(document: object) -> bytes:
    """Return the RFC 8785 canonical JSON of ``document``: the bytes that are signed and hashed."""
    # Without fractions, large numbers and letters beyond ASCII, what the C encoder writes is canonical.
    if _is_plain(document) and (text := _PLAIN.encode(document)).isascii():
        return text.encode()
    return rfc8785.dumps(document)  # type: ignore[arg-type]


_PLAIN = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False)
_LARGEST = 2**53 - 1


def _is_plain(value: object) -> bool:
    kind = type(value)
    if kind is dict:
        # Every entry comes through here, and most of what it holds is text: that is seen without a call.
        for name, each in value.items():  # type: ignore[attr-defined]
            if type(name) is not str or (type(each) is not str and not _is_plain(each)):
                return False
        return True
    if kind is list:
        return all(type(each) is str or _is_plain(each) for each in value)  # type: ignore[attr-defined]
    if kind is int:
        return -_LARGEST <= value <= _LARGEST  # type: ignore[operator]
    return kind is str or value is None or kind is bool
