"""Maps of the Board's report: each LSOA where it lies, shaded by what is published of it and by nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from textwrap import wrap
from typing import TYPE_CHECKING

from kingshurst_tui.leaving.maps import HIDDEN, NAME, NUMBER, UNKNOWN, Map, Point, Ring, Shape, number_of
from kingshurst_tui.leaving.pages import Block, Words
from kingshurst_tui.places.map_areas import areas_of, rate_in_words
from kingshurst_tui.places.outlines import outlines
from kingshurst_tui.places.vocabulary import HIDDEN as HIDDEN_CELL
from kingshurst_tui.places.vocabulary import Level

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from kingshurst_tui.places.geography import Geography
    from kingshurst_tui.places.map_areas import Area
    from kingshurst_tui.places.outlines import Outlines
    from kingshurst_tui.places.published import PublishedSet
    from kingshurst_tui.session import Session

SHADES = 5
MAPPED = 3
"""Maps of as many data sets at most: those with most LSOAs of which something may be told."""
_FRAME = 0.02
_MADE = (
    "Each map shows the LSOAs of the borough by what may be told of their counts for every 1,000 residents in a year, "
    "in five shades with as many LSOAs each. A shade goes by the middle of the interval in which the rate lies. "
    "Neighbouring shades need not differ: beside each place stands its interval at 95 per cent, with rounding in it, "
    "and more or fewer than the rest of the borough is said only where the interval of that comparison has it; of "
    "twenty such comparisons one is outside its interval by chance. A shopping street draws people who live elsewhere."
)


def maps(session: Session, sets: Sequence[PublishedSet], known: Geography) -> Iterator[Block]:
    """Yield the maps with what they show; one sentence where nothing can be drawn. Raises: Refused."""
    found = [(each, areas_of(each, known)) for each in sets]
    found.sort(key=lambda one: (-sum(area.rate is not None for area in one[1]), one[0].agreement_ref))
    drawn = [(each, of) for each, of in found[:MAPPED] if any(area.rate is not None for area in of)]
    if not drawn:
        yield Words("No data set has enough LSOAs of which anything may be told.")
        return
    ground = outlines(session, known)
    if not ground.areas:
        yield Words("Neither boundaries nor postcodes are held: nothing can be drawn.")
        return
    yield Words(_MADE)
    for each, of in drawn:
        yield _map(f"{each.title} ({each.agency_code})", of, ground, known)


def _map(title: str, of: Sequence[Area], ground: Outlines, known: Geography) -> Map:
    shades, legend = _shades(of)
    to_map = _Scale(ground)
    shapes = []
    for area in of:
        outline = ground.areas.get(area.code)
        if outline is not None:
            shade = shades.get(area.code, HIDDEN if area.state == HIDDEN_CELL else UNKNOWN)
            at, room = to_map.middle(outline)
            rate = rate_in_words(*area.interval) if area.interval else area.count
            shapes.append(Shape(to_map.rings(outline), shade, area.name, area.words, rate, at, room))
    edges = tuple(ring for ward in ground.wards.values() for ring in to_map.rings(ward))
    wards = [(known.name(code), to_map.middle(ward)[0]) for code, ward in ground.wards.items()]
    names = named(wards, [each.at for each in shapes if number_of(each)[0]])
    return Map(
        title, tuple(shapes), edges, tuple(names), to_map.tall, legend, ground.caption, _table(of, shades, known)
    )


def _table(of: Sequence[Area], shades: Mapping[str, int], known: Geography) -> tuple[tuple[str, ...], ...]:
    """Return every LSOA in words, ward by ward."""
    wards = {area.code: known.parent(area.code, Level.WARD) for area in of}
    names = {code: known.name(ward.code) if ward else "" for code, ward in wards.items()}
    rows = [
        (
            names[area.code],
            area.name,
            area.count,
            rate_in_words(*area.interval) if area.interval else "not told",
            f"shade {shades[area.code] + 1}" if area.code in shades else "none",
            area.beside or "not told",
        )
        for area in sorted(of, key=lambda area: (names[area.code], area.name))
    ]
    head = ("Ward", "LSOA", "Count", "A year for every 1,000 residents (95 % interval)", "Shade", "Beside the rest")
    return head, *rows


def _shades(of: Sequence[Area]) -> tuple[dict[str, int], tuple[str, ...]]:
    """Return the shade of each LSOA that has a rate, and what each shade means."""
    rates = sorted(area.rate for area in of if area.rate is not None)
    edges = [rates[min(len(rates) * step // SHADES, len(rates) - 1)] for step in range(1, SHADES)]
    shades = {area.code: sum(area.rate >= edge for edge in edges) for area in of if area.rate is not None}
    many = Counter(shades.values())
    steps = [f"{edge:,.0f}" for edge in edges]
    spans = (f"under {steps[0]}", *(f"{a} to {b}" for a, b in pairwise(steps)), f"{steps[-1]} or more")
    return shades, tuple(
        f"{span} a year for every 1,000 residents ({many[shade]} LSOAs)" for shade, span in enumerate(spans)
    )


_LETTER, _LINE, _LONGEST = 0.62, 1.15, 14
"""Of a letter's height: how wide one is, and from line to line; and so many letters to a line."""
_AROUND = sorted(
    ((right * 0.02, down * 0.007) for right in range(-2, 3) for down in range(-7, 8)),
    key=lambda by: abs(by[0]) + abs(by[1]),
)


