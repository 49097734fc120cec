"""Delimited text: any delimiter, five encodings, quoted line breaks, read strictly and a line at a time."""

from __future__ import annotations

import codecs
import csv
import io
import os
from collections.abc import Iterator
from functools import partial
from io import BufferedReader

from kingshurst_tui.errors import InputRejected
from kingshurst_tui.intake.extract import LONGEST_CELL, MOST_COLUMNS, NOTHING_STORED, Extract, ReadAs, too_many_columns
from kingshurst_tui.intake.text import clean

LONGEST_LINE = 1_000_000
"""Characters read at once: a line without an end cannot fill the memory."""

_PROBE = 65_536


def encoding_of(handle: BufferedReader, stated: str) -> str:
    """Return the codec to read with: the byte-order mark's where there is one, else the agreement's."""
    head = handle.read(4)
    handle.seek(0)
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    name = stated.lower()
    if name == "utf-16":
        # Without a mark Python would take this machine's byte order; the zero bytes of Latin letters tell.
        probe = handle.read(_PROBE)
        handle.seek(0)
        return "utf-16-be" if probe[0::2].count(0) > probe[1::2].count(0) else "utf-16-le"
    return name


def _wrong_encoding(stated: str, row: int) -> InputRejected:
    return InputRejected(
        f"The extract is not {stated}: near row {row:,} it holds bytes that are no text in that encoding.",
        NOTHING_STORED,
        "Ask the partner which encoding it is, and state it in the agreement ([format] encoding).",
    )


def read_csv(handle: BufferedReader, form: ReadAs) -> Extract:
    """Return the header and rows of delimited text. Raises: InputRejected."""
    size = os.fstat(handle.fileno()).st_size
    probe = handle.read(_PROBE)
    handle.seek(0)
    encoding = encoding_of(handle, form.encoding)
    if not encoding.startswith("utf-16") and b"\x00" in probe:
        raise InputRejected(
            f"The extract holds NUL bytes: it is not text in {form.encoding}.",
            NOTHING_STORED,
            "It may be UTF-16, or no text at all; ask the partner.",
        )
    text = io.TextIOWrapper(handle, encoding=encoding, errors="strict", newline="")
    csv.field_size_limit(LONGEST_CELL)
    lines = csv.reader(
        iter(partial(text.readline, LONGEST_LINE), ""),
        delimiter=form.delimiter,
        strict=True,
        # A space after the delimiter, before the quote, is how some systems write it.
        skipinitialspace=True,
    )
    rows = _guarded(lines, form)
    header: list[str] = []
    for _ in range(form.header_row):
        header = next(rows, [])
    if not any(cell.strip() for cell in header):
        text.close()
        raise InputRejected(
            f"Row {form.header_row} of the extract, where the agreement says the column names are, is empty.",
            NOTHING_STORED,
            "Check [format] header_row and the file.",
        )
    return Extract(
        header=[clean(cell) for cell in header],
        first_row=form.header_row + 1,
        rows=rows,
        done=lambda: min(1.0, handle.tell() / size) if not handle.closed else 1.0,
        close=text.close,
    )


def _guarded(lines: Iterator[list[str]], form: ReadAs) -> Iterator[list[str]]:
    """Yield rows, turning every way that text can be broken into a refusal with the row's number."""
    row = 0
    width = 0
    try:
        for row, cells in enumerate(lines, start=1):
            if len(cells) != width:
                if len(cells) > MOST_COLUMNS:
                    raise too_many_columns(len(cells))
                if sum(map(len, cells)) + len(cells) > LONGEST_LINE // 2:
                    raise _too_long(row)
                width = width or len(cells)
            yield cells
    except UnicodeDecodeError:
        raise _wrong_encoding(form.encoding, row + 1) from None
    except csv.Error as wrong:
        if "field larger" in str(wrong):
            raise _too_long(row + 1) from None
        if "NUL" in str(wrong):
            raise InputRejected(
                f"Row {row + 1:,} of the extract holds a NUL character.",
                NOTHING_STORED,
                "Ask the partner to send it again.",
            ) from None
        raise InputRejected(
            f"Row {row + 1:,} of the extract is broken: a quote is opened and not closed as it should be.",
            NOTHING_STORED,
            "Check the delimiter and the quotes, or ask the partner to send it again.",
        ) from None


def _too_long(row: int) -> InputRejected:
    return InputRejected(
        f"Row {row:,} of the extract has a cell of more than {LONGEST_CELL:,} characters.",
        NOTHING_STORED,
        "A quote may be missing, or it is not the agreed extract; ask the partner.",
    )
