"""Cells that no spreadsheet takes for a formula, and files that hold nothing but text.

Excel, LibreOffice and Google Sheets calculate a cell that begins with one of these characters, even quoted, and so may
what a stranger typed run on a partner's machine (OWASP, CSV injection).
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence

from kingshurst_tui.terminal_text import UNSAFE_ON_SCREEN, safe_text

STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""With the full-width forms, which East Asian settings of Excel read alike."""
GUARD = "'"
"""Put before such a cell: it then reads as text, and people see that somebody put it there."""
_DELIMITERS = ",;\t|"
# The same file opened under another country's settings is parted at another sign.
_WITHIN = re.compile(r"(?<=[,;|])(?=[=+\-@\uff1d\uff0b\uff0d\uff20])")


def cell(text: object) -> str:
    """Return text for one cell: on one line, without what steers or hides, and no formula.

    Example:
        >>> cell("=1+1"), cell("a;=1"), cell("Elm Road")
        ("'=1+1", "a; =1", 'Elm Road')
    """
    words = _WITHIN.sub(" ", safe_text(text).replace("\n", " ").strip())
    return GUARD + words if words.startswith((*STARTS_A_FORMULA, GUARD)) else words


def uncell(text: str) -> str:
    """Return what a guarded cell says, for a file that comes back.

    Example:
        >>> uncell("'=1+1"), uncell("'tis")
        ('=1+1', "'tis")
    """
    guarded = text.startswith(GUARD) and text[1:].startswith((*STARTS_A_FORMULA, GUARD))
    return text[1:] if guarded else text


def csv_bytes(
    header: Sequence[str], rows: Iterable[Sequence[object]], *, delimiter: str = ",", encoding: str = "utf-8-sig"
) -> bytes:
    """Return a CSV file, every cell guarded and quoted.

    Args:
        header: the columns' names.
        rows: the cells.
        delimiter: the sign between cells.
        encoding: how it is written; letters that it lacks are written as a question mark.
    """
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([cell(name) for name in header])
    writer.writerows([cell(value) for value in row] for row in rows)
    return written.getvalue().encode(encoding, errors="replace")


def decoded(body: bytes) -> str:
    """Return a text file's text, by its byte-order mark, else UTF-8 or Windows-1252."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return body.decode("utf-16", errors="replace")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("cp1252", errors="replace")


def faults(form: str, body: bytes) -> str:
    """Return why a file of text or cells must not leave as it is, in words; nothing where it may.

    Args:
        form: its ending.
        body: the very bytes.
    """
    if form == "xlsx":
        with zipfile.ZipFile(io.BytesIO(body)) as package:
            sheets = [package.read(name) for name in package.namelist() if name.startswith("xl/worksheets/")]
        return "a cell is a formula" if any(re.search(rb"<f[ >/]", each) for each in sheets) else ""
    text = decoded(body)
    if UNSAFE_ON_SCREEN.search(text.replace("\r\n", "").replace("\n", "").replace("\t", "")):
        return "it holds a character that steers or hides"
    if form == "csv":
        first = text.split("\n", 1)[0]
        delimiter = max(_DELIMITERS, key=first.count)
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if any(value.startswith(STARTS_A_FORMULA) for value in row):
                return "a cell begins as a formula does"
    return ""


def xlsx_bytes(sheet: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return a workbook of one sheet in which every cell is text, and nothing says who made it."""
    from datetime import datetime

    from openpyxl import Workbook

    book = Workbook()
    page = book.worksheets[0]
    page.title = re.sub(r"[\[\]:*?/\\]", " ", cell(sheet))[:31] or "Sheet"
    for row in [header, *rows]:
        page.append([cell(value) for value in row])
    about = book.properties
    about.creator = about.lastModifiedBy = ""
    about.created = about.modified = datetime(2000, 1, 1)  # noqa: DTZ001 - no moment
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()
