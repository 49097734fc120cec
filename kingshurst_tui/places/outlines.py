"""The outline of each LSOA for a map: its boundary as published, or about where its postcodes are.

Where no boundary is held, every point of the ground is given to the postcode nearest to it (Thiessen polygons), and the
ground of an LSOA is that of its postcodes, no farther out than some way beyond the outermost. Postcodes of other
boroughs in the same look-up take their part, so that the ground ends where theirs begins.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import db.places
from kingshurst_tui.counting import some
from kingshurst_tui.places.boundaries import unpacked
from kingshurst_tui.places.geography import Located
from kingshurst_tui.places.vocabulary import Level

if TYPE_CHECKING:
    from collections.abc import Collection

    from shapely.geometry.base import BaseGeometry

    from kingshurst_tui.places.geography import Geography
    from kingshurst_tui.session import Session

_HELD = "outlines"
BEYOND = 250.0
"""Metres from the outermost postcodes to the edge of the approximate ground."""
BAY = 300.0
"""Metres: bays of the edge narrower than twice as much are closed."""
HOLLOW = 0.2
"""How closely the edge follows the outermost postcodes: 0 as close as may be, 1 the convex hull."""
FINE = 1_500
"""Parts of the map's width in which nothing smaller is drawn."""


@dataclass(frozen=True)
class Outlines:
    """What the borough looks like.

    Attributes:
        areas: the ground of each LSOA, in metres of the national grid, drawn no finer than a map shows.
        wards: the edge of each ward, by code.
        caption: where the outlines are from, and of which LSOAs they are approximate.
    """

    areas: Mapping[str, BaseGeometry] = field(default_factory=dict)
    wards: Mapping[str, BaseGeometry] = field(default_factory=dict)
    caption: str = ""


def outlines(session: Session, known: Geography) -> Outlines:
    """Return the outlines of the borough's newest LSOAs; read and made once a session."""
    held: tuple[tuple[int, ...], Outlines] | None = session.held.get(_HELD)
    if held is None or held[0] != known.sources:
        lsoas = {row.code: unpacked(row.outline) for row in session.look(db.places.boundaries, Level.LSOA.value)}
        wards = {row.code: unpacked(row.outline) for row in session.look(db.places.boundaries, Level.WARD.value)}
        held = session.held[_HELD] = known.sources, drawn(known, lsoas, wards)
    return held[1]


def drawn(known: Geography, lsoas: Mapping[str, BaseGeometry], wards: Mapping[str, BaseGeometry]) -> Outlines:
    """Return the outlines that published boundaries and postcodes make together.

    Args:
        known: the places.
        lsoas: boundaries of LSOAs of any vintage: an LSOA that was not redrawn keeps its code.
        wards: boundaries of wards.
    """
    from shapely import coverage_simplify, unary_union

    wanted = known.codes(Level.LSOA)
    areas = {code: lsoas[code] for code in wanted if code in lsoas}
    missing = [code for code in wanted if code not in areas]
    made = from_postcodes(known, missing, areas, [shape for code, shape in lsoas.items() if code not in areas])
    every = {code: (areas | made)[code] for code in wanted if code in areas or code in made}
    if not every:
        return Outlines()
    west, _, east, _ = unary_union(list(every.values())).bounds
    simple = coverage_simplify(list(every.values()), (east - west) / FINE)
    every = {code: shape for code, shape in zip(every, simple, strict=True) if not shape.is_empty}
    return Outlines(every, _wards(known, every, wards), _caption(len(areas), len(made), len(wanted)))


def from_postcodes(
    known: Geography, codes: Collection[str], held: Mapping[str, BaseGeometry], gone: Collection[BaseGeometry]
) -> dict[str, BaseGeometry]:
    """Return about where the LSOAs lie of which no boundary is held.

    Args:
        known: whose postcodes they are.
        codes: those LSOAs.
        held: boundaries of the others, which stay as they are.
        gone: boundaries of LSOAs that are no more: what has no boundary yet came of them.
    """
    from shapely import MultiPoint, STRtree, concave_hull, unary_union, voronoi_polygons

    points: dict[tuple[int, int], str] = {}
    for row in known.located.values():
        each = Located(*row)
        if each.lsoa and each.easting is not None and each.northing is not None and not each.ended:
            points.setdefault((each.easting, each.northing), each.lsoa)
    wanted = set(codes)
    ours = [at for at, code in points.items() if code in wanted]
    if not ours:
        return {}
    if gone:
        ground = unary_union(list(gone))
    else:
        known_codes = set(known.codes(Level.LSOA))
        around = MultiPoint([at for at, code in points.items() if code in known_codes])
        ground = concave_hull(around, ratio=HOLLOW).buffer(BEYOND + BAY).buffer(-BAY)
    if held:
        ground = ground.difference(unary_union(list(held.values())))
    places = list(points)
    cells = list(voronoi_polygons(MultiPoint(places), extend_to=ground.envelope).geoms)
    # Cells come in an order of their own: each holds just one of the points.
    inside, which = STRtree(cells).query([_point(at) for at in places], predicate="within")
    parts: dict[str, list[BaseGeometry]] = {code: [] for code in codes}
    for at, cell in zip(inside, which, strict=True):
        code = points[places[at]]
        if code in parts:
            parts[code].append(cells[cell])
    found = {code: unary_union(each).intersection(ground) for code, each in parts.items() if each}
    return {code: shape for code, shape in found.items() if shape.area > 0}


def _point(at: tuple[int, int]) -> BaseGeometry:
    from shapely import Point

    return Point(at)


def _wards(
    known: Geography, areas: Mapping[str, BaseGeometry], held: Mapping[str, BaseGeometry]
) -> dict[str, BaseGeometry]:
    """Return the edges of the newest wards: as published, or those of the LSOAs that fit each best."""
    from shapely import coverage_union_all, simplify

    found = {}
    for ward in known.wards:
        parts = [areas[code] for code in known.children(ward, Level.LSOA) if code in areas]
        if ward in held:
            found[ward] = simplify(held[ward], 10)
        elif parts:
            found[ward] = coverage_union_all(parts)
    return found


def _caption(published: int, made: int, wanted: int) -> str:
    said = []
    if published and not made:
        said.append("Boundaries as the Office for National Statistics publishes them.")
    elif made and published:
        said.append(
            f"Boundaries as the Office for National Statistics publishes them; {some(made, 'LSOA is', 'LSOAs are')} "
            "approximate: the ground nearest to its postcodes."
        )
    elif made:
        said.append(
            "Approximate: no boundaries are held, so each LSOA is the ground nearest to its postcodes, and the outer "
            f"edge is some {BEYOND:,.0f} metres beyond the outermost of them."
        )
    if lacking := wanted - published - made:
        said.append(f"Of {some(lacking, 'LSOA', 'LSOAs')} neither a boundary nor a postcode is held: not drawn.")
    if published:
        said.append(
            "Source: Office for National Statistics licensed under the Open Government Licence v.3.0. Contains OS data "
            "\N{COPYRIGHT SIGN} Crown copyright and database right."
        )
    return " ".join(said)
