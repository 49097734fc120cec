"""Boundaries of places as the Open Geography Portal has them: checked whole, kept in metres of the national grid."""

from __future__ import annotations

import json
import re
import zlib
from collections import Counter
from collections.abc import Collection
from math import isfinite
from typing import TYPE_CHECKING, Any

from db.places import BoundaryRow
from kingshurst_tui.counting import some
from kingshurst_tui.errors import InputRejected
from kingshurst_tui.places.drafts import FIRST_LOOK_UP, Draft, Known, code_in, inside, rejected, said_missing
from kingshurst_tui.places.national_grid import to_grid
from kingshurst_tui.places.reading import Published, Row
from kingshurst_tui.places.vocabulary import Level, SourceKind

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

MOST_CORNERS = 200_000
"""Of one place."""
MOST_OVERLAP = 0.1
"""Of the smaller of two places' ground, what both may have: boundaries drawn to 500 metres cross a little."""
_ROLE = {SourceKind.LSOA_BOUNDARIES: ("lsoa", Level.LSOA), SourceKind.WARD_BOUNDARIES: ("ward", Level.WARD)}
_NAMED = {Level.LSOA: "LSOAs", Level.WARD: "wards"}
_DEGREES = re.compile(r"(urn:ogc:def:crs:)?(OGC:(1\.3)?:?CRS84|EPSG:+4326)", re.IGNORECASE)
_METRES = re.compile(r"(urn:ogc:def:crs:)?EPSG:+27700", re.IGNORECASE)
_BRITAIN_IN_DEGREES = (-9.0, 2.5, 49.0, 61.5)
_BRITAIN_IN_METRES = (0.0, 700_000.0, 0.0, 1_300_000.0)
_TENTHS = 10


def boundaries(file: Published, known: Known, asked: Collection[str], vintage: str) -> Draft:
    """Return the boundary of each of the borough's LSOAs, or wards, of a file. Raises: InputRejected."""
    del asked  # which places are the borough's follows from the look-ups that stand
    columns = file.columns
    kind = SourceKind.LSOA_BOUNDARIES if columns.has("lsoa") else SourceKind.WARD_BOUNDARIES
    role, level = _ROLE[kind]
    of = vintage or columns.vintage(role)
    if not of:
        raise rejected(f"No property says of which year the {_NAMED[level]} are.", "Say it with --vintage YEAR.")
    if not known.of(level, of):
        raise rejected(
            f"Of which {_NAMED[level]} of {of} the borough consists, no look-up says.",
            FIRST_LOOK_UP if not known.codes else f"Take in a look-up with the {_NAMED[level]} of {of} first.",
        )
    every = list(file.rows())
    codes = [code_in(columns, row, role, level) for row in every]
    if again := sorted(code for code, many in Counter(codes).items() if many > 1):
        raise rejected(
            f"{some(len(again), 'boundary stands', 'boundaries stand')} in it twice.", "Use it as published.", again
        )
    wanted = inside(codes, known, level, of)
    metres = _in_metres(columns.cell(every[0], "crs"), every[0], columns.at["boundary"])
    found: dict[str, BaseGeometry] = {}
    for row, code in zip(every, codes, strict=True):
        if code in wanted:
            found[code] = outline(str(row.cells[columns.at["boundary"]]), code, row.number, metres=metres)
    _lie_beside(found)
    draft = Draft(kind, f"Boundaries of {_NAMED[level]} of {of}", of, rows=len(found), left_out=len(every) - len(found))
    draft.boundaries = [BoundaryRow(level.value, code, _packed(shape)) for code, shape in found.items()]
    draft.said = [_said(found), *said_missing(found, known, level, of)]
    return draft


def unpacked(outline: bytes) -> BaseGeometry:
    """Return a boundary as it is kept, in metres."""
    from shapely import from_wkb

    return from_wkb(zlib.decompress(outline))


def _packed(shape: BaseGeometry) -> bytes:
    from shapely import to_wkb

    return zlib.compress(to_wkb(shape, byte_order=1))


def _said(found: dict[str, BaseGeometry]) -> str:
    from shapely import get_num_coordinates

    corners = sum(int(get_num_coordinates(each)) for each in found.values())
    ground = sum(each.area for each in found.values()) / 1_000_000
    return f"{some(len(found), 'boundary', 'boundaries')} with {corners:,} corners, {ground:,.1f} square kilometres."


