"""Checkpoints of the trail as C2SP signed notes: text, signatures, cosignatures, and a short code to read aloud.

The formats are those of c2sp.org/signed-note, tlog-checkpoint and tlog-cosignature, so that other people's tools read
them too. A signature of a log entry begins with ``{``, of a checkpoint with its origin, of a cosignature with
``cosignature/v1``: none can pass for another.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from db import keys

SIGNED = 0x01
"""The type of an Ed25519 signature of the note's text."""
COSIGNED = 0x04
"""The type of a timestamped cosignature: its maker checked that the tree extends what they last held."""

LARGEST_NOTE = 64 * 1024
LARGEST_SIZE = 2**63 - 1
_SIGNATURE_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")
_ID_BYTES = 4
_TIME_BYTES = 8
_ED25519_BYTES = 64
#: Crockford's base 32: no I, L, O or U, so that a code read aloud is not misheard.
_ALOUD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789ABCDEFGHJKMNPQRSTVWXYZ")
_CODE_LETTERS = 20


class NoteBroken(ValueError):
    """What was to be a checkpoint is none."""


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """One signature under a note: whose it claims to be, which key, and its bytes."""

    name: str
    key_id: bytes
    signature: bytes

    @property
    def may_be_cosignature(self) -> bool:
        """Whether it has the length of one: a time and an Ed25519 signature."""
        return len(self.signature) == _TIME_BYTES + _ED25519_BYTES

    @property
    def text(self) -> str:
        """The line as the note has it."""
        return f"— {self.name} {base64.b64encode(self.key_id + self.signature).decode()}\n"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The tree at one size, and who says so."""

    origin: str
    size: int
    root: bytes
    lines: tuple[SignatureLine, ...] = ()

    @property
    def body(self) -> bytes:
        """What is signed: origin, size and root, a line each."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n".encode()

    @property
    def text(self) -> bytes:
        """The whole note."""
        return self.body + b"\n" + "".join(line.text for line in self.lines).encode()

    @property
    def code(self) -> str:
        """The first 100 bits of the body's SHA-256, in five groups to be read aloud and compared."""
        letters = base64.b32encode(hashlib.sha256(self.body).digest()).decode()[:_CODE_LETTERS].translate(_ALOUD)
        return "-".join(letters[at : at + 4] for at in range(0, _CODE_LETTERS, 4))

    def with_lines(self, lines: Iterable[SignatureLine]) -> Checkpoint:
        """Return the note with further signatures; nobody's is there twice."""
        known = {(line.name, line.key_id) for line in self.lines}
        return replace(self, lines=(*self.lines, *(line for line in lines if (line.name, line.key_id) not in known)))


def read(text: bytes) -> Checkpoint:
    """Return the checkpoint that a note states; no signature is looked at. Raises: NoteBroken."""
    if len(text) > LARGEST_NOTE:
        raise NoteBroken("it is too long")
    try:
        note = text.decode("utf-8")
    except UnicodeDecodeError as broken:
        raise NoteBroken("it is not text") from broken
    if any(ord(letter) < 32 and letter != "\n" for letter in note):
        raise NoteBroken("it holds control characters")
    body, blank, signatures = note.rpartition("\n\n")
    parts = body.split("\n")
    if not blank or len(parts) != 3 or not parts[0] or not _NUMBER.fullmatch(parts[1]):
        raise NoteBroken("it is no checkpoint")
    size, root = int(parts[1]), _bytes_of(parts[2])
    if size > LARGEST_SIZE or len(root) != hashlib.sha256().digest_size:
        raise NoteBroken("it is no checkpoint")
    lines = signatures.split("\n")
    if lines.pop() or not lines:
        raise NoteBroken("nobody signed it")
    return Checkpoint(parts[0], size, root, tuple(_line(line) for line in lines))


def _line(text: str) -> SignatureLine:
    found = _SIGNATURE_LINE.fullmatch(text)
    signature = _bytes_of(found[2]) if found else b""
    if found is None or len(signature) <= _ID_BYTES:
        raise NoteBroken("a signature line cannot be read")
    return SignatureLine(found[1], signature[:_ID_BYTES], signature[_ID_BYTES:])


def _bytes_of(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as broken:  # no base 64, or no ASCII
        raise NoteBroken("it is no checkpoint") from broken


def key_name(origin: str, user: str) -> str:
    """Return under which name a user's key signs checkpoints of one store."""
    return f"{origin}/{user}"


def key_id(name: str, kind: int, public: bytes) -> bytes:
    """Return the four bytes that tell which key a signature line is of."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:_ID_BYTES]


def signed(checkpoint: Checkpoint, user: str, pairs: keys.UserKeys) -> Checkpoint:
    """Return the checkpoint with this user's signature."""
    name = key_name(checkpoint.origin, user)
    line = SignatureLine(name, key_id(name, SIGNED, pairs.signing_public), pairs.sign(checkpoint.body))
    return checkpoint.with_lines([line])


def cosigned(checkpoint: Checkpoint, user: str, pairs: keys.UserKeys, seconds: int) -> Checkpoint:
    """Return the checkpoint with this user's cosignature, made at ``seconds`` since 1970 (UTC)."""
    name = key_name(checkpoint.origin, user)
    signature = seconds.to_bytes(_TIME_BYTES, "big") + pairs.sign(_cosigned_message(checkpoint, seconds))
    return checkpoint.with_lines([SignatureLine(name, key_id(name, COSIGNED, pairs.signing_public), signature)])


def _cosigned_message(checkpoint: Checkpoint, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n".encode() + checkpoint.body


@dataclass(frozen=True, slots=True)
class Signers:
    """Whose signatures under a checkpoint hold.

    Attributes:
        signed: users who signed it.
        cosigned: users who cosigned it, and when (seconds since 1970, UTC).
        broken: users in whose name and key a signature stands that is not theirs.
    """

    signed: tuple[str, ...] = ()
    cosigned: tuple[tuple[str, int], ...] = ()
    broken: tuple[str, ...] = ()

    @property
    def hold(self) -> bool:
        """Whether somebody known signed it, and nobody's name is misused."""
        return bool(self.signed or self.cosigned) and not self.broken


def signers(checkpoint: Checkpoint, known: Mapping[str, Iterable[bytes]]) -> Signers:
    """Return who signed; ``known`` gives each user's public keys. Signatures of other keys are passed over."""
    wanted = {
        (name, key_id(name, kind, public)): (user, kind, public)
        for user, publics in known.items()
        for public in publics
        for kind in (SIGNED, COSIGNED)
        for name in [key_name(checkpoint.origin, user)]
    }
    signed_by: list[str] = []
    cosigned_by: list[tuple[str, int]] = []
    broken: list[str] = []
    for line in checkpoint.lines:
        if (line.name, line.key_id) not in wanted:
            continue
        user, kind, public = wanted[line.name, line.key_id]
        if kind == SIGNED and keys.signature_holds(public, line.signature, checkpoint.body):
            signed_by.append(user)
            continue
        seconds = int.from_bytes(line.signature[:_TIME_BYTES], "big")
        message = _cosigned_message(checkpoint, seconds)
        if kind == COSIGNED and keys.signature_holds(public, line.signature[_TIME_BYTES:], message):
            cosigned_by.append((user, seconds))
        else:
            broken.append(user)
    return Signers(tuple(signed_by), tuple(cosigned_by), tuple(broken))
