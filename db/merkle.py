"""The RFC 6962 Merkle tree: hashes of leaves and subtrees, and roots."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

HashAt = Callable[[int, int], bytes]
"""Returns the hash of the complete subtree at (level, position); level 0 is the leaves."""


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of a leaf (RFC 6962 section 2.1)."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node over its two children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def appended(position: int, leaf: bytes, hash_at: HashAt) -> Iterator[tuple[int, int, bytes]]:
    """Yield (level, position, hash) of every subtree that the leaf at ``position`` completes, itself first."""
    level, current = 0, leaf_hash(leaf)
    yield level, position, current
    while position % 2 == 1:
        current = node_hash(hash_at(level, position - 1), current)
        level, position = level + 1, position // 2
        yield level, position, current


def root(size: int, hash_at: HashAt) -> bytes:
    """Return the root over the first ``size`` leaves."""
    return range_hash(0, size, hash_at)


def range_hash(start: int, size: int, hash_at: HashAt) -> bytes:
    """Return the tree hash of ``size`` leaves from ``start``, which is a multiple of the subtree's width."""
    if size == 0:
        return hashlib.sha256(b"").digest()
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return hash_at(level, start >> level)
    split = _split(size)
    return node_hash(range_hash(start, split, hash_at), range_hash(start + split, size - split, hash_at))


def _split(size: int) -> int:
    """Return the largest power of two smaller than ``size``."""
    return 1 << ((size - 1).bit_length() - 1)
