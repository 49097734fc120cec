"""The pages of a store's file in the clear, as they lie, and the parts of them that no row uses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

PAGE, RESERVED, SALT = 4096, 80, 16
INNER, TREES = {2, 5}, {2, 5, 10, 13}
"""Kinds of pages of a tree, by their first byte (SQLite file format, 1.6)."""


def decrypted(file: Path, key: bytes) -> Iterator[bytes]:
    """Every page of an SQLCipher file: AES-256-CBC, its IV in the last 80 bytes; the first begins with a salt."""
    raw = file.read_bytes()
    for at in range(0, len(raw), PAGE):
        start = SALT if at == 0 else 0
        vector = raw[at + PAGE - RESERVED : at + PAGE - RESERVED + 16]
        opening = Cipher(algorithms.AES256(key), modes.CBC(vector)).decryptor()
        yield bytes(start) + opening.update(raw[at + start : at + PAGE - RESERVED]) + opening.finalize()


def unused(file: Path, key: bytes) -> Iterator[bytes]:
    """What lies, of each page of a tree, between the list of its cells and the first of them."""
    for number, page in enumerate(decrypted(file, key)):
        head = 100 if number == 0 else 0
        kind = page[head]
        if kind in TREES:
            cells = int.from_bytes(page[head + 3 : head + 5], "big")
            first = int.from_bytes(page[head + 5 : head + 7], "big")
            yield page[head + (12 if kind in INNER else 8) + 2 * cells : first]
