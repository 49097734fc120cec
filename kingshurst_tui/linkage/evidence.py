"""The evidence of a link as kept: the levels reached, what rare names added, the size it was scaled to."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kingshurst_tui.linkage.engine import Scored

DIGITS = 3
"""Bits are kept to this many places; nobody weighs evidence more finely."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a comparison vector says.

    Attributes:
        levels: the model's number of the level reached, by comparison.
        rarity: bits added because a name is rare, or taken because it is common, by comparison.
        records: the number of records that prior and weights were scaled to.
    """

    levels: dict[str, int]
    rarity: dict[str, float]
    records: int


def read(text: str) -> Evidence:
    """Read a kept comparison vector."""
    document = json.loads(text)
    return Evidence(document["levels"], document["rarity"], document["records"])


def same_levels(one: str, other: str) -> bool:
    """Say whether two kept vectors reach the same levels, whatever they were scaled to."""
    return one.partition('},"rarity"')[0] == other.partition('},"rarity"')[0]


def texts(scored: Scored, rows: list[int]) -> list[str]:
    """Return the kept text of these pairs; levels come first, so that texts can be compared without reading them."""
    names = list(scored.gammas)
    pattern = '{"levels":{' + ",".join(f'"{name}":%d' for name in names) + '},"rarity":{%s},"records":%d}'
    levels = zip(*(scored.gammas[name][rows].tolist() for name in names), strict=True)
    rarity = zip(*(scored.rarity[name][rows].tolist() for name in scored.rarity), strict=True)
    least = 0.5 * 10**-DIGITS
    return [
        pattern
        % (
            *level,
            ",".join(
                f'"{name}":{bits:.{DIGITS}f}'
                for name, bits in zip(scored.rarity, rare, strict=True)
                if abs(bits) >= least
            ),
            scored.records,
        )
        for level, rare in zip(levels, rarity, strict=True)
    ]
