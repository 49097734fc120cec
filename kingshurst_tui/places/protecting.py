"""Which counts of places by periods by categories may be shown, so that no hidden one can be worked out.

Counts under the line are hidden, nought too, and the others rounded. One hidden count beside shown ones could be had
by subtraction, so more are hidden, until somebody who knew even the exact number behind every rounded one could tell no
hidden number to within fewer values than the base of the rounding: first in each line of a total and its parts, then
by bounds that are carried from line to line through places, periods and categories at once. What has been shown before
stays shown and what has been hidden stays hidden; a new total gives way rather than an old count.

Which ones are hidden more is drawn by a lot that is kept secret (`lots`). Were it always the smallest, whoever knows
that rule could tell a hidden 9 beside a hidden 42 and a shown 42 exactly.

No library does this here: sdcTable, GaussSuppression and ACRO need R or tables of a few thousand cells, and τ-Argus
(pytauargus) reads and writes its tables as plain files, knows no rounded cells and no earlier publication.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from itertools import combinations, groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from kingshurst_tui.leaving.suppression import BASE
from kingshurst_tui.places.vocabulary import HIDDEN, NOT_KNOWN

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Cube = NDArray[np.int32]
    Mask = NDArray[np.bool_]
    Turn = NDArray[np.int64]

_UNBOUNDED = 10_000_000
"""What stands for no upper bound; two hundred of them still fit in 32 bits."""
_FINE = 1024
"""Into so many parts the product of a count and its lot is told apart; a count of a million still fits."""
MOST_ROUNDS = 60
"""After so many rounds of hiding everything that was never shown is hidden: it does not end otherwise."""


class Layer(NamedTuple):
    """Totals of one height with their parts, along one side of a cube; no part is in two of them.

    Attributes:
        parents: positions of the totals.
        parts: positions of all parts, those of one total together.
        starts: where in ``parts`` those of each total begin.
        owner: for each of ``parts``, which of ``parents`` it is a part of.
    """

    parents: Any
    parts: Any
    starts: Any
    owner: Any


@dataclass(frozen=True)
class Side:
    """One side of a cube: its names, and which of them are the sum of which others.

    Attributes:
        names: no two alike.
        parts: for each total, its parts; parts come before their totals in no particular order.
    """

    names: tuple[str, ...]
    parts: Mapping[str, Sequence[str]]

    @cached_property
    def place(self) -> dict[str, int]:
        """The position of each name."""
        return {name: number for number, name in enumerate(self.names)}

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """The totals by height, lowest first."""
        heights: dict[str, int] = {}

        def height(name: str) -> int:
            if name not in heights:
                heights[name] = 1 + max((height(part) for part in self.parts.get(name, ())), default=-1)
            return heights[name]

        lines = [(name, tuple(self.parts[name])) for name in self.names if self.parts.get(name)]
        lines.sort(key=lambda line: height(line[0]))
        same_height = (list(same) for _, same in groupby(lines, lambda line: height(line[0])))
        return tuple(_layer(self.place, heap) for same in same_height for heap in _heaps(same))

    @cached_property
    def watched(self) -> Side:
        """The same side with the sums of some of the parts of each short line, which an onlooker can form too.

        The two hidden months of a quarter are known together where quarter and third month are shown; set against the
        same two months of the ward around, that tells of what neither month tells alone.
        """
        names, lines = list(self.names), [(name, tuple(parts)) for name, parts in self.parts.items() if parts]
        for total, parts in tuple(lines):
            if not 3 <= len(parts) <= MOST_PARTS_WATCHED:
                continue
            sums: dict[tuple[str, ...], str] = {(part,): part for part in parts}
            for size in range(2, len(parts)):
                for some in combinations(parts, size):
                    sums[some] = f"{total}: {' + '.join(some)}"
                    names.append(sums[some])
                    lines.append((sums[some], some))
            for some, name in sums.items():
                others = tuple(part for part in parts if part not in some)
                if some[0] == parts[0]:  # each pair of a sum and the sum of the others once
                    lines.append((total, (name, sums[others])))
        return _Watched(tuple(names), {}, tuple(lines))


@dataclass(frozen=True)
class _Watched(Side):
    lines: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        return tuple(_layer(self.place, heap) for heap in _heaps(self.lines))


Line = tuple[str, tuple[str, ...]]
"""A total and its parts."""
MOST_PARTS_WATCHED = 4
"""A quarter has three months, a year four quarters; of longer lines there are too many sums of some parts."""


def _layer(place: Mapping[str, int], heap: Sequence[Line]) -> Layer:
    import numpy as np

    sizes = [len(parts) for _, parts in heap]
    return Layer(
        np.array([place[total] for total, _ in heap]),
        np.array([place[part] for _, parts in heap for part in parts]),
        np.cumsum([0, *sizes[:-1]]),
        np.repeat(np.arange(len(heap)), sizes),
    )


def _heaps(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """Yield the lines in heaps so that no two of a heap share a total or a part (wards of two vintages)."""
    left = list(lines)
    while left:
        totals: set[str] = set()
        taken: set[str] = set()
        heap, later = [], []
        for total, parts in left:
            if total in totals or not taken.isdisjoint(parts):
                later.append((total, parts))
            else:
                heap.append((total, parts))
                totals.add(total)
                taken.update(parts)
        yield heap
        left = later


def summed(leaves: Cube, sides: Sequence[Side]) -> Cube:
    """Return a cube with its totals filled in from its smallest parts, along every side. The given one is not changed.

    Args:
        leaves: counts of what is no total on any side; what stands elsewhere is not looked at.
        sides: one for each dimension.
    """
    import numpy as np

    cube = leaves.astype(np.int32)
    for axis, side in enumerate(sides):
        for layer in side.layers:
            cube[_at(axis, layer.parents)] = np.add.reduceat(cube.take(layer.parts, axis), layer.starts, axis)
    return cube


def lots(sides: Sequence[Side], key: bytes) -> NDArray[np.float64]:
    """Return a lot for each cell of a cube: of cells alike the one with the smallest is hidden first.

    A cell is hidden before another as its count times its lot is less. Lots are drawn from the exponential
    distribution, so each cell of a line may be the one that is hidden, a smaller one more likely (in inverse
    proportion to the counts). Nobody can tell from which one it was that it is no larger than those shown.

    Args:
        sides: whose names tell the cells apart; the same names have the same lot in every cube.
        key: secret, and the same whenever a store publishes: lots drawn anew would tell what each of them hides.
    """
    import numpy as np

    mixed = np.zeros((1,) * len(sides), np.uint64)
    for axis, side in enumerate(sides):
        shape = [1] * len(sides)
        shape[axis] = len(side.names)
        salted = (blake2b(name.encode(), digest_size=8, key=key, salt=bytes([axis])) for name in side.names)
        drawn = np.array([int.from_bytes(each.digest(), "little") for each in salted], np.uint64)
        mixed = _stirred(mixed ^ drawn.reshape(shape))
    # One is added: nobody's lot is nought, nor its logarithm.
    return np.asarray(-np.log((mixed >> np.uint64(11)).astype(np.float64) + 1) + 53 * np.log(2))


def _stirred(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return numbers of which each bit depends on all that were given (the last steps of SplitMix64)."""
    import numpy as np

    found = (numbers + np.uint64(0x9E3779B97F4A7C15)).astype(np.uint64)
    found = (found ^ (found >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    found = (found ^ (found >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return found ^ (found >> np.uint64(31))


def protected(
    counts: Cube, sides: Sequence[Side], *, under: int, base: int, before: Cube | None = None, key: bytes = b""
) -> Cube:
    """Return what may be shown of a cube of exact counts: rounded counts, and HIDDEN.

    Args:
        counts: exact, with their totals (`summed`).
        sides: what each dimension's names are the sum of.
        under: counts below it are hidden, nought too; at least one.
        base: the others are rounded to a multiple of it.
        before: what was shown of the same cells until now: a rounded count, HIDDEN, or NOT_KNOWN where nothing was.
        key: what the lots are drawn with that say what is hidden beside small counts; the store's own.
    """
    import numpy as np

    turn = (lots(sides, key) * counts * _FINE).astype(np.int64)
    rounded = (counts + base // 2) // base * base
    hidden = counts < under
    fixed = np.zeros_like(hidden)
    anew = None
    # Numbers that are hardly rounded, or not at all, are no reason to let a hidden one be told.
    values = max(base, min(BASE, under))
    if before is not None:
        hidden |= before == HIDDEN
        # A count that came in anew and would be rounded otherwise is restated; it may be hidden now.
        fixed = (before >= 0) & (before == rounded) & ~hidden
        if (hidden & (before >= 0)).any():
            # What lay hidden beside it can be had from what was shown before, all together: it is no cover for it.
            anew = before != HIDDEN
    for _ in range(MOST_ROUNDS):
        _hide_in_lines(counts, turn, hidden, fixed, sides, under)
        told = _told(counts, hidden, sides, values)
        if anew is not None:
            told |= _told(counts, hidden & anew, sides, values)
        if not told.any() or not _hide_near(turn, hidden, fixed, sides, told):
            break
    else:
        hidden |= ~fixed
    return np.where(hidden, np.int32(HIDDEN), rounded).astype(np.int32)


MOST_RINGS = 6
"""So many times the lines around are looked at for something to hide; a cube has three sides and three heights."""


def _hide_in_lines(counts: Cube, turn: Turn, hidden: Mask, fixed: Mask, sides: Sequence[Side], under: int) -> None:
    """Hide until in every line of a total and its parts no hidden number is alone, nor the sum of hidden ones small."""
    import numpy as np

    changed = True
    while changed:
        changed = False
        for axis, side in enumerate(sides):
            for layer in side.layers:
                parts = hidden.take(layer.parts, axis)
                number = np.add.reduceat(parts, layer.starts, axis, dtype=np.int32)
                rest = np.add.reduceat(np.where(parts, counts.take(layer.parts, axis), 0), layer.starts, axis)
                total_hidden = hidden[_at(axis, layer.parents)]
                wrong = np.where(total_hidden, number == 0, (number == 1) | ((number > 1) & (rest < under - 1)))
                if wrong.any() and _hide_one(turn, hidden, fixed, axis, layer, wrong):
                    changed = True


def _hide_one(turn: Turn, hidden: Mask, fixed: Mask, axis: int, layer: Layer, wrong: Mask) -> bool:
    """Hide in each wrong line the part whose turn it is and that was never shown, else its total; say if anything."""
    import numpy as np

    size = len(layer.parts)
    free = ~(hidden | fixed)
    shape = [1] * turn.ndim
    shape[axis] = size
    order = turn.take(layer.parts, axis) * size + np.arange(size).reshape(shape)
    order = np.where(free.take(layer.parts, axis), order, np.iinfo(np.int64).max)
    least = np.minimum.reduceat(order, layer.starts, axis)
    with_part = wrong & (least < np.iinfo(np.int64).max)
    cells = list(np.nonzero(with_part))
    cells[axis] = layer.parts[least[with_part] % size]
    hidden[tuple(cells)] = True
    totals = list(np.nonzero(wrong & ~with_part))
    totals[axis] = layer.parents[totals[axis]]
    may = free[tuple(totals)]
    hidden[tuple(each[may] for each in totals)] = True
    return bool(len(cells[0])) or bool(may.any())


def _bounds(counts: Cube, hidden: Mask, sides: Sequence[Side]) -> tuple[Cube, Cube]:
    """Return the least and the most that each cell can be to whoever knows the shown ones exactly, line after line."""
    import numpy as np

    low = np.where(hidden, 0, counts).astype(np.int32)
    high = np.where(hidden, _UNBOUNDED, counts).astype(np.int32)
    while True:
        was = int(high.sum(dtype=np.int64)) - int(low.sum(dtype=np.int64))
        for axis, side in enumerate(sides):
            for layer in side.layers:
                _carry(low, high, axis, layer)
        if int(high.sum(dtype=np.int64)) - int(low.sum(dtype=np.int64)) == was:
            return low, high


def _carry(low: Cube, high: Cube, axis: int, layer: Layer) -> None:
    """Narrow the bounds of the totals of a layer by their parts', and of the parts by their totals'."""
    import numpy as np

    parts, parents = _at(axis, layer.parts), _at(axis, layer.parents)
    part_low, part_high = low[parts], high[parts]
    sum_low = np.add.reduceat(part_low, layer.starts, axis)
    sum_high = np.add.reduceat(part_high, layer.starts, axis)
    total_low = np.maximum(low[parents], sum_low)
    total_high = np.minimum(high[parents], sum_high)
    low[parents], high[parents] = total_low, total_high
    high[parts] = np.minimum(part_high, (total_high - sum_low).take(layer.owner, axis) + part_low)
    low[parts] = np.maximum(part_low, (total_low - sum_high).take(layer.owner, axis) + part_high)


def _told(counts: Cube, hidden: Mask, sides: Sequence[Side], values: int) -> Mask:
    """Return the hidden cells that are known to within fewer than so many values."""
    import numpy as np

    watched = [side.watched for side in sides]
    more = np.zeros([len(side.names) for side in watched], np.int32)
    inner = tuple(slice(length) for length in counts.shape)
    more[inner] = counts
    unseen = np.ones(more.shape, bool)
    unseen[inner] = hidden
    low, high = _bounds(more, unseen, watched)
    told: Mask = hidden & (high[inner] - low[inner] < values - 1)
    return told


def _hide_near(turn: Turn, hidden: Mask, fixed: Mask, sides: Sequence[Side], told: Mask) -> bool:
    """Hide more in the lines of what is told, or where all there is hidden, in the lines that cross them; and so on."""
    for _ in range(MOST_RINGS):
        if _hide_beside(turn, hidden, fixed, sides, told):
            return True
        told = hidden & _crossed(told, sides)
    return False


def _crossed(told: Mask, sides: Sequence[Side]) -> Mask:
    """Return the cells that share a line with one of these."""
    import numpy as np

    found = told.copy()
    for axis, side in enumerate(sides):
        for layer in side.layers:
            parts, parents = _at(axis, layer.parts), _at(axis, layer.parents)
            line = np.logical_or.reduceat(told[parts], layer.starts, axis) | told[parents]
            found[parents] |= line
            found[parts] |= line.take(layer.owner, axis)
    return found


def _hide_beside(turn: Turn, hidden: Mask, fixed: Mask, sides: Sequence[Side], told: Mask) -> bool:
    """Hide one more in every line in which a cell is told too closely; say whether anything was."""
    import numpy as np

    changed = False
    for axis, side in enumerate(sides):
        for layer in side.layers:
            in_line = np.logical_or.reduceat(told.take(layer.parts, axis), layer.starts, axis)
            in_line |= told[_at(axis, layer.parents)]
            if in_line.any() and _hide_one(turn, hidden, fixed, axis, layer, in_line):
                changed = True
    return changed


def _at(axis: int, where: Any) -> tuple[Any, ...]:
    return (slice(None),) * axis + (where,)


def never_shown(shape: tuple[int, ...]) -> Cube:
    """Return what was shown of cells of which nothing was."""
    import numpy as np

    return np.full(shape, NOT_KNOWN, np.int32)
