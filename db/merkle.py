"""The RFC 6962 Merkle tree: hashes of leaves and subtrees, roots, and proofs that need neither key nor data."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence

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


def inclusion_proof(position: int, size: int, hash_at: HashAt) -> list[bytes]:
    """Return the hashes that lead from the leaf at ``position`` to the root over ``size`` leaves (RFC 6962 2.1.1).

    Raises: ValueError where there is no such leaf; what ``hash_at`` raises.
    """
    if not 0 <= position < size:
        raise ValueError("there is no such leaf")
    return _path(position, 0, size, hash_at)


def _path(position: int, start: int, size: int, hash_at: HashAt) -> list[bytes]:
    if size == 1:
        return []
    split = _split(size)
    if position < split:
        return [*_path(position, start, split, hash_at), range_hash(start + split, size - split, hash_at)]
    return [
        *_path(position - split, start + split, size - split, hash_at),
        range_hash(start, split, hash_at),
    ]


def inclusion_holds(leaf: bytes, position: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Say whether ``proof`` leads from the leaf's hash to the root (RFC 9162 2.1.3.2)."""
    if not 0 <= position < size:
        return False
    current, last = leaf, size - 1
    for step in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            current = node_hash(step, current)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            current = node_hash(current, step)
        position, last = position >> 1, last >> 1
    return last == 0 and current == root


def consistency_proof(old: int, new: int, hash_at: HashAt) -> list[bytes]:
    """Return the hashes that show the tree over ``old`` leaves to be the beginning of that over ``new`` (2.1.2).

    Raises: ValueError where ``old`` is not in 1 … ``new``; what ``hash_at`` raises.
    """
    if not 0 < old <= new:
        raise ValueError("the older tree is not within the newer")
    return _extension(old, 0, new, True, hash_at)


def _extension(old: int, start: int, size: int, whole: bool, hash_at: HashAt) -> list[bytes]:
    if old == size:
        # The verifier holds the root of the older tree itself, and needs any other subtree.
        return [] if whole else [range_hash(start, size, hash_at)]
    split = _split(size)
    if old <= split:
        return [
            *_extension(old, start, split, whole, hash_at),
            range_hash(start + split, size - split, hash_at),
        ]
    return [
        *_extension(old - split, start + split, size - split, False, hash_at),
        range_hash(start, split, hash_at),
    ]


def consistency_holds(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Say whether ``proof`` shows the older tree to be the beginning of the newer (RFC 9162 2.1.4.2)."""
    if not 0 < old <= new:
        return False
    if old == new:
        return not proof and old_root == new_root
    steps = list(proof)
    if old & (old - 1) == 0:
        steps.insert(0, old_root)
    if not steps:
        return False
    position, last = old - 1, new - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    earlier = later = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            earlier, later = node_hash(step, earlier), node_hash(step, later)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            later = node_hash(later, step)
        position, last = position >> 1, last >> 1
    return last == 0 and earlier == old_root and later == new_root
