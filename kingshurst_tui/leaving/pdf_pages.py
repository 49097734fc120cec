"""A document as PDF: its letters embedded, nothing compressed, no author, no machine, one fixed date.

The font has Latin, Greek and Cyrillic letters. A letter that it lacks is given by its number, [U+0645], and the page
says so: the same copy as HTML, DOCX or text has it.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import cache
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any

from kingshurst_tui.leaving import pdf_maps, pdf_tables
from kingshurst_tui.leaving.maps import Map
from kingshurst_tui.leaving.pages import Document, Facts, Grid, Intervals, Listed, Words, paragraphs, plain

if TYPE_CHECKING:
    from kingshurst_tui.leaving.gate import Recipient

FAMILY = "DejaVu Sans"
_NO_DATE = datetime(2000, 1, 1, tzinfo=UTC)
_LINE = 100.0
"""Millimetres on which an interval is drawn."""
_TITLE, _HEADING, _TEXT, _SMALL = 16, 12.5, 10, 7.5
"""Points."""
_WITH_HEADING = 36
"""Millimetres below which a heading goes to the next page with what it is of."""
LACKING = "Letters that this file cannot draw stand as their numbers, like [U+0645]. Ask for the page or the DOCX."


@cache
def _font() -> tuple[bytes, frozenset[int]]:
    from fontTools.ttLib import TTFont

    with as_file(files("kingshurst_tui.leaving").joinpath("fonts", "DejaVuSans.ttf")) as path:
        with TTFont(path) as font:
            has = frozenset(font.getBestCmap())
        return path.read_bytes(), has


def drawable(text: object) -> str:
    """Return text in letters that the font has, others by number."""
    has = _font()[1]
    words = plain(text)
    if all(ord(letter) in has or letter == "\n" for letter in words):
        return words
    return "".join(each if ord(each) in has or each == "\n" else f"[U+{ord(each):04X}]" for each in words)


def drawn(document: Document, recipient: Recipient) -> bytes:
    """Return the document as PDF."""
    from fpdf import FPDF

    mark = drawable(document.mark_line(recipient))

    class Pages(FPDF):
        """Pages of which each says whose copy it is."""

        def header(self) -> None:
            """Draw the mark at the head."""
            self.set_font(FAMILY, size=_SMALL)
            self.multi_cell(0, 4, mark, align="L", new_x="LMARGIN", new_y="NEXT")
            self.ln(3)

        def footer(self) -> None:
            """Draw the mark and the page's number at the foot."""
            self.set_y(-12)
            self.set_font(FAMILY, size=_SMALL)
            self.cell(0, 4, f"{recipient.mark}    {self.page_no()}", align="R")

    pages = Pages(format="A4")
    pages.set_compression(False)
    pages.set_producer("")
    pages.set_creator("")
    pages.set_creation_date(_NO_DATE)
    pages.set_lang("en-GB")
    pages.set_keywords(recipient.mark)
    with as_file(files("kingshurst_tui.leaving").joinpath("fonts", "DejaVuSans.ttf")) as path:
        pages.add_font(FAMILY, fname=path)
    pages.set_auto_page_break(True, margin=16)
    pages.add_page()
    lines = [document.title, *document.lines]
    whole = [*lines, *(text for section in document.sections for text in _texts(section))]
    _write(pages, document.title, _TITLE)
    for line in document.lines:
        _write(pages, line, _TEXT)
    if any(_is_lacking(text) for text in whole):
        _write(pages, LACKING, _SMALL)
    for section in document.sections:
        if pages.will_page_break(_WITH_HEADING):
            pages.add_page()
        pages.ln(3)
        _write(pages, section.title, _HEADING)
        for block in section.blocks:
            if isinstance(block, Intervals):
                _draw(pages, block)
                continue
            if isinstance(block, Grid) and _table(pages, block):
                continue
            if isinstance(block, Facts) and _facts(pages, block):
                continue
            if isinstance(block, Map):
                pdf_maps.write(pages, block, FAMILY, drawable)
                for line in (*block.in_words(), block.caption):
                    _write(pages, line, _TEXT)
                continue
            for text in _block(block):
                _write(pages, text, _TEXT)
    return bytes(pages.output())


