"""The files themselves: CSV, XLSX and Parquet, written row by row, the same bytes every time."""

from __future__ import annotations

import csv
import re
import shutil
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Protocol, Self

Cell = str | int | float | date | None

_ANY_DAY = (2026, 1, 1, 0, 0, 0)


class Writer(Protocol):
    """Takes the rows of one file."""

    def rows(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Add rows."""

    def close(self) -> None:
        """Finish the file."""


class CsvWriter:
    """Rows of text in any encoding; numbers and dates must have been written out."""

    def __init__(self, path: Path, header: Sequence[str], encoding: str = "utf-8", delimiter: str = ",") -> None:
        self._file: IO[str] = path.open("w", encoding=encoding, newline="")
        self._csv = csv.writer(self._file, delimiter=delimiter, lineterminator="\r\n")
        self._csv.writerow(header)

    def rows(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Add rows."""
        self._csv.writerows(rows)

    def close(self) -> None:
        """Finish the file."""
        self._file.close()


class XlsxWriter:
    """A sheet with typed dates; lines above the header where the partner has them."""

    def __init__(self, path: Path, header: Sequence[str], sheet: str, header_row: int, title: str) -> None:
        from openpyxl import Workbook

        self._path = path
        self._book = Workbook(write_only=True)
        self._sheet = self._book.create_sheet(sheet)
        for line in range(header_row - 1):
            self._sheet.append([title] if line == 0 else ([f"Extract for {sheet}"] if line == 1 else []))
        self._sheet.append(list(header))

    def rows(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Add rows."""
        for row in rows:
            self._sheet.append(row)

    def close(self) -> None:
        """Finish the file; the workbook's own clock is taken out, so that a seed gives the same bytes."""
        rough = self._path.with_suffix(".rough")
        self._book.save(rough)
        with zipfile.ZipFile(rough) as source, zipfile.ZipFile(self._path, "w", zipfile.ZIP_DEFLATED) as target:
            for name in source.namelist():
                entry = zipfile.ZipInfo(name, _ANY_DAY)
                entry.compress_type = zipfile.ZIP_DEFLATED
                with source.open(name) as content, target.open(entry, "w", force_zip64=True) as copy:
                    if name == "docProps/core.xml":
                        text = content.read().decode()
                        copy.write(re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "2026-01-01T00:00:00Z", text).encode())
                    else:
                        shutil.copyfileobj(content, copy)
        rough.unlink()


class ParquetWriter:
    """A typed table: dates are dates, everything else text."""

    def __init__(self, path: Path, header: Sequence[str], dates: Sequence[bool]) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._pa: Any = pa
        kinds = [pa.date32() if is_date else pa.string() for is_date in dates]
        self._schema = pa.schema(list(zip(header, kinds, strict=True)))
        self._file = pq.ParquetWriter(path, self._schema)

    def rows(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Add rows as one group."""
        columns = list(zip(*rows, strict=True))
        if columns:
            arrays = [self._pa.array(column, kind) for column, kind in zip(columns, self._schema.types, strict=True)]
            self._file.write_table(self._pa.Table.from_arrays(arrays, schema=self._schema))

    def close(self) -> None:
        """Finish the file."""
        self._file.close()


class Open:
    """Several files at once; all are closed on leaving, whatever happened."""

    def __init__(self) -> None:
        self._writers: list[Writer] = []

    def add(self, writer: Writer) -> Writer:
        """Take charge of a writer and return it."""
        self._writers.append(writer)
        return writer

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for writer in self._writers:
            writer.close()


def as_moment(day: date) -> datetime:
    """Return a day as spreadsheets keep it."""
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a day, not a moment
