"""A map of tiles: every small area one tile, near its true place, no two on one."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

LOOSE = 1.3
"""Tiles of the grid for each place: room for the shape, without tearing it apart."""
EVENED = 0.6
"""How far places are spread evenly: 0 leaves towns crowded and fields empty, 1 keeps only who is north of whom."""


def tiles(points: Mapping[str, tuple[float, float]]) -> dict[str, tuple[int, int]]:
    """Return a column and a row for each place, from its easting and northing.

    The sum of squared distances between true place and tile is the least possible (the Hungarian method, as scipy has
    it), so the same points always give the same map.
    """
    if not points:
        return {}
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    codes = sorted(points)
    at = np.array([points[code] for code in codes], dtype=float)
    # Rounded to metres: the last digits of a mean differ from machine to machine.
    at = np.round(at)
    spread = np.maximum(np.ptp(at, axis=0), 1.0)
    columns, rows = _grid(len(codes), float(spread[0] / spread[1]))
    true = (at - at.min(axis=0)) / spread
    order = np.stack([_evenly(at[:, axis]) for axis in (0, 1)], axis=1)
    placed = (1 - EVENED) * true + EVENED * order
    wanted = placed * [columns - 1, rows - 1]
    wanted[:, 1] = rows - 1 - wanted[:, 1]
    free = np.array([(column, row) for row in range(rows) for column in range(columns)], dtype=float)
    cost = ((wanted[:, None, :] - free[None, :, :]) ** 2).sum(axis=2)
    _, chosen = linear_sum_assignment(np.round(cost, 6))
    return {code: (int(free[place][0]), int(free[place][1])) for code, place in zip(codes, chosen, strict=True)}


def _grid(number: int, aspect: float) -> tuple[int, int]:
    """Return how many columns and rows, in the shape of the ground but never thinner than two to one."""
    cells = max(number, ceil(number * LOOSE))
    rows = max(1, round((cells / min(2.0, max(0.5, aspect))) ** 0.5))
    return ceil(cells / rows), rows


def _evenly(values: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    import numpy as np

    ranks = np.argsort(np.argsort(values, kind="stable"), kind="stable")
    return ranks.astype(np.float64) / max(1, len(ranks) - 1)