def _in_metres(crs: str, first: Row, at: int) -> bool:
    """Say whether coordinates are metres of the national grid, and not degrees. Raises: InputRejected: neither."""
    if _METRES.fullmatch(crs):
        return True
    if _DEGREES.fullmatch(crs):
        return False
    if crs:
        raise rejected(
            f"Its coordinates are {crs[:60]!r}.",
            "Take the file in longitude and latitude (WGS 84), as published, or in the British National Grid "
            "(EPSG:27700).",
        )
    # The standard says degrees where nothing is said; the Portal's older files have metres and do not say so.
    numbers = re.search(r"-?\d+(?:\.\d+)?", str(first.cells[at])[str(first.cells[at]).find("[") :])
    return numbers is not None and abs(float(numbers[0])) > 180


def outline(text: str, code: str, number: int, *, metres: bool) -> BaseGeometry:
    """Return one place's boundary in metres of the national grid.

    Args:
        text: its geometry as GeoJSON.
        code: of the place.
        number: of the feature.
        metres: whether its coordinates are metres already, and not degrees.

    Raises: InputRejected.
    """
    from shapely import MultiPolygon, Polygon, is_valid_reason

    def wrong(what: str) -> InputRejected:
        return rejected(f"The boundary of {code} (feature {number:,}) {what}.", "Use the file as published.")

    try:
        geometry = json.loads(text)
        kind, parts = geometry["type"], geometry["coordinates"]
        polygons = [parts] if kind == "Polygon" else parts if kind == "MultiPolygon" else None
        if polygons is None:
            raise wrong(f"is a {str(kind)[:20]}, and no polygon")
        rings = [[_ring(ring, metres=metres) for ring in polygon] for polygon in polygons]
    except _NotOneError as found:
        raise wrong(str(found)) from None
    except (ValueError, TypeError, KeyError, RecursionError):
        raise wrong("cannot be read") from None
    if not rings or not all(rings):
        raise wrong("is empty")
    if sum(len(ring) for polygon in rings for ring in polygon) > MOST_CORNERS:
        raise wrong(f"has more than {MOST_CORNERS:,} corners")
    shape = MultiPolygon([Polygon(polygon[0], polygon[1:]) for polygon in rings])
    if not shape.is_valid:
        why, _, where = str(is_valid_reason(shape)).partition("[")
        raise wrong(f"{_WHY.get(why, 'is no area')} near {where.rstrip(']') or 'an unknown point'}")
    if not shape.area:
        raise wrong("has no area")
    return shape


_WHY = {
    "Self-intersection": "crosses itself",
    "Ring Self-intersection": "touches or crosses itself",
    "Hole lies outside shell": "has a hole that lies outside it",
    "Nested shells": "has a part within a part",
}


class _NotOneError(Exception):
    """A ring is none."""


def _ring(points: Any, *, metres: bool) -> list[tuple[float, float]]:
    if not isinstance(points, list) or len(points) < 4:
        raise _NotOneError("has a ring of fewer than four points")
    if len(points) > MOST_CORNERS:
        raise _NotOneError(f"has more than {MOST_CORNERS:,} corners")
    if points[0] != points[-1]:
        raise _NotOneError("has a ring that is not closed")
    west, east, south, north = _BRITAIN_IN_METRES if metres else _BRITAIN_IN_DEGREES
    found = []
    for point in points:
        x, y = _pair(point)
        if not (west <= x <= east and south <= y <= north):
            raise _NotOneError(f"has a point outside Great Britain: {x}, {y}")
        at = (x, y) if metres else to_grid(x, y)
        # Neighbours have the same corners, and keep them: the same point is rounded alike.
        found.append((round(at[0] * _TENTHS) / _TENTHS, round(at[1] * _TENTHS) / _TENTHS))
    return found


def _pair(point: Any) -> tuple[float, float]:
    is_one = isinstance(point, list) and len(point) in (2, 3)
    if not is_one or not all(type(each) in (int, float) and isfinite(each) for each in point):
        raise _NotOneError("has a point that is none")
    return float(point[0]), float(point[1])


def _lie_beside(found: dict[str, BaseGeometry]) -> None:
    """Make sure that places do not lie over one another. Raises: InputRejected."""
    from shapely import STRtree

    codes, shapes = list(found), list(found.values())
    over = [
        f"{codes[one]} and {codes[other]}"
        for one, other in zip(*STRtree(shapes).query(shapes, predicate="intersects"), strict=True)
        if one < other
        and shapes[one].intersection(shapes[other]).area > MOST_OVERLAP * min(shapes[one].area, shapes[other].area)
    ]
    if over:
        raise rejected("Boundaries in it lie over one another.", "Use the file as published.", over)
