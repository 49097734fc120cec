"""Tables and named facts on pages: a heading on each page that a table runs over, no word cut at a column's edge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

SIZES: Final = (9.0, 8.0, 7.0)
"""Points, the largest at which the table fits is taken."""
LINE: Final = 0.5
"""Millimetres of height a line, by the point."""
ABOVE, BESIDE = 0.7, 1.5
"""Millimetres between the lines of a table and its words."""
SLACK: Final = 0.3
"""Millimetres by which a column is wider than its longest word: the engine rounds."""
MODEST: Final = 35.0
"""Millimetres that every column may have before those that want more share the rest."""
TALLEST, PART = 36, 6
"""Lines of a row that is kept on one page, and of the parts in which a taller one runs on."""
FACT_NAME, FACT_SIZE = 48.0, 10.0
"""Millimetres of the column that names facts, and points of their letters."""
TALLEST_HEADING: Final = 8
"""Lines of the heading; a table whose heading would be taller is no table."""

Rows = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table fits a page.

    Attributes:
        size: of its letters, in points.
        widths: of its columns, in millimetres.
    """

    size: float
    widths: tuple[float, ...]


def laid_out(pages: Any, family: str, header: Sequence[str], rows: Rows) -> Layout | None:
    """Return the widths at which no word of a table is cut, in the largest letters that allow it; None if none do.

    Args:
        pages: the PDF being written, for the width of its letters.
        family: its font.
        header: the names of the columns.
        rows: the table, in letters that the font has.
    """
    for size in SIZES if header else ():
        pages.set_font(family, size=size)
        columns = list(zip(header, *rows, strict=True))
        least = [_widest(pages, (word for cell in each for word in cell.split())) for each in columns]
        if sum(least) > pages.epw:
            continue
        wanted = [_widest(pages, (line for cell in each for line in cell.split("\n"))) for each in columns]
        layout = Layout(size, tuple(_shared(pages.epw, least, wanted)))
        if max(len(_lines(pages, layout, at, name)) for at, name in enumerate(header)) <= TALLEST_HEADING:
            return layout
    return None


def write(pages: Any, layout: Layout, family: str, header: Sequence[str], rows: Rows) -> None:
    """Write a table where the page is, on as many pages as it takes.

    Args:
        pages: the PDF.
        layout: of this table, as ``laid_out`` returns it.
        family: the font.
        header: the names of the columns.
        rows: the table, in letters that the font has.
    """
    from fpdf.fonts import FontFace

    pages.set_font(family, size=layout.size)
    pages.set_draw_color(150)
    grey = FontFace(fill_color=(232, 232, 232))
    with pages.table(borders_layout="HORIZONTAL_LINES", headings_style=grey, **_kind(pages, layout)) as table:
        table.row(tuple(header))
        for row in rows:
            for cells, border in _parted(pages, layout, row):
                _write_row(table, cells, border)
    pages.set_draw_color(0)
    pages.ln(2)


def write_facts(pages: Any, family: str, rows: Rows) -> bool:
    """Write named facts, the names in a column of their own, and say so; not where a word would be cut.

    Args:
        pages: the PDF.
        family: the font.
        rows: pairs of a name and its words, in letters that the font has.
    """
    layout = Layout(FACT_SIZE, (FACT_NAME, pages.epw - FACT_NAME))
    pages.set_font(family, size=layout.size)
    columns = zip(*rows, strict=True)
    least = [_widest(pages, (word for cell in each for word in cell.split())) for each in columns]
    if not least or any(need > width for need, width in zip(least, layout.widths, strict=True)):
        return False
    with pages.table(borders_layout="NONE", first_row_as_headings=False, **_kind(pages, layout)) as table:
        for row in rows:
            for cells, border in _parted(pages, layout, row):
                _write_row(table, cells, border)
    return True


def _kind(pages: Any, layout: Layout) -> dict[str, Any]:
    return {
        "align": "LEFT",
        "col_widths": layout.widths,
        "line_height": layout.size * LINE,
        "padding": (ABOVE, BESIDE, ABOVE, BESIDE),
        "text_align": "LEFT",
        "v_align": "TOP",
        "width": min(sum(layout.widths), pages.epw),
    }


def _write_row(table: Any, cells: Sequence[str], border: str) -> None:
    from fpdf.util import Padding

    above = ABOVE if border in ("INHERIT", "TOP") else 0
    below = ABOVE if border in ("INHERIT", "BOTTOM") else 0
    row = table.row()
    for cell in cells:
        row.cell(cell, border=border, padding=Padding(above, BESIDE, below, BESIDE))


def _widest(pages: Any, texts: Iterator[str]) -> float:
    return max((pages.get_string_width(text) for text in texts), default=0.0) + 2 * BESIDE + SLACK


def _shared(width: float, least: Sequence[float], wanted: Sequence[float]) -> list[float]:
    """Return the width of each column: its longest word, then a modest width, then of the rest what it wants by share.

    Example:
        >>> _shared(200, [10, 10, 20], [15, 10, 400])
        [15.0, 10.0, 175.0]
    """
    given = [float(each) for each in least]
    spare = width - sum(least)
    modest = [max(min(wanted[at], MODEST) - least[at], 0) for at in range(len(least))]
    waiting = sorted(range(len(least)), key=modest.__getitem__)
    for number, at in enumerate(waiting):
        more = min(modest[at], spare / (len(waiting) - number))
        given[at] += more
        spare -= more
    needs = [max(wanted[at] - given[at], 0) for at in range(len(least))]
    share = min(spare / sum(needs), 1) if any(needs) else 0
    return [each + need * share for each, need in zip(given, needs, strict=True)]


def _lines(pages: Any, layout: Layout, column: int, text: str) -> list[str]:
    if not text:
        return []
    width, height = layout.widths[column] - 2 * BESIDE, layout.size * LINE
    margin, pages.c_margin = pages.c_margin, 0
    found: list[str] = pages.multi_cell(width, height, text, align="L", dry_run=True, output="LINES")
    pages.c_margin = margin
    return found


def _parted(pages: Any, layout: Layout, row: Sequence[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield a row with the lines around it, or one that is too tall for a page in parts."""
    lines = [_lines(pages, layout, at, text) for at, text in enumerate(row)]
    tallest = max(len(each) for each in lines)
    if tallest <= TALLEST:
        yield tuple(row), "INHERIT"
        return
    for first in range(0, tallest, PART):
        part = tuple("\n".join(each[first : first + PART]) for each in lines)
        yield part, "BOTTOM" if first + PART >= tallest else "NONE" if first else "TOP"
