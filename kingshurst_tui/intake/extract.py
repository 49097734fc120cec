"""An extract as received: what kind of file it is, its digest, its header and its rows, within bounds.

Bounds are wide for honest files and narrow enough that a hostile one is refused before it fills the memory. What is in
the file is read in a process of its own (`apart`).
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kingshurst_tui.errors import InputRejected
from kingshurst_tui.vocabulary import ExtractKind

if TYPE_CHECKING:
    from kingshurst_tui.agreements.document import Format

MOST_COLUMNS = 2_000
MOST_ROWS = 50_000_000
LONGEST_CELL = 32_767
"""Characters; the most a workbook's cell can hold."""
NOTHING_STORED = "Nothing was stored."
GEOJSON = "geojson"
"""A kind of published file; no partner's extract is one (kingshurst_tui/places/reading.py)."""

_BEGINNINGS: tuple[tuple[bytes, str, ExtractKind | None], ...] = (
    (b"PK\x03\x04", "a zip archive (a workbook is one too)", ExtractKind.XLSX),
    (b"PK\x05\x06", "a zip archive (a workbook is one too)", ExtractKind.XLSX),
    (b"PAR1", "a Parquet file", ExtractKind.PARQUET),
    (b"\x1f\x8b", "a file of the kind gzip", None),
    (b"BZh", "a file of the kind bzip2", None),
    (b"\xfd7zXZ\x00", "a file of the kind xz", None),
    (b"7z\xbc\xaf\x27\x1c", "a file of the kind 7-zip", None),
    (b"%PDF", "a file of the kind PDF", None),
    (b"\xd0\xcf\x11\xe0", "a file of the kind old Office", None),
    (b"SQLite format 3", "a file of the kind SQLite", None),
    (b"\x7fELF", "a file of the kind program", None),
    (b"", "text", ExtractKind.CSV),
)
"""How files begin, what each is called and which kind of extract it may be; what begins like none is text."""


@dataclass(frozen=True, slots=True)
class ReadAs:
    """What a reader has to know of an agreement's format; nothing else of the agreement leaves this process."""

    kind: str
    encoding: str
    delimiter: str
    sheet: str
    header_row: int


@dataclass
class Extract:
    """One partner's file, opened once.

    Attributes:
        header: the column names as the partner wrote them, cleaned.
        first_row: the number of the first row after the header, as a spreadsheet counts.
        rows: the cells of each row; text, or typed where the file is.
        done: how much of the file has been read, 0 to 1.
    """

    header: list[str]
    first_row: int
    rows: Iterator[Sequence[Any]]
    done: Callable[[], float]
    close: Callable[[], None]


def open_file(path: Path) -> BufferedReader:
    """Open an extract for reading. Raises: InputRejected when it is no ordinary file, or is empty."""
    # Not blocking: a pipe that nobody writes to would be waited for for ever.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        number = os.open(path, flags)
        try:
            handle = os.fdopen(number, "rb")
        except OSError:  # a folder
            os.close(number)
            raise
    except OSError as wrong:
        raise InputRejected(
            f"The extract cannot be read: {wrong.strerror}.", NOTHING_STORED, "Check the path and try again."
        ) from None
    found = os.fstat(handle.fileno())
    if not stat.S_ISREG(found.st_mode):
        handle.close()
        raise InputRejected("The extract is not an ordinary file.", NOTHING_STORED, "Give a file on disk.")
    if found.st_size == 0:
        handle.close()
        raise InputRejected("The extract is empty.", NOTHING_STORED, "Ask the partner to send it again.")
    return handle


def digest_of(handle: BufferedReader) -> str:
    """Return the SHA-256 of the whole file, and go back to its beginning."""
    handle.seek(0)
    digest = hashlib.file_digest(handle, "sha256").hexdigest()
    handle.seek(0)
    return digest


def sniffed(handle: BufferedReader) -> tuple[str, ExtractKind | None]:
    """Return what a file's first bytes say it is, in words, and which kind of extract that may be."""
    head = handle.read(16)
    handle.seek(0)
    return next((says, kind) for begins, says, kind in _BEGINNINGS if head.startswith(begins))


def read_extract(handle: BufferedReader, form: Format | ReadAs, wanted: Sequence[str]) -> Extract:
    """Return a file's header and rows.

    Args:
        handle: from `open_file`; closed with the extract.
        form: how the partner writes its files.
        wanted: the columns that will be asked for; a Parquet file reads no others.

    Raises:
        InputRejected: it is not the kind of file the agreement says, or breaks a bound.
    """
    looks, kind = sniffed(handle)
    if kind != form.kind:
        raise InputRejected(
            f"The agreement says {form.kind}, but the extract is {looks}.",
            NOTHING_STORED,
            "Ask the partner for the agreed format, or agree another one in a new version of the agreement.",
        )
    from kingshurst_tui.intake.apart import read_apart

    read_as = ReadAs(form.kind, form.encoding, form.delimiter, form.sheet, form.header_row)
    return read_apart(handle, read_as, wanted)


def too_much_memory() -> InputRejected:
    """Return the refusal of a file that unpacks to more than an honest extract needs."""
    return InputRejected(
        "The extract is refused: reading it takes more memory than an honest extract needs.",
        NOTHING_STORED,
        "Ask the partner to send the agreed columns again, in parts or as CSV.",
    )


def too_many_columns(count: int) -> InputRejected:
    """Return the refusal of a file wider than any honest extract."""
    return InputRejected(
        f"The extract has {count:,} columns; at most {MOST_COLUMNS:,} are read.",
        NOTHING_STORED,
        "Ask the partner for the agreed columns only.",
    )
