"""Parquet, a batch of rows at a time; only the agreed columns leave the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BufferedReader
from typing import Any

from kingshurst_tui.errors import InputRejected
from kingshurst_tui.intake.extract import (
    LONGEST_CELL,
    MOST_COLUMNS,
    MOST_ROWS,
    NOTHING_STORED,
    Extract,
    too_many_columns,
)
from kingshurst_tui.intake.text import clean

ROWS_AT_ONCE = 5_000
LARGEST_ROW_GROUP = 2_000_000_000
"""Bytes unpacked: a group is read through its columns' pages, but an honest one is far smaller."""


def _refused(why: str) -> InputRejected:
    return InputRejected(
        f"The Parquet file is refused: {why}.", NOTHING_STORED, "Ask the partner to write the agreed columns again."
    )


def read_parquet(handle: BufferedReader, wanted: Sequence[str]) -> Extract:
    """Return the header and rows of a Parquet file. Raises: InputRejected."""
    import pyarrow
    import pyarrow.parquet

    try:
        file = pyarrow.parquet.ParquetFile(handle, memory_map=False, pre_buffer=False)
        metadata, schema = file.metadata, file.schema_arrow
    except (pyarrow.ArrowException, OSError):
        raise _refused("it is damaged") from None
    if len(schema.names) > MOST_COLUMNS:
        raise too_many_columns(len(schema.names))
    if metadata.num_rows > MOST_ROWS:
        raise _refused(f"it has {metadata.num_rows:,} rows; at most {MOST_ROWS:,} are read")
    for group in range(metadata.num_row_groups):
        if metadata.row_group(group).total_byte_size > LARGEST_ROW_GROUP:
            raise _refused("a group of its rows unpacks to more than memory allows")
    header = [clean(name) for name in schema.names]
    chosen = [name for name, shown in zip(schema.names, header, strict=True) if shown in set(wanted)]
    wrong = [name for name in chosen if not _plain(pyarrow, schema.field(name).type)]
    if wrong:
        raise InputRejected(
            "The Parquet file has columns of a type that is no text, number, date or time.",
            NOTHING_STORED,
            "Ask the partner to write them as text.",
            problems=tuple(
                f"Column {clean(name)!r} is of type {clean(str(schema.field(name).type))[:60]}." for name in wrong
            ),
        )
    state = {"row": 0}
    return Extract(
        header=[clean(name) for name in chosen],
        first_row=1,
        rows=_rows(pyarrow, file, chosen, state),
        done=lambda: state["row"] / max(1, metadata.num_rows),
        close=file.close,
    )


def _plain(pyarrow: Any, kind: Any) -> bool:
    types = pyarrow.types
    if types.is_dictionary(kind):
        kind = kind.value_type
    return any(
        check(kind)
        for check in (
            types.is_string,
            types.is_large_string,
            types.is_integer,
            types.is_floating,
            types.is_decimal,
            types.is_boolean,
            types.is_date,
            types.is_time,
            types.is_timestamp,
            types.is_null,
        )
    )


def _rows(pyarrow: Any, file: Any, chosen: list[str], state: dict[str, int]) -> Iterator[Sequence[Any]]:
    try:
        for batch in file.iter_batches(batch_size=ROWS_AT_ONCE, columns=chosen, use_threads=False):
            columns = [batch.column(chosen_name).to_pylist() for chosen_name in chosen]
            for cells in zip(*columns, strict=True):
                for cell in cells:
                    if type(cell) is str and len(cell) > LONGEST_CELL:
                        raise _refused(f"row {state['row'] + 1:,} has a cell of more than {LONGEST_CELL:,} characters")
                state["row"] += 1
                yield cells
    except (pyarrow.ArrowException, OSError, UnicodeDecodeError, ValueError, OverflowError):
        raise _refused(f"near row {state['row'] + 1:,} it is damaged") from None
