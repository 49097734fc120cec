"""Small numbers hidden and the rest rounded, so that no hidden number can be worked out from what is shown.

Under 10 is hidden, the rest rounded to 5, as the partnership has set it; an agreement may set other numbers. One
hidden cell of a line could be had by subtracting the others from the total. So further cells are hidden until whoever
knows everything that is shown, how it was rounded and that counts are not negative, cannot narrow any small number
further than to what its being hidden says already. That is asked of a linear program for every hidden cell (the audit
of complementary suppression; Willenborg and de Waal, Elements of Statistical Disclosure Control, 2001).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import blake2b

UNDER = 10
"""Numbers below this are hidden, nought too: that nobody is in a cell may tell as much as that one is."""
BASE = 5
"""The others are rounded to a multiple of this."""
HIDDEN = "hidden"
"""What stands for a number under UNDER and for one that would give such a number away; they are not told apart."""
TOTAL = ""
"""The row and the column of totals."""
MOST_CELLS = 400
"""A table of more cells than this shows its grand total alone: nobody can audit it in the time a screen has."""

Cell = tuple[str, str]
_NO_LIMIT = 3
"""What linprog answers where there is none."""
_HALF = 0.5
"""Counts are whole; less than this is the solver's own error."""


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A table as it may be shown.

    Attributes:
        rows: labels, in the order in which they came.
        columns: the same.
        shown: the rounded numbers that are shown, by cell; TOTAL stands for totals.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    shown: Mapping[Cell, int]

    def value(self, row: str, column: str) -> int | None:
        """Return a rounded number, or None where it is hidden."""
        return self.shown.get((row, column))

    def cell(self, row: str, column: str) -> str:
        """Return what stands in a cell."""
        found = self.shown.get((row, column))
        return HIDDEN if found is None else f"{found:,}"

    @property
    def total(self) -> str:
        """What stands for everything."""
        return self.cell(TOTAL, TOTAL)


