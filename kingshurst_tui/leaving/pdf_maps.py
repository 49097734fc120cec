"""A map in a PDF: squares in greys, hatched where nothing may be told; its words stand under it as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kingshurst_tui.leaving.pages import Map

_WIDTH = 120.0
"""Millimetres."""
_GREYS = (242, 205, 160, 105, 40)


def write(pages: Any, block: Map) -> None:
    """Draw the squares where the page stands, on a new page where they do not fit."""
    height = min(block.tall * _WIDTH, pages.h - 2 * pages.t_margin - 30)
    scale = height / block.tall if block.tall else _WIDTH
    if pages.will_page_break(height + 10):
        pages.add_page()
    left, top, side = pages.l_margin, pages.get_y() + 2, block.side * scale
    pages.set_draw_color(120)
    for shape in block.shapes:
        pages.set_fill_color(_GREYS[shape.shade] if shape.shade is not None else 255)
        for x, y in shape.points:
            at = left + x * scale, top + y * scale
            if shape.shade is not None:
                pages.rect(*at, side, side, style="DF" if block.numbered else "F")
            elif block.numbered:
                pages.rect(*at, side, side, style="D")
                pages.line(at[0], at[1] + side, at[0] + side, at[1])
    pages.set_draw_color(0)
    pages.set_fill_color(0)
    pages.set_y(top + height + 4)
