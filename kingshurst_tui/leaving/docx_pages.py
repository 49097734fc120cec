"""A document as DOCX: no author, no machine, no macro, no field that fetches anything, one fixed date."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from typing import TYPE_CHECKING, Any

from kingshurst_tui.leaving.maps import Map
from kingshurst_tui.leaving.pages import Document, Facts, Grid, Intervals, Listed, Words, paragraphs, plain

if TYPE_CHECKING:
    from kingshurst_tui.leaving.gate import Recipient

_MAP_WIDE = 15.0
"""Centimetres; a page has 15.2 between its margins."""
_NO_DATE = datetime(2000, 1, 1)  # noqa: DTZ001 - the package keeps no zone, and this is no moment


def drawn(document: Document, recipient: Recipient) -> bytes:
    """Return the document as a DOCX package."""
    from docx import Document as new_package

    package = new_package()
    about = package.core_properties
    about.author = about.last_modified_by = about.comments = about.category = ""
    about.title, about.keywords = plain(document.title)[:255], recipient.mark
    about.created = about.modified = _NO_DATE
    about.revision = 1
    mark = document.mark_line(recipient)
    for part in (package.sections[0].header, package.sections[0].footer):
        part.paragraphs[0].text = mark
    package.add_heading(plain(document.title), 0)
    for line in document.lines:
        package.add_paragraph(plain(line))
    for section in document.sections:
        package.add_heading(plain(section.title), 1)
        for block in section.blocks:
            _add(package, block)
    written = io.BytesIO()
    package.save(written)
    return _without_traces(written.getvalue())


def _add(package: Any, block: object) -> None:
    if isinstance(block, Words):
        for line in paragraphs(block.text):
            package.add_paragraph(line)
    elif isinstance(block, Facts):
        for name, words in block.rows:
            paragraph = package.add_paragraph()
            paragraph.add_run(f"{plain(name)}: ").bold = True
            paragraph.add_run("\n".join(paragraphs(words)))
    elif isinstance(block, Listed):
        for point in block.points:
            package.add_paragraph(plain(point), style="List Bullet")
    elif isinstance(block, Grid):
        table = package.add_table(rows=1, cols=len(block.header), style="Table Grid")
        for cell, name in zip(table.rows[0].cells, block.header, strict=True):
            cell.text = plain(name)
        for row in block.rows:
            for cell, said in zip(table.add_row().cells, row, strict=True):
                cell.text = plain(said)
    elif isinstance(block, Intervals):
        if block.ends:
            package.add_paragraph(f"From left to right: {', '.join(block.ends)}")
        for each in block.rows:
            package.add_paragraph().add_run(plain(each.label)).bold = True
            # The same in letters: a line of equal widths reads as a picture.
            if each.along(block.scale) is not None:
                package.add_paragraph().add_run(each.bar(block.scale)).font.name = "Consolas"
            package.add_paragraph(plain(each.words))
    elif isinstance(block, Map):
        _map(package, block)
    else:
        raise TypeError(block)


def _map(package: Any, block: Map) -> None:
    from docx.shared import Cm

    from kingshurst_tui.leaving.map_pictures import picture

    package.add_paragraph().add_run(plain(block.title)).bold = True
    package.add_picture(io.BytesIO(picture(block)), width=Cm(_MAP_WIDE))
    # What a reading program says where the picture stands.
    about = package.inline_shapes[-1]._inline.docPr
    about.set("descr", plain(f"{block.title}. {' '.join(block.in_words())}"))
    about.set("title", plain(block.title))
    about.set("name", "Map")
    for line in (*block.in_words(), block.caption):
        package.add_paragraph(plain(line))


def _without_traces(package: bytes) -> bytes:
    """Return the package without the template's picture and with one date in every part."""
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as before, zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            after.writestr(zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0)), before.read(name), zipfile.ZIP_DEFLATED)
    return kept.getvalue()
