"""Somebody who has every published cell and a solver: how closely can they tell the hidden ones?

They know how numbers were rounded and under which line they are hidden, that no count is negative, and which places,
periods and categories make up which.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from kingshurst_tui.places.protecting import Side
from kingshurst_tui.places.vocabulary import HIDDEN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Cube = NDArray[np.int32]

_NO_LIMIT = 3
"""What linprog answers where there is none."""
FAR = 1e9


@dataclass
class Told:
    """What an attack found.

    Attributes:
        cells: positions of the hidden cells, flattened.
        low: the least that each can be.
        high: the most; FAR where nothing limits it.
        problems: how many linear programs were solved.
    """

    cells: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    problems: int

    def closer_than(self, values: int) -> list[int]:
        """Return the cells that are known to within fewer than so many whole numbers."""
        width = np.floor(self.high + 1e-6) - np.ceil(self.low - 1e-6)
        return [int(cell) for cell in self.cells[width < values - 1]]


def sums_of(sides: Sequence[Side]) -> sparse.csr_matrix:
    """Return of which smallest cells each cell of a cube is the sum."""

    def one(side: Side) -> sparse.csr_matrix:
        leaves = [name for name in side.names if not side.parts.get(name)]
        at = {name: number for number, name in enumerate(leaves)}

        def below(name: str) -> list[str]:
            return [leaf for part in side.parts[name] for leaf in below(part)] if side.parts.get(name) else [name]

        cells = [(row, at[leaf]) for row, name in enumerate(side.names) for leaf in below(name)]
        rows, columns = zip(*cells, strict=True)
        return sparse.csr_matrix((np.ones(len(cells)), (rows, columns)), (len(side.names), len(leaves)))

    return reduce(lambda left, right: sparse.kron(left, right, format="csr"), [one(side) for side in sides])


def limits(shown: Cube, under: int, base: int) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Return the positions of shown cells with the least and the most that each can be."""
    flat = shown.ravel()
    cells = np.nonzero(flat >= 0)[0]
    return cells, np.maximum(flat[cells] - base // 2, under), flat[cells] + (base - 1) // 2


def attack(
    shown: Cube,
    sides: Sequence[Side],
    *,
    under: int,
    base: int,
    values: int | None = None,
    earlier: Sequence[Cube] = (),
) -> Told:
    """Tell every hidden cell as closely as all published cells let, or until it may be any of ``values`` numbers.

    Args:
        shown: as published.
        sides: of the cube.
        under: the line.
        base: of the rounding.
        values: how many numbers are enough; then one solution that is not near the known ones settles many cells at
            once. None tells each as closely as can be.
        earlier: what was published of the same counts before, of the same sides.
    """
    sums = sums_of(sides)
    rows, low, high = limits(shown, under, base)
    for before in earlier:
        more, least, most = limits(before, under, base)
        rows, low, high = np.append(rows, more), np.append(low, least), np.append(high, most)
    hidden = np.nonzero(shown.ravel() == HIDDEN)[0]
    return _Solver(sums[rows], low, high, sums[hidden]).told(hidden, values)


def attack_restated(
    before: Cube, after: Cube, sides: Sequence[Side], anew: tuple[int, int, int], *, under: int, base: int, values: int
) -> Told:
    """Tell the hidden cells from two publications between which one smallest count was stated anew, known to be that.

    Args:
        before: as first published.
        after: as published then.
        sides: of both.
        anew: which of the smallest cells it was.
        under: the line.
        base: of the rounding.
        values: how many numbers are enough.
    """
    sums = sums_of(sides)
    touched = sums.getcol(int(sums[[np.ravel_multi_index(anew, after.shape)]].indices[0]))
    # Two unknowns more: by how much it grew and by how much it fell.
    was = sparse.hstack([sums, 0 * touched, 0 * touched]).tocsr()
    now = sparse.hstack([sums, touched, -touched]).tocsr()
    first, low_first, high_first = limits(before, under, base)
    then, low_then, high_then = limits(after, under, base)
    own = sparse.csr_matrix(now[[np.ravel_multi_index(anew, after.shape)]])
    known = sparse.vstack([was[first], now[then], own]).tocsr()
    low = np.concatenate([low_first, low_then, [0]])
    high = np.concatenate([high_first, high_then, [int(FAR)]])
    hidden = np.nonzero(after.ravel() == HIDDEN)[0]
    return _Solver(known, low, high, now[hidden]).told(hidden, values)


class _Solver:
    def __init__(
        self, known: sparse.csr_matrix, low: NDArray[np.int64], high: NDArray[np.int64], wanted: sparse.csr_matrix
    ) -> None:
        self._known = sparse.vstack([known, -known]).tocsr()
        self._limits = np.concatenate([high, -low]).astype(float)
        self._wanted = wanted
        self._size = known.shape[1]
        self.problems = 0

    def solve(self, costs: NDArray[np.float64]) -> Any:
        """Return the smallest sum of costs, or None where there is no limit."""
        self.problems += 1
        found = linprog(costs, A_ub=self._known, b_ub=self._limits, method="highs")
        assert found.success or found.status == _NO_LIMIT, found.message
        return found if found.success else None

    def told(self, hidden: NDArray[np.int64], values: int | None) -> Told:
        low, high = np.full(len(hidden), np.inf), np.full(len(hidden), -np.inf)
        if values is not None:
            self._settle(low, high, values)
        for at in range(len(hidden)):
            if values is not None and high[at] - low[at] >= values - 1 - 1e-6:
                continue
            costs = self._wanted[[at]].toarray().ravel()
            for sign in (1.0, -1.0):
                found = self.solve(sign * costs)
                every = self._wanted @ found.x if found is not None else None
                if every is None:
                    high[at] = FAR
                else:
                    np.minimum(low, every, out=low)
                    np.maximum(high, every, out=high)
        return Told(hidden, low, high, self.problems)

    def _settle(self, low: NDArray[np.float64], high: NDArray[np.float64], values: int, tries: int = 60) -> None:
        """Look for far corners of what is possible in directions drawn by chance, of cells not settled yet."""
        dice = np.random.default_rng(1)
        for _ in range(tries):
            left = high - low < values - 1 - 1e-6
            if not left.any():
                return
            weight = np.where(left, dice.exponential(size=len(left)) ** 2, 0.0)
            # What nothing limits is settled by itself; a small cost keeps the rest in bounds.
            costs = 1e-3 * np.ones(self._size) - np.asarray(self._wanted.T @ weight).ravel()
            for direction in (costs, -costs):
                found = linprog(direction, A_ub=self._known, b_ub=self._limits, bounds=(0, 500), method="highs")
                self.problems += 1
                if found.success:
                    every = self._wanted @ found.x
                    np.minimum(low, every, out=low)
                    np.maximum(high, every, out=high)
