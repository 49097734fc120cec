"""The table of texts that a workbook's cells point into, read several times quicker than openpyxl does.

An honest workbook holds hundreds of thousands; a reader's process is ended when it works for seconds without a row.
"""

from __future__ import annotations

from typing import IO, Any
from xml.parsers import expat

MOST_TEXTS = 2_000_000
"""Different texts of a workbook; more take longer to read than a reader may."""
MOST_PIECES = 32_767
"""Formatted pieces of one text: a cell holds no more letters."""

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_ITEM, _TEXT, _SOUNDS = f"{_MAIN} si", f"{_MAIN} t", f"{_MAIN} rPh"


def read_strings(source: IO[bytes]) -> list[str]:
    """Return the texts in order, formatted pieces joined, guides to pronunciation left out. Raises: ValueError."""
    found: list[str] = []
    pieces: list[str] = []
    inside = sounding = False

    def starts(name: str, _attributes: Any) -> None:
        nonlocal inside, sounding
        if name == _TEXT:
            inside = not sounding
            if len(pieces) > MOST_PIECES:
                raise ValueError("a text of more pieces than a cell holds letters")
        elif name == _ITEM:
            pieces.clear()
        elif name == _SOUNDS:
            sounding = True

    def ends(name: str) -> None:
        nonlocal inside, sounding
        if name == _TEXT:
            inside = False
        elif name == _ITEM:
            # As openpyxl does: Excel writes an underscore that could be read as an escape this way.
            found.append("".join(pieces).replace("x005F_", ""))
            if len(found) > MOST_TEXTS:
                raise ValueError("more texts than are read")
        elif name == _SOUNDS:
            sounding = False

    def says(text: str) -> None:
        if inside:
            pieces.append(text)

    def declares(*_: Any) -> None:
        raise ValueError("no workbook declares entities")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = starts, ends, says
    parser.EntityDeclHandler = parser.StartDoctypeDeclHandler = declares
    try:
        parser.ParseFile(source)
    except expat.ExpatError as wrong:
        raise ValueError("the table of texts is broken") from wrong
    return found
