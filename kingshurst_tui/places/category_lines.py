"""Counts beside the count of a row, and what is a part of what: the lines that tie categories to one another.

An extract may carry several numbers a row: attendances, and of these the waits over four hours; pupils eligible, and
all pupils on the roll. What is left of the whole beside its part may be as small as any number: of 500
attendances of which 497 waited too long, three did not. So the rest is a category too, hidden and rounded like the
others, and nobody has it by subtraction.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from kingshurst_tui.places.found import Share
from kingshurst_tui.places.protecting import Layer, Line, Side, _heaps, _layer, _Watched
from kingshurst_tui.places.vocabulary import ALL, BESIDE, OF, PART, WHOLE


def rest_of(name: str, relation: str) -> str:
    """Return what is called that which is left of the whole beside its part."""
    return f"not: {name}" if relation == PART else f"the others of: {name}"


def within(category: str, name: str) -> str:
    """Return a number's name within one category."""
    return f"{category}{OF}{name}"


@dataclass(frozen=True)
class Lined(Side):
    """A side of a cube in which one total may be the sum of this and of that.

    Attributes:
        also: further lines; their totals may have parts already.
    """

    also: tuple[Line, ...] = ()

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """The totals by height, lowest first."""
        lines: list[Line] = [(name, tuple(self.parts[name])) for name in self.names if self.parts.get(name)]
        lines += self.also
        below: dict[str, list[str]] = {}
        for total, parts in lines:
            below.setdefault(total, []).extend(parts)
        heights: dict[str, int] = {}

        def height(name: str) -> int:
            if name not in heights:
                heights[name] = 1 + max((height(part) for part in below.get(name, ())), default=-1)
            return heights[name]

        lines.sort(key=lambda line: height(line[0]))
        same_height = (list(same) for _, same in groupby(lines, lambda line: height(line[0])))
        return tuple(_layer(self.place, heap) for same in same_height for heap in _heaps(same))

    @cached_property
    def watched(self) -> Side:
        """The same with the sums of some parts, as of any side."""
        first = Side(self.names, self.parts).watched
        lines = first.lines if isinstance(first, _Watched) else ()
        return _Watched(first.names, {}, (*lines, *self.also))


def lined(categories: Collection[str], measures: Mapping[str, str], gone: Collection[str] = ()) -> Side:
    """Return the categories with all of them together, which comes first, and the numbers beside them.

    Args:
        categories: of the count itself.
        measures: the numbers beside it, and what each is to it.
        gone: what was shown once and no row carries any more; it is tied to nothing.
    """
    names = sorted(categories, key=lambda name: (name.casefold(), name))
    parts: dict[str, Sequence[str]] = {ALL: names} if names else {}
    every, also = [ALL, *names], list[Line]()
    for measure, relation in measures.items() if names else ():
        mine = [within(name, measure) for name in names]
        every += [measure, *mine]
        parts[measure] = mine
        if relation == BESIDE:
            continue
        rest = rest_of(measure, relation)
        others = [within(name, rest) for name in names]
        every += [rest, *others]
        parts[rest] = others
        also.append((ALL, (measure, rest)) if relation == PART else (measure, (ALL, rest)))
        for name, part, other in zip(names, mine, others, strict=True):
            total, line = (name, (part, other)) if relation == PART else (part, (name, other))
            if total in parts:
                also.append((total, line))
            else:
                parts[total] = line
    every += sorted(set(gone) - set(every))
    return Lined(tuple(every), parts, tuple(also)) if also or measures else Side(tuple(every), parts)


def shares(measures: Mapping[str, str]) -> list[Share]:
    """Return what is shown as a share of what."""
    pairs = {PART: lambda name: Share(name, ALL), WHOLE: lambda name: Share(ALL, name)}
    return [pairs[relation](name) for name, relation in measures.items() if relation in pairs]
