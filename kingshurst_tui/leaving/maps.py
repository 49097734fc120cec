"""A map as plain records, and how its shades are drawn alike in every form: by a colour and by lines across it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, cos, floor, radians, sin
from typing import NamedTuple

Point = tuple[float, float]
Ring = tuple[Point, ...]

HIDDEN, UNKNOWN = -1, -2
"""Shades of a place of which nothing may be told, and of one of which nothing is known."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A place on a map.

    Attributes:
        rings: its edges, closed, from 0 to 1 across and on the same scale down; what lies within two is a hole.
        shade: 0 to 4, more the darker; HIDDEN or UNKNOWN.
        label: what it is called.
        words: what is told of it.
        rate: the same, short.
        at: its middle, and
        room: how far its edge is from there, on the scale of the points.
    """

    rings: tuple[Ring, ...]
    shade: int
    label: str
    words: str
    rate: str
    at: Point
    room: float


@dataclass(frozen=True, slots=True)
class Map:
    """Places where they lie, darker where more; every shade has lines of its own, a number, and words in the legend.

    Attributes:
        shapes: the places.
        edges: heavier lines around several of them, as rings.
        names: what to read on the map, a line each, and where the middle of its foot stands.
        tall: the map's height over its width.
        legend: what the shades mean, lightest first.
        caption: where the outlines are from, and what else there is to know.
        table: the same in words for whoever reads no picture: a header and a row a place.
    """

    title: str
    shapes: tuple[Shape, ...]
    edges: tuple[Ring, ...]
    names: tuple[tuple[str, Point], ...]
    tall: float
    legend: tuple[str, ...]
    caption: str
    table: tuple[tuple[str, ...], ...] = ()

    @property
    def swatches(self) -> list[tuple[int, str]]:
        """Return each shade that the map may have, with what it means."""
        found = [(shade, f"{shade + 1}: {words}") for shade, words in enumerate(self.legend)]
        if any(each.shade == HIDDEN for each in self.shapes):
            found.append((HIDDEN, "hidden: a small number, or one that would tell a small one"))
        if any(each.shade == UNKNOWN for each in self.shapes):
            found.append((UNKNOWN, "not known"))
        return found

    @property
    def about(self) -> str:
        """Return the map in one sentence, for whoever does not see it."""
        told = sum(each.shade >= 0 for each in self.shapes)
        hidden = sum(each.shade == HIDDEN for each in self.shapes)
        unknown = len(self.shapes) - told - hidden
        return (
            f"Of {len(self.shapes)} places {told} have a shade from 1 (fewest) to {len(self.legend)} (most), "
            f"{hidden} are hidden and {unknown} not known."
        )

    def in_words(self) -> list[str]:
        """Return the map in sentences: the darkest places, and how many are not told."""
        dark = [f"{each.label} {each.rate}" for each in self.shapes if each.shade == len(self.legend) - 1]
        said = [f"Shade {len(self.legend)}, with the interval of each: {', '.join(dark)}."] if dark else []
        return [self.about, *said]


class Ink(NamedTuple):
    """How a shade is drawn.

    Attributes:
        fill: its colour, red, green and blue.
        line: the colour of the lines across it.
        lines: their angle in degrees and the distance between them, as a part of the map's width.
        text: the colour of what is written on it.
    """

    fill: tuple[int, int, int]
    line: tuple[int, int, int]
    lines: tuple[tuple[int, float], ...]
    text: tuple[int, int, int]


_BLACK, _WHITE = (0, 0, 0), (255, 255, 255)
INKS: dict[int, Ink] = {
    0: Ink((250, 247, 240), _BLACK, (), _BLACK),
    1: Ink((214, 224, 235), (150, 168, 188), ((90, 0.014),), _BLACK),
    2: Ink((170, 190, 212), (98, 124, 152), ((0, 0.010),), _BLACK),
    3: Ink((108, 138, 172), (52, 80, 112), ((0, 0.010), (90, 0.010)), _WHITE),
    4: Ink((24, 48, 80), _BLACK, (), _WHITE),
    HIDDEN: Ink(_WHITE, (150, 150, 150), ((45, 0.009),), _BLACK),
    UNKNOWN: Ink(_WHITE, (190, 190, 190), ((45, 0.018), (135, 0.018)), _BLACK),
}
"""Blue alone, from light to dark: it prints in grey and is told apart by those who see no red or green."""
EDGE, THIN, HEAVY = (70, 70, 70), 0.0007, 0.0026
"""The colour of edges, and how wide they are."""
NAME, NUMBER, LEAST_NUMBER = 0.014, 0.018, 0.008
"""How tall letters of names and numbers are, as parts of the map's width; a smaller number than that is not written."""


def number_of(shape: Shape) -> tuple[str, float]:
    """Return the number to write on a shape and how tall; nothing where none fits or nothing is told."""
    size = min(shape.room, NUMBER)
    return (str(shape.shade + 1), size) if shape.shade >= 0 and size >= LEAST_NUMBER else ("", 0.0)


def lines_across(rings: Sequence[Ring], angle: int, apart: float) -> Iterator[tuple[Point, Point]]:
    """Yield lines that lie within a shape, as far from one another, at the same places in every shape of a map.

    Args:
        rings: edges; within an odd number of them is inside.
        angle: in degrees, 0 across.
        apart: the distance between two lines.
    """
    across, up = cos(radians(angle)), sin(radians(angle))
    # Turned so that the lines lie level: a line at a height crosses the edges at pairs of places.
    turned = [[(x * across + y * up, y * across - x * up) for x, y in ring] for ring in rings]
    heights = [y for ring in turned for _, y in ring]
    if not heights:
        return
    for number in range(ceil(min(heights) / apart), floor(max(heights) / apart) + 1):
        height = number * apart
        crossings = sorted(
            x0 + (height - y0) * (x1 - x0) / (y1 - y0)
            for ring in turned
            for (x0, y0), (x1, y1) in pairwise(ring)
            if (y0 <= height) != (y1 <= height)
        )
        for begins, ends in zip(crossings[::2], crossings[1::2], strict=False):
            yield (
                (begins * across - height * up, begins * up + height * across),
                (ends * across - height * up, ends * up + height * across),
            )
