"""A document as plain text, for whoever reads by ear, by braille or by a mail program."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

from kingshurst_tui.leaving.maps import Map
from kingshurst_tui.leaving.pages import (
    Block,
    Document,
    Facts,
    Grid,
    Interval,
    Intervals,
    Listed,
    Words,
    paragraphs,
    plain,
)

if TYPE_CHECKING:
    from kingshurst_tui.leaving.gate import Recipient

WIDTH = 78


def drawn(document: Document, recipient: Recipient) -> bytes:
    """Return the document as UTF-8 text."""
    lines = [plain(document.title), *(plain(line) for line in document.lines)]
    for section in document.sections:
        lines += ["", plain(section.title), "-" * min(WIDTH, len(plain(section.title)))]
        for block in section.blocks:
            lines += _lines(block)
    lines += ["", document.mark_line(recipient)]
    return ("\n".join(lines) + "\n").encode()


def _lines(block: Block) -> list[str]:
    if isinstance(block, Words):
        return [fill(line, WIDTH) for line in paragraphs(block.text)]
    if isinstance(block, Facts):
        return [_filled(f"{name}: ", " ".join(paragraphs(words))) for name, words in block.rows]
    if isinstance(block, Listed):
        return [_filled("- ", " ".join(paragraphs(point))) for point in block.points]
    if isinstance(block, Grid):
        named = (zip(block.header, row, strict=True) for row in block.rows)
        return [_filled("- ", "; ".join(f"{n}: {' '.join(paragraphs(v))}" for n, v in each if v)) for each in named]
    if isinstance(block, Intervals):
        ends = [_filled("", f"From left to right: {', '.join(block.ends)}")] if block.ends else []
        return ends + [
            line
            for row in block.rows
            for line in (plain(row.label), f"  {_bar(row, block.scale)}".rstrip(), _filled("  ", plain(row.words)))
            if line.strip()
        ]
    if isinstance(block, Map):
        lines = (*block.in_words(), block.caption)
        return [_filled("", block.title), *(_filled("- ", line) for line in lines if line)]
    raise TypeError(block)


def _bar(row: Interval, scale: str) -> str:
    return row.bar(scale) if row.along(scale) is not None else ""


def _filled(first: str, words: str) -> str:
    return fill(plain(words), WIDTH, initial_indent=plain(first), subsequent_indent="  ")