def named(wards: Sequence[tuple[str, Point]], numbers: Sequence[Point]) -> Iterator[tuple[str, Point]]:
    """Yield the lines of each name, and where, near its ward's middle: over no other name, and over few numbers."""
    taken: list[tuple[float, float, float, float]] = []
    for name, (x, y) in sorted(wards, key=lambda ward: ward[1][1]):
        lines = wrap(name, _LONGEST) or [name]
        wide = max(map(len, lines)) * _LETTER * NAME / 2
        tall = len(lines) * _LINE * NAME / 2

        def cost(by: Point, *, x: float = x, y: float = y, wide: float = wide, tall: float = tall) -> float:
            across, down = x + by[0], y + by[1]
            over = sum(
                abs(across - other[0]) < wide + other[2] and abs(down - other[1]) < tall + other[3] for other in taken
            )
            hides = sum(abs(across - at[0]) < wide and abs(down - at[1]) < tall + NUMBER / 3 for at in numbers)
            outside = across < wide or across > 1 - wide
            return 100 * over + 100 * outside + hides + 10 * (abs(by[0]) + abs(by[1]))

        by = min(_AROUND, key=cost)
        taken.append((x + by[0], y + by[1], wide, tall))
        for number, line in enumerate(lines):
            yield line, (x + by[0], y + by[1] - tall + (number + 0.85) * _LINE * NAME)


class _Scale:
    """From metres of the national grid to a map of the width 1, north at its head."""

    def __init__(self, ground: Outlines) -> None:
        from shapely import total_bounds

        west, south, east, north = (float(each) for each in total_bounds(list(ground.areas.values())))
        self._west, self._north = west, north
        self._metres = max(east - west, 1.0) / (1 - 2 * _FRAME)
        self.tall = (north - south) / self._metres + 2 * _FRAME

    def _at(self, x: float, y: float) -> tuple[float, float]:
        return _FRAME + (x - self._west) / self._metres, _FRAME + (self._north - y) / self._metres

    def rings(self, shape: BaseGeometry) -> tuple[Ring, ...]:
        """Return its edges and those of its holes."""
        parts = getattr(shape, "geoms", [shape])
        every = [ring for part in parts for ring in (part.exterior, *part.interiors)]
        return tuple(tuple(self._at(x, y) for x, y in ring.coords) for ring in every)

    def middle(self, shape: BaseGeometry) -> tuple[tuple[float, float], float]:
        """Return the middle of the largest circle within a shape, and its radius."""
        from shapely import maximum_inscribed_circle

        line = maximum_inscribed_circle(shape, tolerance=self._metres / 500)
        return self._at(*line.coords[0]), line.length / self._metres
