"""A map as a picture of dots (PNG), for a form that draws no outlines of its own."""

from __future__ import annotations

import io
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any

from kingshurst_tui.leaving.maps import EDGE, HEAVY, INKS, NAME, lines_across, number_of
from kingshurst_tui.leaving.pages import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kingshurst_tui.leaving.maps import Map, Point, Ring

_WIDE = 1_600
"""Dots across: 240 an inch on a page."""
_LEGEND = 27


def picture(block: Map) -> bytes:
    """Return the map with its legend as PNG."""
    from PIL import Image, ImageDraw, ImageFont

    tall = round(block.tall * _WIDE)
    step = _LEGEND * 2
    page = Image.new("RGB", (_WIDE, tall + step * len(block.swatches) + 10), "white")
    draw = ImageDraw.Draw(page)
    for shape in block.shapes:
        _shape(page, draw, shape.rings, shape.shade, (0.0, 0.0))
    for ring in block.edges:
        draw.line(_dots(ring), fill="black", width=round(HEAVY * _WIDE), joint="curve")
    with as_file(files("kingshurst_tui.leaving").joinpath("fonts", "DejaVuSans.ttf")) as font:
        for shape in block.shapes:
            figure, size = number_of(shape)
            if figure:
                (middle,) = _dots((shape.at,))
                letters = ImageFont.truetype(str(font), round(size * _WIDE))
                draw.text(middle, figure, fill=INKS[shape.shade].text, font=letters, anchor="mm")
        letters = ImageFont.truetype(str(font), round(NAME * _WIDE))
        for text, at in block.names:
            (middle,) = _dots((at,))
            draw.text(middle, plain(text), fill="black", font=letters, anchor="ms", stroke_width=4, stroke_fill="white")
        letters = ImageFont.truetype(str(font), _LEGEND)
        for number, (shade, words) in enumerate(block.swatches):
            top = (tall + 10 + number * step) / _WIDE
            box: Ring = ((0.002, 0), (0.05, 0), (0.05, 0.026), (0.002, 0.026), (0.002, 0))
            _shape(page, draw, (box,), shade, (0.0, top))
            draw.text((0.06 * _WIDE, (top + 0.013) * _WIDE), plain(words), fill="black", font=letters, anchor="lm")
    kept = io.BytesIO()
    page.quantize(64).save(kept, "PNG", optimize=True)
    return kept.getvalue()


def _dots(points: Sequence[Point], by: Point = (0.0, 0.0)) -> list[tuple[float, float]]:
    return [((x + by[0]) * _WIDE, (y + by[1]) * _WIDE) for x, y in points]


def _shape(page: Any, draw: Any, rings: Sequence[Ring], shade: int, by: Point) -> None:
    from PIL import Image, ImageChops, ImageDraw

    ink = INKS[shade]
    every = [_dots(ring, by) for ring in rings]
    if len(every) == 1:
        draw.polygon(every[0], fill=ink.fill)
    else:  # what lies within two rings is a hole
        mask = Image.new("1", page.size, 0)
        for ring in every:
            one = Image.new("1", page.size, 0)
            ImageDraw.Draw(one).polygon(ring, fill=1)
            mask = ImageChops.logical_xor(mask, one)
        page.paste(ink.fill, mask=mask)
    for angle, apart in ink.lines:
        for ends in lines_across(rings, angle, apart):
            draw.line(_dots(ends, by), fill=ink.line, width=2)
    for ring in every:
        draw.line(ring, fill=EDGE, width=1)
