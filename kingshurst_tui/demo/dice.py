"""Seeded draws, quick one at a time: the same seed and block give the same town on every machine."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Generic, TypeVar

import numpy as np

T = TypeVar("T")

_AHEAD = 65_536


class Dice:
    """Uniform draws taken from a numpy Generator in large pieces, because one at a time it is slow.

    Args:
        seed: the town's seed.
        block: which part of the town; each part has a stream of its own, so parts can be made alone.
    """

    def __init__(self, seed: int, block: int) -> None:
        self._source = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(block,)))
        self._drawn: list[float] = []

    def draw(self) -> float:
        """Return a number from 0 up to, not including, 1."""
        if not self._drawn:
            self._drawn = self._source.random(_AHEAD).tolist()
        return self._drawn.pop()

    def chance(self, share: float) -> bool:
        """Return True in that share of cases."""
        return self.draw() < share

    def below(self, limit: int) -> int:
        """Return a whole number from 0 to limit - 1."""
        return int(self.draw() * limit)

    def between(self, low: int, high: int) -> int:
        """Return a whole number from low to high, both included."""
        return low + int(self.draw() * (high - low + 1))

    def pick(self, items: Sequence[T]) -> T:
        """Return one of the items, each as likely as the next."""
        return items[int(self.draw() * len(items))]

    def weighted(self, table: Weighted[T]) -> T:
        """Return one of a table's items, by weight."""
        return table.at(self.draw())

    def count(self, mean: float) -> int:
        """Return how often something rare happened (Poisson), for means of up to about 20."""
        if mean <= 0.0:
            return 0
        left, product, found = 2.718281828459045**-mean, self.draw(), 0
        while product > left:
            product *= self.draw()
            found += 1
        return found

    def several(self, items: Sequence[T], number: int) -> list[T]:
        """Return so many different items (all of them if there are fewer), in a random order."""
        pool = list(items)
        chosen = []
        for _ in range(min(number, len(pool))):
            chosen.append(pool.pop(self.below(len(pool))))
        return chosen


class Weighted(Generic[T]):
    """Items with weights, ready to be drawn from."""

    def __init__(self, items: Sequence[T], weights: Sequence[float]) -> None:
        self.items = list(items)
        self._edges = list(accumulate(weights))

    def at(self, point: float) -> T:
        """Return the item at a point from 0 to 1 of the whole weight."""
        found = bisect_right(self._edges, point * self._edges[-1])
        return self.items[min(found, len(self.items) - 1)]
