"""Parquet, a batch of rows at a time; only the agreed columns leave the file."""

from __future__ import annotations

import os
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
    too_much_memory,
)
from kingshurst_tui.intake.text import clean

ROWS_AT_ONCE = 5_000
LARGEST_RATIO = 100
"""Bytes unpacked for each byte of the file; honest extracts stay below twenty."""
MOST_ROWS_A_BYTE = 2
"""A row of an honest extract takes a few bytes: a reference in it differs from row to row."""
_BROKEN = (OSError, ValueError, LookupError, OverflowError)
"""What pyarrow raises besides its own where a file is not what it says: names that are no text, two of one name."""
_ALWAYS_READ = 100_000
"""Rows, and thousands of bytes, that are read whatever the ratio: tiny files pack well."""


def _refused(why: str) -> InputRejected:
    return InputRejected(
        f"The Parquet file is refused: {why}.", NOTHING_STORED, "Ask the partner to write the agreed columns again."
    )


def load() -> None:
    """Load all that reading a Parquet file needs; in a confined process nothing can be loaded later."""
    import pyarrow
    import pyarrow.compute
    import pyarrow.parquet  # noqa: F401


def read_parquet(handle: BufferedReader, wanted: Sequence[str]) -> Extract:
    """Return the header and rows of a Parquet file. Raises: InputRejected."""
    import pyarrow
    import pyarrow.parquet

    try:
        size = os.fstat(handle.fileno()).st_size
        # Through a small window: a column of a group is never held as a whole.
        file = pyarrow.parquet.ParquetFile(handle, memory_map=False, pre_buffer=False, buffer_size=1 << 20)
        metadata, schema = file.metadata, file.schema_arrow
    except MemoryError:
        raise too_much_memory() from None
    except (pyarrow.ArrowException, *_BROKEN):
        raise _refused("it is damaged") from None
    if len(schema.names) > MOST_COLUMNS:
        raise too_many_columns(len(schema.names))
    if metadata.num_rows > MOST_ROWS:
        raise _refused(f"it has {metadata.num_rows:,} rows; at most {MOST_ROWS:,} are read")
    if metadata.num_rows > _ALWAYS_READ + MOST_ROWS_A_BYTE * size:
        raise _refused("it has more rows than a file of its size holds honestly")
    unpacked = sum(metadata.row_group(group).total_byte_size for group in range(metadata.num_row_groups))
    if unpacked > _ALWAYS_READ * 1_000 + LARGEST_RATIO * size:
        raise _refused("it unpacks to over a hundred times its size, as a bomb does")
    header = [clean(name) for name in schema.names]
    # By place: two of one name are both read, and whoever asks for that name says that it is there twice.
    fields = [schema.field(place) for place, shown in enumerate(header) if shown in set(wanted)]
    chosen = [field.name for field in fields]
    wrong = [field for field in fields if not _plain(pyarrow, field.type)]
    if wrong:
        raise InputRejected(
            "The Parquet file has columns of a type that is no text, number, date or time.",
            NOTHING_STORED,
            "Ask the partner to write them as text.",
            problems=tuple(
                f"Column {clean(field.name)!r} is of type {clean(str(field.type))[:60]}." for field in wrong
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
        once = list(dict.fromkeys(chosen))
        for batch in file.iter_batches(batch_size=ROWS_AT_ONCE, columns=once, use_threads=False):
            # Two of one name come together, and one whose name begins with another's and a full stop comes along.
            left: dict[str, list[Any]] = {}
            for name, column in zip(batch.schema.names, batch.columns, strict=True):
                left.setdefault(name, []).append(column)
            columns = [left[name].pop(0).to_pylist() for name in chosen]
            for cells in zip(*columns, strict=True):
                for cell in cells:
                    if type(cell) is str and len(cell) > LONGEST_CELL:
                        raise _refused(f"row {state['row'] + 1:,} has a cell of more than {LONGEST_CELL:,} characters")
                state["row"] += 1
                yield cells
    except MemoryError:
        raise too_much_memory() from None
    except (pyarrow.ArrowException, *_BROKEN):
        raise _refused(f"near row {state['row'] + 1:,} it is damaged") from None
