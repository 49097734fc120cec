"""The tree is RFC 6962's: known roots, and proofs that a verifier written apart accepts."""

from __future__ import annotations

import hashlib

import pymerkle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from db import merkle

#: Leaves and roots of the test vectors of RFC 6962's reference implementation (certificate-transparency, merkletree).
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "60616263646566676869" + "6a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


class Tree:
    def __init__(self, leaves: list[bytes]) -> None:
        self.nodes: dict[tuple[int, int], bytes] = {}
        for position, leaf in enumerate(leaves):
            for level, at, value in merkle.appended(position, leaf, self.at):
                self.nodes[level, at] = value

    def at(self, level: int, position: int) -> bytes:
        return self.nodes[level, position]


def _naive(leaves: list[bytes]) -> bytes:
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + _naive(leaves[:split]) + _naive(leaves[split:])).digest()


def test_roots_are_those_of_the_reference_vectors() -> None:
    tree = Tree(LEAVES)
    assert [merkle.root(size, tree.at).hex() for size in range(1, 9)] == ROOTS


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=70))
def test_the_root_of_any_tree_is_the_definition_applied(leaves: list[bytes]) -> None:
    tree = Tree(leaves)
    assert merkle.root(len(leaves), tree.at) == _naive(leaves)


#: Hashes that appear in those vectors' proofs.
AB = "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
CD = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
ABCD = "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"
E = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
EF = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
GH = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
EFGH = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
A = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
B = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"


@pytest.mark.parametrize(
    ("position", "size", "expected"),
    [(0, 1, []), (0, 8, [B, CD, EFGH]), (5, 8, [E, GH, ABCD]), (2, 3, [AB]), (1, 5, [A, CD, E])],
)
def test_inclusion_proofs_are_those_of_the_reference_vectors(position: int, size: int, expected: list[str]) -> None:
    proof = merkle.inclusion_proof(position, size, Tree(LEAVES).at)
    assert [step.hex() for step in proof] == expected
    assert merkle.inclusion_holds(
        merkle.leaf_hash(LEAVES[position]), position, size, proof, bytes.fromhex(ROOTS[size - 1])
    )


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [(1, 1, []), (1, 8, [B, CD, EFGH]), (6, 8, [EF, GH, ABCD]), (2, 5, [CD, E])],
)
def test_consistency_proofs_are_those_of_the_reference_vectors(old: int, new: int, expected: list[str]) -> None:
    proof = merkle.consistency_proof(old, new, Tree(LEAVES).at)
    assert [step.hex() for step in proof] == expected
    roots = [bytes.fromhex(root) for root in ROOTS]
    assert merkle.consistency_holds(old, roots[old - 1], new, roots[new - 1], proof)


def test_another_implementation_agrees_on_roots_and_proofs() -> None:
    leaves = [str(number).encode() for number in range(33)]
    tree = Tree(leaves)
    theirs = pymerkle.InmemoryTree.init_from_entries(leaves, algorithm="sha256")
    for size in range(1, len(leaves) + 1):
        root = merkle.root(size, tree.at)
        assert theirs.get_root(size) == root
        for position in range(size):
            ours = merkle.inclusion_proof(position, size, tree.at)
            proof = theirs.prove_inclusion(position + 1, size)
            assert sorted(proof.path) == sorted([merkle.leaf_hash(leaves[position]), *ours])
            proof.verify(merkle.leaf_hash(leaves[position]), root)
        for old in range(1, size + 1):
            # Its consistency proofs have a layout of their own; that both roots lead to one another is what it can say.
            theirs.prove_consistency(old, size).verify(merkle.root(old, tree.at), root)


@given(st.data(), st.integers(1, 200))
def test_proofs_hold_and_hold_for_nothing_else(data: st.DataObject, size: int) -> None:
    tree = Tree([bytes([number]) for number in range(size)])
    root = merkle.root(size, tree.at)
    position = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(1, size))
    path = merkle.inclusion_proof(position, size, tree.at)
    steps = merkle.consistency_proof(old, size, tree.at)
    leaf, old_root = tree.at(0, position), merkle.root(old, tree.at)
    assert merkle.inclusion_holds(leaf, position, size, path, root)
    assert merkle.consistency_holds(old, old_root, size, root, steps)
    assert len(steps) <= size.bit_length() + 1

    other = data.draw(st.binary(min_size=32, max_size=32))
    assert not merkle.inclusion_holds(other, position, size, path, root)
    assert not merkle.inclusion_holds(leaf, position, size, [*path, other], root)
    assert not merkle.consistency_holds(old, other, size, root, steps)
    assert not merkle.consistency_holds(old, old_root, size, other, steps)
    assert not merkle.consistency_holds(old, old_root, size, root, [*steps, other])
    for at in range(len(path)):
        assert not merkle.inclusion_holds(leaf, position, size, [*path[:at], other, *path[at + 1 :]], root)
    for at in range(len(steps)):
        assert not merkle.consistency_holds(old, old_root, size, root, [*steps[:at], other, *steps[at + 1 :]])
        assert not merkle.consistency_holds(old, old_root, size, root, steps[:at])