def _write(pages: Any, text: str, size: float) -> None:
    pages.set_font(FAMILY, size=size)
    for line in drawable(text).split("\n"):
        if line.strip():
            pages.multi_cell(0, size * 0.5, line.strip(), align="L", new_x="LMARGIN", new_y="NEXT")
    pages.ln(0.8)


def _table(pages: Any, block: Grid) -> bool:
    """Write a table, and say so; not where a word of it would be cut: then it stands in lines."""
    header = [drawable(name) for name in block.header]
    rows = [["\n".join(drawable(line) for line in paragraphs(cell)) for cell in row] for row in block.rows]
    layout = pdf_tables.laid_out(pages, FAMILY, header, rows)
    if layout is None:
        return False
    pdf_tables.write(pages, layout, FAMILY, header, rows)
    return True


def _facts(pages: Any, block: Facts) -> bool:
    rows = [(drawable(name), "\n".join(drawable(line) for line in paragraphs(words))) for name, words in block.rows]
    return pdf_tables.write_facts(pages, FAMILY, rows)


def _draw(pages: Any, block: Intervals) -> None:
    """Draw each figure on a line of 100 mm with its interval, its words under it; what the line's ends mean first."""
    if block.ends:
        if pages.will_page_break(30):
            pages.add_page()
        pages.set_font(FAMILY, size=_SMALL)
        for words, align in zip(block.ends, "LCR", strict=True):
            pages.set_x(pages.l_margin)
            pages.cell(_LINE, 4, drawable(words), align=align)
        pages.ln(5)
    for row in block.rows:
        if pages.will_page_break(24):
            pages.add_page()
        _write(pages, row.label, _TEXT)
        left, at, y = pages.l_margin, row.along(block.scale), pages.get_y() + 2
        if at is None:
            _write(pages, row.words, _TEXT)
            continue
        pages.set_draw_color(150)
        pages.line(left, y, left + _LINE, y)
        pages.set_draw_color(0)
        if block.scale == "ratio":
            pages.set_dash_pattern(dash=1, gap=1)
            pages.line(left + _LINE / 2, y - 2.5, left + _LINE / 2, y + 2.5)
            pages.set_dash_pattern()
        low, value, high = (left + _LINE * each for each in at)
        pages.set_line_width(0.6)
        pages.line(low, y, high, y)
        pages.set_line_width(0.2)
        for end in (low, high):
            pages.line(end, y - 1.5, end, y + 1.5)
        pages.circle(value, y, 1.2, style="F")
        pages.set_y(y + 4)
        _write(pages, row.words, _TEXT)
        pages.ln(1.5)


def _texts(section: Any) -> list[str]:
    return [section.title, *(text for block in section.blocks for text in _block(block))]


def _is_lacking(text: str) -> bool:
    return re.search(r"\[U\+[0-9A-F]{4,6}\]", drawable(text)) is not None


def _block(block: object) -> list[str]:
    if isinstance(block, Words):
        return paragraphs(block.text)
    if isinstance(block, Facts):
        return [f"{plain(name)}: " + "\n".join(paragraphs(words)) for name, words in block.rows]
    if isinstance(block, Listed):
        return [f"\N{BULLET} {' '.join(paragraphs(point))}" for point in block.points]
    if isinstance(block, Grid):
        named = (zip(block.header, row, strict=True) for row in block.rows)
        return ["\N{BULLET} " + "; ".join(f"{n}: {' '.join(paragraphs(v))}" for n, v in each if v) for each in named]
    if isinstance(block, Intervals):
        return [text for row in block.rows for text in (plain(row.label), plain(row.words))]
    if isinstance(block, Map):
        return [plain(line) for line in (block.title, *(words for _, words in block.swatches), *block.in_words())]
    raise TypeError(block)
