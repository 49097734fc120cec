"""Reads the town's files back without the program's own intake."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq

from kingshurst_tui.demo.layouts import DataSet


def table(path: Path) -> list[dict[str, str]]:
    """Return a plain CSV file's rows."""
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def extract(partners: Path, data_set: DataSet) -> tuple[list[str], list[list[Any]]]:
    """Return an extract's header and rows."""
    path = partners / data_set.file
    if data_set.kind == "parquet":
        found = pq.read_table(path)
        return found.column_names, [list(row.values()) for row in found.to_pylist()]
    if data_set.kind == "xlsx":
        sheet = openpyxl.load_workbook(path, read_only=True)[data_set.sheet]
        rows = [list(row) for row in sheet.iter_rows(values_only=True)]
        return [str(cell) for cell in rows[data_set.header_row - 1]], rows[data_set.header_row :]
    with path.open(encoding=data_set.encoding, newline="") as handle:
        header, *lines = csv.reader(handle, delimiter=data_set.delimiter)
    return header, [list(line) for line in lines]
