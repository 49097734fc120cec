"""The tree is RFC 6962's: known roots, and proofs that a verifier written apart accepts."""

from __future__ import annotations

import hashlib

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