def rounded(count: int, base: int = BASE) -> int:
    """Return a count rounded to the nearest multiple.

    Example:
        >>> rounded(12), rounded(13)
        (10, 15)
    """
    return (count + base // 2) // base * base


def suppressed(
    counts: Mapping[Cell, int],
    *,
    under: int = UNDER,
    base: int = BASE,
    before: Collection[Cell] = (),
    key: bytes = b"",
) -> Suppressed:
    """Return a table as it may be shown. Cells that are not named are nought.

    Args:
        counts: how many, by row and column.
        under: numbers below it are hidden.
        base: what the others are rounded to.
        before: cells that were hidden when the same table was shown earlier; they stay hidden like small ones.
        key: the store's own secret (`suppression_terms.lot_key`): what is hidden beside small numbers is drawn with it.
            Were it always the smallest, whoever knows that could tell a hidden number from which one it was.
    """
    rows = tuple(dict.fromkeys(row for row, _ in counts))
    columns = tuple(dict.fromkeys(column for _, column in counts))
    table = _with_totals(counts, rows, columns)
    small = {cell for cell, count in table.items() if count < under or cell in before}
    if len(rows) * len(columns) > MOST_CELLS:
        hidden = set(table) - ({(TOTAL, TOTAL)} - small)
    else:
        turn = {cell: count * _lot(cell, key) for cell, count in table.items()}
        hidden = _until_safe(table, turn, small, rows, columns, under, base)
    return Suppressed(rows, columns, {cell: rounded(n, base) for cell, n in table.items() if cell not in hidden})


def suppressed_list(
    counts: Mapping[str, int], *, under: int = UNDER, base: int = BASE, key: bytes = b""
) -> dict[str, str]:
    """Return a list of counts as it may be shown, with its total under TOTAL."""
    shown = suppressed({(name, "all"): count for name, count in counts.items()}, under=under, base=base, key=key)
    return {name: shown.cell(name, "all") for name in counts} | {TOTAL: shown.total}


def share(part: int, whole: int, *, under: int = UNDER, base: int = BASE) -> str:
    """Return a share in words, hidden where the part, the rest or the whole is small.

    Example:
        >>> share(41, 100), share(4, 100), share(96, 100)
        ('about 40%', 'hidden', 'hidden')
    """
    if part < under or whole - part < under:
        return HIDDEN
    return f"about {rounded(round(100 * rounded(part, base) / max(base, rounded(whole, base))), 5)}%"


def _with_totals(counts: Mapping[Cell, int], rows: tuple[str, ...], columns: tuple[str, ...]) -> dict[Cell, int]:
    table = {(row, column): counts.get((row, column), 0) for row in rows for column in columns}
    if TOTAL in rows or TOTAL in columns or min(table.values(), default=0) < 0:
        raise ValueError("a table of counts has labels and no negative number")
    table |= {(row, TOTAL): sum(table[row, column] for column in columns) for row in rows}
    table |= {(TOTAL, column): sum(table[row, column] for row in rows) for column in columns}
    table[TOTAL, TOTAL] = sum(table[row, TOTAL] for row in rows)
    return table


def _lot(cell: Cell, key: bytes) -> float:
    """Return a cell's lot, exponentially distributed: any cell of a line may be the first, a small one more likely."""
    drawn = blake2b("\x1f".join(cell).encode(), digest_size=8, key=key).digest()
    return -math.log((int.from_bytes(drawn, "little") + 1) / 2**64)


def _until_safe(
    table: Mapping[Cell, int],
    turn: Mapping[Cell, float],
    small: set[Cell],
    rows: tuple[str, ...],
    columns: tuple[str, ...],
    under: int,
    base: int,
) -> set[Cell]:
    hidden = set(small)
    while len(hidden) < len(table):
        alone = _alone(hidden, rows, columns)
        told = alone or _told(table, hidden, small, rows, columns, under, base)
        if not told:
            return hidden
        for cell in sorted(told):
            if len(hidden) == len(table):
                break
            hidden.add(_next(turn, hidden, cell, rows, columns))
            if alone:
                break  # one more may pair with several
    return hidden


def _lines(cell: Cell, rows: tuple[str, ...], columns: tuple[str, ...]) -> tuple[list[Cell], list[Cell]]:
    row, column = cell
    return [(row, each) for each in (*columns, TOTAL)], [(each, column) for each in (*rows, TOTAL)]


def _alone(hidden: set[Cell], rows: tuple[str, ...], columns: tuple[str, ...]) -> set[Cell]:
    """Return the hidden cells that are the only one of their row or column."""
    return {
        cell
        for cell in hidden
        if any(sum(each in hidden for each in line) == 1 for line in _lines(cell, rows, columns))
    }


def _next(
    turn: Mapping[Cell, float], hidden: set[Cell], cell: Cell, rows: tuple[str, ...], columns: tuple[str, ...]
) -> Cell:
    """Return what is hidden beside a cell: the one of its poorer line whose turn it is, a total last."""
    lines = _lines(cell, rows, columns)
    lines_by_need = sorted(lines, key=lambda line: sum(each in hidden for each in line))
    for line in lines_by_need:
        shown = [each for each in line if each not in hidden]
        if shown:
            return min(shown, key=lambda each: (TOTAL in each, turn[each], each))
    return min(set(turn) - hidden, key=lambda each: (TOTAL in each, turn[each], each))


def _told(
    table: Mapping[Cell, int],
    hidden: set[Cell],
    small: set[Cell],
    rows: tuple[str, ...],
    columns: tuple[str, ...],
    under: int,
    base: int,
) -> set[Cell]:
    """Return the small cells of which what is shown tells more than that they are small."""
    from scipy.optimize import linprog

    inner = [(row, column) for row in rows for column in columns]
    at = {cell: number for number, cell in enumerate(inner)}
    slack = base // 2 if base % 2 else base / 2
    # What somebody else knows: no count is negative, and each number that is shown was rounded from nearby.
    coefficients: list[list[int]] = []
    limits: list[float] = []
    for cell in table:
        if cell in hidden:
            continue
        sums = _sums(cell, at, rows, columns)
        near = rounded(table[cell], base)
        coefficients += [sums, [-each for each in sums]]
        limits += [near + slack, -(max(near - slack, under))]
    told = set()
    for cell in sorted(small):
        sums = _sums(cell, at, rows, columns)
        for sign in (1, -1):
            found = linprog([sign * each for each in sums], A_ub=coefficients or None, b_ub=limits or None)
            if found.status == _NO_LIMIT:
                continue
            # The least that it can be must be nought, and the most no less than the largest small number.
            if not found.success or (found.fun > _HALF if sign == 1 else -found.fun < under - 1 - _HALF):
                told.add(cell)
                break
    return told


def _sums(cell: Cell, at: Mapping[Cell, int], rows: tuple[str, ...], columns: tuple[str, ...]) -> list[int]:
    """Return of which inner cells a cell is the sum, as a row of noughts and ones."""
    row, column = cell
    wanted = {(r, c) for r in ((row,) if row else rows) for c in ((column,) if column else columns)}
    return [1 if each in wanted else 0 for each in at]
