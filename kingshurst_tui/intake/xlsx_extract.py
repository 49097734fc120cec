"""Workbooks, read a row at a time, after a look at the archive: a bomb is refused before it is unpacked."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from io import BufferedReader
from typing import Any

from kingshurst_tui.errors import InputRejected
from kingshurst_tui.intake.extract import LONGEST_CELL, MOST_COLUMNS, NOTHING_STORED, Extract, ReadAs, too_many_columns
from kingshurst_tui.intake.shared_strings import read_strings
from kingshurst_tui.intake.text import clean

MOST_MEMBERS = 1_000
LARGEST_TOTAL = 1_500_000_000
LARGEST_RATIO = 100
LARGEST_IN_MEMORY = 60_000_000
"""Bytes of shared strings and styles, which openpyxl holds in memory at several times their size."""
MOST_SHEET_ROWS = 1_048_576
LONGEST_ROW = 8_000_000
"""Bytes of a sheet from one row to the next, and before the first: of an honest one some thousands."""

HEAD_OF_SHEET = 65_536
"""Bytes in which a sheet says its size, if it does."""
_SIZE = re.compile(rb'<(?:\w+:)?dimension\s[^>]*?ref="[A-Z]+\d+:[A-Z]+(\d{1,9})"')
_HELD = ("xl/sharedstrings.xml", "xl/styles.xml", "xl/workbook.xml", "[content_types].xml")
_BROKEN = (
    ValueError,  # defusedxml's refusals as well
    LookupError,
    TypeError,
    AttributeError,
    SyntaxError,  # XML that is none
    OverflowError,
    OSError,
    EOFError,
    NotImplementedError,  # zipfile of a compression that it does not know
    RuntimeError,  # a part that says it is enciphered
    zipfile.BadZipFile,
    zlib.error,
)
"""What openpyxl, and what lies below it, raises where a workbook is not what it says."""
_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"})


def _refused(why: str) -> InputRejected:
    return InputRejected(
        f"The workbook is refused: {why}.",
        NOTHING_STORED,
        "Ask the partner to export the agreed sheet again, or to send CSV.",
    )


def check_archive(handle: BufferedReader) -> None:
    """Refuse an archive that would unpack to more than a workbook does. Raises: InputRejected."""
    try:
        with zipfile.ZipFile(handle) as archive:
            members = archive.infolist()
    except _BROKEN:
        raise _refused("the archive is damaged") from None
    finally:
        handle.seek(0)
    if len(members) > MOST_MEMBERS:
        raise _refused(f"it has {len(members):,} parts")
    if sum(member.file_size for member in members) > LARGEST_TOTAL:
        raise _refused("unpacked it would be larger than any honest workbook")
    names = [member.filename.lower() for member in members]
    if len(set(names)) != len(names):
        raise _refused("it has two parts of one name")
    if "xl/workbook.xml" not in names:
        raise _refused("it is a zip archive, but no workbook")
    for member in members:
        if member.flag_bits & 1:
            raise _refused("it is protected by a password")
        if member.file_size > 100_000 and member.file_size > LARGEST_RATIO * max(1, member.compress_size):
            raise _refused("a part of it unpacks to over a hundred times its size, as a bomb does")
        if member.filename.lower() in _HELD and member.file_size > LARGEST_IN_MEMORY:
            raise _refused("its table of texts is larger than memory allows")


def load() -> None:
    """Load all that reading a workbook needs; in a confined process nothing can be loaded later."""
    import openpyxl.reader.excel
    import openpyxl.utils.exceptions
    import openpyxl.worksheet._read_only

    # The process that calls this reads one file and ends: what is changed here is changed for nobody else.
    excel: Any = openpyxl.reader.excel
    excel.ReadOnlyWorksheet = _metered(excel.ReadOnlyWorksheet)


class _Metered(io.BufferedReader):
    """A part of the archive that ends a sheet which goes on without a row: nothing but noise, one endless row."""

    def __init__(self, raw: Any) -> None:
        super().__init__(raw)
        self.since_a_row = 0

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next bytes. Raises: InputRejected."""
        found = super().read(size)
        self.since_a_row += len(found)
        if self.since_a_row > LONGEST_ROW:
            raise _refused(f"its sheet goes on for {LONGEST_ROW:,} bytes without a row")
        return found


