"""Boundaries as published: what comes in, what is refused whole, and the outlines that maps are drawn from."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from shapely import Point

from kingshurst_tui.errors import InputRejected
from kingshurst_tui.places.boundaries import outline
from kingshurst_tui.places.geography import geography
from kingshurst_tui.places.outlines import outlines
from kingshurst_tui.places.vocabulary import Level
from tests.intake.conftest import Town
from tests.places.conftest import TABLES, Take

SIDE = 400
GRID = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}
Spoil = Callable[[dict[str, Any]], object]


def square(x: float, y: float, side: float = SIDE) -> list[list[float]]:
    return [[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]


def ring(document: dict[str, Any], feature: int = 0) -> list[Any]:
    found: list[Any] = document["features"][feature]["geometry"]["coordinates"][0]
    return found


WRONG: tuple[tuple[Spoil, str], ...] = (
    (lambda it: ring(it).pop(), "not closed"),
    (lambda it: ring(it).__setitem__(1, [ring(it)[0][0] + 100, ring(it)[0][1] + 2 * SIDE]), "crosses itself"),
    (lambda it: it["features"].append(it["features"][0]), "stands in it twice"),
    (lambda it: it["features"][0]["properties"].update(LSOA21CD="E01010108"), "of no place of Kingshurst"),
    (lambda it: it["features"][0]["properties"].update(LSOA21CD="E05010108"), "of another level"),
    (lambda it: it["features"][0]["properties"].update(LSOA21CD=["E0"]), "no plain value"),
    (lambda it: it["features"][1]["properties"].update(MORE=1), "other properties than the first"),
    (lambda it: it["features"][0]["geometry"].update(type="LineString"), "no polygon"),
    (lambda it: it["features"][0].update(geometry=None), "no geometry"),
    (lambda it: ring(it)[1].__setitem__(0, 9e9), "outside Great Britain"),
    (lambda it: ring(it)[1].__setitem__(0, "1"), "a point that is none"),
    (lambda it: it["features"][1].update(geometry=it["features"][0]["geometry"]), "lie over one another"),
    (lambda it: ring(it)[1].__setitem__(0, float("nan")), "no whole JSON"),
    (lambda it: it.update(crs={"type": "name", "properties": {"name": "EPSG:3857"}}), "EPSG:3857"),
    (lambda it: it.update(type="Topology"), "no collection of features"),
)


def written(document: Any, path: Path) -> Path:
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return path


def of_town(town: Town, *, lacking: int = 0) -> dict[str, Any]:
    """A square around the middle of each small area, in metres."""
    known = geography(town.session())
    features: list[dict[str, Any]] = []
    for code in known.codes(Level.LSOA)[lacking:]:
        east, north = known.points[code]
        outline = {"type": "Polygon", "coordinates": [square(round(east) - SIDE / 2, round(north) - SIDE / 2)]}
        about = {"OBJECTID": len(features), "LSOA21CD": code, "LSOA21NM": code, "Shape__Area": 1.5, "GlobalID": None}
        features.append({"type": "Feature", "properties": about, "geometry": outline})
    return {"type": "FeatureCollection", "crs": GRID, "features": features}


def test_boundaries_come_in_whole_or_not_at_all(grounded: Town, take: Take, tmp_path: Path) -> None:
    right = of_town(grounded)
    before = [grounded.ask(f"SELECT count(*) FROM {table}") for table in TABLES]
    spoiled: list[tuple[Any, str]] = [
        ("{", "no JSON"),
        ('{"features": [' + "[" * 200_000, "no whole JSON"),
        (json.dumps(right)[:-40], "no whole JSON"),
        (json.dumps(right).replace("}, {", "} {"), "no whole JSON"),
        ({**right, "features": []}, "no feature"),
        (json.loads(json.dumps(right).replace("LSOA21CD", "LSOA11CD")), "of another vintage"),
    ]
    for spoil, says in WRONG:
        spoil(wrong := copy.deepcopy(right))
        spoiled.append((wrong, says))
    for wrong, says in spoiled:
        with pytest.raises(InputRejected) as refused:
            take(written(wrong, tmp_path / "wrong.geojson"))
        assert says in refused.value.title + refused.value.detail, (says, refused.value.title)
        assert "Nothing was stored" in refused.value.detail
    assert [grounded.ask(f"SELECT count(*) FROM {table}") for table in TABLES] == before

    made = take(written(right, tmp_path / "right.geojson"))
    assert (made.kind, made.vintage, made.rows) == ("lsoa-boundaries", "2021", len(right["features"]))
    found = outlines(grounded.session(), geography(grounded.session()))
    assert found.areas.keys() == {each["properties"]["LSOA21CD"] for each in right["features"]}
    assert found.areas[right["features"][0]["properties"]["LSOA21CD"]].area == pytest.approx(SIDE**2)
    assert found.caption.startswith("Boundaries as the Office for National Statistics")


def test_where_no_boundary_is_held_postcodes_tell_about_where(grounded: Town, take: Take, tmp_path: Path) -> None:
    known = geography(grounded.session())
    found = outlines(grounded.session(), known)
    assert found.caption.startswith("Approximate")
    assert set(found.areas) == set(known.codes(Level.LSOA))
    for row in known.located.values():
        if row[1] in found.areas and not row[-1]:
            assert found.areas[row[1]].distance(Point(row[5], row[6])) < 10
    # Of one no boundary is in the file: it alone is approximate, and the others stay where they are.
    take(written(of_town(grounded, lacking=1), tmp_path / "lacking.geojson"))
    mixed = outlines(grounded.session(), geography(grounded.session()))
    assert "1 LSOA is approximate" in mixed.caption
    one, *others = sorted(mixed.areas)
    assert all(mixed.areas[one].intersection(mixed.areas[each]).area < 1 for each in others)


def test_degrees_come_to_the_metres_that_the_postcode_directory_has() -> None:
    # A square around B14 4LJ, which lies at 409019, 278768.
    in_degrees = {"type": "Polygon", "coordinates": [square(-1.868849 - 0.005, 52.406846 - 0.005, 0.01)]}
    shape = outline(json.dumps(in_degrees), "E01010108", 1, metres=False)
    assert (shape.centroid.x, shape.centroid.y) == pytest.approx((409_019, 278_768), abs=5)
    assert shape.area == pytest.approx(680.5 * 1_112.7, rel=0.01)
