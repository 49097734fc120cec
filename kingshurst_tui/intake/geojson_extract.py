"""GeoJSON (RFC 7946, and as the Open Geography Portal writes it): a row a feature, read one at a time and in bounds.

A row has the texts of its properties, what the file says of its coordinates, and its geometry as JSON.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from io import BufferedReader
from typing import Any, NoReturn

from kingshurst_tui.errors import InputRejected
from kingshurst_tui.intake.extract import LONGEST_CELL, MOST_COLUMNS, NOTHING_STORED, Extract
from kingshurst_tui.intake.text import clean

MOST_BYTES = 30_000_000
"""Of a file: the 134 LSOAs of Solihull, generalised to 20 metres, have 0.3 million."""
MOST_FEATURES = 60_000
LONGEST_GEOMETRY = 6_000_000
"""Characters of one place's boundary; the longest of an LSOA in full resolution has under a million."""
CRS, GEOMETRY = "crs", "geometry"
"""Names of the last two columns."""

_FEATURES = re.compile(r'"features"\s*:\s*\[')
_BETWEEN = re.compile(r"\s*(,?)\s*")


def read_geojson(handle: BufferedReader) -> Extract:
    """Return a file's property names as header, and its features as rows. Raises: InputRejected."""
    size = os.fstat(handle.fileno()).st_size
    if size > MOST_BYTES:
        raise _refused(
            f"The file has {size / 1_000_000:,.0f} million bytes; of boundaries no more than "
            f"{MOST_BYTES // 1_000_000} million are read."
        )
    try:
        text = handle.read(MOST_BYTES + 1).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _refused("It is no JSON in UTF-8.") from None
    found = _FEATURES.search(text)
    if found is None:
        raise _refused("It is no JSON with a list of features.")
    rows = _rows(text, found.start(), found.end())
    first, header = next(rows, ([], []))
    done = [0.0]

    def every() -> Iterator[list[str]]:
        yield first
        for number, (row, names) in enumerate(rows, start=2):
            if names != header:
                raise _refused(f"Feature {number:,} has other properties than the first.")
            yield row
        done[0] = 1.0

    return Extract(header, 1, every(), lambda: done[0], handle.close)


def _rows(text: str, begins: int, at: int) -> Iterator[tuple[list[str], list[str]]]:
    decoder = json.JSONDecoder(parse_constant=_no_constant)
    number = 0
    try:
        before = _around(text[:begins].rstrip().rstrip(",") + "}")
        crs = _crs(before.get("crs"))
        while text[(at := _skipped(text, at, first=not number)) : at + 1] != "]":
            number += 1
            if number > MOST_FEATURES:
                raise _refused(f"It has more than {MOST_FEATURES:,} features.")
            feature, at = decoder.raw_decode(text, at)
            yield _row(feature, number, crs)
        whole = _around(text[:begins] + '"features":[]' + text[at + 1 :])
    except (ValueError, RecursionError):
        raise _refused(f"It is no whole JSON: after feature {max(number - 1, 0):,} it cannot be read.") from None
    if whole.get("type") != "FeatureCollection" or whole.get("features") != []:
        raise _refused("It is no collection of features (GeoJSON).")
    if not number:
        raise _refused("It has no feature.")
    if _crs(whole.get("crs")) != crs:
        raise _refused("What its coordinates are stands behind the features, and not before them.")


def _around(text: str) -> dict[str, Any]:
    found = json.loads(text, parse_constant=_no_constant)
    if not isinstance(found, dict):
        raise ValueError
    return found


def _skipped(text: str, at: int, *, first: bool) -> int:
    """Return where the next feature begins, or the list ends. Raises: ValueError: a comma is missing, or too many."""
    found = _BETWEEN.match(text, at)
    if found is None:
        return at
    if bool(found[1]) == (first or text[found.end() : found.end() + 1] == "]"):
        raise ValueError
    return found.end()


def _row(feature: Any, number: int, crs: str) -> tuple[list[str], list[str]]:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    if not isinstance(properties, dict) or not isinstance(geometry, dict) or len(properties) > MOST_COLUMNS:
        raise _refused(f"Feature {number:,} has no properties or no geometry.")
    outline = json.dumps(geometry, separators=(",", ":"))
    if len(outline) > LONGEST_GEOMETRY:
        raise _refused(f"The boundary of feature {number:,} has more than {LONGEST_GEOMETRY:,} characters.")
    cells = []
    for name, value in properties.items():
        if isinstance(value, dict | list):
            raise _refused(f"Feature {number:,}: {clean(name)[:40]!r} is no plain value.")
        cells.append("" if value is None else clean(str(value))[:LONGEST_CELL])
    return [*cells, crs, outline], [*(clean(name)[:LONGEST_CELL] for name in properties), CRS, GEOMETRY]


def _crs(stated: Any) -> str:
    """Return what a file says its coordinates are, as it says it; empty where it says nothing."""
    if stated is None:
        return ""
    about = stated.get("properties") if isinstance(stated, dict) else None
    name = about.get("name") if isinstance(about, dict) else None
    return clean(name)[:100] if isinstance(name, str) else "not readable"


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _refused(title: str) -> InputRejected:
    return InputRejected(
        title,
        NOTHING_STORED,
        "Use the GeoJSON file as published by the Open Geography Portal: of the borough alone, or more generalised.",
    )
