"""A map in a PDF: outlines, shades and the lines across them, and the legend under it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kingshurst_tui.leaving.maps import EDGE, HEAVY, INKS, NAME, THIN, lines_across, number_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kingshurst_tui.leaving.maps import Map, Ring

_WIDTH, _TALLEST = 170.0, 165.0
"""Millimetres."""
_LEGEND = 5.5
"""Millimetres a line of the legend takes."""


def write(pages: Any, block: Map, family: str, drawable: Callable[[object], str]) -> None:
    """Draw the map with its title and legend where the page stands, on a new page where it does not fit."""
    scale = min(_WIDTH, _TALLEST / block.tall) if block.tall else _WIDTH
    height = block.tall * scale
    if pages.will_page_break(height + _LEGEND * (len(block.swatches) + 2)):
        pages.add_page()
    pages.set_font(family, size=10)
    pages.multi_cell(0, 5, drawable(block.title), align="L", new_x="LMARGIN", new_y="NEXT")
    left, top = pages.l_margin + max(0.0, (pages.epw - scale) / 2), pages.get_y() + 1

    def at(x: float, y: float) -> tuple[float, float]:
        return left + x * scale, top + y * scale

    for shape in block.shapes:
        _fill(pages, shape.rings, at, INKS[shape.shade].fill, EDGE, THIN * scale)
        _across(pages, shape.rings, shape.shade, at, scale)
    _fill(pages, block.edges, at, None, (0, 0, 0), HEAVY * scale)
    for shape in block.shapes:
        number, size = number_of(shape)
        if number:
            _written(pages, family, number, at(*shape.at), size * scale, INKS[shape.shade].text)
    for text, middle in block.names:
        _named(pages, family, drawable(text), at(*middle), NAME * scale)
    pages.set_y(top + height + 3)
    for shade, words in block.swatches:
        _swatch(pages, shade, family, drawable(words))
    pages.set_draw_color(0)
    pages.set_fill_color(0)
    pages.set_text_color(0)
    pages.set_line_width(0.2)
    pages.ln(1)


def _fill(
    pages: Any,
    rings: Sequence[Ring],
    at: Callable[[float, float], tuple[float, float]],
    fill: tuple[int, int, int] | None,
    edge: tuple[int, int, int],
    width: float,
) -> None:
    from fpdf.drawing_primitives import DeviceRGB

    if not rings:
        return
    with pages.new_path() as path:
        path.style.fill_color = DeviceRGB(*(part / 255 for part in fill)) if fill is not None else None
        path.style.stroke_color = DeviceRGB(*(part / 255 for part in edge))
        path.style.stroke_width = width
        path.style.intersection_rule = "evenodd"
        path.style.stroke_join_style = "round"
        for ring in rings:
            path.move_to(*at(*ring[0]))
            for point in ring[1:-1]:
                path.line_to(*at(*point))
            path.close()


def _across(
    pages: Any,
    rings: Sequence[Ring],
    shade: int,
    at: Callable[[float, float], tuple[float, float]],
    scale: float,
) -> None:
    ink = INKS[shade]
    pages.set_draw_color(*ink.line)
    pages.set_line_width(0.0012 * scale)
    for angle, apart in ink.lines:
        for begins, ends in lines_across(rings, angle, apart):
            pages.line(*at(*begins), *at(*ends))


def _written(
    pages: Any, family: str, text: str, middle: tuple[float, float], size: float, ink: tuple[int, int, int]
) -> None:
    pages.set_font(family, size=size * 72 / 25.4)
    pages.set_text_color(*ink)
    pages.text(middle[0] - pages.get_string_width(text) / 2, middle[1] + size * 0.36, text)


def _named(pages: Any, family: str, text: str, middle: tuple[float, float], size: float) -> None:
    """Write a name on a strip of white, so that what it stands on does not hide it."""
    pages.set_font(family, size=size * 72 / 25.4)
    wide = pages.get_string_width(text)
    pages.set_fill_color(255)
    with pages.local_context(fill_opacity=0.8):
        pages.rect(middle[0] - wide / 2 - 0.4, middle[1] - size * 0.85, wide + 0.8, size * 1.2, style="F")
    pages.set_text_color(0)
    pages.text(middle[0] - wide / 2, middle[1], text)


def _swatch(pages: Any, shade: int, family: str, words: str) -> None:
    left, top = pages.l_margin, pages.get_y()
    tall, wide, scale = 3.6, 7.0, _WIDTH
    box: Ring = ((0, 0), (wide / scale, 0), (wide / scale, tall / scale), (0, tall / scale), (0, 0))

    def at(x: float, y: float) -> tuple[float, float]:
        return left + x * scale, top + y * scale

    _fill(pages, (box,), at, INKS[shade].fill, EDGE, 0.15)
    _across(pages, (box,), shade, at, scale)
    pages.set_font(family, size=9)
    pages.set_text_color(0)
    pages.set_xy(left + wide + 2, top - 0.4)
    pages.multi_cell(0, _LEGEND - 1, words, align="L", new_x="LMARGIN", new_y="NEXT")
    pages.set_y(max(pages.get_y(), top + _LEGEND - 0.6))