def _metered(sheet_class: Any) -> Any:
    """Return openpyxl's sheet with a meter on what it reads, and its size from its head."""

    class MeteredSheet(sheet_class):  # type: ignore[misc]
        meter: _Metered | None = None

        def _get_source(self) -> _Metered:
            self.meter = _Metered(super()._get_source())
            return self.meter

        def _get_size(self) -> None:
            # openpyxl goes through the whole of a sheet that does not say its size at the beginning.
            with super()._get_source() as source:
                said = _SIZE.search(source.read(HEAD_OF_SHEET))
            if said:
                self._max_row = int(said[1])

    return MeteredSheet


def _quick_reader() -> Any:
    """Return openpyxl's reader with another way through the table of texts."""
    from openpyxl.reader.excel import ExcelReader
    from openpyxl.xml.constants import SHARED_STRINGS

    class QuickReader(ExcelReader):
        def read_strings(self) -> None:
            package: Any = self.package
            part = package.find(SHARED_STRINGS)
            if part is not None:
                with self.archive.open(part.PartName[1:]) as source:
                    self.shared_strings = read_strings(source)

    return QuickReader


def read_xlsx(handle: BufferedReader, form: ReadAs) -> Extract:
    """Return the header and rows of one sheet. Raises: InputRejected."""
    check_archive(handle)
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and validations, which are not read
            reader = _quick_reader()(handle, read_only=True, data_only=True, keep_links=False)
            reader.read()
            book = reader.wb
    except (InvalidFileException, *_BROKEN):
        raise _refused("its parts do not make a workbook") from None
    names = list(book.sheetnames)
    if form.sheet and form.sheet not in names:
        book.close()
        raise InputRejected(
            f"The workbook has no sheet {form.sheet!r}.",
            f"It has: {', '.join(clean(name) for name in names[:20])}. {NOTHING_STORED}",
            "Check [format] sheet.",
        )
    sheet = book[form.sheet] if form.sheet else book[names[0]]
    if not hasattr(sheet, "reset_dimensions"):
        book.close()
        raise _refused("its first sheet is a chart")
    # What the sheet says of its own size may be anything: good enough for a progress bar, and for nothing else.
    stated = min(sheet.max_row or 0, MOST_SHEET_ROWS)
    sheet.reset_dimensions()
    state = {"row": 0}
    rows = _rows(sheet, state)
    header: Sequence[Any] = ()
    for _ in range(form.header_row):
        header = next(rows, ())
    names_found = [clean(str(cell)) if cell is not None else "" for cell in header]
    while names_found and not names_found[-1]:
        names_found.pop()
    if not names_found:
        book.close()
        raise InputRejected(
            f"Row {form.header_row} of the sheet, where the agreement says the column names are, is empty.",
            NOTHING_STORED,
            "Check [format] header_row and the workbook.",
        )
    return Extract(
        header=names_found,
        first_row=form.header_row + 1,
        rows=_squared(rows, len(names_found)),
        done=lambda: min(1.0, state["row"] / stated) if stated else 0.0,
        close=book.close,
    )


def _rows(sheet: Any, state: dict[str, int]) -> Iterator[Sequence[Any]]:
    """Yield the sheet's rows; whatever is broken inside becomes a refusal."""
    row = 0
    try:
        for row, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
            if row > MOST_SHEET_ROWS:
                raise _refused(f"its sheet has more than {MOST_SHEET_ROWS:,} rows")
            if len(cells) > MOST_COLUMNS and any(cell is not None for cell in cells[MOST_COLUMNS:]):
                raise too_many_columns(len(cells))
            state["row"] = row
            sheet.meter.since_a_row = 0
            yield cells
    except InputRejected:
        raise
    except _BROKEN:
        raise _refused(f"near row {row + 1:,} the sheet is broken") from None


def _squared(rows: Iterator[Sequence[Any]], width: int) -> Iterator[Sequence[Any]]:
    """Yield rows of one width: a sheet leaves out the empty cells at a row's end."""
    for cells in rows:
        squared = ["" if cell is None or (type(cell) is str and cell in _ERRORS) else cell for cell in cells[:width]]
        for cell in squared:
            if type(cell) is str and len(cell) > LONGEST_CELL:
                raise _refused(f"a cell holds more than {LONGEST_CELL:,} characters")
        squared.extend([""] * (width - len(squared)))
        yield squared
